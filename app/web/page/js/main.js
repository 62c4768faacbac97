// The page itself: it lets state, API, canvas, panel, table and reader know of each other, and waits for the reader.
import * as api from "./api.js";
import { copy } from "./claim_card.js";
import { byId, h, refill, save } from "./dom.js";
import { EdgeList } from "./edge_list.js";
import { Filters, unfiltered } from "./filters.js";
import { GraphView } from "./graph.js";
import { places } from "./layout.js";
import { exampleList, Panel } from "./panel.js";
import { MOST_PLACES, pictureKeyOf, pictureOf } from "./load.js";
import { arrows as arrowsOf, drawnNodes } from "./picture.js";
import { Reader } from "./reader.js";
import { Search } from "./search.js";
import { EXPAND_BY, filtersInForce, kindOfId, MOST_EDGES } from "./state.js";
import { Store } from "./store.js";
import { Table } from "./table.js";
import { arrowSentence, figure, nodeKindWords, plural } from "./words.js";

/** @import { ActorRow, Arrow, Claim, GraphNode, Picture, State } from "./types.js" */
/** @import { Point } from "./arrange.js" */

/** @type {Picture | null} */
let picture = null;
/** @type {Arrow[]} */
let arrows = [];
/** @type {GraphNode[]} */
let nodes = [];
/** @type {Map<string, Point>} */
let placed = new Map();
let placedFor = "";
let pictureKey = "";
/** @type {ActorRow[]} */
let examples = [];
/** Names of what was in focus or chosen, for the chips while an answer is under way. @type {Map<string, string>} */
const names = new Map();
let ledgerEmpty = false;
/** The picture was drawn and the list beside it does not yet say so (a newer change may overtake the older). */
let drawnAnew = false;
let revision = -1;
let ticket = 0;
/** @type {AbortController | null} */
let asking = null;

/** @param {string} text for whoever cannot see the change */
function say(text) {
  byId("live").textContent = text;
}

const store = new Store((state, before) => void render(state, before));
const reader = new Reader({ onClose: () => store.go({ article: "", quote: "" }), onQuote: (claim) => store.go({ quote: claim }, { replace: true }) });
const filters = new Filters({ onChange: (patch) => store.go(patch) });
const panel = new Panel({
  onRead: read,
  onEdge: chooseEdge,
  onFocus: focus,
  onExpand: expand,
  onHide: (id) => store.go({ hide: [...new Set([...store.state.hide, id])], select: "" }),
  onShowAll: () => store.go({ hide: [] }),
  onTable: (id) => store.go({ ...focused(id), tab: "table" }),
  onClose: () => {
    store.go({ select: "" });
    /** @type {HTMLElement | null} */ (document.querySelector("#edge-list button[tabindex='0']"))?.focus();
  },
  say,
});
const list = new EdgeList({ onEdge: chooseEdge, onPoint: (id) => graph.point(id) });
const graph = new GraphView(byId("canvas"), {
  onEdge: (id) => store.go({ select: `edge:${id}` }),
  onNode: (id) => store.go({ select: `node:${id}` }),
  onExpand: (id) => expand(id, (store.state.expand.find((one) => one.id === id)?.n ?? 0) + EXPAND_BY),
  onClear: () => store.go({ select: "" }),
  onMove: (id, x, y) => store.go({ pins: { ...store.state.pins, [id]: [x, y] } }, { replace: true }),
  onHover: hover,
});
const table = new Table({
  onRead: read,
  onFocus: (id) => focus(id),
  onSort: (sort) => store.go({ sort }, { replace: true }),
  onClaims: (claims) => filters.know(claims.map((claim) => claim.publisher)),
  onError: problem,
  say,
});
new Search({
  onChoose: (id, label) => {
    names.set(id, label);
    focus(id);
  },
  say,
});

/** @param {string} id of an arrow; the panel takes the keyboard's focus, because it was asked for from a list */
function chooseEdge(id) {
  store.go({ select: `edge:${id}`, tab: "graph" });
  byId("evidence").focus({ preventScroll: true });
  byId("evidence").scrollIntoView({ block: "nearest" });
}

/** @param {Claim} claim */
function read(claim) {
  store.go({ article: claim.evidence.article, quote: claim.id });
}

/**
 * @param {string} id
 * @param {boolean} [add] keep what is in focus already
 */
