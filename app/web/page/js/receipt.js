// A claim's id in, its receipt in a dialog out: what it rests on, who decided what about it, and a check made right here.
import * as api from "./api.js";
import { copy } from "./claim_card.js";
import { showCorrection } from "./correct.js";
import { rulingWords, STATES } from "./curation.js";
import { h, refill, save } from "./dom.js";
import { checks } from "./verify.js";
import { claimSentence, confidenceWords, day, figure } from "./words.js";

/** @import { Claim, Shell } from "./types.js" */
/** @import { Check } from "./verify.js" */
/** @import { LogRow } from "./curation.js" */

/** @typedef {{ id: string, kind: string, subject: string, object: string | null, value: string | null, judgement: string | null, by: string, reason: string, at: string | null, score: number | null }} Decision */

/**
 * @typedef {object} Receipt
 * @property {number} revision
 * @property {Claim} claim
 * @property {string} quote
 * @property {"title" | "text"} part
 * @property {number} start
 * @property {number} end
 * @property {string} before
 * @property {string} after
 * @property {string} article
 * @property {string} article_sha256
 * @property {string | null} extractor
 * @property {string | null} reading
 * @property {string} cue
 * @property {number} confidence
 * @property {{ what: string, told: string | null, is_now: string | null, how: string, decisions: string[] }[]} derived
 * @property {Decision[]} decisions of people
 * @property {Decision[]} judgements of linkers
 * @property {string} digest
 */

const OUTCOMES = { pass: "holds", fail: "does not hold", not_checked: "not checked" };
/** @type {Record<string, string>} */
const CHECKS = {
  hash: "The article’s hash",
  quote: "The quote at its place",
  digest: "The receipt as given out",
  claim_id: "The claim’s id",
  reading: "What found it",
  decisions: "The decisions’ ids",
  article_id: "The article’s id",
  document: "The article’s hash",
  told: "What the ledger told then",
  ledger: "What the ledger holds now",
};

/** @type {ReceiptDialog | null} */
let opened = null;

/**
 * @param {string} claim its id
 * @param {Shell} shell
 */
export function showReceipt(claim, shell) {
  opened ??= new ReceiptDialog(shell);
  return opened.show(claim);
}

class ReceiptDialog {
  /** @param {Shell} shell */
  constructor(shell) {
    this.shell = shell;
    this.ticket = 0;
    /** @type {HTMLDialogElement} */
    this.dialog = h("dialog", { id: "receipt", class: "sheet", "aria-labelledby": "receipt-title" });
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    this.dialog.addEventListener("close", () => {
      this.ticket += 1;
    });
    document.body.append(this.dialog);
  }

