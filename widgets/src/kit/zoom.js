/** A window on an axis, and the gestures that move it. */

/** The part [lo, hi] of the full range [min, max] that is in view. */
export class Span {
  /** @param {number} min @param {number} max @param {number} [least] narrowest window */
  constructor(min, max, least = 1e-9) {
    this.min = min;
    this.max = max;
    this.least = least;
    this.lo = min;
    this.hi = max;
    /** Whether the window keeps up with a growing range. */
    this.follow = true;
  }

  get whole() {
    return this.lo <= this.min && this.hi >= this.max;
  }

  /** The range grew. A following window keeps its width at the end, or shows all of it.
   * @param {number} min @param {number} max */
  grow(min, max) {
    const all = this.whole;
    const width = this.hi - this.lo;
    this.min = min;
    this.max = max;
    if (!this.follow) return;
    this.lo = all ? min : Math.max(min, max - width);
    this.hi = max;
  }

  /** @param {number} lo @param {number} hi */
  set(lo, hi) {
    const width = Math.min(Math.max(hi - lo, this.least), this.max - this.min);
    this.lo = Math.min(Math.max(lo, this.min), this.max - width);
    this.hi = this.lo + width;
    this.follow = this.hi >= this.max;
  }

  /** @param {number} delta */
  pan(delta) {
    this.set(this.lo + delta, this.hi + delta);
  }

  /** Makes the window `factor` times as wide, keeping the point `at` in place.
   * @param {number} at @param {number} factor */
  zoom(at, factor) {
    const width = Math.min(Math.max((this.hi - this.lo) * factor, this.least), this.max - this.min);
    const share = (at - this.lo) / (this.hi - this.lo || 1);
    this.set(at - share * width, at - share * width + width);
  }

  reset() {
    this.lo = this.min;
    this.hi = this.max;
    this.follow = true;
  }
}

/**
 * Turns pointer and wheel events of `el` into gestures; positions are CSS pixels inside it.
 * A wheel without Ctrl or ⌘ is left to the page, so that a notebook can be scrolled over a chart.
 *
 * @param {HTMLElement} el
 * @param {{drag?: (from: number, to: number, done: boolean, event: PointerEvent) => void,
 *   click?: (x: number, y: number, event: PointerEvent) => void,
 *   zoom?: (x: number, factor: number) => void, pan?: (dx: number) => void,
 *   reset?: () => void, hover?: (x: number, y: number) => void, leave?: () => void}} on
 */
export function gestures(el, on) {
  /** @type {{x: number, moved: boolean}|null} */
  let down = null;
  const place = (/** @type {MouseEvent} */ event) => {
    const box = el.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  el.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    down = { x: place(event)[0], moved: false };
    el.setPointerCapture?.(event.pointerId);
  });
  el.addEventListener("pointermove", (event) => {
    const [x, y] = place(event);
    if (!down) return on.hover?.(x, y);
    if (Math.abs(x - down.x) > 3) down.moved = true;
    if (down.moved) on.drag?.(down.x, x, false, event);
  });
  el.addEventListener("pointerup", (event) => {
    if (!down) return;
    const [x, y] = place(event);
    if (down.moved) on.drag?.(down.x, x, true, event);
    else on.click?.(x, y, event);
    down = null;
  });
  el.addEventListener("pointercancel", () => {
    down = null;
    on.leave?.();
  });
  el.addEventListener("pointerleave", () => {
    if (!down) on.leave?.();
  });
  el.addEventListener("dblclick", () => on.reset?.());
  el.addEventListener(
    "wheel",
    (event) => {
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
      if (event.ctrlKey || event.metaKey) on.zoom?.(place(event)[0], 1.0015 ** event.deltaY);
      else if (sideways && on.pan) on.pan(event.deltaX);
      else return;
      event.preventDefault();
    },
    { passive: false },
  );
}
