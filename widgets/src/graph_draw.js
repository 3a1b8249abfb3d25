/** A placed graph as SVG. Sizes of text are those that the layout measured with. */

import { s } from "./kit/dom.js";

/**
 * @typedef {import("./graph_place.js").Layout} Layout
 * @typedef {import("./graph_place.js").Placed} Placed
 * @typedef {{id: number, name: string, op: string, family: string, label: string, detail: string,
 *   group: string[], attrs: Record<string, string>, in_shapes: (number[]|null)[],
 *   out_shapes: (number[]|null)[], dtype: string|null, params: number|null, flops: number|null,
 *   bytes: number|null, device: string|null}} Node
 * @typedef {(node: Node) => string} Paint
 */

/**
 * The path of a line: straight within each pair of points, a smooth curve between pairs.
 * @param {[number, number][]} points
 */
export function linePath(points) {
  const parts = [`M${points[0][0]} ${points[0][1]}`];
  for (let i = 1; i < points.length; i++) {
    const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
    // A segment without length would leave the arrow head without a direction.
    if (x0 === x1 && y0 === y1) continue;
    if (i % 2 || x0 === x1) parts.push(`L${x1} ${y1}`);
    else {
      const middle = (y0 + y1) / 2;
      parts.push(`C${x0} ${middle} ${x1} ${middle} ${x1} ${y1}`);
    }
  }
  return parts.join("");
}

/** Drawings so far: ids inside a drawing must be its own, or it borrows those of a hidden one. */
let drawings = 0;

/**
 * The whole drawing.
 * @param {Layout} layout @param {Placed} placed @param {Map<number, Node>} nodes @param {Paint} paint
 */
export function drawGraph(layout, placed, nodes, paint) {
  const { width, height } = placed;
  const own = `wb-g${++drawings}`;
  const titles = s("g", { class: "wb-g-titles" });
  const back = s("g", { class: "wb-g-frames" });
  const lines = s("g", { class: "wb-g-lines" });
  const front = s("g");
  for (const [id, rect] of Object.entries(placed.boxes)) {
    const item = /** @type {any} */ (layout.items[id]);
    if (item.kind === "group" && placed.open.includes(id)) {
      if (id === layout.root) continue;
      back.append(frame(id, rect));
      const at = { x: rect[0] + 10, y: rect[1] + 15, class: "wb-g-title" };
      titles.append(s("text", at, `▾ ${item.label}`));
    } else front.append(closed(`${own}-${id}`, id, item, rect, nodes, paint));
  }
  // An arrow ends at a box; where it only crosses the frame of an open group it goes on.
  const boxes = new Set(Object.keys(placed.boxes).filter((id) => !placed.open.includes(id)));
  for (const line of placed.lines) lines.append(arrow(line, boxes, own));
  return s(
    "svg",
    { width, height, viewBox: `0 0 ${width} ${height}`, class: "wb-g", role: "tree" },
    marker(own),
    back,
    lines,
    titles,
    front,
  );
}

/** @param {string} own */
function marker(own) {
  const shape = s("path", { d: "M0 0L7 3.5L0 7z", fill: "context-stroke" });
  const attrs = {
    markerUnits: "userSpaceOnUse",
    viewBox: "0 0 7 7",
    refX: 6.4,
    refY: 3.5,
    orient: "auto-start-reverse",
  };
  return s(
    "defs",
    {},
    s("marker", { id: `${own}-arrow`, markerWidth: 7, markerHeight: 7, ...attrs }, shape),
  );
}

/** @param {import("./graph_place.js").Line} line @param {Set<string>} boxes
 * @param {string} own */
function arrow(line, boxes, own) {
  const attrs = {
    d: linePath(line.points),
    class: `wb-g-line${line.back ? " wb-g-back" : ""}`,
    "data-from": line.from,
    "data-to": line.to,
  };
  const tip = `url(#${own}-arrow)`;
  if (line.back && boxes.has(line.from)) return s("path", { ...attrs, "marker-start": tip });
  return s("path", boxes.has(line.to) ? { ...attrs, "marker-end": tip } : attrs);
}

/** The frame of an open group. @param {string} id @param {number[]} rect */
function frame(id, [x, y, w, h]) {
  return s(
    "g",
    { class: "wb-g-item wb-g-open", "data-id": id, role: "treeitem", "aria-expanded": "true" },
    s("rect", { x, y, width: w, height: h, rx: 8, class: "wb-g-frame" }),
    s("rect", { x, y, width: w, height: 22, rx: 8, class: "wb-g-grip" }),
  );
}

/** A node, a stack of nodes or a closed group.
 * @param {string} own @param {string} id @param {any} item @param {number[]} rect
 * @param {Map<number, Node>} nodes @param {Paint} paint */
function closed(own, id, item, [x, y, w, h], nodes, paint) {
  const g = s("g", { class: `wb-g-item wb-g-${item.kind}`, "data-id": id, role: "treeitem" });
  const all = { x, y, width: w, height: h, rx: 6 };
  const middle = x + w / 2;
  /** @param {string} text @param {number} py @param {string} kind @param {string} [anchor]
   * @param {number} [px] */
  const write = (text, py, kind, anchor = "middle", px = middle) =>
    g.append(s("text", { x: px, y: py, class: kind, "text-anchor": anchor }, text));
  if (item.kind === "group") {
    g.setAttribute("aria-expanded", "false");
    for (let i = Math.min(2, (item.copies ?? 1) - 1); i > 0; i--) {
      g.append(s("rect", { ...all, x: x + 3 * i, y: y + 3 * i, class: "wb-g-shut" }));
    }
    g.append(s("rect", { ...all, class: "wb-g-shut" }));
    write(`▸ ${item.label}`, y + 16, "wb-g-title");
    write(item.detail, y + 28, "wb-g-small");
  } else if (item.kind === "stack") {
    const clip = `${own}-clip`;
    g.append(s("clipPath", { id: clip }, s("rect", all)));
    const stripes = s("g", { "clip-path": `url(#${clip})` });
    const tall = h / item.nodes.length;
    item.nodes.forEach((/** @type {number} */ node, /** @type {number} */ i) => {
      const fill = paint(/** @type {Node} */ (nodes.get(node)));
      stripes.append(s("rect", { x, y: y + i * tall, width: w, height: tall + 0.5, fill }));
    });
    g.append(stripes, s("rect", { ...all, class: "wb-g-edge" }));
    const last = item.lines.length - 1;
    item.lines.forEach((/** @type {string} */ line, /** @type {number} */ i) => {
      const py = y + (i + 0.5) * tall + 4;
      if (i < last || !item.detail) write(line, py, "wb-g-label");
      else {
        write(line, py, "wb-g-label", "start", x + 10);
        write(item.detail, py, "wb-g-small", "end", x + w - 10);
      }
    });
  } else {
    const node = /** @type {Node} */ (nodes.get(item.node));
    g.append(s("rect", { ...all, class: "wb-g-edge", fill: paint(node) }));
    write(item.lines[0], y + (item.detail ? 15 : h / 2 + 4), "wb-g-label");
    if (item.detail) write(item.detail, y + 28, "wb-g-small");
  }
  return g;
}
