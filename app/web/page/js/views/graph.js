// The state in, the graph of who says what of whom out: canvas, toolbar, lists and what can be done with what is drawn.
import { Canvas } from "../canvas.js";
import { byId, h, refill } from "../dom.js";
import { EdgeList } from "../edge_list.js";
import { unfiltered } from "../filters.js";
import { focused } from "../focus.js";
import { joined, places } from "../layout.js";
import { MOST_PLACES, pictureKeyOf, pictureOf } from "../load.js";
import { openMenu } from "../menu.js";
import { NodeList } from "../node_list.js";
import { exampleList } from "../panel.js";
import { arrows as arrowsOf, drawnNodes } from "../picture.js";
import { readPlaces, written } from "../places.js";
import { EXPAND_BY, filtersInForce, MOST_EDGES } from "../state.js";
import { arrowSentence, figure, nodeKindWords, plural } from "../words.js";

/** @import { ActorRow, Arrow, Facets, GraphNode, Picture, Shell, State } from "../types.js" */
/** @import { Point } from "../arrange.js" */
/** @import { Panel } from "../panel.js" */
/** @import { Filters } from "../filters.js" */
/** @import { Store } from "../store.js" */

/** @typedef {{ panel: Panel, store: Store, filters: Filters, facets: () => Facets | null, examples: () => ActorRow[] }} Parts */

