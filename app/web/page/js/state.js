// The page's state in, the part of its address after # out, and back; what it cannot read it leaves at its default.

/** @import { Clock, EdgeKind, Modality, Role, Rollup, State, Tab } from "./types.js" */

/** @type {EdgeKind[]} */
export const CLAIM_KINDS = ["accuses", "denies", "retaliates"];
/** @type {EdgeKind[]} */
export const CONTEXT_KINDS = ["about", "located_in", "part_of"];
export const MOST_EDGES = 500;
export const EXPAND_BY = 20;
/** Rows and columns of the matrix at most. */
export const MOST_ACTORS = 200;
/** How long a bar of the timeline may be. @type {State["unit"][]} */
export const UNITS = ["day", "week", "month", "year"];
export const SORT_KEYS = ["type", "source", "target", "incident", "date", "publisher", "quote"];
/** @type {Tab[]} */
export const TABS = ["graph", "matrix", "timeline", "threads", "map", "incident", "actor", "table", "review", "add"];
/** @type {Modality[]} */
export const MODALITIES = ["asserted", "carried_out", "threatened", "called_for"];
const KINDS = [...CLAIM_KINDS, ...CONTEXT_KINDS];
/** What may be chosen, the usual first. @type {{ clock: Clock[], role: Role[], rollup: Rollup[] }} */
export const CHOICES = { clock: ["said", "published", "happened", "ingested"], role: ["either", "source", "target"], rollup: ["full", "state", "off"] };

/** @returns {State} */
export function defaults() {
  return {
    tab: "graph",
    actors: [],
    role: "either",
    incident: "",
    place: "",
    kinds: [...CLAIM_KINDS],
    modality: [],
    clock: "said",
    since: "",
    until: "",
    publisher: "",
    confidence: 0,
    rollup: "full",
    hops: 1,
    limit: 150,
    merge: true,
    expand: [],
    hide: [],
    pins: {},
    at: "",
    select: "",
    thread: "",
    shownIncident: "",
    shownActor: "",
    article: "",
    quote: "",
    sort: "date:desc",
    order: "weight",
    top: 30,
    unit: "",
    look: "",
  };
}

/**
 * Texts that stand in the address, and under which name.
 * @type {[("incident" | "place" | "since" | "until" | "publisher" | "select" | "thread" | "shownIncident" | "shownActor" | "article" | "quote" | "at" | "look"), string][]}
 */
const TEXTS = [
  ["incident", "incident"],
  ["place", "place"],
  ["since", "since"],
  ["until", "until"],
  ["publisher", "publisher"],
  ["select", "select"],
  ["thread", "thread"],
  ["shownIncident", "shown-incident"],
  ["shownActor", "shown-actor"],
  ["article", "article"],
  ["quote", "quote"],
  ["at", "at"],
  ["look", "look"],
];
/** @type {("confidence" | "hops" | "limit" | "top")[]} */
const NUMBERS = ["confidence", "hops", "limit", "top"];

/**
 * @param {State} state
 * @returns {string} without the leading #; "" for the default state
 */
export function encode(state) {
  const usual = defaults();
  /** @type {[string, string][]} */
  const pairs = [];
  if (state.tab !== usual.tab) pairs.push(["tab", state.tab]);
  for (const actor of state.actors) pairs.push(["actor", actor]);
  if (!sameSet(state.kinds, usual.kinds)) {
    const kinds = KINDS.filter((kind) => state.kinds.includes(kind));
    for (const kind of kinds.length ? kinds : ["none"]) pairs.push(["kind", kind]);
  }
  for (const one of MODALITIES) if (state.modality.includes(one)) pairs.push(["modality", one]);
  for (const key of /** @type {const} */ (["clock", "role", "rollup"])) if (state[key] !== usual[key]) pairs.push([key, state[key]]);
  for (const [key, name] of TEXTS) if (state[key]) pairs.push([name, state[key]]);
  for (const key of NUMBERS) if (state[key] !== usual[key]) pairs.push([key, String(state[key])]);
  if (state.merge !== usual.merge) pairs.push(["merge", state.merge ? "yes" : "no"]);
  for (const { id, n } of state.expand) pairs.push(["expand", `${id}:${n}`]);
  for (const id of state.hide) pairs.push(["hide", id]);
  for (const [id, [x, y]] of Object.entries(state.pins)) pairs.push(["pin", `${id}:${Math.round(x)},${Math.round(y)}`]);
  for (const key of /** @type {const} */ (["order", "unit"])) if (state[key] !== usual[key]) pairs.push([key, state[key]]);
  if (state.sort !== usual.sort) pairs.push(["sort", state.sort]);
  return pairs.map(([key, value]) => `${key}=${readable(value)}`).join("&");
}

/**
 * @param {string} hash with or without the leading #
 * @returns {State}
 */
