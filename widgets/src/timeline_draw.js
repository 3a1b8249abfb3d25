/** Drawing bars, arrows and cursors of a timeline. Takes a context, knows no page. */

import { formatSpan } from "./kit/ticks.js";

/**
 * @typedef {import("./kit/theme.js").Theme} Theme
 * @typedef {import("./kit/scale.js").Scale} Scale
 * @typedef {{x0: number, x1: number, y: number}} Place
 */

/**
 * A colour for every name: one of the palette for each operator in the order of their coming, a
 * second shade for its backward; grey for waiting.
 * @param {Theme} theme @param {string[]} names @returns {string[]}
 */
export function shades(theme, names) {
  const { colors } = theme;
  const towards = theme.dark ? 0 : 255;
  /** @type {Map<string, number>} */
  const seen = new Map();
  return names.map((name) => {
    if (/^wait/.test(name)) return mix(theme.dark ? "#8a8f98" : "#9aa0a8", towards, 0.25);
    const base = name.replace(/^(_?backward[ _]?)/, "");
    if (!seen.has(base)) seen.set(base, seen.size);
    const color = colors[(seen.get(base) ?? 0) % colors.length];
    return base === name ? color : mix(color, towards, 0.42);
  });
}

/** @param {string} hex @param {number} level grey to mix in @param {number} share */
export function mix(hex, level, share) {
  const parts = [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16));
  const out = parts.map((v) => Math.round(v * (1 - share) + level * share));
  return `#${out.map((v) => v.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} width
 * @param {number} height @param {string} color @param {string} name @param {Theme} theme
 */
export function bar(ctx, x, y, width, height, color, name, theme) {
  ctx.fillStyle = color;
  if (width < 5) {
    ctx.fillRect(x, y, width, height);
    return;
  }
  ctx.beginPath();
  ctx.roundRect(x + 0.3, y, width - 0.6, height, Math.min(3, width / 4));
  ctx.fill();
  if (width < 34) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(x + 5, y, width - 9, height);
  ctx.clip();
  ctx.font = `11px ${theme.font}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillStyle = readable(color);
  ctx.fillText(name, x + 6, y + height / 2 + 0.5);
  ctx.restore();
}

/** Black or white, whichever reads better on a colour. @param {string} hex */
export function readable(hex) {
  const [r, g, b] = [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255);
  return 0.2126 * r ** 2.2 + 0.7152 * g ** 2.2 + 0.0722 * b ** 2.2 > 0.3 ? "#111" : "#fff";
}

/** Slanted lines: time spent waiting. @param {CanvasRenderingContext2D} ctx @param {number} x
 * @param {number} y @param {number} width @param {number} height */
export function drawHatch(ctx, x, y, width, height) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, width, height);
  ctx.clip();
  ctx.strokeStyle = "rgba(255,255,255,0.7)";
  ctx.lineWidth = 1.6;
  ctx.beginPath();
  for (let i = -height; i < width; i += 6) {
    ctx.moveTo(x + i, y + height);
    ctx.lineTo(x + i + height, y);
  }
  ctx.stroke();
  ctx.restore();
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {Scale} x
 * @param {{left: number, right: number, top: number, bottom: number}} frame @param {Theme} theme
 * @param {number[]} ticks
 */
export function drawAxis(ctx, x, frame, theme, ticks) {
  ctx.save();
  ctx.font = `11px ${theme.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "bottom";
  ctx.strokeStyle = theme.grid;
  ctx.fillStyle = theme.muted;
  for (const v of ticks) {
    const px = Math.round(x.map(v)) + 0.5;
    ctx.beginPath();
    ctx.moveTo(px, frame.top);
    ctx.lineTo(px, frame.bottom);
    ctx.stroke();
    if (px > frame.left + 14 && px < frame.right - 14)
      ctx.fillText(timeLabel(v, ticks), px, frame.top - 3);
  }
  ctx.restore();
}

/** All ticks in the unit of the largest, with as many digits as their distance needs.
 * @param {number} v µs @param {number[]} ticks */
export function timeLabel(v, ticks) {
  const top = Math.abs(ticks[ticks.length - 1] ?? v);
  const [unit, name] = top >= 1e6 ? [1e6, "s"] : top >= 1e3 ? [1e3, "ms"] : [1, "µs"];
  const step = ticks.length > 1 ? (ticks[1] - ticks[0]) / unit : 1;
  const digits = Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9)));
  return `${(v / unit).toFixed(digits)} ${name}`;
}

/**
 * The chain of causes of the selected bar in bold, what it released in a finer line.
 * @param {CanvasRenderingContext2D} ctx @param {Theme} theme @param {Place[]} chain latest first
 * @param {Place[]} after @param {number} height of a row @param {number} left @param {number} right
 */
export function drawArrows(ctx, theme, chain, after, height, left, right) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, 0, right - left, 1e5);
  ctx.clip();
  ctx.strokeStyle = ctx.fillStyle = theme.text;
  ctx.lineWidth = 1.8;
  for (const { x0, x1, y } of chain) {
    ctx.strokeRect(x0 - 0.5, y - 1.5, Math.max(x1 - x0, 2) + 1, height + 3);
  }
  for (let i = 1; i < chain.length; i++) arrow(ctx, chain[i], chain[i - 1], height);
  ctx.lineWidth = 1;
  ctx.globalAlpha = 0.65;
  ctx.setLineDash([4, 3]);
  for (const place of after) arrow(ctx, chain[0], place, height);
  ctx.restore();
}

/** @param {CanvasRenderingContext2D} ctx @param {Place} from @param {Place} to
 * @param {number} height */
function arrow(ctx, from, to, height) {
  const [x0, y0] = [from.x1, from.y + height / 2];
  const [x1, y1] = [to.x0, to.y + height / 2];
  const bend = Math.max(12, Math.min(60, Math.abs(x1 - x0) / 2));
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.bezierCurveTo(x0 + bend, y0, x1 - bend, y1, x1, y1);
  ctx.stroke();
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x1 - 7, y1 - 4);
  ctx.lineTo(x1 - 7, y1 + 4);
  ctx.fill();
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {Scale} x
 * @param {{top: number, bottom: number}} frame @param {Theme} theme @param {number[]} at two times
 */
export function drawCursors(ctx, x, frame, theme, at) {
  const [a, b] = at.map((v) => x.map(v)).sort((p, q) => p - q);
  ctx.save();
  ctx.fillStyle = ctx.strokeStyle = theme.accent;
  ctx.globalAlpha = 0.12;
  ctx.fillRect(a, frame.top, b - a, frame.bottom - frame.top);
  ctx.globalAlpha = 1;
  for (const px of [a, b]) {
    ctx.beginPath();
    ctx.moveTo(Math.round(px) + 0.5, frame.top);
    ctx.lineTo(Math.round(px) + 0.5, frame.bottom);
    ctx.stroke();
  }
  ctx.font = `600 11px ${theme.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  ctx.fillText(formatSpan(Math.abs(at[1] - at[0])), (a + b) / 2, frame.top + 2);
  ctx.restore();
}
