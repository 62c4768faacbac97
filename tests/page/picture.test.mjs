// Answers of /subgraph made into one picture, and the arrows drawn of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { arrows, compose, drawnNodes } from "../../app/web/page/js/picture.js";
import { components, pack, spiral, spread } from "../../app/web/page/js/arrange.js";

const node = (id) => ({ id, kind: "actor", label: id, actor_kind: "state", country: null, date: null, type: null });
const edge = (id, source, target, claims, more = {}) => ({
  id, kind: "accuses", phrase: "accuses", source, target, modality: "asserted", incident: null, claims,
  evidence_count: claims.length, articles: 1, publishers: 1, first: "2023-05-03", last: "2023-05-04", ...more,
});
const answer = (nodes, edges, total = edges.length) => ({
  revision: 3, nodes: nodes.map(node), edges, total_edges: total, left_out: { edges: total - edges.length, claims_without_edge: 1, at_least: false },
});

test("expansions add to the picture and say how much is still left", () => {
  const base = answer(["a", "b"], [edge("1", "a", "b", ["c1"])], 5);
  const picture = compose(base, [{ id: "b", answer: answer(["b", "a", "c"], [edge("1", "a", "b", ["c1"]), edge("2", "b", "c", ["c2"])], 9) }]);
  assert.deepEqual([...picture.nodes.keys()], ["a", "b", "c"]);
  assert.deepEqual(picture.steps, [["a", "b"], ["c"]]);
  assert.deepEqual([picture.drawn, picture.total, picture.grown, picture.without_edge], [1, 5, 1, 1]);
  assert.deepEqual(picture.expansions.get("b"), { shown: 2, total: 9 });
});

test("one arrow per pair, kind and modality holds the claims of all its edges", () => {
  const edges = [
    edge("1", "a", "b", ["c1"], { incident: "inc-1", first: "2023-05-03" }),
    edge("2", "a", "b", ["c2", "c3"], { incident: "inc-2", last: "2023-06-01" }),
    edge("3", "b", "a", ["c4"]),
    edge("4", "a", "b", ["c5"], { kind: "retaliates", modality: "threatened" }),
    edge("5", "a", "b", ["c6"], { kind: "retaliates", modality: "carried_out" }),
  ];
  const picture = compose(answer(["a", "b"], edges), []);
  const merged = arrows(picture, { merge: true, hide: [] });
  assert.deepEqual(merged.map((one) => one.id), ["2", "3", "4", "5"]);
  assert.deepEqual(merged[0].ids, ["1", "2"]);
  assert.deepEqual(merged[0].claims, ["c1", "c2", "c3"]);
  assert.deepEqual([merged[0].count, merged[0].first, merged[0].last], [3, "2023-05-03", "2023-06-01"]);
  assert.equal(arrows(picture, { merge: false, hide: [] }).length, 5);
});

test("a hidden node takes its arrows and what only hung on it; the focus stays", () => {
  const picture = compose(answer(["a", "b", "c"], [edge("1", "a", "b", ["c1"]), edge("2", "b", "c", ["c2"])]), []);
  const drawn = arrows(picture, { merge: true, hide: ["b"] });
  assert.deepEqual(drawn, []);
  assert.deepEqual(drawnNodes(picture, drawn, ["a"], ["b"]).map((one) => one.id), ["a"]);
});

test("the start of a layout depends on ids and ties, not on their order", () => {
  const ids = ["d", "a", "c", "b"];
  const ties = [["a", "b"], ["a", "c"]];
  assert.deepEqual(components(ids, ties), [["a", "b", "c"], ["d"]]);
  assert.deepEqual([...spiral(ids, ties)], [...spiral([...ids].reverse(), [...ties].reverse())]);
  assert.deepEqual(spiral(ids, ties).get("a"), { x: 0, y: 0 });
});

test("parts stand apart, and names do not cover each other; what is fixed stays", () => {
  const labels = new Map([["a", "Organisation of something long"], ["b", "Organisation of something else"]]);
  const close = new Map([["a", { x: 0, y: 0 }], ["b", { x: 5, y: 5 }]]);
  const apart = spread(close, labels, new Set(["a"]));
  assert.deepEqual(apart.get("a"), { x: 0, y: 0 });
  const other = apart.get("b");
  assert.ok(Math.abs(other.x) >= 130 || Math.abs(other.y) >= 78);
  const packed = pack([new Map([["x", { x: 0, y: 0 }]]), new Map([["y", { x: 0, y: 0 }]])]);
  assert.notDeepEqual(packed.get("x"), packed.get("y"));
});
