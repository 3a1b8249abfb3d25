/**
 * Coordinates of a laid-out graph, from the sizes of its boxes and which groups are open.
 *
 * The same steps, in the same order, as workbench/watch/graph_place.py, which explains them; a
 * fixture compares the two.
 *
 * @typedef {{kind: "node"|"stack"|"group", size: [number, number], parent: string, node?: number,
 *   nodes?: number[], label?: string, path?: string, count?: number, params?: number,
 *   flops?: number, copies?: number, ranks?: string[][], edges?: string[][], back?: number[]}} Item
 * @typedef {{root: string, open: string[], items: Record<string, Item>}} Layout
 * @typedef {{group: string, edge: number, from: string, to: string, back: boolean,
 *   points: [number, number][]}} Line
 * @typedef {{width: number, height: number, boxes: Record<string, number[]>, open: string[],
 *   lines: Line[]}} Placed
 * @typedef {{key: string, w: number, h: number, in: number, out: number,
 *   spots: Map<string, [number, number]>, levels: [number, number][], inner: Map<string, Plan>,
 *   size: Map<string, [number, number]>, port: Map<string, [number, number]>}} Plan
 */

const BEND = 12;
const GAP_X = 16;
const GAP_Y = 22;
const FRAME = 12;
const HEADER = 22;
const ROUNDS = 6;
const HEAVY = 1000;

/**
 * @param {Layout} layout
 * @param {Iterable<string>} [opened] groups to show open; the layout's own choice without it
 * @returns {Placed} pixels; a line's points come in pairs: straight down within a pair, a curve
 *   from one pair to the next
 */
export function place(layout, opened) {
  const plan = measure(layout.items, layout.root, new Set(opened ?? layout.open), true);
  /** @type {Placed} */
  const out = { width: plan.w, height: plan.h, boxes: {}, open: [], lines: [] };
  emit(layout.items, plan, 0, 0, out);
  return out;
}

/** @param {Layout["items"]} items @param {string} key @param {Set<string>} opened
 * @param {boolean} root @returns {Plan} */
function measure(items, key, opened, root) {
  const group = items[key];
  const all = (group.ranks ?? []).flat();
  /** @type {Map<string, Plan>} */
  const inner = new Map();
  /** @type {Map<string, [number, number]>} */
  const size = new Map();
  /** @type {Map<string, [number, number]>} */
  const port = new Map();
  for (const one of all) {
    const item = items[one];
    if (item?.kind === "group" && opened.has(one)) {
      const plan = measure(items, one, opened, false);
      inner.set(one, plan);
      size.set(one, [plan.w, plan.h]);
      port.set(one, [plan.in, plan.out]);
    } else {
      size.set(one, item ? item.size : [bend(one), 0]);
      port.set(one, [0, 0]);
    }
  }
  return box(key, group, size, port, across(group, size, port), inner, root);
}

/** @param {string} one */
function bend(one) {
  return one[0] === "v" ? BEND : 0;
}

/** @param {Map<string, any>} map @param {string} key */
function at(map, key) {
  return /** @type {any} */ (map.get(key));
}

/** The middle of every item across, around 0. @param {Item} group
 * @param {Plan["size"]} size @param {Plan["port"]} port @returns {Map<string, number>} */
