// A claim in, the card that shows it out: who says what of whom, the quote, and where it stands.
import { claimPath, file } from "./api.js";
import { h, outLink, save } from "./dom.js";
import { key } from "./key.js";
import { claimSentence, confidenceWords, day, modalityWords } from "./words.js";

/** @import { Claim, Shell } from "./types.js" */

/**
 * @param {Claim} claim
 * @param {Shell} shell
 */
export function claimCard(claim, shell) {
  const published = claim.published && claim.published !== claim.date ? `, published ${day(claim.published)}` : "";
  return h(
    "li",
    { class: `card ${claim.type}`, dataset: { claimId: claim.id, type: claim.type, modality: claim.modality } },
    h("p", { class: "says" }, claimSentence(claim), ":"),
    h("blockquote", { cite: claim.url }, h("p", { class: "quote" }, `“${claim.evidence.quote}”`)),
    h(
      "p",
      { class: "where" },
      "says ",
      h("cite", {}, claim.publisher ?? "an outlet not named"),
      claim.date ? `, of ${day(claim.date)}` : ", day not told",
      published,
      claim.evidence.part === "title" ? ", in its headline" : "",
    ),
    claim.incident
      ? h("p", { class: "about" }, "About: ", h("button", { type: "button", class: "plain", onclick: () => shell.openIncident(/** @type {string} */ (claim.incident)) }, claim.incident_label ?? claim.incident))
      : null,
    h("p", { class: "facts" }, [modalityWords(claim), confidenceWords(claim.confidence), claim.responds_to && "answers an earlier claim"].filter(Boolean).join(" · ")),
    h(
      "p",
      { class: "acts" },
      h("button", { type: "button", class: "read", dataset: { readClaim: claim.id, article: claim.evidence.article }, onclick: () => shell.read(claim) }, "Read in the article"),
      h("button", { type: "button", class: "receipt", dataset: { receipt: claim.id }, title: "What this claim rests on", onclick: () => shell.receipt(claim.id) }, "Receipt"),
      h("button", { type: "button", class: "thread", dataset: { thread: claim.id }, title: "What it answers and what answers it", onclick: () => shell.openThread(claim.id) }, "Thread"),
      h("button", { type: "button", class: "correct", dataset: { correct: claim.id }, title: "Correct a field of this claim, or leave it out", onclick: () => correct(claim, shell) }, "Correct…"),
      h("button", { type: "button", class: "copy", dataset: { copy: claim.id }, title: "Copy the id of this claim", onclick: () => copy(claim.id, shell.say) }, "Copy id"),
      h("a", { href: claimPath(claim.id), target: "_blank", rel: "noopener", title: "This claim as the API tells it", onclick: (/** @type {Event} */ event) => void asFile(event, claim) }, "JSON"),
      outLink(claim.url, claim.url ? "Original" : ""),
    ),
  );
}

/**
 * @param {string} text
 * @param {(text: string) => void} say
 */
export async function copy(text, say) {
  try {
    await navigator.clipboard.writeText(text);
    say(`Copied: ${text}`);
  } catch {
    // Browsers lend the clipboard to secure pages only; elsewhere the reader copies by hand.
    prompt("Copy this:", text);
  }
}

/**
 * @param {Claim} claim
 * @param {Shell} shell
 */
function correct(claim, shell) {
  import("./correct.js").then((module) => module.showCorrection(claim, shell), shell.problem);
}

/**
 * With a key a link leads nowhere, for a browser sends none along; what it names is saved instead.
 * @param {Event} event
 * @param {Claim} claim
 */
async function asFile(event, claim) {
  if (!key()) return;
  event.preventDefault();
  save(await file(claimPath(claim.id)), `${claim.id}.json`);
}
