// Where nodes stand in, a short text for the address out, and back: so that a picture that grew by and by is found again.

/** @import { Point } from "./arrange.js" */

/**
 * @param {Map<string, Point>} places
 * @returns {string}
 */
export function written(places) {
  return [...places]
    .map(([id, { x, y }]) => [shortName(id), Math.round(x).toString(36), Math.round(y).toString(36)].join("."))
    .sort()
    .join("~");
}

/**
 * @param {string} text as `written` gives it; what cannot be read is left out
 * @param {Iterable<string>} ids of the nodes that may stand in it
 * @returns {Map<string, Point>}
 */
export function readPlaces(text, ids) {
  /** @type {Map<string, Point>} */
  const byName = new Map();
  for (const one of text.split("~")) {
    const [name, x, y] = one.split(".");
    const point = { x: parseInt(x, 36), y: parseInt(y, 36) };
    if (name && Number.isFinite(point.x) && Number.isFinite(point.y)) byName.set(name, point);
  }
  /** @type {Map<string, Point>} */
  const found = new Map();
  for (const id of ids) {
    const point = byName.get(shortName(id));
    if (point) found.set(id, point);
  }
  return found;
}

/**
 * A few letters that stand for an id (FNV-1a; two of five hundred nodes share them once in five hundred pictures, and
 * then only stand in one place).
 * @param {string} id
 */
export function shortName(id) {
  let hash = 0x811c9dc5;
  for (const letter of id) hash = Math.imul(hash ^ /** @type {number} */ (letter.codePointAt(0)), 0x01000193) >>> 0;
  return (hash % 36 ** 5).toString(36);
}
