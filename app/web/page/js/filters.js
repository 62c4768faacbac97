// The state in, the form beside the picture out (it is the legend as well); what the reader changes in it as a callback.
import * as api from "./api.js";
import { byId, debounce, h, refill } from "./dom.js";
import { shapeSwatch, strokeKey, strokeSwatch } from "./graph_style.js";
import { CLAIM_KINDS, CONTEXT_KINDS, defaults, filtersInForce, MODALITIES } from "./state.js";
import { ACTOR_KINDS, figure, KIND_NAMES } from "./words.js";

/** @import { ClaimType, EdgeKind, Facets, GraphNode, Modality, State } from "./types.js" */

/** @type {[Modality, string][]} */
const LADDER = [
  ["asserted", "said: accused or denied"],
  ["carried_out", "retaliation reported as done"],
  ["threatened", "threatened"],
  ["called_for", "called for"],
];

export class Filters {
  /** @param {{ onChange: (patch: Partial<State>) => void }} actions */
  constructor({ onChange }) {
    this.onChange = onChange;
    this.form = byId("filter-form");
    /** @type {Set<string>} */
    this.outlets = new Set();
    refill(byId("kinds"), CLAIM_KINDS.map((kind) => this.#kind(kind)));
    refill(byId("context-kinds"), CONTEXT_KINDS.map((kind) => this.#kind(kind)));
    refill(byId("modalities"), LADDER.map(([modality, words]) => this.#modality(modality, words)));
    const typed = debounce((/** @type {Partial<State>} */ patch) => onChange(patch), 500);
    for (const name of ["publisher", "place"]) {
      const input = byId(name);
      input.addEventListener("input", () => typed({ [name]: input.value.trim() }));
      input.addEventListener("change", () => onChange({ [name]: input.value.trim() }));
    }
    const place = byId("place");
    const suggest = debounce(async () => {
      const names = await api.places(place.value.trim(), 20).catch(() => []);
      refill(byId("places"), [...new Set(names)].map((name) => h("option", { value: name })));
    }, 200);
    for (const sign of ["focus", "input"]) place.addEventListener(sign, suggest);
    for (const name of ["since", "until"]) byId(name).addEventListener("change", () => onChange({ [name]: byId(name).value }));
    for (const name of ["hops", "limit"]) byId(name).addEventListener("change", () => onChange({ [name]: Number(byId(name).value) }));
    for (const name of ["clock", "role", "rollup"]) byId(name).addEventListener("change", () => onChange({ [name]: byId(name).value }));
    byId("merge").addEventListener("change", () => onChange({ merge: byId("merge").checked }));
    const confidence = byId("confidence");
    confidence.addEventListener("input", () => this.#confidence(Number(confidence.value)));
    confidence.addEventListener("change", () => onChange({ confidence: Number(confidence.value) }));
    this.form.addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault());
    byId("reset").addEventListener("click", () => onChange(unfiltered()));
    this.#fold();
  }

  /** On a narrow window the filters begin folded away, so that the picture is seen first. */
  #fold() {
    const narrow = matchMedia("(max-width: 900px)");
    const fold = () => (byId("filters-fold").open = !narrow.matches);
    narrow.addEventListener("change", fold);
    fold();
  }

  /** @param {EdgeKind} kind */
  #kind(kind) {
    const box = h("input", { type: "checkbox", id: `kind-${kind}`, value: kind, onchange: () => this.onChange({ kinds: this.#ticked() }) });
    return h("li", {}, h("label", {}, box, strokeSwatch(strokeKey(kind, null)), h("span", { class: "name" }, KIND_NAMES[kind]), h("span", { class: "count", dataset: { count: kind } })));
  }

  /**
   * @param {Modality} modality
   * @param {string} words
   */
  #modality(modality, words) {
    const box = h("input", { type: "checkbox", id: `modality-${modality}`, value: modality, onchange: () => this.#modalities(box) });
    const swatch = modality === "asserted" ? null : strokeSwatch(strokeKey("retaliates", modality));
    return h("li", {}, h("label", {}, box, swatch, h("span", { class: "name" }, words), h("span", { class: "count", dataset: { count: modality } })));
  }

  /** @param {HTMLInputElement} last the box that was ticked or unticked */
  #modalities(last) {
    const ticked = MODALITIES.filter((one) => byId(`modality-${one}`).checked);
    // Without any of them nothing could be shown: the last one stays ticked.
    if (!ticked.length) last.checked = true;
    else this.onChange({ modality: ticked.length === MODALITIES.length ? [] : ticked });
  }

  /** @returns {EdgeKind[]} */
  #ticked() {
    return [...CLAIM_KINDS, ...CONTEXT_KINDS].filter((kind) => byId(`kind-${kind}`).checked);
  }

  /** @param {number} value */
  #confidence(value) {
    byId("confidence-out").textContent = value ? `${Math.round(value * 100)}%` : "any";
  }

  /** @param {State} state */
  show(state) {
    for (const kind of [...CLAIM_KINDS, ...CONTEXT_KINDS]) byId(`kind-${kind}`).checked = state.kinds.includes(kind);
    for (const name of /** @type {const} */ (["publisher", "place"])) if (document.activeElement !== byId(name)) byId(name).value = state[name];
    for (const name of /** @type {const} */ (["since", "until"])) byId(name).value = whole(state[name], name);
    for (const name of /** @type {const} */ (["hops", "limit"])) choose(byId(name), String(state[name]));
    byId("merge").checked = state.merge;
    for (const one of MODALITIES) byId(`modality-${one}`).checked = !state.modality.length || state.modality.includes(one);
    for (const name of /** @type {const} */ (["clock", "role", "rollup"])) byId(name).value = state[name];
    byId("confidence").value = String(state.confidence);
    this.#confidence(state.confidence);
    const focused = state.actors.length > 0 || state.incident !== "";
    byId("hops").disabled = !focused;
    for (const name of ["role", "rollup"]) byId(name).disabled = !state.actors.length;
    const filtered = filtersInForce(state);
    byId("reset").disabled = !filtered;
    byId("filters-state").textContent = filtered ? "· on" : "";
  }

  /**
   * What ticking each box would show, with the focus and all other filters as they are.
   * @param {Facets} facets
   */
  count(facets) {
    const counts = { ...facets.types, ...facets.modalities };
    for (const place of document.querySelectorAll("#filters [data-count]")) {
      const key = /** @type {ClaimType | Modality} */ (/** @type {HTMLElement} */ (place).dataset.count);
      place.textContent = counts[key] === undefined ? "" : figure(counts[key]);
    }
  }

  /**
   * Which shapes the picture holds, and how many of each.
   * @param {GraphNode[]} nodes
   */
  shapes(nodes) {
    const shapes = new Map(Object.keys(ACTOR_KINDS).map((kind) => [kind, 0]));
    for (const node of nodes) {
      const key = node.kind === "actor" ? (node.actor_kind ?? "unknown") : node.kind;
      shapes.set(key, (shapes.get(key) ?? 0) + 1);
    }
    const present = [...shapes].filter(([, count]) => count > 0);
    byId("shapes").hidden = !present.length;
    refill(byId("shape-list"), present.map(([kind, count]) => h("li", {}, shapeSwatch(kind), h("span", { class: "name" }, ACTOR_KINDS[kind] ?? (kind === "incident" ? "Incident" : "Place")), h("span", { class: "count" }, figure(count)))));
  }

  /**
   * Remembers outlets that were seen, to suggest them.
   * @param {(string | null)[]} names
   */
  know(names) {
    const before = this.outlets.size;
    for (const name of names) if (name) this.outlets.add(name);
    if (this.outlets.size > before) refill(byId("publishers"), [...this.outlets].sort().map((name) => h("option", { value: name })));
  }
}

/** @returns {Partial<State>} the filters as they are at first; focus and drawing stay */
export function unfiltered() {
  const { kinds, modality, role, rollup, clock, since, until, publisher, place, confidence } = defaults();
  return { kinds, modality, role, rollup, clock, since, until, publisher, place, confidence };
}

/**
 * A date input holds whole days only.
 * @param {string} date as exact as the link gives it
 * @param {"since" | "until"} end
 */
function whole(date, end) {
  if (!date || date.length === 10) return date;
  if (end === "since") return `${date}${"-01-01".slice(date.length - 4)}`;
  const [year, month] = date.split("-").map(Number);
  return new Date(Date.UTC(year, month || 12, 0)).toISOString().slice(0, 10);
}

/**
 * @param {HTMLSelectElement} select
 * @param {string} value put among the choices where it is none of them
 */
function choose(select, value) {
  if (![...select.options].some((option) => option.value === value)) select.append(h("option", { value }, value));
  select.value = value;
}
