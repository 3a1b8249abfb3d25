/**
 * Scales: a number on an axis to a pixel and back.
 *
 * @typedef {{kind: "linear"|"log", lo: number, hi: number, a: number, b: number,
 *   map: (v: number) => number, invert: (p: number) => number}} Scale
 */

/**
 * A linear scale; an empty domain maps everything to the middle.
 * @param {number} lo @param {number} hi @param {number} a @param {number} b
 * @returns {Scale}
 */
export function linear(lo, hi, a, b) {
  const k = hi === lo ? 0 : (b - a) / (hi - lo);
  const base = hi === lo ? (a + b) / 2 : a - lo * k;
  return {
    kind: "linear",
    lo,
    hi,
    a,
    b,
    map: (v) => base + v * k,
    invert: (p) => (k === 0 ? lo : (p - base) / k),
  };
}

/**
 * A logarithmic scale; values that are not positive map to NaN.
 * @param {number} lo @param {number} hi @param {number} a @param {number} b
 * @returns {Scale}
 */
export function log(lo, hi, a, b) {
  const inner = linear(Math.log10(lo), Math.log10(hi), a, b);
  return {
    kind: "log",
    lo,
    hi,
    a,
    b,
    map: (v) => (v > 0 ? inner.map(Math.log10(v)) : Number.NaN),
    invert: (p) => 10 ** inner.invert(p),
  };
}

/**
 * Widens [lo, hi] so that a curve does not touch its frame; never empty.
 * @param {number} lo @param {number} hi @param {boolean} isLog @param {number} [share]
 * @returns {[number, number]}
 */
export function padded(lo, hi, isLog, share = 0.06) {
  if (!(lo <= hi)) return isLog ? [0.1, 1] : [0, 1];
  if (isLog) {
    const k = Math.max((hi / lo) ** share, 1.1);
    return [lo / k, hi * k];
  }
  const gap = hi === lo ? Math.abs(hi) * 0.1 || 1 : (hi - lo) * share;
  return [lo - gap, hi + gap];
}

/**
 * Index of the first element of the rising `xs[0..n)` that is not below `x`.
 * @param {ArrayLike<number>} xs @param {number} n @param {number} x
 */
export function lowerBound(xs, n, x) {
  let lo = 0;
  let hi = n;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (xs[mid] < x) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}
