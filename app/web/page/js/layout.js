// Nodes and edges in, their places out. The same picture always gets the same places, whatever the window's size: the
// start depends on ids and degrees alone and the layout takes no chances. Nodes that stand keep their place when others come.
import { cytoscape } from "../vendor/graph.js";
import { components, GAP, HEIGHT, mean, pack, roomFor, spiral, spread } from "./arrange.js";

/** @import { Point, Tie } from "./arrange.js" */

/**
 * @param {{ id: string, label: string }[]} nodes
 * @param {Tie[]} ties pairs of node ids that an edge joins
 * @param {string[][]} steps node ids in the order in which they came into the picture
 * @returns {Map<string, Point>}
 */
export function places(nodes, ties, steps) {
  const labels = new Map(nodes.map((node) => [node.id, node.label]));
  /** @type {Map<string, Point>} */
  const placed = new Map();
  for (const step of steps) {
    const fresh = step.filter((id) => labels.has(id));
    const known = new Set([...placed.keys(), ...fresh]);
    const inside = ties.filter(([left, right]) => known.has(left) && known.has(right));
    if (!fresh.length) continue;
    if (placed.size) join(placed, fresh, inside, labels);
    else for (const [id, point] of pack(components(fresh, inside).map((part) => settle(part, inside, labels)))) placed.set(id, point);
  }
  return placed;
}

/**
 * As `places`, but nodes that stand already stay where they are.
 * @param {Map<string, Point>} standing
 * @param {{ id: string, label: string }[]} nodes
 * @param {Tie[]} ties
 * @returns {Map<string, Point>} of these nodes
 */
export function joined(standing, nodes, ties) {
  const labels = new Map(nodes.map((node) => [node.id, node.label]));
  const placed = new Map([...standing].filter(([id]) => labels.has(id)));
  const fresh = nodes.map((node) => node.id).filter((id) => !placed.has(id));
  if (fresh.length) join(placed, fresh, ties, labels);
  return placed;
}

/**
 * @param {string[]} part
 * @param {Tie[]} ties
 * @param {Map<string, string>} labels
 * @returns {Map<string, Point>}
 */
function settle(part, ties, labels) {
  const members = new Set(part);
  const mine = ties.filter(([left, right]) => members.has(left) && members.has(right));
  return run(spiral(part, mine), mine, labels, new Set());
}

/**
 * Adds nodes to a picture that stands: each starts beside the first neighbour that has a place.
 * @param {Map<string, Point>} placed
 * @param {string[]} fresh
 * @param {Tie[]} ties
 * @param {Map<string, string>} labels
 */
function join(placed, fresh, ties, labels) {
  const fixed = new Set(placed.keys());
  /** @type {Map<string, string[]>} */
  const byAnchor = new Map();
  for (const id of [...fresh].sort()) {
    const neighbours = ties.flatMap(([a, b]) => (a === id ? [b] : b === id ? [a] : [])).filter((other) => fixed.has(other));
    const anchor = neighbours.sort()[0] ?? "";
    byAnchor.set(anchor, [...(byAnchor.get(anchor) ?? []), id]);
  }
  const centre = mean([...placed.values()]);
  const start = new Map(placed);
  for (const [anchor, ids] of byAnchor) {
    const from = placed.get(anchor) ?? centre;
    // Outward from the middle of the picture, where there is room.
    const away = Math.atan2(from.y - centre.y, from.x - centre.x) || 0;
    const distance = GAP * (1.5 + Math.sqrt(ids.length) / 2);
    const middle = { x: from.x + distance * Math.cos(away), y: from.y + distance * Math.sin(away) };
    for (const [id, point] of spiral(ids, [], middle)) start.set(id, point);
  }
  for (const [id, point] of run(start, ties, labels, fixed)) placed.set(id, fixed.has(id) ? /** @type {Point} */ (placed.get(id)) : point);
}

/**
 * @param {Map<string, Point>} start
 * @param {Tie[]} ties
 * @param {Map<string, string>} labels
 * @param {Set<string>} fixed
 * @returns {Map<string, Point>}
 */
function run(start, ties, labels, fixed) {
  if (start.size === 1) return new Map(start);
  const pairs = new Map(ties.filter(([a, b]) => a !== b).map(([a, b]) => [[a, b].sort().join("|"), [a, b]]));
  const cy = cytoscape({
    headless: true,
    styleEnabled: true,
    layout: { name: "preset" },
    elements: [
      ...[...start].map(([id, position]) => ({ data: { id, w: roomFor(labels.get(id) ?? "") }, position: { ...position } })),
      ...[...pairs].map(([id, [source, target]]) => ({ data: { id: `tie ${id}`, source, target } })),
    ],
    style: [{ selector: "node", style: { width: "data(w)", height: HEIGHT } }],
  });
  cy.layout({
    name: "fcose",
    quality: "default",
    randomize: false,
    animate: false,
    fit: false,
    packComponents: false,
    numIter: 2500,
    idealEdgeLength: 150,
    edgeElasticity: 0.3,
    nodeRepulsion: 12000,
    gravity: 0.25,
    fixedNodeConstraint: fixed.size ? [...fixed].map((nodeId) => ({ nodeId, position: { .../** @type {Point} */ (start.get(nodeId)) } })) : undefined,
  }).run();
  /** @type {Map<string, Point>} */
  const found = new Map();
  cy.nodes().forEach((/** @type {any} */ node) => {
    found.set(node.id(), { x: Math.round(node.position("x")), y: Math.round(node.position("y")) });
  });
  cy.destroy();
  return spread(found, labels, fixed);
}
