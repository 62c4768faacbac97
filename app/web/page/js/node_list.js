// The nodes of the picture in, the same as a list of buttons out: what the canvas shows, for keyboard and screen reader.
import { byId, fill, h, refill } from "./dom.js";
import { shapeSwatch } from "./graph_style.js";
import { nodeKindWords, plural } from "./words.js";

/** @import { Arrow, GraphNode } from "./types.js" */

export class NodeList {
  /** @param {{ onNode: (id: string) => void, onSelect: (id: string) => void, onMenu: (id: string, at: { x: number, y: number }) => void, onPoint: (id: string | null) => void }} actions */
  constructor(actions) {
    this.list = byId("node-list");
    this.title = byId("nodes-title");
    this.actions = actions;
    this.list.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#key(event));
    this.list.addEventListener("focusin", (/** @type {FocusEvent} */ event) => {
      const button = /** @type {HTMLElement} */ (event.target).closest("button");
      if (!button?.matches(":focus-visible")) return;
      this.#tabStop(button);
      actions.onPoint(button.dataset.nodeId ?? null);
    });
    this.list.addEventListener("focusout", () => actions.onPoint(null));
    this.list.addEventListener("contextmenu", (/** @type {MouseEvent} */ event) => {
      const id = /** @type {HTMLElement} */ (event.target).closest("button")?.dataset.nodeId;
      if (!id) return;
      event.preventDefault();
      actions.onMenu(id, { x: event.clientX, y: event.clientY });
    });
  }

  /**
   * @param {GraphNode[]} nodes
   * @param {Arrow[]} arrows
   * @param {Set<string>} selected
   */
  show(nodes, arrows, selected) {
    /** @type {Map<string, number>} */
    const touching = new Map();
    for (const arrow of arrows) for (const end of new Set([arrow.source.id, arrow.target.id])) touching.set(end, (touching.get(end) ?? 0) + 1);
    const order = [...nodes].sort((a, b) => (touching.get(b.id) ?? 0) - (touching.get(a.id) ?? 0) || a.label.localeCompare(b.label, "en"));
    this.title.textContent = nodes.length ? `Nodes shown (${nodes.length})` : "Nodes shown: none";
    const had = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset?.nodeId;
    refill(this.list);
    fill(
      this.list,
      order.map((node) =>
        h(
          "li",
          {},
          h(
            "button",
            { type: "button", class: "node", tabindex: -1, dataset: { nodeId: node.id, kind: node.kind }, "aria-pressed": String(selected.has(node.id)), onclick: () => this.actions.onNode(node.id) },
            shapeSwatch(node.kind === "actor" ? (node.actor_kind ?? "unknown") : node.kind),
            h("span", {}, node.label, h("span", { class: "quiet" }, ` ${nodeKindWords(node)} · ${plural(touching.get(node.id) ?? 0, "arrow")}`)),
          ),
        ),
      ),
    );
    const buttons = this.#buttons();
    const stop = buttons.find((one) => one.dataset.nodeId === had) ?? buttons[0];
    if (stop) this.#tabStop(stop);
    if (had && stop?.dataset.nodeId === had) stop.focus({ preventScroll: true });
  }

  /** @param {Set<string>} selected */
  select(selected) {
    for (const button of this.#buttons()) button.setAttribute("aria-pressed", String(selected.has(button.dataset.nodeId ?? "")));
  }

  /** Puts the keyboard's focus on the list. */
  enter() {
    /** @type {HTMLElement | null} */ (this.list.querySelector("button[tabindex='0']"))?.focus();
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
  #key(event) {
    const buttons = this.#buttons();
    const now = /** @type {HTMLElement} */ (document.activeElement);
    const at = buttons.indexOf(now);
    if (at < 0) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to !== undefined) buttons[Math.min(buttons.length - 1, Math.max(0, to))]?.focus();
    else if (event.key === " ") this.actions.onSelect(now.dataset.nodeId ?? "");
    else if (event.key === "m" || event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
      const { left, bottom } = now.getBoundingClientRect();
      this.actions.onMenu(now.dataset.nodeId ?? "", { x: left + 24, y: bottom });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
