// Nodes and arrows in, the canvas out; and what the reader does on it (click, double click, hover, drag) as callbacks.
// It knows nothing of the API or of the page's state.
import { cytoscape } from "../vendor/graph.js";
import { debounce } from "./dom.js";
import { SHAPES, strokeKey, stylesheet, token } from "./graph_style.js";
import { shortPhrase } from "./words.js";

/** @import { Arrow, GraphNode } from "./types.js" */
/** @import { Point } from "./arrange.js" */

/**
 * @typedef {object} GraphEvents
 * @property {(arrow: string) => void} onEdge an arrow was clicked
 * @property {(node: string) => void} onNode a node was clicked
 * @property {(node: string) => void} onExpand a node was double-clicked
 * @property {() => void} onClear the ground was clicked
 * @property {(node: string, x: number, y: number) => void} onMove a node was dragged
 * @property {(what: { arrow?: string, node?: string } | null) => void} onHover
 */

/** More arrows than this and only those looked at bear words. */
const MOST_LABELS = 45;
const CLOSEST = 1.35;
/** Size of an actor's name; where the picture is small, names grow until they are read again, up to `MOST_GROWTH`. */
const FONT = 13;
const READABLE = 11;
const MOST_GROWTH = 1.8;

export class GraphView {
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
      boxSelectionEnabled: false,
      selectionType: "single",
    });
    this.touched = false;
    this.#listen(events);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.cy.style(stylesheet()));
    new ResizeObserver(() => {
      this.cy.resize();
      if (!this.touched) this.fit();
    }).observe(container);
  }

  /** @param {GraphEvents} events */
  #listen(events) {
    const { cy } = this;
    cy.on("tap", (/** @type {any} */ event) => {
      if (event.target === cy) events.onClear();
      else if (event.target.isEdge()) events.onEdge(event.target.id());
      else events.onNode(event.target.id());
    });
    cy.on("dbltap", "node", (/** @type {any} */ event) => events.onExpand(event.target.id()));
    cy.on("dragfree", "node", (/** @type {any} */ event) => {
      const { x, y } = event.target.position();
      events.onMove(event.target.id(), x, y);
    });
    cy.on("mouseover", "node, edge", (/** @type {any} */ event) => {
      this.highlight(event.target);
      events.onHover(event.target.isEdge() ? { arrow: event.target.id() } : { node: event.target.id() });
      this.container.style.cursor = "pointer";
    });
    const leave = () => {
      this.highlight(null);
      events.onHover(null);
      this.container.style.cursor = "";
    };
    cy.on("mouseout", "node, edge", leave);
    this.container.addEventListener("mouseleave", leave);
    const names = debounce(() => this.#sizeNames(), 120);
    cy.on("zoom", names);
    for (const sign of ["scrollzoom", "pinchzoom", "dragpan"]) cy.on(sign, () => (this.touched = true));
  }

  /**
   * @param {GraphNode[]} nodes
   * @param {Arrow[]} arrows
   * @param {Map<string, Point>} places
   * @param {string[]} focus ids of nodes with a ring
   * @param {boolean} refit look at the whole picture again
   */
  draw(nodes, arrows, places, focus, refit) {
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
          classes: focus.includes(node.id) ? "focus" : "",
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
    });
    if (refit) {
      this.touched = false;
      this.fit();
    }
  }

  /**
   * Puts nodes elsewhere and leaves the rest as it is.
   * @param {Map<string, Point>} places
   */
  place(places) {
    this.cy.nodes().forEach((/** @type {any} */ node) => {
      const point = places.get(node.id());
      if (point) node.position({ ...point });
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
 * @param {string} text
 * @param {number} most
 */
function shorten(text, most) {
  return text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text;
}
