import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Link } from "../src/link.js";
import { Store } from "../src/store.js";
import { data, FakeModel, state } from "./model.js";

/** @type {FakeModel} */
let model;
/** @type {Store} */
let store;
/** @type {Link} */
let link;
const kinds = () => model.sent.map((message) => message.t);

beforeEach(() => {
  vi.useFakeTimers();
  model = new FakeModel();
  store = new Store();
  link = new Link(model, store);
});

afterEach(() => {
  link.close();
  vi.useRealTimers();
});

test("a new page says hello and asks for the whole history", () => {
  expect(kinds()).toEqual(["hello", "sync"]);
});

test("hello goes on, at most twice a second, until the kernel is live", () => {
  for (let i = 0; i < 10; i++) {
    vi.advanceTimersByTime(100);
    model.deliver(...data(i + 1, i, [1], { live: false }));
  }
  expect(kinds().filter((t) => t === "hello").length).toBe(3);
  model.deliver(...data(11, 10, [1]));
  vi.advanceTimersByTime(1000);
  model.deliver(...data(12, 11, [1]));
  expect(kinds().filter((t) => t === "hello").length).toBe(3);
});

test("rows are appended once, a gap asks for everything", () => {
  model.deliver(...data(1, 0, [3, 2]));
  model.deliver(...data(1, 0, [3, 2]));
  expect([...store.main.train.get("loss").view()]).toEqual([3, 2]);
  vi.advanceTimersByTime(600);
  model.deliver(...data(3, 5, [1]));
  expect(store.main.train.n).toBe(2);
  expect(kinds().at(-1)).toBe("sync");
  model.deliver(...data(4, 0, [3, 2, 1.5, 1.2, 1.1, 1], { reset: true, next: 6 }));
  expect(store.main.train.n).toBe(6);
  model.deliver(...data(5, 6, [0.9]));
  expect(store.main.train.n).toBe(7);
});

test("messages are acknowledged at most twice a second", () => {
  for (let i = 0; i < 20; i++) {
    model.deliver(...data(i + 1, i, [1]));
    vi.advanceTimersByTime(50);
  }
  vi.advanceTimersByTime(600);
  const acks = model.sent.filter((message) => message.t === "ack");
  expect(acks.length).toBeLessThanOrEqual(3);
  expect(acks.at(-1).seq).toBe(20);
});

test("clicks have rising numbers and are pending until the kernel has seen them", () => {
  model.deliver(...data(1, 0, [1]));
  expect(link.press("pause", { on: true })).toBe("message");
  const first = model.sent.at(-1);
  link.press("lr", { value: 0.01 });
  const second = model.sent.at(-1);
  expect(second.click).toBeGreaterThan(first.click);
  expect([...link.pending.values()]).toEqual(["pause", "lr"]);
  model.deliver(...data(2, 1, [1], { state: state({ click: first.click }) }));
  expect([...link.pending.values()]).toEqual(["lr"]);
  model.deliver(...data(3, 2, [1], { state: state({ state: "finished" }) }));
  expect(link.pending.size).toBe(0);
});

test("Stop before the kernel is live is an interrupt, where there is a kernel to reach", () => {
  expect(link.press("stop")).toBe("none");
  const interrupt = vi.fn();
  model.widget_manager.kernel = { interrupt };
  expect(link.press("stop")).toBe("interrupt");
  expect(interrupt).toHaveBeenCalledOnce();
  expect(kinds()).not.toContain("stop");
});

test("columns that turn up late are NaN before", () => {
  model.deliver(...data(1, 0, [1, 2]));
  const [content, buffers] = data(2, 2, [3]);
  content.columns.push(["accuracy", "f8"]);
  model.deliver(content, [...buffers, new DataView(Float64Array.from([0.5]).buffer)]);
  expect([...store.main.train.get("accuracy").view()]).toEqual([Number.NaN, Number.NaN, 0.5]);
});