export class GraphView {
  /**
   * @param {HTMLElement} place
   * @param {Shell} shell
   * @param {Parts} parts
   */
  constructor(place, shell, parts) {
    this.shell = shell;
    this.parts = parts;
    this.key_ = "";
    /** @type {Picture | null} */
    this.picture = null;
    /** @type {Arrow[]} */
    this.arrows = [];
    /** @type {GraphNode[]} */
    this.nodes = [];
    /** Ids of the nodes that are selected together. @type {Set<string>} */
    this.selected = new Set();
    /** Where nodes stand, those too that are not in the picture now. @type {Map<string, Point>} */
    this.stood = new Map();
    /** Pictures that were laid out from nothing, as any link to them would lay them out. @type {Map<string, Map<string, Point>>} */
    this.fresh = new Map();
    this.placedFor = "";
    /** What the address says of the places that nodes stand in. */
    this.drawnAt = "";
    /** What is drawn, and what the panel tells of. */
    this.drawnFor = "";
    this.panelKey = "";
    this.#build(place);
    this.canvas = new Canvas(this.container, {
      onEdge: (id) => shell.go({ select: `edge:${id}` }),
      onNode: (id) => shell.go({ select: `node:${id}` }),
      onExpand: (id) => this.expand(id),
      onClear: () => {
        this.#select([]);
        shell.go({ select: "" });
      },
      onMove: (id, x, y) => shell.go({ pins: { ...shell.state().pins, [id]: [x, y] } }, { replace: true }),
      onHover: (what) => this.#hover(what),
      onMenu: (what, at) => this.#menu(what, at),
      onBox: (ids) => this.#select(ids),
    });
    this.edges = new EdgeList({ onEdge: (id) => this.chooseEdge(id), onPoint: (id) => this.canvas.point(id), onMenu: (id, at) => this.#menu({ arrow: id }, at) });
    this.list = new NodeList({
      onNode: (id) => this.chooseNode(id),
      onSelect: (id) => this.#select(this.selected.has(id) ? [...this.selected].filter((one) => one !== id) : [...this.selected, id]),
      onMenu: (id, at) => this.#menu({ node: id }, at),
      onPoint: (id) => this.canvas.point(id),
    });
    parts.panel.back = () => /** @type {HTMLElement | null} */ (document.querySelector("#edge-list button[tabindex='0']"))?.focus();
  }

  /** @param {HTMLElement} place */
  #build(place) {
    const button = (/** @type {string} */ id, /** @type {string} */ text, /** @type {string} */ title, /** @type {() => void} */ onclick) => h("button", { type: "button", id, title, "aria-label": text.length > 1 ? null : title, onclick }, text);
    this.container = h("div", { id: "canvas", role: "group", tabindex: 0, "aria-label": "Graph", "aria-describedby": "canvas-help" });
    this.empty = h("div", { id: "empty", class: "empty", hidden: true });
    this.hoverLine = h("p", { id: "hover", class: "hover", "aria-hidden": "true", hidden: true });
    this.choice = h("div", { id: "choice", class: "choice", role: "group", "aria-label": "Selected nodes", hidden: true });
    this.box = h("button", { type: "button", id: "box", title: "Draw a box around nodes to select them (or Shift and drag)", "aria-pressed": "false", onclick: () => this.#boxMode(this.box.getAttribute("aria-pressed") !== "true") }, "Box");
    this.tidy = button("tidy", "Tidy", "Put all nodes where they would stand by themselves", () => this.#tidy());
    const stage = h(
      "div",
      { id: "stage" },
      this.container,
      h("p", { id: "canvas-help", class: "unseen" }, "Arrow keys move the picture, plus and minus zoom, F shows all of it, M opens a menu. Every node and arrow also stands in the lists “Nodes shown” and “Edges shown”."),
      this.empty,
      this.hoverLine,
      this.choice,
      h("div", { class: "tools", role: "group", "aria-label": "Picture" }, this.box, this.tidy, button("fit", "Fit", "Show the whole picture (f)", () => this.canvas.fit()), button("zoom-in", "+", "Zoom in", () => this.canvas.zoom(1.3)), button("zoom-out", "−", "Zoom out", () => this.canvas.zoom(1 / 1.3))),
    );
    this.note = h("p", { id: "limit-note", class: "note" });
    this.container.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      const by = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
      if (!by || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      this.canvas.pan(by[0], by[1]);
    });
    refill(place, stage, this.note);
  }

  /** @param {State} state @returns {string} */
  key(state) {
    return JSON.stringify([pictureKeyOf(state), state.merge, state.hide, state.pins, state.select, state.at]);
  }

  /**
   * @param {State} state
   * @param {AbortSignal} signal
   */
  async show(state, signal) {
    const key = `${pictureKeyOf(state)} ${this.shell.revision()}`;
    const asked = key !== this.key_ || !this.picture;
    if (asked) {
      const found = await pictureOf(state, this.shell.revision(), signal);
      signal.throwIfAborted();
      this.picture = found;
      this.key_ = key;
      for (const node of found.nodes.values()) this.shell.names.set(node.id, node.label);
    }
    const picture = /** @type {Picture} */ (this.picture);
    this.arrows = arrowsOf(picture, state);
    const keep = state.incident ? [state.incident] : state.actors;
    this.nodes = drawnNodes(picture, this.arrows, keep, state.hide);
    const refit = this.#place(picture, state);
    const drawn = JSON.stringify([key, state.merge, state.hide]);
    const redrawn = drawn !== this.drawnFor;
    this.drawnFor = drawn;
    const pins = new Set(Object.keys(state.pins));
    if (redrawn) {
      const present = new Set(this.nodes.map((node) => node.id));
      this.selected = new Set([...this.selected].filter((id) => present.has(id)));
      const rests = [...picture.expansions].filter(([, { shown, total }]) => total > shown).map(([anchor, { shown, total }]) => ({ anchor, left: total - shown }));
      this.canvas.draw(this.nodes, this.arrows, this.#pinned(state), keep, { pinned: pins, marked: this.selected, rests }, refit);
      this.#hover(null);
      this.#select([...this.selected]);
      this.parts.filters.shapes(this.nodes);
      this.#showEmpty(state);
      this.container.setAttribute("aria-label", `Graph of ${plural(this.nodes.length, "node")} and ${plural(this.arrows.length, "arrow")}`);
      this.list.show(this.nodes, this.arrows, this.selected);
    } else {
      this.canvas.place(this.#pinned(state), pins);
      if (refit) this.canvas.fit();
    }
    this.tidy.disabled = !pins.size && !state.at;
    this.#choose(state, redrawn);
    this.#tell(state);
  }

  /**
   * Finds a place for every node: where it stood, where the address says, or where a layout puts it.
   * @param {Picture} picture
   * @param {State} state
   * @returns {boolean} whether the picture is another one altogether, to be looked at as a whole
   */
  #place(picture, state) {
    const nodes = [...picture.nodes.values()];
    const ties = [...picture.edges.values()].map((edge) => /** @type {[string, string]} */ ([edge.source, edge.target]));
    const layoutKey = JSON.stringify([picture.steps, [...picture.edges.keys()]]);
    if (layoutKey === this.placedFor && state.at === this.drawnAt) return false;
    const given = state.at && state.at !== this.drawnAt ? readPlaces(state.at, picture.nodes.keys()) : null;
    const known = this.fresh.get(layoutKey);
    const first = !this.placedFor;
    this.placedFor = layoutKey;
    if (given) {
      for (const [id, point] of given) this.stood.set(id, point);
    } else if (!state.at && known) {
      // The very picture was laid out before, and nothing since is to be kept.
      for (const [id, point] of known) this.stood.set(id, point);
      this.drawnAt = "";
      return false;
    }
    const standing = new Map(nodes.filter((node) => this.stood.has(node.id)).map((node) => [node.id, /** @type {Point} */ (this.stood.get(node.id))]));
    if (nodes.length && standing.size * 2 >= nodes.length) {
      for (const [id, point] of joined(standing, nodes, ties)) this.stood.set(id, point);
      const at = written(new Map(nodes.map((node) => [node.id, /** @type {Point} */ (this.stood.get(node.id))])));
      this.drawnAt = at;
      if (at !== state.at) this.parts.store.note({ at });
      return first;
    }
    const placed = places(nodes, ties, picture.steps);
    this.fresh.set(layoutKey, placed);
    this.stood = new Map(placed);
    this.drawnAt = "";
    if (state.at) this.parts.store.note({ at: "" });
    return true;
  }

  /** All nodes go where a layout from nothing puts them, the pinned ones too. */
  #tidy() {
    this.stood = new Map();
    this.fresh = new Map();
    this.placedFor = "";
    const { pins, at } = this.shell.state();
    if (at) this.parts.store.note({ at: "" });
    if (Object.keys(pins).length) this.shell.go({ pins: {} });
    else void this.show(this.shell.state(), new AbortController().signal);
  }

  /**
   * Where the nodes stand: as laid out, or where the reader dragged them.
   * @param {State} state
   * @returns {Map<string, Point>}
   */
  #pinned(state) {
    const all = new Map(this.nodes.map((node) => [node.id, this.stood.get(node.id) ?? { x: 0, y: 0 }]));
    for (const [id, [x, y]] of Object.entries(state.pins)) if (all.has(id)) all.set(id, { x, y });
    return all;
  }

  /**
   * Shows what the state says is chosen.
   * @param {State} state
   * @param {boolean} redrawn
   */
  #choose(state, redrawn) {
    const { panel } = this.parts;
    const [kind, id] = [state.select.slice(0, 4), state.select.slice(5)];
    const arrow = kind === "edge" ? (this.arrows.find((one) => one.id === id) ?? this.arrows.find((one) => one.ids.includes(id))) : undefined;
    const node = kind === "node" ? this.nodes.find((one) => one.id === id) : undefined;
    if (redrawn) this.edges.show(this.arrows, arrow?.id ?? null);
    else this.edges.choose(arrow?.id ?? null);
    this.canvas.select(arrow?.id ?? node?.id ?? null);
    const key = JSON.stringify([state.select, this.key_, state.hide, state.merge, Object.keys(state.pins)]);
    if (this.panelKey === key) return;
    this.panelKey = key;
    byId("panel").scrollTop = 0;
    if (arrow) void panel.edge(arrow);
    else if (node && this.picture) void panel.node(node, this.picture, this.arrows, state, this.acts);
    else if (state.select) panel.missing();
    else panel.start();
  }

  /** What can be done with a node from its panel. @returns {import("../panel.js").NodeActs} */
  get acts() {
    return { onEdge: (id) => this.chooseEdge(id), onExpand: (id) => this.expand(id), onCollapse: (id) => this.collapse(id), onHide: (id) => this.hide([id]), onPin: (id) => this.pin([id]) };
  }

  /** @param {string} id of an arrow; the panel takes the keyboard's focus, because it was asked for from a list */
  chooseEdge(id) {
    this.shell.go({ select: `edge:${id}` });
    this.#enterPanel();
  }

  /** @param {string} id */
  chooseNode(id) {
    this.shell.go({ select: `node:${id}` });
    this.#enterPanel();
  }

  #enterPanel() {
    byId("evidence").focus({ preventScroll: true });
    byId("evidence").scrollIntoView({ block: "nearest" });
  }

