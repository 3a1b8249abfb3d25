import { expect, test } from "vitest";
import { Curves, epochs } from "../src/curves.js";
import { drawLine, extent, spread, visible } from "../src/curves_draw.js";
import { Pyramid } from "../src/kit/buffers.js";
import { linear } from "../src/kit/scale.js";
import { Link } from "../src/link.js";
import { RunData, Store } from "../src/store.js";
import { data, FakeModel } from "./model.js";

function line(ys, xs = ys.map((_, i) => i)) {
  const pyramid = new Pyramid();
  pyramid.update(ys, ys.length);
  return { xs, ys, n: ys.length, pyramid, color: "#000", width: 1, alpha: 1, dash: [] };
}

/** A context that writes down what is drawn. */
function pen() {
  const calls = [];
  const context = new Proxy(
    {},
    {
      get: (_, name) =>
        name === "calls" ? calls : (...args) => void calls.push([String(name), ...args]),
      set: () => true,
    },
  );
  return /** @type {any} */ (context);
}

const frame = (n, width = 100) => ({
  left: 0,
  right: width,
  top: 0,
  bottom: 50,
  x: linear(0, n - 1, 0, width),
  y: linear(0, 10, 50, 0),
});

test("only points in the window, and a neighbour on each side, are looked at", () => {
  expect(visible(line([0, 1, 2, 3, 4, 5]), 1.5, 3.5)).toEqual([1, 5]);
  expect(extent([line([9, 1, 2, 3, 4, 9])], 1.5, 3.5, false)).toEqual([1, 4]);
});

test("a logarithmic extent leaves out what is not positive", () => {
  expect(extent([line([0, 0.1, 5])], 0, 2, true)).toEqual([0.1, 5]);
});

test("NaN leaves a gap in a line", () => {
  const ctx = pen();
  drawLine(ctx, line([1, 2, Number.NaN, 3, 4]), frame(5));
  const path = ctx.calls.filter(([name]) => name === "moveTo" || name === "lineTo");
  expect(path.map(([name]) => name)).toEqual(["moveTo", "lineTo", "moveTo", "lineTo"]);
});

test("a dense line is one span per pixel column and loses no peak", () => {
  const ys = Array.from({ length: 5000 }, () => 1);
  ys[3333] = 9;
  const ctx = pen();
  drawLine(ctx, line(ys), frame(5000));
  const tops = ctx.calls.filter(([name]) => name === "moveTo").map(([, , y]) => y);
  expect(tops.length).toBeLessThanOrEqual(102);
  expect(Math.min(...tops)).toBeCloseTo(5 - 0.5);
});

test("labels are moved apart and stay inside", () => {
  expect(spread([10, 11, 90], 13, 0, 100)).toEqual([10, 23, 90]);
  expect(spread([98, 99], 13, 0, 100)).toEqual([87, 100]);
});

test("epochs are counted in shares of their steps", () => {
  const run = new RunData("", "live");
  run.train.append(
    { step: Float64Array.from([1, 2, 3, 4, 5]), epoch: Float64Array.from([1, 1, 1, 1, 2]) },
    5,
  );
  const steps = run.train.get("step").view();
  expect([...epochs(run, steps)]).toEqual([0.25, 0.5, 0.75, 1, 1.25]);
});

test("the CSV holds every row and column", () => {
  const model = new FakeModel();
  const store = new Store();
  const link = new Link(model, store);
  const curves = new Curves(store, model);
  model.deliver(...data(1, 0, [2.5, Number.NaN]));
  expect(curves.csvText()).toBe("step,epoch,time,loss\r\n1,1,0.1,2.5\r\n2,1,0.2,nan\r\n");
  link.close();
});

test("a page with a thinned history asks for all of it before it exports", () => {
  const model = new FakeModel();
  const store = new Store();
  const link = new Link(model, store);
  const curves = new Curves(store, model);
  const urls = [];
  URL.createObjectURL = (blob) => `blob:${urls.push(blob)}`;
  model.deliver(...data(1, 0, [3, 1], { reset: true, thin: true, next: 3 }));
  curves.exportCsv();
  expect(model.sent.at(-1)).toEqual({ t: "sync", full: true });
  expect(urls).toHaveLength(0);
  model.deliver(...data(2, 3, [0.5]));
  expect(urls).toHaveLength(0);
  model.deliver(...data(3, 0, [3, 2, 1, 0.5], { reset: true, thin: false }));
  expect(urls).toHaveLength(1);
  link.close();
});

test("keys zoom, reset and move the cursor", () => {
  const model = new FakeModel();
  const store = new Store();
  const link = new Link(model, store);
  const curves = new Curves(store, model);
  model.deliver(
    ...data(
      1,
      0,
      Array.from({ length: 101 }, (_, i) => i),
    ),
  );
  curves.update();
  const key = (name) => curves.key(new KeyboardEvent("keydown", { key: name }));
  expect(key("+")).toBe(true);
  expect([curves.span.lo, curves.span.hi]).toEqual([26, 76]);
  key("0");
  expect(curves.span.whole).toBe(true);
  key("ArrowRight");
  expect(curves.cursor).toBeGreaterThan(1);
  expect(key("q")).toBe(false);
  link.close();
});
