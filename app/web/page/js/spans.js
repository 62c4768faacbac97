// A text and the places of quotes in it in, a row of plain and marked pieces out. Places are counted in Unicode code
// points, as the ledger counts them; JavaScript's own strings count UTF-16 units, so every place is converted first.

/** @typedef {{ id: string, start: number, end: number, quote: string }} Span */
/** @typedef {{ text: string, ids: string[] }} Piece */

/**
 * Where in a JavaScript string the given code points begin; a place beyond the end becomes the string's length.
 * @param {string} text
 * @param {number[]} places counted in code points, in any order
 * @returns {Map<number, number>}
 */
export function codeUnits(text, places) {
  const wanted = [...new Set(places)].sort((left, right) => left - right);
  /** @type {Map<number, number>} */
  const found = new Map();
  let unit = 0;
  let point = 0;
  for (const place of wanted) {
    while (point < place && unit < text.length) {
      unit += /** @type {number} */ (text.codePointAt(unit)) > 0xffff ? 2 : 1;
      point += 1;
    }
    found.set(place, unit);
  }
  return found;
}

/**
 * Cuts a text at the borders of the spans. Spans may overlap; a piece names every span that covers it.
 * A span whose words are not those of the text at that place is not marked but reported: a highlight is never guessed.
 * @param {string} text
 * @param {Span[]} spans
 * @returns {{ pieces: Piece[], mismatched: string[] }}
 */
export function cut(text, spans) {
  const units = codeUnits(text, spans.flatMap((span) => [span.start, span.end]));
  /** @type {string[]} */
  const mismatched = [];
  /** @type {{ id: string, from: number, to: number }[]} */
  const placed = [];
  for (const span of spans) {
    const from = units.get(span.start) ?? 0;
    const to = units.get(span.end) ?? 0;
    if (to > from && text.slice(from, to) === span.quote) placed.push({ id: span.id, from, to });
    else mismatched.push(span.id);
  }
  const borders = [...new Set([0, text.length, ...placed.flatMap(({ from, to }) => [from, to])])].sort((a, b) => a - b);
  /** @type {Piece[]} */
  const pieces = [];
  for (let index = 0; index + 1 < borders.length; index += 1) {
    const [from, to] = [borders[index], borders[index + 1]];
    const ids = placed.filter((span) => span.from <= from && to <= span.to).map((span) => span.id);
    pieces.push({ text: text.slice(from, to), ids });
  }
  return { pieces, mismatched };
}
