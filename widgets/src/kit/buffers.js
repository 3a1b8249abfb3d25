/**
 * Columns that grow, messages that carry them, and their thinned forms.
 *
 * @typedef {Float64Array|Float32Array|Int32Array|Uint32Array|Uint16Array|Uint8Array} Typed
 */

const TYPES = {
  f8: Float64Array,
  f4: Float32Array,
  i4: Int32Array,
  u4: Uint32Array,
  u2: Uint16Array,
  u1: Uint8Array,
};

/**
 * The columns of a message: `columns` names them, `buffers` holds one DataView for each.
 * @param {[string, keyof typeof TYPES][]} columns @param {DataView[]} buffers
 * @returns {Record<string, Typed>}
 */
export function decode(columns, buffers) {
  /** @type {Record<string, Typed>} */
  const out = {};
  columns.forEach(([name, type], i) => {
    const { buffer, byteOffset, byteLength } = buffers[i];
    const Type = TYPES[type];
    const size = Type.BYTES_PER_ELEMENT;
    out[name] =
      byteOffset % size
        ? new Type(/** @type {ArrayBuffer} */ (buffer.slice(byteOffset, byteOffset + byteLength)))
        : new Type(/** @type {ArrayBuffer} */ (buffer), byteOffset, byteLength / size);
  });
  return out;
}

/** A Float64 column that grows by doubling. `data` is longer than `n`; read only `n` of it. */
export class Column {
  constructor() {
    this.data = new Float64Array(256);
    this.n = 0;
  }

  /** @param {number} value */
  push(value) {
    if (this.n === this.data.length) {
      const wider = new Float64Array(this.n * 2);
      wider.set(this.data);
      this.data = wider;
    }
    this.data[this.n++] = value;
  }

  /** The filled part, without a copy. */
  view() {
    return this.data.subarray(0, this.n);
  }
}

/** Points per block of the first and of the second level. */
const FINE = 32;
const COARSE = 1024;

/** Smallest and largest value of every block of 32 and of 1024 points, kept up incrementally. */
export class Pyramid {
  constructor() {
    this.fine = { size: FINE, lo: new Column(), hi: new Column() };
    this.coarse = { size: COARSE, lo: new Column(), hi: new Column() };
    this.n = 0;
  }

  /**
   * Takes in the values from the last call's end up to `n`.
   * @param {ArrayLike<number>} values @param {number} n
   */
  update(values, n) {
    for (let i = this.n; i < n; i++) {
      for (const level of [this.fine, this.coarse]) {
        const block = Math.floor(i / level.size);
        if (block >= level.lo.n) {
          level.lo.push(Number.POSITIVE_INFINITY);
          level.hi.push(Number.NEGATIVE_INFINITY);
        }
        const v = values[i];
        if (v < level.lo.data[block] && v > Number.NEGATIVE_INFINITY) level.lo.data[block] = v;
        if (v > level.hi.data[block] && v < Number.POSITIVE_INFINITY) level.hi.data[block] = v;
      }
    }
    this.n = Math.max(this.n, n);
  }

  /**
   * Finite extent of `values[from..to)`, exact, without touching every point.
   * @param {ArrayLike<number>} values @param {number} from @param {number} to
   * @returns {[number, number]} [Infinity, -Infinity] when there is no finite value
   */
  extent(values, from, to) {
    let lo = Number.POSITIVE_INFINITY;
    let hi = Number.NEGATIVE_INFINITY;
    let i = from;
    while (i < to) {
      const level =
        i % COARSE === 0 && i + COARSE <= to
          ? this.coarse
          : i % FINE === 0 && i + FINE <= to
            ? this.fine
            : null;
      if (level) {
        const block = i / level.size;
        if (level.lo.data[block] < lo) lo = level.lo.data[block];
        if (level.hi.data[block] > hi) hi = level.hi.data[block];
        i += level.size;
      } else {
        const v = values[i++];
        if (v < lo && v > Number.NEGATIVE_INFINITY) lo = v;
        if (v > hi && v < Number.POSITIVE_INFINITY) hi = v;
      }
    }
    return [lo, hi];
  }
}

/** Bias-corrected exponential moving average, kept up incrementally; gaps stay gaps. */
export class Smoother {
  /** @param {number} factor 0 (none) up to below 1 */
  constructor(factor) {
    this.factor = factor;
    this.values = new Column();
    this.pyramid = new Pyramid();
    this.mean = 0;
    this.weight = 0;
  }

  /** @param {ArrayLike<number>} values @param {number} n */
  update(values, n) {
    const keep = this.factor;
    for (let i = this.values.n; i < n; i++) {
      const v = values[i];
      if (!Number.isFinite(v)) {
        this.values.push(Number.NaN);
        continue;
      }
      this.mean = this.mean * keep + v * (1 - keep);
      this.weight = this.weight * keep + (1 - keep);
      this.values.push(this.mean / this.weight);
    }
    this.pyramid.update(this.values.data, this.values.n);
  }
}
