// Claims and arrows in, the words that the page shows for them out. It says who says what; it never says what happened.

/** @import { Arrow, Claim, EdgeKind, GraphNode, Modality } from "./types.js" */

/** Names of the edge kinds in the legend. @type {Record<EdgeKind, string>} */
export const KIND_NAMES = {
  accuses: "Accuses",
  denies: "Denies",
  retaliates: "Retaliates",
  about: "About an incident",
  located_in: "Place of an incident",
  part_of: "Speaks or acts for",
};

/** @type {Record<string, string>} */
export const ACTOR_KINDS = {
  state: "State",
  government_body: "Government body",
  armed_force: "Armed force",
  armed_group: "Armed group",
  political_group: "Political group",
  international_organisation: "International organisation",
  company: "Company",
  media: "Media",
  ngo: "Non-governmental organisation",
  person: "Person",
  unknown: "Kind unknown",
};

/** @type {Record<string, string>} */
const DENIALS = {
  occurrence: "says it did not happen",
  perpetration: "says it was not their doing",
  intent: "says it was not meant",
  characterisation: "says it was not what it is called",
  knowledge: "says they did not know",
  authority: "says they did not order it",
};

/** @type {Record<Modality, string>} */
const RETALIATIONS = {
  asserted: "reported as said",
  carried_out: "reported as carried out",
  threatened: "threatened, not reported as done",
  called_for: "called for, not reported as done",
};

/**
 * @param {EdgeKind} kind
 * @param {Modality | null} modality
 * @returns {string} two or three words, for the label on an arrow
 */
export function shortPhrase(kind, modality) {
  if (kind === "retaliates" && modality === "threatened") return "threatens";
  if (kind === "retaliates" && modality === "called_for") return "calls for reprisal";
  return { accuses: "accuses", denies: "denies", retaliates: "retaliates", about: "speaks about", located_in: "reported in", part_of: "speaks for" }[kind];
}

/**
 * @param {EdgeKind} kind
 * @param {Modality | null} modality
 * @param {boolean} toActor false where it points to an incident, because the text names no actor
 */
function longPhrase(kind, modality, toActor) {
  if (kind === "accuses") return toActor ? "accuses" : "makes an accusation over";
  if (kind === "denies") return toActor ? "denies an accusation by" : "issues a denial over";
  const end = toActor ? "against" : "over";
  if (modality === "threatened") return `threatens to retaliate ${end}`;
  if (modality === "called_for") return `calls for retaliation ${end}`;
  return `is reported to have retaliated ${end}`;
}

/**
 * @param {Arrow} arrow
 * @returns {string} "Djibouti accuses Eritrea"
 */
export function arrowSentence(arrow) {
  const claims = arrow.kind === "accuses" || arrow.kind === "denies" || arrow.kind === "retaliates";
  const verb = claims ? longPhrase(arrow.kind, arrow.modality, arrow.target.kind === "actor") : arrow.phrase;
  return `${arrow.source.label} ${verb} ${arrow.target.label}`;
}

/**
 * @param {Claim} claim
 * @returns {string} "Guedi Farah Waberi, for Djibouti, accuses Eritrea"
 */
export function claimSentence(claim) {
  const who = claim.speaker_id === claim.source_id || !claim.speaker ? claim.source : `${claim.speaker}, for ${claim.source},`;
  const named = claim.target_named && claim.target_named_id !== claim.target_id ? `${claim.target_named} (${claim.target})` : claim.target;
  if (named) return `${who} ${longPhrase(claim.type, claim.modality, true)} ${named}`;
  if (claim.type === "accuses") return `${who} makes an accusation`;
  if (claim.type === "denies") return `${who} denies an accusation`;
  return `${who} ${longPhrase("retaliates", claim.modality, true).replace(/ against$/, "")}`;
}

/**
 * @param {Claim} claim
 * @returns {string} how the claim stands to the act, in words
 */
export function modalityWords(claim) {
  if (claim.type === "retaliates") return RETALIATIONS[claim.modality];
  if (claim.type === "denies") return claim.denial_kind ? (DENIALS[claim.denial_kind] ?? claim.denial_kind) : "denied, as reported";
  return "alleged, as reported";
}

/** @param {number} confidence */
export function confidenceWords(confidence) {
  return `extracted with ${Math.round(confidence * 100)}% confidence`;
}

/**
 * @param {GraphNode} node
 * @returns {string}
 */
export function nodeKindWords(node) {
  if (node.kind === "actor") return ACTOR_KINDS[node.actor_kind ?? "unknown"] ?? ACTOR_KINDS.unknown;
  return node.kind === "incident" ? "Incident" : "Place";
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * @param {string | null | undefined} date ISO 8601, as exact as it is known; a span has a slash
 * @returns {string} "8 Feb 2022", "Feb 2022", "2022", or "" for none
 */
export function day(date) {
  if (!date) return "";
  if (date.includes("/")) return date.split("/").map(day).join(" – ");
  const [year, month, dayOfMonth] = date.slice(0, 10).split("-");
  const name = MONTHS[Number(month) - 1];
  if (!name) return year;
  return dayOfMonth ? `${Number(dayOfMonth)} ${name} ${year}` : `${name} ${year}`;
}

/**
 * @param {string | null} first
 * @param {string | null} last
 */
export function daySpan(first, last) {
  if (!first || !last || first === last) return day(first ?? last);
  const [from, to] = [day(first), day(last)];
  // "7 – 18 Sep 2023": month and year that both days share are said once.
  const shared = [from, to].map((text) => / (\w+ )?\d+$/.exec(text)?.[0] ?? "");
  if (shared[0] && shared[0] === shared[1]) return `${from.slice(0, -shared[0].length)} – ${to}`;
  return `${from} – ${to}`;
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function plural(count, one, many = `${one}s`) {
  return `${figure(count)} ${count === 1 ? one : many}`;
}

/** @param {number} count */
export function figure(count) {
  return count.toLocaleString("en-GB");
}
