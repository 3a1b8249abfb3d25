/**
 * When a cell ends, its output is a picture, so that a saved notebook shows it wherever it is
 * opened; the living page puts the view over it.
 *
 * The card belongs to the model. A view only adopts it, and remembers the output area it stood
 * in; when the view is taken away and an `<img>` has come in its place, the image is hidden and
 * the card takes its place. Views of what is over already have no output but their picture, which
 * they know by a piece of its data. Where all that does not happen, the picture simply stays.
 */

const OUTPUT_AREA = ".jp-OutputArea, .jp-Cell-outputArea, .cell-output, .output_area";
const PATIENCE = 4000;
const LONG_PATIENCE = 20000;

export class Home {
  /** @param {HTMLElement} card */
  constructor(card) {
    this.card = card;
    /** @type {Element|null} */
    this.area = null;
  }

  /** Moves the card into `el`, a view's element that may not be on the page yet.
   * @param {HTMLElement} el @returns {() => void} to call when the view goes */
  enter(el) {
    el.append(this.card);
    let tries = 0;
    const remember = () => {
      this.area = el.closest(OUTPUT_AREA);
      if (!this.area && tries++ < 60) requestAnimationFrame(remember);
    };
    remember();
    return () => {
      if (this.card.parentElement !== el) return;
      this.area ??= el.closest(OUTPUT_AREA);
      this.card.remove();
      if (this.area) this.#waitFor(this.area, "data:image/png", PATIENCE);
    };
  }

  /** Takes the place of the picture whose address has `piece` in it, as soon as it is there.
   * @param {string} piece */
  seek(piece) {
    this.#waitFor(document.body, piece, LONG_PATIENCE);
  }

  /** @param {Element} area @param {string} piece @param {number} patience */
  #waitFor(area, piece, patience) {
    if (this.#settle(area, piece)) return;
    const observer = new MutationObserver(() => {
      if (this.#settle(area, piece)) observer.disconnect();
    });
    observer.observe(area, { childList: true, subtree: true, attributeFilter: ["src"] });
    setTimeout(() => observer.disconnect(), patience);
  }

  /** @param {Element} area @param {string} piece */
  #settle(area, piece) {
    if (this.card.isConnected) return true;
    const picture = [...area.querySelectorAll("img")].find(
      (img) => !img.hidden && !img.closest(".wb-card") && img.src.includes(piece),
    );
    if (!picture) return false;
    picture.hidden = true;
    picture.style.display = "none";
    picture.before(this.card);
    this.card.dataset.adopted = "true";
    return true;
  }
}
