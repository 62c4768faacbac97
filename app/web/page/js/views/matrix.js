// The state in, who says it of whom as a table out: rows act, columns are addressed; behind each cell, its quotes.
import { h, refill } from "../dom.js";
import { claimsBetween, matrix } from "../overviews.js";
import { claimParams, MOST_ACTORS, typesOf } from "../state.js";
import { figure, plural } from "../words.js";
import { glyph, partWords, SIGN_WORDS, signOf } from "./glyphs.js";

/** @import { Cell, Heading, Matrix, Shell, State } from "../types.js" */

/** Quotes that a cell shows at most. */
const MOST_QUOTES = 500;
/** Rows and columns that "Show more" adds. */
const MORE = 30;

export class MatrixView {
  /**
   * @param {HTMLElement} place
   * @param {Shell} shell
   */
  constructor(place, shell) {
    this.shell = shell;
    /** @type {Matrix | null} */
    this.answer = null;
    this.asked = "";
    /** What the panel beside it shows quotes of. */
    this.opened = "";
    this.order = h("select", { id: "matrix-order", onchange: () => shell.go({ order: this.order.value }) }, h("option", { value: "weight" }, "most independent texts first"), h("option", { value: "name" }, "by name"));
    this.note = h("p", { class: "quiet", id: "matrix-note" });
    this.table = h("table", { id: "matrix", "aria-describedby": "matrix-note" });
    this.frame = h("div", { class: "matrix-frame", role: "region", "aria-label": "Matrix of who speaks of whom", tabindex: 0 }, this.table);
    this.below = h("div", { class: "matrix-below" });
    const legend = Object.entries(SIGN_WORDS).map(([sign, words]) => h("li", {}, glyph(/** @type {any} */ (sign)), ` ${words}`));
    refill(
      place,
      h("div", { class: "signs-top" }, h("label", {}, "Order ", this.order), h("ul", { class: "signs", "aria-label": "Signs" }, legend)),
      this.note,
      this.frame,
      this.below,
    );
    this.table.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#move(event));
    this.table.addEventListener("focusin", (/** @type {FocusEvent} */ event) => this.#stop(/** @type {HTMLElement} */ (event.target)));
  }

  /** @param {State} state */
  key(state) {
    return JSON.stringify([claimParams(state), typesOf(state), state.top, state.order, state.look]);
  }

  /**
   * @param {State} state
   * @param {AbortSignal} signal
   */
  async show(state, signal) {
    const types = typesOf(state);
    const params = { ...claimParams(state), kind: types, top: state.top };
    const asked = JSON.stringify([params, this.shell.revision()]);
    if (asked !== this.asked || !this.answer) {
      const answer = types.length ? await matrix(params, signal) : null;
      signal.throwIfAborted();
      [this.answer, this.asked, this.opened] = [answer, asked, ""];
      for (const head of answer ? [...answer.sources, ...answer.targets] : []) this.shell.names.set(head.id, head.label);
    }
    this.order.value = state.order;
    this.#draw(state);
    await this.#open(state, signal);
  }

  summary() {
    const found = this.answer;
    if (!found) return "No type of claim is ticked.";
    const shown = found.cells.reduce((sum, cell) => sum + cell.claims, 0);
    return `${figure(shown)} of ${plural(found.total, "claim")} in ${plural(found.cells.length, "cell")} between ${figure(found.sources.length)} of ${plural(found.all_sources, "source")} and ${figure(found.targets.length)} of ${plural(found.all_targets, "target")}.`;
  }

  /** @param {State} state */
  #draw(state) {
    const found = this.answer;
    this.frame.hidden = !found?.cells.length;
    refill(this.below);
    if (!found) return refill(this.note, "No type of claim is ticked: tick one under “Claims”.");
    if (!found.cells.length) return refill(this.note, found.total ? "None of the matching claims names its target: they are in the Table." : "No claims match. Loosen the filters to see who speaks of whom.");
    refill(this.note, "Rows speak or act, columns are spoken of or acted against. Each number counts independent texts, not copies. All of it is what articles report. Arrow keys move, Enter shows the quotes.");
    const [sources, targets] = [sorted(found.sources, state.order), sorted(found.targets, state.order)];
    const cells = new Map(found.cells.map((cell) => [`${cell.source}>${cell.target}`, cell]));
    const head = h(
      "tr",
      {},
      h("td", { class: "corner" }, h("span", { class: "by" }, "by"), h("span", { class: "of" }, "of")),
      targets.map((one, column) => h("th", { scope: "col", dataset: { target: one.id } }, this.#actor(one, -1, column))),
    );
    const rows = sources.map((one, row) =>
      h(
        "tr",
        {},
        h("th", { scope: "row", dataset: { source: one.id } }, this.#actor(one, row, -1)),
        targets.map((other, column) => {
          const cell = cells.get(`${one.id}>${other.id}`);
          if (cell) return h("td", {}, this.#cell(cell, one, other, row, column, state));
          return h("td", { class: one.id === other.id ? "self" : null });
        }),
      ),
    );
    refill(this.table, h("caption", { class: "unseen" }, "Who (rows) says it of whom (columns), in independent texts"), h("thead", {}, head), h("tbody", {}, rows));
    const chosen = this.table.querySelector("[aria-pressed='true']") ?? this.table.querySelector("td button");
    if (chosen) chosen.tabIndex = 0;
    const more = (found.all_sources > found.sources.length || found.all_targets > found.targets.length) && state.top < MOST_ACTORS;
    const parts = [];
    if (found.left_out) parts.push(`${plural(found.left_out, "claim")} between actors that are not shown.`);
    if (found.without_target) parts.push(`${plural(found.without_target, "claim")} that ${found.without_target === 1 ? "names" : "name"} no target: see the Table.`);
    if (found.undated_left_out) parts.push(`${plural(found.undated_left_out, "claim")} left out by the dates, because nothing tells their day.`);
    refill(this.below, h("p", { class: "quiet", id: "matrix-left" }, parts.join(" ")), more ? h("button", { type: "button", id: "matrix-more", onclick: () => this.shell.go({ top: Math.min(MOST_ACTORS, state.top + MORE) }) }, `Show ${MORE} more rows and columns`) : null);
  }

  /**
   * @param {Heading} one
   * @param {number} row
   * @param {number} column
   */
  #actor(one, row, column) {
    const title = `${one.label}: ${plural(one.claims, "claim")} from ${plural(one.lineages, "independent text")}. Opens the actor.`;
    return h("button", { type: "button", class: "plain", tabindex: -1, title, dataset: { row: String(row), column: String(column), actor: one.id }, onclick: () => this.shell.openActor(one.id) }, h("span", { class: "label" }, one.label));
  }

  /**
   * @param {Cell} cell
   * @param {Heading} source
   * @param {Heading} target
   * @param {number} row
   * @param {number} column
   * @param {State} state
   */
  #cell(cell, source, target, row, column, state) {
    const look = `cell:${cell.source}>${cell.target}`;
    const words = `${source.label} on ${target.label}: ${partWords(cell.parts, "lineages")} in independent texts (${plural(cell.claims, "claim")} in ${plural(cell.articles, "article")})`;
    return h(
      "button",
      {
        type: "button",
        class: "cell",
        tabindex: -1,
        "aria-pressed": String(state.look === look),
        title: words,
        dataset: { row: String(row), column: String(column), source: cell.source, target: cell.target, claims: String(cell.claims), lineages: String(cell.lineages) },
        onclick: () => {
          // The same cell again: its quotes once more, should the panel have been closed.
          if (this.shell.state().look === look) this.opened = "";
          if (this.shell.state().look === look) this.#open(this.shell.state(), new AbortController().signal).catch((error) => this.shell.problem(error));
          else this.shell.go({ look });
        },
      },
      h("span", { class: "unseen" }, words),
      cell.parts.map((part) => h("span", { "aria-hidden": "true", class: `part ${signOf(part.kind, part.modality)}`, dataset: { kind: part.kind, modality: part.modality, lineages: String(part.lineages) } }, glyph(signOf(part.kind, part.modality)), figure(part.lineages))),
    );
  }

  /**
   * The quotes behind the cell that is looked at.
   * @param {State} state
   * @param {AbortSignal} signal
   */
  async #open(state, signal) {
    const [, source, target] = /^cell:(.+)>(.+)$/.exec(state.look) ?? [];
    const cell = this.answer?.cells.find((one) => one.source === source && one.target === target);
    const opened = cell ? `${this.asked} ${state.look}` : "";
    if (!cell || opened === this.opened) return;
    const claims = await claimsBetween(state, source, target, MOST_QUOTES, signal);
    signal.throwIfAborted();
    this.opened = opened;
    this.shell.know(claims.map((claim) => claim.publisher));
    const names = this.shell.names;
    this.shell.evidence(`${names.get(source)} on ${names.get(target)}${claims.length < cell.claims ? ` (${claims.length} of ${plural(cell.claims, "claim")})` : ""}`, claims.map((claim) => claim.id));
  }

  /** @param {HTMLElement} target the one button of the table that Tab reaches */
  #stop(target) {
    if (target.tagName !== "BUTTON") return;
    for (const one of this.table.querySelectorAll("button[tabindex='0']")) one.tabIndex = -1;
    target.tabIndex = 0;
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const from = /** @type {HTMLElement} */ (event.target);
    if (from.tagName !== "BUTTON" || event.altKey || event.metaKey) return;
    const buttons = /** @type {HTMLElement[]} */ ([...this.table.querySelectorAll("button")]);
    const to = next(buttons.map(place), place(from), event.key, event.ctrlKey);
    if (to === undefined) return;
    event.preventDefault();
    buttons[to]?.focus();
    buttons[to]?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

/**
 * @param {HTMLElement} button
 * @returns {[number, number]} row and column; -1 for a heading
 */
function place(button) {
  return [Number(button.dataset.row), Number(button.dataset.column)];
}

/**
 * Which button a key leads to: the nearest in its direction in the same row or column, for most cells are empty.
 * @param {[number, number][]} places row and column of every button
 * @param {[number, number]} from
 * @param {string} key
 * @param {boolean} far whether Home and End go to the first and last of all
 * @returns {number | undefined} its index; -1 where nothing lies there; undefined for any other key
 */
export function next(places, from, key, far = false) {
  const ends = key === "Home" || key === "End";
  if (!ends && !/^Arrow(Left|Right|Up|Down)$/.test(key)) return undefined;
  const sign = key === "ArrowLeft" || key === "ArrowUp" || key === "Home" ? -1 : 1;
  // Along the row the column changes, and the other way round.
  const along = key === "ArrowUp" || key === "ArrowDown" ? 0 : 1;
  /** @param {[number, number]} one how far in the key's direction it lies */
  const ahead = (one) => sign * (far && ends ? 10_000 * (one[0] - from[0]) + one[1] - from[1] : one[along] - from[along]);
  let best = -1;
  for (const [index, one] of places.entries()) {
    // Home and End reach the outermost cell, never a heading.
    const fits = ends ? one[0] >= 0 && one[1] >= 0 && (far || one[0] === from[0]) : one[1 - along] === from[1 - along] && ahead(one) > 0;
    if (fits && (best < 0 || (ends ? ahead(one) > ahead(places[best]) : ahead(one) < ahead(places[best])))) best = index;
  }
  return best;
}

/**
 * @param {Heading[]} heads as the API ranks them
 * @param {"weight" | "name"} order
 */
function sorted(heads, order) {
  return order === "name" ? [...heads].sort((a, b) => a.label.localeCompare(b.label, "en") || (a.id < b.id ? -1 : 1)) : heads;
}
