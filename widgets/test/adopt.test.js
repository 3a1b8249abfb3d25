import { afterEach, beforeEach, expect, test } from "vitest";
import { Home } from "../src/adopt.js";
import { widget } from "../src/view.js";
import { FakeModel } from "./model.js";

const PNG = "data:image/png;base64,AAAA";
const moment = () => new Promise((resolve) => setTimeout(resolve, 30));
/** @type {HTMLElement} */
let area;

beforeEach(() => {
  area = document.createElement("div");
  area.className = "jp-OutputArea";
  document.body.append(area);
});

afterEach(() => {
  document.body.replaceChildren();
});

function picture(src = PNG) {
  const img = document.createElement("img");
  img.src = src;
  area.append(img);
  return img;
}

test("the card takes the place of the picture that replaced its view", async () => {
  const card = document.createElement("div");
  const el = document.createElement("div");
  area.append(el);
  const leave = new Home(card).enter(el);
  await moment();
  leave();
  el.remove();
  expect(card.isConnected).toBe(false);
  const img = picture();
  await moment();
  expect(card.nextSibling).toBe(img);
  expect(img.style.display).toBe("none");
});

test("without a picture the card stays away", async () => {
  const card = document.createElement("div");
  const el = document.createElement("div");
  area.append(el);
  const leave = new Home(card).enter(el);
  await moment();
  leave();
  picture("data:image/svg+xml,other");
  await moment();
  expect(card.isConnected).toBe(false);
});

test("a view that begins as a picture finds it by a piece of its data", async () => {
  const made = widget(() => document.createElement("div"))();
  const model = new FakeModel({ picture: "XYZW" });
  const close = made.initialize({ model });
  picture();
  await moment();
  expect(document.querySelector("[data-adopted]")).toBeNull();
  picture(`${PNG}XYZW`);
  await moment();
  expect(document.querySelectorAll("[data-adopted]")).toHaveLength(1);
  close();
});

test("every view of a model has a card of its own, and a card left free is used again", () => {
  const made = widget(() => document.createElement("div"))();
  const model = new FakeModel();
  const close = made.initialize({ model });
  const [a, b] = [document.createElement("div"), document.createElement("div")];
  document.body.append(a, b);
  const leaveA = made.render({ model, el: a });
  made.render({ model, el: b });
  expect(a.firstChild).not.toBe(b.firstChild);
  const card = a.firstChild;
  leaveA();
  const c = document.createElement("div");
  made.render({ model, el: c });
  expect(c.firstChild).toBe(card);
  close();
});
