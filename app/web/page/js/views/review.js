// What linkers are unsure of in, a person's judgements out, one after the other; and the log of all decisions, each of which
// can be taken back. A judgement is shown as done at once; where the service refuses it, the pair comes back and says why.
import * as api from "../api.js";
import { curator, decide, nameCurator, rulingWords, STATES, undo } from "../curation.js";
import { debounce, fill, h, refill } from "../dom.js";
import { enterKey, holder, lacking } from "../key.js";
import { when } from "../receipt.js";
import { ACTOR_KINDS, claimSentence, confidenceWords, day, figure, modalityWords, plural } from "../words.js";

/** @import { ActorRow, Shell, State } from "../types.js" */
/** @import { LogRow } from "../curation.js" */

/** @typedef {{ id: string, type: string, modality: string, source: string, target: string | null, said: string | null, publisher: string | null, title: string, quote: string }} DoubtClaim */
/** @typedef {{ id: string, node: string | null, kind: string, label: string, types: string[], place: string | null, country: string | null, date: string | null, claims: DoubtClaim[], claims_total: number }} Side */
/** @typedef {{ id: string, by: string, score: number | null, reason: string, left: Side, right: Side, answers: string[] }} Doubt */
/** @typedef {{ claim: DoubtClaim, reason: string, confidence: number, by: string | null, answers: string[] }} DoubtedClaim */
/** @typedef {{ revision: number, doubts: Doubt[], total: number, left_out: number, conflicts: LogRow[], conflicts_total: number, next: string | null, claims: DoubtedClaim[], claims_total: number }} Queue */
/** @typedef {{ log: LogRow[], total: number, orphaned: LogRow[], next: string | null }} Log */
/** A judgement made here: its pair, and its decision once the service has taken it. @typedef {{ doubt: Doubt, at: number, done: Promise<string | null> }} Judged */

const AT_ONCE = 50;
/** Kinds that can be taken back by a decision of their own. */
const STANDING = ["applied", "not_applied", "orphaned", "open"];
/** @type {Record<string, string>} */
const JUDGED = { same: "judged the same", different: "judged different", unsure: "judged that it cannot be told" };

