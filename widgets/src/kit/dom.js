/** Making elements, and a canvas that is sharp on every screen. */

/**
 * An element: `h("button.wb-stop", {title: "…", onclick}, "Stop")`. Properties that the element
 * has are set, all others become attributes.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K | `${K}.${string}`} spec
 * @param {Record<string, any>} [props] @param {...(Node|string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(spec, props = {}, ...children) {
  const [tag, ...classes] = spec.split(".");
  const el = /** @type {any} */ (document.createElement(tag));
  if (classes.length) el.className = classes.join(" ");
  for (const [name, value] of Object.entries(props)) {
    if (name in el && name !== "list") el[name] = value;
    else el.setAttribute(name, String(value));
  }
  el.append(...children);
  return el;
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * An SVG element with attributes.
 * @param {string} tag @param {Record<string, string|number>} [attrs]
 * @param {...(Node|string)} children @returns {SVGElement}
 */
export function s(tag, attrs = {}, ...children) {
  const el = /** @type {SVGElement} */ (document.createElementNS(SVG, tag));
  for (const [name, value] of Object.entries(attrs)) el.setAttribute(name, String(value));
  el.append(...children);
  return el;
}

/**
 * Puts a style sheet on the page; one of the same name but other text is replaced.
 * @param {string} name @param {string} css
 */
export function addStyle(name, css) {
  const id = `workbench-${name}`;
  const present = document.getElementById(id);
  if (present?.textContent === css) return;
  present?.remove();
  document.head.append(h("style", { id }, css));
}

/** A canvas that fills its host; `paint(ctx, width, height)` runs at most once per frame. */
export class Surface {
  /**
   * @param {HTMLElement} host
   * @param {(ctx: CanvasRenderingContext2D, width: number, height: number) => void} paint
   * @param {Record<string, any>} [props] of the canvas
   */
  constructor(host, paint, props = {}) {
    this.host = host;
    this.paint = paint;
    this.canvas = h("canvas.wb-canvas", props);
    this.frame = 0;
    this.draws = 0;
    host.append(this.canvas);
    if (typeof ResizeObserver !== "undefined") {
      new ResizeObserver(() => this.draw()).observe(host);
    }
  }

  /** Asks for a redraw in the next animation frame. */
  draw() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.now();
    });
  }

  /** Draws at once; nothing happens while the host is not on the page or hidden. */
  now() {
    const width = this.host.clientWidth;
    const height = this.host.clientHeight;
    const ctx = this.canvas.getContext?.("2d");
    if (!ctx || !width || !height) return;
    const ratio = globalThis.devicePixelRatio || 1;
    const [w, d] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== w || this.canvas.height !== d) {
      this.canvas.width = w;
      this.canvas.height = d;
    }
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, width, height);
    this.paint(ctx, width, height);
    this.canvas.dataset.draws = String(++this.draws);
  }
}
