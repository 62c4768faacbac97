// Answers of /subgraph in, one picture out: nodes, edges, what was left out; then the arrows that are drawn of it.

/** @import { Arrow, GraphEdge, GraphNode, Picture, Subgraph } from "./types.js" */

/**
 * @param {Subgraph} base
 * @param {{ id: string, answer: Subgraph }[]} expansions in the order they were asked for
 * @param {Subgraph[]} settings the places of incidents that are in the picture
 * @returns {Picture}
 */
export function compose(base, expansions, settings = []) {
  /** @type {Picture} */
  const picture = {
    revision: base.revision,
    nodes: new Map(),
    edges: new Map(),
    steps: [],
    drawn: base.edges.length,
    grown: 0,
    total: base.total_edges,
    at_least: base.left_out.at_least,
    without_edge: base.left_out.claims_without_edge,
    expansions: new Map(),
  };
  add(picture, base);
  for (const { id, answer } of expansions) {
    add(picture, answer);
    picture.expansions.set(id, { shown: answer.edges.length, total: answer.total_edges });
  }
  picture.grown = picture.edges.size - picture.drawn;
  if (settings.length) add(picture, { ...base, nodes: settings.flatMap((one) => one.nodes), edges: settings.flatMap((one) => one.edges) });
  return picture;
}

/**
 * @param {Picture} picture
 * @param {Subgraph} answer
 */
function add(picture, answer) {
  const fresh = [];
  for (const node of answer.nodes) {
    if (picture.nodes.has(node.id)) continue;
    picture.nodes.set(node.id, node);
    fresh.push(node);
  }
  for (const edge of answer.edges) if (!picture.edges.has(edge.id)) picture.edges.set(edge.id, edge);
  picture.steps.push(fresh.map((node) => node.id));
}

/**
 * The arrows of a picture, best evidenced first. A hidden node takes its arrows with it.
 * @param {Picture} picture
 * @param {{ merge: boolean, hide: string[] }} how `merge`: one arrow of a kind between two nodes, whatever the incident
 * @returns {Arrow[]}
 */
export function arrows(picture, { merge, hide }) {
  const hidden = new Set(hide);
  /** @type {Map<string, GraphEdge[]>} */
  const groups = new Map();
  for (const edge of picture.edges.values()) {
    if (hidden.has(edge.source) || hidden.has(edge.target)) continue;
    const key = merge ? [edge.kind, edge.modality, edge.source, edge.target].join("|") : edge.id;
    const group = groups.get(key);
    if (group) group.push(edge);
    else groups.set(key, [edge]);
  }
  const found = [...groups.values()].map((group) => arrow(group, picture.nodes));
  return found.sort((left, right) => right.count - left.count || (left.id < right.id ? -1 : 1));
}

/**
 * @param {GraphEdge[]} group edges that are drawn as one
 * @param {Map<string, GraphNode>} nodes
 * @returns {Arrow}
 */
function arrow(group, nodes) {
  const best = group.reduce((left, right) => {
    if (left.evidence_count !== right.evidence_count) return left.evidence_count > right.evidence_count ? left : right;
    return left.id < right.id ? left : right;
  });
  const days = group.flatMap((edge) => [edge.first, edge.last]).filter((one) => one !== null).sort();
  return {
    id: best.id,
    ids: group.map((edge) => edge.id),
    kind: best.kind,
    modality: best.modality,
    phrase: best.phrase,
    source: /** @type {GraphNode} */ (nodes.get(best.source)),
    target: /** @type {GraphNode} */ (nodes.get(best.target)),
    claims: [...new Set(group.flatMap((edge) => edge.claims))],
    incidents: [...new Set(group.flatMap((edge) => edge.incident ?? []))],
    count: group.reduce((sum, edge) => sum + edge.evidence_count, 0),
    first: days[0] ?? null,
    last: days.at(-1) ?? null,
  };
}

/**
 * The nodes that are drawn: all but the hidden, and but those that only hung on hidden ones.
 * @param {Picture} picture
 * @param {Arrow[]} drawn
 * @param {string[]} keep ids drawn even without an arrow (the focus)
 * @param {string[]} hide
 * @returns {GraphNode[]}
 */
export function drawnNodes(picture, drawn, keep, hide) {
  const ends = new Set(drawn.flatMap((one) => [one.source.id, one.target.id]));
  const kept = new Set(keep);
  const hidden = new Set(hide);
  return [...picture.nodes.values()].filter((node) => !hidden.has(node.id) && (ends.has(node.id) || kept.has(node.id)));
}
