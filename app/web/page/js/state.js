// The page's state in, the part of its address after # out, and back; what it cannot read it leaves at its default.

/** @import { State, EdgeKind } from "./types.js" */

/** @type {EdgeKind[]} */
export const CLAIM_KINDS = ["accuses", "denies", "retaliates"];
/** @type {EdgeKind[]} */
export const CONTEXT_KINDS = ["about", "located_in", "part_of"];
export const MOST_EDGES = 500;
export const EXPAND_BY = 20;
export const SORT_KEYS = ["type", "source", "target", "incident", "date", "publisher", "quote"];
const KINDS = [...CLAIM_KINDS, ...CONTEXT_KINDS];

/** @returns {State} */
export function defaults() {
  return {
    tab: "graph",
    actors: [],
    incident: "",
    place: "",
    kinds: [...CLAIM_KINDS],
    since: "",
    until: "",
    publisher: "",
    confidence: 0,
    hops: 1,
    limit: 150,
    rollup: true,
    merge: true,
    expand: [],
    hide: [],
    pins: {},
    select: "",
    article: "",
    quote: "",
    sort: "date:desc",
  };
}

/** Texts that stand in the address under their own name. @type {("incident" | "place" | "since" | "until" | "publisher" | "select" | "article" | "quote")[]} */
const TEXTS = ["incident", "place", "since", "until", "publisher", "select", "article", "quote"];
/** @type {("confidence" | "hops" | "limit")[]} */
const NUMBERS = ["confidence", "hops", "limit"];
/** @type {("rollup" | "merge")[]} */
const SWITCHES = ["rollup", "merge"];

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
  for (const key of TEXTS) if (state[key]) pairs.push([key, state[key]]);
  for (const key of NUMBERS) if (state[key] !== usual[key]) pairs.push([key, String(state[key])]);
  for (const key of SWITCHES) if (state[key] !== usual[key]) pairs.push([key, state[key] ? "yes" : "no"]);
  for (const { id, n } of state.expand) pairs.push(["expand", `${id}:${n}`]);
  for (const id of state.hide) pairs.push(["hide", id]);
  for (const [id, [x, y]] of Object.entries(state.pins)) pairs.push(["pin", `${id}:${Math.round(x)},${Math.round(y)}`]);
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
  if (params.get("tab") === "table") state.tab = "table";
  state.actors = unique(params.getAll("actor"));
  if (params.has("kind")) state.kinds = KINDS.filter((kind) => params.getAll("kind").includes(kind));
  for (const key of TEXTS) state[key] = params.get(key) ?? "";
  for (const key of /** @type {const} */ (["since", "until"])) if (!/^\d{4}(-\d\d(-\d\d)?)?$/.test(state[key])) state[key] = "";
  if (!/^(edge|node):./.test(state.select)) state.select = "";
  state.confidence = number(params.get("confidence"), 0, 1, state.confidence);
  state.hops = Math.round(number(params.get("hops"), 1, 3, state.hops));
  state.limit = Math.round(number(params.get("limit"), 1, MOST_EDGES, state.limit));
  for (const key of SWITCHES) if (params.has(key)) state[key] = params.get(key) !== "no";
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
 * The filters that all views share, as the API names them.
 * @param {State} state
 * @returns {Record<string, string | number | string[]>}
 */
export function filterParams(state) {
  return {
    place: state.place,
    since: state.since,
    until: state.until,
    publisher: state.publisher,
    min_confidence: state.confidence || "",
  };
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
    ["place", "since", "until", "publisher", "confidence"].some(
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
