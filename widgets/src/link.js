/**
 * The page's end of the wire: hello, acknowledgement, sync, clicks.
 *
 * Data comes as custom messages with one binary buffer per column. A click may reach the kernel
 * twice or, on old kernels, never while a cell runs; so every click has a number, and until the
 * kernel has shown that it hears us (`live`) Stop is an interrupt.
 *
 * @typedef {{get(name: string): any, set(name: string, value: any): void, save_changes(): void,
 *   send(content: any, callbacks?: any, buffers?: any): void,
 *   on(name: string, callback: (...args: any[]) => void): void,
 *   off(name: string, callback?: (...args: any[]) => void): void, widget_manager?: any}} Model
 * @typedef {{t: "data", seq: number, live: boolean, reset: boolean, thin?: boolean, from: number, next: number,
 *   n: number, columns: [string, any][], validation: {from: number, next: number, n: number,
 *   columns: [string, any][]}, state: import("./store.js").State,
 *   marks?: import("./store.js").Mark[], busy?: [string, number][]}} Data
 */

import { decode } from "./kit/buffers.js";
import { RunData } from "./store.js";
import { Trace } from "./timeline_lod.js";

const HALF_SECOND = 500;

export class Link {
  /** @param {Model} model @param {import("./store.js").Store} store */
  constructor(model, store) {
    this.model = model;
    this.store = store;
    this.live = false;
    this.seq = 0;
    this.acked = 0;
    this.messages = 0;
    /** Rows taken in, in the kernel's numbering. */
    this.have = 0;
    this.haveValidation = 0;
    /** Highest click number sent; starts above any of a page that was here before. */
    this.click = Date.now();
    /** Clicks under way: number → name. @type {Map<number, string>} */
    this.pending = new Map();
    this.lastHello = Number.NEGATIVE_INFINITY;
    this.lastSync = Number.NEGATIVE_INFINITY;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.ackTimer = undefined;
    this.receive = this.receive.bind(this);
    model.on("msg:custom", this.receive);
    this.hello();
    this.sync();
  }

  close() {
    clearTimeout(this.ackTimer);
    this.model.off("msg:custom", this.receive);
  }

  hello() {
    const now = performance.now();
    if (now - this.lastHello < HALF_SECOND) return;
    this.lastHello = now;
    this.model.send({ t: "hello" });
  }

  /** Asks for the whole history. */
  sync() {
    const now = performance.now();
    if (now - this.lastSync < HALF_SECOND) return;
    this.lastSync = now;
    this.model.send({ t: "sync" });
  }

  /** Tells which parts are on screen, so that only they are sent. @param {string} what */
  want(what) {
    this.model.send({ t: "want", what });
  }

  /**
   * @param {any} content
   * @param {DataView[]} buffers
   */
  receive(content, buffers) {
    if (content.seq) {
      this.seq = Math.max(this.seq, content.seq);
      this.messages++;
      this.ack();
    }
    if (content.t === "data") this.#data(content, buffers);
    else if (content.t === "runs") this.#runs(content, buffers);
    else if (content.t === "graph") {
      this.store.graph = content;
      this.store.changed("graph");
    } else if (content.t === "trace") this.#trace(content, buffers);
  }

  /** @param {Data} content @param {DataView[]} buffers */
  #data(content, buffers) {
    const { main } = this.store;
    const { validation } = content;
    if (content.reset) {
      main.clear();
      this.store.thin = Boolean(content.thin);
      this.have = content.from;
      this.haveValidation = validation.from;
    }
    const split = content.columns.length;
    if (content.from > this.have || validation.from > this.haveValidation) this.sync();
    else {
      if (content.from === this.have) {
        main.train.append(decode(content.columns, buffers), content.n);
        this.have = content.next;
      }
      if (validation.from === this.haveValidation) {
        main.validation.append(decode(validation.columns, buffers.slice(split)), validation.n);
        this.haveValidation = validation.next;
      }
    }
    this.live = content.live;
    this.store.state = content.state;
    if (content.marks) main.marks = content.marks;
    if (content.busy) this.store.busy = content.busy;
    const ended = ENDED.has(content.state.state);
    for (const number of this.pending.keys()) {
      if (ended || number <= content.state.click) this.pending.delete(number);
    }
    if (!this.live && !ended) this.hello();
    this.store.changed("data");
  }

  /** @param {any} content @param {DataView[]} buffers */
  #runs(content, buffers) {
    let at = 0;
    this.store.others = content.runs.map((/** @type {any} */ one) => {
      const run = new RunData(one.label, content.ghost ? "ghost" : "other");
      run.train.append(decode(one.columns, buffers.slice(at)), one.n);
      at += one.columns.length;
      run.validation.append(decode(one.validation.columns, buffers.slice(at)), one.validation.n);
      at += one.validation.columns.length;
      run.marks = one.marks ?? [];
      return run;
    });
    this.store.changed("runs");
  }

  /** @param {any} content @param {DataView[]} buffers */
  #trace(content, buffers) {
    this.store.trace ??= new Trace();
    const { trace } = this.store;
    if (content.reset) trace.clear();
    if (content.from > trace.next) return this.want("trace");
    if (content.from === trace.next || content.reset) {
      trace.append(content, decode(content.columns, buffers));
    }
    this.store.changed("trace");
  }

  /** Acknowledges the newest message, at most twice a second. */
  ack() {
    if (this.ackTimer !== undefined) return;
    this.ackTimer = setTimeout(() => {
      this.ackTimer = undefined;
      this.acked = this.seq;
      this.model.send({ t: "ack", seq: this.seq });
    }, HALF_SECOND);
  }

  /**
   * Sends a click. Returns how it travels: "message", "interrupt", or "none" where there is no way.
   * @param {"stop"|"pause"|"lr"} name @param {Record<string, any>} [extra]
   */
  press(name, extra = {}) {
    const click = ++this.click;
    if (this.live || name !== "stop") {
      this.pending.set(click, name);
      this.model.send({ t: name, click, at: performance.timeOrigin + performance.now(), ...extra });
      return "message";
    }
    const kernel = this.model.widget_manager?.kernel;
    if (!kernel?.interrupt) return "none";
    void kernel.interrupt();
    return "interrupt";
  }
}

/** States after which nothing more comes. */
export const ENDED = new Set(["stopped", "failed", "finished"]);