export function decode(hash) {
  const state = defaults();
  const params = new URLSearchParams(hash.replace(/^#/, ""));
  state.tab = TABS.find((tab) => tab === params.get("tab")) ?? state.tab;
  state.actors = unique(params.getAll("actor"));
  if (params.has("kind")) state.kinds = KINDS.filter((kind) => params.getAll("kind").includes(kind));
  state.modality = MODALITIES.filter((one) => params.getAll("modality").includes(one));
  state.clock = CHOICES.clock.find((one) => one === params.get("clock")) ?? state.clock;
  state.role = CHOICES.role.find((one) => one === params.get("role")) ?? state.role;
  state.rollup = CHOICES.rollup.find((one) => one === params.get("rollup")) ?? state.rollup;
  for (const [key, name] of TEXTS) state[key] = params.get(name) ?? "";
  for (const key of /** @type {const} */ (["since", "until"])) if (!/^\d{4}(-\d\d(-\d\d)?)?$/.test(state[key])) state[key] = "";
  if (!/^(edge|node):./.test(state.select)) state.select = "";
  state.confidence = number(params.get("confidence"), 0, 1, state.confidence);
  state.hops = Math.round(number(params.get("hops"), 1, 3, state.hops));
  state.limit = Math.round(number(params.get("limit"), 1, MOST_EDGES, state.limit));
  state.top = Math.round(number(params.get("top"), 1, MOST_ACTORS, state.top));
  if (params.get("order") === "name") state.order = "name";
  state.unit = UNITS.find((unit) => unit === params.get("unit")) ?? state.unit;
  if (params.has("merge")) state.merge = params.get("merge") !== "no";
  const expanded = new Map(params.getAll("expand").map((text) => splitLast(text)));
  state.expand = [...expanded].filter(([id]) => id).map(([id, n]) => ({ id, n: Math.round(number(n, 1, MOST_EDGES, EXPAND_BY)) }));
  state.hide = unique(params.getAll("hide"));
  for (const [id, place] of params.getAll("pin").map((text) => splitLast(text))) {
    const [x, y] = place.split(",").map(Number);
    if (id && Number.isFinite(x) && Number.isFinite(y)) state.pins[id] = [x, y];
  }
  const [column, order] = splitLast(params.get("sort") ?? "");
  if (SORT_KEYS.includes(column) && (order === "asc" || order === "desc")) state.sort = `${column}:${order}`;
  if (state.incident) state.actors = [];
  return state;
}

/**
 * The filters of single claims, as every question of the API names them.
 * @param {State} state
 * @returns {Record<string, string | number | string[]>}
 */
export function filterParams(state) {
  return {
    place: state.place,
    since: state.since,
    until: state.until,
    clock: state.clock === "said" ? "" : state.clock,
    publisher: state.publisher,
    min_confidence: state.confidence || "",
    modality: state.modality,
  };
}

/**
 * Filters and focus together: what /claims, /facets, /matrix, /timeline, /export and the lists of claims are asked with.
 * @param {State} state
 * @returns {Record<string, string | number | string[]>}
 */
export function claimParams(state) {
  return {
    ...filterParams(state),
    actor: state.actors,
    role: state.actors.length && state.role !== "either" ? state.role : "",
    incident: state.incident,
    rollup: state.rollup === "full" ? "" : state.rollup,
  };
}

/**
 * The ticked types of claims, as the API's `type`.
 * @param {State} state
 * @returns {import("./types.js").ClaimType[]}
 */
export function typesOf(state) {
  return /** @type {import("./types.js").ClaimType[]} */ (CLAIM_KINDS.filter((kind) => state.kinds.includes(kind)));
}

/**
 * Whether a node id names an incident, a place or else an actor, told by its prefix.
 * @param {string} id
 */
export function kindOfId(id) {
  if (id.startsWith("inc-") || id.startsWith("incident-")) return "incident";
  return id.startsWith("place-") ? "place" : "actor";
}

/** @param {State} state */
export function filtersInForce(state) {
  const usual = defaults();
  return (
    !sameSet(state.kinds, usual.kinds) ||
    state.modality.length > 0 ||
    (state.role !== "either" && state.actors.length > 0) ||
    ["place", "since", "until", "publisher", "confidence", "rollup"].some(
      (key) => state[/** @type {keyof State} */ (key)] !== usual[/** @type {keyof State} */ (key)],
    )
  );
}

/** @param {string} value */
function readable(value) {
  return encodeURIComponent(value).replaceAll("%3A", ":").replaceAll("%2C", ",");
}

/**
 * @param {string} text `a:b:c`
 * @returns {[string, string]} `a:b` and `c`
 */
function splitLast(text) {
  const cut = text.lastIndexOf(":");
  return cut < 0 ? [text, ""] : [text.slice(0, cut), text.slice(cut + 1)];
}

/**
 * @param {string | null} text
 * @param {number} least
 * @param {number} most
 * @param {number} otherwise
 */
function number(text, least, most, otherwise) {
  const value = text === null || text === "" ? NaN : Number(text);
  return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : otherwise;
}

/** @param {string[]} items */
function unique(items) {
  return [...new Set(items.filter(Boolean))];
}

/**
 * @param {string[]} left
 * @param {string[]} right
 */
function sameSet(left, right) {
  return left.length === right.length && left.every((item) => right.includes(item));
}
