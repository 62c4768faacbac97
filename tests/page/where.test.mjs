// Where disputes stand on the map: never more exactly than their place is known.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fitted, held, labelled, levelOf, wheresOf, zoomed } from "../../app/web/page/js/where.js";

const kesh = { incident: "inc-1", place: "Kesh", place_id: "place-kesh", country: "NOR", lat: 10, lon: 20, precision: "settlement", claims: 3, lineages: 2 };

test("only a site or a settlement with a point is a dot", () => {
  assert.equal(levelOf(kesh), "point");
  assert.equal(levelOf({ ...kesh, precision: "site" }), "point");
  assert.equal(levelOf({ ...kesh, precision: "region" }), "region");
  // A country is never a point, even where somebody gives it one.
  assert.equal(levelOf({ ...kesh, precision: "country" }), "country");
  assert.equal(levelOf({ ...kesh, lat: null, lon: null }), "country");
  assert.equal(levelOf({ ...kesh, precision: "unknown" }), "country");
  assert.equal(levelOf({ ...kesh, precision: "unknown", country: null }), "nowhere");
  assert.equal(levelOf({ ...kesh, lat: null, country: null }), "nowhere");
});

test("disputes of one place stand together, and none is lost", () => {
  const rows = [kesh, { ...kesh, incident: "inc-2", claims: 1, lineages: 1 }, { ...kesh, incident: "inc-3", place: "somewhere", precision: "unknown" }, { ...kesh, incident: "inc-4", place_id: null, place: null, country: null, lat: null, lon: null, precision: "unknown" }];
  const found = wheresOf(rows, (code) => ({ NOR: "Norland" })[code] ?? code);
  assert.deepEqual(found.map((one) => [one.level, one.name, one.disputes.length, one.lineages]), [["point", "Kesh", 2, 3], ["country", "Norland", 1, 2], ["nowhere", "Place not known", 1, 2]]);
  assert.equal(found.reduce((sum, one) => sum + one.disputes.length, 0), rows.length);
  assert.equal(found[1].lat, null);
});

test("what is zoomed at stays under the pointer, and the world stays in its window", () => {
  const before = { k: 2, x: -100, y: -50 };
  const after = zoomed(before, 1.5, [300, 200]);
  assert.equal((300 - before.x) / before.k, (300 - after.x) / after.k);
  assert.deepEqual(held({ k: 1, x: 40, y: -9 }, [600, 400]), { k: 1, x: 0, y: 0 });
  assert.equal(zoomed({ k: 1, x: 0, y: 0 }, 0.2, [0, 0]).k, 1);
});

test("what is drawn is fitted into the window", () => {
  const { k, x, y } = fitted([[100, 100], [160, 130]], [600, 400]);
  for (const [left, top] of [[100, 100], [160, 130]]) {
    assert.ok(left * k + x >= 0 && left * k + x <= 600);
    assert.ok(top * k + y >= 0 && top * k + y <= 400);
  }
  assert.ok(k > 1);
  assert.deepEqual(fitted(null, [600, 400]), { k: 1, x: 0, y: 0 });
});

test("no name lies over another or over a dot", () => {
  const at = (x, y) => ({ x, y, r: 5, width: 40 });
  assert.deepEqual(labelled([at(50, 50), at(70, 52), at(50, 120), at(390, 200)], [400, 300]), [false, true, true, false]);
});