function focus(id, add = false) {
  store.go({ ...focused(id, add), select: store.state.tab === "graph" ? `node:${id}` : "" });
}

/**
 * @param {string} id
 * @param {boolean} [add]
 * @returns {Partial<State>}
 */
function focused(id, add = false) {
  const fresh = { expand: [], hide: [], pins: {} };
  if (kindOfId(id) === "incident") return { ...fresh, incident: id, actors: [] };
  return { ...fresh, incident: "", actors: add ? [...new Set([...store.state.actors, id])] : [id] };
}

/**
 * @param {string} id
 * @param {number} n edges of it to draw
 */
function expand(id, n) {
  const { expand: now } = store.state;
  const grown = { id, n: Math.min(MOST_EDGES, n) };
  store.go({ expand: now.some((one) => one.id === id) ? now.map((one) => (one.id === id ? grown : one)) : [...now, grown], select: `node:${id}` });
}

/** @param {{ arrow?: string, node?: string } | null} what */
function hover(what) {
  const line = byId("hover");
  const arrow = arrows.find((one) => one.id === what?.arrow);
  const node = what?.node ? picture?.nodes.get(what.node) : null;
  line.hidden = !arrow && !node;
  if (arrow) line.textContent = `${arrowSentence(arrow)}${arrow.claims.length ? ` · ${plural(arrow.count, "quote")}` : ""}`;
  if (node) line.textContent = `${node.label} · ${nodeKindWords(node)}`;
}

/**
 * @param {State} state
 * @param {State | null} before
 */
async function render(state, before) {
  const mine = ++ticket;
  document.body.dataset.viewReady = "false";
  filters.show(state);
  showTab(state.tab);
  showFocus(state);
  byId("undo").disabled = !store.past.length;
  byId("redo").disabled = !store.future.length;
  byId("tidy").disabled = !Object.keys(state.pins).length;
  void reader.show(state.article, state.quote);
  busy(true);
  try {
    drawnAnew = (await drawPicture(state, before)) || drawnAnew;
    if (mine !== ticket) return;
    if (state.tab === "table") await table.show(state);
    if (mine !== ticket) return;
    problem(null);
    if (drawnAnew || state.tab !== before?.tab || state.tab === "table") announce(state);
    choose(state, drawnAnew);
    drawnAnew = false;
  } catch (error) {
    if (mine !== ticket) return;
    problem(error);
  }
  busy(false);
  document.body.dataset.viewReady = "true";
  document.body.dataset.ready = "true";
}

/**
 * Asks for the picture where the state wants another, lays it out and draws it.
 * @param {State} state
 * @param {State | null} before
 * @returns {Promise<boolean>} whether it was drawn anew
 */
async function drawPicture(state, before) {
  const key = pictureKeyOf(state);
  if (key !== pictureKey) {
    asking?.abort();
    asking = new AbortController();
    picture = await pictureOf(state, revision, asking.signal);
    pictureKey = key;
    if (picture.revision !== revision) figures().catch(() => say("The ledger's figures could not be asked for."));
  } else if (before && state.merge === before.merge && same(state.hide, before.hide)) {
    if (!same(state.pins, before.pins)) graph.place(pinned(state));
    return false;
  }
  const shown = /** @type {Picture} */ (picture);
  for (const node of shown.nodes.values()) names.set(node.id, node.label);
  arrows = arrowsOf(shown, state);
  const keep = state.incident ? [state.incident] : state.actors;
  nodes = drawnNodes(shown, arrows, keep, state.hide);
  const layoutKey = JSON.stringify([shown.steps, [...shown.edges.keys()]]);
  const moved = layoutKey !== placedFor;
  if (moved) {
    placed = places([...shown.nodes.values()], [...shown.edges.values()].map((edge) => [edge.source, edge.target]), shown.steps);
    placedFor = layoutKey;
  }
  graph.draw(nodes, arrows, pinned(state), keep, moved || Boolean(before && before.hide.length > state.hide.length));
  hover(null);
  filters.count(nodes, arrows, state);
  showFocus(state);
  showEmpty(state);
  byId("canvas").setAttribute("aria-label", `Graph of ${plural(nodes.length, "node")} and ${plural(arrows.length, "arrow")}. Every arrow is also in the list “Edges shown”.`);
  return true;
}

/**
 * Where the nodes stand: as laid out, or where the reader dragged them.
 * @param {State} state
 * @returns {Map<string, Point>}
 */
