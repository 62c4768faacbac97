// Typed words in, actors and incidents to choose from out: the search box, a combobox with a list.
import * as api from "./api.js";
import { byId, debounce, h, refill } from "./dom.js";
import { shapeSwatch } from "./graph_style.js";
import { ACTOR_KINDS, day, plural } from "./words.js";

const AT_MOST = 7;

export class Search {
  /** @param {{ onChoose: (id: string, label: string) => void, say: (text: string) => void }} actions */
  constructor({ onChoose, say }) {
    /** @type {HTMLInputElement} */
    this.input = byId("search-input");
    /** @type {HTMLElement} */
    this.list = byId("search-list");
    this.onChoose = onChoose;
    this.say = say;
    this.active = -1;
    /** @type {AbortController | null} */
    this.asking = null;
    this.waiting = false;
    const ask = debounce(() => this.#ask(), 150);
    this.input.addEventListener("input", () => {
      this.waiting = false;
      ask();
    });
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.input.addEventListener("focus", () => this.input.value.trim() && this.#ask());
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    byId("search").addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault());
    document.addEventListener("keydown", (event) => {
      const typing = /** @type {HTMLElement} */ (event.target).closest?.("input, textarea, select, dialog");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      this.input.focus();
      this.input.select();
    });
  }

  async #ask() {
    const words = this.input.value.trim();
    this.asking?.abort();
    if (!words) return this.close();
    const asking = new AbortController();
    this.asking = asking;
    try {
      const [actors, incidents] = await Promise.all([api.actors(words, AT_MOST, asking.signal), api.incidents(words, AT_MOST, asking.signal)]);
      if (asking.signal.aborted) return;
      this.#show(
        words,
        actors.map((actor) => ({ id: actor.id, label: actor.name, shape: actor.kind, note: [ACTOR_KINDS[actor.kind], actor.country, plural(actor.claims.made + actor.claims.faced, "claim")].filter(Boolean).join(" · ") })),
        incidents.map((incident) => ({ id: incident.id, label: incident.label, shape: "incident", note: [day(incident.date), plural(incident.claims, "claim")].filter(Boolean).join(" · ") })),
      );
    } catch (error) {
      if (asking.signal.aborted) return;
      refill(this.list, h("p", { class: "problem" }, /** @type {Error} */ (error).message));
      this.#open();
    }
  }

  /**
   * @typedef {{ id: string, label: string, shape: string, note: string }} Suggestion
   * @param {string} words
   * @param {Suggestion[]} actors
   * @param {Suggestion[]} incidents
   */
  #show(words, actors, incidents) {
    let index = 0;
    const group = (/** @type {string} */ title, /** @type {Suggestion[]} */ found) =>
      found.length
        ? h(
            "div",
            { role: "group", "aria-label": title },
            h("p", { class: "group", "aria-hidden": "true" }, title),
            found.map((one) =>
              h(
                "div",
                { role: "option", id: `suggestion-${index++}`, "aria-selected": "false", dataset: { suggestion: one.id, label: one.label }, onmousedown: (/** @type {Event} */ event) => event.preventDefault(), onclick: () => this.#choose(one.id, one.label) },
                shapeSwatch(one.shape),
                h("span", { class: "name" }, one.label),
                h("span", { class: "quiet" }, one.note),
              ),
            ),
          )
        : null;
    refill(this.list, group("Actors", actors), group("Incidents", incidents));
    if (!index) refill(this.list, h("p", { class: "none" }, `No actor or incident is called “${words}”.`));
    this.#open();
    this.#activate(-1);
    this.say(index ? `${plural(index, "suggestion")}` : "No suggestions");
    // Enter came before the answer did.
    if (this.waiting && index) this.#pick(0);
    this.waiting = false;
  }

  #open() {
    if (document.activeElement !== this.input) return;
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.#activate(-1);
  }

  /** @returns {HTMLElement[]} */
  #options() {
    return [...this.list.querySelectorAll("[role=option]")].map((one) => /** @type {HTMLElement} */ (one));
  }

  /** @param {number} index -1 for none */
  #activate(index) {
    this.active = index;
    const options = this.#options();
    for (const [at, option] of options.entries()) option.setAttribute("aria-selected", String(at === index));
    const option = options[index];
    if (option) {
      this.input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const count = this.list.hidden ? 0 : this.#options().length;
    if (event.key === "Escape") {
      event.preventDefault();
      if (this.list.hidden) this.input.value = "";
      this.close();
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (count) this.#pick(Math.max(0, this.active));
      else this.waiting = true;
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) void this.#ask();
      else if (count) this.#activate((this.active + (event.key === "ArrowDown" ? 1 : this.active < 0 ? 0 : -1) + count) % count);
    }
  }

  /** @param {number} index */
  #pick(index) {
    const { suggestion = "", label = "" } = this.#options()[index].dataset;
    this.#choose(suggestion, label);
  }

  /**
   * @param {string} id
   * @param {string} label
   */
  #choose(id, label) {
    this.asking?.abort();
    this.input.value = "";
    this.close();
    this.onChoose(id, label);
  }
}
