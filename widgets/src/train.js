/** The card of a training run: state, progress and controls over three tabs. */

import { Curves } from "./curves.js";
import { Graph } from "./graph.js";
import { addStyle, h, s } from "./kit/dom.js";
import { formatClock, formatCount, formatValue } from "./kit/ticks.js";
import { ENDED } from "./link.js";
import { Sparks } from "./sparks.js";
import { Timeline } from "./timeline.js";
import css from "./train.css";
import { bind, taken, typing, widget } from "./view.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./link.js").Link} Link
 * @typedef {import("./view.js").Panel} Panel
 */

const ICONS = {
  waiting: "M6 0a6 6 0 1 0 0 12A6 6 0 0 0 6 0zm.8 6.6H3.6V5.2h1.8V2.4h1.4z",
  running: "M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z",
  paused: "M2 1h3v10H2zM7 1h3v10H7z",
  stopping: "M1.5 1.5h9v9h-9z",
  stopped: "M1.5 1.5h9v9h-9z",
  failed: "M6 .6 11.8 11H.2zM5.3 4v3.6h1.4V4zm0 4.4v1.4h1.4V8.4z",
  finished: "M4.6 10.4.8 6.6l1.5-1.5 2.3 2.3L9.9 2l1.5 1.5z",
  play: "M2.5 1v10l8-5z",
};
const WORDS = /** @type {Record<string, string>} */ ({ waiting: "waiting", "": "waiting" });
const TABS = /** @type {const} */ (["curves", "graph", "timeline"]);

/** @param {keyof typeof ICONS} name */
function icon(name) {
  return s("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" }, s("path", { d: ICONS[name] }));
}

export class TrainCard {
  /** @param {Store} store @param {Link} link @param {import("./link.js").Model} model */
  constructor(store, link, model) {
    addStyle("train", css);
    this.store = store;
    this.link = link;
    this.model = model;
    /** @type {Record<typeof TABS[number], Panel>} */
    this.panels = {
      curves: new Curves(store, model),
      graph: new Graph(store, model, link),
      timeline: new Timeline(store, model, link),
    };
    this.sparks = new Sparks();
    this.shown = "";
    this.saidEpoch = 0;
    this.hint = "";
    this.el = this.#build();
    this.show(model.get("tab") || "curves");
    bind(this.el, store, link, this);
    model.on("change:tab", () => this.show(model.get("tab")));
    this.update();
  }

  #build() {
    this.state = h("span.wb-state");
    this.name = h("span.wb-name");
    this.run = h("span.wb-run");
    this.fill = h("div.wb-fill");
    this.track = h("div.wb-track", { role: "progressbar", "aria-label": "Progress" }, this.fill);
    this.facts = h("div.wb-facts");
    this.notice = h("div.wb-notice", { hidden: true });
    this.said = h("div.wb-said", { "aria-live": "polite" });
    this.help = this.#help();
    this.cost = h("span");
    return h(
      "div.wb-card",
      {
        tabIndex: 0,
        role: "group",
        "aria-label": "Training run",
        "data-lm-suppress-shortcuts": "true",
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
      },
      h("div.wb-head", {}, this.state, this.name, this.run, h("div.wb-spacer"), this.#controls()),
      h("div.wb-progress", {}, this.track, this.facts),
      this.notice,
      this.#bar(),
      ...TABS.map((name) => this.panels[name].el),
      h("div.wb-foot", {}, this.sparks.el, h("div.wb-spacer"), this.cost),
      this.help,
      this.said,
    );
  }

