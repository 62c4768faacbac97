// The page's state and its address: what is written is read back, and nonsense is left at its default.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, defaults, encode, filtersInForce, kindOfId } from "../../app/web/page/js/state.js";

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
    rollup: false,
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
  const state = decode("since=yesterday&limit=99999&hops=0&confidence=abc&tab=map&sort=colour:up&pin=x:a,b&select=all&expand=:5");
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
