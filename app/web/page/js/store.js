// The state of the page over time: what it is, how it changes, how a change is undone; the address always tells it.
import { decode, encode } from "./state.js";

/** @import { State } from "./types.js" */

/** Changes of these can be undone; looking at something else cannot. @type {(keyof State)[]} */
const UNDOABLE = ["actors", "incident", "place", "kinds", "since", "until", "publisher", "confidence", "hops", "limit", "merge", "expand", "hide", "pins"];

export class Store {
  /** @param {(state: State, before: State | null) => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.state = decode(location.hash);
    /** @type {string[]} */
    this.past = [];
    /** @type {string[]} */
    this.future = [];
    addEventListener("popstate", () => {
      const next = decode(location.hash);
      if (encode(next) !== encode(this.state)) this.#become(next);
    });
  }

  /** Shows the state that the address gave. */
  begin() {
    this.onChange(this.state, null);
  }

  /**
   * @param {Partial<State>} patch
   * @param {{ replace?: boolean }} [how] `replace` leaves no step for the browser's Back
   */
  go(patch, { replace = false } = {}) {
    const next = { ...this.state, ...patch };
    const [from, to] = [encode(this.state), encode(next)];
    if (from === to) return;
    if (UNDOABLE.some((key) => JSON.stringify(this.state[key]) !== JSON.stringify(next[key]))) {
      this.past.push(from);
      this.future = [];
    }
    this.#write(to, replace);
    this.#become(next);
  }

  undo() {
    this.#step(this.past, this.future);
  }

  redo() {
    this.#step(this.future, this.past);
  }

  /**
   * @param {string[]} from
   * @param {string[]} to
   */
  #step(from, to) {
    const hash = from.pop();
    if (hash === undefined) return;
    to.push(encode(this.state));
    // The tab stays: undoing concerns the picture, not where one stands.
    const next = { ...decode(hash), tab: this.state.tab, sort: this.state.sort, article: "", quote: "" };
    this.#write(encode(next), false);
    this.#become(next);
  }

  /**
   * @param {string} hash
   * @param {boolean} replace
   */
  #write(hash, replace) {
    const url = hash ? `#${hash}` : location.pathname + location.search;
    if (replace) history.replaceState(null, "", url);
    else history.pushState(null, "", url);
  }

  /** @param {State} next */
  #become(next) {
    const before = this.state;
    this.state = next;
    this.onChange(next, before);
  }
}