  #controls() {
    this.pauseButton = h("button.wb-button", {
      type: "button",
      onclick: () => this.pause(),
    });
    this.stopButton = h(
      "button.wb-button",
      { type: "button", onclick: () => this.stop() },
      icon("stopped"),
      "Stop",
    );
    this.rate = h("input.wb-number", {
      type: "text",
      inputMode: "decimal",
      "aria-label": "Learning rate",
      onchange: () => this.setRate(),
      // JupyterLab takes Enter for itself; leaving the field is what makes the change.
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "Enter") return;
        taken(event);
        this.el.focus();
      },
    });
    return h(
      "div.wb-controls",
      {},
      h("label.wb-field", {}, "lr", this.rate),
      this.pauseButton,
      this.stopButton,
      this.#menu(),
    );
  }

  #menu() {
    const curves = /** @type {Curves} */ (this.panels.curves);
    const graph = /** @type {Graph} */ (this.panels.graph);
    const timeline = /** @type {Timeline} */ (this.panels.timeline);
    const list = h("div.wb-list", { hidden: true, role: "menu" });
    /** @param {string} text @param {() => void} act @param {string} [key] */
    const item = (text, act, key = "") =>
      h(
        "button",
        {
          type: "button",
          role: "menuitem",
          onclick: () => {
            list.hidden = true;
            act();
          },
        },
        text,
        h("kbd", {}, key),
      );
    list.append(
      item("Curves as PNG", () => curves.exportPng()),
      item("History as CSV", () => curves.exportCsv()),
      item("Graph as SVG", () => graph.exportSvg()),
      item("Timeline as JSON", () => timeline.exportJson()),
      item("Keys", () => this.toggleHelp(), "?"),
    );
    const button = h(
      "button.wb-button.wb-icon",
      {
        type: "button",
        title: "Export, keys",
        "aria-label": "More",
        "aria-haspopup": "menu",
        onclick: () => {
          list.hidden = !list.hidden;
          if (!list.hidden) /** @type {HTMLElement} */ (list.firstChild).focus();
        },
      },
      "⋯",
    );
    const menu = h("div.wb-menu", {}, button, list);
    menu.addEventListener("focusout", (event) => {
      if (!menu.contains(/** @type {Node|null} */ (event.relatedTarget))) list.hidden = true;
    });
    menu.addEventListener("keydown", (event) => {
      if (list.hidden) return;
      const items = [...list.querySelectorAll("button")];
      const at = items.indexOf(/** @type {any} */ (document.activeElement));
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) items[(at + step + items.length) % items.length].focus();
      else if (event.key === "Escape") {
        list.hidden = true;
        button.focus();
      } else return;
      taken(event);
    });
    return menu;
  }

  #bar() {
    this.tabs = TABS.map((name) =>
      h(
        "button.wb-tab",
        {
          type: "button",
          role: "tab",
          onclick: () => {
            this.model.set("tab", name);
            this.model.save_changes();
            this.show(name);
          },
        },
        name[0].toUpperCase() + name.slice(1),
      ),
    );
    const tools = TABS.map((name) => this.panels[name].tools ?? h("div"));
    this.tools = tools;
    const tablist = h("div.wb-tabs", { role: "tablist" }, ...this.tabs);
    tablist.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = (TABS.indexOf(/** @type {any} */ (this.shown)) + step + 3) % 3;
      this.tabs?.[next].focus();
      this.tabs?.[next].click();
      taken(event);
    });
    return h("div.wb-bar", {}, tablist, h("div.wb-spacer"), ...tools);
  }

  #help() {
    const keys = [
      ["space", "pause or resume"],
      ["s", "stop"],
      ["l", "logarithmic loss"],
      ["1 2 3", "curves, graph, timeline"],
      ["+ − 0", "zoom in, out, reset"],
      ["← →", "move the cursor"],
      ["/", "search the graph"],
      ["?", "these keys"],
    ];
    return h(
      "div.wb-help",
      { hidden: true },
      ...keys.map(([key, text]) => h("span", {}, h("kbd", {}, key), text)),
    );
  }

  toggleHelp() {
    if (this.help) this.help.hidden = !this.help.hidden;
  }

  /** @param {string} name */
  show(name) {
    const known = TABS.includes(/** @type {any} */ (name)) ? name : "curves";
    if (known === this.shown) return;
    this.shown = known;
    TABS.forEach((tab, i) => {
      this.panels[tab].el.hidden = tab !== known;
      if (this.tools) this.tools[i].hidden = tab !== known;
      this.tabs?.[i].setAttribute("aria-selected", String(tab === known));
      if (this.tabs) this.tabs[i].tabIndex = tab === known ? 0 : -1;
    });
    this.el.dataset.tab = known;
    if (known !== "curves") this.link.want(known === "graph" ? "graph" : "trace");
    else this.link.want("curves");
    this.panels[/** @type {typeof TABS[number]} */ (known)].update();
  }

  stop() {
    if (this.stopButton?.disabled) return;
    const way = this.link.press("stop");
    this.el.dataset.way = way;
    this.hint =
      way === "none" ? "This page cannot reach the kernel: use the ■ of the toolbar to stop." : "";
    this.update();
  }

  pause() {
    if (this.pauseButton?.disabled) return;
    this.link.press("pause", { on: this.store.state.state !== "paused" });
    this.update();
  }

  setRate() {
    const value = Number(this.rate?.value);
    if (this.rate && value > 0 && Number.isFinite(value)) this.link.press("lr", { value });
    this.update();
  }

  /** @param {string} text */
  #say(text) {
    if (this.said && this.said.textContent !== text) this.said.textContent = text;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (typing(event)) return;
    const on = /** @type {HTMLElement} */ (event.target);
    if (on.tagName === "BUTTON" && (event.key === " " || event.key === "Enter")) return;
    const tab = TABS[Number(event.key) - 1];
    if (event.key === " ") this.pause();
    else if (event.key === "s") this.stop();
    else if (event.key === "?") this.toggleHelp();
    else if (tab) this.tabs?.[TABS.indexOf(tab)].click();
    else if (!this.panels[/** @type {typeof TABS[number]} */ (this.shown)].key(event)) return;
    taken(event);
  }

  retheme() {
    for (const panel of Object.values(this.panels)) panel.retheme();
    this.sparks.retheme(this.el);
  }

  update() {
    const { state } = this.store;
    const phase = /** @type {keyof typeof ICONS} */ (state.state || "waiting");
    if (this.state && this.state.dataset.state !== phase) {
      this.state.dataset.state = phase;
      this.state.replaceChildren(icon(phase), WORDS[phase] ?? phase);
    }
    if (this.name) this.name.textContent = state.name ?? this.model.get("run") ?? "";
    if (this.run) this.run.textContent = state.run ? `run ${state.run}` : "";
    this.#progress();
    this.#buttons(phase);
    this.#messages(phase);
    this.sparks.update(this.store.busy, this.el);
    const watched = state.cost ?? 0;
    if (this.cost) {
      this.cost.textContent = state.step
        ? `watching costs ${watched < 0.001 ? "< 0.1" : (watched * 100).toFixed(1)} %`
        : "";
    }
    for (const name of TABS) if (name === this.shown) this.panels[name].update();
  }

  #progress() {
    const { state } = this.store;
    const share = state.progress ?? state.epoch_progress ?? null;
    const ended = ENDED.has(state.state ?? "");
    const full = state.state === "finished" ? 1 : (share ?? 0);
    if (this.fill) this.fill.style.width = `${(full * 100).toFixed(2)}%`;
    this.track?.setAttribute("aria-valuenow", String(Math.round(full * 100)));
    const of = (/** @type {number|null|undefined} */ total) => (total ? ` / ${total}` : "");
    const facts = [];
    const fact = (/** @type {string} */ bold, rest = "", before = "") =>
      facts.push(h("span", {}, before, h("b", {}, bold), rest));
    if (state.epoch) fact(`${state.epoch}${of(state.epochs)}`, "", "epoch ");
    if (state.step) {
      const steps = state.steps_per_epoch;
      fact(`${(steps ? state.step_in_epoch : state.step) ?? 0}${of(steps)}`, "", "step ");
    } else if (!ended) {
      facts.push(h("span", {}, state.reason || "compiling, loading data"));
    }
    if (state.samples_per_second) fact(formatCount(state.samples_per_second), " samples/s");
    if (state.step_ms) fact(formatValue(state.step_ms), " ms/step");
    if (state.elapsed) fact(formatClock(state.elapsed), ended ? " in all" : " elapsed");
    if (!ended && state.eta !== null && state.eta !== undefined)
      fact(formatClock(state.eta), " left");
    else if (!ended && state.epoch_eta) fact(formatClock(state.epoch_eta), " left in this epoch");
    this.facts?.replaceChildren(...facts);
  }

  /** @param {string} phase */
  #buttons(phase) {
    const { state } = this.store;
    const { live } = this.link;
    const over = ENDED.has(phase);
    const pending = new Set(this.link.pending.values());
    const { pauseButton: pause, stopButton: stop, rate } = this;
    if (!pause || !stop || !rate) return;
    const why = over ? "The run is over" : "Works as soon as the kernel has answered this page";
    const paused = phase === "paused";
    pause.disabled = over || !live || phase === "stopping";
    pause.title = pause.disabled ? why : `${paused ? "Resume" : "Pause"} at the next step (space)`;
    pause.classList.toggle("wb-pending", pending.has("pause"));
    if (pause.dataset.icon !== String(paused)) {
      pause.dataset.icon = String(paused);
      pause.replaceChildren(icon(paused ? "play" : "paused"), paused ? "Resume" : "Pause");
    }
    stop.disabled = over || phase === "stopping";
    stop.title = over ? why : live ? "Stop at the next step (s)" : "Interrupt the kernel (s)";
    stop.classList.toggle("wb-pending", pending.has("stop"));
    rate.disabled = over || !live || Boolean(state.lr_locked) || state.lr === null;
    rate.title = state.lr_locked || (rate.disabled ? why : "Learning rate from the next step on");
    if (document.activeElement !== rate && !pending.has("lr")) {
      rate.value = state.lr ? String(Number.parseFloat(state.lr.toPrecision(6))) : "";
    }
  }

  /** @param {string} phase */
  #messages(phase) {
    const { state } = this.store;
    const { notice } = this;
    if (!notice) return;
    const lines = [];
    if (state.error) {
      const { type, message, epoch, step } = state.error;
      const first = message.split("\n")[0];
      lines.push(h("b", {}, type), ` ${first} `, `(epoch ${epoch}, step ${step})`);
    } else if (this.hint && !ENDED.has(phase)) lines.push(this.hint);
    else if (state.notice) lines.push(state.notice);
    else if (state.reason && phase !== "waiting" && phase !== "running") lines.push(state.reason);
    notice.hidden = lines.length === 0;
    const key = lines.map((line) => (typeof line === "string" ? line : line.textContent)).join("");
    if (notice.textContent !== key) notice.replaceChildren(...lines);
    if (ENDED.has(phase)) this.#say(`Run ${phase}.`);
    else if (state.epoch && state.epoch !== this.saidEpoch) {
      this.saidEpoch = state.epoch;
      const loss =
        state.loss === null || state.loss === undefined ? "" : `, loss ${formatValue(state.loss)}`;
      this.#say(`Epoch ${state.epoch}${state.epochs ? ` of ${state.epochs}` : ""}${loss}.`);
    }
  }
}

export default widget((store, link, model) => new TrainCard(store, link, model).el);