function pinned(state) {
  const all = new Map(placed);
  for (const [id, [x, y]] of Object.entries(state.pins)) if (all.has(id)) all.set(id, { x, y });
  return all;
}

/**
 * @param {unknown} left
 * @param {unknown} right
 */
function same(left, right) {
  return JSON.stringify(left) === JSON.stringify(right);
}

/**
 * Shows what the state says is chosen.
 * @param {State} state
 * @param {boolean} redrawn
 */
function choose(state, redrawn) {
  const [kind, id] = [state.select.slice(0, 4), state.select.slice(5)];
  const arrow = kind === "edge" ? (arrows.find((one) => one.id === id) ?? arrows.find((one) => one.ids.includes(id))) : undefined;
  const node = kind === "node" ? nodes.find((one) => one.id === id) : undefined;
  if (redrawn) list.show(arrows, arrow?.id ?? null);
  else list.choose(arrow?.id ?? null);
  graph.select(arrow?.id ?? node?.id ?? null);
  const key = `${state.select} ${redrawn ? ticket : ""} ${state.hide.length}`;
  if (panelKey === key && !redrawn) return;
  panelKey = key;
  byId("panel").scrollTop = 0;
  if (arrow) void panel.edge(arrow);
  else if (node && picture) void panel.node(node, picture, arrows, state);
  else if (state.select) panel.missing();
  else panel.start(examples, state.hide);
}
let panelKey = "";

/** @param {State} state */
function announce(state) {
  if (!picture) return;
  const left = picture.total - picture.drawn;
  const parts = [!picture.total ? "No edges match." : left > 0 || picture.at_least ? `${figure(picture.drawn)} of ${picture.at_least ? "at least " : ""}${plural(picture.total, "edge")} shown, strongest evidence first.` : `${picture.total === 1 ? "The one edge" : `All ${plural(picture.total, "edge")}`} that ${picture.total === 1 ? "matches is" : "match are"} shown.`];
  if (picture.grown > 0) parts.push(`${figure(picture.grown)} more by expanding.`);
  const incidents = [...picture.nodes.values()].filter((node) => node.kind === "incident").length;
  if (state.kinds.includes("located_in") && incidents > MOST_PLACES) parts.push(`Places are drawn for ${MOST_PLACES} of ${figure(incidents)} incidents.`);
  if (arrows.length !== picture.edges.size) parts.push(`Drawn as ${plural(arrows.length, "arrow")}.`);
  if (state.hide.length) parts.push(`${plural(state.hide.length, "node")} hidden.`);
  if (picture.without_edge) parts.push(`${plural(picture.without_edge, "matching claim")} without an edge, naming neither target nor incident: see the Table.`);
  const more = (left > 0 || picture.at_least) && state.limit < MOST_EDGES ? h("button", { type: "button", id: "show-more", onclick: () => store.go({ limit: Math.min(MOST_EDGES, state.limit + 150) }) }, "Show more") : null;
  const back = state.hide.length ? h("button", { type: "button", id: "show-all", onclick: () => store.go({ hide: [] }) }, "Show hidden") : null;
  refill(byId("limit-note"), parts.join(" "), " ", more, " ", back);
  say(state.tab === "table" ? table.summary() : `${parts.join(" ")} ${plural(nodes.length, "node")}.`);
}

/** @param {State} state */
function showEmpty(state) {
  const box = byId("empty");
  box.hidden = arrows.length > 0;
  if (arrows.length) return;
  const filtered = filtersInForce(state);
  if (ledgerEmpty) refill(box, h("h2", {}, "The ledger is empty"), h("p", {}, "Nothing has been read yet. Take articles in, and this page shows who accuses whom:"), h("pre", {}, "polemos ingest PATH-OR-URL"));
  else
    refill(
      box,
      h("h2", {}, state.kinds.length ? "No claims match" : "No kind of edge is ticked"),
      h("p", {}, filtered ? "Nothing in the ledger passes all of these filters." : "Nothing in the ledger has an edge here."),
      h("p", {}, filtered ? h("button", { type: "button", id: "empty-reset", onclick: () => store.go(unfiltered()) }, "Clear filters") : null, " ", state.hide.length ? h("button", { type: "button", onclick: () => store.go({ hide: [] }) }, "Show hidden nodes") : null),
      examples.length ? h("p", {}, "Or begin with:") : null,
      exampleList(examples, (id) => store.go({ ...unfiltered(), ...focused(id), select: `node:${id}` })),
    );
}

