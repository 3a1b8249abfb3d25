/** The timeline of a run: one row per device or thread, a bar per operator or task. */

import { addStyle, h, Surface } from "./kit/dom.js";
import { save } from "./kit/export.js";
import { Tip } from "./kit/hover.js";
import { linear } from "./kit/scale.js";
import { readTheme } from "./kit/theme.js";
import { formatCount, formatSpan, linearTicks } from "./kit/ticks.js";
import { gestures, Span } from "./kit/zoom.js";
import css from "./timeline.css";
import { bar, drawArrows, drawAxis, drawCursors, drawHatch, shades } from "./timeline_draw.js";
import { boxes } from "./timeline_lod.js";
import { view } from "./view.js";

/** @typedef {import("./timeline_lod.js").Trace} Trace */

const LEFT = 118;
const RIGHT = 62;
const TOP = 30;
const ROW = 34;
const GAP = 10;
/** Steps in view while nobody has chosen a window, and the window in µs where none is known. */
const STEPS = 3;
const FIRST_WINDOW = 6e4;

export class Timeline {
  /** @param {import("./store.js").Store} store @param {import("./link.js").Model} model
   * @param {import("./link.js").Link} link */
  constructor(store, model, link) {
    addStyle("timeline", css);
    this.store = store;
    this.model = model;
    this.link = link;
    this.span = new Span(0, 1, 0.5);
    /** Whether the window keeps to the last few steps by itself. */
    this.auto = true;
    /** Selected event, by index in the trace. */
    this.selected = -1;
    /** Ends of the measured span, µs. @type {number[]} */
    this.cursors = [];
    /** @type {[number, number]|null} */
    this.hovered = null;
    this.host = h("div.wb-time");
    this.empty = h("p.wb-empty", {}, "Bars appear as soon as operators run.");
    this.info = h("div.wb-facts.wb-time-info");
    this.el = h("div.wb-timeline", {}, this.empty, this.host, this.info);
    this.surface = new Surface(this.host, (ctx, w, hgt) => this.paint(ctx, w, hgt), {
      role: "img",
      ariaLabel: "Timeline",
    });
    this.tip = new Tip(this.host);
    this.theme = readTheme(this.el);
    /** @type {string[]} */
    this.shades = [];
    this.tools = this.#tools();
    this.#gestures();
    this.update();
  }

  get trace() {
    return this.store.trace;
  }

