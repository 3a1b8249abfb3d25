/** Colours: text and grid from JupyterLab's variables, curves from Okabe and Ito's palette. */

/**
 * @typedef {{text: string, muted: string, grid: string, ground: string, accent: string,
 *   dark: boolean, colors: string[], font: string}} Theme
 */

/** Okabe–Ito without yellow and black, the pairs that differ most first. */
const LIGHT = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"];
const DARK = ["#56b4e9", "#e69f00", "#2fc29a", "#e29ac4", "#3d93cf", "#f07c3a"];

/** Dashes of second, third … lines: colour is never the only cue. */
export const DASHES = [[], [6, 4], [2, 3], [8, 3, 2, 3], [1, 3], [12, 4]];

/** @param {Element} el @returns {Theme} */
export function readTheme(el) {
  const style = getComputedStyle(el);
  const read = (/** @type {string} */ name, /** @type {string} */ otherwise) =>
    style.getPropertyValue(name).trim() || otherwise;
  const ground = read("--wb-ground", "#fff");
  const dark = luminance(ground) < 0.4;
  return {
    ground,
    dark,
    text: read("--wb-text", "#222"),
    muted: read("--wb-muted", "#666"),
    grid: read("--wb-grid", "#e4e4e4"),
    accent: read("--wb-accent", "#0072b2"),
    colors: dark ? DARK : LIGHT,
    font: style.fontFamily || "system-ui, sans-serif",
  };
}

/**
 * How light a CSS colour is, 0 to 1; unknown notations count as light.
 * @param {string} color `#rgb`, `#rrggbb` or `rgb(…)`
 */
export function luminance(color) {
  const hex = /^#([0-9a-f]{3,8})$/i.exec(color.trim());
  let rgb = [255, 255, 255];
  if (hex) {
    const digits = hex[1].length < 6 ? [...hex[1]].map((c) => c + c).join("") : hex[1];
    rgb = [0, 2, 4].map((i) => Number.parseInt(digits.slice(i, i + 2), 16));
  } else {
    const found = color.match(/[\d.]+/g);
    if (found && found.length >= 3) rgb = found.slice(0, 3).map(Number);
    else if (color === "black") rgb = [0, 0, 0];
  }
  return (0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]) / 255;
}

/**
 * Calls back when the page changes between light and dark; returns a way to stop.
 * @param {() => void} changed
 */
export function watchTheme(changed) {
  const observer = new MutationObserver(() => setTimeout(changed, 60));
  observer.observe(document.body, {
    attributes: true,
    attributeFilter: ["data-jp-theme-light", "data-jp-theme-name", "class", "style"],
  });
  const query = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
  query?.addEventListener?.("change", changed);
  return () => {
    observer.disconnect();
    query?.removeEventListener?.("change", changed);
  };
}

/** Whether the reader asked for less motion. */
export function calm() {
  return globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;
}
