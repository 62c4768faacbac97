// Which cell of the matrix an arrow key leads to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { next } from "../../app/web/page/js/views/matrix.js";

// Two rows and three columns with their headings (-1); the cells (0,1) and (1,0) are empty.
const places = [[-1, 0], [-1, 1], [-1, 2], [0, -1], [0, 0], [0, 2], [1, -1], [1, 1], [1, 2]];
const to = (from, key, far) => {
  const found = next(places, from, key, far);
  return found === undefined || found < 0 ? found : places[found];
};

test("arrows jump over empty cells and end at the headings", () => {
  assert.deepEqual(to([0, 0], "ArrowRight"), [0, 2]);
  assert.deepEqual(to([0, 2], "ArrowLeft"), [0, 0]);
  assert.deepEqual(to([0, 0], "ArrowLeft"), [0, -1]);
  assert.deepEqual(to([0, 2], "ArrowDown"), [1, 2]);
  assert.deepEqual(to([1, 1], "ArrowUp"), [-1, 1]);
  assert.deepEqual(to([-1, 0], "ArrowRight"), [-1, 1]);
  assert.equal(to([1, 2], "ArrowRight"), -1);
});

test("Home and End reach the outermost cells, with Ctrl those of the whole table", () => {
  assert.deepEqual(to([1, 2], "Home"), [1, 1]);
  assert.deepEqual(to([0, 0], "End"), [0, 2]);
  assert.deepEqual(to([1, 1], "Home", true), [0, 0]);
  assert.deepEqual(to([0, 0], "End", true), [1, 2]);
  assert.equal(to([0, 0], "Tab"), undefined);
});