  #tools() {
    /** @param {string} text @param {string} title @param {() => void} onclick */
    const button = (text, title, onclick) =>
      h("button.wb-toggle", { type: "button", title, onclick }, text);
    this.nowButton = button("⇥ now", "Follow the run", () => this.now());
    this.nowButton.setAttribute("aria-pressed", "true");
    return h(
      "div.wb-tools",
      {},
      button("−", "Zoom out (−)", () => this.#zoom(2)),
      button("+", "Zoom in (+)", () => this.#zoom(0.5)),
      button("all", "Show everything (0)", () => this.#all()),
      this.nowButton,
    );
  }

  #gestures() {
    gestures(this.host, {
      drag: (a, b, done, event) => {
        this.auto = false;
        if (event.shiftKey) {
          const x = this.#scale();
          this.cursors = [x.invert(a), x.invert(b)];
        } else this.span.pan((-event.movementX * (this.span.hi - this.span.lo)) / this.#width());
        if (done) this.#describe();
        this.draw();
      },
      click: (x, y) => this.select(this.#hit(x, y)),
      hover: (x, y) => {
        this.hovered = [x, y];
        this.draw();
      },
      leave: () => {
        this.hovered = null;
        this.draw();
      },
      zoom: (x, factor) => {
        this.auto = false;
        this.span.zoom(this.#scale().invert(x), factor);
        this.draw();
      },
      pan: (dx) => {
        this.auto = false;
        this.span.pan((dx * (this.span.hi - this.span.lo)) / this.#width());
        this.draw();
      },
      reset: () => this.#all(),
    });
  }

  #width() {
    return Math.max(1, this.host.clientWidth - LEFT - RIGHT);
  }

  #scale() {
    return linear(this.span.lo, this.span.hi, LEFT, LEFT + this.#width());
  }

  /** @param {number} factor */
  #zoom(factor) {
    this.auto = false;
    this.span.zoom(this.span.follow ? this.span.hi : (this.span.lo + this.span.hi) / 2, factor);
    this.draw();
  }

  #all() {
    this.auto = false;
    this.span.reset();
    this.draw();
  }

  now() {
    const width = this.span.hi - this.span.lo;
    this.span.set(this.span.max - width, this.span.max);
    this.draw();
  }

  /** @param {number} at event or −1 */
  select(at) {
    this.auto = false;
    this.selected = at;
    this.#describe();
    this.draw();
  }

  update() {
    const { trace } = this;
    this.empty.hidden = Boolean(trace?.n);
    this.host.hidden = !trace?.n;
    if (!trace?.n) return;
    this.host.style.height = `${TOP + trace.rows.length * (ROW + GAP) + 6}px`;
    const first = trace.start;
    if (this.span.max !== trace.end || this.span.min !== first) {
      if (this.span.max === 1) this.span = new Span(first, trace.end, 0.5);
      this.span.grow(first, trace.end);
      const step = (this.store.state.step_ms ?? 0) * 1000;
      if (this.auto) this.span.set(trace.end - (step * STEPS || FIRST_WINDOW), trace.end);
    }
    if (this.selected < 0) this.#describe();
    this.draw();
  }

  draw() {
    this.nowButton?.setAttribute("aria-pressed", String(this.span.follow));
    this.surface.draw();
  }

  retheme() {
    this.theme = readTheme(this.el);
    this.shades = [];
    this.draw();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { key } = event;
    const width = this.span.hi - this.span.lo;
    if (key === "+" || key === "=") this.#zoom(0.5);
    else if (key === "-") this.#zoom(2);
    else if (key === "0") this.#all();
    else if (key === "ArrowLeft") this.span.pan(-width / 8);
    else if (key === "ArrowRight") this.span.pan(width / 8);
    else if (key === "Escape") {
      this.cursors = [];
      this.select(-1);
    } else return false;
    this.draw();
    return true;
  }

  /** Top of a row. @param {number} row its number in the trace */
  #y(row) {
    return TOP + (this.trace?.order.indexOf(row) ?? 0) * (ROW + GAP);
  }

  /** The event under a point, or −1. @param {number} x @param {number} y */
  #hit(x, y) {
    const { trace } = this;
    if (!trace) return -1;
    const r = trace.order[Math.floor((y - TOP) / (ROW + GAP))] ?? -1;
    const row = trace.index[r];
    if (!row || x < LEFT || x > LEFT + this.#width() || y - this.#y(r) > ROW) return -1;
    const scale = this.#scale();
    const [lo, hi] = [scale.invert(x - 1.5), scale.invert(x + 1.5)];
    const [from, to] = row.window(lo, hi);
    return to > from ? row.at.data[row.longestIn(from, to)] : -1;
  }

  /** @param {CanvasRenderingContext2D} ctx @param {number} width @param {number} height */
  paint(ctx, width, height) {
    const { trace, theme, span } = this;
    if (!trace) return;
    if (this.shades.length !== trace.names.length) this.shades = shades(theme, trace.names);
    const x = this.#scale();
    const right = LEFT + this.#width();
    const frame = { left: LEFT, right, top: TOP - 6, bottom: height - 4 };
    drawAxis(ctx, x, frame, theme, linearTicks(span.lo, span.hi, this.#width() / 110));
    for (const [r, label] of trace.rows.entries()) this.#row(ctx, trace, label, r, width);
    if (this.selected >= 0) this.#arrows(ctx, trace, x);
    if (this.cursors.length === 2) drawCursors(ctx, x, frame, theme, this.cursors);
    this.#hover();
  }

  /** @param {CanvasRenderingContext2D} ctx @param {Trace} trace @param {string} label
   * @param {number} r @param {number} width */
  #row(ctx, trace, label, r, width) {
    const { theme, span } = this;
    const y = this.#y(r);
    ctx.font = `12px ${theme.font}`;
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    ctx.fillStyle = theme.text;
    ctx.fillText(label, 16, y + ROW / 2, LEFT - 28);
    ctx.fillStyle = theme.grid;
    ctx.globalAlpha = 0.45;
    ctx.fillRect(LEFT, y, this.#width(), ROW);
    ctx.globalAlpha = 1;
    const row = trace.index[r];
    if (!row) return;
    const { name, wait } = trace.columns;
    boxes(row, span.lo, span.hi, this.#width(), (i, x0, x1) => {
      const at = row.at.data[i];
      const id = name.data[at];
      const size = Math.max(x1 - x0, 0.7);
      bar(ctx, LEFT + x0, y, size, ROW, this.shades[id], trace.names[id] ?? "", theme);
      const share = wait.data[at] / (row.stop.data[i] - row.start.data[i] || 1);
      if (share > 0.02 && size > 3) drawHatch(ctx, LEFT + x0, y, size * Math.min(share, 1), ROW);
    });
    const busy = row.busyWithin(span.lo, span.hi) / (span.hi - span.lo);
    ctx.textAlign = "right";
    ctx.fillStyle = theme.text;
    ctx.font = `600 12px ${theme.font}`;
    ctx.fillText(`${Math.round(busy * 100)} %`, width - 16, y + ROW / 2);
  }

  /** What the selected event waited for, all the way back, and what it released.
   * @param {CanvasRenderingContext2D} ctx @param {Trace} trace
   * @param {import("./kit/scale.js").Scale} x */
  #arrows(ctx, trace, x) {
    const { row, start, stop } = trace.columns;
    const place = (/** @type {number} */ at) => ({
      x0: x.map(start.data[at]),
      x1: x.map(stop.data[at]),
      y: this.#y(row.data[at]),
    });
    const chain = trace.chain(this.selected).slice(0, 40).map(place);
    const after = trace.released(this.selected).map(place);
    drawArrows(ctx, this.theme, chain, after, ROW, LEFT, LEFT + this.#width());
  }

  #hover() {
    const { trace, hovered } = this;
    const at = hovered ? this.#hit(...hovered) : -1;
    this.host.style.cursor = at >= 0 ? "pointer" : "grab";
    if (!trace || !hovered || at < 0) return this.tip.hide();
    const [title, ...facts] = this.#facts(trace, at);
    this.tip.show(hovered[0], hovered[1], h("b", {}, title), ...facts.map((f) => h("span", {}, f)));
  }

  /** @param {Trace} trace @param {number} at */
  #facts(trace, at) {
    const read = (/** @type {keyof Trace["columns"]} */ c) => trace.columns[c].data[at];
    const out = [
      trace.names[read("name")] ?? "?",
      `${formatSpan(read("stop") - read("start"))} on ${trace.rows[read("row")] ?? "?"}`,
      `from ${formatSpan(read("start"))}`,
    ];
    if (read("wait") > 0) out.push(`${formatSpan(read("wait"))} of it waiting`);
    if (read("bytes") > 0) out.push(`${formatCount(read("bytes"))}B moved`);
    const before = trace.byId.get(read("cause"));
    if (read("cause") && before !== undefined) {
      out.push(`waited for ${trace.names[trace.columns.name.data[before]] ?? "?"}`);
    }
    return out;
  }

