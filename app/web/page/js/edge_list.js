// The arrows of the picture in, the same as a list of buttons out: what the canvas shows, for keyboard and screen reader.
import { byId, h, refill, fill } from "./dom.js";
import { strokeKey, strokeSwatch } from "./graph_style.js";
import { arrowSentence, daySpan, plural } from "./words.js";

/** @import { Arrow } from "./types.js" */

/**
 * @param {Arrow} arrow
 * @param {(arrow: string) => void} onEdge
 * @param {Record<string, any>} [more] further attributes
 */
export function edgeButton(arrow, onEdge, more = {}) {
  const dataset = { edgeId: arrow.id, edgeIds: arrow.ids.join(" "), kind: arrow.kind, source: arrow.source.id, target: arrow.target.id, count: String(arrow.count) };
  if (arrow.modality) Object.assign(dataset, { modality: arrow.modality });
  return h(
    "button",
    { type: "button", class: "edge", dataset, ...more, onclick: () => onEdge(arrow.id) },
    strokeSwatch(strokeKey(arrow.kind, arrow.modality)),
    h("span", {}, arrowSentence(arrow), h("span", { class: "quiet" }, [arrow.claims.length ? plural(arrow.count, "quote") : "", daySpan(arrow.first, arrow.last)].filter(Boolean).join(" · "))),
  );
}

export class EdgeList {
  /** @param {{ onEdge: (arrow: string) => void, onPoint: (arrow: string | null) => void, onMenu: (arrow: string, at: { x: number, y: number }) => void }} actions */
  constructor({ onEdge, onPoint, onMenu }) {
    this.onMenu = onMenu;
    this.list = byId("edge-list");
    this.title = byId("edges-title");
    this.onEdge = onEdge;
    this.list.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#move(event));
    this.list.addEventListener("focusin", (/** @type {FocusEvent} */ event) => {
      const button = /** @type {HTMLElement} */ (event.target).closest("button");
      if (!button?.matches(":focus-visible")) return;
      this.#tabStop(button);
      onPoint(button.dataset.edgeId ?? null);
    });
    this.list.addEventListener("focusout", () => onPoint(null));
    this.list.addEventListener("contextmenu", (/** @type {MouseEvent} */ event) => {
      const id = /** @type {HTMLElement} */ (event.target).closest("button")?.dataset.edgeId;
      if (!id) return;
      event.preventDefault();
      onMenu(id, { x: event.clientX, y: event.clientY });
    });
  }

  /**
   * @param {Arrow[]} arrows
   * @param {string | null} chosen id of the chosen arrow
   */
  show(arrows, chosen) {
    this.title.textContent = arrows.length ? `Edges shown (${arrows.length})` : "Edges shown: none";
    refill(this.list);
    fill(this.list, arrows.map((arrow) => h("li", {}, edgeButton(arrow, this.onEdge, { tabindex: -1 }))));
    this.choose(chosen);
  }

  /** @param {string | null} chosen */
  choose(chosen) {
    const buttons = this.#buttons();
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.edgeId === chosen));
    const stop = buttons.find((button) => button.dataset.edgeId === chosen) ?? buttons[0];
    if (stop) this.#tabStop(stop);
  }

  /** @returns {HTMLElement[]} */
  #buttons() {
    return [...this.list.querySelectorAll("button")];
  }

  /** @param {HTMLElement} stop the one button of the list that Tab reaches */
  #tabStop(stop) {
    for (const button of this.#buttons()) button.tabIndex = button === stop ? 0 : -1;
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const buttons = this.#buttons();
    const at = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (at >= 0 && (event.key === "m" || event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey))) {
      const { left, bottom } = buttons[at].getBoundingClientRect();
      this.onMenu(buttons[at].dataset.edgeId ?? "", { x: left + 24, y: bottom });
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (to === undefined || at < 0) return;
    event.preventDefault();
    buttons[Math.min(buttons.length - 1, Math.max(0, to))]?.focus();
  }
}
