/** The graph of a network: its operators in their blocks, which open and close. */

import css from "./graph.css";
import { drawGraph } from "./graph_draw.js";
import { place } from "./graph_place.js";
import { addStyle, h } from "./kit/dom.js";
import { save, svgText } from "./kit/export.js";
import { readTheme } from "./kit/theme.js";
import { formatCount } from "./kit/ticks.js";
import { mix } from "./timeline_draw.js";
import { taken, view } from "./view.js";

/**
 * @typedef {import("./graph_draw.js").Node} Node
 * @typedef {import("./graph_place.js").Placed} Placed
 */

/** Place of each family in the palette; families that are not here stay grey. */
const FAMILIES = /** @type {Record<string, number>} */ ({
  dense: 0,
  activation: 1,
  pooling: 2,
  combine: 3,
  recurrent: 4,
  norm: 5,
  loss: 1,
});
const COLOURS = { family: "family", params: "parameters", flops: "FLOPs", device: "device" };

export class Graph {
  /** @param {import("./store.js").Store} store @param {import("./link.js").Model} _model
   * @param {import("./link.js").Link} link */
  constructor(store, _model, link) {
    addStyle("graph", css);
    this.store = store;
    this.link = link;
    /** What the store held when this was drawn. @type {any} */
    this.seen = null;
    /** @type {Map<number, Node>} */
    this.nodes = new Map();
    /** @type {Set<string>} */
    this.open = new Set();
    /** @type {Placed|null} */
    this.placed = null;
    this.selected = "";
    this.scale = 1;
    this.colour = /** @type {keyof typeof COLOURS} */ ("family");
    this.svg = /** @type {SVGElement|null} */ (null);
    this.empty = h("p.wb-empty", {}, "The graph appears with the first backward pass.");
    this.canvas = h("div.wb-graph-scroll", { tabIndex: 0, "aria-label": "Graph" });
    this.map = h("canvas.wb-graph-map", { ariaHidden: "true" });
    this.info = h("aside.wb-graph-info");
    this.body = h(
      "div.wb-graph-body",
      { hidden: true },
      h("div.wb-graph-stage", {}, this.canvas, this.map),
      this.info,
    );
    this.el = h("div.wb-graph", {}, this.empty, this.body);
    this.theme = readTheme(this.el);
    this.search = h("input.wb-number.wb-search", {
      type: "search",
      placeholder: "search  /",
      "aria-label": "Search operators",
    });
    this.tools = this.#tools();
    this.#events();
  }

  #tools() {
    const colour = h(
      "select.wb-select",
      { title: "What the colours mean", "aria-label": "Colour by" },
      ...Object.entries(COLOURS).map(([value, text]) => h("option", { value }, text)),
    );
    colour.onchange = () => {
      this.colour = /** @type {keyof typeof COLOURS} */ (colour.value);
      this.draw();
    };
    /** @param {string} text @param {string} title @param {() => void} onclick */
    const button = (text, title, onclick) =>
      h("button.wb-toggle", { type: "button", title, onclick }, text);
    return h(
      "div.wb-tools",
      {},
      this.search,
      h("label.wb-field", {}, "colour", colour),
      button("open all", "Open every block", () => this.#all(true)),
      button("close all", "Close every block", () => this.#all(false)),
    );
  }

  #events() {
    this.canvas.addEventListener("click", (event) => {
      const id = idOf(event);
      if (!id) return this.select("");
      if (this.#item(id)?.kind === "group") this.toggle(id);
      this.select(id);
    });
    this.canvas.addEventListener("pointerover", (event) =>
      this.#describe(idOf(event) || this.selected),
    );
    this.canvas.addEventListener("pointerleave", () => this.#describe(this.selected));
    this.canvas.addEventListener("scroll", () => this.#minimap());
    this.canvas.addEventListener("focusin", () => {
      if (!this.selected && this.placed) this.select(this.#first());
    });
    this.canvas.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        this.#zoom(this.scale * 1.0015 ** -event.deltaY);
        event.preventDefault();
      },
      { passive: false },
    );
    this.map.addEventListener("pointerdown", (event) => {
      const { height } = this.map.getBoundingClientRect();
      const at = (event.offsetY / height) * this.canvas.scrollHeight;
      this.canvas.scrollTop = at - this.canvas.clientHeight / 2;
    });
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.find(this.search.value);
      else if (event.key === "Escape") this.canvas.focus();
      else return;
      taken(event);
    });
    this.search.addEventListener("input", () => this.#mark());
  }

  /** @param {string} id @returns {any} */
  #item(id) {
    return this.store.graph?.layout.items[id];
  }

