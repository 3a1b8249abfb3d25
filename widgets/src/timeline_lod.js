/**
 * Events of a timeline: append, find, thin. No drawing here.
 *
 * Every row keeps its events sorted by start. The longest event of each block and running sums of
 * busy time answer the two questions of a zoomed-out view, what to show in a pixel column and how
 * busy a row was, without looking at every event.
 */

import { Column } from "./kit/buffers.js";
import { lowerBound } from "./kit/scale.js";

const BLOCK = 32;
/** Events kept; above it the older part goes. */
export const CAPACITY = 500_000;
const NAMES = /** @type {const} */ ([
  "row",
  "name",
  "start",
  "stop",
  "wait",
  "id",
  "cause",
  "bytes",
]);

/** The events of one row, sorted by start. */
export class Row {
  constructor() {
    this.start = new Column();
    this.stop = new Column();
    /** Index of the event in the trace. */
    this.at = new Column();
    /** Busy time up to and with each event; overlaps count once. */
    this.busy = new Column();
    /** Latest stop so far. */
    this.reach = new Column();
    this.longest = new Column();
    this.clean = 0;
  }

  /** @param {number} start @param {number} stop @param {number} at */
  push(start, stop, at) {
    let i = this.start.n;
    for (const [column, v] of /** @type {[Column, number][]} */ ([
      [this.start, start],
      [this.stop, stop],
      [this.at, at],
    ])) {
      column.push(v);
    }
    while (i > 0 && this.start.data[i - 1] > start) {
      for (const column of [this.start, this.stop, this.at]) {
        column.data[i] = column.data[i - 1];
      }
      i--;
    }
    this.start.data[i] = start;
    this.stop.data[i] = stop;
    this.at.data[i] = at;
    this.clean = Math.min(this.clean, i);
  }

  /** Brings sums and longest events up to date. */
  settle() {
    const { start, stop, busy, reach, longest } = this;
    for (let i = this.clean; i < start.n; i++) {
      const before = i ? reach.data[i - 1] : Number.NEGATIVE_INFINITY;
      const fresh = Math.max(0, stop.data[i] - Math.max(start.data[i], before));
      put(busy, i, (i ? busy.data[i - 1] : 0) + fresh);
      put(reach, i, Math.max(before, stop.data[i]));
    }
    const block = Math.floor(this.clean / BLOCK);
    for (let b = block; b * BLOCK < start.n; b++) {
      put(longest, b, this.#longestOf(b * BLOCK, Math.min(start.n, (b + 1) * BLOCK)));
    }
    this.clean = start.n;
  }

  /** @param {number} from @param {number} to */
  #longestOf(from, to) {
    let best = from;
    let size = -1;
    for (let i = from; i < to; i++) {
      const d = this.stop.data[i] - this.start.data[i];
      if (d > size) {
        size = d;
        best = i;
      }
    }
    return best;
  }

  /** Position of the longest event among [from, to). @param {number} from @param {number} to */
  longestIn(from, to) {
    let best = from;
    let size = -1;
    const look = (/** @type {number} */ i) => {
      const d = this.stop.data[i] - this.start.data[i];
      if (d > size) {
        size = d;
        best = i;
      }
    };
    let i = from;
    while (i < to) {
      if (i % BLOCK === 0 && i + BLOCK <= to) {
        look(this.longest.data[i / BLOCK]);
        i += BLOCK;
      } else look(i++);
    }
    return best;
  }

  /** Events that touch [lo, hi]: positions [from, to). @param {number} lo @param {number} hi
   * @returns {[number, number]} */
  window(lo, hi) {
    this.settle();
    const n = this.start.n;
    return [lowerBound(this.reach.data, n, lo), lowerBound(this.start.data, n, hi)];
  }

  /** Exact busy time within [lo, hi], in the unit of the events. @param {number} lo
   * @param {number} hi */
  busyWithin(lo, hi) {
    const upTo = (/** @type {number} */ t) => {
      const i = lowerBound(this.start.data, this.start.n, t) - 1;
      if (i < 0) return 0;
      return this.busy.data[i] - Math.max(0, this.reach.data[i] - t);
    };
    this.settle();
    return Math.max(0, upTo(hi) - upTo(lo));
  }
}

/** @returns {Record<typeof NAMES[number], Column>} */
function fresh() {
  return /** @type {any} */ (Object.fromEntries(NAMES.map((name) => [name, new Column()])));
}

