// A claim in, a dialog out in which a person corrects a field of it or leaves it out of the graph, with the reason.
import { curator, decide, nameCurator } from "./curation.js";
import { h, refill } from "./dom.js";
import { claimSentence } from "./words.js";

/** @import { Claim, Shell } from "./types.js" */

/** What each field can be corrected to, as the API takes it. @type {Record<string, [string, string][]>} */
const VALUES = {
  type: [
    ["accuses", "accuses"],
    ["denies", "denies"],
    ["retaliates", "retaliates"],
  ],
  modality: [
    ["carried_out", "reported as carried out"],
    ["threatened", "threatened"],
    ["called_for", "called for"],
  ],
  denial_kind: [
    ["", "not told"],
    ["occurrence", "that it happened at all"],
    ["perpetration", "that it was their doing"],
    ["intent", "that it was meant"],
    ["characterisation", "that it was what it is called"],
    ["knowledge", "that they knew"],
    ["authority", "that they ordered it"],
  ],
  threat_kind: [
    ["", "a plain vow"],
    ["conditional", "bound to a condition"],
    ["ordered", "already ordered"],
  ],
};
/** @type {Record<string, string>} */
const FIELDS = { type: "Its type", modality: "How it stands to the act", date: "The day on which it was said", denial_kind: "What the denial rejects", threat_kind: "How the threat is bound" };

/** @type {CorrectionDialog | null} */
let opened = null;

/**
 * @param {Claim} claim
 * @param {Shell} shell
 */
export function showCorrection(claim, shell) {
  opened ??= new CorrectionDialog(shell);
  opened.show(claim);
}

class CorrectionDialog {
  /** @param {Shell} shell */
  constructor(shell) {
    this.shell = shell;
    /** @type {HTMLDialogElement} */
    this.dialog = h("dialog", { id: "correct", class: "sheet small", "aria-labelledby": "correct-title" });
    document.body.append(this.dialog);
  }

  /** @param {Claim} claim */
  show(claim) {
    const fields = ["type", "date", ...(claim.type === "retaliates" ? ["modality"] : []), ...(claim.type === "denies" ? ["denial_kind"] : []), ...(claim.modality === "threatened" ? ["threat_kind"] : [])];
    const what = h("select", { id: "correct-what", onchange: () => pick() }, fields.map((field) => h("option", { value: field }, FIELDS[field])), h("option", { value: "retract" }, "Leave the whole claim out of the graph"));
    const value = h("div", { id: "correct-value-place" });
    const reason = h("textarea", { id: "correct-reason", required: true, maxlength: 2000, rows: 3 });
    const name = h("input", { id: "correct-name", type: "text", required: true, maxlength: 200, autocomplete: "name", value: curator() });
    const problem = h("p", { class: "problem", role: "alert", hidden: true });
    const send = h("button", { type: "submit", id: "correct-send", class: "first" }, "Decide");
    const pick = () => {
      const field = what.value;
      const now = String(/** @type {any} */ (claim)[field] ?? "");
      if (field === "retract") refill(value, h("p", { class: "quiet" }, "The ledger keeps the claim and the decision; undoing the decision brings the claim back."));
      else if (field === "date") refill(value, h("label", { class: "field" }, "New value", h("input", { id: "correct-value", type: "text", value: now, placeholder: "2023-05-04, 2023-05, 2023, or empty for not told", pattern: "\\d{4}(-\\d\\d(-\\d\\d)?)?(/\\d{4}(-\\d\\d(-\\d\\d)?)?)?" })));
      else refill(value, h("label", { class: "field" }, "New value", h("select", { id: "correct-value" }, VALUES[field].map(([key, words]) => h("option", { value: key, selected: key === now }, words)))));
    };
    const submit = async (/** @type {Event} */ event) => {
      event.preventDefault();
      nameCurator(name.value);
      const field = what.value;
      const given = /** @type {HTMLInputElement | null} */ (this.dialog.querySelector("#correct-value"))?.value.trim() ?? "";
      send.disabled = true;
      problem.hidden = true;
      try {
        const because = reason.value.trim();
        const { row } = await decide(field === "retract" ? { kind: "retract", subject: claim.id, reason: because } : { kind: "correct", subject: claim.id, field, value: given || null, reason: because });
        this.dialog.close();
        await this.shell.changed();
        const not = row.status === "applied" ? "" : ` It is ${row.status.replaceAll("_", " ")}: ${row.because ?? "no reason is told"}.`;
        this.shell.say(`${field === "retract" ? "The claim is left out" : "The claim is corrected"}, decision ${row.id}.${not} Undo it in Review.`);
      } catch (error) {
        problem.hidden = false;
        refill(problem, /** @type {Error} */ (error).message);
        problem.scrollIntoView({ block: "nearest" });
      }
      send.disabled = false;
    };
    refill(
      this.dialog,
      h("header", { class: "panel-head" }, h("h2", { id: "correct-title" }, "Correct or retract a claim"), h("button", { type: "button", class: "close", "aria-label": "Close without deciding", onclick: () => this.dialog.close() }, "×")),
      h("p", { class: "says" }, claimSentence(claim), ":"),
      h("blockquote", { class: "quote" }, `“${claim.evidence.quote}”`),
      h(
        "form",
        { id: "correct-form", class: "stacked", onsubmit: submit },
        h("label", { class: "field" }, "What", what),
        value,
        h("label", { class: "field" }, "Why (kept with the decision)", reason),
        h("label", { class: "field" }, "Who decides (kept with the decision)", name),
        problem,
        h("p", { class: "quiet" }, "Who speaks and who is meant is corrected by merging or splitting actors, in Review. The quote cannot be corrected: what the article says, it says."),
        h("p", { class: "acts" }, send, h("button", { type: "button", onclick: () => this.dialog.close() }, "Cancel")),
      ),
    );
    pick();
    this.dialog.showModal();
  }
}
