/**
 * Drawing one chart on a canvas: grid, lines, marks, cross-hair. Takes a context, knows no page.
 *
 * @typedef {import("./kit/scale.js").Scale} Scale
 * @typedef {import("./kit/theme.js").Theme} Theme
 * @typedef {{xs: ArrayLike<number>, ys: ArrayLike<number>, n: number,
 *   pyramid: import("./kit/buffers.js").Pyramid, color: string, width: number, alpha: number,
 *   dash: number[], dots?: boolean, label?: string}} Line
 * @typedef {{x: Scale, y: Scale, left: number, top: number, right: number, bottom: number}} Frame
 */

import { lowerBound } from "./kit/scale.js";
import {
  formatClock,
  formatCount,
  formatTick,
  linearTicks,
  logTicks,
  timeTicks,
} from "./kit/ticks.js";

/** Points of a line inside [lo, hi], with one neighbour on each side.
 * @param {Line} line @param {number} lo @param {number} hi @returns {[number, number]} */
export function visible(line, lo, hi) {
  const from = Math.max(0, lowerBound(line.xs, line.n, lo) - 1);
  let to = lowerBound(line.xs, line.n, hi);
  while (to < line.n && line.xs[to] <= hi) to++;
  return [from, Math.min(line.n, to + 1)];
}

/**
 * Finite extent of all lines within [lo, hi].
 * @param {Line[]} lines @param {number} lo @param {number} hi @param {boolean} positive
 * @returns {[number, number]}
 */
export function extent(lines, lo, hi, positive) {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const line of lines) {
    const [from, to] = visible(line, lo, hi);
    let [a, b] = line.pyramid.extent(line.ys, from, to);
    if (positive && a <= 0) {
      a = Number.POSITIVE_INFINITY;
      for (let i = from; i < to; i++) if (line.ys[i] > 0 && line.ys[i] < a) a = line.ys[i];
      if (!(b > 0)) b = Number.NEGATIVE_INFINITY;
    }
    min = Math.min(min, a);
    max = Math.max(max, b);
  }
  return [min, max];
}

/**
 * One line. With more than two points per pixel it becomes the span between smallest and largest
 * value of each pixel column, so that no peak is lost; NaN leaves a gap.
 * @param {CanvasRenderingContext2D} ctx @param {Line} line @param {Frame} frame
 */
export function drawLine(ctx, line, frame) {
  const { x, y } = frame;
  const [from, to] = visible(line, x.lo, x.hi);
  ctx.save();
  ctx.strokeStyle = line.color;
  ctx.fillStyle = line.color;
  ctx.globalAlpha = line.alpha;
  ctx.lineWidth = line.width;
  ctx.lineJoin = "round";
  ctx.lineCap = line.dash.length ? "butt" : "round";
  ctx.setLineDash(line.dash);
  ctx.beginPath();
  if (to - from > 2 * (frame.right - frame.left)) dense(ctx, line, frame, from, to);
  else {
    let open = false;
    for (let i = from; i < to; i++) {
      const py = y.map(line.ys[i]);
      if (!Number.isFinite(py)) {
        open = false;
        continue;
      }
      const px = x.map(line.xs[i]);
      if (open) ctx.lineTo(px, py);
      else ctx.moveTo(px, py);
      open = true;
    }
  }
  ctx.stroke();
  if (line.dots && to - from < 200) dots(ctx, line, frame, from, to);
  ctx.restore();
}

/** @param {CanvasRenderingContext2D} ctx @param {Line} line @param {Frame} frame
 * @param {number} from @param {number} to */
