// What is chosen in the picture in, the evidence beside it out: the quotes behind an arrow, or what a node's claims amount to.
import * as api from "./api.js";
import { claimCard } from "./claim_card.js";
import { byId, h, refill } from "./dom.js";
import { edgeButton } from "./edge_list.js";
import { focused } from "./focus.js";
import { EXPAND_BY, kindOfId } from "./state.js";
import { arrowSentence, day, daySpan, nodeKindWords, plural } from "./words.js";

/** @import { ActorRow, Arrow, GraphNode, Picture, Shell, State } from "./types.js" */

/**
 * What the panel lets one do with a node of the picture.
 * @typedef {object} NodeActs
 * @property {(arrow: string) => void} onEdge
 * @property {(id: string) => void} onExpand
 * @property {(id: string) => void} onCollapse
 * @property {(id: string) => void} onHide
 * @property {(id: string) => void} onPin
 */

const AT_ONCE = 20;

export class Panel {
  /** @param {{ shell: Shell, examples: () => ActorRow[] }} parts */
  constructor({ shell, examples }) {
    this.shell = shell;
    this.examples = examples;
    this.root = byId("evidence");
    this.ticket = 0;
    /** Gives the keyboard's focus back, where closing leaves it nowhere. */
    this.back = () => {};
    this.leave(shell.state().tab);
  }

  /**
   * Another view comes up: only the graph shows its panel before anything is chosen.
   * @param {import("./types.js").Tab} tab
   */
  leave(tab) {
    this.start();
    this.#open(tab === "graph");
  }

  /** @param {boolean} on */
  #open(on) {
    document.body.dataset.panel = on ? "open" : "closed";
  }

  #close() {
    const { tab } = this.shell.state();
    this.start();
    this.#open(tab === "graph");
    this.shell.go({ select: "" });
    this.back();
  }

  /** Nothing chosen: what this is, and where one could begin. */
  start() {
    this.ticket += 1;
    const examples = this.examples();
    refill(
      this.root,
      h("h2", { id: "evidence-title" }, "Evidence"),
      h("p", {}, "Choose an arrow to read every sentence behind it, or a node to see its claims. All of it is what articles report, none of it is established here."),
      examples.length ? h("p", { class: "quiet" }, "Begin with") : null,
      exampleList(examples, (id) => this.shell.focus(id)),
    );
    this.#ready();
  }

  /**
   * The quotes behind anything drawn, whatever view it is drawn in.
   * @param {string} heading
   * @param {string[]} ids of claims
   * @returns {Promise<void>}
   */
  async claims(heading, ids) {
    this.#open(true);
    await this.#quotes(heading, `${plural(ids.length, "quote")}. As articles report it:`, ids, "");
    this.root.focus({ preventScroll: true });
    this.root.scrollIntoView({ block: "nearest" });
  }

  /**
   * @param {Arrow} arrow
   * @returns {Promise<void>}
   */
  async edge(arrow) {
    const words = [plural(arrow.count, "quote"), daySpan(arrow.first, arrow.last)].filter(Boolean).join(" · ");
    const told = arrow.claims.length ? `${words}. As articles report it:` : "No claim stands behind this edge: it comes from the gazetteer or from an incident's place.";
    await this.#quotes(arrowSentence(arrow), told, arrow.claims, arrow.id);
  }

  /**
   * @param {string} heading
   * @param {string} words
   * @param {string[]} ids of claims
   * @param {string} edge id of the edge they stand behind, or ""
   */
  async #quotes(heading, words, ids, edge) {
    const ticket = ++this.ticket;
    this.root.dataset.ready = "false";
    const list = h("ol", { class: "cards", id: "quotes", dataset: { edgeId: edge } });
    const more = h("p", { class: "more" });
    refill(this.root, this.#heading(heading), h("p", { class: "quiet" }, words), list, more);
    await this.#load(ticket, list, more, ids, 0);
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
      for (const claim of claims) list.append(claimCard(claim, this.shell));
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
   * @param {NodeActs} acts
   */
  async node(node, picture, arrows, state, acts) {
    const ticket = ++this.ticket;
    this.root.dataset.ready = "false";
    const { shell } = this;
    const touching = arrows.filter((arrow) => arrow.source.id === node.id || arrow.target.id === node.id || arrow.incidents.includes(node.id));
    const expansion = picture.expansions.get(node.id);
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
        button("node-expand", done ? "All edges drawn" : expansion ? `Expand ${EXPAND_BY} more` : "Expand", () => acts.onExpand(node.id), done),
        expansion ? button("node-collapse", "Collapse", () => acts.onCollapse(node.id)) : null,
        node.kind === "place" ? null : button("node-focus", inFocus ? "In focus" : "Focus", () => shell.focus(node.id), inFocus && state.actors.length < 2),
        node.kind === "actor" && !inFocus && state.actors.length ? button("node-add", "Add to focus", () => shell.focus(node.id, true)) : null,
        button("node-hide", "Hide", () => acts.onHide(node.id)),
        button("node-pin", state.pins[node.id] ? "Let go" : "Pin", () => acts.onPin(node.id)),
        node.kind === "actor" ? button("node-open", "Its page", () => shell.openActor(node.id)) : null,
        node.kind === "incident" ? button("node-open", "Who says who did it", () => shell.openIncident(node.id)) : null,
        node.kind === "place" ? null : button("node-table", "Its claims as table", () => shell.go({ ...focused(state, node.id), tab: "table" })),
      ),
      h("ul", { class: "edge-buttons" }, touching.slice(0, 40).map((arrow) => h("li", {}, edgeButton(arrow, acts.onEdge)))),
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
      h("button", { type: "button", id: "evidence-close", class: "close", "aria-label": "Close the evidence", onclick: () => this.#close() }, "×"),
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
    const names = actor.aliases.length ? ` Also called ${actor.aliases.slice(0, 5).join(", ").replace(/\.$/, "")}.` : "";
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
