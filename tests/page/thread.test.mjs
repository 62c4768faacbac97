// How a thread is laid out: every claim once, every link once, arrows only along links, none in a circle.
import assert from "node:assert/strict";
import { test } from "node:test";
import { basisWords, lagWords, rowsOf } from "../../app/web/page/js/thread.js";

const claim = (id, date = "2024-03-01") => ({ id, date, published: null });
const link = (start, end, kind = "denies", more = {}) => ({ start, end, link: kind, basis: "inferred", rule: "accused_denies", why: "same incident; the accused denies", confidence: 0.5, narrower: null, ...more });
const shape = (rows) => rows.map((row) => row.steps.map((step) => step.map((card) => [card.claim.id, ...card.again.map((one) => one.id)].join("+"))));

test("answers stand in the row under what they answer, the unlinked by itself", () => {
  const rows = rowsOf({ claims: ["a", "b", "c", "d"].map((id) => claim(id)), links: [link("b", "a"), link("c", "b", "responds")] });
  assert.deepEqual(shape(rows), [[["a"], ["b"], ["c"]], [["d"]]]);
  assert.equal(rows[1].root.link, null);
});

test("what is told again is one card, also where it is told again in turn", () => {
  const rows = rowsOf({ claims: ["a", "a2", "a3", "b"].map((id) => claim(id)), links: [link("a3", "a2", "repeats"), link("a2", "a", "repeats"), link("b", "a3")] });
  assert.deepEqual(shape(rows), [[["a+a2+a3"], ["b"]]]);
  assert.equal(rows[0].steps[1][0].to, "a");
});

test("the article's own word goes before a rule, and no link is lost", () => {
  const links = [link("c", "a", "denies", { confidence: 0.9 }), link("c", "b", "denies", { basis: "explicit", confidence: 0.8 }), link("c", "a", "corroborates", { confidence: 0.7 })];
  const rows = rowsOf({ claims: ["a", "b", "c"].map((id) => claim(id)), links });
  const card = rows[1].steps[1][0];
  assert.deepEqual([card.to, card.link.basis], ["b", "explicit"]);
  assert.equal(card.also.length, 2);
});

test("a later report of an answered claim that answers its answer closes no circle", () => {
  const rows = rowsOf({ claims: ["a", "b", "a2"].map((id) => claim(id)), links: [link("b", "a"), link("a2", "a", "repeats"), link("a2", "b", "responds")] });
  assert.deepEqual(shape(rows), [[["a+a2"], ["b"]]]);
  assert.deepEqual(rows[0].root.also.map((one) => one.link).sort(), ["repeats", "responds"]);
});

test("days between are told as exactly as both days are known", () => {
  assert.equal(lagWords(claim("a", "2024-03-01"), claim("b", "2024-03-03")), "2 days later");
  assert.equal(lagWords(claim("a"), claim("b")), "the same day");
  assert.equal(lagWords(claim("a", "2024-03-03"), claim("b", "2024-03-02")), "said 1 day earlier");
  assert.equal(lagWords(claim("a", "2024-03-01"), claim("b", "2024-04")), "31 to 60 days later");
  assert.equal(lagWords(claim("a", "2024-03"), claim("b", "2024-03-09")), "days between not told exactly");
  assert.equal(lagWords(claim("a", null), claim("b")), "days between not known");
});

test("a link tells what it rests on", () => {
  assert.equal(basisWords(link("b", "a", "denies", { basis: "explicit", why: "the article says that it answers it" })), "the article says that it answers it");
  assert.match(basisWords(link("b", "a")), /rule “accused_denies”.*50%/);
});
