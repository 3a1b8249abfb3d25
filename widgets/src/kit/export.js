/** What leaves the page as a file. */

/**
 * Lets the browser save `blob` as `name`.
 * @param {Blob} blob @param {string} name
 */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/**
 * Rows as RFC 4180 text; NaN and infinities are written as Python reads them.
 * @param {string[]} names @param {(string|number)[][]} rows
 */
export function csv(names, rows) {
  const cell = (/** @type {string|number} */ v) => {
    if (typeof v === "number") {
      if (Number.isNaN(v)) return "nan";
      return Number.isFinite(v) ? String(v) : v > 0 ? "inf" : "-inf";
    }
    return /[",\r\n]/.test(v) ? `"${v.replaceAll('"', '""')}"` : v;
  };
  return [names, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

/**
 * Several canvases under each other on one opaque ground, as a PNG.
 * @param {HTMLCanvasElement[]} canvases @param {string} ground CSS colour @param {string} name
 */
export function savePng(canvases, ground, name) {
  const all = document.createElement("canvas");
  all.width = Math.max(...canvases.map((c) => c.width));
  all.height = canvases.reduce((sum, c) => sum + c.height, 0);
  const ctx = all.getContext("2d");
  if (!ctx) return;
  ctx.fillStyle = ground;
  ctx.fillRect(0, 0, all.width, all.height);
  let y = 0;
  for (const canvas of canvases) {
    ctx.drawImage(canvas, 0, y);
    y += canvas.height;
  }
  all.toBlob((blob) => blob && save(blob, name), "image/png");
}

/**
 * A drawing as a file of its own: computed colours written into it, so that it needs no style.
 * @param {SVGElement} svg
 */
export function svgText(svg) {
  const copy = /** @type {SVGElement} */ (svg.cloneNode(true));
  const from = [svg, ...svg.querySelectorAll("*")];
  const to = [copy, ...copy.querySelectorAll("*")];
  from.forEach((el, i) => {
    const style = getComputedStyle(el);
    for (const name of ["fill", "stroke", "stroke-width", "font-size", "font-weight", "opacity"]) {
      const value = style.getPropertyValue(name);
      if (value) to[i].setAttribute(name, value);
    }
    to[i].removeAttribute("class");
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("font-family", "system-ui, sans-serif");
  return copy.outerHTML;
}
