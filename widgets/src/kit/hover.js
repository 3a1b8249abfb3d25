/** The read-out that follows the pointer. */

import { lowerBound } from "./scale.js";

/**
 * Index of the point of the rising `xs[0..n)` nearest to `x`; -1 when there is none.
 * @param {ArrayLike<number>} xs @param {number} n @param {number} x
 */
export function nearest(xs, n, x) {
  if (n === 0) return -1;
  const i = lowerBound(xs, n, x);
  if (i === 0) return 0;
  if (i === n) return n - 1;
  return x - xs[i - 1] <= xs[i] - x ? i - 1 : i;
}

/** A small card near a point of its host, kept inside it. */
export class Tip {
  /** @param {HTMLElement} host positioned element */
  constructor(host) {
    this.host = host;
    this.el = document.createElement("div");
    this.el.className = "wb-tip";
    this.el.hidden = true;
    host.append(this.el);
  }

  /** @param {number} x @param {number} y @param {...(Node|string)} content */
  show(x, y, ...content) {
    this.el.replaceChildren(...content);
    this.el.hidden = false;
    const { offsetWidth: w, offsetHeight: h } = this.el;
    const room = this.host.clientWidth;
    const left = x + 14 + w > room ? x - 14 - w : x + 14;
    const top = Math.min(Math.max(4, y - h / 2), Math.max(4, this.host.clientHeight - h - 4));
    this.el.style.transform = `translate(${Math.max(4, left)}px,${top}px)`;
  }

  hide() {
    this.el.hidden = true;
  }
}
