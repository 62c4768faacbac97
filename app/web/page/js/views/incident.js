// Filters in, the incidents that the claims are about out; one opened: who is said to have done it, who rejects that, and
// every cell with its quotes. It lists what articles report side by side and picks no winner.
import * as api from "../api.js";
import { debounce, fill, h, refill } from "../dom.js";
import { CLAIM_KINDS, claimParams } from "../state.js";
import { claimSentence, day, figure, plural } from "../words.js";

/** @import { Claim, Shell, State } from "../types.js" */

/** @typedef {{ source: string, source_id: string, claims: string[], mentions: number, articles: number, publishers: number, lineages: number, denial_kinds: string[], basis: string[], scope: string, through: string | null, withdrawn: string[] }} Stance */
/** @typedef {{ source: string, source_id: string, acknowledgements: string[], mentions: number, articles: number, lineages: number, scope: string, through: string | null }} Acknowledging */
/** @typedef {{ claim: string, authority: string, kind: string, adjudicates: boolean, holds: "affirms" | "rejects", scope: string }} Finding */
/** @typedef {{ actor: string, actor_id: string, affirming: Stance[], rejecting: Stance[], self_claims: Acknowledging[], admissions: Acknowledging[], findings: Finding[], status: string, rule: string, because: string }} Attribution */
/** @typedef {{ id: string, kind: string, speaker: string, actor: string, actor_id: string, date: string | null, published: string | null, publisher: string | null, title: string, url: string | null, evidence: { quote: string, article: string } }} Acknowledgement */
/** @typedef {{ incident: { id: string, label: string, types: string[], place: string | null, country: string | null, date: string | null, articles: number, claims: number }, reported_in: string[], members: string[], status: string, rule: string, because: string, attribution: Attribution[], occurrence_denied: string[], without_target: string[], acknowledgements: Acknowledgement[], counts: { claims: number, articles: number, publishers: number, lineages: number }, claims: Claim[] }} Incident */
/** @typedef {{ incident: string, label: string, types: string[], date: string | null, place: string | null, country: string | null, precision: string, thread: string, claims: number, lineages: number, articles: number, parts: { kind: string, claims: number }[] }} Dispute */

const AT_ONCE = 50;
const COLUMNS = ["Who", "Held responsible by", "Rejected by", "Claims it", "Admits it", "Findings, as reported", "Status"];
const MOST_ARTICLES = 20;
const MOST_THREADS = 8;

/** Statuses in words; the rule's own text always stands beside them. @type {Record<string, string>} */
export const STATUSES = { unattributed: "Unattributed", single_sided: "Single-sided", contested: "Contested", self_claimed: "Self-claimed", admitted: "Admitted", adjudicated: "Adjudicated" };

/** @type {Record<string, string>} */
const NOUNS = { accuses: "accusation", denies: "denial", retaliates: "retaliation" };

/** How exactly a place is known. @type {Record<string, string>} */
export const PRECISIONS = {
  site: "on the map: the site",
  settlement: "on the map: the town",
  region: "on the map: the region",
  country: "on the map: only the country is known",
  unknown: "where on the map is not known",
};

/** Why a claim stands in the row of one that it does not name. @type {Record<string, (through: string) => string>} */
const SCOPES = {
  entailed: (through) => `said of ${through}, a part of it`,
  inherited: (through) => `said for ${through}, of which it is part`,
  narrower: (through) => `said for ${through} alone; does not count here`,
};

