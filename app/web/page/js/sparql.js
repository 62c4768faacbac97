// The SPARQL page: example queries and an address in, an editor that asks this very service and shows what it says out.
import { Yasgui } from "../vendor/yasgui.js";
import { bindKey, credentials, enterKey, key } from "./key.js";

/** @typedef {{ id: string, name: string, about: string, query: string[] }} Example */

const PREFIXES = {
  plm: "https://w3id.org/polemos/ns#",
  oa: "http://www.w3.org/ns/oa#",
  prov: "http://www.w3.org/ns/prov#",
  rdf: "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
  rdfs: "http://www.w3.org/2000/01/rdf-schema#",
  schema: "https://schema.org/",
  sem: "http://semanticweb.cs.vu.nl/2009/11/sem/",
  skos: "http://www.w3.org/2004/02/skos/core#",
  xsd: "http://www.w3.org/2001/XMLSchema#",
};
const here = new URL(location.href);
const endpoint = new URL("sparql", here).href;

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
}

applyTheme();
bindKey(/** @type {HTMLButtonElement} */ (element("key")), () => {});
start(await (await fetch(new URL("page/sparql_examples.json", here))).json());

/** The theme that the reader chose on the other pages. */
function applyTheme() {
  try {
    const theme = localStorage.getItem("polemos-theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // A browser that keeps nothing has the system's.
  }
}

/** @param {Example[]} examples */
function start(examples) {
  // Nothing is fetched from elsewhere: no list of endpoints, no prefixes, no terms of other vocabularies.
  Yasgui.Yasqe.defaults.autocompleters = [];
  Yasgui.Yasqe.defaults.prefixCcApi = null;
  Yasgui.Yasqe.defaults.value = examples[0].query.join("\n");
  Yasgui.Yasr.defaults.prefixes = PREFIXES;
  const yasgui = new Yasgui(element("yasgui"), {
    requestConfig: { endpoint, method: "POST", headers: () => credentials() },
    copyEndpointOnNewTab: true,
    endpointCatalogueOptions: { getData: () => [] },
    // Links that the editor makes carry the query after the #; one in the address proper is run below.
    populateFromUrl: here.hash.includes("query="),
    persistenceId: `polemos-sparql-${endpoint}`,
    autofocus: false,
  });

  // Only the editor itself hands out the response with its headers.
  const heard = new WeakSet();
  yasgui.on("query", (/** @type {any} */ _, /** @type {any} */ tab) => {
    const yasqe = tab.getYasqe();
    if (heard.has(yasqe)) return;
    heard.add(yasqe);
    yasqe.on("queryResponse", (/** @type {any} */ _, /** @type {any} */ response) => tell(response));
  });

  for (const example of examples) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = example.name;
    button.title = example.about;
    button.dataset.example = example.id;
    button.addEventListener("click", () => choose(yasgui, example));
    item.append(button);
    element("examples").append(item);
  }

  const asked = here.searchParams.get("query");
  if (asked !== null) run(yasgui, asked);
  document.body.dataset.ready = "true";
}

/**
 * @param {any} yasgui
 * @param {Example} example
 */
function choose(yasgui, example) {
  for (const button of document.querySelectorAll("[data-example]")) {
    button.setAttribute("aria-pressed", String(button.getAttribute("data-example") === example.id));
  }
  element("about").textContent = example.about;
  run(yasgui, example.query.join("\n"));
}

/**
 * @param {any} yasgui
 * @param {string} query
 */
function run(yasgui, query) {
  const tab = yasgui.getTab();
  tab.setEndpoint(endpoint);
  tab.setQuery(query);
  tab.query().catch(() => {
    // What went wrong is shown where the results would be.
  });
}

/**
 * What the answer says of itself: of which revision it is, and whether it is cut short.
 * @param {{ headers?: Headers } | Error | undefined} response
 */
function tell(response) {
  if (response instanceof Error) return tellRefused(response);
  const headers = response?.headers;
  const revision = headers?.get("polemos-revision") ?? null;
  const isCut = headers?.get("polemos-truncated") === "true";
  const note = element("note");
  note.hidden = revision === null;
  note.classList.toggle("cut", isCut);
  note.textContent = `Answered at revision ${revision} of the ledger.`;
  if (isCut) {
    note.textContent += ` Cut short at ${headers?.get("polemos-row-limit")} rows: ask for less, or page with LIMIT and OFFSET.`;
  }
}

/**
 * Why there is no answer, in words; where it is for want of a key, with the place where one is entered.
 * @param {Error} error of the editor, whose message is what the service sent
 */
function tellRefused(error) {
  const note = element("note");
  note.hidden = false;
  note.classList.add("cut");
  const problem = asProblem(error.message);
  if (problem.status !== 401) {
    note.textContent = problem.detail;
    return;
  }
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = key() ? "Enter another key" : "Enter a key";
  button.addEventListener("click", () => enterKey());
  note.replaceChildren(key() ? "The key opens nothing any more. " : "This service asks for a key. ", button);
}

/** @param {string} text @returns {{ status: number, detail: string }} */
function asProblem(text) {
  try {
    const { status, detail } = JSON.parse(text);
    if (typeof detail === "string") return { status, detail };
  } catch {
    // The service was not reached, or something between it and us spoke.
  }
  return { status: 0, detail: text };
}
