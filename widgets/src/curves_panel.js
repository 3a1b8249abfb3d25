/** One chart of the curves: a heading with the present values, and a canvas. */

import {
  drawEndLabels,
  drawEpochs,
  drawGrid,
  drawLine,
  drawNonFinite,
  extent,
  ticksOf,
} from "./curves_draw.js";
import { h, Surface } from "./kit/dom.js";
import { nearest, Tip } from "./kit/hover.js";
import { linear, log, padded } from "./kit/scale.js";
import { DASHES } from "./kit/theme.js";
import { formatClock, formatTick, formatValue } from "./kit/ticks.js";
import { gestures } from "./kit/zoom.js";

/**
 * @typedef {import("./curves.js").Curves} Curves
 * @typedef {import("./curves_draw.js").Line} Line
 */

const MARGIN = { left: 50, right: 48, top: 10, bottom: 26 };

export class Panel {
  /** @param {Curves} owner @param {string} name */
  constructor(owner, name) {
    this.owner = owner;
    this.name = name;
    this.legend = h("span.wb-legend");
    const host = h("div.wb-plot");
    this.el = h(
      "figure.wb-panel",
      {},
      h("figcaption.wb-panel-head", {}, h("span.wb-panel-name", {}, name), this.legend),
      host,
    );
    this.surface = new Surface(host, (ctx, w, hgt) => this.paint(ctx, w, hgt), {
      role: "img",
      ariaLabel: `${name} over time`,
    });
    this.tip = new Tip(host);
    /** @type {import("./curves_draw.js").Frame|null} */
    this.frame = null;
    /** @type {[number, number]|null} */
    this.box = null;
    gestures(host, {
      hover: (x) => this.frame && owner.point(this.#inside(x) ? this.frame.x.invert(x) : null),
      leave: () => owner.point(null),
      drag: (a, b, done, event) => this.#drag(a, b, done, event),
      zoom: (x, factor) => {
        if (this.frame) owner.span.zoom(this.frame.x.invert(x), factor);
        owner.draw();
      },
      reset: () => {
        owner.span.reset();
        owner.draw();
      },
    });
  }

  /** @param {number} x */
  #inside(x) {
    return this.frame !== null && x >= this.frame.left - 6 && x <= this.frame.right + 6;
  }