function across(group, size, port) {
  const ranks = group.ranks ?? [];
  /** @type {Map<string, number>} */
  const middle = new Map();
  for (const rank of ranks) {
    let total = 0;
    for (const one of rank) total += at(size, one)[0];
    total += GAP_X * Math.max(0, rank.length - 1);
    let left = -total / 2;
    for (const one of rank) {
      middle.set(one, left + at(size, one)[0] / 2);
      left += at(size, one)[0] + GAP_X;
    }
  }
  const { above, below } = neighbours(group.edges ?? []);
  const light = new Set(ranks.flat().filter((one) => one[0] === "v"));
  for (const one of ranks.slice(1).flat()) if (!above.has(one)) light.add(one);

  /** @param {string[]} rank @param {boolean} up @param {boolean} down */
  const settle = (rank, up, down) => {
    /** @type {number[]} */
    const wanted = [];
    /** @type {number[]} */
    const weights = [];
    for (const one of rank) {
      let total = 0;
      let weight = 0;
      const pull = (/** @type {string} */ other, /** @type {number} */ from) => {
        const strength = pullOf(light.has(one), light.has(other));
        total += strength * (at(middle, other) + at(port, other)[from] - at(port, one)[1 - from]);
        weight += strength;
      };
      if (down) for (const other of above.get(one) ?? []) pull(other, 1);
      if (up) for (const other of below.get(one) ?? []) pull(other, 0);
      wanted.push(weight ? total / weight : at(middle, one));
      const heavy = light.has(one) ? 1 : HEAVY;
      weights.push(weight ? heavy : heavy / HEAVY);
    }
    const places = apart(
      wanted,
      weights,
      rank.map((one) => at(size, one)[0]),
    );
    rank.forEach((one, i) => {
      middle.set(one, places[i]);
    });
  };

  for (let round = 0; round < ROUNDS; round++) {
    for (const rank of ranks.slice(1)) settle(rank, false, true);
    for (const rank of ranks.slice(0, -1).reverse()) settle(rank, true, false);
  }
  for (const rank of ranks) settle(rank, true, true);
  straighten(group, size, middle);
  return middle;
}

/** @param {string[][]} paths */
function neighbours(paths) {
  /** @type {Map<string, string[]>} */
  const above = new Map();
  /** @type {Map<string, string[]>} */
  const below = new Map();
  for (const path of paths) {
    for (let i = 0; i < path.length - 1; i++) {
      const [source, target] = [path[i], path[i + 1]];
      if (!below.has(source)) below.set(source, []);
      if (at(below, source).includes(target)) continue;
      at(below, source).push(target);
      if (!above.has(target)) above.set(target, []);
      at(above, target).push(source);
    }
  }
  return { above, below };
}

/** @param {boolean} light @param {boolean} otherLight */
function pullOf(light, otherLight) {
  if (light) return otherLight ? 16 : 1;
  return otherLight ? 1 : HEAVY * HEAVY;
}

/** @param {Item} group @param {Plan["size"]} size @param {Map<string, number>} middle */
function straighten(group, size, middle) {
  /** @type {Map<string, [string[], number]>} */
  const spot = new Map();
  for (const rank of group.ranks ?? []) {
    rank.forEach((one, i) => {
      spot.set(one, [rank, i]);
    });
  }
  const done = new Set();
  for (const path of group.edges ?? []) {
    const chain = path.slice(1, -1).filter((one) => !done.has(one));
    let [low, high, total] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
    for (const one of chain) {
      done.add(one);
      const [rank, i] = at(spot, one);
      const half = at(size, one)[0] / 2 + GAP_X;
      const [before, after] = [rank[i - 1], rank[i + 1]];
      if (before) low = Math.max(low, at(middle, before) + at(size, before)[0] / 2 + half);
      if (after) high = Math.min(high, at(middle, after) - at(size, after)[0] / 2 - half);
      total += at(middle, one);
    }
    if (chain.length > 1 && low <= high) {
      const where = Math.min(Math.max(total / chain.length, low), high);
      for (const one of chain) middle.set(one, where);
    }
  }
}

/** Places nearest to `wanted`, in the same order and far enough apart to not overlap.
 * @param {number[]} wanted @param {number[]} weights @param {number[]} widths */
export function apart(wanted, weights, widths) {
  const offset = [0];
  for (let i = 1; i < wanted.length; i++) {
    offset.push(offset[i - 1] + widths[i - 1] / 2 + GAP_X + widths[i] / 2);
  }
  /** @type {[number, number, number][]} mean, weight, count */
  const blocks = [];
  for (let i = 0; i < wanted.length; i++) {
    blocks.push([wanted[i] - offset[i], weights[i], 1]);
    while (blocks.length > 1 && blocks[blocks.length - 2][0] > blocks[blocks.length - 1][0]) {
      const [mean, weight, count] = /** @type {[number, number, number]} */ (blocks.pop());
      const last = blocks[blocks.length - 1];
      last[0] = (last[0] * last[1] + mean * weight) / (last[1] + weight);
      last[1] += weight;
      last[2] += count;
    }
  }
  /** @type {number[]} */
  const out = [];
  for (const [mean, , count] of blocks) {
    for (let i = 0; i < count; i++) out.push(mean + offset[out.length]);
  }
  return out;
}

