import { describe, expect, test } from "vitest";
import { Column, decode, Pyramid, Smoother } from "../src/kit/buffers.js";
import { csv } from "../src/kit/export.js";
import { nearest } from "../src/kit/hover.js";
import { linear, log, lowerBound, padded } from "../src/kit/scale.js";
import { luminance } from "../src/kit/theme.js";
import * as ticks from "../src/kit/ticks.js";
import { Span } from "../src/kit/zoom.js";

describe("scale", () => {
  test("maps there and back", () => {
    const x = linear(10, 20, 0, 100);
    expect(x.map(15)).toBe(50);
    expect(x.invert(50)).toBe(15);
    const y = log(0.01, 100, 100, 0);
    expect(y.map(1)).toBeCloseTo(50);
    expect(y.invert(50)).toBeCloseTo(1);
    expect(y.map(0)).toBeNaN();
  });

  test("an empty domain maps to the middle", () => {
    expect(linear(3, 3, 0, 10).map(3)).toBe(5);
    expect(padded(2, 2, false)).toEqual([1.8, 2.2]);
    expect(padded(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, false)).toEqual([0, 1]);
  });

  test("lowerBound", () => {
    expect([0, 1, 2.5, 9].map((v) => lowerBound([1, 2, 3], 3, v))).toEqual([0, 0, 2, 3]);
  });
});

describe("ticks", () => {
  test("linear ticks are round and inside", () => {
    expect(ticks.linearTicks(0.13, 0.98, 4)).toEqual([0.2, 0.4, 0.6, 0.8]);
    expect(ticks.linearTicks(1, 1, 4)).toEqual([]);
  });

  test("logarithmic ticks", () => {
    expect(ticks.logTicks(0.05, 3, 6)).toEqual([0.05, 0.1, 0.2, 0.5, 1, 2]);
    expect(ticks.logTicks(1e-8, 1, 5)).toHaveLength(5);
  });

  test("time ticks are seconds and minutes", () => {
    expect(ticks.timeTicks(0, 200, 4)).toEqual([0, 60, 120, 180]);
  });

  test.each([
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "−inf"],
    [0.081234, "0.08123"],
    [2.3456, "2.346"],
    [1234.5, "1235"],
    [-0.5, "−0.5000"],
    [0.0000123, "1.23e−5"],
  ])("a read-out of %d is %s", (value, text) => expect(ticks.formatValue(value)).toBe(text));

  test("counts, clocks and spans", () => {
    expect(ticks.formatCount(12500)).toBe("12.5k");
    expect(ticks.formatClock(3729)).toBe("1:02:09");
    expect(ticks.formatSpan(0.84)).toBe("840 ns");
    expect(ticks.formatSpan(4560)).toBe("4.56 ms");
  });
});

describe("buffers", () => {
  test("decodes columns, aligned or not", () => {
    const bytes = new ArrayBuffer(20);
    new DataView(bytes).setFloat64(4, 1.5, true);
    const odd = new DataView(bytes, 4, 8);
    const out = decode([["loss", "f8"]], [odd]);
    expect([...out.loss]).toEqual([1.5]);
    const ints = new Int32Array([3, 4]);
    expect([...decode([["step", "i4"]], [new DataView(ints.buffer)]).step]).toEqual([3, 4]);
  });

  test("a column grows", () => {
    const column = new Column();
    for (let i = 0; i < 1000; i++) column.push(i);
    expect(column.view()).toHaveLength(1000);
    expect(column.view()[999]).toBe(999);
  });

  test("the pyramid's extent is exact, whatever the window", () => {
    const values = Float64Array.from({ length: 5000 }, (_, i) => Math.sin(i * 1.7) * (i % 97));
    values[2500] = Number.NaN;
    values[2600] = Number.POSITIVE_INFINITY;
    const pyramid = new Pyramid();
    pyramid.update(values, 1234);
    pyramid.update(values, 5000);
    for (const [from, to] of [
      [0, 5000],
      [1, 33],
      [31, 2048],
      [2400, 2700],
      [4990, 5000],
    ]) {
      const finite = [...values.slice(from, to)].filter(Number.isFinite);
      expect(pyramid.extent(values, from, to)).toEqual([Math.min(...finite), Math.max(...finite)]);
    }
    expect(pyramid.extent(values, 2500, 2501)[0]).toBe(Number.POSITIVE_INFINITY);
  });

  test("smoothing is corrected for its beginning and keeps gaps", () => {
    const smoother = new Smoother(0.5);
    smoother.update([4, Number.NaN], 2);
    smoother.update([4, Number.NaN, 8], 3);
    const [a, b, c] = smoother.values.view();
    expect(a).toBe(4);
    expect(b).toBeNaN();
    expect(c).toBeCloseTo((4 * 0.25 + 8 * 0.5) / 0.75);
  });
});

describe("zoom", () => {
  test("a window follows a growing range until it is moved", () => {
    const span = new Span(0, 100);
    span.grow(0, 120);
    expect([span.lo, span.hi]).toEqual([0, 120]);
    span.set(100, 120);
    span.grow(0, 130);
    expect([span.lo, span.hi]).toEqual([110, 130]);
    span.pan(-50);
    span.grow(0, 200);
    expect([span.lo, span.hi]).toEqual([60, 80]);
    span.reset();
    expect([span.lo, span.hi, span.follow]).toEqual([0, 200, true]);
  });

  test("zooming keeps the point under the pointer", () => {
    const span = new Span(0, 100);
    span.zoom(25, 0.5);
    expect([span.lo, span.hi]).toEqual([12.5, 62.5]);
    span.zoom(25, 100);
    expect(span.whole).toBe(true);
  });
});

test("nearest point", () => {
  expect(nearest([1, 5, 9], 3, 6.9)).toBe(1);
  expect(nearest([1, 5, 9], 3, 7.1)).toBe(2);
  expect(nearest([], 0, 1)).toBe(-1);
});

test("CSV as RFC 4180 has it, with numbers as Python reads them", () => {
  const rows = [
    [1, Number.NaN],
    [2, Number.NEGATIVE_INFINITY],
  ];
  expect(csv(["step", 'a "b", c'], rows)).toBe('step,"a ""b"", c"\r\n1,nan\r\n2,-inf\r\n');
});

test("luminance tells dark from light", () => {
  expect(luminance("#111111")).toBeLessThan(0.1);
  expect(luminance("rgb(250, 250, 250)")).toBeGreaterThan(0.9);
  expect(luminance("#fff")).toBeCloseTo(1);
});