  /** @param {number} a @param {number} b @param {boolean} done @param {PointerEvent} event */
  #drag(a, b, done, event) {
    const { frame, owner } = this;
    if (!frame) return;
    if (event.shiftKey) {
      owner.span.pan(
        -event.movementX * ((owner.span.hi - owner.span.lo) / (frame.right - frame.left)),
      );
    } else {
      this.box = [Math.min(a, b), Math.max(a, b)];
      if (done) {
        const [lo, hi] = this.box.map((p) => frame.x.invert(p));
        this.box = null;
        owner.span.set(lo, hi);
      }
    }
    owner.draw();
  }

  /** The lines of this chart, pale ones first. @returns {(Line & {key: string, text: string,
   * raw: ArrayLike<number>, faint?: boolean})[]} */
  lines() {
    const { owner, name } = this;
    const { colors, muted } = owner.theme;
    const runs = owner.store.runs;
    const several = owner.store.others.some((run) => run.style === "other");
    /** @type {ReturnType<Panel["lines"]>} */
    const out = [];
    for (const [i, run] of runs.entries()) {
      if (several && run.style === "live" && !run.train.n) continue;
      for (const split of /** @type {const} */ (["train", "validation"])) {
        const series = owner.derived(run, split, name);
        if (!series?.table.n) continue;
        const ghost = run.style === "ghost";
        const train = split === "train";
        const color = ghost ? muted : colors[(several ? i : train ? 0 : 1) % colors.length];
        const dash = ghost
          ? [1.5, 3]
          : several
            ? train
              ? DASHES[0]
              : DASHES[1]
            : train
              ? []
              : DASHES[1];
        const short = train ? "train" : "val";
        const full = several ? (train ? run.label : `${run.label} val`) : short;
        const text = ghost ? (train ? run.label : "") : full;
        const base = {
          key: `${i}/${split}`,
          xs: owner.xs(run, series.table),
          n: series.table.n,
          raw: series.column.data,
          color,
          text,
        };
        const smooth = series.smooth;
        const alone = !smooth;
        if (!ghost || alone) {
          out.push({
            ...base,
            ys: series.column.data,
            pyramid: series.pyramid,
            width: alone ? 1.7 : 1,
            alpha: alone ? (ghost ? 0.7 : 1) : 0.28,
            dash: alone ? dash : [],
            dots: !train && !ghost,
            label: alone && !ghost ? text : "",
            faint: !alone,
          });
        }
        if (smooth) {
          out.push({
            ...base,
            ys: smooth.values.data,
            pyramid: smooth.pyramid,
            width: ghost ? 1.4 : 2,
            alpha: ghost ? 0.75 : 1,
            dash,
            label: ghost ? "" : text,
          });
        }
      }
    }
    return out.sort((a, b) => Number(Boolean(b.faint)) - Number(Boolean(a.faint)));
  }

  /** @param {CanvasRenderingContext2D} ctx @param {number} width @param {number} height */
  paint(ctx, width, height) {
    const { owner, name } = this;
    const { span, theme } = owner;
    const lines = this.lines();
    const isLog = owner.log.has(name);
    const area = {
      left: MARGIN.left,
      right: width - this.#labelRoom(ctx, lines),
      top: MARGIN.top,
      bottom: height - MARGIN.bottom,
    };
    const [lo, hi] = padded(...extent(lines, span.lo, span.hi, isLog), isLog);
    const make = isLog ? log : linear;
    const y = make(lo, hi, area.bottom, area.top);
    const x = linear(span.lo, span.hi, area.left, area.right);
    const frame = { ...area, x, y };
    this.frame = frame;
    drawGrid(ctx, frame, theme, owner.axis);
    drawEpochs(ctx, frame, theme, owner.epochStarts());
    ctx.save();
    ctx.beginPath();
    ctx.rect(area.left - 3, area.top - 4, area.right - area.left + 6, area.bottom - area.top + 6);
    ctx.clip();
    if (name === "loss") this.#rate(ctx, frame);
    for (const line of lines) drawLine(ctx, line, frame);
    for (const line of lines) {
      if (
        line.key.endsWith("train") &&
        name === "loss" &&
        line.key.startsWith(`${owner.store.runs.length - 1}/`)
      ) {
        drawNonFinite(ctx, line.xs, line.raw, line.n, frame, theme.colors[1]);
        break;
      }
    }
    ctx.restore();
    drawEndLabels(ctx, lines, frame, theme);
    this.#selection(ctx, frame);
    this.#read(lines, frame, ctx);
  }

  /** Room at the right for the longest name. @param {CanvasRenderingContext2D} ctx
   * @param {Line[]} lines */
  #labelRoom(ctx, lines) {
    ctx.font = `600 11px ${this.owner.theme.font}`;
    const widest = Math.max(0, ...lines.map((line) => ctx.measureText(line.label ?? "").width));
    return Math.max(MARGIN.right, Math.ceil(widest) + 20);
  }

  /** Learning rate as a pale step line with its own axis, once it has changed; marks on top.
   * @param {CanvasRenderingContext2D} ctx @param {import("./curves_draw.js").Frame} frame */
  #rate(ctx, frame) {
    const { owner } = this;
    const { theme } = owner;
    const { main } = owner.store;
    const column = main.train.get("lr");
    const series = owner.derived(main, "train", "lr");
    ctx.save();
    ctx.font = `11px ${theme.font}`;
    if (column && series) {
      const [lo, hi] = series.pyramid.extent(column.data, 0, column.n);
      if (hi > lo) {
        const scale = linear(Math.min(0, lo), hi * 1.05, frame.bottom, frame.top);
        const xs = owner.xs(main, main.train);
        ctx.strokeStyle = ctx.fillStyle = theme.colors[3];
        ctx.globalAlpha = 0.75;
        ctx.lineWidth = 1.4;
        ctx.beginPath();
        let before = Number.NaN;
        for (let i = 0; i < column.n; i++) {
          const v = column.data[i];
          if (!(v >= 0) || (v === before && i < column.n - 1)) continue;
          const px = frame.x.map(xs[i]);
          if (before >= 0) ctx.lineTo(px, scale.map(before));
          ctx.lineTo(px, scale.map(v));
          before = v;
        }
        ctx.stroke();
        const ticks = ticksOf(scale, 3).filter((v) => v > 0);
        const step = ticks.length > 1 ? ticks[1] - ticks[0] : (ticks[0] ?? 1);
        ctx.textAlign = "right";
        ctx.textBaseline = "bottom";
        ticks.forEach((v, i) => {
          const text = formatTick(v, step);
          ctx.fillText(i === ticks.length - 1 ? `lr ${text}` : text, frame.right, scale.map(v) - 2);
        });
      }
    }
    ctx.restore();
    this.#marks(ctx, frame);
  }

  /** @param {CanvasRenderingContext2D} ctx @param {import("./curves_draw.js").Frame} frame */
  #marks(ctx, frame) {
    const { owner } = this;
    const { main } = owner.store;
    const steps = main.train.get("step");
    if (!steps) return;
    const xs = owner.xs(main, main.train);
    ctx.save();
    ctx.setLineDash([2, 3]);
    for (const mark of main.marks) {
      if (mark.kind !== "lr") continue;
      const i = nearest(steps.data, steps.n, mark.step);
      const px = Math.round(frame.x.map(xs[i])) + 0.5;
      ctx.strokeStyle = ctx.fillStyle = owner.theme.colors[3];
      ctx.beginPath();
      ctx.moveTo(px, frame.top);
      ctx.lineTo(px, frame.bottom);
      ctx.stroke();
      ctx.beginPath();
      ctx.moveTo(px, frame.bottom - 8);
      ctx.lineTo(px + 4, frame.bottom - 4);
      ctx.lineTo(px, frame.bottom);
      ctx.lineTo(px - 4, frame.bottom - 4);
      ctx.fill();
    }
    ctx.restore();
  }

  /** @param {CanvasRenderingContext2D} ctx @param {import("./curves_draw.js").Frame} frame */
  #selection(ctx, frame) {
    if (!this.box) return;
    const [a, b] = this.box;
    ctx.save();
    ctx.fillStyle = this.owner.theme.accent;
    ctx.globalAlpha = 0.14;
    ctx.fillRect(a, frame.top, b - a, frame.bottom - frame.top);
    ctx.restore();
  }

  /** Present values in the heading; under a cross-hair, those of the nearest step in a card.
   * @param {ReturnType<Panel["lines"]>} lines @param {import("./curves_draw.js").Frame} frame
   * @param {CanvasRenderingContext2D} ctx */
  #read(lines, frame, ctx) {
    const { owner } = this;
    const at = owner.cursor;
    const best = new Map();
    for (const line of lines) if (line.text) best.set(line.key, line);
    const entries = [];
    const rows = [];
    let when = "";
    const live = owner.store.runs.length - 1;
    const order = (/** @type {{key: string}} */ line) => Number(!line.key.startsWith(`${live}/`));
    for (const line of [...best.values()].sort((a, b) => order(a) - order(b))) {
      let i = line.n - 1;
      while (i > 0 && Number.isNaN(line.raw[i]) && Number.isNaN(line.ys[i])) i--;
      entries.push(entry(line, line.ys[i]));
      if (at === null) continue;
      const j = nearest(line.xs, line.n, at);
      const px = frame.x.map(line.xs[j]);
      const py = frame.y.map(line.ys[j]);
      if (Number.isFinite(py)) disc(ctx, px, py, line.color, owner.theme.ground);
      rows.push(entry(line, line.raw[j], line.ys[j] === line.raw[j] ? undefined : line.ys[j]));
      when ||= this.#when(line, j);
    }
    this.legend.replaceChildren(...entries);
    if (at === null) return this.tip.hide();
    const px = Math.round(frame.x.map(at)) + 0.5;
    ctx.save();
    ctx.strokeStyle = owner.theme.muted;
    ctx.globalAlpha = 0.6;
    ctx.beginPath();
    ctx.moveTo(px, frame.top);
    ctx.lineTo(px, frame.bottom);
    ctx.stroke();
    ctx.restore();
    if (rows.length) this.tip.show(px, (frame.top + frame.bottom) / 2, h("b", {}, when), ...rows);
  }

  /** @param {{key: string}} line @param {number} i */
  #when(line, i) {
    const [index, split] = line.key.split("/");
    const run = this.owner.store.runs[Number(index)];
    const table = run[/** @type {"train"|"validation"} */ (split)];
    const read = (/** @type {string} */ name) => table.get(name)?.data[i] ?? Number.NaN;
    return `step ${read("step")} · epoch ${read("epoch")} · ${formatClock(read("time"))}`;
  }

  /** Says the values under the cursor to a screen reader. */
  tell() {
    const text = [...this.tip.el.childNodes].map((node) => node.textContent).join(", ");
    this.surface.canvas.setAttribute("aria-label", `${this.name}: ${text}`);
  }
}

/** @param {{color: string, dash: number[], text: string}} line @param {number} value
 * @param {number} [smooth] */
function entry(line, value, smooth) {
  const swatch = h("i.wb-swatch");
  swatch.style.borderTop = `2.5px ${line.dash.length === 0 ? "solid" : line.dash[0] < 3 ? "dotted" : "dashed"} ${line.color}`;
  const rest =
    smooth === undefined || Number.isNaN(smooth)
      ? []
      : [h("small", {}, `≈ ${formatValue(smooth)}`)];
  return h("span.wb-entry", {}, swatch, line.text, h("b", {}, formatValue(value)), ...rest);
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y
 * @param {string} color @param {string} ground */
function disc(ctx, x, y, color, ground) {
  ctx.save();
  ctx.beginPath();
  ctx.arc(x, y, 4, 0, 7);
  ctx.fillStyle = color;
  ctx.strokeStyle = ground;
  ctx.lineWidth = 1.5;
  ctx.fill();
  ctx.stroke();
  ctx.restore();
}