export class IncidentView {
  /**
   * @param {HTMLElement} place
   * @param {Shell} shell
   */
  constructor(place, shell) {
    this.shell = shell;
    this.place = place;
    this.words = "";
    this.q = "";
    /** @type {AbortController | null} */
    this.searching = null;
    this.search = h("input", { id: "incident-search", type: "search", autocomplete: "off", placeholder: "Bombing, ferry, Bannu …", oninput: debounce(() => void this.#search(), 250) });
    this.note = h("p", { class: "note", id: "incident-note" });
    this.body = h("tbody");
    this.more = h("button", { type: "button", id: "incident-more", hidden: true });
    this.list = h(
      "div",
      { class: "incident-list" },
      h("div", { class: "view-top" }, h("label", { class: "field" }, "Search incidents ", this.search), this.note),
      h(
        "table",
        { class: "plain-table", id: "incident-table" },
        h("caption", { class: "unseen" }, "Incidents that the claims are about, best evidenced first"),
        h("thead", {}, h("tr", {}, ["Incident", "When", "Where", "Claims", "Independent texts", "Articles"].map((head) => h("th", { scope: "col" }, head)))),
        this.body,
      ),
      this.more,
    );
    this.opened = h("article", { class: "incident-opened", hidden: true });
    place.append(this.list, this.opened);
  }

  /** @param {State} state */
  key(state) {
    return state.shownIncident ? `one ${state.shownIncident}` : JSON.stringify(this.#params(state));
  }

  summary() {
    return this.words;
  }

  /**
   * @param {State} state
   * @param {AbortSignal} signal
   */
  async show(state, signal) {
    this.searching?.abort();
    // Whoever came here by the keyboard goes on where the new thing begins.
    const inside = this.place.contains(document.activeElement);
    if (state.shownIncident) await this.#open(state.shownIncident, signal);
    else await this.#load(state, signal);
    this.list.hidden = Boolean(state.shownIncident);
    this.opened.hidden = !state.shownIncident;
    if (inside && document.activeElement !== this.search) (state.shownIncident ? /** @type {HTMLElement} */ (this.opened.querySelector("h2")) : this.search).focus({ preventScroll: true });
  }

  // ---- the list ----

  /** @param {State} state @returns {api.Params} */
  #params(state) {
    const types = CLAIM_KINDS.filter((kind) => state.kinds.includes(kind));
    return { ...claimParams(state), type: types.length === CLAIM_KINDS.length ? [] : types, q: this.q };
  }

  async #search() {
    this.q = this.search.value.trim();
    this.searching?.abort();
    this.searching = new AbortController();
    const { signal } = this.searching;
    try {
      await this.#load(this.shell.state(), signal);
      this.shell.say(this.words);
    } catch (error) {
      if (!signal.aborted) this.shell.problem(error);
    }
  }

  /**
   * @param {State} state
   * @param {AbortSignal} signal
   * @param {string | null} [cursor]
   */
  async #load(state, signal, cursor = null) {
    const none = !CLAIM_KINDS.some((kind) => state.kinds.includes(kind));
    /** @type {{ disputes: Dispute[], total: number, claims: number, without_incident: number, undated_left_out: number, next: string | null }} */
    const page = none ? { disputes: [], total: 0, claims: 0, without_incident: 0, undated_left_out: 0, next: null } : await api.get("disputes", { ...this.#params(state), limit: AT_ONCE, cursor }, signal);
    signal.throwIfAborted();
    if (!cursor) refill(this.body);
    for (const row of page.disputes) this.shell.names.set(row.incident, row.label);
    fill(this.body, page.disputes.map((row) => this.#row(row)));
    const shown = this.body.children.length;
    const parts = [none ? "No kind of claim is ticked." : `${shown === page.total ? (shown === 1 ? "The one incident" : `All ${plural(shown, "incident")}`) : `${figure(shown)} of ${plural(page.total, "incident")}`} that ${figure(page.claims - page.without_incident)} of ${plural(page.claims, "matching claim")} are about, those of most independent texts first.`];
    if (page.undated_left_out) parts.push(`${plural(page.undated_left_out, "claim")} without a day ${page.undated_left_out === 1 ? "is" : "are"} left out by the dates.`);
    this.words = parts.join(" ");
    refill(this.note, "Each row is what articles report of. Who did it is not said here, only claimed: open an incident for who says so and who rejects it.");
    this.more.hidden = page.next === null;
    refill(this.more, "Show more incidents");
    this.more.onclick = async () => {
      this.more.disabled = true;
      try {
        await this.#load(this.shell.state(), new AbortController().signal, page.next);
      } catch (error) {
        this.shell.problem(error);
      }
      this.more.disabled = false;
    };
  }

  /** @param {Dispute} row */
  #row(row) {
    const parts = CLAIM_KINDS.map((kind) => [kind, row.parts.filter((part) => part.kind === kind).reduce((sum, part) => sum + part.claims, 0)]).filter(([, count]) => count);
    return h(
      "tr",
      { dataset: { incident: row.incident } },
      h("td", { "data-title": "Incident" }, h("button", { type: "button", class: "plain", dataset: { openIncident: row.incident }, onclick: () => this.shell.openIncident(row.incident) }, row.label)),
      h("td", { "data-title": "When" }, row.date ? day(row.date) : h("span", { class: "quiet" }, "not told")),
      h("td", { "data-title": "Where" }, where(row.place, row.country), h("span", { class: "quiet" }, ` ${PRECISIONS[row.precision] ?? row.precision}`)),
      h("td", { "data-title": "Claims", class: "number" }, figure(row.claims), h("span", { class: "quiet parts" }, parts.map(([kind, count]) => plural(Number(count), NOUNS[kind])).join(", "))),
      h("td", { "data-title": "Independent texts", class: "number" }, figure(row.lineages)),
      h("td", { "data-title": "Articles", class: "number" }, figure(row.articles)),
    );
  }

  // ---- one incident ----

  /**
   * @param {string} id
   * @param {AbortSignal} signal
   */
  async #open(id, signal) {
    const path = `incidents/${encodeURIComponent(id)}`;
    /** @type {Incident} */
    const found = await api.get(path, {}, signal);
    const [{ disputes: [row] }, titles] = await Promise.all([api.get("disputes", { incident: found.incident.id, limit: 1 }, signal), this.#titles(found, signal)]);
    signal.throwIfAborted();
    this.shell.names.set(found.incident.id, found.incident.label);
    this.shell.know(found.claims.map((claim) => claim.publisher));
    this.words = `${found.incident.label}: ${plural(found.counts.claims, "claim")} in ${plural(found.counts.articles, "article")}, ${plural(found.counts.lineages, "independent text")}; all of them are shown, whatever the filters say.`;
    this.#draw(found, row, titles);
  }

  /**
   * The titles of the articles that report it; those of which a claim is shown are known already.
   * @param {Incident} found
   * @param {AbortSignal} signal
   * @returns {Promise<Map<string, { title: string, publisher: string | null, published: string | null }>>}
   */
  async #titles(found, signal) {
    const titles = new Map(found.claims.map((claim) => [claim.evidence.article, { title: claim.title, publisher: claim.publisher, published: claim.published }]));
    const unknown = found.reported_in.filter((one) => !titles.has(one)).slice(0, MOST_ARTICLES);
    const read = await api.all(unknown, (one) => api.article(one, signal));
    for (const { article } of read) titles.set(article.id, article);
    return titles;
  }

  /**
   * @param {Incident} found
   * @param {Dispute | undefined} row undefined where no claim is about it
   * @param {Map<string, { title: string, publisher: string | null, published: string | null }>} titles
   */
  #draw(found, row, titles) {
    const { incident } = found;
    const { shell } = this;
    const quotes = (/** @type {string} */ heading, /** @type {string[]} */ ids) => h("button", { type: "button", class: "plain", dataset: { quotes: ids.join(" ") }, onclick: () => shell.evidence(heading, ids) }, plural(ids.length, "quote"));
    const more = found.reported_in.length - MOST_ARTICLES;
    refill(
      this.opened,
      h("p", {}, h("button", { type: "button", id: "incident-back", onclick: () => shell.go({ shownIncident: "" }) }, "← All incidents")),
      h("h2", { id: "incident-title", tabindex: "-1" }, incident.label),
      h(
        "dl",
        { class: "facts-list" },
        fact("What", incident.types.join("; ") || "not told"),
        fact("Where", where(incident.place, incident.country), h("span", { class: "quiet" }, ` · ${PRECISIONS[row?.precision ?? "unknown"]}`)),
        fact("When", day(incident.date) || "not told", incident.date?.includes("/") ? h("span", { class: "quiet" }, " · articles give a span") : null),
        fact("Behind it", quotes(`Claims about ${incident.label}`, found.claims.map((claim) => claim.id)), ` in ${plural(found.counts.articles, "article")} of ${plural(found.counts.publishers, "outlet")}, ${plural(found.counts.lineages, "independent text")}`),
        found.members.length > 1 ? fact("Joined from", `${plural(found.members.length, "report")} of ${plural(found.reported_in.length, "article")} that a linker or a person took for one incident`) : null,
      ),
      h("p", { class: "acts" }, h("button", { type: "button", id: "incident-graph", onclick: () => shell.go({ tab: "graph", incident: incident.id, actors: [], expand: [], hide: [], pins: {}, select: "" }) }, "Show in the graph"), h("button", { type: "button", onclick: () => shell.go({ tab: "table", incident: incident.id, actors: [] }) }, "Its claims as a table")),
      h("section", { class: `status ${found.status}`, "aria-label": "Status", dataset: { status: found.status, rule: found.rule } }, h("p", {}, h("strong", {}, `${STATUSES[found.status] ?? found.status}. `), found.because), h("p", { class: "quiet" }, `Rule ${found.rule}. A status says what sort of dispute there is. It counts no heads and picks no winner.`)),
      h("h3", {}, "Who is said to have done it"),
      found.attribution.length ? this.#table(found) : h("p", { class: "quiet" }, "No article holds anybody responsible, rejects that or takes it upon itself."),
      found.occurrence_denied.length ? h("p", { id: "occurrence-denied" }, "That it happened at all is denied: ", quotes("That it happened at all is denied", found.occurrence_denied), ".") : null,
      found.without_target.length ? h("p", { id: "without-target" }, "Accusations that name nobody: ", quotes("Accusations that name nobody", found.without_target), ".") : null,
      found.acknowledgements.length ? [h("h3", {}, "Who claims or admits it"), h("ol", { class: "cards", id: "acknowledgements" }, found.acknowledgements.map((one) => this.#acknowledgement(one)))] : null,
      h("h3", {}, "Threads"),
      this.#threads(found, row),
      h("h3", {}, `Reported in ${plural(found.reported_in.length, "article")}`),
      h(
        "ul",
        { class: "rows", id: "incident-articles" },
        found.reported_in.filter((one) => titles.has(one)).map((one) => {
          const article = titles.get(one);
          return h("li", {}, h("button", { type: "button", class: "plain", dataset: { article: one }, onclick: () => shell.go({ article: one, quote: found.claims.find((claim) => claim.evidence.article === one)?.id ?? "" }) }, article?.title || one), h("span", { class: "quiet" }, [article?.publisher, day(article?.published)].filter(Boolean).map((word) => ` · ${word}`)));
        }),
        more > 0 ? h("li", { class: "quiet" }, `${figure(more)} more.`) : null,
      ),
    );
    this.opened.dataset.shown = incident.id;
  }

  /** @param {Incident} found */
  #table(found) {
    return h(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "Attribution table" },
      h(
        "table",
        { class: "plain-table attribution", id: "attribution" },
        h("caption", { class: "unseen" }, `What articles report of who did it: ${found.incident.label}`),
        h("thead", {}, h("tr", {}, COLUMNS.map((head) => h("th", { scope: "col" }, head)))),
        h("tbody", {}, found.attribution.map((row) => this.#attribution(row, found))),
      ),
    );
  }

  /**
   * @param {Attribution} row
   * @param {Incident} found
   */
  #attribution(row, found) {
    const none = () => h("span", { class: "quiet" }, "nobody reported");
    const cell = (/** @type {string} */ column, /** @type {string} */ title, /** @type {any[]} */ items) => h("td", { "data-title": title, dataset: { column } }, items.length ? h("ul", {}, items) : none());
    const stance = (/** @type {Stance} */ one, /** @type {string} */ heading) => {
      return h(
        "li",
        { class: one.scope, dataset: { source: one.source_id, scope: one.scope } },
        h("button", { type: "button", class: "plain", dataset: { claims: one.claims.join(" ") }, onclick: () => this.shell.evidence(heading, one.claims) }, one.source, h("span", { class: "unseen" }, `: ${heading}`)),
        h("span", { class: "quiet" }, ` ${counts(one)}`),
        one.scope !== "direct" ? h("span", { class: "scope" }, SCOPES[one.scope]?.(one.through ?? "another") ?? one.scope) : null,
        one.denial_kinds.length ? h("span", { class: "scope" }, `rejects ${one.denial_kinds.map((kind) => REJECTS[kind] ?? kind).join(", ")}`) : null,
        one.basis.includes("withdraws_its_accusation") ? h("span", { class: "scope" }, "by withdrawing its own accusation") : null,
        one.withdrawn.length ? h("span", { class: "scope" }, "withdrawn later, no longer counts: ", h("button", { type: "button", class: "plain", dataset: { claims: one.withdrawn.join(" ") }, onclick: () => this.shell.evidence(`${one.source} withdraws it`, one.withdrawn) }, plural(one.withdrawn.length, "quote"))) : null,
      );
    };
    const taking = (/** @type {Acknowledging} */ one) =>
      h("li", { dataset: { source: one.source_id } }, h("a", { href: `#ack-${one.acknowledgements[0]}`, dataset: { acknowledgements: one.acknowledgements.join(" ") }, onclick: (/** @type {Event} */ event) => this.#toAcknowledgement(event, one.acknowledgements[0]) }, one.source), h("span", { class: "quiet" }, ` ${counts(one)}`), one.scope !== "direct" ? h("span", { class: "scope" }, SCOPES[one.scope]?.(one.through ?? "another")) : null);
    const finding = (/** @type {{ one: Finding, claims: string[] }} */ { one, claims }) =>
      h("li", { class: one.scope }, h("button", { type: "button", class: "plain", dataset: { claims: claims.join(" ") }, onclick: () => this.shell.evidence(`${one.authority}, as reported`, claims) }, one.authority), h("span", { class: "quiet" }, ` ${plural(claims.length, "quote")}`), h("span", { class: "scope" }, `${one.kind.replaceAll("_", " ")}, reported to hold that it ${one.holds === "affirms" ? "was" : "was not"} responsible${one.adjudicates ? "; adjudicates" : ""}`));
    return h(
      "tr",
      { dataset: { actor: row.actor_id } },
      h("th", { scope: "row" }, h("button", { type: "button", class: "plain", onclick: () => this.shell.openActor(row.actor_id) }, row.actor)),
      cell("affirming", COLUMNS[1], row.affirming.map((one) => stance(one, `${one.source} holds ${row.actor} responsible`))),
      cell("rejecting", COLUMNS[2], row.rejecting.map((one) => stance(one, `${one.source} rejects that ${row.actor} is responsible`))),
      cell("self_claims", COLUMNS[3], row.self_claims.map(taking)),
      cell("admissions", COLUMNS[4], row.admissions.map(taking)),
      cell("findings", COLUMNS[5], grouped(row.findings).map(finding)),
      h("td", { "data-title": COLUMNS[6], dataset: { column: "status", status: row.status, rule: row.rule } }, h("strong", {}, STATUSES[row.status] ?? row.status), h("span", { class: "scope" }, row.because)),
    );
  }

  /**
   * @param {Event} event
   * @param {string} id
   */
  #toAcknowledgement(event, id) {
    // The part of the address after # is the page's state.
    event.preventDefault();
    const card = /** @type {HTMLElement | null} */ (this.opened.querySelector(`[data-acknowledgement="${CSS.escape(id)}"]`));
    card?.scrollIntoView({ block: "center" });
    card?.focus({ preventScroll: true });
  }

  /** @param {Acknowledgement} one */
  #acknowledgement(one) {
    const does = one.kind === "admission" ? "is reported to admit it" : "is reported to claim it as its own deed";
    const who = one.speaker === one.actor ? one.actor : `${one.speaker}, for ${one.actor},`;
    return h(
      "li",
      { class: "card", tabindex: "-1", dataset: { acknowledgement: one.id } },
      h("p", { class: "says" }, `${who} ${does}:`),
      h("blockquote", {}, h("p", { class: "quote" }, `“${one.evidence.quote}”`)),
      h("p", { class: "where" }, "says ", h("cite", {}, one.publisher ?? "an outlet not named"), one.date ? `, of ${day(one.date)}` : one.published ? `, published ${day(one.published)}` : ""),
      h("p", { class: "acts" }, h("button", { type: "button", onclick: () => this.shell.go({ article: one.evidence.article, quote: "" }) }, "Read in the article")),
    );
  }

  /**
   * @param {Incident} found
   * @param {Dispute | undefined} row
   */
  #threads(found, row) {
    const own = new Set(found.claims.map((claim) => claim.id));
    const first = found.claims.filter((claim) => claim.type === "accuses" && !own.has(claim.responds_to ?? ""));
    const roots = (first.length ? first : found.claims).sort((a, b) => Number(b.id === row?.thread) - Number(a.id === row?.thread));
    if (!roots.length) return h("p", { class: "quiet" }, "No claim is about it.");
    const told = (/** @type {Claim} */ claim) => `${claimSentence(claim)} ${claim.date ?? claim.published}`;
    const different = roots.filter((claim, index) => roots.findIndex((one) => told(one) === told(claim)) === index);
    return h(
      "ul",
      { class: "rows", id: "incident-threads" },
      different.slice(0, MOST_THREADS).map((claim) => h("li", {}, h("button", { type: "button", class: "plain", dataset: { thread: claim.id }, onclick: () => this.shell.openThread(claim.id) }, claimSentence(claim)), h("span", { class: "quiet" }, claim.date ?? claim.published ? ` · ${day(claim.date ?? claim.published)}` : ""))),
      different.length > MOST_THREADS ? h("li", { class: "quiet" }, `${figure(different.length - MOST_THREADS)} more: see the quotes above.`) : null,
    );
  }
}

/** What a denial of each kind rejects. @type {Record<string, string>} */
const REJECTS = {
  occurrence: "that it happened",
  perpetration: "that it did it",
  intent: "that it was meant",
  characterisation: "what it is called",
  knowledge: "that it knew",
  authority: "that it ordered it",
};

/**
 * What one body is reported to hold, told once.
 * @param {Finding[]} findings
 */
function grouped(findings) {
  /** @type {Map<string, { one: Finding, claims: string[] }>} */
  const found = new Map();
  for (const one of findings) {
    const key = JSON.stringify([one.authority, one.kind, one.holds, one.scope, one.adjudicates]);
    found.set(key, { one, claims: [...(found.get(key)?.claims ?? []), one.claim] });
  }
  return [...found.values()];
}

/** @param {{ mentions: number, articles: number, lineages: number }} one */
function counts(one) {
  return `${plural(one.mentions, "quote")}, ${plural(one.lineages, "independent text")}`;
}

/**
 * @param {string | null} place
 * @param {string | null} country
 */
function where(place, country) {
  return [place, country].filter(Boolean).join(", ") || "place not told";
}

/**
 * @param {string} name
 * @param {...any} value
 */
function fact(name, ...value) {
  return [h("dt", {}, name), h("dd", {}, ...value)];
}
