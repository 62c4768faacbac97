// What is shown in, files of it out: pictures and data with the very filters of the view. A dialog to choose from.
import * as api from "./api.js";
import { h, refill, save } from "./dom.js";
import { pictureParams } from "./load.js";
import { claimParams, typesOf } from "./state.js";

/** @import { Shell, State, View } from "./types.js" */

/** @type {[string, string, string][]} */
const PICTURES = [
  ["png", "PNG", "the graph as it stands on the screen"],
  ["svg", "SVG", "the same nodes and edges, drawn anew by the service, with the quotes as tooltips"],
  ["html", "HTML", "one file with the picture and every quote; it opens without a server"],
];
/** @type {[string, string, string][]} */
const DATA = [
  ["csv", "CSV", "the claims, one a line, with their quotes"],
  ["gexf", "GEXF", "the graph of these claims, for Gephi"],
  ["graphml", "GraphML", "the same, for yEd, igraph or networkx"],
  ["turtle", "Turtle", "the same claims as RDF"],
];

/** @param {State} state @returns {api.Params} what the pictures are asked with */
export function drawParams(state) {
  return { ...pictureParams(state), expand: state.expand.map(({ id, n }) => `${id}:${n}`), without: state.hide };
}

/**
 * @param {State} state
 * @param {string} format
 * @returns {string} the address of the file
 */
export function exportAddress(state, format) {
  if (format === "svg" || format === "html") return api.address(`subgraph.${format}`, drawParams(state));
  const types = typesOf(state);
  return api.address("export", { ...claimParams(state), type: types.length === 3 ? [] : types, format });
}

/**
 * The same table with no cell that a spreadsheet would run as a formula: such a one gets an apostrophe before it. Numbers
 * stay as they are.
 * @param {string} csv as RFC 4180 has it
 * @returns {string}
 */
export function harmless(csv) {
  return csv.replace(/(^|,|\r?\n)("(?:[^"]|"")*"|[^,\r\n]*)/g, (_, before, cell) => {
    const inside = cell.startsWith('"') ? cell.slice(1) : cell;
    if (!/^[=+\-@\t\r]/.test(inside) || /^[+-]?[\d.]+(e[+-]?\d+)?"?$/i.test(inside)) return before + cell;
    return cell.startsWith('"') ? `${before}"'${inside}` : `${before}'${cell}`;
  });
}

export class Exports {
  /** @param {{ shell: Shell, view: () => Promise<View> | null }} parts `view` is the graph, where it was opened */
  constructor({ shell, view }) {
    this.shell = shell;
    this.view = view;
    this.dialog = /** @type {HTMLDialogElement} */ (h("dialog", { id: "export-dialog", class: "small-dialog", "aria-labelledby": "export-title" }));
    document.body.append(this.dialog);
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
  }

  open() {
    const state = this.shell.state();
    const nothing = !typesOf(state).length;
    this.status = h("p", { id: "export-status", role: "status" });
    const choice = (/** @type {[string, string, string]} */ [format, name, words]) =>
      h("li", {}, h("button", { type: "button", dataset: { format }, disabled: nothing && !["png", "svg", "html"].includes(format), onclick: () => void this.#save(format) }, name), h("span", {}, words));
    refill(
      this.dialog,
      h("header", { class: "panel-head" }, h("h2", { id: "export-title" }, "Save what is shown"), h("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => this.dialog.close() }, "×")),
      h("p", {}, "With the filters and the focus of this view. The files hold what articles report, not what is established."),
      h("h3", {}, "The graph as a picture"),
      h("ul", { class: "export-list" }, PICTURES.map(choice)),
      h("h3", {}, "All claims that match"),
      h("ul", { class: "export-list" }, DATA.map(choice)),
      this.status,
    );
    if (!this.dialog.open) this.dialog.showModal();
  }

  /** @param {string} format */
  async #save(format) {
    const state = this.shell.state();
    const name = `polemos-revision-${this.shell.revision()}.${format === "turtle" ? "ttl" : format}`;
    this.status.textContent = "One moment …";
    try {
      if (format === "png") save(await this.#png(), name);
      else if (format === "csv") save(new Blob([harmless(await (await api.file(exportAddress(state, format))).text())], { type: "text/csv;charset=utf-8" }), name);
      else save(await api.file(exportAddress(state, format)), name);
      this.status.textContent = `Saved as ${name}.`;
    } catch (error) {
      this.status.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  /** @returns {Promise<Blob>} */
  async #png() {
    const graph = /** @type {any} */ (await this.view());
    // Where the graph was never opened, the service draws what it would show.
    return graph?.picture ? graph.png() : api.file(api.address("subgraph.png", drawParams(this.shell.state())));
  }
}
