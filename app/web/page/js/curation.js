// What a person decides in, the decision as the service took it out; and who decides, asked once and kept in this browser.
import { ApiError, post } from "./api.js";
import { holder } from "./key.js";

/**
 * @typedef {object} LogRow
 * @property {string} id
 * @property {string} kind merge, split, leave, same_text, other_text, correct, retract or undo
 * @property {string} subject
 * @property {string | null} subject_label
 * @property {string | null} object
 * @property {string | null} object_label
 * @property {string | null} field
 * @property {string | null} value
 * @property {string} by
 * @property {string | null} at
 * @property {string} reason
 * @property {number | null} score
 * @property {number} revision
 * @property {string} status
 * @property {string | null} because
 */

/** @typedef {{ revision: number, decision: { id: string }, row: LogRow }} Decided */
/** @typedef {{ kind: string, subject: string, object?: string, field?: string, value?: string | null, reason: string }} Ruling */

const KEPT = "polemos.curator";
const LONGEST = 200;
let remembered = "";

/** The name under which decisions are kept, or "" where nobody has given one: a key's, else what was said. It is never guessed. */
export function curator() {
  if (holder()) return holder();
  try {
    return localStorage.getItem(KEPT) ?? remembered;
  } catch {
    // A browser that keeps nothing for this page; the name then lasts as long as the page.
    return remembered;
  }
}

/** @param {string} name "" forgets it */
export function nameCurator(name) {
  remembered = name.trim().slice(0, LONGEST);
  try {
    if (remembered) localStorage.setItem(KEPT, remembered);
    else localStorage.removeItem(KEPT);
  } catch {
    // See above.
  }
}

/**
 * @param {Ruling} ruling
 * @returns {Promise<Decided>}
 */
export async function decide(ruling) {
  const by = curator();
  if (!by) throw new ApiError(0, "Who decides?", "Give your name first: the ledger keeps who decided what, when and why.");
  return post("decisions", JSON.stringify({ ...ruling, by }), "application/json");
}

/**
 * @param {string} id of a decision
 * @param {string} reason
 */
export const undo = (id, reason) => decide({ kind: "undo", subject: id, reason });

/** What each ruling is called. @type {Record<string, string>} */
export const RULINGS = {
  merge: "held to be one",
  split: "held to be two",
  leave: "cannot be told",
  same_text: "held to go back to one text",
  other_text: "held to be texts of their own",
  correct: "corrected",
  retract: "left out",
  undo: "taken back",
};

/** What became of a decision, in words. @type {Record<string, string>} */
export const STATES = {
  applied: "applied",
  undone: "taken back",
  replaced: "decided anew",
  overruled: "overruled by a person",
  not_applied: "not applied",
  orphaned: "applies to nothing any more",
  open: "open",
};

/**
 * @param {LogRow} row
 * @returns {string} "Red Heron and Norland: held to be two"
 */
export function rulingWords(row) {
  const name = (/** @type {string | null} */ label, /** @type {string | null} */ id) => label ?? id ?? "";
  const subject = name(row.subject_label, row.subject);
  if (row.kind === "correct") return `${row.field?.replaceAll("_", " ")} of “${subject}”: corrected to ${row.value?.replaceAll("_", " ") ?? "unknown"}`;
  if (row.object) {
    const object = name(row.object_label, row.object);
    // Once they are one they have one name, and only their ids tell them apart.
    const pair = subject === object ? `${subject} (${row.subject}) and ${object} (${row.object})` : `${subject} and ${object}`;
    return `${pair}: ${RULINGS[row.kind] ?? row.kind}`;
  }
  if (row.kind === "undo") return `Decision ${row.subject}: taken back`;
  return `${row.subject.startsWith("clm-") ? `“${subject}”` : subject}: ${RULINGS[row.kind] ?? row.kind}`;
}
