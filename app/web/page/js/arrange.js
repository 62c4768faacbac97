// The sums of the layout: parts, where each starts, how they stand side by side, and that no name covers another.
// Pure and without chance: the same ids and ties give the same places.

/** @typedef {{ x: number, y: number }} Point */
/** @typedef {[string, string]} Tie */

export const GAP = 90;
/** What a node takes with its name under it. */
export const HEIGHT = 78;
const ASPECT = 1.25;

/**
 * Connected parts, the largest first.
 * @param {string[]} ids
 * @param {Tie[]} ties
 * @returns {string[][]}
 */
export function components(ids, ties) {
  /** @type {Map<string, string>} */
  const parent = new Map(ids.map((id) => [id, id]));
  /** @param {string} id @returns {string} */
  const root = (id) => {
    const up = /** @type {string} */ (parent.get(id));
    if (up === id) return id;
    const top = root(up);
    parent.set(id, top);
    return top;
  };
  for (const [left, right] of ties) parent.set(root(left), root(right));
  /** @type {Map<string, string[]>} */
  const parts = new Map();
  for (const id of [...ids].sort()) {
    const top = root(id);
    parts.set(top, [...(parts.get(top) ?? []), id]);
  }
  return [...parts.values()].sort((left, right) => right.length - left.length || (left[0] < right[0] ? -1 : 1));
}

/**
 * Where a layout starts: a spiral, the best connected in the middle, equals by id.
 * @param {string[]} ids
 * @param {Tie[]} ties
 * @param {Point} [middle]
 * @returns {Map<string, Point>}
 */
export function spiral(ids, ties, middle = { x: 0, y: 0 }) {
  /** @type {Map<string, number>} */
  const degree = new Map();
  for (const end of ties.flat()) degree.set(end, (degree.get(end) ?? 0) + 1);
  const order = [...ids].sort((a, b) => (degree.get(b) ?? 0) - (degree.get(a) ?? 0) || (a < b ? -1 : 1));
  return new Map(
    order.map((id, index) => {
      const angle = index * 2.399963;
      const radius = GAP * Math.sqrt(index);
      return [id, { x: middle.x + radius * Math.cos(angle), y: middle.y + radius * Math.sin(angle) }];
    }),
  );
}

/**
 * Sets connected parts side by side in rows, so that none stands over another.
 * @param {Map<string, Point>[]} parts
 * @returns {Map<string, Point>}
 */
export function pack(parts) {
  const margin = 80;
  const boxes = parts.map((points) => {
    const xs = [...points.values()].map((point) => point.x);
    const ys = [...points.values()].map((point) => point.y);
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    return { points, left, top, width: Math.max(...xs) - left + 2 * margin, height: Math.max(...ys) - top + 1.4 * margin };
  });
  boxes.sort((a, b) => b.height - a.height);
  const widest = Math.max(...boxes.map((box) => box.width));
  // Of several row widths, the one that gives the largest scale in a window of the usual shape.
  const tried = [1, 1.15, 1.3, 1.45, 1.6, 1.8, 2, 2.4, 3, 4, 6].map((factor) => shelve(boxes, widest * factor));
  const { corners } = tried.reduce((best, one) => (one.size < best.size ? one : best));
  /** @type {Map<string, Point>} */
  const placed = new Map();
  for (const [index, box] of boxes.entries()) {
    const { x, y } = corners[index];
    for (const [id, point] of box.points) placed.set(id, { x: x + margin + point.x - box.left, y: y + 0.7 * margin + point.y - box.top });
  }
  return placed;
}

/**
 * Fills rows from the left; beside a tall box, low ones are stacked.
 * @param {{ width: number, height: number }[]} boxes the tallest first
 * @param {number} rowWidth
 * @returns {{ corners: Point[], size: number }} upper left corners, and how large the whole becomes
 */
function shelve(boxes, rowWidth) {
  /** @type {Point[]} */
  const corners = [];
  let row = { y: 0, height: 0, x: 0 };
  let column = { x: 0, y: 0, width: 0 };
  let right = 0;
  for (const box of boxes) {
    const under = column.width >= box.width && column.y + box.height <= row.y + row.height;
    if (!under) {
      if (row.x > 0 && row.x + box.width > rowWidth) row = { y: row.y + row.height, height: 0, x: 0 };
      column = { x: row.x, y: row.y, width: box.width };
      row.height = Math.max(row.height, box.height);
      row.x += box.width;
      right = Math.max(right, row.x);
    }
    corners.push({ x: column.x, y: column.y });
    column.y += box.height;
  }
  return { corners, size: Math.max(right / ASPECT, row.y + row.height) };
}

/**
 * Pushes nodes apart until no node's name lies over another; those that are fixed stay. `labels` are those of the whole picture.
 * @param {Map<string, Point>} points
 * @param {Map<string, string>} labels
 * @param {Set<string>} fixed
 * @returns {Map<string, Point>}
 */
export function spread(points, labels, fixed) {
  const ids = [...points.keys()].sort();
  const at = ids.map((id) => ({ .../** @type {Point} */ (points.get(id)) }));
  // A large picture is seen from afar, and names are drawn larger there (see graph.js).
  const growth = labels.size > 25 ? 1.7 : 1;
  const rooms = ids.map((id) => growth * roomFor(labels.get(id) ?? "") + 8);
  const heights = ids.map((id) => growth * heightFor(labels.get(id) ?? ""));
  const stays = ids.map((id) => fixed.has(id));
  for (let round = 0; round < 160; round += 1) {
    let calm = true;
    for (let i = 0; i < ids.length; i += 1) {
      for (let j = i + 1; j < ids.length; j += 1) {
        const [a, b] = [at[i], at[j]];
        // A name hangs under its node: the upper one tells how much room there must be between the two.
        const height = a.y <= b.y ? heights[i] : heights[j];
        const [over, below] = [(rooms[i] + rooms[j]) / 2 - Math.abs(a.x - b.x), height - Math.abs(a.y - b.y)];
        if (over <= 0 || below <= 0 || (stays[i] && stays[j])) continue;
        calm = false;
        const axis = over < below ? "x" : "y";
        const push = Math.min(over, below) / (stays[i] || stays[j] ? 1 : 2) + 1;
        const sign = a[axis] <= b[axis] ? 1 : -1;
        if (!stays[i]) a[axis] -= sign * push;
        if (!stays[j]) b[axis] += sign * push;
      }
    }
    if (calm) break;
  }
  return new Map(ids.map((id, index) => [id, { x: Math.round(at[index].x), y: Math.round(at[index].y) }]));
}

/**
 * @param {string} label
 * @returns {number} the width that a node takes with its name
 */
export function roomFor(label) {
  return Math.min(135, Math.max(50, label.length * 7.9));
}

/**
 * @param {string} label
 * @returns {number} the height that a node takes with the lines of its name under it
 */
export function heightFor(label) {
  return Math.max(HEIGHT, 44 + 17 * Math.ceil(label.length / 13));
}

/**
 * @param {Point[]} points
 * @returns {Point}
 */
export function mean(points) {
  const sum = points.reduce((a, b) => ({ x: a.x + b.x, y: a.y + b.y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}
