// An API key in, sent with every question out: entered once for this tab, kept as long as it, never in an address.
import { h, refill } from "./dom.js";

/** @typedef {{ role: string | null, key: string | null, name: string | null, expires_at: string | null }} WhoAmI */

const KEPT = "polemos.key";
const HELD = "polemos.key.holder";
/** Each may do what those before it may. */
const ROLES = ["reader", "contributor", "curator", "admin"];
let remembered = "";
let holding = "";
/** Opens the place where a key is entered; set by `bindKey`. @type {() => void} */
let opens = () => {};
/** What the service said of the key that was in use then. @type {{ secret: string, who: Promise<WhoAmI> } | null} */
let known = null;

/** The key of this tab, or "". */
export const key = () => read(KEPT) ?? remembered;

/** Whose key it is; decisions taken with it are by this name. */
export const holder = () => read(HELD) ?? holding;

/** What a request with the key says; nothing where there is none. @returns {Record<string, string>} */
export const credentials = () => (key() ? { Authorization: `Bearer ${key()}` } : {});

/** @param {string} name */
function read(name) {
  try {
    return sessionStorage.getItem(name);
  } catch {
    // A browser that keeps nothing for this page; the key then lasts as long as the page.
    return null;
  }
}

/**
 * @param {string} secret "" forgets it
 * @param {string} name
 */
function keep(secret, name) {
  [remembered, holding] = [secret, name];
  try {
    for (const [where, what] of [[KEPT, secret], [HELD, name]]) {
      if (what) sessionStorage.setItem(where, what);
      else sessionStorage.removeItem(where);
    }
  } catch {
    // See above.
  }
}

/**
 * What may be done with a key, or without one.
 * @param {string} secret
 * @returns {Promise<WhoAmI>}
 */
async function asked(secret) {
  const response = await fetch("whoami", { headers: secret ? { Authorization: `Bearer ${secret}` } : {} });
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new Error(body?.detail ?? `The service answered ${response.status}.`);
  return body;
}

/**
 * That something cannot be done here for want of a role, said before it is tried; nothing where it can.
 * @param {string} role
 * @param {string} doing "Adding articles"
 * @returns {Promise<HTMLElement | null>}
 */
export async function lacking(role, doing) {
  const secret = key();
  if (known?.secret !== secret) known = { secret, who: asked(secret) };
  /** @type {WhoAmI} */
  let who;
  try {
    who = await known.who;
  } catch {
    // What is asked next says what is wrong.
    known = null;
    return null;
  }
  if (who.role !== null && ROLES.indexOf(who.role) >= ROLES.indexOf(role)) return null;
  const may = who.role ? ` you may do what ${roleWords(who.role)} may, and no more` : " nothing can be done here";
  return h("p", { class: "problem lacking" }, `${doing} needs a key of the role ${role}. ${who.name ? `With the key of ${who.name}` : "Without a key"}${may}. `, h("button", { type: "button", onclick: () => opens() }, who.name ? "Enter another key" : "Enter a key"));
}

/** @param {string} role */
const roleWords = (role) => `${/^[aeiou]/.test(role) ? "an" : "a"} ${role}`;

/** Opens the place where a key is entered. */
export const enterKey = () => opens();

/**
 * Lets a button open the place where a key is entered and forgotten.
 * @param {HTMLButtonElement} button
 * @param {() => void} onChange called after another key, or none, is in use
 */
export function bindKey(button, onChange) {
  /** @type {HTMLDialogElement} */
  const dialog = h("dialog", { id: "key-dialog", class: "sheet small small-dialog", "aria-labelledby": "key-title" });
  document.body.append(dialog);
  const tell = () => {
    button.classList.toggle("first", key() !== "");
    button.title = key() ? `The key of ${holder()} is in use` : "Enter an API key";
    button.setAttribute("aria-label", button.title);
  };
  const open = () => {
    const input = h("input", { id: "key-input", type: "password", required: true, autocomplete: "off", spellcheck: "false", maxlength: 200 });
    const problem = h("p", { class: "problem", role: "alert", hidden: true });
    const state = h("p", { id: "key-state", role: "status" });
    const submit = async (/** @type {Event} */ event) => {
      event.preventDefault();
      try {
        const secret = input.value.trim();
        const who = await asked(secret);
        keep(secret, who.name ?? "");
        done();
      } catch (error) {
        problem.hidden = false;
        problem.textContent = error instanceof Error ? error.message : String(error);
      }
    };
    const done = () => {
      known = null;
      tell();
      dialog.close();
      onChange();
    };
    const forget = () => {
      keep("", "");
      done();
    };
    refill(
      dialog,
      h("header", { class: "panel-head" }, h("h2", { id: "key-title" }, "API key"), h("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => dialog.close() }, "×")),
      state,
      h(
        "form",
        { class: "stacked", onsubmit: submit },
        h("label", { class: "field" }, key() ? "Another key" : "Key", input),
        problem,
        h("p", { class: "quiet" }, "It is kept for this tab only, and sent with each question. Whoever runs this service hands keys out."),
        h("p", { class: "acts" }, h("button", { type: "submit", id: "key-use", class: "first" }, "Use it"), key() ? h("button", { type: "button", id: "key-forget", onclick: forget }, "Forget it") : null, h("button", { type: "button", onclick: () => dialog.close() }, "Cancel")),
      ),
    );
    dialog.showModal();
    input.focus();
    asked(key()).then(
      (who) => (state.textContent = who.role ? `${who.name ? `The key of ${who.name}` : "Without a key"}: you may do what ${roleWords(who.role)} may.` : "Without a key nothing can be asked here."),
      (error) => (state.textContent = error instanceof Error ? error.message : String(error)),
    );
  };
  button.addEventListener("click", open);
  opens = open;
  tell();
}
