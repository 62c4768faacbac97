// Checking a receipt in the browser: the hash is of title, line feed, text; places are code points, not UTF-16 units.
import assert from "node:assert/strict";
import { createHash, webcrypto } from "node:crypto";
import { test } from "node:test";
import { checks, document, quoteAt, sha256 } from "../../app/web/page/js/verify.js";

const text = "🌍🔥 Norland blamed Sudria for it. Sudria denied it.";
const quote = "Norland blamed Sudria for it";
const start = 3;
const end = start + [...quote].length;
const article = { title: "Über eine Brücke 🌉", text };
const stated = createHash("sha256").update(`${article.title}\n${text}`, "utf8").digest("hex");
const receipt = { quote, part: "text", start, end, before: "🌍🔥 ", after: ". Sudria denied it.", article_sha256: stated };

test("the hash is that of title, line feed and text in UTF-8", async () => {
  assert.equal(await sha256(document(article.title, text), webcrypto.subtle), stated);
  const outcomes = (await checks(receipt, article, webcrypto.subtle)).map((one) => one.outcome);
  assert.deepEqual(outcomes, ["pass", "pass"]);
});

test("places count code points: UTF-16 units would be two further on", () => {
  assert.equal(text.slice(start, end) === quote, false);
  assert.equal(quoteAt(text, receipt).outcome, "pass");
  assert.equal(quoteAt(text, { ...receipt, start: start + 2, end: end + 2 }).outcome, "fail");
});

test("a changed letter, a moved quote and other words around it fail", async () => {
  const [hash, place] = await checks(receipt, { ...article, text: text.replace("denied", "denies") }, webcrypto.subtle);
  assert.deepEqual([hash.outcome, place.outcome], ["fail", "fail"]);
  assert.match(place.words, /words around it/);
  assert.equal(quoteAt(`x${text}`, receipt).outcome, "fail");
});

test("without a hash function it says so and still looks at the quote", async () => {
  const [hash, place] = await checks(receipt, article, undefined);
  assert.deepEqual([hash.outcome, place.outcome], ["not_checked", "pass"]);
  assert.match(hash.words, /https/);
});

test("a quote in the title is looked for in the title", async () => {
  const inTitle = { ...receipt, part: "title", quote: "🌉", start: 17, end: 18, before: "Brücke ", after: "" };
  const [, place] = await checks(inTitle, article, webcrypto.subtle);
  assert.equal(place.outcome, "pass");
  assert.match(place.words, /title/);
});
