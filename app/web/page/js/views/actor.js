// An actor's id in, what articles report of it out: its names and parts, who accuses whom, when, what it said and where it
// turned, how it responded. Every number is a button to the quotes behind it.
import * as api from "../api.js";
import { debounce, fill, h, outLink, refill, svg } from "../dom.js";
import { CLAIM_KINDS, claimParams } from "../state.js";
import { ACTOR_KINDS, day, daySpan, figure, modalityWords, plural } from "../words.js";

/** @import { Claim, ClaimType, Shell, State } from "../types.js" */

/** @typedef {{ id: string, name: string, kind: string, country: string | null, aliases: string[], wikidata: string | null, said: Record<ClaimType, number>, faced: Record<ClaimType, number>, claims: { made: number, faced: number } }} Actor */
/** @typedef {{ id: string, name: string, kind: string, claims: number }} Member */
/** @typedef {{ actor: Actor, wholes: Member[], memberships: { whole: string, whole_id: string, since: string | null, until: string | null }[], parts: Member[] }} ActorAnswer */
/** @typedef {{ sources: { id: string, label: string }[], targets: { id: string, label: string }[], cells: { source: string, target: string, claims: number, articles: number, lineages: number }[], total: number, left_out: number, without_target: number }} Matrix */
/** @typedef {{ start: string, accuses: number, denies: number, retaliates: number }} Bin */
/** @typedef {{ bins: Bin[], undated: number, too_coarse: number }} Timeline */
/** @typedef {{ incident: string | null, incident_label: string | null, claims: Claim[] }} Position */
/** @typedef {{ id: string, stance: string, actor: string, about: string | null, said: string | null }} StanceRow */
/** @typedef {{ turn: string, before: StanceRow, after: StanceRow, lag: { least: number, most: number } }} Flip */
/** @typedef {{ incident: string, incident_label: string, flips: Flip[], stances: StanceRow[] }} History */
/** @typedef {{ accusation: Claim, status: string, first: { id: string, kind: string, said: string | null } | null }} ResponseRow */
/** @typedef {{ total: number, within: number, statuses: { status: string, counts: { claims: number } }[], kinds: { kind: string, counts: { claims: number } }[], latency: { exact: number, inexact: number, least: number | null, median: number | null, most: number | null }, responses: ResponseRow[] }} Responses */
/** @typedef {{ source: string, source_id: string, target: string, counts: { claims: number, lineages: number }, first: string | null, last: string | null, claims: Claim[], left_out: number }} Side */
/** @typedef {{ basis: string, incident: string | null, incident_label: string | null, act: string | null, sides: [Side, Side] }} Mirror */

const TOP = 10;
const MOST_BINS = 60;
const MOST_LISTED = 500;
const POSITIONS = 10;

/** @type {Record<string, string>} */
const TURNS = {
  denial_to_acknowledgement: "denied it, then claimed or admitted it",
  acknowledgement_to_denial: "claimed or admitted it, then denied it",
  accusation_to_denial: "accused, then rejected that accusation",
  denial_to_accusation: "rejected an accusation, then made it",
  accused_switched: "accused one, then another and the first no more",
  denial_moved: "denied it on one ground, then on another and the first no more",
};
/** What a search for responses came to. @type {Record<string, string>} */
const RESPONSES = {
  answered: "a response is reported",
  unlinked: "it denied something, and nothing ties that to the accusation",
  silence: "no response is reported, though articles of those days tell of it",
  no_coverage: "no other article tells of it in those days: not called silence",
  undated: "the accusation has no day",
  no_target: "the accusation names nobody",
};
/** @type {Record<string, string>} */
const ANSWERS = { denial: "first a denial", counter_accusation: "first a counter-accusation", deflection: "first an accusation of another", retaliation: "first a retaliation, threatened or reported", acknowledgement: "first a claim or admission" };

