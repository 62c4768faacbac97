// The page itself: it lets state, API, filters and views know of each other, and waits for the reader.
import * as api from "./api.js";
import { Brush } from "./brush.js";
import { copy } from "./claim_card.js";
import { byId, h, refill } from "./dom.js";
import { Exports } from "./exports.js";
import { facetKey, facetsOf } from "./facets.js";
import { Filters, unfiltered } from "./filters.js";
import { focused } from "./focus.js";
import { bindKey, enterKey, holder, key } from "./key.js";
import { bindKeys, Help } from "./keys.js";
import { Panel } from "./panel.js";
import { Reader } from "./reader.js";
import { Search } from "./search.js";
import { filtersInForce, TABS } from "./state.js";
import { Store } from "./store.js";
import { bindTheme } from "./theme.js";
import { figure, plural } from "./words.js";

/** @import { ActorRow, Facets, Health, Shell, State, Tab, View } from "./types.js" */

/** Each view in a file of its own, asked for when its tab first opens. @type {Record<Tab, () => Promise<Record<string, any>>>} */
const MODULES = {
  graph: () => import("./views/graph.js"),
  matrix: () => import("./views/matrix.js"),
  timeline: () => import("./views/timeline.js"),
  threads: () => import("./views/threads.js"),
  map: () => import("./views/map.js"),
  incident: () => import("./views/incident.js"),
  actor: () => import("./views/actor.js"),
  table: () => import("./views/table.js"),
  review: () => import("./views/review.js"),
  add: () => import("./views/add.js"),
};
/** @type {Map<Tab, Promise<View>>} */
const views = new Map();
/** What each view was last shown for. @type {Map<Tab, string>} */
const shownFor = new Map();
/** @type {Health | null} */
let ledger = null;
/** @type {Facets | null} */
let facets = null;
let facetsFor = "";
/** @type {ActorRow[]} */
let examples = [];
/** Names of what was met, for the chips while an answer is under way. @type {Map<string, string>} */
const names = new Map();
let ticket = 0;
/** @type {AbortController | null} */
let asking = null;

/** @param {string} text for whoever cannot see the change */
function say(text) {
  byId("live").textContent = text;
}

const store = new Store((state, before) => void render(state, before));
const reader = new Reader({ onClose: () => store.go({ article: "", quote: "" }), onQuote: (claim) => store.go({ quote: claim }, { replace: true }), onReceipt: receipt });
const filters = new Filters({ onChange: (patch) => store.go(patch) });
const brush = new Brush(byId("brush"), { onChange: (patch) => store.go(patch), say });
/** @type {Shell} */
const shell = {
  state: () => store.state,
  go: (patch, how) => store.go(patch, how),
  read: (claim) => store.go({ article: claim.evidence.article, quote: claim.id }),
  receipt,
  focus: (id, add = false) => store.go({ ...focused(store.state, id, add), select: store.state.tab === "graph" ? `node:${id}` : "" }),
  openThread: (claim) => store.go({ tab: "threads", thread: claim }),
  openIncident: (id) => store.go({ tab: "incident", shownIncident: id }),
  openActor: (id) => store.go({ tab: "actor", shownActor: id }),
  evidence: (heading, claims) => void panel.claims(heading, claims),
  say,
  problem,
  names,
  know: (publishers) => filters.know(publishers),
  total: () => ledger?.claims ?? 0,
  revision: () => ledger?.revision ?? -1,
  changed,
};
const panel = new Panel({ shell, examples: () => examples });
const help = new Help();
const exports = new Exports({ shell, view: () => views.get("graph") ?? null });
new Search({
  onChoose: (id, label) => {
    names.set(id, label);
    shell.focus(id);
  },
  say,
});

/** @param {string} claim id */
function receipt(claim) {
  import("./receipt.js").then(
    (module) => module.showReceipt(claim, shell),
    (error) => problem(error),
  );
}

/**
 * @param {Tab} tab
 * @returns {Promise<View>}
 */
function viewOf(tab) {
  let view = views.get(tab);
  if (!view) {
    const name = `${tab[0].toUpperCase()}${tab.slice(1)}View`;
    view = MODULES[tab]().then((module) => new module[name](byId(`view-${tab}`), shell, { panel, store, facets: () => facets, filters, examples: () => examples }));
    views.set(tab, view);
    view.catch(() => views.delete(tab));
  }
  return view;
}

