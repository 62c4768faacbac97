// Marking quotes in a text: places count code points, spans overlap, and a wrong place is reported, never guessed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { codeUnits, cut } from "../../app/web/page/js/spans.js";

/** A span as the ledger counts it: in code points. */
function span(id, text, quote) {
  const before = [...text.slice(0, text.indexOf(quote))].length;
  return { id, quote, start: before, end: before + [...quote].length };
}

test("code points before an astral character are not counted twice", () => {
  const text = "🚢 a 🚢 b";
  assert.deepEqual([...codeUnits(text, [2, 6, 99])], [[2, 3], [6, 8], [99, text.length]]);
});

test("a quote behind astral and combining characters is cut where it stands", () => {
  const text = "🚢🚢 Éritrée: «Kyiv denied it» 🚢.";
  const { pieces, mismatched } = cut(text, [span("c1", text, "Kyiv denied it")]);
  assert.deepEqual(mismatched, []);
  assert.deepEqual(pieces.filter((piece) => piece.ids.length), [{ text: "Kyiv denied it", ids: ["c1"] }]);
  assert.equal(pieces.map((piece) => piece.text).join(""), text);
});

test("overlapping spans share a piece", () => {
  const text = "abcdef";
  const { pieces } = cut(text, [span("x", text, "abcd"), span("y", text, "cdef")]);
  assert.deepEqual(pieces, [
    { text: "ab", ids: ["x"] },
    { text: "cd", ids: ["x", "y"] },
    { text: "ef", ids: ["y"] },
  ]);
});

test("a quote that does not stand there is not marked", () => {
  const { pieces, mismatched } = cut("abcdef", [{ id: "z", start: 1, end: 3, quote: "xx" }]);
  assert.deepEqual(mismatched, ["z"]);
  assert.deepEqual(pieces, [{ text: "abcdef", ids: [] }]);
});

test("an empty text has no pieces", () => {
  assert.deepEqual(cut("", []), { pieces: [], mismatched: [] });
});
