import { expect, test } from "vitest";
import { Link } from "../src/link.js";
import { Store } from "../src/store.js";
import { Timeline } from "../src/timeline.js";
import { shades, timeLabel } from "../src/timeline_draw.js";
import { boxes, Row, Trace } from "../src/timeline_lod.js";
import { FakeModel } from "./model.js";

/** @param {number[][]} events row, name, start, stop, id, cause */
function trace(events, head = {}) {
  const pick = (i) => events.map((event) => event[i] ?? 0);
  const out = new Trace();
  out.append(
    {
      next: events.length,
      n: events.length,
      rows: ["cpu(0)", "cpu(1)"],
      names: ["a", "b"],
      ...head,
    },
    {
      row: pick(0),
      name: pick(1),
      start: pick(2),
      stop: pick(3),
      id: pick(4),
      cause: pick(5),
      wait: pick(6),
      bytes: pick(6),
    },
  );
  return out;
}

function row(pairs) {
  const out = new Row();
  pairs.forEach(([start, stop], i) => {
    out.push(start, stop, i);
  });
  return out;
}

test("a row sorts itself by start", () => {
  const out = row([
    [10, 20],
    [0, 5],
    [30, 40],
    [22, 25],
  ]);
  expect([...out.start.view()]).toEqual([0, 10, 22, 30]);
  expect([...out.at.view()]).toEqual([1, 0, 3, 2]);
});

test("busy time is exact, and overlaps count once", () => {
  const out = row([
    [0, 10],
    [5, 15],
    [20, 30],
  ]);
  expect(out.busyWithin(0, 30)).toBe(25);
  expect(out.busyWithin(12, 22)).toBe(5);
  expect(out.busyWithin(15, 20)).toBe(0);
  out.push(16, 18, 3);
  expect(out.busyWithin(0, 30)).toBe(27);
});

test("busy time agrees with counting, on many random events", () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  const pairs = Array.from({ length: 300 }, () => {
    const start = Math.floor(random() * 1000);
    return [start, start + 1 + Math.floor(random() * 9)];
  });
  const out = row(pairs);
  const covered = new Set();
  for (const [start, stop] of pairs) for (let t = start; t < stop; t++) covered.add(t);
  const within = (lo, hi) => [...covered].filter((t) => t >= lo && t < hi).length;
  for (const [lo, hi] of [
    [0, 1010],
    [100, 200],
    [333, 334],
  ]) {
    expect(out.busyWithin(lo, hi)).toBe(within(lo, hi));
  }
});

test("a rare long event is seen among many short ones", () => {
  const pairs = Array.from({ length: 20000 }, (_, i) => [i, i + 0.1]);
  pairs[7777] = [7777, 7777.95];
  const out = row(pairs);
  const drawn = [];
  boxes(out, 0, 20000, 100, (i) => drawn.push(i));
  expect(drawn.length).toBeLessThanOrEqual(101);
  expect(drawn).toContain(7777);
});

test("the chain of causes ends where nothing was waited for", () => {
  const out = trace([
    [0, 0, 0, 5, 1, 0],
    [1, 1, 5, 9, 2, 1],
    [0, 0, 9, 12, 3, 2],
    [1, 1, 9, 11, 4, 2],
  ]);
  expect(out.chain(2)).toEqual([2, 1, 0]);
  expect(out.released(1)).toEqual([2, 3]);
});

test("the exported trace has a bar per event and an arrow per cause", () => {
  const store = new Store();
  const model = new FakeModel();
  const link = new Link(model, store);
  store.trace = trace([
    [0, 0, 0, 5, 1, 0],
    [1, 1, 5, 9, 2, 1],
  ]);
  const { traceEvents } = JSON.parse(new Timeline(store, model, link).chromeTrace());
  const phases = traceEvents.map((event) => event.ph);
  expect(phases).toEqual(["M", "M", "X", "X", "s", "f"]);
  const bar = traceEvents[3];
  expect([bar.name, bar.ts, bar.dur, bar.tid]).toEqual(["b", 5, 4, 1]);
  expect([traceEvents[4].ts, traceEvents[5].ts]).toEqual([5, 5]);
  link.close();
});

test("an operator and its backward share a colour, waiting is grey", () => {
  const theme = { colors: ["#0072b2", "#d55e00"], dark: false };
  const [conv, pool, back, wait] = shades(theme, ["conv", "pool", "backward conv", "wait"]);
  expect(conv).toBe("#0072b2");
  expect(pool).toBe("#d55e00");
  expect(back).not.toBe(conv);
  expect(back.slice(5, 7) > back.slice(1, 3)).toBe(true);
  expect(wait.slice(1, 3) > "90").toBe(true);
});

test("tick labels share a unit", () => {
  expect([0, 500, 1500].map((v) => timeLabel(v, [0, 500, 1000, 1500]))).toEqual([
    "0.0 ms",
    "0.5 ms",
    "1.5 ms",
  ]);
});