/**
 * @param {State} state
 * @param {State | null} before
 */
async function render(state, before) {
  const mine = ++ticket;
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  document.body.dataset.viewReady = "false";
  filters.show(state);
  brush.show(state);
  showTab(state.tab);
  showFocus(state);
  byId("undo").disabled = !store.past.length;
  byId("redo").disabled = !store.future.length;
  if (before && before.tab !== state.tab) panel.leave(state.tab);
  void reader.show(state.article, state.quote);
  busy(true);
  try {
    await Promise.all([count(state, signal), showView(state, before, signal), nameFocus(state, signal)]);
    if (mine !== ticket) return;
    problem(null);
    showFocus(state);
    await announce(state);
  } catch (error) {
    if (mine !== ticket) return;
    problem(error);
  }
  busy(false);
  document.body.dataset.viewReady = "true";
  document.body.dataset.ready = "true";
}

/**
 * How much matches, for the line above every view, the boxes of the filters and the brush.
 * @param {State} state
 * @param {AbortSignal} signal
 */
async function count(state, signal) {
  const key = facetKey(state);
  if (key !== facetsFor) {
    const found = await facetsOf(state, signal);
    signal.throwIfAborted();
    [facets, facetsFor] = [found, key];
    if (found.revision !== ledger?.revision) await figures();
    filters.know(found.publishers.map((one) => one.name));
  }
  filters.count(/** @type {Facets} */ (facets));
  brush.draw(/** @type {Facets} */ (facets), state);
}

/**
 * Asks what is in focus for its name, where no view has met it.
 * @param {State} state
 * @param {AbortSignal} signal
 */
async function nameFocus(state, signal) {
  const unnamed = (state.incident ? [state.incident] : state.actors).filter((id) => !names.has(id));
  await api.all(unnamed, async (id) => {
    try {
      const name = state.incident ? (await api.get(`incidents/${encodeURIComponent(id)}`, {}, signal)).incident.label : (await api.get(`actors/${encodeURIComponent(id)}`, {}, signal)).actor.name;
      names.set(id, name);
    } catch (error) {
      // A name that stands for no id is the business of those that ask with it.
      if (!(error instanceof api.ApiError)) throw error;
    }
  });
}

/**
 * @param {State} state
 * @param {State | null} before
 * @param {AbortSignal} signal
 */
async function showView(state, before, signal) {
  const view = await viewOf(state.tab);
  signal.throwIfAborted();
  const key = view.key(state);
  if (shownFor.get(state.tab) === key && before?.tab === state.tab) return;
  shownFor.delete(state.tab);
  await view.show(state, signal);
  signal.throwIfAborted();
  shownFor.set(state.tab, key);
}

/** @param {State} state */
async function announce(state) {
  const view = await viewOf(state.tab);
  const summary = view.summary();
  const line = byId("count");
  if (facets) {
    const { claims, of, narrower, undated_left_out: undated } = facets;
    const parts = [`${figure(claims)} of ${plural(of, "claim")} ${claims === 1 ? "matches" : "match"}`];
    if (narrower) parts.push(`${plural(narrower, "denial")} by parts of the actor in focus, shown and not counted`);
    if (undated) parts.push(`${plural(undated, "claim")} without a known day left out by the dates`);
    Object.assign(line.dataset, { claims: String(claims), of: String(of) });
    refill(line, h("strong", {}, parts[0]), parts.length > 1 ? ` (${parts.slice(1).join("; ")})` : "", " · ", h("span", { id: "summary" }, summary));
  } else refill(line, h("span", { id: "summary" }, summary));
  say(line.textContent ?? "");
}

/** @param {State} state */
function showFocus(state) {
  const ids = state.incident ? [state.incident] : state.actors;
  refill(
    byId("focus-bar"),
    h("span", { class: "quiet" }, ids.length ? "In focus:" : "The whole ledger, best evidenced first."),
    ids.map((id) => {
      const name = names.get(id) ?? id;
      return h("span", { class: "chip", dataset: { focus: id } }, name, h("button", { type: "button", "aria-label": `Take ${name} out of focus`, onclick: () => store.go({ actors: state.actors.filter((one) => one !== id), incident: "", expand: [], hide: [], select: "" }) }, "×"));
    }),
    state.hide.length ? h("button", { type: "button", id: "show-all", onclick: () => store.go({ hide: [] }) }, `Show ${plural(state.hide.length, "hidden node")}`) : null,
  );
}

