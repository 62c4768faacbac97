// Keys pressed anywhere on the page in, what they stand for out; and the dialog that lists them.
import { h, refill } from "./dom.js";

/**
 * @typedef {object} Commands
 * @property {() => void} undo
 * @property {() => void} redo
 * @property {() => void} help
 * @property {() => void} export
 * @property {(index: number) => void} tab from 0
 * @property {(event: KeyboardEvent) => void} view what the page has no use for goes to the view that is open
 */

/** @type {[string, [string, string][]][]} */
const KEYS = [
  ["Everywhere", [
    ["/", "search an actor or an incident"],
    ["1 … 9, 0", "open the views in their order"],
    ["Ctrl+Z", "undo, whatever it was"],
    ["Ctrl+Shift+Z or Ctrl+Y", "redo"],
    ["e", "save what is shown"],
    ["t", "change the theme"],
    ["Esc", "close what lies on top; let go of what is chosen"],
    ["?", "this list"],
  ]],
  ["Graph", [
    ["← ↑ → ↓", "move the picture, when it has the focus"],
    ["+ and −", "closer, farther"],
    ["f", "show the whole picture"],
    ["n", "go to the list of nodes"],
    ["g", "go to the list of edges"],
    ["x", "expand the chosen node"],
    ["c", "collapse it"],
    ["h", "hide it, or all that are selected"],
    ["k", "keep only what is selected"],
    ["p", "pin it or let it go"],
    ["a", "select all nodes, or none"],
    ["i", "select the others instead"],
    ["m or the menu key", "all that can be done with it"],
  ]],
  ["Lists of nodes and edges", [
    ["↑ ↓ Home End", "move"],
    ["Enter", "open what stands behind it"],
    ["Space", "select or unselect a node"],
    ["m", "all that can be done with it"],
  ]],
  ["Review", [
    ["s", "the two are the same"],
    ["d", "they are different"],
    ["u", "it cannot be told"],
    ["z", "take the last judgement back"],
  ]],
  ["Histogram of dates", [
    ["← →", "move an end of the period by one bar"],
    ["PageUp PageDown", "by ten"],
    ["Home End", "to the first or last bar"],
    ["Delete", "all dates"],
  ]],
  ["With the mouse", [
    ["Double click on a node", "expand it"],
    ["Right click", "all that can be done with it"],
    ["Shift and drag", "select the nodes in a box"],
    ["Drag a node", "put it elsewhere; it stays there"],
  ]],
];

/** @param {Commands} commands */
export function bindKeys(commands) {
  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.defaultPrevented || target.closest?.("input, textarea, select, dialog, [role=menu], [contenteditable]")) return;
    // What lies on top has the keys, wherever the focus is.
    if (document.querySelector("dialog[open]")) return;
    const { key } = event;
    if (event.ctrlKey || event.metaKey) {
      const letter = key.toLowerCase();
      if (letter !== "z" && letter !== "y") return;
      event.preventDefault();
      if (letter === "y" || event.shiftKey) commands.redo();
      else commands.undo();
      return;
    }
    if (event.altKey) return;
    if (key === "?") commands.help();
    else if (key === "e") commands.export();
    else if (key === "t") document.getElementById("theme")?.click();
    else if (/^\d$/.test(key)) commands.tab((Number(key) + 9) % 10);
    else return commands.view(event);
    event.preventDefault();
  });
}

/** The list of the keys, in a dialog. */
export class Help {
  constructor() {
    this.dialog = /** @type {HTMLDialogElement} */ (h("dialog", { id: "help-dialog", class: "small-dialog", "aria-labelledby": "help-title" }));
    document.body.append(this.dialog);
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    refill(
      this.dialog,
      h("header", { class: "panel-head" }, h("h2", { id: "help-title" }, "Keys and help"), h("button", { type: "button", class: "close", "aria-label": "Close the help", onclick: () => this.dialog.close() }, "×")),
      h("p", {}, "All that is shown here is what articles report; nothing is established. What a machine has read is marked with the confidence it read it with, until somebody has reviewed it."),
      h("div", { class: "key-lists", tabindex: 0, role: "region", "aria-label": "Keys" }, KEYS.map(([title, keys]) => h("section", {}, h("h3", {}, title), h("dl", {}, keys.map(([key, words]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, words)]).flat())))),
    );
  }

  open() {
    if (!this.dialog.open) this.dialog.showModal();
  }
}
