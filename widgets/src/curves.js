/** The curves of a run: one chart per measure, with one window on the horizontal axis. */

import css from "./curves.css";
import {
  drawEndLabels,
  drawEpochs,
  drawGrid,
  drawLine,
  drawNonFinite,
  extent,
  ticksOf,
} from "./curves_draw.js";
import { Pyramid, Smoother } from "./kit/buffers.js";
import { addStyle, h, Surface } from "./kit/dom.js";
import { csv, save, savePng } from "./kit/export.js";
import { nearest, Tip } from "./kit/hover.js";
import { linear, log, lowerBound, padded } from "./kit/scale.js";
import { DASHES, readTheme } from "./kit/theme.js";
import { formatClock, formatTick, formatValue } from "./kit/ticks.js";
import { gestures, Span } from "./kit/zoom.js";
import { view } from "./view.js";

/**
 * @typedef {import("./store.js").RunData} RunData
 * @typedef {import("./curves_draw.js").Line} Line
 * @typedef {import("./kit/theme.js").Theme} Theme
 * @typedef {{run: RunData, table: import("./store.js").Table, name: string, split: string,
 *   version: number, pyramid: Pyramid, smooth: Smoother|null}} Series
 */

const MARGIN = { left: 50, right: 48, top: 10, bottom: 26 };
const HIDDEN = new Set(["lr"]);

export class Curves {
  /** @param {import("./store.js").Store} store @param {import("./link.js").Model} model */
  constructor(store, model) {
    addStyle("curves", css);
    this.store = store;
    this.model = model;
    this.span = new Span(0, 1, 4);
    this.axis = "step";
    this.log = new Set(model.get("log") ? ["loss"] : []);
    this.logButton = h(
      "button.wb-toggle",
      {
        type: "button",
        title: "Logarithmic loss axis (l)",
        "aria-pressed": String(this.log.has("loss")),
        onclick: () => this.toggleLog(),
      },
      "log",
    );
    /** @type {number|null} */
    this.cursor = null;
    /** @type {Map<string, Series>} */
    this.series = new Map();
    /** @type {Map<string, Panel>} */
    this.panels = new Map();
    this.el = h("div.wb-curves");
    this.empty = h("p.wb-empty", {}, "Curves appear with the first step.");
    this.el.append(this.empty);
    this.tools = this.#tools();
    this.theme = readTheme(this.el);
    this.update();
  }

