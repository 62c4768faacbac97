// What can be done with a thing in, a menu at a point out: by mouse or by keyboard, and focus goes back where it was.
import { h, refill } from "./dom.js";

/** @typedef {{ id: string, words: string, act: () => void, disabled?: boolean, key?: string }} Choice */

const menu = h("div", { id: "menu", class: "menu", role: "menu", tabindex: -1, hidden: true });
/** @type {HTMLElement | null} */
let back = null;

/**
 * @param {string} title
 * @param {(Choice | null)[]} choices
 * @param {{ x: number, y: number }} at in the window
 */
export function openMenu(title, choices, at) {
  if (!menu.isConnected) {
    // In the main part, so that it is no content beside all landmarks.
    (document.getElementById("main") ?? document.body).append(menu);
    listen();
  }
  back = /** @type {HTMLElement} */ (document.activeElement);
  menu.setAttribute("aria-label", title);
  refill(
    menu,
    h("p", { class: "menu-title", role: "presentation" }, title),
    choices.map((one) => one && h("button", { type: "button", role: "menuitem", tabindex: -1, dataset: { act: one.id }, "aria-disabled": one.disabled ? "true" : null, "aria-keyshortcuts": one.key, onclick: () => choose(one) }, one.words, one.key ? h("kbd", { "aria-hidden": "true" }, one.key) : null)),
  );
  menu.hidden = false;
  const { width, height } = menu.getBoundingClientRect();
  menu.style.setProperty("left", `${Math.max(4, Math.min(at.x, innerWidth - width - 8))}px`);
  menu.style.setProperty("top", `${Math.max(4, Math.min(at.y, innerHeight - height - 8))}px`);
  items()[0]?.focus();
}

export function closeMenu() {
  if (menu.hidden) return;
  menu.hidden = true;
  if (menu.contains(document.activeElement) || document.activeElement === document.body) back?.focus({ preventScroll: true });
}

/** @param {Choice} one */
function choose(one) {
  if (one.disabled) return;
  closeMenu();
  one.act();
}

/** @returns {HTMLElement[]} */
function items() {
  return [...menu.querySelectorAll("[role=menuitem]")];
}

function listen() {
  menu.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const all = items();
    const now = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) all[(to + all.length) % all.length]?.focus();
    else if (event.key === "Escape" || event.key === "Tab") closeMenu();
    else if (event.key.length === 1 && event.key !== " ") all.find((one, index) => index > now && one.textContent?.toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  menu.addEventListener("contextmenu", (/** @type {Event} */ event) => event.preventDefault());
  document.addEventListener("pointerdown", (event) => {
    if (!menu.contains(/** @type {Node} */ (event.target))) closeMenu();
  }, true);
  addEventListener("blur", closeMenu);
  addEventListener("resize", closeMenu);
}
