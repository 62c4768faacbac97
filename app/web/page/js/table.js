// The state in, the claims that match it as a table out, page by page; the equal of the canvas for keyboard and screen reader.
import * as api from "./api.js";
import { byId, fill, h, refill, save } from "./dom.js";
import { CLAIM_KINDS, filterParams } from "./state.js";
import { day, figure, modalityWords, plural } from "./words.js";

/** @import { Claim, ClaimType, State } from "./types.js" */

/**
 * One question whose answer comes in pages. With an actor in focus there are two for each type: what it says, what it faces.
 * @typedef {{ type: ClaimType, params: api.Params, cursor: string | null, total: number, done: boolean }} Stream
 */

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
const PAGE = 50;

/** @param {State} state @returns {string} what the table depends on */
export function tableKey(state) {
  return JSON.stringify([state.actors, state.incident, filterParams(state), state.kinds, state.rollup]);
}

export class Table {
  /**
   * @param {{ onRead: (claim: Claim) => void, onFocus: (id: string) => void, onSort: (sort: string) => void, onClaims: (claims: Claim[]) => void, onError: (error: unknown) => void, say: (text: string) => void }} actions
   */
  constructor(actions) {
    this.actions = actions;
    this.body = byId("claims-body");
    this.more = byId("more");
    /** @type {Stream[]} */
    this.streams = [];
    /** @type {Map<string, Claim>} */
    this.claims = new Map();
    this.key = "";
    this.sort = "date:desc";
    this.revision = 0;
    this.ticket = 0;
    this.more.addEventListener("click", () => this.#load(this.ticket, true));
    byId("csv").addEventListener("click", () => save(new Blob([csv(this.#sorted())], { type: "text/csv;charset=utf-8" }), `polemos-claims-revision-${this.revision}.csv`));
    refill(byId("claims-head"), COLUMNS.map(([key, title]) => h("th", { scope: "col", role: "columnheader", dataset: { column: key } }, h("button", { type: "button", onclick: () => actions.onSort(this.#turned(key)) }, title, h("span", { class: "order", "aria-hidden": "true" })))));
  }

  /** @param {string} column */
  #turned(column) {
    const [now, order] = this.sort.split(":");
    return `${column}:${now === column && order === "asc" ? "desc" : "asc"}`;
  }

  /**
   * @param {State} state
   * @returns {Promise<void>}
   */
  async show(state) {
    this.sort = state.sort;
    const key = tableKey(state);
    if (key === this.key) return this.#draw();
    const ticket = ++this.ticket;
    this.streams = streamsOf(state);
    this.claims = new Map();
    await this.#load(ticket, false);
    if (ticket === this.ticket) this.key = key;
  }

  /** Forgets what was loaded, so that the next look asks again. */
  forget() {
    this.key = "";
  }

  /**
   * @param {number} ticket
   * @param {boolean} alone whether the button asked, so that nobody else reports what goes wrong
   */
  async #load(ticket, alone) {
    const open = this.streams.filter((stream) => !stream.done);
    this.more.disabled = true;
    const had = this.claims.size;
    try {
      const pages = await api.all(open, (stream) => api.claimsOfType(stream.type, { ...stream.params, limit: PAGE, cursor: stream.cursor }));
      if (ticket !== this.ticket) return;
      for (const [index, page] of pages.entries()) {
        Object.assign(open[index], { cursor: page.next, total: page.total, done: page.next === null });
        for (const claim of page.claims) this.claims.set(claim.id, claim);
        this.revision = page.revision;
      }
      this.actions.onClaims([...this.claims.values()]);
      this.#draw();
      if (alone) this.actions.say(`${plural(this.claims.size - had, "claim")} more loaded.`);
    } catch (error) {
      if (ticket !== this.ticket) return;
      if (!alone) throw error;
      this.actions.onError(error);
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

  /** What the table tells of itself in one sentence. @returns {string} */
  summary() {
    const done = this.streams.every((stream) => stream.done);
    const total = this.streams.reduce((sum, stream) => sum + stream.total, 0);
    const loaded = this.claims.size;
    if (!this.streams.length) return "No kind of claim is ticked.";
    if (done) return loaded ? `All ${plural(loaded, "claim")} that match.` : "No claims match.";
    return `${figure(loaded)} of about ${plural(total, "claim")} loaded; sorted among those loaded.`;
  }

  #draw() {
    const [column, order] = this.sort.split(":");
    for (const head of document.querySelectorAll("#claims-head th")) {
      const mine = /** @type {HTMLElement} */ (head).dataset.column === column;
      head.setAttribute("aria-sort", mine ? (order === "asc" ? "ascending" : "descending") : "none");
    }
    const claims = this.#sorted();
    refill(this.body);
    fill(this.body, claims.map((claim) => this.#row(claim)));
    byId("claims").hidden = !claims.length;
    byId("table-note").textContent = `${this.summary()} Each row is what an article reports, not what is established.`;
    byId("csv").disabled = !claims.length;
    this.more.hidden = this.streams.every((stream) => stream.done);
  }

  /** @param {Claim} claim */
  #row(claim) {
    const cell = (/** @type {string} */ title, /** @type {import("./dom.js").Child[]} */ ...children) => h("td", { role: "cell", "data-title": title }, h("div", {}, ...children));
    const actor = (/** @type {string | null} */ id, /** @type {string | null} */ name) => (id && name ? h("button", { type: "button", class: "plain", title: `Focus on ${name}`, onclick: () => this.actions.onFocus(id) }, name) : h("span", { class: "quiet" }, "not named"));
    const speaks = claim.speaker && claim.speaker_id !== claim.source_id ? h("span", { class: "quiet" }, ` by ${claim.speaker}`) : null;
    return h(
      "tr",
      { role: "row", dataset: { claimId: claim.id, type: claim.type } },
      cell("Type", h("span", { class: `kind ${claim.type}` }, claim.type), h("span", { class: "quiet" }, ` ${modalityWords(claim)}`)),
      cell("Source", actor(claim.source_id, claim.source), speaks),
      cell("Target", actor(claim.target_id, claim.target)),
      cell("Incident", claim.incident ? h("button", { type: "button", class: "plain", onclick: () => this.actions.onFocus(/** @type {string} */ (claim.incident)) }, claim.incident_label ?? claim.incident) : h("span", { class: "quiet" }, "none")),
      cell("Date", claim.date ? day(claim.date) : claim.published ? h("span", { title: "Day of publication; the day of the claim is not told" }, day(claim.published), h("span", { class: "quiet" }, " published")) : h("span", { class: "quiet" }, "not told")),
      cell("Outlet", claim.publisher ?? h("span", { class: "quiet" }, "not named")),
      cell("Quote", h("button", { type: "button", class: "plain quote", dataset: { readClaim: claim.id }, title: "Read in the article", onclick: () => this.actions.onRead(claim) }, `“${claim.evidence.quote}”`), h("span", { class: "quiet" }, ` ${Math.round(claim.confidence * 100)}% confidence`)),
    );
  }
}

/**
 * @param {State} state
 * @returns {Stream[]}
 */
function streamsOf(state) {
  const shared = { ...filterParams(state), incident: state.incident, rollup: state.rollup ? "" : "false" };
  const ends = state.actors.length ? state.actors.flatMap((id) => [{ source: id }, { target: id }]) : [{}];
  const types = CLAIM_KINDS.filter((kind) => state.kinds.includes(kind));
  return types.flatMap((type) => ends.map((end) => ({ type: /** @type {ClaimType} */ (type), params: { ...shared, ...end }, cursor: null, total: 0, done: false })));
}

/**
 * @param {Claim[]} claims
 * @returns {string} comma-separated values with a head line (RFC 4180)
 */
export function csv(claims) {
  /** @type {[string, (claim: Claim) => string | number | null][]} */
  const columns = [
    ["id", (c) => c.id],
    ["type", (c) => c.type],
    ["modality", (c) => c.modality],
    ["speaker", (c) => c.speaker],
    ["source", (c) => c.source],
    ["target", (c) => c.target],
    ["incident", (c) => c.incident_label],
    ["date", (c) => c.date],
    ["published", (c) => c.published],
    ["publisher", (c) => c.publisher],
    ["confidence", (c) => c.confidence],
    ["quote", (c) => c.evidence.quote],
    ["title", (c) => c.title],
    ["url", (c) => c.url],
  ];
  const lines = [columns.map(([name]) => name), ...claims.map((claim) => columns.map(([, value]) => value(claim)))];
  return lines.map((line) => line.map(csvCell).join(",")).join("\r\n") + "\r\n";
}

/** @param {string | number | null} value */
function csvCell(value) {
  let text = value === null ? "" : String(value);
  // A spreadsheet would run a text that begins like a formula.
  if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
