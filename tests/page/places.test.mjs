// Places of nodes in the address, the bars of the histogram, and colours that are told apart by whoever sees fewer of them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { heightFor, spread } from "../../app/web/page/js/arrange.js";
import { units } from "../../app/web/page/js/brush.js";
import { readPlaces, shortName, written } from "../../app/web/page/js/places.js";

test("places are read as they were written, and only those of known nodes", () => {
  const places = new Map([["actor-a", { x: 12, y: -40 }], ["actor-côte-d'ivoire", { x: -1234, y: 0 }]]);
  const text = written(places);
  assert.equal(encodeURIComponent(text), text);
  assert.deepEqual(readPlaces(text, places.keys()), places);
  assert.deepEqual(readPlaces(text, ["actor-b"]), new Map());
  assert.deepEqual(readPlaces("nonsense~.1~x.y", ["actor-a"]), new Map());
});

test("many ids have names of their own", () => {
  const names = new Set(Array.from({ length: 2000 }, (_, at) => shortName(`actor-number-${at}`)));
  assert.ok(names.size >= 1999);
});

test("bars stand for every unit from the first to the last", () => {
  assert.deepEqual(units(["2023-11", "2024-02"], "month"), ["2023-11", "2023-12", "2024-01", "2024-02"]);
  assert.deepEqual(units(["2024-02-28", "2024-03-01"], "day"), ["2024-02-28", "2024-02-29", "2024-03-01"]);
  assert.deepEqual(units(["1899", "1901"], "year"), ["1899", "1900", "1901"]);
  assert.deepEqual(units([], "day"), []);
});

test("a long name gets room for its lines", () => {
  const long = "Permanent Mission of a Federation with a long name";
  assert.ok(heightFor(long) > heightFor("Fed"));
  const apart = spread(new Map([["a", { x: 0, y: 0 }], ["b", { x: 0, y: 80 }]]), new Map([["a", long], ["b", "Fed"]]), new Set());
  assert.ok(apart.get("b").y - apart.get("a").y >= heightFor(long) - 1 || Math.abs(apart.get("b").x - apart.get("a").x) > 60);
});

// Machado, Oliveira and Fernandes 2009, severity 1: what protanopes, deuteranopes and tritanopes see of linear RGB.
const SEEN = {
  all: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopes: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopes: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopes: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};
const style = readFileSync(new URL("../../app/web/page/style.css", import.meta.url), "utf8");

function colour(name, theme) {
  const found = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(style);
  return [1, 3, 5].map((at) => parseInt(found[theme].slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
}

function lab(rgb) {
  const xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]].map((row, at) => row.reduce((sum, one, i) => sum + one * Math.min(1, Math.max(0, rgb[i])), 0) / [0.9505, 1, 1.089][at]);
  const [x, y, z] = xyz.map((one) => (one > 0.008856 ? Math.cbrt(one) : 7.787 * one + 16 / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

for (const [theme, index] of [["light", 1], ["dark", 2]])
  for (const [who, matrix] of Object.entries(SEEN))
    test(`accusation, denial and retaliation are told apart by ${who} in the ${theme} theme`, () => {
      const names = ["accuses", "denies", "retaliates"];
      const seen = names.map((name) => lab(matrix.map((row) => row.reduce((sum, one, i) => sum + one * colour(name, index)[i], 0))));
      for (const [i, j] of [[0, 1], [0, 2], [1, 2]]) {
        const apart = Math.hypot(...seen[i].map((one, at) => one - seen[j][at]));
        // A difference of 2.3 is just seen; ten of these are seen at once.
        assert.ok(apart > 20, `${names[i]} and ${names[j]}: ${apart.toFixed(1)}`);
      }
    });