  /** @param {string} id of the node whose edges come in, the best evidenced first */
  expand(id) {
    const { expand: now } = this.shell.state();
    const grown = { id, n: Math.min(MOST_EDGES, (now.find((one) => one.id === id)?.n ?? 0) + EXPAND_BY) };
    this.shell.go({ expand: now.some((one) => one.id === id) ? now.map((one) => (one.id === id ? grown : one)) : [...now, grown], select: `node:${id}` });
  }

  /** @param {string} id of the node whose expansion goes, or else the neighbours that hang on it alone */
  collapse(id) {
    const { expand, hide } = this.shell.state();
    if (expand.some((one) => one.id === id)) return this.shell.go({ expand: expand.filter((one) => one.id !== id), select: `node:${id}` });
    const leaves = this.#leaves(id);
    if (leaves.length) this.shell.go({ hide: [...new Set([...hide, ...leaves])], select: `node:${id}` });
  }

  /** @param {string} id */
  #leaves(id) {
    /** @type {Map<string, Set<string>>} */
    const beside = new Map();
    for (const { source, target } of this.arrows)
      for (const [one, other] of [[source.id, target.id], [target.id, source.id]]) beside.set(one, (beside.get(one) ?? new Set()).add(other));
    return [...(beside.get(id) ?? [])].filter((one) => one !== id && [...(beside.get(one) ?? [])].every((other) => other === id || other === one));
  }

  /** @param {string[]} ids */
  hide(ids) {
    this.#select([]);
    this.shell.go({ hide: [...new Set([...this.shell.state().hide, ...ids])], select: "" });
  }

  /** @param {string[]} ids all other nodes are hidden */
  keepOnly(ids) {
    const kept = new Set(ids);
    this.#select([]);
    this.shell.go({ hide: [...new Set([...this.shell.state().hide, ...this.nodes.map((node) => node.id).filter((id) => !kept.has(id))])], select: "" });
  }

  /** @param {string[]} ids pinned where they stand; let go, where all of them are pinned already */
  pin(ids) {
    const { pins } = this.shell.state();
    const at = this.#pinned(this.shell.state());
    const loose = ids.filter((id) => !pins[id]);
    if (loose.length) return this.shell.go({ pins: { ...pins, ...Object.fromEntries(loose.map((id) => [id, [Math.round(at.get(id)?.x ?? 0), Math.round(at.get(id)?.y ?? 0)]])) } });
    this.shell.go({ pins: Object.fromEntries(Object.entries(pins).filter(([id]) => !ids.includes(id))) });
  }

  /** @param {string[]} ids */
  #focusOn(ids) {
    const actors = ids.filter((id) => this.picture?.nodes.get(id)?.kind === "actor");
    if (!actors.length) return this.shell.focus(ids[0]);
    this.#select([]);
    this.shell.go({ ...focused(this.shell.state(), actors[0]), actors });
  }

  /** @param {string[]} ids */
  #select(ids) {
    this.selected = new Set(ids);
    this.canvas?.mark(this.selected);
    this.list?.select(this.selected);
    this.#boxMode(false);
    this.choice.hidden = !ids.length;
    if (!ids.length) return;
    const button = (/** @type {string} */ id, /** @type {string} */ text, /** @type {() => void} */ onclick) => h("button", { type: "button", dataset: { choice: id }, onclick }, text);
    refill(
      this.choice,
      h("span", {}, `${plural(ids.length, "node")} selected`),
      button("hide", "Hide", () => this.hide(ids)),
      button("focus", "Focus", () => this.#focusOn(ids)),
      button("keep", "Keep only", () => this.keepOnly(ids)),
      button("pin", "Pin", () => this.pin(ids)),
      button("invert", "Select the others", () => this.#invert()),
      button("clear", "Select none", () => this.#select([])),
    );
    this.shell.say(`${plural(ids.length, "node")} selected`);
  }

  #invert() {
    this.#select(this.nodes.map((node) => node.id).filter((id) => !this.selected.has(id)));
  }

  /** @param {boolean} on */
  #boxMode(on) {
    this.box?.setAttribute("aria-pressed", String(on));
    this.canvas?.boxMode(on);
  }

  /** @param {{ arrow?: string, node?: string } | null} what */
  #hover(what) {
    const line = this.hoverLine;
    const arrow = this.arrows.find((one) => one.id === what?.arrow);
    const node = what?.node ? this.picture?.nodes.get(what.node) : null;
    line.hidden = !arrow && !node;
    if (arrow) line.textContent = `${arrowSentence(arrow)}${arrow.claims.length ? ` · ${plural(arrow.count, "quote")}` : ""}`;
    if (node) line.textContent = `${node.label} · ${nodeKindWords(node)}`;
  }

  /**
   * @param {{ arrow?: string, node?: string }} what nothing is the ground
   * @param {{ x: number, y: number }} at
   */
  #menu(what, at) {
    const { shell } = this;
    const arrow = this.arrows.find((one) => one.id === what.arrow);
    const node = this.nodes.find((one) => one.id === what.node);
    if (arrow) {
      const ends = [arrow.source, arrow.target].filter((one) => one.kind === "actor").map((one) => one.id);
      return openMenu(
        arrowSentence(arrow),
        [
          { id: "quotes", words: "Read the quotes", act: () => this.chooseEdge(arrow.id) },
          arrow.claims.length ? { id: "read", words: "Read the first in its article", act: () => void this.#readFirst(arrow) } : null,
          arrow.claims.length ? { id: "receipt", words: "Receipt of the first", act: () => shell.receipt(arrow.claims[0]) } : null,
          arrow.claims.length ? { id: "thread", words: "Its thread", act: () => shell.openThread(arrow.claims[0]) } : null,
          { id: "focus", words: "Focus on both ends", act: () => this.#focusOn(ends) },
          { id: "keep", words: "Keep only both ends", act: () => this.keepOnly([arrow.source.id, arrow.target.id]) },
        ],
        at,
      );
    }
    const state = shell.state();
    if (node) {
      const expansion = this.picture?.expansions.get(node.id);
      const done = expansion !== undefined && expansion.shown >= expansion.total;
      const many = this.selected.size > 1 && this.selected.has(node.id) ? [...this.selected] : [node.id];
      const words = many.length > 1 ? ` all ${many.length} selected` : "";
      const canCollapse = Boolean(expansion) || this.#leaves(node.id).length > 0;
      return openMenu(
        node.label,
        [
          { id: "claims", words: "Its claims", act: () => this.chooseNode(node.id) },
          { id: "expand", words: done ? "All its edges are drawn" : expansion ? `Expand ${EXPAND_BY} more` : "Expand", key: "x", disabled: done, act: () => this.expand(node.id) },
          { id: "collapse", words: "Collapse", key: "c", disabled: !canCollapse, act: () => this.collapse(node.id) },
          node.kind === "place" ? null : { id: "focus", words: `Focus${words}`, act: () => this.#focusOn(many) },
          node.kind === "actor" && state.actors.length ? { id: "add", words: "Add to focus", act: () => shell.focus(node.id, true) } : null,
          { id: "hide", words: `Hide${words}`, key: "h", act: () => this.hide(many) },
          { id: "keep", words: many.length > 1 ? `Keep only${words}` : "Keep only this and its neighbours", key: "k", act: () => this.keepOnly(many.length > 1 ? many : this.#around(node.id)) },
          { id: "pin", words: many.every((id) => state.pins[id]) ? `Let go${words}` : `Pin${words}`, key: "p", act: () => this.pin(many) },
          { id: "select", words: this.selected.has(node.id) ? "Unselect" : "Select", act: () => this.#select(this.selected.has(node.id) ? [...this.selected].filter((id) => id !== node.id) : [...this.selected, node.id]) },
          node.kind === "actor" ? { id: "open", words: "Its page", act: () => shell.openActor(node.id) } : null,
          node.kind === "incident" ? { id: "open", words: "Who says who did it", act: () => shell.openIncident(node.id) } : null,
          node.kind === "place" ? null : { id: "table", words: "Its claims as table", act: () => shell.go({ ...focused(state, node.id), tab: "table" }) },
        ],
        at,
      );
    }
    return openMenu(
      "The picture",
      [
        { id: "fit", words: "Show all of it", key: "f", act: () => this.canvas.fit() },
        { id: "all", words: this.selected.size ? "Select none" : "Select all nodes", key: "a", act: () => this.#all() },
        { id: "invert", words: "Select the others", key: "i", disabled: !this.selected.size, act: () => this.#invert() },
        { id: "show", words: `Show hidden nodes (${state.hide.length})`, disabled: !state.hide.length, act: () => shell.go({ hide: [] }) },
        { id: "tidy", words: "Tidy", disabled: this.tidy.disabled, act: () => this.#tidy() },
        { id: "undo", words: "Undo", disabled: !this.parts.store.past.length, act: () => this.parts.store.undo() },
        { id: "redo", words: "Redo", disabled: !this.parts.store.future.length, act: () => this.parts.store.redo() },
      ],
      at,
    );
  }

  #all() {
    this.#select(this.selected.size ? [] : this.nodes.map((node) => node.id));
  }

  /** @param {string} id */
  #around(id) {
    return [id, ...this.arrows.filter((one) => one.source.id === id || one.target.id === id).flatMap((one) => [one.source.id, one.target.id])];
  }

  /** @param {Arrow} arrow */
  async #readFirst(arrow) {
    const { claim } = await import("../api.js");
    try {
      this.shell.read(await claim(arrow.claims[0]));
    } catch (error) {
      this.shell.problem(error);
    }
  }

  /** @param {KeyboardEvent} event that the page itself had no use for */
  press(event) {
    const { select } = this.shell.state();
    const node = select.startsWith("node:") ? select.slice(5) : "";
    const arrow = select.startsWith("edge:") ? select.slice(5) : "";
    const many = this.selected.size ? [...this.selected] : node ? [node] : [];
    const { left, top, width } = this.container.getBoundingClientRect();
    /** @type {Record<string, (() => void) | undefined>} */
    const acts = {
      f: () => this.canvas.fit(),
      "+": () => this.canvas.zoom(1.3),
      "=": () => this.canvas.zoom(1.3),
      "-": () => this.canvas.zoom(1 / 1.3),
      n: () => this.list.enter(),
      g: () => /** @type {HTMLElement | null} */ (document.querySelector("#edge-list button[tabindex='0']"))?.focus(),
      x: node ? () => this.expand(node) : undefined,
      c: node ? () => this.collapse(node) : undefined,
      h: many.length ? () => this.hide(many) : undefined,
      k: many.length ? () => this.keepOnly(this.selected.size ? many : this.#around(node)) : undefined,
      p: many.length ? () => this.pin(many) : undefined,
      a: () => this.#all(),
      i: () => this.#invert(),
      m: () => this.#menu(node ? { node } : arrow ? { arrow } : {}, { x: left + width / 2, y: top + 40 }),
      Escape: () => {
        this.#select([]);
        this.shell.go({ select: "" });
      },
    };
    const act = acts[event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey) ? "m" : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** @param {State} state what the line under the picture says of it */
  #tell(state) {
    const picture = /** @type {Picture} */ (this.picture);
    const left = picture.total - picture.drawn;
    const parts = [];
    if (!picture.total) parts.push("No edges match.");
    else if (left > 0 || picture.at_least) parts.push(`${figure(picture.drawn)} of ${picture.at_least ? "at least " : ""}${plural(picture.total, "edge")}, strongest evidence first.`);
    else parts.push(picture.total === 1 ? "The one edge that matches is shown." : `All ${plural(picture.total, "edge")} that match are shown.`);
    if (picture.grown > 0) parts.push(`${figure(picture.grown)} more by expanding.`);
    const incidents = [...picture.nodes.values()].filter((node) => node.kind === "incident").length;
    if (state.kinds.includes("located_in") && incidents > MOST_PLACES) parts.push(`Places are drawn for ${MOST_PLACES} of ${figure(incidents)} incidents.`);
    if (state.hide.length) parts.push(`${plural(state.hide.length, "node")} hidden.`);
    if (picture.without_edge) parts.push(`${plural(picture.without_edge, "matching claim")} without an edge, naming neither target nor incident: see the Table.`);
    const more = (left > 0 || picture.at_least) && state.limit < MOST_EDGES ? h("button", { type: "button", id: "show-more", onclick: () => this.shell.go({ limit: Math.min(MOST_EDGES, state.limit + 150) }) }, "Show more") : null;
    const matrix = (left > 0 || picture.at_least) && !more ? h("button", { type: "button", id: "to-matrix", onclick: () => this.shell.go({ tab: "matrix" }) }, "All of them in the matrix") : null;
    refill(this.note, parts.join(" "), " ", more ?? matrix);
  }

  /** @returns {string} */
  summary() {
    const edges = new Set(this.arrows.flatMap((arrow) => arrow.ids)).size;
    const drawn = edges === this.arrows.length ? "" : ` as ${plural(this.arrows.length, "arrow")}`;
    return `${plural(edges, "edge")} drawn${drawn} among ${plural(this.nodes.length, "node")}`;
  }

  /** @param {State} state */
  #showEmpty(state) {
    const { empty: box, shell } = this;
    box.hidden = this.arrows.length > 0;
    if (this.arrows.length) return;
    const filtered = filtersInForce(state);
    if (!shell.total() && this.parts.facets()?.of === 0) {
      refill(box, h("h2", {}, "The ledger is empty"), h("p", {}, "Nothing has been read yet. Take articles in, and this page shows who accuses whom:"), h("p", {}, h("button", { type: "button", id: "empty-add", onclick: () => shell.go({ tab: "add" }) }, "Add an article")), h("pre", {}, "polemos ingest PATH-OR-URL"));
      return;
    }
    const examples = this.parts.examples();
    refill(
      box,
      h("h2", {}, state.kinds.length ? "No claims match" : "No kind of edge is ticked"),
      h("p", {}, filtered ? "Nothing in the ledger passes all of these filters." : "Nothing in the ledger has an edge here."),
      h("p", {}, filtered ? h("button", { type: "button", id: "empty-reset", onclick: () => shell.go(unfiltered()) }, "Clear filters") : null, " ", state.hide.length ? h("button", { type: "button", onclick: () => shell.go({ hide: [] }) }, "Show hidden nodes") : null),
      examples.length ? h("p", {}, "Or begin with:") : null,
      exampleList(examples, (id) => shell.go({ ...unfiltered(), ...focused(state, id), select: `node:${id}` })),
    );
  }

  recolour() {
    this.canvas.recolour();
  }

  /** @returns {Promise<Blob>} */
  png() {
    return this.canvas.png();
  }
}
