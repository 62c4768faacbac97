// The state in, an argument in its order out: accusation, denial, counter-accusation, threat, retaliation, as rows of cards.
import { ApiError } from "../api.js";
import { h, refill } from "../dom.js";
import { disputes, receipt, thread } from "../overviews.js";
import { claimParams, filtersInForce, typesOf } from "../state.js";
import { basisWords, lagWords, linkWords, rowsOf } from "../thread.js";
import { claimSentence, confidenceWords, day, daySpan, figure, modalityWords, plural } from "../words.js";
import { glyph, partWords, signOf } from "./glyphs.js";

/** @import { Claim, Dispute, Disputes, Shell, State, Thread, ThreadLink } from "../types.js" */
/** @import { Card, Row } from "../thread.js" */

const PAGE = 50;

export class ThreadsView {
  /**
   * @param {HTMLElement} place
   * @param {Shell} shell
   */
  constructor(place, shell) {
    this.shell = shell;
    /** @type {Disputes | null} */
    this.answer = null;
    /** @type {Dispute[]} */
    this.rows = [];
    this.asked = "";
    /** @type {Thread | null} */
    this.thread = null;
    this.shownFor = "";
    this.body = h("div", { class: "threads-body", id: "threads-body" });
    refill(place, this.body);
    // Whether people decided on a claim stands in its receipt, which is asked for when the card comes into sight.
    this.seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        this.seen.unobserve(target);
        void reviewed(/** @type {HTMLElement} */ (target));
      }
    });
  }

  /** @param {State} state */
  key(state) {
    return JSON.stringify(state.thread ? [state.thread, filtersInForce(state)] : [claimParams(state), typesOf(state)]);
  }

  /**
   * @param {State} state
   * @param {AbortSignal} signal
   */
  async show(state, signal) {
    if (!state.thread) return this.#showList(state, signal);
    const key = JSON.stringify([state.thread, this.shell.revision()]);
    if (key !== this.shownFor || !this.thread) {
      try {
        this.thread = await thread(state.thread, signal);
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 404) throw error;
        this.thread = null;
      }
      signal.throwIfAborted();
      this.shownFor = key;
      this.shell.know((this.thread?.claims ?? []).map((claim) => claim.publisher));
    }
    this.#drawThread(state);
  }

  summary() {
    const found = this.thread;
    if (this.shell.state().thread) {
      if (!found) return "No claim has this id.";
      const explicit = found.links.filter((link) => link.basis === "explicit").length;
      return `One thread: ${plural(found.claims.length, "claim")}${found.truncated ? " (cut off: there are more)" : ""}, ${plural(found.links.length, "link")}, ${explicit} of them said by the articles, ${found.links.length - explicit} by named rules.`;
    }
    const list = this.answer;
    if (!list) return "No type of claim is ticked.";
    const claims = this.rows.reduce((sum, row) => sum + row.claims, 0);
    return `${figure(this.rows.length)} of ${plural(list.total, "thread")}, with ${figure(claims)} of ${plural(list.claims, "claim")}; ${figure(list.without_incident)} about no incident.`;
  }

  /**
   * @param {State} state
   * @param {AbortSignal} signal
   */
  async #showList(state, signal) {
    const types = typesOf(state);
    const params = { ...claimParams(state), type: types, limit: PAGE };
    const asked = JSON.stringify([params, this.shell.revision()]);
    if (asked !== this.asked) {
      const answer = types.length ? await disputes(params, signal) : null;
      signal.throwIfAborted();
      [this.answer, this.rows, this.asked] = [answer, answer?.disputes ?? [], asked];
    }
    this.#drawList();
  }

  #drawList() {
    const found = this.answer;
    this.seen.disconnect();
    if (!found) return refill(this.body, h("p", { class: "quiet" }, "No type of claim is ticked: tick one under “Claims”."));
    if (!this.rows.length) return refill(this.body, h("p", { class: "quiet" }, found.claims ? "The matching claims are about no incident. Open the thread of one from the Table or from its quote." : "No claims match. Loosen the filters."));
    const left = found.total - this.rows.length;
    refill(
      this.body,
      h("p", { class: "quiet" }, "An incident, and the argument over it; those with most independent texts first. What is counted are the claims that match the filters; a thread is then shown whole."),
      h("ol", { class: "thread-list", id: "thread-list" }, this.rows.map((row) => this.#entry(row))),
      found.without_incident ? h("p", { class: "quiet" }, `${plural(found.without_incident, "matching claim")} about no incident: their threads open from the Table or from a quote.`) : null,
      left > 0 ? h("button", { type: "button", id: "threads-more", onclick: () => void this.#more() }, `Show ${figure(Math.min(left, PAGE))} more of ${figure(left)}`) : null,
    );
  }

  /** @param {Dispute} row */
  #entry(row) {
    const denied = row.parts.some((part) => part.kind === "denies");
    const accused = row.parts.some((part) => part.kind === "accuses");
    return h(
      "li",
      {},
      h("button", { type: "button", class: "thread-entry", dataset: { thread: row.thread, incident: row.incident, claims: String(row.claims) }, onclick: () => this.shell.openThread(row.thread) }, h("strong", {}, row.label), h("span", { class: "signs-row" }, row.parts.map((part) => h("span", { class: "part" }, glyph(signOf(part.kind, part.modality)), figure(part.claims))), h("span", { class: "unseen" }, partWords(row.parts, "claims")))),
      h("span", { class: "quiet" }, [daySpan(row.first, row.last), plural(row.lineages, "independent text"), accused && !denied ? "no denial among these claims" : ""].filter(Boolean).join(" · ")),
    );
  }

  async #more() {
    const cursor = this.answer?.next;
    if (!cursor) return;
    const [state, asked] = [this.shell.state(), this.asked];
    try {
      const found = await disputes({ ...claimParams(state), type: typesOf(state), limit: PAGE, cursor });
      if (asked !== this.asked) return;
      const from = this.rows.length;
      this.rows = [...this.rows, ...found.disputes];
      this.answer = found;
      this.#drawList();
      /** @type {HTMLElement | undefined} */ (this.body.querySelectorAll(".thread-entry")[from])?.focus();
      this.shell.say(this.summary());
    } catch (error) {
      this.shell.problem(error);
    }
  }

  /** @param {State} state */
  #drawThread(state) {
    const found = this.thread;
    this.seen.disconnect();
    const back = h("button", { type: "button", id: "threads-back", onclick: () => this.shell.go({ thread: "" }) }, "← All threads");
    if (!found) return refill(this.body, back, h("p", { class: "problem" }, "No claim of the ledger has the id of this link. It may have been retracted."));
    const claims = new Map(found.claims.map((claim) => [claim.id, claim]));
    const root = claims.get(found.root);
    const title = root?.incident_label ?? (root ? claimSentence(root) : "Thread");
    const rows = rowsOf(found);
    /** @type {any[]} */
    const parts = [];
    /** @type {HTMLElement | null} */
    let loose = null;
    for (const [index, row] of rows.entries()) {
      const lag = index ? `later, not linked: ${lagWords(rows[index - 1].root.claim, row.root.claim)}` : "";
      if (row.steps.length > 1) {
        loose = null;
        parts.push(lag ? h("p", { class: "later" }, h("span", {}, lag)) : null, this.#row(row, found, claims));
        continue;
      }
      // What nothing answers stands side by side, each with what lies between it and the one before.
      if (!loose) parts.push((loose = h("div", { class: "thread-row step loose-row", role: "group", "aria-label": "Linked to nothing" })));
      loose?.append(this.#card(row.root, found, claims, lag));
    }
    refill(
      this.body,
      h("div", { class: "signs-top" }, back, root?.incident ? h("button", { type: "button", onclick: () => this.shell.openIncident(/** @type {string} */ (root.incident)) }, "Who says who did it") : null, h("button", { type: "button", id: "thread-asked", onclick: () => this.#look(/** @type {HTMLElement} */ (this.body.querySelector("[data-asked]")).dataset.claimId ?? "") }, "To the claim asked for")),
      h("h2", { id: "thread-title" }, title),
      h(
        "p",
        { class: "quiet" },
        "What was claimed, in the order in which it was said. An arrow is drawn only where an article says that the one answers the other (solid) or a named rule concludes it (dashed); everything else is only later.",
        filtersInForce(state) ? " A thread is shown whole: the filters do not thin it." : "",
      ),
      found.truncated ? h("p", { class: "problem", id: "thread-cut" }, "This thread is cut off: there are more claims than can be shown.") : null,
      found.acknowledgements.length ? this.#acknowledged(found.acknowledgements) : null,
      h("div", { class: "thread", id: "thread", dataset: { claims: String(found.claims.length), links: String(found.links.length) } }, parts),
      found.circular.length ? h("p", { class: "quiet", id: "thread-circular" }, `${plural(found.circular.length, "link")} left undrawn, because with ${found.circular.length === 1 ? "it" : "them"} the thread would run in a circle.`) : null,
    );
    for (const card of this.body.querySelectorAll(".thread-card")) this.seen.observe(card);
  }

  /**
   * @param {Row} row
   * @param {Thread} found
   * @param {Map<string, Claim>} claims
   */
  #row(row, found, claims) {
    return h(
      "div",
      { class: "thread-row", role: "group", "aria-label": claimSentence(row.root.claim) },
      row.steps.map((step, index) => {
        const line = h("div", { class: `step${index ? " answers" : ""}` }, step.map((card) => this.#card(card, found, claims)));
        line.style.setProperty("--level", String(Math.min(index, 4)));
        return line;
      }),
    );
  }

  /**
   * @param {Card} card
   * @param {Thread} found
   * @param {Map<string, Claim>} claims
   * @param {string} [lag] what lies between it and the one before, which it is not linked to
   */
  #card(card, found, claims, lag = "") {
    const { claim, again, link } = card;
    const ids = [claim.id, ...again.map((one) => one.id)];
    const open = found.open_ends.filter((one) => ids.includes(one.claim));
    const orphan = found.orphans.some((id) => ids.includes(id));
    const incidents = found.incidents.filter((one) => ids.includes(one.claim));
    const spoken = claim.speaker_id && claim.speaker_id !== claim.source_id;
    const lineages = new Set([claim, ...again].map((one) => one.lineage)).size;
    const asked = ids.includes(found.claim);
    const said = claim.date ? `said ${day(claim.date)}` : claim.published ? `published ${day(claim.published)}; the day it was said is not told` : "day not told";
    return h(
      "article",
      { class: `card thread-card ${claim.type}`, "aria-label": claimSentence(claim), dataset: { claimId: claim.id, type: claim.type, modality: claim.modality, ...(asked ? { asked: "true" } : {}), ...(link ? { answers: /** @type {string} */ (card.to), basis: link.basis } : {}) } },
      link ? this.#arrow(link, card, claims) : lag ? h("p", { class: "only-later" }, lag) : null,
      h("p", { class: "says" }, glyph(signOf(claim.type, claim.modality)), " ", claimSentence(claim)),
      h("blockquote", { cite: claim.url }, h("p", { class: "quote" }, `“${claim.evidence.quote}”`)),
      h("p", { class: "where" }, h("cite", {}, claim.publisher ?? "an outlet not named"), `, ${said}${claim.evidence.part === "title" ? ", in its headline" : ""}`),
      spoken ? h("p", { class: "where" }, `Spoken by ${claim.speaker} for ${claim.source}.`) : null,
      h("p", { class: "facts" }, [modalityWords(claim), confidenceWords(claim.confidence)].join(" · "), " · ", h("span", { class: "by-people" }, "…")),
      h("p", { class: "facts lineages", dataset: { lineages: String(lineages) } }, again.length ? `Told in ${plural(again.length + 1, "claim")}, from ${plural(lineages, "independent text")}.` : "Told once."),
      again.length ? h("details", { class: "again" }, h("summary", {}, `Told again ${again.length === 1 ? "once" : `${again.length} times`}`), h("ul", {}, again.map((one) => h("li", {}, h("button", { type: "button", class: "plain quote", dataset: { claimId: one.id }, onclick: () => this.shell.read(one) }, `“${one.evidence.quote}”`), h("span", { class: "quiet" }, ` ${[one.publisher, day(one.date ?? one.published)].filter(Boolean).join(", ")}`))))) : null,
      card.also.some((one) => one.link !== "repeats") ? h("details", { class: "also" }, h("summary", {}, "Further links"), h("ul", {}, card.also.filter((one) => one.link !== "repeats").map((one) => h("li", {}, `${linkWords(one)}: ${sentence(claims.get(one.end))} · ${basisWords(one)}`)))) : null,
      incidents.map((one) => h("p", { class: "mark-line" }, "Answers the incident itself, as the article says: ", h("button", { type: "button", class: "plain", onclick: () => this.shell.openIncident(one.incident) }, one.incident_label))),
      open.map((one) => h("p", { class: "mark-line open-end", dataset: { openEnd: one.claim } }, `No answer by ${one.accused} found in ${plural(one.searched, "article")}.`)),
      orphan ? h("p", { class: "mark-line orphan", dataset: { orphan: claim.id } }, "No article reports the accusation that this denies.") : null,
      h(
        "p",
        { class: "acts" },
        h("button", { type: "button", class: "read", dataset: { readClaim: claim.id }, onclick: () => this.shell.read(claim) }, "Read in the article"),
        h("button", { type: "button", class: "receipt", dataset: { receipt: claim.id }, onclick: () => this.shell.receipt(claim.id) }, "Receipt"),
      ),
    );
  }

  /**
   * @param {ThreadLink} link
   * @param {Card} card
   * @param {Map<string, Claim>} claims
   */
  #arrow(link, card, claims) {
    const to = claims.get(/** @type {string} */ (card.to));
    const narrower = link.narrower ? " It denies for itself; the accused has not denied." : "";
    return h(
      "p",
      { class: `arrow ${link.basis}`, dataset: { link: link.link, rule: link.rule } },
      h("span", { class: "shaft", "aria-hidden": "true" }),
      h("span", {}, h("strong", {}, linkWords(link)), to ? `, ${lagWords(to, card.claim)}` : "", ": ", h("button", { type: "button", class: "plain", onclick: () => this.#look(/** @type {string} */ (card.to)) }, sentence(to)), h("span", { class: "quiet" }, ` · ${basisWords(link)}.${narrower}`)),
    );
  }

  /** @param {string} id of a card */
  #look(id) {
    const card = /** @type {HTMLElement | null} */ (this.body.querySelector(`.thread-card[data-claim-id="${CSS.escape(id)}"]`));
    card?.scrollIntoView({ block: "center" });
    /** @type {HTMLElement | null} */ (card?.querySelector(".read"))?.focus();
  }

  /** @param {any[]} rows */
  #acknowledged(rows) {
    return h(
      "section",
      { class: "acknowledged", "aria-labelledby": "acknowledged-title" },
      h("h3", { id: "acknowledged-title" }, "Reported to take it upon themselves"),
      h("ul", {}, rows.map((one) => h("li", { dataset: { acknowledgement: one.id } }, `${one.actor} is reported to ${one.kind === "self_claim" ? "claim" : "admit"} it: `, h("button", { type: "button", class: "plain quote", onclick: () => this.shell.read(one) }, `“${one.evidence.quote}”`), h("span", { class: "quiet" }, ` ${[one.publisher, day(one.date ?? one.published)].filter(Boolean).join(", ")}`)))),
    );
  }
}

/** @param {Claim | undefined} claim */
function sentence(claim) {
  return claim ? `${claimSentence(claim)}${claim.date ? `, ${day(claim.date)}` : ""}` : "a claim that is not shown";
}

/** @param {HTMLElement} card that came into sight */
async function reviewed(card) {
  const place = card.querySelector(".by-people");
  if (!place || place.textContent !== "…") return;
  try {
    const { decisions } = await receipt(/** @type {string} */ (card.dataset.claimId));
    place.textContent = decisions.length ? `${plural(decisions.length, "decision")} by people bear${decisions.length === 1 ? "s" : ""} on it` : "not reviewed by a person";
    card.dataset.reviewed = String(decisions.length > 0);
  } catch {
    place.textContent = "whether it was reviewed could not be asked";
  }
}
