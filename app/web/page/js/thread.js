// A thread as the API tells it in, the rows it is drawn in out: what answers what, what is the same utterance told again.
import { dayNumber, when } from "./bins.js";
import { plural } from "./words.js";

/** @import { Claim, Thread, ThreadLink } from "./types.js" */

/**
 * One utterance: the claim that first reports it, and those that the API says tell of the same one.
 * @typedef {object} Card
 * @property {Claim} claim
 * @property {Claim[]} again
 * @property {ThreadLink | null} link what it answers: the row above holds that card
 * @property {ThreadLink[]} also further links of the API
 * @property {string | null} to id of the card that `link` leads to
 */

/**
 * An utterance that answers nothing, and row by row what answers it.
 * @typedef {{ root: Card, steps: Card[][] }} Row
 */

/**
 * Every claim of the thread is in exactly one card, and every link in exactly one place.
 * @param {Thread} thread
 * @returns {Row[]} in the order of the thread
 */
export function rowsOf(thread) {
  const at = new Map(thread.claims.map((claim, index) => [claim.id, index]));
  const place = (/** @type {string} */ id) => /** @type {number} */ (at.get(id));
  /** @type {Map<string, string>} */
  const home = new Map(thread.claims.map((claim) => [claim.id, claim.id]));
  const told = thread.links.filter((link) => link.link === "repeats").sort((a, b) => place(a.start) - place(b.start));
  for (const link of told) if (home.get(link.start) === link.start) home.set(link.start, /** @type {string} */ (home.get(link.end)));
  /** @type {Map<string, Card>} */
  const cards = new Map();
  for (const claim of thread.claims) {
    const own = /** @type {string} */ (home.get(claim.id));
    if (own === claim.id) cards.set(claim.id, { claim, again: [], link: null, also: [], to: null });
  }
  for (const claim of thread.claims) {
    const own = /** @type {string} */ (home.get(claim.id));
    if (own !== claim.id) cards.get(own)?.again.push(claim);
  }
  for (const link of [...thread.links].sort(better)) {
    const from = /** @type {Card} */ (cards.get(/** @type {string} */ (home.get(link.start))));
    const to = /** @type {string} */ (home.get(link.end));
    // What is told again may answer what answers its first report: an arrow drawn for it would run in a circle.
    const forward = place(to) < place(from.claim.id);
    if (link.link !== "repeats" && !from.link && forward) [from.link, from.to] = [link, to];
    else from.also.push(link);
  }
  const rows = /** @type {Row[]} */ ([]);
  /** @type {Map<string, { row: Row, step: number }>} */
  const stands = new Map();
  for (const card of cards.values()) {
    const above = card.to ? stands.get(card.to) : undefined;
    if (!above) {
      const row = { root: card, steps: [[card]] };
      rows.push(row);
      stands.set(card.claim.id, { row, step: 0 });
      continue;
    }
    const step = above.step + 1;
    (above.row.steps[step] ??= []).push(card);
    stands.set(card.claim.id, { row: above.row, step });
  }
  return rows;
}

/** The article's own word before any rule, then the surer rule. @param {ThreadLink} a @param {ThreadLink} b */
function better(a, b) {
  return Number(b.basis === "explicit") - Number(a.basis === "explicit") || b.confidence - a.confidence || (a.end < b.end ? -1 : a.end > b.end ? 1 : 0);
}

/**
 * How much later one was said than the other.
 * @param {Claim} earlier
 * @param {Claim} later
 * @returns {string}
 */
export function lagWords(earlier, later) {
  const [from, to] = [when(earlier, "said"), when(later, "said")];
  if (!from || !to) return "days between not known";
  const [least, most] = [dayNumber(to[0]) - dayNumber(from[1]), dayNumber(to[1]) - dayNumber(from[0])];
  if (least !== most) return least > 0 ? `${least} to ${plural(most, "day")} later` : "days between not told exactly";
  if (least === 0) return "the same day";
  return least > 0 ? `${plural(least, "day")} later` : `said ${plural(-least, "day")} earlier`;
}

/** @type {Record<string, string>} */
const LINKS = {
  denies: "denies what is said above",
  deflects: "accused, accuses a third party",
  counters: "accuses back",
  corroborates: "says the same as another source",
  retracts: "takes back what it said",
  repeats: "the same utterance, told again",
  responds: "responds",
};

/** @param {ThreadLink} link */
export function linkWords(link) {
  return LINKS[link.link] ?? link.link;
}

/**
 * @param {ThreadLink} link
 * @returns {string} what the link rests on: the article's own words, or a named rule with how often it is right
 */
export function basisWords(link) {
  if (link.basis === "explicit") return link.why;
  return `rule “${link.rule}”: ${link.why} (${Math.round(link.confidence * 100)}% of such links hold)`;
}
