// How much was said when in, the period that the reader brushes out: one histogram above every view, stacked by type.
import { h, refill, svg } from "./dom.js";
import { day, plural } from "./words.js";

/** @import { Facets, State } from "./types.js" */

const HEIGHT = 44;
const TYPES = /** @type {const} */ (["accuses", "denies", "retaliates"]);
const CLOCKS = { said: "said", published: "published", happened: "said to have happened", ingested: "taken in" };

export class Brush {
  /**
   * @param {HTMLElement} place
   * @param {{ onChange: (patch: Partial<State>) => void, say: (text: string) => void }} actions
   */
  constructor(place, { onChange, say }) {
    this.onChange = onChange;
    this.say = say;
    /** @type {Facets | null} */
    this.facets = null;
    /** First days of all units from the first bar to the last, empty ones too. @type {string[]} */
    this.starts = [];
    /** @type {{ since: string, until: string }} */
    this.period = { since: "", until: "" };
    this.picture = h("div", { class: "brush-picture", "aria-hidden": "true" });
    this.from = this.#handle("from", "First day");
    this.to = this.#handle("to", "Last day");
    this.note = h("p", { id: "brush-note", class: "quiet" });
    this.first = h("span", { class: "brush-first" });
    this.last = h("span", { class: "brush-last" });
    this.clear = h("button", { type: "button", id: "brush-clear", onclick: () => onChange({ since: "", until: "" }) }, "All dates");
    refill(place, h("div", { class: "brush-box", role: "group", "aria-label": "Period", "aria-describedby": "brush-note" }, this.picture, this.from, this.to), h("div", { class: "brush-words" }, this.first, this.note, this.clear, this.last));
    this.place = place;
    this.box = /** @type {HTMLElement} */ (this.picture.parentElement);
    this.#listen();
    new ResizeObserver(() => this.#paint()).observe(this.box);
  }

  /**
   * @param {"from" | "to"} end
   * @param {string} label
   */
  #handle(end, label) {
    return h("div", { class: `brush-handle ${end}`, id: `brush-${end}`, role: "slider", tabindex: 0, "aria-label": label, onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event, end) });
  }

  #listen() {
    /** @type {number | null} */
    let began = null;
    let moved = 0;
    const at = (/** @type {PointerEvent} */ event) => {
      const { left, width } = this.box.getBoundingClientRect();
      return Math.min(this.starts.length - 1, Math.max(0, Math.floor(((event.clientX - left) / width) * this.starts.length)));
    };
    this.box.addEventListener("pointerdown", (event) => {
      if (!this.starts.length || event.button !== 0) return;
      const [from, to] = this.#ends();
      const grip = /** @type {HTMLElement} */ (event.target).closest(".brush-handle");
      began = grip ? (grip === this.from ? to : from) : at(event);
      moved = grip ? (grip === this.from ? from : to) : began;
      this.box.setPointerCapture(event.pointerId);
      this.#draft(began, moved);
    });
    this.box.addEventListener("pointermove", (event) => {
      if (began === null) return;
      moved = at(event);
      this.#draft(began, moved);
    });
    const end = () => {
      if (began === null) return;
      const [from, to] = [Math.min(began, moved), Math.max(began, moved)];
      began = null;
      this.#choose(from, to);
    };
    this.box.addEventListener("pointerup", end);
    this.box.addEventListener("pointercancel", () => {
      began = null;
      this.#paint();
    });
  }

  /**
   * The period as the state has it: the rectangle follows it, whoever changed it.
   * @param {State} state
   */
  show(state) {
    this.period = { since: state.since, until: state.until };
    this.#paint();
  }

  /**
   * @param {Facets} facets
   * @param {State} state
   */
  draw(facets, state) {
    this.facets = facets;
    this.starts = units(facets.bins.map((bin) => bin.start), facets.unit);
    this.show(state);
    const words = [`By the day it was ${CLOCKS[state.clock]}, by ${facets.unit}.`];
    const outside = state.since || state.until ? "left out while a period is chosen" : "in no bar, and shown";
    if (facets.undated) words.push(`${plural(facets.undated, "claim")} without a known day: ${outside}.`);
    if (facets.too_coarse) words.push(`${plural(facets.too_coarse, "claim")} dated more roughly than a bar: in none.`);
    this.note.textContent = words.join(" ");
  }

  /** @returns {[number, number]} the bars at which the period begins and ends */
  #ends() {
    const { unit } = this.facets ?? { unit: "day" };
    const last = this.starts.length - 1;
    const letters = { day: 10, month: 7, year: 4 }[unit];
    const { since, until } = this.period;
    const from = since ? this.starts.findIndex((start) => start >= since.slice(0, letters)) : 0;
    const after = until ? this.starts.findIndex((start) => start > until.slice(0, letters)) : -1;
    return [from < 0 ? last : from, until ? (after < 0 ? last : Math.max(0, after - 1)) : last];
  }

  #paint() {
    const { facets, starts } = this;
    this.place.hidden = !starts.length;
    if (!facets || !starts.length) return;
    const width = 1000;
    const step = width / starts.length;
    const counts = new Map(facets.bins.map((bin) => [bin.start, bin]));
    const most = Math.max(1, ...facets.bins.map((bin) => bin.accuses + bin.denies + bin.retaliates));
    const bars = [];
    for (const [index, start] of starts.entries()) {
      const bin = counts.get(start);
      let top = HEIGHT;
      for (const type of bin ? TYPES : []) {
        const tall = ((bin?.[type] ?? 0) / most) * (HEIGHT - 2);
        if (!tall) continue;
        top -= tall;
        bars.push(svg("rect", { class: `bar ${type}`, x: index * step, y: top, width: Math.max(0.6, step * 0.86), height: tall, "data-start": start, "data-type": type, "data-count": bin?.[type] ?? 0 }));
      }
    }
    const [from, to] = this.#ends();
    const chosen = Boolean(this.period.since || this.period.until);
    const shade = svg("rect", { class: "shade", x: from * step, y: 0, width: Math.max(1, (to - from + 1) * step), height: HEIGHT });
    refill(
      this.picture,
      svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, preserveAspectRatio: "none", focusable: "false" }, ...bars, ...(chosen ? [shade] : [])),
    );
    this.first.textContent = day(starts[0]);
    this.last.textContent = starts.length > 1 ? day(starts.at(-1)) : "";
    Object.assign(this.box.dataset, { from: chosen ? starts[from] : "", to: chosen ? starts[to] : "" });
    this.#grip(this.from, from, from / starts.length);
    this.#grip(this.to, to, (to + 1) / starts.length);
    this.clear.hidden = !chosen;
  }

  /**
   * @param {HTMLElement} handle
   * @param {number} index
   * @param {number} share of the width
   */
  #grip(handle, index, share) {
    handle.style.setProperty("left", `${100 * share}%`);
    handle.setAttribute("aria-valuemin", "0");
    handle.setAttribute("aria-valuemax", String(this.starts.length - 1));
    handle.setAttribute("aria-valuenow", String(index));
    handle.setAttribute("aria-valuetext", day(this.starts[index]));
  }

  /**
   * What would be chosen if the reader let go now.
   * @param {number} one
   * @param {number} other
   */
  #draft(one, other) {
    const before = this.period;
    this.period = this.#period(Math.min(one, other), Math.max(one, other));
    this.#paint();
    this.period = before;
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  #period(from, to) {
    const whole = from === 0 && to === this.starts.length - 1;
    // Bars are named as the API's dates are: a month stands for all its days.
    return whole ? { since: "", until: "" } : { since: this.starts[from], until: this.starts[to] };
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  #choose(from, to) {
    const { since, until } = this.#period(from, to);
    if (since === this.period.since && until === this.period.until) return this.#paint();
    this.onChange({ since, until });
    this.say(since ? `From ${day(since)} to ${day(until)}` : "All dates");
  }

  /**
   * @param {KeyboardEvent} event
   * @param {"from" | "to"} end
   */
  #key(event, end) {
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      return this.onChange({ since: "", until: "" });
    }
    const [from, to] = this.#ends();
    const now = end === "from" ? from : to;
    const last = this.starts.length - 1;
    const next = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1, PageUp: now + 10, PageDown: now - 10, Home: 0, End: last }[event.key];
    if (next === undefined || last < 0) return;
    event.preventDefault();
    const at = Math.min(end === "from" ? to : last, Math.max(end === "from" ? 0 : from, next));
    this.#choose(end === "from" ? at : from, end === "from" ? to : at);
  }
}

/**
 * Names of all units from the first to the last, those without claims too.
 * @param {string[]} named in order
 * @param {"day" | "month" | "year"} unit
 * @returns {string[]}
 */
export function units(named, unit) {
  if (!named.length) return [];
  const [first, last] = [named[0], /** @type {string} */ (named.at(-1))];
  const found = [];
  const [year, month = 1, date = 1] = first.split("-").map(Number);
  for (let step = 0; step < 4000; step += 1) {
    const at = new Date(Date.UTC(year + (unit === "year" ? step : 0), month - 1 + (unit === "month" ? step : 0), date + (unit === "day" ? step : 0)));
    const name = at.toISOString().slice(0, { day: 10, month: 7, year: 4 }[unit]);
    found.push(name);
    if (name >= last) break;
  }
  return found;
}