export class ActorView {
  /**
   * @param {HTMLElement} place
   * @param {Shell} shell
   */
  constructor(place, shell) {
    this.shell = shell;
    this.place = place;
    this.words = "";
    this.ticket = 0;
    this.search = h("input", { id: "actor-search", type: "search", autocomplete: "off", placeholder: "A state, an army, a person …", oninput: debounce(() => void this.#find(), 250) });
    this.note = h("p", { class: "note", id: "actor-note" });
    this.body = h("tbody");
    this.list = h(
      "div",
      { class: "actor-list" },
      h("div", { class: "view-top" }, h("label", { class: "field" }, "Search actors ", this.search), this.note),
      h("table", { class: "plain-table", id: "actor-table" }, h("caption", { class: "unseen" }, "Actors, those in most claims first"), h("thead", {}, h("tr", {}, ["Actor", "Kind", "Claims made", "Claims faced"].map((head) => h("th", { scope: "col" }, head)))), this.body),
    );
    this.opened = h("article", { class: "actor-opened", hidden: true });
    place.append(this.list, this.opened);
  }

  /**
   * @param {State} state
   * @returns {string} whose page it is: the actor shown, else the only one in focus, else nobody's
   */
  #who(state) {
    return state.shownActor || (state.actors.length === 1 ? state.actors[0] : "");
  }

  /** @param {State} state @returns {api.Params} the filters, without whoever is in focus */
  #params(state) {
    return { ...claimParams({ ...state, actors: [], incident: state.incident }) };
  }

  /** @param {State} state */
  key(state) {
    const who = this.#who(state);
    return JSON.stringify([who, who ? this.#params(state) : ""]);
  }

  summary() {
    return this.words;
  }

  /**
   * @param {State} state
   * @param {AbortSignal} signal
   */
  async show(state, signal) {
    const who = this.#who(state);
    // Whoever came here by the keyboard goes on where the new thing begins.
    const inside = this.place.contains(document.activeElement);
    if (who) await this.#open(who, state, signal);
    else await this.#load("", signal);
    this.list.hidden = Boolean(who);
    this.opened.hidden = !who;
    if (inside && document.activeElement !== this.search) (who ? /** @type {HTMLElement} */ (this.opened.querySelector("h2")) : this.search).focus({ preventScroll: true });
  }

  // ---- nobody chosen: who there is ----

  async #find() {
    try {
      await this.#load(this.search.value.trim(), new AbortController().signal);
      this.shell.say(this.words);
    } catch (error) {
      this.shell.problem(error);
    }
  }

  /**
   * @param {string} q
   * @param {AbortSignal} signal
   */
  async #load(q, signal) {
    const ticket = ++this.ticket;
    /** @type {{ actors: Actor[], total: number }} */
    const page = await api.get("actors", { q, limit: 50 }, signal);
    signal.throwIfAborted();
    if (ticket !== this.ticket) return;
    refill(
      this.body,
      page.actors.map((actor) => {
        this.shell.names.set(actor.id, actor.name);
        return h("tr", { dataset: { actor: actor.id } }, h("td", { "data-title": "Actor" }, h("button", { type: "button", class: "plain", onclick: () => this.shell.openActor(actor.id) }, actor.name)), h("td", { "data-title": "Kind" }, ACTOR_KINDS[actor.kind] ?? actor.kind), h("td", { "data-title": "Claims made", class: "number" }, figure(actor.claims.made)), h("td", { "data-title": "Claims faced", class: "number" }, figure(actor.claims.faced)));
      }),
    );
    this.words = `${page.actors.length === page.total ? `All ${plural(page.total, "actor")}` : `${figure(page.actors.length)} of ${plural(page.total, "actor")}`}${q ? ` with “${q}” in a name` : ""}, those in most claims first.`;
    refill(this.note, this.words, " Claims of their parts count for them, too.");
  }

  // ---- one actor ----

  /**
   * @param {string} id
   * @param {State} state
   * @param {AbortSignal} signal
   */
  async #open(id, state, signal) {
    const path = `actors/${encodeURIComponent(id)}`;
    const shared = this.#params(state);
    const { place, publisher, min_confidence, since, until, clock, rollup } = shared;
    const filters = { place, publisher, min_confidence, since, until, clock, rollup };
    const by = { ...shared, source: id };
    const against = { ...shared, target: id };
    const [found, accused, accusers, said, faced, turns, responses, mirrors] = await Promise.all([
      /** @type {Promise<ActorAnswer>} */ (api.get(path, {}, signal)),
      /** @type {Promise<Matrix>} */ (api.get("matrix", { ...by, kind: "accuses", top: TOP }, signal)),
      /** @type {Promise<Matrix>} */ (api.get("matrix", { ...against, kind: "accuses", top: TOP }, signal)),
      /** @type {Promise<Timeline>} */ (api.get("timeline", { ...by, unit: "month" }, signal)),
      /** @type {Promise<Timeline>} */ (api.get("timeline", { ...against, unit: "month" }, signal)),
      /** @type {Promise<{ histories: History[] }>} */ (api.get(`${path}/flips`, { limit: 500 }, signal)),
      /** @type {Promise<Responses>} */ (api.get("responses", { ...filters, target: id, limit: MOST_LISTED }, signal)),
      /** @type {Promise<{ mirrors: Mirror[], total: number }>} */ (api.get("mirrors", { ...filters, source: id, limit: 20 }, signal)),
    ]);
    const positions = h("section", { id: "actor-positions", "aria-labelledby": "positions-title" });
    const more = await this.#positions(path, state, turns.histories, positions, null, signal);
    signal.throwIfAborted();
    const { actor } = found;
    this.shell.names.set(actor.id, actor.name);
    this.words = `${actor.name}: makes ${plural(actor.claims.made, "claim")} and faces ${plural(actor.claims.faced, "claim")} in the whole ledger, with its parts; positions are shown for ${more.shown} of ${plural(more.total, "incident")}.`;
    refill(
      this.opened,
      h("p", {}, h("button", { type: "button", id: "actor-back", onclick: () => this.shell.go({ shownActor: "", actors: state.actors.length === 1 ? [] : state.actors }) }, "← All actors")),
      h("h2", { id: "actor-title", tabindex: "-1" }, actor.name),
      this.#facts(found),
      h("p", { class: "acts" }, h("button", { type: "button", id: "actor-graph", onclick: () => this.shell.go({ tab: "graph", actors: [actor.id], incident: "", expand: [], hide: [], pins: {}, select: "" }) }, "Show in the graph"), h("button", { type: "button", onclick: () => this.shell.go({ tab: "table", actors: [actor.id], incident: "" }) }, "Its claims as a table")),
      h("div", { class: "two" }, this.#dyads("Whom it accuses most", "accused", accused, actor, "source", shared), this.#dyads("Who accuses it most", "accusers", accusers, actor, "target", shared)),
      h("h3", {}, "Over time"),
      h("div", { class: "two" }, this.#series("Claims it makes, by month", "said", said, by), this.#series("Claims it faces, by month", "faced", faced, against)),
      positions,
      this.#responses(responses, actor),
      this.#mirrors(mirrors, actor),
    );
    this.opened.dataset.shown = actor.id;
  }

  /** @param {ActorAnswer} found */
  #facts({ actor, wholes, memberships, parts }) {
    const who = (/** @type {string} */ id, /** @type {string} */ name) => h("button", { type: "button", class: "plain", dataset: { actor: id }, onclick: () => this.shell.openActor(id) }, name);
    const dated = new Set(memberships.map((one) => one.whole_id));
    const period = (/** @type {string | null} */ since, /** @type {string | null} */ until) => (since || until ? ` ${since ? `from ${day(since)}` : "until then"}${until ? ` until ${day(until)}` : ", lasting"}` : "");
    const listed = (/** @type {any[]} */ items) => items.flatMap((item, index) => (index ? [", ", item] : [item]));
    return h(
      "dl",
      { class: "facts-list" },
      fact("What", [ACTOR_KINDS[actor.kind] ?? actor.kind, actor.country].filter(Boolean).join(", ")),
      actor.aliases.length ? fact("Also called", actor.aliases.join(", ")) : null,
      wholes.length || memberships.length
        ? fact(
            "Part of",
            listed([
              ...memberships.map((one) => h("span", { dataset: { membership: one.whole_id } }, who(one.whole_id, one.whole), h("span", { class: "quiet" }, period(one.since, one.until)))),
              ...wholes.filter((one) => !dated.has(one.id)).map((one) => h("span", { dataset: { whole: one.id } }, who(one.id, one.name), h("span", { class: "quiet" }, " today"))),
            ]),
          )
        : null,
      parts.length
        ? fact(
            "Speaking or acting for it",
            h("span", { id: "actor-parts" }, listed(parts.slice(0, 12).map((one) => h("span", {}, who(one.id, one.name), one.claims ? h("span", { class: "quiet" }, ` (${plural(one.claims, "claim")} say so)`) : null))), parts.length > 12 ? `, and ${figure(parts.length - 12)} more` : ""),
          )
        : null,
      actor.wikidata ? fact("Wikidata", outLink(`https://www.wikidata.org/wiki/${actor.wikidata}`, actor.wikidata)) : null,
    );
  }

  /**
   * @param {string} title
   * @param {"accused" | "accusers"} name
   * @param {Matrix} matrix
   * @param {Actor} actor
   * @param {"source" | "target"} side on which the actor stands
   * @param {api.Params} shared
   */
  #dyads(title, name, matrix, actor, side, shared) {
    const labels = new Map([...matrix.sources, ...matrix.targets].map((one) => [one.id, one.label]));
    const other = side === "source" ? "target" : "source";
    const cells = matrix.cells.slice(0, TOP);
    const left = matrix.total - matrix.without_target - cells.reduce((sum, cell) => sum + cell.claims, 0);
    return h(
      "section",
      { "aria-labelledby": `${name}-title` },
      h("h3", { id: `${name}-title` }, title),
      cells.length
        ? h(
            "table",
            { class: "plain-table", id: `actor-${name}` },
            h("thead", {}, h("tr", {}, [side === "source" ? "Accused" : "Accuser", "Quotes", "Independent texts", "Articles"].map((head) => h("th", { scope: "col" }, head)))),
            h(
              "tbody",
              {},
              cells.map((cell) => {
                const label = labels.get(cell[other]) ?? cell[other];
                const own = cell[side] === actor.id ? "" : ` (${side === "source" ? "said by" : "said of"} ${labels.get(cell[side]) ?? cell[side]}, a part of it)`;
                const heading = side === "source" ? `${actor.name} accuses ${label}` : `${label} accuses ${actor.name}`;
                return h(
                  "tr",
                  { dataset: { source: cell.source, target: cell.target } },
                  h("td", {}, h("button", { type: "button", class: "plain", onclick: () => this.shell.openActor(cell[other]) }, label), own ? h("span", { class: "quiet" }, own) : null),
                  h("td", { class: "number" }, this.#number(cell.claims, heading, "accusations", { ...shared, source: cell.source, target: cell.target, rollup: "state" })),
                  h("td", { class: "number" }, figure(cell.lineages)),
                  h("td", { class: "number" }, figure(cell.articles)),
                );
              }),
            ),
          )
        : h("p", { class: "quiet" }, "No accusation matches."),
      left > 0 ? h("p", { class: "quiet" }, `${plural(left, "more accusation")} of others.`) : null,
      matrix.without_target ? h("p", { class: "quiet" }, `${plural(matrix.without_target, "accusation")} that name nobody.`) : null,
    );
  }

  /**
   * A number that leads to the quotes it counts.
   * @param {number} count
   * @param {string} heading
   * @param {"accusations" | "denials" | "retaliations"} list
   * @param {api.Params} params
   */
  #number(count, heading, list, params) {
    if (!count) return h("span", { class: "quiet" }, "0");
    const show = async () => {
      try {
        const { claims } = await api.get(list, { ...params, limit: MOST_LISTED });
        this.shell.evidence(heading, claims.map((/** @type {Claim} */ claim) => claim.id));
      } catch (error) {
        this.shell.problem(error);
      }
    };
    return h("button", { type: "button", class: "plain", "aria-label": `${figure(count)}: the quotes, ${heading}`, dataset: { count: String(count) }, onclick: show }, figure(count));
  }