/** @param {Tab} shown */
function showTab(shown) {
  document.body.dataset.tab = shown;
  for (const tab of TABS) {
    const button = byId(`tab-${tab}`);
    button.setAttribute("aria-selected", String(tab === shown));
    button.tabIndex = tab === shown ? 0 : -1;
    byId(`view-${tab}`).hidden = tab !== shown;
  }
}

/** @param {unknown} error or null, when all is well */
function problem(error) {
  const box = byId("problem");
  box.hidden = error === null;
  // What still stands there is then what was asked for before.
  document.body.dataset.stale = String(error !== null);
  if (error === null) return;
  const known = error instanceof api.ApiError;
  if (!known) console.error(error);
  facetsFor = "";
  shownFor.clear();
  // Without a key the service says how a program shows one; here there is a button for it.
  const isClosed = known && error.status === 401;
  const closed = key() ? `The key ${holder() ? `of ${holder()} ` : ""}opens nothing any more` : "This service asks for a key";
  const why = isClosed && !key() ? "Nothing is shown without one. Whoever runs the service hands keys out." : error instanceof Error ? error.message : String(error);
  refill(
    box,
    h("strong", {}, isClosed ? closed : known ? error.title : "Something went wrong in this page"),
    h("span", {}, why),
    h("span", { class: "acts" }, isClosed ? h("button", { type: "button", id: "enter-key", class: "first", onclick: () => enterKey() }, key() ? "Enter another key" : "Enter a key") : null, h("button", { type: "button", id: "retry", onclick: () => void begin() }, "Try again"), filtersInForce(store.state) ? h("button", { type: "button", onclick: () => store.go(unfiltered()) }, "Clear filters") : null),
  );
}

/** @param {boolean} on */
function busy(on) {
  byId("busy").hidden = !on;
  byId("main").setAttribute("aria-busy", String(on));
}

/** What the ledger holds, in the header. */
async function figures() {
  const told = await api.health();
  // Whoever may not read is told no numbers; the questions that come next say why.
  ledger = told.revision === null ? null : told;
  if (!ledger) return byId("figures").replaceChildren();
  refill(byId("figures"), [plural(ledger.articles, "article"), plural(ledger.claims, "claim"), plural(ledger.actors, "actor"), plural(ledger.incidents, "incident")].join(" · "), h("span", { dataset: { revision: String(ledger.revision) } }, ` · revision ${figure(ledger.revision)}`));
}

async function changed() {
  await figures();
  facetsFor = "";
  shownFor.clear();
  await render(store.state, null);
}

async function begin() {
  try {
    const [, found] = await Promise.all([figures(), api.actors("", 4)]);
    examples = found.filter((actor) => actor.claims.made + actor.claims.faced > 0);
    for (const actor of found) names.set(actor.id, actor.name);
    store.begin();
  } catch (error) {
    showTab(store.state.tab);
    filters.show(store.state);
    byId("undo").disabled = byId("redo").disabled = true;
    problem(error);
    busy(false);
    document.body.dataset.viewReady = "true";
    document.body.dataset.ready = "true";
  }
}

for (const [at, tab] of TABS.entries()) {
  const button = byId(`tab-${tab}`);
  button.addEventListener("click", () => store.go({ tab }));
  button.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: TABS.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const other = TABS[(to + TABS.length) % TABS.length];
    store.go({ tab: other });
    byId(`tab-${other}`).focus();
  });
}
byId("undo").addEventListener("click", () => store.undo());
byId("redo").addEventListener("click", () => store.redo());
byId("link").addEventListener("click", () => copy(location.href, say));
byId("export").addEventListener("click", () => exports.open());
byId("help").addEventListener("click", () => help.open());
bindKey(byId("key"), () => void begin());
bindTheme(byId("theme"), async () => {
  for (const view of views.values()) (await view.catch(() => null))?.recolour?.();
});
bindKeys({
  undo: () => store.undo(),
  redo: () => store.redo(),
  help: () => help.open(),
  export: () => exports.open(),
  tab: (index) => {
    if (TABS[index]) store.go({ tab: TABS[index] });
  },
  view: async (event) => (await views.get(store.state.tab))?.press?.(event),
});
void begin();