  #tools() {
    const axis = h(
      "select.wb-select",
      { title: "Horizontal axis", "aria-label": "Horizontal axis" },
      ...["step", "epoch", "time"].map((name) => h("option", { value: name }, name)),
    );
    axis.onchange = () => {
      this.axis = axis.value;
      this.span = new Span(0, 1, 1e-6);
      this.update();
    };
    const slider = h("input.wb-slider", {
      type: "range",
      min: "0",
      max: "0.99",
      step: "0.01",
      value: String(this.smoothing),
      title: "Smoothing: exponential moving average; the raw curve stays, pale",
      "aria-label": "Smoothing",
    });
    slider.oninput = () => {
      this.model.set("smoothing", Number(slider.value));
      this.model.save_changes();
      this.update();
    };
    this.model.on("change:smoothing", () => {
      slider.value = String(this.smoothing);
      this.update();
    });
    return h(
      "div.wb-tools",
      {},
      h("label.wb-field", {}, "smooth", slider),
      this.logButton,
      h("label.wb-field", {}, "x", axis),
    );
  }

  get smoothing() {
    return this.model.get("smoothing") ?? 0.6;
  }

  toggleLog() {
    if (!this.log.delete("loss")) this.log.add("loss");
    this.logButton.setAttribute("aria-pressed", String(this.log.has("loss")));
    this.draw();
  }

  /** Takes in what the store has, then draws. */
  update() {
    const names = this.#measures();
    this.empty.hidden = names.length > 0;
    for (const name of names) {
      if (!this.panels.has(name)) {
        const panel = new Panel(this, name);
        this.panels.set(name, panel);
        this.el.append(panel.el);
      }
    }
    for (const [name, panel] of this.panels) {
      if (names.includes(name)) continue;
      panel.el.remove();
      this.panels.delete(name);
    }
    this.#grow();
    this.draw();
  }

  /** Names of all measures, loss first. */
  #measures() {
    const names = new Set();
    for (const run of this.store.runs) {
      for (const table of [run.train, run.validation]) {
        if (table.n) for (const name of table.measures()) if (!HIDDEN.has(name)) names.add(name);
      }
    }
    return [...names].sort((a, b) => Number(b === "loss") - Number(a === "loss"));
  }

  #grow() {
    let max = Number.NEGATIVE_INFINITY;
    let min = Number.POSITIVE_INFINITY;
    for (const run of this.store.runs) {
      for (const table of [run.train, run.validation]) {
        if (!table.n) continue;
        const xs = this.xs(run, table);
        min = Math.min(min, xs[0]);
        max = Math.max(max, xs[table.n - 1]);
      }
    }
    if (min > max) return;
    this.span.grow(Math.min(min, max - 1e-6), max);
  }

  /** Positions of a table's rows on the axis chosen. @param {RunData} run
   * @param {import("./store.js").Table} table @returns {ArrayLike<number>} */
  xs(run, table) {
    const column = table.get(this.axis === "time" ? "time" : "step");
    if (!column) return new Float64Array(table.n);
    if (this.axis !== "epoch") return column.data;
    return epochs(run, column.view());
  }

  /** Where epochs after the first begin on the axis; none where there are too many to tell apart. */
  epochStarts() {
    const { main } = this.store;
    const epoch = main.train.get("epoch");
    if (!epoch || epoch.n < 2 || epoch.data[epoch.n - 1] > 40) return [];
    const xs = this.xs(main, main.train);
    const out = [];
    for (let e = 2; e <= epoch.data[epoch.n - 1]; e++) {
      const i = lowerBound(epoch.data, epoch.n, e);
      if (i > 0 && i < epoch.n) out.push((xs[i - 1] + xs[i]) / 2);
    }
    return out;
  }

  /** A measure's derived columns, kept until the run's tables start anew.
   * @param {RunData} run @param {"train"|"validation"} split @param {string} name */
  derived(run, split, name) {
    const table = run[split];
    const column = table.get(name);
    if (!column) return null;
    const key = `${this.store.runs.indexOf(run)}/${split}/${name}`;
    let entry = this.series.get(key);
    if (!entry || entry.run !== run || entry.version !== run.version) {
      entry = {
        run,
        table,
        name,
        split,
        version: run.version,
        pyramid: new Pyramid(),
        smooth: null,
      };
      this.series.set(key, entry);
    }
    entry.pyramid.update(column.data, table.n);
    const factor = split === "train" ? this.smoothing : 0;
    if (factor === 0) entry.smooth = null;
    else {
      const kept = entry.smooth;
      const smooth = kept && kept.factor === factor ? kept : new Smoother(factor);
      smooth.update(column.data, table.n);
      entry.smooth = smooth;
    }
    return { ...entry, column };
  }

  draw() {
    for (const panel of this.panels.values()) panel.surface.draw();
  }

  retheme() {
    this.theme = readTheme(this.el);
    this.draw();
  }

  /** @param {number|null} x */
  point(x) {
    this.cursor = x;
    this.draw();
  }

  /** Keys; returns whether the key was taken. @param {KeyboardEvent} event */
  key(event) {
    const { span } = this;
    const middle = this.cursor ?? (span.lo + span.hi) / 2;
    const width = span.hi - span.lo;
    if (event.key === "l") this.toggleLog();
    else if (event.key === "+" || event.key === "=") span.zoom(middle, 0.5);
    else if (event.key === "-") span.zoom(middle, 2);
    else if (event.key === "0") span.reset();
    else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const sign = event.key === "ArrowLeft" ? -1 : 1;
      if (event.shiftKey) span.pan((sign * width) / 4);
      else {
        const from = this.cursor ?? (sign < 0 ? span.hi : span.lo);
        this.cursor = Math.min(Math.max(from + (sign * width) / 60, span.lo), span.hi);
        this.panels.values().next().value?.tell();
      }
    } else return false;
    this.draw();
    return true;
  }

  exportPng() {
    const name = this.store.main.label || this.store.state.name || "run";
    const all = [...this.panels.values()].map((panel) => panel.surface.canvas);
    if (all.length) savePng(all, this.theme.ground, `${name}.png`);
  }

  /** The tables of the run as text, one row per row of `run.history`. */
  csvText() {
    const { train } = this.store.main;
    const names = [...train.columns.keys()];
    const columns = names.map((name) => /** @type {any} */ (train.get(name)).data);
    return csv(
      names,
      Array.from({ length: train.n }, (_, i) => columns.map((data) => data[i])),
    );
  }

  exportCsv() {
    const name = this.store.state.name || "run";
    save(new Blob([this.csvText()], { type: "text/csv" }), `${name}.csv`);
  }
}

/**
 * Fractional epochs of rows: a row's share of its epoch comes from the steps of that epoch (for
 * the running one, of the one before).
 * @param {RunData} run @param {Float64Array} steps
 */
export function epochs(run, steps) {
  const epoch = run.train.get("epoch");
  const step = run.train.get("step");
  if (!epoch || !step || !epoch.n) return steps;
  /** First step of every epoch. @type {number[]} */
  const starts = [];
  for (let i = 0; i < epoch.n; i++) {
    while (starts.length < epoch.data[i]) starts.push(step.data[i]);
  }
  const last = starts.length - 1;
  const tail = last > 0 ? starts[last] - starts[last - 1] : step.data[step.n - 1] - starts[0] + 1;
  const out = new Float64Array(steps.length);
  let e = 0;
  for (let i = 0; i < steps.length; i++) {
    while (e < last && steps[i] >= starts[e + 1]) e++;
    const length = e < last ? starts[e + 1] - starts[e] : Math.max(tail, 1);
    out[i] = e + (steps[i] - starts[e] + 1) / length;
  }
  return out;
}

/** One chart: a heading with the present values, and a canvas. */
class Panel {
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

export default view((store, model) => new Curves(store, model));
