/** The strip of devices at the foot of the card: how busy each was, lately. */

import { h } from "./kit/dom.js";
import { readTheme } from "./kit/theme.js";

const KEPT = 26;

export class Sparks {
  constructor() {
    this.el = h("div.wb-sparks");
    this.el.style.display = "contents";
    /** @type {Map<string, {past: number[], canvas: HTMLCanvasElement, word: HTMLElement}>} */
    this.rows = new Map();
    /** @type {unknown} */
    this.last = null;
    /** @type {import("./kit/theme.js").Theme|null} */
    this.theme = null;
  }

  /** @param {[string, number][]} busy newest share of each row @param {Element} card */
  update(busy, card) {
    if (busy === this.last) return;
    this.last = busy;
    this.theme ??= readTheme(card);
    for (const [name, share] of busy) {
      let row = this.rows.get(name);
      if (!row && share === 0) continue;
      if (!row) {
        row = { past: [], canvas: h("canvas", { ariaHidden: "true" }), word: h("b") };
        this.rows.set(name, row);
        this.el.append(
          h(
            "span.wb-busy",
            { title: `Share of time in which ${name} was busy` },
            name,
            row.word,
            row.canvas,
          ),
        );
      }
      row.past.push(share);
      if (row.past.length > KEPT) row.past.shift();
      row.word.textContent = `${Math.round(share * 100)} %`;
    }
    this.draw();
  }

  /** @param {Element} card */
  retheme(card) {
    this.theme = readTheme(card);
    this.draw();
  }

  draw() {
    const ratio = globalThis.devicePixelRatio || 1;
    const color = this.theme?.colors[0] ?? "#0072b2";
    for (const { past, canvas } of this.rows.values()) {
      const ctx = canvas.getContext?.("2d");
      if (!ctx) continue;
      const [w, tall] = [2 * KEPT, 18];
      canvas.width = w * ratio;
      canvas.height = tall * ratio;
      ctx.scale(ratio, ratio);
      ctx.fillStyle = color;
      past.forEach((share, i) => {
        const x = i * 2;
        ctx.globalAlpha = 0.15;
        ctx.fillRect(x, 1, 1.4, tall - 2);
        ctx.globalAlpha = 0.9;
        const size = share * (tall - 2);
        ctx.fillRect(x, tall - 1 - size, 1.4, size);
      });
    }
  }
}
