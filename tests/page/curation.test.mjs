// Decisions in words, and the name of whoever decides: kept where the browser keeps things, and lost with the page elsewhere.
import assert from "node:assert/strict";
import { test } from "node:test";
import { curator, decide, nameCurator, rulingWords } from "../../app/web/page/js/curation.js";

const row = { id: "dec-1", kind: "split", subject: "actor-a", subject_label: "Red Heron", object: "actor-b", object_label: "Norland", field: null, value: null, by: "Ana Brel", reason: "why" };

test("a decision is told in words", () => {
  assert.equal(rulingWords(row), "Red Heron and Norland: held to be two");
  assert.equal(rulingWords({ ...row, kind: "merge", object_label: null }), "Red Heron and actor-b: held to be one");
  assert.equal(rulingWords({ ...row, kind: "merge", object_label: "Red Heron" }), "Red Heron (actor-a) and Red Heron (actor-b): held to be one");
  assert.equal(rulingWords({ ...row, kind: "correct", object: null, object_label: null, field: "denial_kind", value: null, subject_label: "it denied it" }), "denial kind of “it denied it”: corrected to unknown");
  assert.equal(rulingWords({ ...row, kind: "undo", subject: "dec-9", subject_label: null, object: null, object_label: null }), "Decision dec-9: taken back");
});

test("nobody decides without a name", async () => {
  nameCurator("  ");
  assert.equal(curator(), "");
  await assert.rejects(decide({ kind: "retract", subject: "clm-1", reason: "why" }), /name/);
});

test("a browser that keeps nothing keeps the name as long as the page", () => {
  globalThis.localStorage = { getItem() { throw new Error("no"); }, setItem() { throw new Error("no"); }, removeItem() { throw new Error("no"); } };
  nameCurator(" Ana Brel ");
  assert.equal(curator(), "Ana Brel");
  delete globalThis.localStorage;
});