function dense(ctx, line, { x, y, left, right }, from, to) {
  let start = from;
  for (let px = Math.floor(left); px <= right && start < to; px++) {
    const stop = Math.min(to, lowerBound(line.xs, line.n, x.invert(px + 1)));
    if (stop <= start) continue;
    const [lo, hi] = line.pyramid.extent(line.ys, start, stop);
    start = stop;
    const [a, b] = [y.map(hi), y.map(lo)];
    if (!Number.isFinite(a + b)) continue;
    ctx.moveTo(px + 0.5, a - 0.5);
    ctx.lineTo(px + 0.5, b + 0.5);
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {Line} line @param {Frame} frame
 * @param {number} from @param {number} to */
function dots(ctx, line, { x, y }, from, to) {
  ctx.setLineDash([]);
  for (let i = from; i < to; i++) {
    const py = y.map(line.ys[i]);
    if (!Number.isFinite(py)) continue;
    ctx.beginPath();
    ctx.arc(x.map(line.xs[i]), py, 2.6, 0, 7);
    ctx.fill();
  }
}

/** Ticks of a scale. @param {Scale} scale @param {number} count @param {string} [kind] */
export function ticksOf(scale, count, kind) {
  if (scale.kind === "log") return logTicks(scale.lo, scale.hi, count);
  return kind === "time"
    ? timeTicks(scale.lo, scale.hi, count)
    : linearTicks(scale.lo, scale.hi, count);
}

/**
 * Grid and tick labels.
 * @param {CanvasRenderingContext2D} ctx @param {Frame} frame @param {Theme} theme
 * @param {string} xKind "step", "epoch" or "time"
 */
export function drawGrid(ctx, frame, theme, xKind) {
  const { x, y, left, right, top, bottom } = frame;
  ctx.save();
  ctx.font = `11px ${theme.font}`;
  ctx.lineWidth = 1;
  ctx.strokeStyle = theme.grid;
  ctx.fillStyle = theme.muted;
  ctx.textBaseline = "middle";
  ctx.textAlign = "right";
  const ys = ticksOf(y, Math.max(2, Math.floor((bottom - top) / 38)));
  const stepY = ys.length > 1 ? Math.min(...ys.slice(1).map((v, i) => v - ys[i])) : y.hi - y.lo;
  for (const v of ys) {
    const py = Math.round(y.map(v)) + 0.5;
    ctx.beginPath();
    ctx.moveTo(left, py);
    ctx.lineTo(right, py);
    ctx.stroke();
    ctx.fillText(formatTick(v, y.kind === "log" ? v : stepY), left - 8, py);
  }
  ctx.textBaseline = "top";
  ctx.textAlign = "center";
  const xs = ticksOf(x, Math.max(2, Math.floor((right - left) / 76)), xKind);
  const stepX = xs.length > 1 ? xs[1] - xs[0] : 1;
  let last = Number.NEGATIVE_INFINITY;
  for (const v of xs) {
    if (xKind !== "time" && stepX < 1 && xKind === "step") continue;
    const text =
      xKind === "time" && (stepX >= 1 || v >= 60)
        ? formatClock(v)
        : v >= 1e4
          ? formatCount(v)
          : formatTick(v, stepX);
    const px = x.map(v);
    const half = ctx.measureText(text).width / 2;
    if (px - half < last + 8) continue;
    ctx.fillText(text, Math.min(px, right + 10 - half), bottom + 7);
    last = px + half;
  }
  ctx.strokeStyle = theme.muted;
  ctx.globalAlpha = 0.55;
  ctx.beginPath();
  ctx.moveTo(left, Math.round(bottom) + 0.5);
  ctx.lineTo(right, Math.round(bottom) + 0.5);
  ctx.stroke();
  ctx.restore();
}

/**
 * A hairline where each epoch begins.
 * @param {CanvasRenderingContext2D} ctx @param {Frame} frame @param {Theme} theme
 * @param {number[]} starts
 */
export function drawEpochs(ctx, frame, theme, starts) {
  ctx.save();
  ctx.strokeStyle = theme.grid;
  ctx.beginPath();
  for (const v of starts) {
    const px = Math.round(frame.x.map(v)) + 0.5;
    if (px <= frame.left || px >= frame.right) continue;
    ctx.moveTo(px, frame.top);
    ctx.lineTo(px, frame.bottom);
  }
  ctx.stroke();
  ctx.restore();
}

/**
 * Names at the ends of lines, moved apart where they would cover each other.
 * @param {CanvasRenderingContext2D} ctx @param {Line[]} lines @param {Frame} frame
 * @param {Theme} theme
 */
export function drawEndLabels(ctx, lines, frame, theme) {
  const ends = [];
  for (const line of lines) {
    if (!line.label) continue;
    let i = visible(line, frame.x.lo, frame.x.hi)[1] - 1;
    while (i >= 0 && (!Number.isFinite(line.ys[i]) || line.xs[i] > frame.x.hi)) i--;
    if (i < 0) continue;
    const at = frame.y.map(line.ys[i]);
    if (Number.isFinite(at)) ends.push({ line, at, x: frame.x.map(line.xs[i]) });
  }
  ends.sort((a, b) => a.at - b.at);
  const places = spread(
    ends.map((end) => end.at),
    13,
    frame.top + 6,
    frame.bottom - 6,
  );
  ctx.save();
  ctx.font = `600 11px ${theme.font}`;
  ctx.textBaseline = "middle";
  ends.forEach(({ line, at, x }, i) => {
    ctx.fillStyle = line.color;
    ctx.globalAlpha = 1;
    ctx.beginPath();
    ctx.arc(Math.min(x, frame.right), at, 2.8, 0, 7);
    ctx.fill();
    ctx.fillText(line.label ?? "", frame.right + 9, places[i]);
  });
  ctx.restore();
}

/**
 * Moves rising positions apart to at least `gap`, within [lo, hi] where they fit.
 * @param {number[]} wanted @param {number} gap @param {number} lo @param {number} hi
 */
export function spread(wanted, gap, lo, hi) {
  const out = wanted.map((v) => Math.min(Math.max(v, lo), hi));
  for (let i = 1; i < out.length; i++) out[i] = Math.max(out[i], out[i - 1] + gap);
  if (out.length && out[out.length - 1] > hi) {
    out[out.length - 1] = hi;
    for (let i = out.length - 2; i >= 0; i--) out[i] = Math.min(out[i], out[i + 1] - gap);
  }
  return out;
}

/**
 * ▲ at the top where a value is NaN or infinite.
 * @param {CanvasRenderingContext2D} ctx @param {ArrayLike<number>} xs @param {ArrayLike<number>} ys
 * @param {number} n @param {Frame} frame @param {string} color
 */
export function drawNonFinite(ctx, xs, ys, n, frame, color) {
  const [from, to] = [lowerBound(xs, n, frame.x.lo), lowerBound(xs, n, frame.x.hi + 1e-9)];
  let last = Number.NEGATIVE_INFINITY;
  let count = 0;
  ctx.save();
  ctx.fillStyle = color;
  for (let i = from; i < to; i++) {
    if (Number.isFinite(ys[i])) continue;
    count++;
    const px = frame.x.map(xs[i]);
    if (px - last < 5) continue;
    last = px;
    ctx.beginPath();
    ctx.moveTo(px, frame.top + 1);
    ctx.lineTo(px + 4.5, frame.top + 9);
    ctx.lineTo(px - 4.5, frame.top + 9);
    ctx.fill();
  }
  ctx.restore();
  return count;
}
