/** Where ticks go and how numbers are written. Pure functions. */

/**
 * Steps of 1, 2 or 5 times a power of ten.
 * @param {number} lo @param {number} hi @param {number} count wished number of ticks
 * @returns {number[]}
 */
export function linearTicks(lo, hi, count) {
  if (!(hi > lo) || !Number.isFinite(hi - lo)) return [];
  const step = niceStep((hi - lo) / Math.max(1, count));
  const first = Math.ceil(lo / step - 1e-9);
  const last = Math.floor(hi / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => clean((first + i) * step));
}

/** The nearest of 1, 2 and 5 times a power of ten. @param {number} rough */
export function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  const unit = rough / power;
  return (unit < 1.42 ? 1 : unit < 3.17 ? 2 : unit < 7.1 ? 5 : 10) * power;
}

/**
 * Powers of ten; with few of them in sight also their multiples by 2 and 5, or linear ticks.
 * @param {number} lo @param {number} hi @param {number} count
 * @returns {number[]}
 */
export function logTicks(lo, hi, count) {
  if (!(lo > 0) || !(hi > lo)) return [];
  const decades = Math.log10(hi / lo);
  if (decades < 0.7) return linearTicks(lo, hi, count).filter((v) => v > 0);
  const parts = decades < count / 2.5 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil(decades / count));
  const out = [];
  for (let e = Math.floor(Math.log10(lo)); e <= Math.ceil(Math.log10(hi)); e++) {
    if (parts.length === 1 && e % every) continue;
    for (const part of parts) {
      const v = clean(part * 10 ** e);
      if (v >= lo && v <= hi) out.push(v);
    }
  }
  return out;
}

/**
 * Ticks in seconds at 1, 2, 5, 10, 15, 30 s, minutes and hours.
 * @param {number} lo @param {number} hi @param {number} count
 */
export function timeTicks(lo, hi, count) {
  const rough = (hi - lo) / Math.max(1, count);
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 86400].find(
    (s) => s >= rough,
  );
  if (rough < 0.7 || !step) return linearTicks(lo, hi, count);
  const out = [];
  for (let t = Math.ceil(lo / step) * step; t <= hi; t += step) out.push(t);
  return out;
}

/** Removes the dust of binary fractions. @param {number} v */
function clean(v) {
  return Number.parseFloat(v.toPrecision(12));
}

/**
 * A number as a read-out: four significant digits, no dust, a real minus sign.
 * @param {number} v
 */
export function formatValue(v) {
  if (Number.isNaN(v)) return "NaN";
  if (!Number.isFinite(v)) return v > 0 ? "inf" : "−inf";
  if (v === 0) return "0";
  const size = Math.abs(v);
  const text =
    size >= 1e6 || size < 1e-4
      ? v.toExponential(2).replace("e+", "e")
      : size >= 1000
        ? v.toFixed(0)
        : v.toPrecision(size >= 0.001 ? 4 : 3);
  return text.replaceAll("-", "−");
}

/**
 * A tick label: as short as the step of its neighbours allows.
 * @param {number} v @param {number} step
 */
export function formatTick(v, step) {
  const size = Math.abs(v);
  if (size >= 1e4) return formatCount(v);
  if (v !== 0 && size < 1e-3) return v.toExponential(0).replace("e-", "e−");
  const digits = Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9)));
  return v.toFixed(digits).replace("-", "−");
}

/** Large counts: 938, 12.5k, 3.2M. @param {number} v */
export function formatCount(v) {
  const size = Math.abs(v);
  for (const [unit, letter] of /** @type {[number, string][]} */ ([
    [1e12, "T"],
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ])) {
    if (size >= unit) return `${Number.parseFloat((v / unit).toPrecision(3))}${letter}`;
  }
  return String(Math.round(v * 10) / 10);
}

/** Seconds as a clock: 0:42, 12:05, 1:02:09. @param {number} seconds */
export function formatClock(seconds) {
  const total = Math.max(0, Math.round(seconds));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const h = Math.floor(total / 3600);
  const m = Math.floor(total / 60) % 60;
  return h ? `${h}:${two(m)}:${two(total % 60)}` : `${m}:${two(total % 60)}`;
}

/** Microseconds as a span: 840 ns, 12.3 µs, 4.56 ms, 1.2 s. @param {number} us */
export function formatSpan(us) {
  const size = Math.abs(us);
  const write = (/** @type {number} */ v) => String(Number.parseFloat(v.toPrecision(3)));
  if (size < 1) return `${write(us * 1000)} ns`;
  if (size < 1000) return `${write(us)} µs`;
  if (size < 1e6) return `${write(us / 1000)} ms`;
  return `${write(us / 1e6)} s`;
}