/** The group's own size, and where in it everything is.
 * @param {string} key @param {Item} group @param {Plan["size"]} size @param {Plan["port"]} port
 * @param {Map<string, number>} middle @param {Plan["inner"]} inner @param {boolean} root
 * @returns {Plan} */
function box(key, group, size, port, middle, inner, root) {
  let [left, right] = middle.size ? [Infinity, -Infinity] : [0, 0];
  for (const [one, x] of middle) {
    left = Math.min(left, x - at(size, one)[0] / 2);
    right = Math.max(right, x + at(size, one)[0] / 2);
  }
  const least = root ? 0 : group.size[0];
  const spare = Math.max(0, least - (right - left) - 2 * FRAME) / 2;
  const shift = FRAME + spare - left;
  /** @type {Plan["spots"]} */
  const spots = new Map();
  /** @type {Plan["levels"]} */
  const levels = [];
  let y = root ? FRAME : HEADER + FRAME / 2;
  (group.ranks ?? []).forEach((rank, number) => {
    const tall = Math.max(0, ...rank.map((one) => at(size, one)[1]));
    if (number) {
      const [top, bottom] = levels[levels.length - 1];
      y += tall && bottom > top ? GAP_Y : GAP_Y / 2;
    }
    levels.push([y, y + tall]);
    for (const one of rank) {
      const [w, h] = at(size, one);
      spots.set(one, [round(at(middle, one) + shift - w / 2), y + round((tall - h) / 2)]);
    }
    y += tall;
  });
  const width = round(right - left + 2 * (FRAME + spare));
  const centre = width / 2;
  return {
    key,
    w: width,
    h: y + (root ? FRAME : FRAME / 2),
    spots,
    levels,
    inner,
    size,
    port,
    in: spots.has("in") ? at(spots, "in")[0] - centre : 0,
    out: spots.has("out") ? at(spots, "out")[0] - centre : 0,
  };
}

/** @param {Layout["items"]} items @param {Plan} plan @param {number} x @param {number} y
 * @param {Placed} out */
function emit(items, plan, x, y, out) {
  const group = items[plan.key];
  out.open.push(plan.key);
  out.boxes[plan.key] = [x, y, plan.w, plan.h];
  /** @type {Map<string, number>} */
  const level = new Map();
  (group.ranks ?? []).forEach((rank, number) => {
    for (const one of rank) {
      level.set(one, number);
      if (!items[one]) continue;
      const [dx, dy] = at(plan.spots, one);
      const deeper = plan.inner.get(one);
      if (deeper) emit(items, deeper, x + dx, y + dy, out);
      else out.boxes[one] = [x + dx, y + dy, .../** @type {any} */ (at(plan.size, one))];
    }
  });
  (group.edges ?? []).forEach((path, number) => {
    /** @type {[number, number][]} */
    const points = [];
    path.forEach((one, step) => {
      const [dx, dy] = at(plan.spots, one);
      const [width, height] = at(plan.size, one);
      const [top, bottom] = plan.levels[at(/** @type {any} */ (level), one)];
      const bends = bend(one);
      const [into, from] = at(plan.port, one);
      if (step) {
        const px = x + dx + width / 2 + into;
        points.push([px, y + top], [px, y + (bends ? bottom : dy)]);
        if (one === "out") points[points.length - 1][1] = y + plan.h;
      } else {
        const px = x + dx + width / 2 + from;
        points.push([px, one === "in" ? y : y + dy + height], [px, y + bottom]);
      }
    });
    const back = group.back?.includes(number) ?? false;
    out.lines.push({
      group: plan.key,
      edge: number,
      from: path[0],
      to: path[path.length - 1],
      back,
      points,
    });
  });
}

/** Half up, as the Python side rounds. @param {number} value */
function round(value) {
  return Math.floor(value + 0.5);
}
