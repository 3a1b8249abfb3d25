/**
 * When a cell ends, its output becomes a picture; the living page puts the view back over it.
 *
 * The card belongs to the model. A view only adopts it, and remembers the output area it stood
 * in; when the view is taken away and an `<img>` has come in its place, the image is hidden and
 * the card takes its place. Where that does not happen, the picture simply stays.
 */

const OUTPUT_AREA = ".jp-OutputArea, .jp-Cell-outputArea, .cell-output, .output_area";
const PATIENCE = 4000;

export class Home {
  /** @param {HTMLElement} card */
  constructor(card) {
    this.card = card;
    /** @type {Element|null} */
    this.area = null;
    this.adopted = false;
  }

  /** Moves the card into `el`, a view's element that may not be on the page yet.
   * @param {HTMLElement} el @returns {() => void} to call when the view goes */
  enter(el) {
    el.append(this.card);
    this.adopted = false;
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
      if (this.area) this.#waitForPicture(this.area);
    };
  }

  /** @param {Element} area */
  #waitForPicture(area) {
    if (this.#settle(area)) return;
    const observer = new MutationObserver(() => {
      if (this.#settle(area)) observer.disconnect();
    });
    observer.observe(area, { childList: true, subtree: true });
    setTimeout(() => observer.disconnect(), PATIENCE);
  }

  /** @param {Element} area */
  #settle(area) {
    if (this.card.isConnected) return true;
    const picture = [...area.querySelectorAll("img")].find(
      (img) => !img.hidden && !img.closest(".wb-card") && img.src.startsWith("data:image/png"),
    );
    if (!picture) return false;
    picture.hidden = true;
    picture.style.display = "none";
    picture.before(this.card);
    this.adopted = true;
    this.card.dataset.adopted = "true";
    return true;
  }
}
