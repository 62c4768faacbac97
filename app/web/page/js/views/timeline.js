// The state in, how much was said when out: stacked bars by the chosen clock, and single claims in lanes where they are few.
import { binOf, binWords, daysOf, dayNumber, rowsOf, scale, span, ticks, unitFor, when } from "../bins.js";
import { h, refill } from "../dom.js";
import { claimsUpTo, timeline } from "../overviews.js";
import { CLAIM_KINDS, claimParams, typesOf, UNITS } from "../state.js";
import { claimSentence, day, figure, modalityWords, plural } from "../words.js";
import { glyph, SIGN_WORDS, signOf } from "./glyphs.js";

/** @import { Bin, Claim, ClaimType, Clock, Shell, State, Timeline } from "../types.js" */

/** Where no more claims match, each is drawn by itself, too. */
export const MOST_SINGLE = 200;
/** Claims that a bar's quotes are sought among. */
const MOST_QUOTES = 500;
const LANES = 40;
const NOUNS = { accuses: ["accusation", "accusations"], denies: ["denial", "denials"], retaliates: ["retaliation or threat of it", "retaliations and threats of it"] };
/** @type {Record<Clock, string>} */
const CLOCKS = { said: "they were said", published: "their articles were published", happened: "what they are about is said to have happened", ingested: "they were taken into the ledger" };

