import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { apart, place } from "../src/graph_place.js";

const cases = JSON.parse(readFileSync(resolve("test/fixtures/place.json"), "utf8"));
let layout;
for (const one of cases) {
  layout = one.layout ?? layout;
  one.layout = layout;
}

test.each(cases.map((one, i) => [`${one.name} ${i % 3}`, one]))("%s: as in Python", (_, one) => {
  const placed = place(one.layout, one.open);
  expect([placed.width, placed.height]).toEqual([one.placed.width, one.placed.height]);
  expect(placed.open).toEqual(one.placed.open);
  expect(placed.boxes).toEqual(one.placed.boxes);
  expect(placed.lines.map((line) => line.points)).toEqual(
    one.placed.lines.map((line) => line.points),
  );
});

test("items keep their order and their distance", () => {
  const at = apart([0, 0, 0], [1, 1, 1], [10, 10, 10]);
  expect(at).toEqual([-26, 0, 26]);
});
