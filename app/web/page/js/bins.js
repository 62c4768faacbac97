// Dates in, their place in days, weeks, months and years out: the sums of the timeline. Pure; all days are calendar days.
import { day as dayWords } from "./words.js";

/** @import { Claim, Clock, Unit } from "./types.js" */

const DAY = 86_400_000;
/** A histogram of more bars than this is asked in longer ones. */
export const MOST_BARS = 120;

/**
 * @param {string} iso YYYY-MM-DD
 * @returns {number} days since 1970
 */
export function dayNumber(iso) {
  return Math.round(Date.parse(`${iso}T00:00:00Z`) / DAY);
}

/**
 * @param {number} number days since 1970
 * @returns {string} YYYY-MM-DD
 */
export function isoDay(number) {
  return new Date(number * DAY).toISOString().slice(0, 10);
}

/**
 * The first and last day that a date may mean.
 * @param {string | null | undefined} text YYYY, YYYY-MM, YYYY-MM-DD, or an interval A/B of such; `..` or nothing is an open end
 * @returns {[string, string] | null} null where an end is open or the text is no date: nothing tells its day
 */
export function span(text) {
  if (!text) return null;
  const [from, to] = text.includes("/") ? text.split("/") : [text, text];
  const first = /^\d{4}(-\d\d(-\d\d)?)?$/.test(from) ? `${from}${"-01-01".slice(from.length - 4)}`.slice(0, 10) : "";
  const [year, month, whole] = to.split("-");
  if (!first || !/^\d{4}(-\d\d(-\d\d)?)?$/.test(to)) return null;
  const last = whole ? to : isoDay(Math.round(Date.UTC(Number(year), month ? Number(month) : 12, 1) / DAY) - 1);
  return [first, last];
}

/**
 * When a claim is, by one of its four clocks.
 * @param {Claim} claim
 * @param {Clock} clock
 * @returns {[string, string] | null} first and last day, or null where nothing tells
 */
export function when(claim, clock) {
  if (clock === "published") return span(claim.published);
  if (clock === "happened") return span(claim.happened);
  if (clock === "ingested") return span(claim.ingested?.slice(0, 10));
  return span(claim.date ?? claim.published);
}

/**
 * The bar that a day lies in, named as the API names it.
 * @param {string} iso YYYY-MM-DD
 * @param {Unit} unit
 */
export function binOf(iso, unit) {
  if (unit === "month") return iso.slice(0, 7);
  if (unit === "year") return iso.slice(0, 4);
  if (unit === "day") return iso;
  const number = dayNumber(iso);
  // The first of January 1970 was a Thursday.
  return isoDay(number - ((((number + 3) % 7) + 7) % 7));
}

/**
 * @param {string} start of a bar
 * @param {Unit} unit
 * @returns {[string, string]} its first and last day
 */
export function daysOf(start, unit) {
  if (unit === "week") return [start, isoDay(dayNumber(start) + 6)];
  return /** @type {[string, string]} */ (span(start));
}

/**
 * @param {string} start of a bar
 * @param {Unit} unit
 */
export function binWords(start, unit) {
  return unit === "week" ? `the week of ${dayWords(start)}` : dayWords(start);
}

/**
 * The shortest bars that are not too many for what lies between two days.
 * @param {string} first
 * @param {string} last
 * @param {number} [most]
 * @returns {Unit}
 */
export function unitFor(first, last, most = MOST_BARS) {
  const days = dayNumber(last) - dayNumber(first) + 1;
  if (days <= most) return "day";
  if (days <= most * 7) return "week";
  return days <= most * 30.5 ? "month" : "year";
}

/**
 * Where marks with a date stand on an axis from `first` to `last`: the first days of years, months, weeks or days.
 * @param {string} first
 * @param {string} last
 * @param {number} most
 * @returns {{ at: number, text: string }[]} `at` from 0 to 1
 */
export function ticks(first, last, most) {
  const [from, to] = [dayNumber(first), dayNumber(last) + 1];
  /** @type {[string, number][]} */
  const steps = [["day", 1], ["day", 2], ["day", 7], ["day", 14], ["month", 1], ["month", 3], ["month", 6], ["year", 1], ["year", 2], ["year", 5], ["year", 10], ["year", 50], ["year", 100]];
  const length = { day: 1, month: 30.4, year: 365.25 };
  const [unit, by] = steps.find(([name, count]) => (to - from) / (count * length[/** @type {"day"} */ (name)]) <= most) ?? ["year", 1000];
  /** @type {number[]} */
  const marks = [];
  if (unit === "day") for (let at = Math.ceil(from / by) * by; at < to; at += by) marks.push(at);
  else {
    const months = unit === "month" ? by : 12 * by;
    const start = Number(first.slice(0, 4)) * 12 + Number(first.slice(5, 7)) - 1;
    for (let month = Math.ceil(start / months) * months; ; month += months) {
      const at = Math.round(Date.UTC(Math.floor(month / 12), month % 12, 1) / DAY);
      if (at >= to) break;
      if (at >= from) marks.push(at);
    }
  }
  const texts = marks.map((at) => (unit === "day" ? isoDay(at) : unit === "month" ? isoDay(at).slice(0, 7) : isoDay(at).slice(0, 4)));
  return marks.map((at, index) => ({ at: (at - from) / (to - from), text: dayWords(texts[index]) }));
}

/**
 * A scale for counts: its top and the lines in it, in round numbers.
 * @param {number} most
 * @returns {{ top: number, lines: number[] }}
 */
export function scale(most) {
  const wanted = Math.max(1, most);
  const step = [1, 2, 5, 10, 20, 25, 50].flatMap((n) => [n, n * 100, n * 10_000]).sort((a, b) => a - b).find((n) => wanted / n <= 4) ?? 10 ** Math.ceil(Math.log10(wanted / 4));
  const count = Math.ceil(wanted / step);
  return { top: count * step, lines: Array.from({ length: count + 1 }, (_, index) => index * step) };
}

/**
 * Stacks marks that would lie over one another: which row of its lane each gets.
 * @param {[number, number][]} spans from and to, as wide as they are drawn, sorted by from
 * @returns {number[]}
 */
export function rowsOf(spans) {
  /** @type {number[]} */
  const ends = [];
  return spans.map(([from, to]) => {
    const free = ends.findIndex((end) => end <= from);
    const row = free < 0 ? ends.length : free;
    ends[row] = to;
    return row;
  });
}