export class TimelineView {
  /**
   * @param {HTMLElement} place
   * @param {Shell} shell
   */
  constructor(place, shell) {
    this.shell = shell;
    /** @type {Timeline | null} */
    this.answer = null;
    /** @type {Claim[] | null} the single claims, where they are few */
    this.claims = null;
    this.asked = "";
    this.opened = "";
    this.unit = h("select", { id: "timeline-unit", onchange: () => shell.go({ unit: this.unit.value, look: "" }) }, h("option", { value: "" }, "as the span needs"), UNITS.map((unit) => h("option", { value: unit }, unit)));
    this.note = h("p", { class: "quiet", id: "timeline-note" });
    this.chosen = h("p", { class: "timeline-chosen", id: "timeline-chosen" });
    this.chart = h("div", { class: "time-bars", id: "timeline-bars", role: "group", "aria-label": "Claims over time", "aria-describedby": "timeline-note" });
    this.aside = h("ul", { class: "timeline-aside", id: "timeline-aside", "aria-label": "Claims that stand in no bar" });
    this.lanes = h("div", { class: "lanes", id: "timeline-lanes" });
    const keys = CLAIM_KINDS.map((kind) => h("li", {}, h("span", { class: `swatch ${kind}` }), ` ${NOUNS[/** @type {ClaimType} */ (kind)][1]}`));
    refill(place, h("div", { class: "signs-top" }, h("label", {}, "Bars by ", this.unit), h("ul", { class: "signs", "aria-label": "What the bars show" }, keys)), this.note, this.chart, this.aside, this.chosen, this.lanes);
    for (const root of [this.chart, this.lanes]) root.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => move(root, event));
  }

  /** @param {State} state */
  key(state) {
    return JSON.stringify([claimParams(state), typesOf(state), state.clock, state.unit, state.look]);
  }

  /**
   * @param {State} state
   * @param {AbortSignal} signal
   */
  async show(state, signal) {
    const types = typesOf(state);
    const params = { ...claimParams(state), clock: state.clock, type: types };
    const asked = JSON.stringify([params, state.unit, this.shell.revision()]);
    if (asked !== this.asked || !this.answer) {
      const answer = types.length ? await barsOf(params, state.unit, signal) : null;
      const few = answer && answer.total > 0 && answer.total <= MOST_SINGLE;
      const claims = few ? (await claimsUpTo(params, MOST_SINGLE, signal)).claims : null;
      signal.throwIfAborted();
      [this.answer, this.claims, this.asked, this.opened] = [answer, claims, asked, ""];
      for (const claim of claims ?? []) this.shell.names.set(claim.source_id, claim.source);
      this.shell.know((claims ?? []).map((claim) => claim.publisher));
    }
    this.unit.value = state.unit;
    this.#draw(state);
    await this.#open(state, signal);
  }

  summary() {
    const found = this.answer;
    if (!found) return "No type of claim is ticked.";
    const drawn = found.bins.reduce((sum, bin) => sum + all(bin), 0);
    return `${figure(drawn)} of ${plural(found.total, "claim")} in ${plural(found.bins.length, `${found.unit} with claims`, `${found.unit}s with claims`)}.`;
  }

  /** @param {State} state */
  #draw(state) {
    const found = this.answer;
    refill(this.chart);
    refill(this.aside);
    refill(this.lanes);
    refill(this.chosen);
    this.chart.hidden = !found?.bins.length;
    this.chosen.hidden = true;
    if (!found) return refill(this.note, "No type of claim is ticked: tick one under “Claims”.");
    if (!found.total) return refill(this.note, "No claims match. Loosen the filters to see when they were made.");
    refill(this.note, `Each bar counts claims by the day on which ${CLOCKS[found.clock]}, by ${found.unit}. Arrow keys move, Enter shows the quotes.`);
    const extent = this.#extent(found);
    if (found.bins.length) this.#bars(found, extent, state);
    const aside = [];
    if (found.undated) aside.push(h("li", { dataset: { undated: String(found.undated) } }, h("strong", {}, figure(found.undated)), ` without a known day: nothing tells when ${CLOCKS[found.clock]}.`));
    if (found.too_coarse) aside.push(h("li", { dataset: { tooCoarse: String(found.too_coarse) } }, h("strong", {}, figure(found.too_coarse)), ` dated more coarsely than a ${found.unit}: in no bar rather than in any.`));
    if (found.undated_left_out) aside.push(h("li", { dataset: { undatedLeftOut: String(found.undated_left_out) } }, h("strong", {}, figure(found.undated_left_out)), " left out by the dates, because nothing tells their day."));
    refill(this.aside, aside);
    if (this.claims) this.#drawLanes(this.claims, extent, found.clock);
    else refill(this.lanes, h("p", { class: "quiet" }, `Single claims are drawn where no more than ${MOST_SINGLE} match; ${figure(found.total)} do. Narrow the dates, the actors or the types.`));
  }

  /**
   * First and last day of the axis.
   * @param {Timeline} found
   * @returns {[string, string]}
   */
  #extent(found) {
    /** @type {[string, string][]} */
    const spans = found.bins.map((bin) => daysOf(bin.start, found.unit));
    for (const claim of this.claims ?? []) {
      const days = when(claim, found.clock);
      if (days) spans.push(days);
    }
    if (!spans.length) return ["1970-01-01", "1970-01-01"];
    return [spans.reduce((min, [from]) => (from < min ? from : min), spans[0][0]), spans.reduce((max, [, to]) => (to > max ? to : max), spans[0][1])];
  }

  /**
   * @param {Timeline} found
   * @param {[string, string]} extent
   * @param {State} state
   */
  #bars(found, extent, state) {
    const { top, lines } = scale(Math.max(...found.bins.map(all)));
    const grid = lines.map((value) => set(h("span", { class: "line", "aria-hidden": "true" }, h("span", { class: "value" }, figure(value))), { "--y": value / top }));
    const marks = ticks(extent[0], extent[1], 8).map(({ at, text }, index) => set(h("span", { class: index % 2 ? "tick odd" : "tick", "aria-hidden": "true" }, at < 0.93 ? h("span", {}, text) : null), { "--x": at }));
    const bars = found.bins.map((bin) => {
      const look = `bin:${bin.start}`;
      const [from, to] = daysOf(bin.start, found.unit).map((iso) => share(iso, extent));
      const parts = CLAIM_KINDS.filter((kind) => bin[/** @type {ClaimType} */ (kind)]).map((kind) => set(h("span", { class: `bar ${kind}` }), { "--n": bin[/** @type {ClaimType} */ (kind)] / top }));
      const words = `${binWords(bin.start, found.unit)}: ${countWords(bin)} in ${plural(bin.articles, "article")}`;
      const button = h(
        "button",
        {
          type: "button",
          class: "bin",
          tabindex: -1,
          "aria-label": words,
          title: words,
          "aria-pressed": String(state.look === look),
          dataset: { start: bin.start, accuses: String(bin.accuses), denies: String(bin.denies), retaliates: String(bin.retaliates) },
          onclick: () => {
            if (this.shell.state().look !== look) return this.shell.go({ look });
            this.opened = "";
            this.#open(this.shell.state(), new AbortController().signal).catch((error) => this.shell.problem(error));
          },
        },
        parts,
      );
      return set(button, { "--x": from, "--w": to + 1 / days(extent) - from });
    });
    refill(this.chart, h("div", { class: "plot" }, grid, marks, bars));
    const stop = this.chart.querySelector(".bin[aria-pressed='true']") ?? this.chart.querySelector(".bin");
    if (stop) stop.tabIndex = 0;
  }

  /**
   * Single claims, a lane for each source, in the order in which the sources first speak.
   * @param {Claim[]} claims
   * @param {[string, string]} extent
   * @param {Clock} clock
   */
  #drawLanes(claims, extent, clock) {
    /** @type {Map<string, { claim: Claim, days: [string, string] }[]>} */
    const lanes = new Map();
    /** @type {Claim[]} */
    const undated = [];
    const dated = claims.flatMap((claim) => {
      const found = when(claim, clock);
      if (!found) undated.push(claim);
      return found ? [{ claim, days: found }] : [];
    });
    dated.sort((a, b) => (a.days[0] < b.days[0] ? -1 : a.days[0] > b.days[0] ? 1 : order(a.claim) - order(b.claim)));
    for (const one of dated) lanes.set(one.claim.source_id, [...(lanes.get(one.claim.source_id) ?? []), one]);
    const shown = [...lanes].slice(0, LANES);
    const rest = [...lanes].slice(LANES).reduce((sum, [, own]) => sum + own.length, 0);
    const signs = Object.entries(SIGN_WORDS).map(([sign, words]) => h("li", {}, glyph(/** @type {any} */ (sign)), ` ${words}`));
    refill(
      this.lanes,
      h("div", { class: "signs-top" }, h("h2", {}, "Claim by claim"), h("ul", { class: "signs", "aria-label": "Signs" }, signs)),
      dated.length ? h("p", { class: "quiet" }, "A lane for each source, in the order in which they first speak. That one stands after another does not make it an answer: see Threads.") : null,
      shown.map(([id, own]) => {
        const spans = own.map(({ days: [from, to] }) => /** @type {[number, number]} */ ([share(from, extent), Math.max(share(to, extent), share(from, extent) + 0.024)]));
        const rows = rowsOf(spans);
        const marks = own.map(({ claim, days: [from, to] }, index) => set(this.#mark(claim, from === to ? "" : `${day(from)} to ${day(to)}`), { "--x": share(from, extent), "--w": from === to ? 0 : share(to, extent) - share(from, extent), "--row": rows[index] }));
        const track = set(h("div", { class: "track" }, marks), { "--rows": Math.max(...rows) + 1 });
        return h("div", { class: "lane", role: "group", "aria-label": `Claims by ${own[0].claim.source}`, dataset: { source: id } }, h("button", { type: "button", class: "plain who", title: "Opens the actor", onclick: () => this.shell.openActor(id) }, own[0].claim.source), track);
      }),
      rest ? h("p", { class: "quiet" }, `${plural(rest, "claim")} by ${plural(lanes.size - LANES, "further source")} not drawn here.`) : null,
      undated.length ? h("div", { class: "lane undated", role: "group", "aria-label": "Claims without a known day" }, h("span", { class: "who" }, "Day not known"), h("div", { class: "loose" }, undated.map((claim) => this.#mark(claim, "")))) : null,
    );
    const stop = /** @type {HTMLElement | null} */ (this.lanes.querySelector("button.mark"));
    if (stop) stop.tabIndex = 0;
  }

  /**
   * @param {Claim} claim
   * @param {string} coarse its days, where they are several
   */
  #mark(claim, coarse) {
    const words = `${day(claim.date ?? claim.published) || "day not known"}: ${claimSentence(claim)} (${modalityWords(claim)})${coarse ? `; dated ${coarse}` : ""}`;
    return h("button", { type: "button", class: `mark${coarse ? " coarse" : ""}`, tabindex: -1, "aria-label": words, title: words, dataset: { claimId: claim.id, type: claim.type }, onclick: () => this.shell.evidence(claimSentence(claim), [claim.id]) }, glyph(signOf(claim.type, claim.modality)));
  }

  /**
   * The quotes behind the bar that is looked at.
   * @param {State} state
   * @param {AbortSignal} signal
   */
  async #open(state, signal) {
    const found = this.answer;
    const bin = found?.bins.find((one) => `bin:${one.start}` === state.look);
    if (!found || !bin) return;
    const [since, until] = daysOf(bin.start, found.unit);
    const words = binWords(bin.start, found.unit);
    this.chosen.hidden = false;
    refill(this.chosen, h("strong", {}, `${words[0].toUpperCase()}${words.slice(1)}: `), `${countWords(bin)}. `, h("button", { type: "button", id: "timeline-only", onclick: () => this.shell.go({ since, until, look: "" }) }, `Only ${words}`));
    const opened = `${this.asked} ${state.look}`;
    if (opened === this.opened) return;
    const within = overlap([since, until], [span(state.since)?.[0] ?? since, span(state.until)?.[1] ?? until]);
    const { claims } = await claimsUpTo({ ...claimParams(state), clock: found.clock, type: typesOf(state), since: within[0], until: within[1] }, MOST_QUOTES, signal);
    signal.throwIfAborted();
    this.opened = opened;
    const own = claims.filter((claim) => {
      const days = when(claim, found.clock);
      return days !== null && binOf(days[0], found.unit) === bin.start && binOf(days[1], found.unit) === bin.start;
    });
    this.shell.know(own.map((claim) => claim.publisher));
    this.shell.evidence(`${words[0].toUpperCase()}${words.slice(1)}${own.length < all(bin) ? ` (${own.length} of ${plural(all(bin), "claim")})` : ""}`, own.map((claim) => claim.id));
  }
}

/**
 * The bars in the unit that is chosen, or in the shortest that is not too short for the span.
 * @param {import("../api.js").Params} params
 * @param {State["unit"]} unit
 * @param {AbortSignal} signal
 * @returns {Promise<Timeline>}
 */
async function barsOf(params, unit, signal) {
  const found = await timeline({ ...params, unit: unit || "month" }, signal);
  if (unit || !found.bins.length) return found;
  const [first] = daysOf(found.bins[0].start, "month");
  const [, last] = daysOf(found.bins[found.bins.length - 1].start, "month");
  const fitting = unitFor(first, last);
  return fitting === "month" ? found : timeline({ ...params, unit: fitting }, signal);
}

/** @param {Bin} bin */
export function all(bin) {
  return bin.accuses + bin.denies + bin.retaliates;
}

/**
 * @param {Bin} bin
 * @returns {string} "2 accusations, 1 denial"
 */
export function countWords(bin) {
  return CLAIM_KINDS.flatMap((kind) => {
    const type = /** @type {ClaimType} */ (kind);
    return bin[type] ? [plural(bin[type], NOUNS[type][0], NOUNS[type][1])] : [];
  }).join(", ");
}

/** @param {[string, string]} extent */
function days(extent) {
  return dayNumber(extent[1]) - dayNumber(extent[0]) + 1;
}

/**
 * How far along the axis a day begins, from 0 to 1.
 * @param {string} iso
 * @param {[string, string]} extent
 */
function share(iso, extent) {
  return (dayNumber(iso) - dayNumber(extent[0])) / days(extent);
}

/**
 * @param {[string, string]} one
 * @param {[string, string]} other
 * @returns {[string, string]}
 */
function overlap(one, other) {
  return [one[0] > other[0] ? one[0] : other[0], one[1] < other[1] ? one[1] : other[1]];
}

/** Accusations before denials before retaliations of the same day. @param {Claim} claim */
function order(claim) {
  return CLAIM_KINDS.indexOf(claim.type);
}

/**
 * Gives an element its numbers; the stylesheet makes places and sizes of them.
 * @param {any} element
 * @param {Record<string, number>} numbers
 */
function set(element, numbers) {
  for (const [name, value] of Object.entries(numbers)) element.style.setProperty(name, String(Math.round(value * 1e5) / 1e5));
  return element;
}

/**
 * Arrow keys along the bars, or along the claims of the lanes; up and down lead to the next lane.
 * @param {HTMLElement} root
 * @param {KeyboardEvent} event
 */
function move(root, event) {
  const from = /** @type {HTMLElement} */ (event.target);
  if (!from.matches(".bin, .mark")) return;
  const buttons = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".bin, .mark")]);
  const lanes = [...root.querySelectorAll(".lane")];
  const at = buttons.indexOf(from);
  /** @type {HTMLElement | undefined} */
  let to;
  if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    if (!lanes.length) return;
    const lane = lanes[lanes.findIndex((one) => one.contains(from)) + (event.key === "ArrowDown" ? 1 : -1)];
    to = lane ? /** @type {HTMLElement} */ (lane.querySelector(".mark")) : from;
  } else {
    const index = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (index === undefined) return;
    to = buttons[Math.min(buttons.length - 1, Math.max(0, index))];
  }
  event.preventDefault();
  for (const one of buttons) one.tabIndex = one === to ? 0 : -1;
  to?.focus();
  to?.scrollIntoView({ block: "nearest" });
}