  /** First box in reading order. */
  #first() {
    const root = this.store.graph.layout.root;
    return Object.keys(this.placed?.boxes ?? {}).find((id) => id !== root) ?? "";
  }

  update() {
    const { graph } = this.store;
    if (!graph || graph === this.seen) return;
    const before = this.seen;
    this.seen = graph;
    this.nodes = new Map(graph.payload.nodes.map((/** @type {Node} */ node) => [node.id, node]));
    const same =
      before && Object.keys(before.layout.items).join() === Object.keys(graph.layout.items).join();
    if (!same) this.open = new Set(graph.layout.open);
    this.empty.hidden = true;
    this.body.hidden = false;
    this.draw();
    this.#describe("");
  }

  draw() {
    const { graph } = this.store;
    if (!graph) return;
    this.placed = place(graph.layout, this.open);
    const svg = drawGraph(graph.layout, this.placed, this.nodes, this.#paint());
    svg.setAttribute("width", String(this.placed.width * this.scale));
    svg.setAttribute("height", String(this.placed.height * this.scale));
    this.canvas.replaceChildren(svg);
    this.svg = svg;
    this.canvas.dataset.boxes = String(Object.keys(this.placed.boxes).length);
    this.#mark();
    requestAnimationFrame(() => this.#minimap());
  }

  retheme() {
    this.theme = readTheme(this.el);
    this.draw();
  }

  /** A colour for each node, as the selector says. @returns {(node: Node) => string} */
  #paint() {
    const { theme, colour } = this;
    const base = theme.dark ? 30 : 255;
    const tint = (/** @type {string} */ color, share = theme.dark ? 0.62 : 0.7) =>
      mix(color, base, share);
    const grey = theme.dark ? "#3a3d42" : "#f1f2f4";
    if (colour === "family") {
      return (node) => (node.family in FAMILIES ? tint(theme.colors[FAMILIES[node.family]]) : grey);
    }
    if (colour === "device") {
      const names = [...new Set([...this.nodes.values()].map((node) => node.device ?? ""))].sort();
      return (node) =>
        node.device ? tint(theme.colors[names.indexOf(node.device) % theme.colors.length]) : grey;
    }
    const most = Math.max(1, ...[...this.nodes.values()].map((node) => node[colour] ?? 0));
    return (node) => {
      const share = (node[colour] ?? 0) / most;
      return share > 0 ? tint(theme.colors[0], 0.94 - 0.72 * Math.sqrt(share)) : grey;
    };
  }

  /** Opens or closes a group, which stays where it is on the screen. @param {string} id */
  toggle(id) {
    const before = this.placed?.boxes[id];
    if (!this.open.delete(id)) this.open.add(id);
    this.draw();
    const after = this.placed?.boxes[id];
    if (before && after) {
      this.canvas.scrollTop += (after[1] - before[1]) * this.scale;
      this.canvas.scrollLeft += (after[0] + after[2] / 2 - before[0] - before[2] / 2) * this.scale;
    }
  }

  /** @param {boolean} open */
  #all(open) {
    const { layout } = this.store.graph ?? {};
    if (!layout) return;
    const groups = Object.keys(layout.items).filter((id) => layout.items[id].kind === "group");
    this.open = new Set(open ? groups : [layout.root]);
    this.draw();
  }

  /** @param {number} scale */
  #zoom(scale) {
    this.scale = Math.min(2, Math.max(0.25, scale));
    this.draw();
  }

  /** @param {string} id */
  select(id) {
    this.selected = id;
    this.#mark();
    this.#describe(id);
  }

  /** Shows what is selected, and what the search finds. */
  #mark() {
    const text = this.search.value.trim().toLowerCase();
    for (const el of this.svg?.querySelectorAll(".wb-g-item") ?? []) {
      const id = /** @type {SVGElement} */ (el).dataset.id ?? "";
      el.classList.toggle("wb-g-selected", id === this.selected);
      el.classList.toggle("wb-g-hit", text !== "" && this.#matches(id, text));
    }
    for (const el of this.svg?.querySelectorAll(".wb-g-line") ?? []) {
      const { from, to } = /** @type {SVGElement} */ (el).dataset;
      el.classList.toggle(
        "wb-g-near",
        this.selected !== "" && (from === this.selected || to === this.selected),
      );
    }
  }

  /** @param {string} id @param {string} text */
  #matches(id, text) {
    return this.#members(id).some((node) =>
      `${node.name} ${node.op} ${node.label}`.toLowerCase().includes(text),
    );
  }

  /** @param {string} id @returns {Node[]} */
  #members(id) {
    const item = this.#item(id);
    const ids = item?.kind === "node" ? [item.node] : (item?.nodes ?? []);
    return ids.map((/** @type {number} */ one) => this.nodes.get(one)).filter(Boolean);
  }

  /** Opens the way to the next operator whose name or type has `text` in it.
   * @param {string} text */
  find(text) {
    const wanted = text.trim().toLowerCase();
    const { layout } = this.store.graph ?? {};
    if (!wanted || !layout) return;
    const hits = Object.keys(layout.items).filter(
      (id) => layout.items[id].kind !== "group" && this.#matches(id, wanted),
    );
    if (!hits.length) {
      this.info.replaceChildren(h("p", {}, `No operator has “${text.trim()}” in its name.`));
      return;
    }
    const next = hits[(hits.indexOf(this.selected) + 1) % hits.length];
    for (let up = layout.items[next].parent; up; up = layout.items[up].parent) this.open.add(up);
    this.draw();
    this.select(next);
    this.#reveal(next);
  }

  /** @param {string} id */
  #reveal(id) {
    const box = this.placed?.boxes[id];
    if (!box) return;
    const [x, y, w, tall] = box.map((v) => v * this.scale);
    const { canvas } = this;
    if (y < canvas.scrollTop + 30) canvas.scrollTop = y - 60;
    else if (y + tall > canvas.scrollTop + canvas.clientHeight - 30) {
      canvas.scrollTop = y + tall - canvas.clientHeight + 60;
    }
    if (x < canvas.scrollLeft || x + w > canvas.scrollLeft + canvas.clientWidth) {
      canvas.scrollLeft = x + w / 2 - canvas.clientWidth / 2;
    }
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { key } = event;
    if (!this.placed) return false;
    if (key === "/") this.search.focus();
    else if (key === "Enter" && this.#item(this.selected)?.kind === "group")
      this.toggle(this.selected);
    else if (key === "+" || key === "=") this.#zoom(this.scale * 1.2);
    else if (key === "-") this.#zoom(this.scale / 1.2);
    else if (key === "0") this.#zoom(1);
    else if (key === "Escape") this.select("");
    else if (key.startsWith("Arrow")) this.#walk(key);
    else return false;
    return true;
  }

  /** Down and up along the lines, left and right among the boxes of a row. @param {string} key */
  #walk(key) {
    const { placed } = this;
    if (!placed) return;
    const boxes = placed.boxes;
    const here = boxes[this.selected];
    if (!here) return this.select(this.#first());
    let next = "";
    if (key === "ArrowDown" || key === "ArrowUp") {
      const down = key === "ArrowDown";
      const ends = placed.lines
        .filter((line) => (down ? line.from : line.to) === this.selected)
        .map((line) => (down ? line.to : line.from))
        .filter((id) => boxes[id]);
      next = ends[0] ?? this.#step(down ? 1 : -1);
    } else {
      const row = Object.keys(boxes)
        .filter((id) => Math.abs(boxes[id][1] - here[1]) < 24)
        .sort((a, b) => boxes[a][0] - boxes[b][0]);
      next = row[row.indexOf(this.selected) + (key === "ArrowRight" ? 1 : -1)] ?? "";
    }
    if (!next) return;
    this.select(next);
    this.#reveal(next);
  }

  /** The next box in the order of drawing, where no line leads on. @param {number} by */
  #step(by) {
    const all = Object.keys(this.placed?.boxes ?? {}).filter(
      (id) => id !== this.store.graph.layout.root,
    );
    return all[all.indexOf(this.selected) + by] ?? "";
  }

  /** The card beside the drawing. @param {string} id */
  #describe(id) {
    const item = this.#item(id);
    const { payload } = this.store.graph ?? {};
    if (!payload) return;
    if (!item || id === this.store.graph.layout.root) {
      this.info.replaceChildren(
        h("h4", {}, payload.title || "graph"),
        facts([
          ["operators", String(payload.nodes.length)],
          ["parameters", count(payload.params)],
          ["FLOPs", count(payload.flops)],
        ]),
        h("p", {}, "Click a block to open it, an operator for its details."),
      );
      return;
    }
    if (item.kind === "group") {
      this.info.replaceChildren(
        h("h4", {}, item.label),
        facts([
          ["path", item.path],
          ["operators", String(item.count)],
          ["parameters", count(item.params)],
          ["FLOPs", count(item.flops)],
        ]),
      );
      return;
    }
    this.info.replaceChildren(...this.#members(id).flatMap((node) => this.#nodeFacts(node)));
  }

  /** @param {Node} node */
  #nodeFacts(node) {
    const shapes = (/** @type {(number[]|null)[]} */ list) =>
      list.some(Boolean)
        ? list.map((shape) => (shape ? `(${shape.join(", ")})` : "?")).join("  ")
        : "";
    return [
      h("h4", {}, node.op),
      facts([
        ["name", node.name],
        ["in", shapes(node.in_shapes)],
        ["out", shapes(node.out_shapes)],
        ["dtype", node.dtype ?? ""],
        ["device", node.device ?? ""],
        ["parameters", count(node.params)],
        ["FLOPs", count(node.flops)],
        ["bytes out", count(node.bytes)],
        ...Object.entries(node.attrs),
      ]),
    ];
  }

  /** Where in a tall drawing the window is. */
  #minimap() {
    const { canvas, map, placed } = this;
    if (!placed || !canvas.clientHeight) return;
    const { clientHeight, scrollHeight, scrollTop } = canvas;
    map.hidden = scrollHeight <= clientHeight + 4;
    const ctx = map.hidden ? null : map.getContext?.("2d");
    if (!ctx) return;
    const tall = clientHeight - 16;
    const k = Math.min(tall / placed.height, 70 / placed.width);
    const ratio = globalThis.devicePixelRatio || 1;
    map.style.height = `${placed.height * k}px`;
    map.style.width = `${placed.width * k}px`;
    map.width = placed.width * k * ratio;
    map.height = placed.height * k * ratio;
    ctx.scale(ratio, ratio);
    const paint = this.#paint();
    for (const [id, [x, y, w, b]] of Object.entries(placed.boxes)) {
      if (placed.open.includes(id)) continue;
      const node = this.#members(id)[0];
      const shut = this.#item(id).kind === "group" || !node;
      ctx.globalAlpha = shut ? 0.35 : 1;
      ctx.fillStyle = shut ? this.theme.muted : paint(node);
      ctx.fillRect(x * k, y * k, Math.max(w * k, 1), Math.max(b * k, 1));
    }
    ctx.globalAlpha = 1;
    ctx.strokeStyle = this.theme.accent;
    ctx.lineWidth = 1.5;
    const [top, shown] = [(scrollTop / this.scale) * k, (clientHeight / this.scale) * k];
    ctx.strokeRect(
      0.75,
      top + 0.75,
      placed.width * k - 1.5,
      Math.min(shown, placed.height * k) - 1.5,
    );
  }

  exportSvg() {
    if (!this.svg) return;
    const name = this.store.graph?.payload.title || "graph";
    save(new Blob([svgText(this.svg)], { type: "image/svg+xml" }), `${name}.svg`);
  }
}

/** @param {Event} event */
function idOf(event) {
  const item = /** @type {Element} */ (event.target).closest?.(".wb-g-item");
  return item instanceof SVGElement ? (item.dataset.id ?? "") : "";
}

/** @param {number|null|undefined} value */
function count(value) {
  return value ? formatCount(value) : "";
}

/** Pairs as a list; empty ones are left out. @param {[string, string][]} pairs */
function facts(pairs) {
  const list = h("dl");
  for (const [name, value] of pairs) {
    if (value) list.append(h("dt", {}, name), h("dd", {}, value));
  }
  return list;
}

export default view((store, model, link) => {
  link.want("graph");
  return new Graph(store, model, link);
});
