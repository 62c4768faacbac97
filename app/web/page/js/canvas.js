// Nodes and arrows in, the canvas out; and what the reader does on it (click, double click, hover, drag) as callbacks.
// It knows nothing of the API or of the page's state.
import { cytoscape } from "../vendor/graph.js";
import { debounce } from "./dom.js";
import { SHAPES, strokeKey, stylesheet, token } from "./graph_style.js";
import { shortPhrase } from "./words.js";

/** @import { Arrow, GraphNode } from "./types.js" */
/** @import { Point } from "./arrange.js" */

/** What is not in the answer, but drawn: how much of an expanded node is still left. @typedef {{ anchor: string, left: number }} Rest */

/**
 * @typedef {object} GraphEvents
 * @property {(arrow: string) => void} onEdge an arrow was clicked
 * @property {(node: string) => void} onNode a node was clicked
 * @property {(node: string) => void} onExpand a node was double-clicked
 * @property {() => void} onClear the ground was clicked
 * @property {(node: string, x: number, y: number) => void} onMove a node was dragged
 * @property {(what: { arrow?: string, node?: string }, at: { x: number, y: number }) => void} onMenu a right click, or a long touch; nothing is the ground
 * @property {(nodes: string[]) => void} onBox a box was drawn around nodes
 * @property {(what: { arrow?: string, node?: string } | null) => void} onHover
 */

/** More arrows than this and only those looked at bear words. */
const MOST_LABELS = 45;
const CLOSEST = 1.35;
/** Size of an actor's name; where the picture is small, names grow until they are read again, up to `MOST_GROWTH`. */
const FONT = 13;
const READABLE = 11;
const MOST_GROWTH = 1.8;

export class Canvas {
  /**
   * @param {HTMLElement} container
   * @param {GraphEvents} events
   */
  constructor(container, events) {
    this.container = container;
    this.cy = cytoscape({
      container,
      style: stylesheet(),
      minZoom: 0.1,
      maxZoom: 4,
      boxSelectionEnabled: true,
      selectionType: "single",
    });
    this.touched = false;
    this.hovered = false;
    /** @type {Map<string, Point>} */
    this.placed = new Map();
    this.#listen(events);
    let size = { width: container.clientWidth, height: container.clientHeight };
    new ResizeObserver(() => {
      const { cy } = this;
      const now = { width: container.clientWidth, height: container.clientHeight };
      cy.resize();
      if (!now.width || !now.height) return;
      // Where the reader chose what to look at, the middle of it stays in the middle.
      if (this.touched && size.width) cy.panBy({ x: (now.width - size.width) / 2, y: (now.height - size.height) / 2 });
      else this.fit();
      size = now;
    }).observe(container);
  }

  /** Draws anew in the colours now in force. */
  recolour() {
    this.cy.style(stylesheet());
  }

