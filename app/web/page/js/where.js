// Disputes in, where they stand on a map out: each at the precision that its place is known with, and never more exactly.

/** @import { Dispute } from "./types.js" */
/** @typedef {"point" | "region" | "country" | "nowhere"} Level */

/**
 * Disputes that stand at one place of the map.
 * @typedef {object} Where
 * @property {string} key
 * @property {Level} level
 * @property {string} name
 * @property {string | null} country alpha-3
 * @property {number | null} lat
 * @property {number | null} lon
 * @property {Dispute[]} disputes
 * @property {number} claims
 * @property {number} lineages of its incidents, added up
 */

/**
 * A dot is for what is known to a settlement or a site; a region's extent is not known; a country is never a point.
 * @param {Dispute} dispute
 * @returns {Level}
 */
export function levelOf(dispute) {
  const pointed = typeof dispute.lat === "number" && typeof dispute.lon === "number";
  if (pointed && (dispute.precision === "site" || dispute.precision === "settlement")) return "point";
  if (pointed && dispute.precision === "region") return "region";
  return dispute.country ? "country" : "nowhere";
}

/**
 * @param {Dispute[]} disputes
 * @param {(alpha3: string) => string} countryName
 * @returns {Where[]} those of most independent texts first
 */
export function wheresOf(disputes, countryName) {
  /** @type {Map<string, Where>} */
  const found = new Map();
  for (const dispute of disputes) {
    const level = levelOf(dispute);
    const exact = level === "point" || level === "region";
    const key = exact ? (dispute.place_id ?? `${dispute.lat},${dispute.lon}`) : level === "country" ? `country-${dispute.country}` : "nowhere";
    let where = found.get(key);
    if (!where) {
      const name = exact ? (dispute.place ?? "a place not named") : level === "country" ? countryName(/** @type {string} */ (dispute.country)) : "Place not known";
      where = { key, level, name, country: level === "nowhere" ? null : dispute.country, lat: exact ? dispute.lat : null, lon: exact ? dispute.lon : null, disputes: [], claims: 0, lineages: 0 };
      found.set(key, where);
    }
    where.disputes.push(dispute);
    where.claims += dispute.claims;
    where.lineages += dispute.lineages;
  }
  return [...found.values()].sort((a, b) => b.lineages - a.lineages || b.claims - a.claims || (a.key < b.key ? -1 : 1));
}

/**
 * @param {number} lineages
 * @returns {number} radius of a dot, whose area grows with the number of independent texts
 */
export function radius(lineages) {
  return Math.min(26, 4 + 2.4 * Math.sqrt(lineages));
}

/** @typedef {{ k: number, x: number, y: number }} Zoom */

/**
 * @param {Zoom} zoom
 * @param {number} factor
 * @param {[number, number]} at what stays where it is, on the screen
 * @returns {Zoom}
 */
export function zoomed(zoom, factor, at) {
  const k = Math.min(40, Math.max(1, zoom.k * factor));
  return { k, x: at[0] - ((at[0] - zoom.x) * k) / zoom.k, y: at[1] - ((at[1] - zoom.y) * k) / zoom.k };
}

/**
 * The zoom that shows a box with some room around it.
 * @param {[[number, number], [number, number]] | null} box in the map's own units; null shows the whole world
 * @param {[number, number]} size of the window
 * @returns {Zoom}
 */
export function fitted(box, [width, height]) {
  if (!box) return { k: 1, x: 0, y: 0 };
  const [[left, top], [right, bottom]] = box;
  const k = Math.min(10, Math.max(1, 0.8 * Math.min(width / Math.max(1, right - left), height / Math.max(1, bottom - top))));
  return held({ k, x: width / 2 - (k * (left + right)) / 2, y: height / 2 - (k * (top + bottom)) / 2 }, [width, height]);
}

/**
 * Keeps the world in its window.
 * @param {Zoom} zoom
 * @param {[number, number]} size
 * @returns {Zoom}
 */
export function held({ k, x, y }, [width, height]) {
  return { k, x: Math.min(0, Math.max(width * (1 - k), x)), y: Math.min(0, Math.max(height * (1 - k), y)) };
}

/**
 * Which names can be written without one lying over another or over a dot; the first named goes first.
 * @param {{ x: number, y: number, r: number, width: number }[]} marks on the screen
 * @param {[number, number]} size
 * @returns {boolean[]}
 */
export function labelled(marks, [width, height]) {
  /** @type {[number, number, number, number][]} */
  const taken = [];
  const dots = marks.map(({ x, y, r }) => /** @type {[number, number, number, number]} */ ([x - r, y - r, x + r, y + r]));
  return marks.map((mark, index) => {
    const box = /** @type {[number, number, number, number]} */ ([mark.x + mark.r + 2, mark.y - 8, mark.x + mark.r + 4 + mark.width, mark.y + 8]);
    if (box[0] < 0 || box[1] < 0 || box[2] > width || box[3] > height) return false;
    const hits = (/** @type {[number, number, number, number]} */ other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1];
    if (taken.some(hits) || dots.some((dot, at) => at !== index && hits(dot))) return false;
    taken.push(box);
    return true;
  });
}