  /** The line under the rows: the selection, the measured span, or how to use this. */
  #describe() {
    const { trace } = this;
    if (!trace) return;
    const parts = [];
    if (this.cursors.length === 2) {
      parts.push(`measured ${formatSpan(Math.abs(this.cursors[1] - this.cursors[0]))}`);
    }
    if (this.selected >= 0) {
      const chain = trace.chain(this.selected);
      const first = trace.columns.start.data[chain[chain.length - 1]];
      parts.push(...this.#facts(trace, this.selected));
      if (chain.length > 1) {
        const whole = trace.columns.stop.data[this.selected] - first;
        parts.push(`chain of ${chain.length}: ${formatSpan(whole)}`);
      }
    }
    if (!parts.length) {
      parts.push(
        `${formatCount(trace.n)} events`,
        "drag to move",
        "Ctrl + wheel to zoom",
        "Shift + drag to measure",
        "click a bar for what it waited for",
      );
      if (trace.dropped) parts.push(`${formatCount(trace.dropped)} older events dropped`);
    }
    this.info.replaceChildren(...parts.map((text) => h("span", {}, text)));
  }

  /** Chrome's trace format, with an arrow from every event to the one it waited for. */
  chromeTrace() {
    const { trace } = this;
    /** @type {Record<string, any>[]} */
    const events = [];
    if (!trace) return JSON.stringify({ traceEvents: events });
    const { row, name, start, stop, wait, id, cause, bytes } = trace.columns;
    trace.rows.forEach((label, tid) => {
      events.push({ ph: "M", name: "thread_name", pid: 0, tid, args: { name: label } });
    });
    for (let i = 0; i < trace.n; i++) {
      const tid = row.data[i];
      const ts = start.data[i];
      events.push({
        ph: "X",
        name: trace.names[name.data[i]] ?? "?",
        cat: "op",
        pid: 0,
        tid,
        ts,
        dur: stop.data[i] - ts,
        args: { id: id.data[i], bytes: bytes.data[i], wait_us: wait.data[i] },
      });
      const before = trace.byId.get(cause.data[i]);
      if (!cause.data[i] || before === undefined) continue;
      const flow = { cat: "waits", name: "waits", pid: 0, id: id.data[i] };
      events.push({ ...flow, ph: "s", tid: row.data[before], ts: stop.data[before] });
      events.push({ ...flow, ph: "f", bp: "e", tid, ts });
    }
    return JSON.stringify({ displayTimeUnit: "ms", traceEvents: events });
  }

  exportJson() {
    const name = this.store.state.name || "run";
    save(new Blob([this.chromeTrace()], { type: "application/json" }), `${name}-timeline.json`);
  }
}

export default view((store, model, link) => {
  link.want("trace");
  return new Timeline(store, model, link);
});