  /** @param {GraphEvents} events */
  #listen(events) {
    const { cy } = this;
    cy.on("tap", (/** @type {any} */ event) => {
      if (event.target === cy) events.onClear();
      else if (event.target.data("anchor")) events.onExpand(event.target.data("anchor"));
      else if (event.target.isEdge()) events.onEdge(event.target.id());
      else events.onNode(event.target.id());
    });
    cy.on("dbltap", "node", (/** @type {any} */ event) => {
      if (!event.target.data("anchor")) events.onExpand(event.target.id());
    });
    cy.on("cxttap", (/** @type {any} */ event) => {
      const what = event.target === cy ? {} : event.target.isEdge() ? { arrow: event.target.id() } : { node: event.target.data("anchor") ?? event.target.id() };
      const { left, top } = this.container.getBoundingClientRect();
      leave();
      events.onMenu(what, { x: left + event.renderedPosition.x, y: top + event.renderedPosition.y });
    });
    this.container.addEventListener("contextmenu", (event) => event.preventDefault());
    cy.on("boxend", () => {
      // What the box took is told once all of it is.
      setTimeout(() => {
        const ids = cy.nodes(":selected").filter((/** @type {any} */ node) => !node.data("anchor")).map((/** @type {any} */ node) => node.id());
        cy.elements().unselect();
        events.onBox(ids);
      });
    });
    cy.on("dragfree", "node", (/** @type {any} */ event) => {
      const { x, y } = event.target.position();
      if (!event.target.data("anchor")) events.onMove(event.target.id(), Math.round(x), Math.round(y));
    });
    // It says "mouseover" once only for a thing that the pointer left through the canvas's edge and came back to.
    cy.on("mouseover mousemove", "node, edge", (/** @type {any} */ event) => {
      if (event.target.data("anchor") || (this.hovered && event.type === "mousemove")) return;
      this.hovered = true;
      this.highlight(event.target);
      events.onHover(event.target.isEdge() ? { arrow: event.target.id() } : { node: event.target.id() });
      this.container.style.cursor = "pointer";
    });
    const leave = () => {
      if (!this.hovered) return;
      this.hovered = false;
      this.highlight(null);
      events.onHover(null);
      this.container.style.cursor = "";
    };
    cy.on("mouseout", "node, edge", leave);
    this.container.addEventListener("mouseleave", leave);
    // Whatever is done elsewhere, nothing stays lit here.
    for (const sign of ["focusin", "pointerover", "keydown"])
      document.addEventListener(sign, (event) => {
        if (!this.container.contains(/** @type {Node} */ (event.target))) leave();
      }, true);
    addEventListener("blur", leave);
    const names = debounce(() => this.#sizeNames(), 120);
    cy.on("zoom", names);
    for (const sign of ["scrollzoom", "pinchzoom", "dragpan"]) cy.on(sign, () => (this.touched = true));
  }

  /**
   * @param {GraphNode[]} nodes
   * @param {Arrow[]} arrows
   * @param {Map<string, Point>} places
   * @param {string[]} focus ids of nodes with a ring
   * @param {{ pinned: Set<string>, marked: Set<string>, rests: Rest[] }} marks
   * @param {boolean} refit look at the whole picture again
   */
  draw(nodes, arrows, places, focus, { pinned, marked, rests }, refit) {
    const { cy } = this;
    /** @type {Map<string, number>} */
    const weight = new Map();
    for (const arrow of arrows) for (const end of [arrow.source.id, arrow.target.id]) weight.set(end, (weight.get(end) ?? 0) + arrow.count);
    cy.batch(() => {
      cy.elements().remove();
      for (const node of nodes) {
        const shape = SHAPES[node.kind === "actor" ? (node.actor_kind ?? "unknown") : node.kind] ?? SHAPES.unknown;
        const size = node.kind === "actor" ? Math.round(26 + Math.min(24, 5 * Math.sqrt(weight.get(node.id) ?? 0))) : node.kind === "incident" ? 20 : 14;
        cy.add({
          data: { id: node.id, label: shorten(node.label, node.kind === "actor" ? 60 : 48), kind: node.kind, shape, size, font: FONT, wrap: 10 * FONT },
          position: { ...(places.get(node.id) ?? { x: 0, y: 0 }) },
          classes: [focus.includes(node.id) && "focus", pinned.has(node.id) && "pinned", marked.has(node.id) && "marked"].filter(Boolean).join(" "),
        });
      }
      const labelled = arrows.length <= MOST_LABELS ? "labelled" : "";
      for (const arrow of arrows) {
        const words = shortPhrase(arrow.kind, arrow.modality);
        cy.add({
          data: { id: arrow.id, source: arrow.source.id, target: arrow.target.id, stroke: strokeKey(arrow.kind, arrow.modality), label: arrow.count > 1 ? `${words} ×${arrow.count}` : words },
          classes: labelled,
        });
      }
      for (const { anchor, left } of rests) {
        if (!cy.getElementById(anchor).length) continue;
        cy.add({ data: { id: `more ${anchor}`, anchor, label: `+${left} more`, kind: "more", shape: "round-rectangle", size: 22, font: FONT, wrap: 10 * FONT }, position: freePlace(anchor, places) });
        cy.add({ data: { id: `to more ${anchor}`, anchor, source: anchor, target: `more ${anchor}`, stroke: "about", label: "" } });
      }
    });
    this.placed = places;
    if (refit) {
      this.touched = false;
      this.fit();
    } else if (!this.touched) this.fit();
  }

