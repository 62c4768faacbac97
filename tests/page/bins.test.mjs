// The sums of the timeline: what a date spans, which bar it lies in, how long bars are, where marks stand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { binOf, daysOf, rowsOf, scale, span, ticks, unitFor, when } from "../../app/web/page/js/bins.js";

test("a date spans the days it may mean, and an open end spans none", () => {
  assert.deepEqual(span("2024-03-02"), ["2024-03-02", "2024-03-02"]);
  assert.deepEqual(span("2024-02"), ["2024-02-01", "2024-02-29"]);
  assert.deepEqual(span("2023"), ["2023-01-01", "2023-12-31"]);
  assert.deepEqual(span("2023-12/2024-01-05"), ["2023-12-01", "2024-01-05"]);
  for (const open of ["2024-03-01/..", "../2024", "", null, undefined, "soon"]) assert.equal(span(open), null);
});

test("each clock looks at its own day, and said falls back on published", () => {
  const claim = { date: null, published: "2024-05-01", happened: "2024-04", ingested: "2026-01-02T03:04:05+00:00" };
  assert.deepEqual(when(claim, "said"), ["2024-05-01", "2024-05-01"]);
  assert.deepEqual(when({ ...claim, date: "2024-04-30" }, "said"), ["2024-04-30", "2024-04-30"]);
  assert.deepEqual(when(claim, "happened"), ["2024-04-01", "2024-04-30"]);
  assert.deepEqual(when(claim, "ingested"), ["2026-01-02", "2026-01-02"]);
  assert.equal(when({ ...claim, happened: null }, "happened"), null);
});

test("a week is named by its Monday, before 1970 too", () => {
  assert.equal(binOf("2024-03-01", "week"), "2024-02-26");
  assert.equal(binOf("2024-02-26", "week"), "2024-02-26");
  assert.equal(binOf("2024-03-03", "week"), "2024-02-26");
  assert.equal(binOf("1969-12-31", "week"), "1969-12-29");
  assert.deepEqual(["day", "month", "year"].map((unit) => binOf("2024-03-01", unit)), ["2024-03-01", "2024-03", "2024"]);
  for (const unit of ["day", "week", "month", "year"]) {
    const [first, last] = daysOf(binOf("2024-02-29", unit), unit);
    assert.ok(first <= "2024-02-29" && "2024-02-29" <= last, unit);
  }
});

test("bars are as short as keeps them few", () => {
  assert.equal(unitFor("2024-01-01", "2024-04-20"), "day");
  assert.equal(unitFor("2024-01-01", "2025-12-31"), "week");
  assert.equal(unitFor("2015-01-01", "2024-12-31"), "month");
  assert.equal(unitFor("1950-01-01", "2024-12-31"), "year");
});

test("marks of the axis stand in order, inside, and are no more than asked for", () => {
  for (const [first, last] of [["2024-01-30", "2024-02-03"], ["2023-11-16", "2023-12-01"], ["2021-05-13", "2025-04-09"], ["1948-01-01", "2024-01-01"], ["2024-05-05", "2024-05-05"]]) {
    const found = ticks(first, last, 8);
    assert.ok(found.length >= 1 && found.length <= 9, `${first} ${found.length}`);
    for (const [index, mark] of found.entries()) {
      assert.ok(mark.at >= 0 && mark.at <= 1);
      if (index) assert.ok(mark.at > found[index - 1].at);
    }
  }
  assert.deepEqual(ticks("2021-05-13", "2025-04-09", 8).map((mark) => mark.text), ["Jul 2021", "Jan 2022", "Jul 2022", "Jan 2023", "Jul 2023", "Jan 2024", "Jul 2024", "Jan 2025"]);
});

test("a scale of counts has whole numbers and room for the highest bar", () => {
  for (const most of [0, 1, 3, 4, 5, 49, 101, 3700, 250_000]) {
    const { top, lines } = scale(most);
    assert.ok(top >= most && top > 0, String(most));
    assert.ok(lines.length <= 6 && lines[0] === 0 && lines.at(-1) === top, String(most));
    assert.ok(lines.every(Number.isInteger), String(most));
  }
});

test("marks that would lie over one another get rows of their own", () => {
  assert.deepEqual(rowsOf([[0, 0.1], [0.05, 0.2], [0.1, 0.3], [0.15, 0.2]]), [0, 1, 0, 2]);
});