export class ReviewView {
  /**
   * @param {HTMLElement} place
   * @param {Shell} shell
   */
  constructor(place, shell) {
    this.shell = shell;
    this.words = "";
    /** @type {Doubt[]} */
    this.doubts = [];
    this.at = 0;
    this.total = 0;
    /** Claims on which two extractors differ. */
    this.differing = 0;
    /** @type {string | null} */
    this.next = null;
    /** Judgements made here, the last one last. @type {Judged[]} */
    this.judged = [];
    this.reason = h("input", { id: "review-reason", type: "text", maxlength: 2000, autocomplete: "off", placeholder: "what decides it (optional)" });
    this.name = h("input", { id: "review-name", type: "text", required: true, maxlength: 200, autocomplete: "name" });
    this.who = h("div", { class: "who" });
    /** That whoever looks at this may not decide, where that is so. */
    this.may = h("div", {});
    this.pair = h("section", { id: "review-pair", tabindex: "-1", "aria-label": "The pair to judge" });
    this.conflicts = h("section", { id: "review-conflicts" });
    this.log = h("section", { id: "review-log", "aria-labelledby": "log-title" });
    this.logBody = h("tbody");
    this.logTable = h(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of decisions", hidden: true },
      h("table", { class: "plain-table", id: "log-table" }, h("thead", {}, h("tr", {}, ["When", "Who", "What", "Why", "State", ""].map((head) => h("th", { scope: "col" }, head || h("span", { class: "unseen" }, "Undo"))))), this.logBody),
    );
    this.logNote = h("p", { class: "quiet" });
    this.logMore = h("button", { type: "button", id: "log-more", hidden: true }, "Show more decisions");
    this.logBy = h("input", { id: "log-by", type: "text", autocomplete: "off", oninput: debounce(() => void this.#refreshLog(), 300) });
    this.logLinkers = h("input", { id: "log-linkers", type: "checkbox", onchange: () => void this.#refreshLog() });
    this.form = this.#actors();
    this.dialog = h("dialog", { id: "undo-dialog", class: "sheet small", "aria-labelledby": "undo-title" });
    this.#fixed(place);
    // Caught before the page's own keys: `d` means something else there.
    document.addEventListener("keydown", (event) => this.#press(event), true);
  }

  /** @param {HTMLElement} place */
  #fixed(place) {
    fill(
      this.log,
      h("h2", { id: "log-title" }, "Decisions"),
      h("p", { class: "quiet" }, "Who decided what, when and why, the newest first. Nothing is overwritten; each decision can be taken back, and that, too."),
      h("p", { class: "acts" }, h("label", { class: "by" }, "Decided by ", this.logBy), h("label", { class: "check" }, this.logLinkers, " Linkers’ judgements, too"), this.logNote),
      this.logTable,
      this.logMore,
    );
    place.append(h("div", { class: "review" }, this.may, this.who, this.pair, this.conflicts, h("details", { id: "actors-fold" }, h("summary", {}, "Merge or split actors"), this.form), this.log));
    document.body.append(this.dialog);
  }

  key() {
    // It waits for people, not for filters.
    return "review";
  }

  summary() {
    return this.words;
  }

  /**
   * @param {State} _state
   * @param {AbortSignal} signal
   */
  async show(_state, signal) {
    await Promise.all(this.judged.map((one) => one.done));
    /** @type {[Queue, Log]} */
    const [queue, log] = await Promise.all([api.get("review", { limit: AT_ONCE }, signal), api.get("decisions", this.#logParams(), signal)]);
    const may = await lacking("curator", "Deciding");
    signal.throwIfAborted();
    refill(this.may, may);
    this.who.hidden = may !== null;
    this.#take(queue);
    // Whoever is writing goes on writing.
    if (!this.who.contains(document.activeElement)) this.#drawWho();
    if (this.doubts[this.at]?.id !== this.pair.dataset.doubt || document.activeElement !== this.reason) this.#drawPair();
    this.#drawConflicts(queue);
    this.#drawLog(log, true);
  }

  /** @param {Queue} queue */
  #take(queue) {
    this.doubts = queue.doubts;
    this.total = queue.total;
    this.differing = queue.claims_total;
    this.next = queue.next;
    this.at = Math.min(this.at, Math.max(0, this.doubts.length - 1));
    this.#tell();
  }

  #tell() {
    const pairs = this.total ? `${plural(this.total, "pair")} to be judged, the likeliest to be one first` : "No pair waits to be judged";
    this.words = `${pairs}${this.differing ? `; ${plural(this.differing, "claim")} on which two extractors differ` : ""}.`;
  }

  // ---- who decides ----

  #drawWho() {
    const name = curator();
    if (name) {
      refill(this.who, h("p", {}, "You decide as ", h("strong", { id: "review-who" }, name), holder() ? ", for the key is in that name. " : ". ", h("button", { type: "button", id: "review-other", onclick: () => (holder() ? enterKey() : this.#forget()) }, holder() ? "Another key" : "Not you?")));
      return;
    }
    this.name.value = "";
    const keep = (/** @type {Event} */ event) => {
      event.preventDefault();
      if (!this.name.value.trim()) return;
      nameCurator(this.name.value);
      this.#drawWho();
      this.#drawPair();
      this.shell.say(`You decide as ${curator()}.`);
      this.pair.focus();
    };
    refill(this.who, h("form", { id: "review-name-form", class: "acts", onsubmit: keep }, h("label", { class: "field" }, "Who decides? Your name is kept with each decision, in the ledger, and in this browser. ", this.name), h("button", { type: "submit", class: "first" }, "That is me")));
  }

  #forget() {
    nameCurator("");
    this.#drawWho();
    this.#drawPair();
    this.name.focus();
  }

  /** @returns {boolean} whether there is a name; if not, it is asked for */
  #named() {
    if (curator()) return true;
    this.#drawWho();
    this.name.focus();
    this.shell.say("Give your name first: it is kept with each decision.");
    return false;
  }

  // ---- the queue ----

  #drawPair() {
    const doubt = this.doubts[this.at];
    const undoing = h("button", { type: "button", id: "review-undo", disabled: !this.judged.length, title: "Take the last judgement back (z)", onclick: () => void this.#back() }, "Undo the last ", h("kbd", {}, "z"));
    if (!doubt) {
      refill(this.pair, h("h2", {}, this.total ? "More pairs wait" : this.differing ? "No pair waits" : "Nothing waits"), h("p", {}, this.total ? h("button", { type: "button", onclick: () => void this.#refresh() }, "Fetch them") : "Linkers are sure of all that they have compared. What they are unsure of is put here, side by side, for a person to judge."), h("p", { class: "acts" }, undoing));
      delete this.pair.dataset.doubt;
      return;
    }
    this.pair.dataset.doubt = doubt.id;
    const texts = doubt.answers[0] === "same_text";
    const step = (/** @type {number} */ by) => {
      this.at = Math.max(0, Math.min(this.doubts.length - 1, this.at + by));
      this.#drawPair();
      this.pair.focus();
    };
    const answer = (/** @type {"same" | "different" | "unsure"} */ what, /** @type {string} */ words, /** @type {string} */ key) => h("button", { type: "button", id: `review-${what}`, class: what, dataset: { answer: what }, "aria-keyshortcuts": key, onclick: () => this.#judge(what) }, words, " ", h("kbd", {}, key));
    refill(
      this.pair,
      h("h2", {}, texts ? "Do these two go back to one text?" : `Are these two one ${doubt.left.kind}?`),
      h("p", { class: "quiet" }, `${figure(this.at + 1)} of ${plural(this.total, "pair")}. ${doubt.by} holds it ${doubt.score === null ? "possible" : `${Math.round(doubt.score * 100)}% likely`}: ${doubt.reason}.`),
      h("div", { class: "sides" }, this.#side(doubt.left, "left"), this.#side(doubt.right, "right")),
      h("label", { class: "field" }, "Why ", this.reason),
      h("p", { class: "acts judge" }, answer("same", "Same", "s"), answer("different", "Different", "d"), answer("unsure", "Cannot tell", "u"), undoing, h("button", { type: "button", id: "review-previous", disabled: this.at === 0, "aria-label": "The pair before", onclick: () => step(-1) }, "←"), h("button", { type: "button", id: "review-next", disabled: this.at >= this.doubts.length - 1, "aria-label": "The next pair", onclick: () => step(1) }, "→")),
    );
  }

  /**
   * @param {Side} side
   * @param {string} which
   */
  #side(side, which) {
    const facts = [side.types.join("; "), [side.place, side.country].filter(Boolean).join(", "), day(side.date)].filter(Boolean);
    const open = side.kind === "incident" ? () => this.shell.openIncident(side.node ?? side.id) : side.kind === "actor" ? () => this.shell.openActor(side.node ?? side.id) : null;
    return h(
      "section",
      { class: "side", dataset: { side: which, id: side.id }, "aria-label": `The ${which} one` },
      h("h3", {}, open ? h("button", { type: "button", class: "plain", onclick: open }, side.label) : side.label),
      h("p", { class: "quiet" }, facts.join(" · ") || "neither day nor place is told"),
      h(
        "ol",
        { class: "cards" },
        side.claims.map((claim) => this.#card(claim)),
      ),
      side.claims_total > side.claims.length ? h("p", { class: "quiet" }, `${figure(side.claims.length)} of ${plural(side.claims_total, "claim")}.`) : null,
    );
  }

  /**
   * @param {DoubtClaim} claim
   * @param {string} [facts] what else there is to say of it
   * @param {HTMLElement} [first] what can be done with it before all else
   */
  #card(claim, facts, first) {
    return h(
      "li",
      { class: `card ${claim.type}`, dataset: { claimId: claim.id, modality: claim.modality } },
      h("p", { class: "says" }, claimSentence(/** @type {any} */ ({ ...claim, speaker: "", target_named: null })), h("span", { class: "quiet" }, ` ${modalityWords(/** @type {any} */ (claim))}`)),
      h("p", { class: "quote" }, `“${claim.quote}”`),
      h("p", { class: "where" }, [claim.publisher ?? "an outlet not named", claim.said ? day(claim.said) : "day not told", claim.title].join(" · ")),
      facts ? h("p", { class: "facts" }, facts) : null,
      h("p", { class: "acts" }, first ?? null, h("button", { type: "button", onclick: () => void this.#read(claim.id) }, "Read in the article"), h("button", { type: "button", onclick: () => this.shell.receipt(claim.id) }, "Receipt"), h("button", { type: "button", dataset: { correct: claim.id }, onclick: () => void this.#correct(claim.id) }, "Correct…")),
    );
  }

  /** @param {string} id */
  async #read(id) {
    try {
      this.shell.read(await api.claim(id));
    } catch (error) {
      this.shell.problem(error);
    }
  }

  /** @param {string} id */
  async #correct(id) {
    try {
      const [{ showCorrection }, claim] = await Promise.all([import("../correct.js"), api.claim(id)]);
      showCorrection(claim, this.shell);
    } catch (error) {
      this.shell.problem(error);
    }
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (this.shell.state().tab !== "review" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/** @type {HTMLElement} */ (event.target).closest?.("input, textarea, select, dialog, [contenteditable]") || document.querySelector("dialog[open]")) return;
    const answer = /** @type {Record<string, "same" | "different" | "unsure">} */ ({ s: "same", d: "different", u: "unsure" })[event.key];
    if (!answer && event.key !== "z") return;
    event.preventDefault();
    event.stopPropagation();
    if (answer) this.#judge(answer);
    else void this.#back();
  }

  /** @param {"same" | "different" | "unsure"} what */
  #judge(what) {
    const doubt = this.doubts[this.at];
    if (!doubt || !this.#named()) return;
    const kind = doubt.answers[{ same: 0, different: 1, unsure: 2 }[what]];
    const reason = this.reason.value.trim() || `${JUDGED[what]} in the review queue, by what stands on both sides`;
    const at = this.at;
    // Shown as done now; `#restore` takes that back.
    this.doubts = this.doubts.filter((one) => one !== doubt);
    this.total -= 1;
    this.at = Math.min(at, Math.max(0, this.doubts.length - 1));
    this.reason.value = "";
    /** @type {Judged} */
    const judged = { doubt, at, done: Promise.resolve(null) };
    judged.done = decide({ kind, subject: doubt.left.id, object: doubt.right.id, reason }).then(
      ({ decision, row }) => {
        this.shell.say(`${doubt.left.label} and ${doubt.right.label}: ${JUDGED[what]}.${row.status === "applied" ? "" : ` It is ${STATES[row.status] ?? row.status}: ${row.because ?? ""}`}`);
        return decision.id;
      },
      (error) => {
        this.#restore(judged, error);
        return null;
      },
    );
    this.judged.push(judged);
    this.#tell();
    this.#drawPair();
    this.pair.focus({ preventScroll: true });
    // The graph is another one now: figures, log and whatever else is shown are asked for anew.
    void judged.done.then((id) => (id === null ? null : this.shell.changed()));
  }

  /**
   * Puts a pair back where it was, because the service did not take the judgement.
   * @param {Judged} judged
   * @param {unknown} error
   */
  #restore(judged, error) {
    this.judged = this.judged.filter((one) => one !== judged);
    this.doubts.splice(judged.at, 0, judged.doubt);
    this.total += 1;
    this.at = judged.at;
    this.#tell();
    this.#drawPair();
    this.pair.prepend(h("p", { class: "problem", role: "alert" }, "Not decided: ", /** @type {Error} */ (error).message));
  }

  /** Takes the last judgement made here back. */
  async #back() {
    const last = this.judged.pop();
    if (!last) return this.shell.say("Nothing was judged here yet.");
    this.#drawPair();
    try {
      const id = await last.done;
      if (id !== null) await undo(id, "taken back in the review queue");
      await this.shell.changed();
      this.at = Math.max(0, this.doubts.findIndex((one) => one.id === last.doubt.id));
      this.#drawPair();
      this.shell.say(`Taken back: ${last.doubt.left.label} and ${last.doubt.right.label}.`);
      this.pair.focus({ preventScroll: true });
    } catch (error) {
      this.judged.push(last);
      this.#drawPair();
      this.pair.prepend(h("p", { class: "problem", role: "alert" }, "Not taken back: ", /** @type {Error} */ (error).message));
    }
  }

  /** Asks for queue and log anew. */
  async #refresh() {
    try {
      await this.show(this.shell.state(), new AbortController().signal);
    } catch (error) {
      this.shell.problem(error);
    }
  }

  /** @param {Queue} queue */
  #drawConflicts(queue) {
    const rows = queue.conflicts;
    const folds = /** @type {NodeListOf<HTMLDetailsElement>} */ (this.conflicts.querySelectorAll("details[open]"));
    // Whoever works through a list goes on in it.
    const open = [...folds].map((one) => one.id);
    const shown = queue.claims.length < queue.claims_total ? `, the surest ${figure(queue.claims.length)} of them below` : "";
    refill(
      this.conflicts,
      rows.length ? h("details", { id: "review-unapplied", open: open.includes("review-unapplied") }, h("summary", {}, `${plural(queue.conflicts_total, "decision")} not applied, because others contradict ${queue.conflicts_total === 1 ? "it" : "them"}`), h("ul", { class: "rows" }, rows.map((row) => h("li", { dataset: { conflict: row.id } }, `${rulingWords(row)}, by ${row.by}. `, h("span", { class: "quiet" }, row.because))))) : null,
      queue.claims.length
        ? h(
            "details",
            { id: "review-differing", open: open.includes("review-differing") },
            h("summary", {}, `${plural(queue.claims_total, "claim")} on which two extractors differ${shown}`),
            h("p", { class: "quiet" }, "Each was found by one of two that read the article, or by both, but not alike. Read the quote: if the claim is in it, say so, and nobody is asked again."),
            h("ul", { class: "cards" }, queue.claims.map((one, at) => this.#drawDoubted(one, at))),
          )
        : null,
      queue.left_out ? h("p", { class: "quiet" }, `${plural(queue.left_out, "more pair")} about what is retracted or no longer read: nobody needs to answer.`) : null,
    );
  }

  /**
   * To what stands now where something was answered.
   * @param {number} at
   */
  #goOn(at) {
    const left = /** @type {NodeListOf<HTMLElement>} */ (this.conflicts.querySelectorAll("[data-right]"));
    (left[Math.min(at, left.length - 1)] ?? this.pair).focus();
  }

  /** @param {DoubtedClaim} one */
  #drawDoubted(one, at = 0) {
    const { claim } = one;
    const right = h("button", { type: "button", dataset: { right: claim.id, differing: String(at) }, title: "The quote makes this claim", onclick: () => void this.#confirm(claim, right) }, "It is right");
    const card = this.#card(claim, `${one.reason}; ${confidenceWords(one.confidence)}`, right);
    card.dataset.doubted = claim.id;
    return card;
  }

  /**
   * Rules that a claim is as it was read: a correction to the type that it has.
   * @param {DoubtClaim} claim
   * @param {HTMLButtonElement} button
   */
  async #confirm(claim, button) {
    if (!this.#named()) return;
    button.disabled = true;
    try {
      await decide({ kind: "correct", subject: claim.id, field: "type", value: claim.type, reason: "read and found right, where two extractors differ" });
      this.shell.say("Kept as right.");
      await this.shell.changed();
      this.#goOn(Number(button.dataset.differing));
    } catch (error) {
      button.disabled = false;
      button.closest("li")?.append(h("p", { class: "problem", role: "alert" }, "Not decided: ", /** @type {Error} */ (error).message));
    }
  }

  // ---- merge or split actors ----

  #actors() {
    /** @type {Map<string, ActorRow>} */
    const met = new Map();
    const chosen = h("p", { class: "quiet", id: "actors-chosen" });
    const problem = h("p", { class: "problem", role: "alert", hidden: true });
    const input = (/** @type {string} */ id, /** @type {string} */ label) => {
      const list = h("datalist", { id: `${id}-list` });
      const field = h("input", { id, type: "text", list: `${id}-list`, required: true, autocomplete: "off", placeholder: "Name or id" });
      const suggest = debounce(async () => {
        const q = field.value.trim();
        if (!q) return;
        try {
          const found = await api.actors(q.startsWith("actor-") ? q.slice(6).replaceAll("-", " ") : q, 8);
          for (const actor of found) met.set(actor.id, actor);
          refill(list, found.map((actor) => h("option", { value: actor.id }, `${actor.name} · ${plural(actor.claims.made + actor.claims.faced, "claim")}`)));
          tell();
        } catch (error) {
          refill(problem, /** @type {Error} */ (error).message);
          problem.hidden = false;
        }
      }, 200);
      field.addEventListener("input", suggest);
      return { field, element: h("label", { class: "field" }, label, field, list) };
    };
    const one = input("actors-one", "One actor");
    const other = input("actors-other", "The other");
    const told = (/** @type {string} */ text) => {
      const name = text.trim();
      const found = met.get(name) ?? [...met.values()].filter((actor) => actor.name.toLowerCase() === name.toLowerCase());
      return Array.isArray(found) ? (found.length === 1 ? found[0] : null) : found;
    };
    const words = (/** @type {ActorRow | null} */ actor) => (actor ? `${actor.name} (${ACTOR_KINDS[actor.kind] ?? actor.kind}, ${plural(actor.claims.made + actor.claims.faced, "claim")}, ${actor.id})` : "choose from the list");
    const tell = () => refill(chosen, `${words(told(one.field.value))} — ${words(told(other.field.value))}`);
    const kind = h("select", { id: "actors-kind" }, h("option", { value: "merge" }, "are one actor (merge)"), h("option", { value: "split" }, "are two actors (split)"));
    const reason = h("input", { id: "actors-reason", type: "text", required: true, maxlength: 2000, autocomplete: "off" });
    const send = h("button", { type: "submit", class: "first", id: "actors-send" }, "Decide");
    const submit = async (/** @type {Event} */ event) => {
      event.preventDefault();
      if (!this.#named()) return;
      const [left, right] = [told(one.field.value), told(other.field.value)];
      problem.hidden = true;
      if (!left || !right) {
        problem.hidden = false;
        refill(problem, "Choose both actors from the suggestions: a name alone may be that of several.");
        return;
      }
      send.disabled = true;
      try {
        const { row } = await decide({ kind: kind.value, subject: left.id, object: right.id, reason: reason.value.trim() });
        one.field.value = other.field.value = reason.value = "";
        tell();
        await this.shell.changed();
        this.shell.say(`${rulingWords(row)}. ${STATES[row.status] ?? row.status}${row.because ? `: ${row.because}` : ""}.`);
      } catch (error) {
        problem.hidden = false;
        refill(problem, /** @type {Error} */ (error).message);
      }
      send.disabled = false;
    };
    return h("form", { id: "actors-form", class: "stacked", onsubmit: submit }, h("div", { class: "two" }, one.element, other.element), chosen, h("label", { class: "field" }, "These ", kind), h("label", { class: "field" }, "Why (kept with the decision) ", reason), problem, h("p", { class: "acts" }, send));
  }

  // ---- the log ----

  /** @returns {api.Params} */
  #logParams() {
    return { by: this.logBy.value.trim(), linkers: this.logLinkers.checked ? "true" : "", limit: AT_ONCE };
  }

  async #refreshLog() {
    try {
      this.#drawLog(await api.get("decisions", this.#logParams()), true);
    } catch (error) {
      this.shell.problem(error);
    }
  }

  /**
   * @param {Log} log
   * @param {boolean} anew
   */
  #drawLog(log, anew) {
    if (anew) refill(this.logBody);
    fill(this.logBody, log.log.map((row) => this.#row(row)));
    const shown = this.logBody.children.length;
    this.logTable.hidden = !shown;
    refill(this.logNote, log.total ? `${figure(shown)} of ${plural(log.total, "decision")}.` : "Nobody has decided anything yet.", log.orphaned.length ? ` ${plural(log.orphaned.length, "of them applies", "of them apply")} to nothing any more.` : "");
    this.logMore.hidden = log.next === null;
    this.logMore.onclick = async () => {
      try {
        this.#drawLog(await api.get("decisions", { ...this.#logParams(), cursor: log.next }), false);
      } catch (error) {
        this.shell.problem(error);
      }
    };
  }

  /** @param {LogRow} row */
  #row(row) {
    const back = STANDING.includes(row.status) && row.at !== null ? h("button", { type: "button", dataset: { undo: row.id }, "aria-label": `Undo: ${rulingWords(row)}`, onclick: () => this.#askUndo(row) }, "Undo") : null;
    return h(
      "tr",
      { dataset: { decision: row.id, kind: row.kind, status: row.status } },
      h("td", { "data-title": "When" }, when(row.at)),
      h("td", { "data-title": "Who" }, row.by),
      h("td", { "data-title": "What" }, rulingWords(row), row.score !== null ? h("span", { class: "quiet" }, ` ${Math.round(row.score * 100)}% sure`) : null),
      h("td", { "data-title": "Why" }, row.reason),
      h("td", { "data-title": "State" }, h("strong", {}, STATES[row.status] ?? row.status), row.because ? h("span", { class: "quiet" }, ` ${row.because}`) : null),
      h("td", {}, back),
    );
  }

  /** @param {LogRow} row */
  #askUndo(row) {
    if (!this.#named()) return;
    const reason = h("textarea", { id: "undo-reason", required: true, maxlength: 2000, rows: 3 });
    const problem = h("p", { class: "problem", role: "alert", hidden: true });
    const send = h("button", { type: "submit", class: "first", id: "undo-send" }, "Take it back");
    const submit = async (/** @type {Event} */ event) => {
      event.preventDefault();
      send.disabled = true;
      problem.hidden = true;
      try {
        await undo(row.id, reason.value.trim());
        this.dialog.close();
        await this.shell.changed();
        this.shell.say(`Taken back: ${rulingWords(row)}.`);
      } catch (error) {
        problem.hidden = false;
        refill(problem, /** @type {Error} */ (error).message);
      }
      send.disabled = false;
    };
    refill(
      this.dialog,
      h("header", { class: "panel-head" }, h("h2", { id: "undo-title" }, "Take a decision back"), h("button", { type: "button", class: "close", "aria-label": "Close without deciding", onclick: () => this.dialog.close() }, "×")),
      h("p", {}, `${rulingWords(row)}, by ${row.by}.`),
      h("form", { class: "stacked", id: "undo-form", onsubmit: submit }, h("label", { class: "field" }, "Why (kept with the decision)", reason), problem, h("p", { class: "acts" }, send, h("button", { type: "button", onclick: () => this.dialog.close() }, "Cancel"))),
    );
    this.dialog.showModal();
  }
}
