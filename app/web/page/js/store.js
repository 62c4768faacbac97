// The state of the page over time: what it is, how it changes, how a change is undone; the address always tells it.
import { decode, encode } from "./state.js";

/** @import { State } from "./types.js" */

/** Changes of these cannot be undone: they only look closer at what is shown. The browser's Back knows them. @type {(keyof State)[]} */
const LOOKING = ["select", "article", "quote", "sort", "at", "look"];

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
    const changed = /** @type {(keyof State)[]} */ (Object.keys(next)).filter((key) => JSON.stringify(this.state[key]) !== JSON.stringify(next[key]));
    if (changed.some((key) => !LOOKING.includes(key))) {
      this.past.push(from);
      this.future = [];
    }
    this.#write(to, replace);
    this.#become(next);
  }

  /**
   * Writes down what the page itself found out (where nodes stand); nobody is told, and nothing is to be undone.
   * @param {Partial<State>} patch
   */
  note(patch) {
    this.state = { ...this.state, ...patch };
    this.#write(encode(this.state), true);
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
    const next = { ...decode(hash), sort: this.state.sort, article: "", quote: "" };
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
