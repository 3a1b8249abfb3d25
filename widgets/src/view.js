/** What every view shares: a model's store and link, cards that outlive their output. */

import { Home } from "./adopt.js";
import { addStyle, h } from "./kit/dom.js";
import { luminance, watchTheme } from "./kit/theme.js";
import { Link } from "./link.js";
import { Store } from "./store.js";
import css from "./style.css";

/**
 * @typedef {{el: HTMLElement, tools?: HTMLElement, update(): void, draw(): void,
 *   retheme(): void, key(event: KeyboardEvent): boolean}} Panel
 */

/**
 * An anywidget module, made anew for every model: the store, the link and the cards belong to
 * the model, so they live on when its output is replaced. `build` makes one more card.
 * @param {(store: Store, link: Link, model: import("./link.js").Model) => HTMLElement} build
 */
export function widget(build) {
  return () => {
    const store = new Store();
    /** @type {Link} */
    let link;
    /** @type {{home: Home, card: HTMLElement, free: boolean}[]} */
    const cards = [];
    /** A card that is in no view; made if there is none. @param {import("./link.js").Model} model */
    const free = (model) => {
      let slot = cards.find((one) => one.free);
      if (!slot) {
        const card = build(store, link, model);
        slot = { home: new Home(card), card, free: true };
        cards.push(slot);
      }
      return slot;
    };
    /** @param {import("./link.js").Model} model */
    const seek = (model) => {
      const piece = model.get("picture");
      if (piece && !cards.some((one) => one.card.isConnected)) free(model).home.seek(piece);
    };
    return {
      /** @param {{model: import("./link.js").Model}} context */
      initialize({ model }) {
        addStyle("base", css);
        link = new Link(model, store);
        model.on("change:picture", () => seek(model));
        seek(model);
        return () => link.close();
      },
      /** @param {{model: import("./link.js").Model, el: HTMLElement}} context */
      render({ model, el }) {
        const slot = free(model);
        slot.free = false;
        const leave = slot.home.enter(el);
        return () => {
          slot.free = true;
          leave();
        };
      },
    };
  };
}

/**
 * A view of one panel with its tools above.
 * @param {(store: Store, model: import("./link.js").Model, link: Link) => Panel} make
 */
export function view(make) {
  return widget((store, link, model) => {
    const panel = make(store, model, link);
    const card = h("div.wb-card", { tabIndex: 0, "data-lm-suppress-shortcuts": "true" });
    if (panel.tools) card.append(h("div.wb-bar", {}, h("div.wb-spacer"), panel.tools));
    card.append(panel.el);
    bind(card, store, link, panel);
    card.addEventListener("keydown", (event) => {
      if (!typing(event) && panel.key(event)) taken(event);
    });
    return card;
  });
}

/** Keeps a card in step with its store, and its counters readable from outside.
 * @param {HTMLElement} card @param {Store} store @param {Link} link
 * @param {{update(): void, retheme(): void}} panel */
export function bind(card, store, link, panel) {
  const update = () => {
    panel.update();
    Object.assign(card.dataset, {
      seq: link.seq,
      messages: link.messages,
      points: store.main.train.n,
      step: store.state.step ?? 0,
      state: store.state.state ?? "",
      lr: store.state.lr ?? "",
      live: link.live,
    });
  };
  for (const what of ["data", "runs", "graph", "trace", "link"]) {
    store.addEventListener(what, update);
  }
  let ground = "";
  const retheme = () => {
    const now = card.isConnected ? getComputedStyle(card).getPropertyValue("--wb-ground") : "";
    if (now === ground || !now) return;
    ground = now;
    card.classList.toggle("wb-dark", luminance(ground) < 0.4);
    panel.retheme();
  };
  watchTheme(retheme);
  // A card can be on the page long after it was made: colours are read when it gets a size.
  if (typeof ResizeObserver !== "undefined") new ResizeObserver(retheme).observe(card);
}

/** Whether a key belongs to a field. @param {KeyboardEvent} event */
export function typing(event) {
  const at = /** @type {HTMLElement} */ (event.target);
  return (
    event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName)
  );
}

/** @param {Event} event */
export function taken(event) {
  event.preventDefault();
  event.stopPropagation();
}
