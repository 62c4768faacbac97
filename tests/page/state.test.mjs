// The page's state and its address: what is written is read back, and nonsense is left at its default.
import assert from "node:assert/strict";
import { test } from "node:test";
import { claimParams, decode, defaults, encode, filtersInForce, kindOfId, TABS } from "../../app/web/page/js/state.js";

test("the default state has an empty address", () => {
  assert.equal(encode(defaults()), "");
  assert.deepEqual(decode(""), defaults());
});

test("a full state survives the address", () => {
  const state = {
    ...defaults(),
    tab: "table",
    actors: ["actor-côte-d'ivoire", "actor-a&b=c"],
    place: "Sèmè-Kpodji, #3",
    kinds: ["accuses", "located_in"],
    since: "2022-02",
    until: "2023-01-31",
    publisher: "Red Sea Review",
    confidence: 0.55,
    hops: 2,
    limit: 300,
    rollup: "off",
    role: "target",
    clock: "happened",
    modality: ["threatened", "called_for"],
    at: "k3f9.2a.-4f~zz.0.1",
    thread: "clm-2",
    shownIncident: "inc-2",
    shownActor: "actor-z",
    merge: false,
    expand: [{ id: "actor-x:y", n: 40 }],
    hide: ["inc-1"],
    pins: { "actor-x:y": [12, -40] },
    select: "edge:actor-a>actor-b|accuses|asserted|",
    article: "art-1",
    quote: "clm-1",
    sort: "source:asc",
  };
  assert.deepEqual(decode(encode(state)), state);
  assert.deepEqual(decode(`#${encode(state)}`), state);
});

test("no ticked kind is not the same as the usual kinds", () => {
  assert.deepEqual(decode(encode({ ...defaults(), kinds: [] })).kinds, []);
});

test("what cannot be read stays at its default, numbers within their bounds", () => {
  const state = decode("since=yesterday&limit=99999&hops=0&confidence=abc&tab=maps&clock=wall&role=both&rollup=some&modality=felt&sort=colour:up&pin=x:a,b&select=all&expand=:5");
  assert.deepEqual({ ...state, limit: 150 }, defaults());
  assert.equal(state.limit, 500);
});

test("an incident in focus leaves no actor in focus", () => {
  assert.deepEqual(decode("actor=actor-a&incident=inc-1").actors, []);
});

test("filters in force are told from focus and drawing", () => {
  assert.equal(filtersInForce({ ...defaults(), actors: ["a"], hops: 2, merge: false }), false);
  assert.equal(filtersInForce({ ...defaults(), until: "2020" }), true);
});

test("an id tells what it names", () => {
  assert.deepEqual(["actor-a", "inc-1", "place-obock"].map(kindOfId), ["actor", "incident", "place"]);
});

test("every tab has a name of its own in the address", () => {
  for (const tab of TABS) assert.equal(decode(encode({ ...defaults(), tab })).tab, tab);
});

test("roll-up, role and modality are filters; the role only where an actor is in focus", () => {
  assert.equal(filtersInForce({ ...defaults(), rollup: "off" }), true);
  assert.equal(filtersInForce({ ...defaults(), modality: ["threatened"] }), true);
  assert.equal(filtersInForce({ ...defaults(), role: "source" }), false);
  assert.equal(filtersInForce({ ...defaults(), role: "source", actors: ["a"] }), true);
});

test("what is usual is not asked for", () => {
  const empty = Object.entries(claimParams(defaults())).filter(([, value]) => value !== "" && value.length !== 0);
  assert.deepEqual(empty, []);
  const asked = claimParams({ ...defaults(), actors: ["a"], role: "target", rollup: "state", clock: "published" });
  assert.deepEqual([asked.actor, asked.role, asked.rollup, asked.clock], [["a"], "target", "state", "published"]);
});
