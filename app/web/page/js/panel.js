// What is chosen in the picture in, the evidence beside it out: the quotes behind an arrow, or what a node's claims amount to.
import * as api from "./api.js";
import { claimCard } from "./claim_card.js";
import { byId, h, refill } from "./dom.js";
import { edgeButton } from "./edge_list.js";
import { EXPAND_BY, kindOfId, MOST_EDGES } from "./state.js";
import { arrowSentence, day, daySpan, nodeKindWords, plural } from "./words.js";

/** @import { ActorRow, Arrow, Claim, GraphNode, Picture, State } from "./types.js" */

/**
 * @typedef {object} PanelActions
 * @property {(claim: Claim) => void} onRead
 * @property {(arrow: string) => void} onEdge
 * @property {(id: string, add?: boolean) => void} onFocus
 * @property {(id: string, n: number) => void} onExpand
 * @property {(id: string) => void} onHide
 * @property {() => void} onShowAll
 * @property {(id: string) => void} onTable
 * @property {() => void} onClose
 * @property {(text: string) => void} say
 */

const AT_ONCE = 20;

export class Panel {
  /** @param {PanelActions} actions */
  constructor(actions) {
    this.actions = actions;
    this.root = byId("evidence");
    this.ticket = 0;
  }

  /**
   * Nothing chosen: what this is, and where one could begin.
   * @param {ActorRow[]} examples
   * @param {string[]} hidden
   */
  start(examples, hidden) {
    this.ticket += 1;
    refill(
      this.root,
      h("h2", { id: "evidence-title" }, "Evidence"),
      h("p", {}, "Choose an arrow to read every sentence behind it, or a node to see its claims. All of it is what articles report, none of it is established here."),
      examples.length ? h("p", { class: "quiet" }, "Begin with") : null,
      exampleList(examples, this.actions.onFocus),
      hidden.length ? h("p", {}, `${plural(hidden.length, "node")} hidden. `, h("button", { type: "button", id: "show-hidden", onclick: this.actions.onShowAll }, "Show again")) : null,
    );
    this.#ready();
  }

  /**
   * @param {Arrow} arrow
   * @returns {Promise<void>}
   */
  async edge(arrow) {
    const ticket = ++this.ticket;
    this.root.dataset.ready = "false";
    const list = h("ol", { class: "cards", id: "quotes", dataset: { edgeId: arrow.id } });
    const more = h("p", { class: "more" });
    const words = [plural(arrow.count, "quote"), daySpan(arrow.first, arrow.last)].filter(Boolean).join(" · ");
    refill(
      this.root,
      this.#heading(arrowSentence(arrow)),
      h("p", { class: "quiet" }, arrow.claims.length ? `${words}. As articles report it:` : "No claim stands behind this edge: it comes from the gazetteer or from an incident's place."),
      list,
      more,
    );
    await this.#load(ticket, list, more, arrow.claims, 0);
    if (ticket === this.ticket) this.#ready();
  }