  /** @param {Set<string>} ids of the nodes that are selected */
  mark(ids) {
    this.cy.batch(() => this.cy.nodes().forEach((/** @type {any} */ node) => void node.toggleClass("marked", ids.has(node.id()))));
  }

  /** @param {boolean} on whether dragging the ground draws a box, where it moves the picture otherwise */
  boxMode(on) {
    this.cy.userPanningEnabled(!on);
  }

  /**
   * Moves the picture under the window.
   * @param {number} x
   * @param {number} y
   */
  pan(x, y) {
    this.touched = true;
    this.cy.panBy({ x, y });
  }

  /**
   * Puts nodes elsewhere and leaves the rest as it is.
   * @param {Map<string, Point>} places
   * @param {Set<string>} pinned
   */
  place(places, pinned) {
    this.cy.nodes().forEach((/** @type {any} */ node) => {
      const anchor = node.data("anchor");
      const point = anchor ? freePlace(anchor, places) : places.get(node.id());
      if (point) node.position({ ...point });
      node.toggleClass("pinned", pinned.has(node.id()));
    });
  }

  /** Looks at everything, but not so closely that three nodes fill the window. */
  fit() {
    const { cy } = this;
    if (!cy.elements().length || !cy.width()) return;
    cy.fit(cy.elements(), 36);
    if (cy.zoom() > CLOSEST) {
      cy.zoom(CLOSEST);
      cy.center(cy.elements());
    }
    this.#sizeNames();
  }

  #sizeNames() {
    const font = FONT * Math.min(MOST_GROWTH, Math.max(1, READABLE / FONT / this.cy.zoom()));
    this.cy.batch(() => this.cy.nodes().data({ font, wrap: 10 * font }));
  }

  /** @param {number} factor */
  zoom(factor) {
    const { cy } = this;
    this.touched = true;
    cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  }

  /**
   * Marks what is chosen and brings it into view.
   * @param {string | null} id of an arrow or a node
   */
  select(id) {
    const { cy } = this;
    cy.elements().unselect();
    if (!id) return;
    const chosen = cy.getElementById(id);
    if (!chosen.length) return;
    chosen.select();
    const box = chosen.renderedBoundingBox({ includeLabels: false });
    const outside = box.x1 < 0 || box.y1 < 0 || box.x2 > cy.width() || box.y2 > cy.height();
    if (outside) cy.center(chosen);
  }

  /** @param {any} element a node or an edge of the canvas, or null to show everything alike */
  highlight(element) {
    const { cy } = this;
    cy.batch(() => {
      cy.elements().removeClass("dim hot");
      if (!element) return;
      const near = element.isEdge() ? element.union(element.connectedNodes()) : element.closedNeighborhood();
      cy.elements().not(near).addClass("dim");
      near.edges().addClass("hot");
    });
  }

  /**
   * Points out an arrow that has the keyboard's focus in the list.
   * @param {string | null} id
   */
  point(id) {
    const found = id ? this.cy.getElementById(id) : null;
    this.highlight(found?.length ? found : null);
  }

  /** @returns {Promise<Blob>} the whole picture as PNG */
  async png() {
    return this.cy.png({ output: "blob-promise", full: true, scale: 2, maxWidth: 6000, maxHeight: 6000, bg: token("--canvas") });
  }
}

/**
 * Where beside a node there is most room.
 * @param {string} anchor
 * @param {Map<string, Point>} places
 * @returns {Point}
 */
function freePlace(anchor, places) {
  const at = places.get(anchor) ?? { x: 0, y: 0 };
  const others = [...places].filter(([id]) => id !== anchor).map(([, point]) => point);
  const tried = Array.from({ length: 16 }, (_, turn) => ({ x: Math.round(at.x + 85 * Math.cos((turn * Math.PI) / 8)), y: Math.round(at.y + 85 * Math.sin((turn * Math.PI) / 8)) }));
  const room = (/** @type {Point} */ point) => Math.min(400, ...others.map((other) => Math.hypot(other.x - point.x, other.y - point.y)));
  return tried.reduce((best, point) => (room(point) > room(best) ? point : best));
}

/**
 * @param {string} text
 * @param {number} most
 */
function shorten(text, most) {
  return text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text;
}