/** @param {State} state */
function showFocus(state) {
  const ids = state.incident ? [state.incident] : state.actors;
  const bar = byId("focus-bar");
  refill(
    bar,
    h("span", { class: "quiet" }, ids.length ? "In focus:" : "The whole ledger, best evidenced first."),
    ids.map((id) => {
      const name = names.get(id) ?? id;
      return h("span", { class: "chip", dataset: { focus: id } }, name, h("button", { type: "button", "aria-label": `Take ${name} out of focus`, onclick: () => store.go({ actors: state.actors.filter((one) => one !== id), incident: "", expand: [], hide: [], select: "" }) }, "×"));
    }),
  );
}

/** @param {"graph" | "table"} tab */
function showTab(tab) {
  document.body.dataset.tab = tab;
  for (const name of ["graph", "table"]) {
    const button = byId(`tab-${name}`);
    button.setAttribute("aria-selected", String(name === tab));
    button.tabIndex = name === tab ? 0 : -1;
    byId(`view-${name}`).hidden = name !== tab;
  }
}

/** @param {unknown} error or null, when all is well */
function problem(error) {
  const box = byId("problem");
  box.hidden = error === null;
  // What still stands on the canvas is then the picture before.
  document.body.dataset.stale = String(error !== null && picture !== null);
  if (error !== null && !picture) panel.start(examples, []);
  if (error === null) return;
  const known = error instanceof api.ApiError;
  if (!known) console.error(error);
  pictureKey = "";
  table.forget();
  refill(
    box,
    h("strong", {}, known ? error.title : "Something went wrong in this page"),
    h("span", {}, error instanceof Error ? error.message : String(error)),
    h("span", { class: "acts" }, h("button", { type: "button", id: "retry", onclick: () => void begin() }, "Try again"), filtersInForce(store.state) ? h("button", { type: "button", onclick: () => store.go(unfiltered()) }, "Clear filters") : null),
  );
}

/** @param {boolean} on */
function busy(on) {
  byId("busy").hidden = !on;
  byId("main").setAttribute("aria-busy", String(on));
}

/** What the ledger holds, in the header. */
async function figures() {
  const ledger = await api.health();
  revision = ledger.revision;
  ledgerEmpty = ledger.claims === 0 && ledger.articles === 0;
  refill(byId("figures"), [plural(ledger.articles, "article"), plural(ledger.claims, "claim"), plural(ledger.actors, "actor"), plural(ledger.incidents, "incident")].join(" · "), h("span", { dataset: { revision: String(ledger.revision) } }, ` · revision ${figure(ledger.revision)}`));
}

async function begin() {
  try {
    const [, found] = await Promise.all([figures(), api.actors("", 4)]);
    examples = found.filter((actor) => actor.claims.made + actor.claims.faced > 0);
    store.begin();
  } catch (error) {
    showTab(store.state.tab);
    problem(error);
    busy(false);
    document.body.dataset.viewReady = "true";
    document.body.dataset.ready = "true";
  }
}

for (const name of /** @type {const} */ (["graph", "table"])) {
  const tab = byId(`tab-${name}`);
  tab.addEventListener("click", () => store.go({ tab: name }));
  tab.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = name === "graph" ? "table" : "graph";
    store.go({ tab: other });
    byId(`tab-${other}`).focus();
  });
}
byId("undo").addEventListener("click", () => store.undo());
byId("redo").addEventListener("click", () => store.redo());
byId("fit").addEventListener("click", () => graph.fit());
byId("zoom-in").addEventListener("click", () => graph.zoom(1.3));
byId("zoom-out").addEventListener("click", () => graph.zoom(1 / 1.3));
byId("tidy").addEventListener("click", () => store.go({ pins: {} }));
byId("png").addEventListener("click", async () => save(await graph.png(), `polemos-revision-${revision}.png`));
byId("link").addEventListener("click", () => copy(location.href, say));
document.addEventListener("keydown", (event) => {
  const typing = /** @type {HTMLElement} */ (event.target).closest?.("input, textarea, select, dialog");
  if (typing || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
  event.preventDefault();
  if (event.shiftKey) store.redo();
  else store.undo();
});
void begin();
