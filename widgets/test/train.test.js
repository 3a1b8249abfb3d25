import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Link } from "../src/link.js";
import { Store } from "../src/store.js";
import { TrainCard } from "../src/train.js";
import { data, FakeModel, state } from "./model.js";

/** @type {FakeModel} */
let model;
/** @type {Link} */
let link;
/** @type {TrainCard} */
let card;
const button = (text) =>
  [...card.el.querySelectorAll("button")].find((one) => one.textContent.includes(text));
const key = (name) =>
  card.el.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
const sent = (t) => model.sent.filter((message) => message.t === t);

beforeEach(() => {
  model = new FakeModel();
  const store = new Store();
  link = new Link(model, store);
  card = new TrainCard(store, link, model);
  document.body.append(card.el);
});

afterEach(() => {
  link.close();
  document.body.replaceChildren();
});

test("before the kernel is live, Pause and rate wait and say why; Stop works", () => {
  model.deliver(...data(1, 0, [1], { live: false, state: state({ live: false }) }));
  expect(button("Pause").disabled).toBe(true);
  expect(button("Pause").title).toContain("kernel has answered");
  expect(card.rate.disabled).toBe(true);
  expect(button("Stop").disabled).toBe(false);
  button("Stop").click();
  expect(card.notice.textContent).toContain("■");
});

test("facts, progress and price", () => {
  model.deliver(...data(1, 0, [1]));
  const text = card.el.textContent;
  for (const part of ["epoch 4 / 10", "step 512 / 938", "214 samples/s", "1:12 left", "0.4 %"]) {
    expect(text).toContain(part);
  }
  expect(card.fill.style.width).toBe("35.00%");
  expect(card.track.getAttribute("aria-valuenow")).toBe("35");
});

test("an unknown total is never invented", () => {
  model.deliver(...data(1, 0, [1], { state: state({ epochs: null, progress: null, eta: null }) }));
  expect(card.el.textContent).toContain("epoch 4step");
  expect(card.el.textContent).toContain("0:09 left in this epoch");
});

test("clicks and keys go to the kernel", () => {
  model.deliver(...data(1, 0, [1]));
  button("Pause").click();
  expect(sent("pause")).toMatchObject([{ on: true }]);
  model.deliver(...data(2, 1, [1], { state: state({ state: "paused" }) }));
  key(" ");
  expect(sent("pause")[1]).toMatchObject({ on: false });
  key("s");
  expect(sent("stop")).toHaveLength(1);
});

test("a rate is sent when the field is left, and locked with its reason", () => {
  model.deliver(...data(1, 0, [1]));
  card.rate.value = "0.01";
  card.rate.dispatchEvent(new Event("change"));
  expect(sent("lr")).toMatchObject([{ value: 0.01 }]);
  card.rate.value = "a lot";
  card.rate.dispatchEvent(new Event("change"));
  expect(sent("lr")).toHaveLength(1);
  model.deliver(...data(2, 1, [1], { state: state({ lr_locked: "a scheduler sets the rate" }) }));
  expect(card.rate.disabled).toBe(true);
  expect(card.rate.title).toBe("a scheduler sets the rate");
});

test("a failure is named in the header", () => {
  const error = { type: "ValueError", message: "bad\nmore", epoch: 2, step: 7 };
  model.deliver(...data(1, 0, [1], { state: state({ state: "failed", error }) }));
  expect(card.notice.hidden).toBe(false);
  expect(card.notice.textContent).toBe("ValueError bad (epoch 2, step 7)");
  expect(button("Stop").disabled).toBe(true);
});

test("one tab is shown, and what it shows is asked for", () => {
  key("3");
  expect(card.el.dataset.tab).toBe("timeline");
  expect(sent("want").at(-1).what).toBe("trace");
  expect(card.panels.curves.el.hidden).toBe(true);
  expect(model.get("tab")).toBe("timeline");
});

test("each epoch is said once", () => {
  const said = card.el.querySelector("[aria-live=polite].wb-said");
  const spy = vi.fn();
  new MutationObserver(spy).observe(said, { childList: true });
  model.deliver(...data(1, 0, [1]));
  expect(said.textContent).toBe("Epoch 4 of 10, loss 0.08120.");
  model.deliver(...data(2, 1, [1]));
  model.deliver(...data(3, 2, [1], { state: state({ state: "finished" }) }));
  expect(said.textContent).toBe("Run finished.");
});
