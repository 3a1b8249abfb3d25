/**
 * What a page knows of a run: two growing tables, the kernel's word on its state, other runs.
 *
 * @typedef {import("./kit/buffers.js").Typed} Typed
 * @typedef {{name: string, run: number, state: string, reason: string, live: boolean,
 *   click: number, notice: string, epoch: number, epochs: number|null, step: number,
 *   step_in_epoch: number, steps_per_epoch: number|null, progress: number|null,
 *   epoch_progress: number|null, elapsed: number, eta: number|null, epoch_eta: number|null,
 *   samples_per_second: number|null, step_ms: number|null, batch_size: number|null,
 *   lr: number|null, lr_locked: string, loss: number|null, metrics: Record<string, number|null>,
 *   validation: Record<string, number|null>, nonfinite: number,
 *   error: {type: string, message: string, epoch: number, step: number}|null, cost: number|null,
 *   saved: string, graph: boolean, events: number}} State
 * @typedef {{step: number, kind: string, text: string}} Mark
 */

import { Column } from "./kit/buffers.js";

/** Columns of equal length; a column that turns up late is NaN before. */
export class Table {
  constructor() {
    /** @type {Map<string, Column>} */
    this.columns = new Map();
    this.n = 0;
  }

  /** Appends `n` rows. @param {Record<string, Typed>} part @param {number} n */
  append(part, n) {
    for (const name of Object.keys(part)) {
      if (this.columns.has(name)) continue;
      const column = new Column();
      for (let i = 0; i < this.n; i++) column.push(Number.NaN);
      this.columns.set(name, column);
    }
    for (const [name, column] of this.columns) {
      const values = part[name];
      for (let i = 0; i < n; i++) column.push(values ? values[i] : Number.NaN);
    }
    this.n += n;
  }

  /** @param {string} name */
  get(name) {
    return this.columns.get(name);
  }

  /** Names of what was measured, without the columns that say when. */
  measures() {
    return [...this.columns.keys()].filter((name) => !WHEN.has(name));
  }
}

const WHEN = new Set(["step", "epoch", "time", "row"]);

/** One run's tables. `style` tells how its curves are drawn. */
export class RunData {
  /** @param {string} label @param {"live"|"ghost"|"other"} style */
  constructor(label, style) {
    this.label = label;
    this.style = style;
    this.train = new Table();
    this.validation = new Table();
    /** @type {Mark[]} */
    this.marks = [];
    /** Rises when the tables start anew, so that derived columns are dropped. */
    this.version = 0;
  }

  clear() {
    this.train = new Table();
    this.validation = new Table();
    this.version++;
  }
}

/** Everything one widget model holds; panels listen to it. */
export class Store extends EventTarget {
  constructor() {
    super();
    this.main = new RunData("", "live");
    /** @type {RunData[]} */
    this.others = [];
    /** @type {Partial<State>} */
    this.state = {};
    /** Whether rows were left out when the history came as a whole. */
    this.thin = false;
    /** @type {[string, number][]} */
    this.busy = [];
    /** @type {any} */
    this.graph = null;
    this.trace = /** @type {import("./timeline_lod.js").Trace|null} */ (null);
  }

  get runs() {
    return [...this.others, this.main];
  }

  /** @param {"data"|"runs"|"graph"|"trace"|"link"} what */
  changed(what) {
    this.dispatchEvent(new Event(what));
  }
}
