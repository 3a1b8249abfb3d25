/** The curves of a run: one chart per measure, with one window on the horizontal axis. */

import css from "./curves.css";
import { Panel } from "./curves_panel.js";
import { Pyramid, Smoother } from "./kit/buffers.js";
import { addStyle, h } from "./kit/dom.js";
import { csv, save, savePng } from "./kit/export.js";
import { lowerBound } from "./kit/scale.js";
import { readTheme } from "./kit/theme.js";
import { Span } from "./kit/zoom.js";
import { view } from "./view.js";

/**
 * @typedef {import("./store.js").RunData} RunData
 * @typedef {{run: RunData, table: import("./store.js").Table, name: string, split: string,
 *   version: number, pyramid: Pyramid, smooth: Smoother|null}} Series
 */

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

  /** Saves the history; where this page has only a thinned one, all of it is asked for first. */
  exportCsv() {
    const { store } = this;
    if (store.thin) {
      const whole = () => {
        if (store.thin) return;
        store.removeEventListener("data", whole);
        this.exportCsv();
      };
      store.addEventListener("data", whole);
      this.model.send({ t: "sync", full: true });
      return;
    }
    const name = store.state.name || "run";
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

export default view((store, model) => new Curves(store, model));
