// The wording: it says who says it, and never that it is so.
import assert from "node:assert/strict";
import { test } from "node:test";
import { address } from "../../app/web/page/js/api.js";
import { harmless } from "../../app/web/page/js/exports.js";
import { arrowSentence, claimSentence, day, daySpan, modalityWords, plural } from "../../app/web/page/js/words.js";

const claim = {
  id: "clm-1", type: "accuses", modality: "asserted", speaker: "Dmitry Peskov", speaker_id: "actor-peskov", source: "Russia",
  source_id: "actor-russia", target: "United States", target_id: "actor-united-states", target_named: "Washington",
  target_named_id: "actor-washington", incident: null, incident_label: null, date: "2023-05-04", published: "2023-05-04",
  publisher: "An outlet", denial_kind: null, responds_to: null, confidence: 0.8, cue: "said", title: "=A title, with comma",
  url: null, evidence: { quote: 'he said "so"', part: "text", start: 0, end: 3, article: "art-1" },
};

test("a claim is told as said by its speaker for its source", () => {
  assert.equal(claimSentence(claim), "Dmitry Peskov, for Russia, accuses Washington (United States)");
  assert.equal(claimSentence({ ...claim, speaker_id: "actor-russia", target: null, target_named: null }), "Russia makes an accusation");
});

test("a threat is not told as a deed, a deed only as reported", () => {
  const ends = { source: { label: "A" }, target: { label: "B", kind: "actor" }, kind: "retaliates", phrase: "retaliates against" };
  assert.equal(arrowSentence({ ...ends, modality: "threatened" }), "A threatens to retaliate against B");
  assert.equal(arrowSentence({ ...ends, modality: "carried_out" }), "A is reported to have retaliated against B");
  assert.equal(modalityWords({ ...claim, type: "retaliates", modality: "threatened" }), "threatened, not reported as done");
});

test("days are told as exactly as they are known", () => {
  assert.deepEqual([day("2022-02-08"), day("2022-02"), day("2022"), day(null)], ["8 Feb 2022", "Feb 2022", "2022", ""]);
  assert.equal(daySpan("2023-09-07", "2023-09-18"), "7 – 18 Sep 2023");
  assert.equal(daySpan("2022-12-30", "2023-01-02"), "30 Dec 2022 – 2 Jan 2023");
  assert.equal(daySpan("2022", "2022"), "2022");
});

test("counts agree with their noun", () => {
  assert.deepEqual([plural(1, "claim"), plural(1200, "claim")], ["1 claim", "1,200 claims"]);
});

test("addresses stay relative, repeat lists and leave out what is empty", () => {
  assert.equal(address("subgraph", { actor: ["a", "b"], place: "", since: null, limit: 5 }), "subgraph?actor=a&actor=b&limit=5");
});

test("saved rows cannot run as formulas in a spreadsheet, and stay a table", () => {
  const table = 'id,title,quote,lat\r\n1,=A title,"=he said ""so"", and\r\n-then",-12.5\r\n2,"plain, =x",@all,+3e4\r\n';
  assert.equal(harmless(table), `id,title,quote,lat\r\n1,'=A title,"'=he said ""so"", and\r\n-then",-12.5\r\n2,"plain, =x",'@all,+3e4\r\n`);
});