  /**
   * @param {number} ticket
   * @param {HTMLElement} list
   * @param {HTMLElement} more
   * @param {string[]} ids
   * @param {number} from
   */
  async #load(ticket, list, more, ids, from) {
    const wanted = ids.slice(from, from + AT_ONCE);
    if (!wanted.length) return;
    refill(more, "Loading quotes…");
    try {
      const claims = await api.all(wanted, (id) => api.claim(id));
      if (ticket !== this.ticket) return;
      const onIncident = (/** @type {string} */ id) => this.actions.onFocus(id);
      for (const claim of claims) list.append(claimCard(claim, { onRead: this.actions.onRead, onIncident, say: this.actions.say }));
      const left = ids.length - from - wanted.length;
      refill(more);
      if (left > 0) {
        const next = () => this.#load(ticket, list, more, ids, from + AT_ONCE);
        refill(more, `${from + wanted.length} of ${ids.length} quotes. `, h("button", { type: "button", onclick: next }, `Show ${Math.min(left, AT_ONCE)} more`));
      }
    } catch (error) {
      if (ticket !== this.ticket) return;
      const again = () => this.#load(ticket, list, more, ids, from);
      refill(more, h("span", { class: "problem" }, /** @type {Error} */ (error).message, " ", h("button", { type: "button", onclick: again }, "Try again")));
    }
  }

  /**
   * @param {GraphNode} node
   * @param {Picture} picture
   * @param {Arrow[]} arrows that are drawn
   * @param {State} state
   */
  async node(node, picture, arrows, state) {
    const ticket = ++this.ticket;
    this.root.dataset.ready = "false";
    const { onFocus, onExpand, onHide, onTable, onEdge } = this.actions;
    const touching = arrows.filter((arrow) => arrow.source.id === node.id || arrow.target.id === node.id || arrow.incidents.includes(node.id));
    const expansion = picture.expansions.get(node.id);
    const asked = state.expand.find((one) => one.id === node.id)?.n ?? 0;
    const done = expansion !== undefined && expansion.shown >= expansion.total;
    const inFocus = state.actors.includes(node.id) || state.incident === node.id;
    const summary = h("p", { id: "node-summary" }, "…");
    const button = (/** @type {string} */ id, /** @type {string} */ text, /** @type {() => void} */ onclick, disabled = false) =>
      h("button", { type: "button", id, onclick, disabled }, text);
    refill(
      this.root,
      this.#heading(node.label),
      h("p", { class: "quiet" }, [nodeKindWords(node), node.country, node.type, day(node.date)].filter(Boolean).join(" · ")),
      summary,
      h("p", { class: "quiet" }, `In this picture: ${plural(touching.length, "arrow")}.`, expansion ? ` Expanded: ${expansion.shown} of its ${plural(expansion.total, "edge")}.` : ""),
      h(
        "div",
        { class: "acts", role: "group", "aria-label": `What to do with ${node.label}` },
        button("node-expand", done ? "All edges drawn" : expansion ? `Expand ${EXPAND_BY} more` : "Expand", () => onExpand(node.id, Math.min(MOST_EDGES, asked + EXPAND_BY)), done),
        node.kind === "place" ? null : button("node-focus", inFocus ? "In focus" : "Focus", () => onFocus(node.id), inFocus && state.actors.length < 2),
        node.kind === "actor" && !inFocus && state.actors.length ? button("node-add", "Add to focus", () => onFocus(node.id, true)) : null,
        button("node-hide", "Hide", () => onHide(node.id)),
        node.kind === "place" ? null : button("node-table", "Its claims as table", () => onTable(node.id)),
      ),
      h("ul", { class: "edge-buttons" }, touching.slice(0, 40).map((arrow) => h("li", {}, edgeButton(arrow, onEdge)))),
      touching.length > 40 ? h("p", { class: "quiet" }, `${touching.length - 40} more below.`) : null,
    );
    try {
      const words = await summaryOf(node);
      if (ticket === this.ticket) refill(summary, words);
    } catch (error) {
      if (ticket === this.ticket) refill(summary, /** @type {Error} */ (error).message);
    }
    if (ticket === this.ticket) this.#ready();
  }

  /**
   * Something is chosen that the picture does not hold (an old link, a filter).
   */
  missing() {
    this.ticket += 1;
    refill(this.root, this.#heading("Not in this picture"), h("p", {}, "What was chosen is not among the edges shown. Loosen the filters or raise the limit."));
    this.#ready();
  }

  /** @param {string} text */
  #heading(text) {
    return h(
      "div",
      { class: "panel-head" },
      h("h2", { id: "evidence-title" }, text),
      h("button", { type: "button", id: "evidence-close", class: "close", "aria-label": "Close the evidence", onclick: this.actions.onClose }, "×"),
    );
  }

  #ready() {
    this.root.dataset.ready = "true";
  }
}

/**
 * @param {ActorRow[]} examples
 * @param {(id: string) => void} onFocus
 */
export function exampleList(examples, onFocus) {
  return h(
    "ul",
    { class: "examples" },
    examples.map((actor) =>
      h("li", {}, h("button", { type: "button", dataset: { example: actor.id }, onclick: () => onFocus(actor.id) }, actor.name, h("span", { class: "quiet" }, ` ${plural(actor.claims.made + actor.claims.faced, "claim")}`))),
    ),
  );
}

/**
 * @param {GraphNode} node
 * @returns {Promise<string>}
 */
async function summaryOf(node) {
  if (kindOfId(node.id) === "actor") {
    const actor = (await api.actors(node.label, 50)).find((one) => one.id === node.id);
    if (!actor) return "No claims are counted for this actor.";
    const names = actor.aliases.length ? ` Also called ${actor.aliases.slice(0, 5).join(", ")}.` : "";
    return `Makes ${plural(actor.claims.made, "claim")}, faces ${plural(actor.claims.faced, "claim")}.${names}`;
  }
  if (node.kind === "incident") {
    const incident = (await api.incidents(node.label, 50)).find((one) => one.id === node.id);
    if (!incident) return "Who did it is not said here, only claimed.";
    const where = [incident.place, incident.country].filter(Boolean).join(", ");
    return `${plural(incident.claims, "claim")} about it${where ? `; reported at ${where}` : ""}. Who did it is not said here, only claimed.`;
  }
  return "A place that incidents are reported at.";
}
