import { h } from "./kit/dom.js";
import { view } from "./view.js";
export class Graph {
  /** @param {any} store @param {any} model @param {any} link */
  constructor(store, model, link) {
    this.store = store;
    this.model = model;
    this.link = link;
    this.el = h("div.wb-graph");
  }
  update() {}
  draw() {}
  retheme() {}
  exportSvg() {}
  /** @param {KeyboardEvent} event */
  key(event) {
    return event.key === "never";
  }
}
export default view((store, model, link) => new Graph(store, model, link));
