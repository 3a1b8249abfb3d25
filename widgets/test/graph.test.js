import { beforeEach, expect, test } from "vitest";
import { Graph } from "../src/graph.js";
import { linePath } from "../src/graph_draw.js";
import { Link } from "../src/link.js";
import { Store } from "../src/store.js";
import { FakeModel } from "./model.js";

const node = (id, name, op, family) => ({
  id,
  name,
  op,
  family,
  label: op,
  detail: "8",
  group: [],
  attrs: { kernel: "(5, 5)" },
  in_shapes: [[64, 1, 28, 28]],
  out_shapes: [[64, 8]],
  dtype: "float32",
  params: 520,
  flops: 1000,
  bytes: 10,
  device: "cpu(0)",
});
const item = (id, parent) => ({
  kind: "node",
  node: id,
  parent,
  lines: [`op${id}`],
  detail: "8",
  size: [116, 36],
});
const group = (parent, label, ranks, edges, nodes) => ({
  kind: "group",
  parent,
  label,
  path: label,
  detail: "2 operators",
  size: [116, 36],
  nodes,
  count: nodes.length,
  params: 1,
  flops: 1,
  copies: 1,
  ranks,
  edges,
  back: [],
});
const message = () => ({
  t: "graph",
  seq: 1,
  payload: {
    title: "net",
    nodes: [
      node(0, "data", "null", "input"),
      node(1, "conv0", "Convolution", "dense"),
      node(2, "fc0", "FullyConnected", "dense"),
    ],
    edges: [],
    params: 1040,
    flops: 2000,
  },
  layout: {
    root: "g0",
    open: ["g0"],
    items: {
      g0: group(null, "net", [["n0"], ["g1"]], [["n0", "g1"]], [0, 1, 2]),
      g1: group(
        "g0",
        "body",
        [["in"], ["n1"], ["n2"]],
        [
          ["in", "n1"],
          ["n1", "n2"],
        ],
        [1, 2],
      ),
      n0: item(0, "g0"),
      n1: item(1, "g1"),
      n2: item(2, "g1"),
    },
  },
});
/** @type {Graph} */
let graph;

beforeEach(() => {
  const model = new FakeModel();
  const store = new Store();
  const link = new Link(model, store);
  graph = new Graph(store, model, link);
  model.deliver(message());
  graph.update();
  return () => link.close();
});

const shown = () => [...graph.svg.querySelectorAll(".wb-g-item")].map((el) => el.dataset.id);
const key = (name) => graph.key(new KeyboardEvent("keydown", { key: name }));

test("a closed group opens and closes", () => {
  expect(shown()).toEqual(["n0", "g1"]);
  graph.toggle("g1");
  expect(shown()).toEqual(["g1", "n0", "n1", "n2"]);
  graph.toggle("g1");
  expect(shown()).toEqual(["n0", "g1"]);
});

test("a search opens the way to its hits, one after the other", () => {
  graph.find("conv");
  expect(graph.selected).toBe("n1");
  expect(graph.info.textContent).toContain("Convolution");
  graph.find("0");
  expect(graph.selected).toBe("n2");
  graph.find("nothing like it");
  expect(graph.info.textContent).toContain("No operator");
});

test("arrows walk along the lines, Enter opens", () => {
  key("ArrowDown");
  expect(graph.selected).toBe("n0");
  key("ArrowDown");
  expect(graph.selected).toBe("g1");
  key("Enter");
  expect(shown()).toContain("n1");
  expect(key("x")).toBe(false);
});

test("ids inside a drawing are its own", () => {
  const first = graph.svg.querySelector("marker").id;
  graph.draw();
  expect(graph.svg.querySelector("marker").id).not.toBe(first);
});

test("a line is straight within a pair and curved between pairs", () => {
  const path = linePath([
    [0, 0],
    [0, 10],
    [20, 30],
    [20, 40],
  ]);
  expect(path).toBe("M0 0L0 10C0 20 20 20 20 30L20 40");
  expect(
    linePath([
      [5, 0],
      [5, 9],
      [5, 20],
      [5, 20],
    ]),
  ).toBe("M5 0L5 9L5 20");
});