  /**
   * @param {string} title
   * @param {"said" | "faced"} name
   * @param {Timeline} timeline
   * @param {api.Params} params
   */
  #series(title, name, timeline, params) {
    const bins = timeline.bins.slice(-MOST_BINS);
    const undated = timeline.undated + timeline.too_coarse;
    const lists = /** @type {const} */ ({ accuses: "accusations", denies: "denials", retaliates: "retaliations" });
    return h(
      "section",
      { id: `actor-${name}`, "aria-labelledby": `${name}-title` },
      h("h4", { id: `${name}-title` }, title),
      bins.length ? this.#bars(bins, title) : h("p", { class: "quiet" }, "None with a day."),
      bins.length
        ? h(
            "details",
            {},
            h("summary", {}, "The numbers, each with its quotes"),
            h(
              "table",
              { class: "plain-table" },
              h("thead", {}, h("tr", {}, ["Month", "Accuses", "Denies", "Retaliates"].map((head) => h("th", { scope: "col" }, head)))),
              h(
                "tbody",
                {},
                bins.map((bin) => h("tr", { dataset: { bin: bin.start } }, h("th", { scope: "row" }, day(bin.start)), CLAIM_KINDS.map((kind) => h("td", { class: "number" }, this.#number(bin[/** @type {ClaimType} */ (kind)], `${title}: ${day(bin.start)}`, lists[/** @type {ClaimType} */ (kind)], { ...params, since: bin.start, until: bin.start }))))),
              ),
            ),
          )
        : null,
      timeline.bins.length > bins.length ? h("p", { class: "quiet" }, `The last ${MOST_BINS} of ${plural(timeline.bins.length, "month")} in which something was said.`) : null,
      undated ? h("p", { class: "quiet" }, `${plural(undated, "claim")} without a day so exact.`) : null,
    );
  }

  /**
   * @param {Bin[]} bins
   * @param {string} title
   */
  #bars(bins, title) {
    const most = Math.max(...bins.map((bin) => bin.accuses + bin.denies + bin.retaliates));
    // Months in which nothing was said have their room, too: an axis that leaves them out would lie.
    const at = (/** @type {string} */ start) => Number(start.slice(0, 4)) * 12 + Number(start.slice(5, 7)) - 1;
    const [first, last] = [at(bins[0].start), at(bins[bins.length - 1].start)];
    const wide = 320;
    const step = wide / Math.max(12, last - first + 1);
    const tall = 60;
    const bars = bins.flatMap((bin) => {
      let up = 0;
      return CLAIM_KINDS.map((kind) => {
        const count = bin[/** @type {ClaimType} */ (kind)];
        const size = (count / most) * tall;
        up += size;
        return count ? svg("rect", { class: `bar ${kind}`, x: (at(bin.start) - first) * step + 0.5, y: tall - up, width: Math.max(1.5, step - 1), height: size }) : null;
      }).filter((bar) => bar !== null);
    });
    const words = `${title}: ${daySpan(bins[0].start, bins[bins.length - 1].start)}, at most ${plural(most, "claim")} a month`;
    const drawing = svg("svg", { class: "actor-bars", viewBox: `0 0 ${wide} ${tall + 1}`, role: "img", "aria-label": words, preserveAspectRatio: "none" }, ...bars, svg("line", { x1: 0, x2: wide, y1: tall + 0.5, y2: tall + 0.5, class: "axis" }));
    return h("figure", { class: "actor-series" }, drawing, h("figcaption", { class: "quiet" }, h("span", {}, day(bins[0].start)), h("span", {}, `tallest: ${plural(most, "claim")}`), h("span", {}, bins.length > 1 ? day(bins[bins.length - 1].start) : "")));
  }

  /**
   * Adds a page of positions to their section.
   * @param {string} path of the actor
   * @param {State} state
   * @param {History[]} histories in which something turned
   * @param {HTMLElement} section
   * @param {string | null} cursor
   * @param {AbortSignal} signal
   * @returns {Promise<{ shown: number, total: number }>}
   */
  async #positions(path, state, histories, section, cursor, signal) {
    /** @type {{ positions: Position[], total: number, next: string | null }} */
    const page = await api.get(`${path}/positions`, { limit: POSITIONS, cursor }, signal);
    if (!cursor) refill(section, h("h3", { id: "positions-title" }, "What it has said, incident by incident"), h("p", { class: "quiet" }, "With its parts, in the order in which it was said, over the whole ledger. A turn shows that one thing was said and later another, not which of them is so."), h("ol", { class: "positions" }), h("p", { class: "more" }));
    const list = /** @type {HTMLElement} */ (section.querySelector(".positions"));
    fill(list, page.positions.map((one) => this.#position(one, histories.find((history) => history.incident === one.incident))));
    const more = /** @type {HTMLElement} */ (section.querySelector(".more"));
    const shown = list.children.length;
    const next = async () => {
      try {
        await this.#positions(path, state, histories, section, page.next, new AbortController().signal);
      } catch (error) {
        this.shell.problem(error);
      }
    };
    refill(more, `${figure(shown)} of ${plural(page.total, "incident")}. `, page.next ? h("button", { type: "button", id: "positions-more", onclick: next }, "Show more") : null);
    return { shown, total: page.total };
  }

  /**
   * @param {Position} one
   * @param {History | undefined} history
   */
  #position(one, history) {
    const { shell } = this;
    const said = (/** @type {Claim} */ claim) =>
      h(
        "li",
        { class: claim.type, dataset: { claimId: claim.id } },
        h("span", { class: "when" }, day(claim.date ?? claim.published) || "day not told"),
        h("span", {}, h("span", { class: `kind ${claim.type}` }, claim.type), h("span", { class: "quiet" }, ` ${claim.target ?? claim.target_named ?? ""} · ${modalityWords(claim)}`), " ", h("button", { type: "button", class: "plain quote", title: "Read in the article", onclick: () => shell.read(claim) }, `“${claim.evidence.quote}”`)),
      );
    const side = (/** @type {StanceRow} */ stance) => h("button", { type: "button", class: "plain", dataset: { stance: stance.id }, onclick: () => (stance.id.startsWith("clm-") ? shell.evidence(`Said ${day(stance.said)}`, [stance.id]) : shell.openIncident(one.incident ?? "")) }, day(stance.said) || "day not told");
    return h(
      "li",
      { class: "position", dataset: { incident: one.incident ?? "none" } },
      h("h4", {}, one.incident ? h("button", { type: "button", class: "plain", onclick: () => shell.openIncident(one.incident ?? "") }, one.incident_label ?? one.incident) : "About no incident that is named", h("span", { class: "quiet" }, ` ${plural(one.claims.length, "claim")}`)),
      (history?.flips ?? []).map((flip) => h("p", { class: "turn", dataset: { turn: flip.turn } }, h("strong", {}, "Turned: "), `${TURNS[flip.turn] ?? flip.turn}. Said one thing on `, side(flip.before), ", the other on ", side(flip.after), `, ${lagWords(flip.lag)} later.`)),
      one.claims.length > 6 ? h("details", {}, h("summary", {}, `All ${plural(one.claims.length, "claim")}`), h("ol", { class: "said" }, one.claims.map(said))) : h("ol", { class: "said" }, one.claims.map(said)),
    );
  }

  /**
   * @param {Responses} found
   * @param {Actor} actor
   */
  #responses(found, actor) {
    const of = (/** @type {(row: ResponseRow) => boolean} */ test) => found.responses.filter(test).map((row) => row.accusation.id);
    const kinds = found.kinds.filter((one) => one.counts.claims).map((one) => ({ name: one.kind, words: ANSWERS[one.kind] ?? one.kind, count: one.counts.claims, ids: of((row) => row.first?.kind === one.kind), within: true }));
    const rows = found.statuses
      .filter((one) => one.counts.claims)
      .flatMap((one) => [{ name: one.status, words: RESPONSES[one.status] ?? one.status, count: one.counts.claims, ids: of((row) => row.status === one.status), within: false }, ...(one.status === "answered" ? kinds : [])]);
    const answers = found.responses.flatMap((row) => (row.first?.id.startsWith("clm-") ? [row.first.id] : []));
    const { exact, inexact, least, median, most } = found.latency;
    return h(
      "section",
      { id: "actor-responses", "aria-labelledby": "responses-title" },
      h("h3", { id: "responses-title" }, "How it responds to accusations"),
      found.total
        ? h("p", {}, `Of ${plural(found.total, "accusation")} of it, within ${found.within} days:`)
        : h("p", { class: "quiet" }, "No accusation of it matches."),
      rows.length
        ? h("table", { class: "plain-table" }, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "What is reported"), h("th", { scope: "col" }, "Accusations"))), h("tbody", {}, rows.map((row) => h("tr", { dataset: { response: row.name } }, h("td", { class: row.within ? "within" : null }, row.words), h("td", { class: "number" }, h("button", { type: "button", class: "plain", dataset: { count: String(row.count) }, "aria-label": `${figure(row.count)}: the accusations, ${row.words}`, onclick: () => this.shell.evidence(`Accusations of ${actor.name}: ${row.words}`, row.ids) }, figure(row.count)))))))
        : null,
      exact ? h("p", { id: "actor-latency" }, `Days to the first response: ${median} in the middle, from ${least} to ${most}, over `, h("button", { type: "button", class: "plain", onclick: () => this.shell.evidence(`Responses by ${actor.name}`, [...new Set(answers)]) }, plural(exact, "answered accusation")), inexact ? `; ${plural(inexact, "more")} whose dates give no single day.` : ".") : null,
      found.total > found.responses.length ? h("p", { class: "quiet" }, `The quotes are those of the first ${figure(found.responses.length)} accusations.`) : null,
      h("p", { class: "quiet" }, "Silence is a statement about the articles that were read, not about the actor."),
    );
  }

  /**
   * @param {{ mirrors: Mirror[], total: number }} found
   * @param {Actor} actor
   */
  #mirrors(found, actor) {
    const side = (/** @type {Side} */ one) => h("p", { dataset: { source: one.source_id } }, `${one.source} accuses ${one.target}: `, h("button", { type: "button", class: "plain", dataset: { count: String(one.counts.claims) }, onclick: () => this.shell.evidence(`${one.source} accuses ${one.target}`, one.claims.map((claim) => claim.id)) }, plural(one.counts.claims, "quote")), h("span", { class: "quiet" }, ` ${plural(one.counts.lineages, "independent text")} · ${daySpan(one.first, one.last)}${one.left_out ? ` · ${plural(one.left_out, "more quote")}` : ""}`));
    return h(
      "section",
      { id: "actor-mirrors", "aria-labelledby": "mirrors-title" },
      h("h3", { id: "mirrors-title" }, "Mirrored accusations"),
      found.mirrors.length
        ? h("ul", { class: "cards" }, found.mirrors.map((one) => h("li", { class: "card", dataset: { mirror: one.incident ?? one.act ?? "" } }, h("p", { class: "says" }, one.incident ? ["Each accuses the other of ", h("button", { type: "button", class: "plain", onclick: () => this.shell.openIncident(one.incident ?? "") }, one.incident_label ?? one.incident)] : `Each accuses the other of “${one.act}”`), one.sides.map(side))))
        : h("p", { class: "quiet" }, `No actor and ${actor.name} are reported to accuse each other of the same.`),
      found.total > found.mirrors.length ? h("p", { class: "quiet" }, `${figure(found.mirrors.length)} of ${figure(found.total)}.`) : null,
    );
  }
}

/** @param {{ least: number, most: number }} lag */
function lagWords({ least, most }) {
  return least === most ? plural(least, "day") : `${least} to ${plural(most, "day")}`;
}

/**
 * @param {string} name
 * @param {...any} value
 */
function fact(name, ...value) {
  return [h("dt", {}, name), h("dd", {}, ...value)];
}
