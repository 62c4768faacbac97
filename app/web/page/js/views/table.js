// The state in, the claims that match it as a table out, page by page; the equal of every other view for keyboard and screen reader.
import * as api from "../api.js";
import { fill, h, refill } from "../dom.js";
import { claimParams, typesOf } from "../state.js";
import { day, figure, modalityWords, plural } from "../words.js";

/** @import { Claim, Shell, State } from "../types.js" */

/** @type {[string, string, (claim: Claim) => string][]} */
const COLUMNS = [
  ["type", "Type", (claim) => claim.type],
  ["source", "Source", (claim) => claim.source],
  ["target", "Target", (claim) => claim.target ?? ""],
  ["incident", "Incident", (claim) => claim.incident_label ?? ""],
  ["date", "Date", (claim) => claim.date ?? claim.published ?? ""],
  ["publisher", "Outlet", (claim) => claim.publisher ?? ""],
  ["quote", "Quote", (claim) => claim.evidence.quote],
];
/** As many as the API gives at once. */
const PAGE = 500;

export class TableView {
  /**
   * @param {HTMLElement} place
   * @param {Shell} shell
   */
  constructor(place, shell) {
    this.shell = shell;
    /** @type {Map<string, Claim>} */
    this.claims = new Map();
    /** @type {string | null} */
    this.next = null;
    this.total = 0;
    this.narrower = 0;
    this.asked = "";
    this.ticket = 0;
    this.sort = "date:desc";
    this.head = h("tr", { id: "claims-head", role: "row" }, COLUMNS.map(([key, title]) => h("th", { scope: "col", role: "columnheader", dataset: { column: key } }, h("button", { type: "button", onclick: () => shell.go({ sort: this.#turned(key) }, { replace: true }) }, title, h("span", { class: "order", "aria-hidden": "true" })))));
    this.body = h("tbody", { id: "claims-body", role: "rowgroup" });
    this.table = h("table", { id: "claims", role: "table", "aria-describedby": "table-note" }, h("caption", { class: "unseen" }, "Claims that match the filters and the focus"), h("thead", { role: "rowgroup" }, this.head), this.body);
    this.note = h("p", { id: "table-note", class: "quiet" });
    this.more = h("button", { type: "button", id: "more", hidden: true, onclick: () => void this.#more() }, "Load more claims");
    refill(place, this.note, this.table, this.more);
  }

  /** @param {State} state @returns {string} */
  key(state) {
    return JSON.stringify([claimParams(state), typesOf(state), state.sort, this.shell.revision()]);
  }

  /** @param {string} column */
  #turned(column) {
    const [now, order] = this.sort.split(":");
    return `${column}:${now === column && order === "asc" ? "desc" : "asc"}`;
  }

  /**
   * @param {State} state
   * @param {AbortSignal} signal
   */
  async show(state, signal) {
    this.sort = state.sort;
    this.types = typesOf(state);
    const question = { ...claimParams(state), type: this.types };
    const asked = JSON.stringify([question, this.shell.revision()]);
    if (asked !== this.asked) {
      const page = this.types.length ? await api.claims({ ...question, limit: PAGE }, signal) : { claims: [], total: 0, narrower: 0, next: null };
      signal.throwIfAborted();
      this.ticket += 1;
      this.asked = asked;
      this.question = question;
      this.claims = new Map(page.claims.map((claim) => [claim.id, claim]));
      Object.assign(this, { next: page.next, total: page.total, narrower: page.narrower });
      this.shell.know(page.claims.map((claim) => claim.publisher));
    }
    this.#draw();
  }

  async #more() {
    const ticket = this.ticket;
    const had = this.claims.size;
    this.more.disabled = true;
    try {
      const page = await api.claims({ ...this.question, limit: PAGE, cursor: this.next });
      if (ticket !== this.ticket) return;
      for (const claim of page.claims) this.claims.set(claim.id, claim);
      this.next = page.next;
      this.#draw();
      this.shell.say(`${plural(this.claims.size - had, "claim")} more loaded.`);
    } catch (error) {
      if (ticket === this.ticket) this.shell.problem(error);
    } finally {
      this.more.disabled = false;
    }
  }

  /** @returns {Claim[]} */
  #sorted() {
    const [column, order] = this.sort.split(":");
    const value = COLUMNS.find(([key]) => key === column)?.[2] ?? ((/** @type {Claim} */ claim) => claim.id);
    const sign = order === "asc" ? 1 : -1;
    // What is empty goes last in either order; equals keep the order of the days, then of the ids.
    return [...this.claims.values()].sort((left, right) => {
      const [a, b] = [value(left), value(right)];
      if (!a !== !b) return a ? -1 : 1;
      return sign * a.localeCompare(b, "en") || (left.date ?? "").localeCompare(right.date ?? "") || (left.id < right.id ? -1 : 1);
    });
  }

  /** @returns {string} */
  summary() {
    if (!this.types?.length) return "no type of claim is ticked";
    const all = this.total + this.narrower;
    const loaded = this.claims.size;
    if (!all) return "no rows";
    return this.next === null ? `all ${plural(loaded, "row")} shown` : `${figure(loaded)} of ${plural(all, "row")} loaded, sorted among those loaded`;
  }

  #draw() {
    const [column, order] = this.sort.split(":");
    for (const head of this.head.querySelectorAll("th")) head.setAttribute("aria-sort", head.dataset.column === column ? (order === "asc" ? "ascending" : "descending") : "none");
    const claims = this.#sorted();
    refill(this.body);
    fill(this.body, claims.map((claim) => this.#row(claim)));
    this.table.hidden = !claims.length;
    this.note.textContent = claims.length ? "Each row is what an article reports, not what is established." : "No claims match. Loosen the filters, or take the focus away.";
    this.more.hidden = this.next === null;
  }

  /** @param {Claim} claim */
  #row(claim) {
    const { shell } = this;
    const cell = (/** @type {string} */ title, /** @type {import("../dom.js").Child[]} */ ...children) => h("td", { role: "cell", "data-title": title }, h("div", {}, ...children));
    const actor = (/** @type {string | null} */ id, /** @type {string | null} */ name) => (id && name ? h("button", { type: "button", class: "plain", title: `Focus on ${name}`, onclick: () => shell.focus(id) }, name) : h("span", { class: "quiet" }, "not named"));
    const speaks = claim.speaker && claim.speaker_id !== claim.source_id ? h("span", { class: "quiet" }, ` by ${claim.speaker}`) : null;
    return h(
      "tr",
      { role: "row", dataset: { claimId: claim.id, type: claim.type, modality: claim.modality } },
      cell("Type", h("span", { class: `kind ${claim.type}` }, claim.type), h("span", { class: "quiet" }, ` ${modalityWords(claim)}`), claim.scope === "narrower" ? h("span", { class: "quiet" }, " · of a part, not counted") : null),
      cell("Source", actor(claim.source_id, claim.source), speaks),
      cell("Target", actor(claim.target_id, claim.target)),
      cell("Incident", claim.incident ? h("button", { type: "button", class: "plain", title: "Who says who did it", onclick: () => shell.openIncident(/** @type {string} */ (claim.incident)) }, claim.incident_label ?? claim.incident) : h("span", { class: "quiet" }, "none")),
      cell("Date", claim.date ? day(claim.date) : claim.published ? h("span", { title: "Day of publication; the day of the claim is not told" }, day(claim.published), h("span", { class: "quiet" }, " published")) : h("span", { class: "quiet" }, "not told")),
      cell("Outlet", claim.publisher ?? h("span", { class: "quiet" }, "not named")),
      cell(
        "Quote",
        h("button", { type: "button", class: "plain quote", dataset: { readClaim: claim.id }, title: "Read in the article", onclick: () => shell.read(claim) }, `“${claim.evidence.quote}”`),
        h("span", { class: "acts" }, h("span", { class: "quiet" }, `extracted with ${Math.round(claim.confidence * 100)}% confidence`), h("button", { type: "button", class: "plain", dataset: { receipt: claim.id }, onclick: () => shell.receipt(claim.id) }, "Receipt"), h("button", { type: "button", class: "plain", dataset: { thread: claim.id }, onclick: () => shell.openThread(claim.id) }, "Thread")),
      ),
    );
  }
}