  /** @param {string} claim its id */
  async show(claim) {
    const ticket = ++this.ticket;
    this.dialog.dataset.ready = "false";
    refill(this.dialog, this.#head("Loading the receipt…"));
    if (!this.dialog.open) this.dialog.showModal();
    try {
      const receipt = await api.get(`${api.claimPath(claim)}/receipt`);
      if (ticket === this.ticket) this.#fill(receipt);
    } catch (error) {
      if (ticket === this.ticket) refill(this.dialog, this.#head("No receipt"), h("p", { class: "problem", role: "alert" }, /** @type {Error} */ (error).message));
    }
    this.dialog.dataset.ready = "true";
  }

  /** @param {string} title */
  #head(title) {
    return h("header", { class: "panel-head" }, h("h2", { id: "receipt-title" }, title), h("button", { type: "button", class: "close", "aria-label": "Close the receipt", onclick: () => this.dialog.close() }, "×"));
  }

  /** @param {Receipt} receipt */
  #fill(receipt) {
    const { claim } = receipt;
    const json = JSON.stringify(receipt, null, 2);
    const outcome = h("ul", { class: "checks", id: "receipt-checks", "aria-live": "polite" });
    const button = (/** @type {string} */ id, /** @type {string} */ text, /** @type {() => void} */ onclick) => h("button", { type: "button", id, onclick }, text);
    const fact = (/** @type {string} */ name, /** @type {any[]} */ ...value) => [h("dt", {}, name), h("dd", {}, ...value)];
    refill(
      this.dialog,
      this.#head("Receipt"),
      h(
        "div",
        { class: "sheet-body", tabindex: "0", role: "region", "aria-labelledby": "receipt-title" },
        h("p", { class: "says" }, claimSentence(claim), ":"),
        h("blockquote", { class: "quote in-context" }, h("span", { class: "quiet" }, receipt.before.length ? `…${receipt.before}` : ""), h("mark", { class: claim.type, id: "receipt-quote" }, receipt.quote), h("span", { class: "quiet" }, receipt.after.length ? `${receipt.after}…` : "")),
        h(
          "p",
          { class: "acts" },
          button("receipt-verify", "Verify here", () => void this.#verify(receipt, outcome)),
          button("receipt-ask", "Check against the ledger", () => void this.#ask(json, outcome)),
          button("receipt-copy", "Copy as JSON", () => void this.#copy(json)),
          button("receipt-save", "Download", () => save(new Blob([json], { type: "application/json" }), `receipt-${claim.id}.json`)),
          button("receipt-read", "Read in the article", () => {
            this.dialog.close();
            this.shell.read(claim);
          }),
          button("receipt-correct", "Correct or retract…", () => {
            this.dialog.close();
            showCorrection(claim, this.shell);
          }),
        ),
        outcome,
        h(
          "dl",
          { class: "facts-list" },
          fact("Stands in", receipt.part === "title" ? "the title, " : "the text, ", `characters ${figure(receipt.start)} to ${figure(receipt.end)}, counted in Unicode code points`),
          fact("Article", claim.title || "(no title)", h("span", { class: "quiet" }, [claim.publisher, day(claim.published)].filter(Boolean).map((one) => ` · ${one}`))),
          fact("Article’s hash", h("code", { id: "receipt-hash" }, receipt.article_sha256), h("span", { class: "quiet" }, " SHA-256 of title, line feed, text")),
          fact("Found by", receipt.extractor ?? "whoever imported it", receipt.cue ? `, by the cue “${receipt.cue}”` : "", h("span", { class: "quiet" }, ` · ${confidenceWords(receipt.confidence)}`)),
          fact("Claim", h("code", {}, claim.id), ", as of revision ", figure(receipt.revision)),
          fact("Receipt’s digest", h("code", {}, receipt.digest)),
        ),
        h("h3", {}, "What was inferred, and how"),
        this.#table(
          "Inferred",
          ["What", "The article’s own", "Is now", "How"],
          receipt.derived.map((one) => [one.what.replaceAll("_", " "), code(one.told), code(one.is_now), [one.how, one.decisions.length ? h("span", { class: "quiet" }, ` (${one.decisions.join(", ")})`) : null]]),
          "Nothing was inferred.",
        ),
        h("h3", {}, "Decisions of people"),
        this.#table("Decisions of people", ["When", "Who", "What", "Why"], receipt.decisions.map(decided), "No person has decided anything about it: it is as the machine found it."),
        h("details", {}, h("summary", {}, `Judgements of linkers (${figure(receipt.judgements.length)})`), this.#table("Judgements of linkers", ["When", "Who", "What", "Why"], receipt.judgements.map(decided), "None.")),
      ),
    );
  }

  /**
   * @param {string} name
   * @param {string[]} heads
   * @param {any[][]} rows
   * @param {string} none
   */
  #table(name, heads, rows, none) {
    if (!rows.length) return h("p", { class: "quiet" }, none);
    return h(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": name },
      h("table", { class: "plain-table" }, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell) => h("td", {}, cell)))))),
    );
  }

  /**
   * @param {Receipt} receipt
   * @param {HTMLElement} place
   */
  async #verify(receipt, place) {
    refill(place, h("li", {}, "Computing…"));
    try {
      const { article } = await api.article(receipt.article);
      this.#checked(place, await checks(receipt, article, globalThis.crypto?.subtle), "here");
    } catch (error) {
      refill(place, h("li", { class: "problem" }, /** @type {Error} */ (error).message));
    }
  }

  /**
   * @param {string} json
   * @param {HTMLElement} place
   */
  async #ask(json, place) {
    refill(place, h("li", {}, "Asking…"));
    try {
      const { checks: found, since } = await api.post("receipts/verify", json, "application/json");
      this.#checked(place, found.map((/** @type {{ check: string, outcome: "pass" | "fail" | "not_checked", detail: string }} */ one) => ({ what: one.check, outcome: one.outcome, words: one.detail })), "service");
      const rows = /** @type {LogRow[]} */ (since);
      place.append(...rows.map((row) => h("li", { dataset: { since: row.id } }, `Decided since: ${rulingWords(row)} by ${row.by} (${STATES[row.status] ?? row.status}).`)));
    } catch (error) {
      refill(place, h("li", { class: "problem" }, /** @type {Error} */ (error).message));
    }
  }

  /**
   * @param {HTMLElement} place
   * @param {Check[]} found
   * @param {string} by
   */
  #checked(place, found, by) {
    place.dataset.by = by;
    refill(place, found.map((one) => h("li", { class: `checked ${one.outcome}`, dataset: { check: one.what, outcome: one.outcome } }, h("strong", {}, `${CHECKS[one.what] ?? one.what} ${OUTCOMES[one.outcome]}. `), one.words)));
  }

  /** @param {string} json */
  async #copy(json) {
    try {
      await navigator.clipboard.writeText(json);
      this.shell.say("The receipt is copied.");
    } catch {
      void copy(json, this.shell.say);
    }
  }
}

/** @param {string | null} id */
function code(id) {
  return id === null ? h("span", { class: "quiet" }, "not told") : h("code", {}, id);
}

/** @param {Decision} one */
function decided(one) {
  const what = { kind: one.judgement ? { same: one.kind === "lineage" ? "same_text" : "merge", different: one.kind === "lineage" ? "other_text" : "split", unsure: "leave" }[one.judgement] ?? one.kind : one.kind };
  const correcting = one.kind === "correct";
  const row = { ...one, ...what, subject_label: null, object: correcting ? null : one.object, object_label: null, field: correcting ? one.object : null };
  return [when(one.at), one.by, rulingWords(/** @type {any} */ (row)), one.reason];
}

/**
 * @param {string | null} at a UTC instant
 * @returns {string} "8 Feb 2022, 14:05 UTC"
 */
export function when(at) {
  return at ? `${day(at)}, ${at.slice(11, 16)} UTC` : "as it was read";
}