/** @param {Column} column @param {number} i @param {number} v */
function put(column, i, v) {
  if (i < column.n) column.data[i] = v;
  else column.push(v);
}

export class Trace {
  constructor() {
    /** @type {string[]} */
    this.rows = [];
    /** @type {string[]} */
    this.names = [];
    /** Row numbers from top to bottom. @type {number[]} */
    this.order = [];
    this.dropped = 0;
    /** Events kept. */
    this.n = 0;
    /** Number of the next event, as the kernel counts them. */
    this.next = 0;
    this.end = 0;
    this.columns = fresh();
    /** @type {Row[]} */
    this.index = [];
    /** Event index by id. @type {Map<number, number>} */
    this.byId = new Map();
  }

  clear() {
    this.n = this.next = this.end = 0;
    this.columns = fresh();
    this.index = [];
    this.byId = new Map();
  }

  /**
   * @param {{next: number, n: number, dropped?: number, rows?: string[], names?: string[],
   *   order?: number[]}} head
   * @param {Record<string, ArrayLike<number>>} part
   */
  append(head, part) {
    if (head.rows) this.rows = head.rows;
    if (head.names) this.names = head.names;
    this.order = head.order ?? (head.rows ? head.rows.map((_, i) => i) : this.order);
    this.dropped = head.dropped ?? this.dropped;
    for (let i = 0; i < head.n; i++) this.#add((name) => part[name][i]);
    this.next = head.next;
    if (this.n > CAPACITY * 1.2) this.#shed();
  }

  /** @param {(name: typeof NAMES[number]) => number} read */
  #add(read) {
    const at = this.n++;
    for (const name of NAMES) this.columns[name].push(read(name));
    const { row, start, stop, id } = this.columns;
    const r = row.data[at];
    while (this.index.length <= r) this.index.push(new Row());
    this.index[r].push(start.data[at], stop.data[at], at);
    this.byId.set(id.data[at], at);
    if (stop.data[at] > this.end) this.end = stop.data[at];
  }

  /** Drops the older part, counting it. */
  #shed() {
    const { columns: old, n, next } = this;
    const first = n - Math.floor(CAPACITY * 0.8);
    this.dropped += first;
    this.clear();
    for (let i = first; i < n; i++) this.#add((name) => old[name].data[i]);
    this.next = next;
  }

  get start() {
    let least = Number.POSITIVE_INFINITY;
    for (const row of this.index) if (row.start.n) least = Math.min(least, row.start.data[0]);
    return Number.isFinite(least) ? least : 0;
  }

  /**
   * The chain of causes that ends at event `at`, latest first.
   * @param {number} at
   */
  chain(at) {
    const out = [at];
    const seen = new Set(out);
    for (;;) {
      const cause = this.columns.cause.data[out[out.length - 1]];
      const before = cause ? this.byId.get(cause) : undefined;
      if (before === undefined || seen.has(before)) return out;
      seen.add(before);
      out.push(before);
    }
  }

  /** Events that event `at` released first. @param {number} at */
  released(at) {
    const id = this.columns.id.data[at];
    const out = [];
    for (let i = at + 1; i < this.n && out.length < 12; i++) {
      if (this.columns.cause.data[i] === id) out.push(i);
    }
    return out;
  }
}

/**
 * Boxes to draw for one row, at most one per pixel column where events are denser than that:
 * the longest of the column stands for it.
 * @param {Row} row @param {number} lo @param {number} hi @param {number} width pixels
 * @param {(position: number, x0: number, x1: number) => void} box
 */
export function boxes(row, lo, hi, width, box) {
  const [from, to] = row.window(lo, hi);
  const k = width / (hi - lo);
  const { start, stop } = row;
  if (to - from <= 4 * width) {
    for (let i = from; i < to; i++) {
      const x0 = (start.data[i] - lo) * k;
      box(i, Math.max(x0, 0), Math.min((stop.data[i] - lo) * k, width));
    }
    return;
  }
  let i = from;
  while (i < to) {
    const px = Math.max(0, Math.floor((start.data[i] - lo) * k));
    const end = Math.max(i + 1, Math.min(to, lowerBound(start.data, start.n, lo + (px + 1) / k)));
    const best = row.longestIn(i, end);
    const x1 = Math.max(px + 1, (stop.data[best] - lo) * k);
    box(best, px, Math.min(x1, width));
    i = end;
  }
}
