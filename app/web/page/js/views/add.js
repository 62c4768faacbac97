// Text, addresses or files in, what the service found in them out: the claims with their words marked, what it refused and
// why. Articles stay text: nothing in them is ever read as markup of this page.
import * as api from "../api.js";
import { h, outLink, refill } from "../dom.js";
import { lacking } from "../key.js";
import { cut } from "../spans.js";
import { claimSentence, confidenceWords, day, figure, modalityWords, plural } from "../words.js";

/** @import { Article, Claim, Shell } from "../types.js" */

/** @typedef {{ revision: number, added: number, already_known: number, claims: number, refusals: { reason: string, detail: string }[], articles: string[], left_out: Record<string, number>, retracted: { article: string, decision: { by: string, reason: string } }[] }} Ingested */
/** What one hand-in is: what it is called, and how it is sent. @typedef {{ name: string, send: (signal: AbortSignal) => Promise<Ingested> }} Input */

const MOST_SHOWN = 10;
const MOST_FOCUSED = 12;
/** A browser tells the type of few of these, and of some wrongly; without one the service looks at the content. @type {Record<string, string>} */
const TYPES = { html: "text/html", htm: "text/html", xhtml: "application/xhtml+xml", txt: "text/plain", text: "text/plain", md: "text/markdown", json: "application/json", jsonl: "application/x-ndjson", ndjson: "application/x-ndjson", pdf: "application/pdf", rss: "application/rss+xml", atom: "application/atom+xml", warc: "application/warc" };
const ACCEPT = ".txt,.text,.md,.html,.htm,.xhtml,.json,.jsonl,.ndjson,.pdf,.rss,.atom,.xml,.warc,.gz";

/** Why an input or a passage was left out, in words. @type {Record<string, string>} */
export const REFUSALS = {
  empty: "it holds no text",
  binary: "it is no text",
  wrong_encoding: "its letters cannot be read",
  too_large: "it is too large",
  not_an_article: "it is no article",
  not_english: "it is not in English",
  bad_json: "it is no JSON",
  bad_field: "a field holds something it should not",
  bad_date: "its date cannot be read",
  unreadable: "it cannot be had or read",
  unsupported: "it is of a kind that is not read",
  quote_not_in_text: "the words are not in the text",
  unknown_term: "it uses a term that is not known",
  dangling_reference: "it refers to something that is not there",
  no_source: "nobody is said to say it",
  no_target: "it names nobody whom it is about",
  source_is_target: "somebody would accuse itself",
  negated: "it is said that it was not said",
  non_denial: "it neither confirms nor denies",
  not_an_actor: "who says it is no actor",
  no_act: "it names no act",
  narration: "the article tells it itself, and nobody is said to say it",
  question: "it is a question",
  out_of_scope: "it is of another matter",
  duplicate: "the same stands there twice",
  sentence_too_long: "the sentence is too long to be read",
  uncertain: "the machine was not sure enough",
};

/** What to do where the service said no. @type {Record<number, string>} */
const HELP = {
  0: "Look whether the service still runs, then try again. What you entered is still here.",
  401: "Enter a key (the button Key, at the top) and hand it in again. What you entered is still here.",
  403: "Enter a key of the role contributor (the button Key, at the top), or ask whoever runs the service for one.",
  400: "Put that right and hand it in again.",
  408: "The connection was too slow. Hand it in again, or in smaller parts.",
  413: "Hand in less at once, or split the file.",
  415: "Save it as text, HTML or PDF and hand that in.",
  422: "Put that right, or copy the article’s text into the box instead.",
  501: "Whoever set the service up can add that part.",
  503: "Wait a moment and hand it in again.",
};

export class AddView {
  /**
   * @param {HTMLElement} place
   * @param {Shell} shell
   */
  constructor(place, shell) {
    this.shell = shell;
    this.words = "Nothing was added here yet.";
    /** @type {AbortController | null} */
    this.sending = null;
    /** That whoever looks at this may not add, where that is so. */
    this.may = h("div", {});
    this.results = h("section", { id: "add-results", "aria-label": "What was found" });
    this.progress = h("div", { id: "add-progress", role: "status", hidden: true });
    place.append(h("div", { class: "add" }, h("h2", {}, "Add an article"), h("p", {}, "The machine reads it at once and keeps what it finds in the ledger, each claim with its sentence. What it finds are claims as the article reports them."), this.may, h("div", { class: "ways" }, this.#pasted(), h("div", {}, this.#addressed(), this.#dropped())), this.progress, this.results));
  }

  key() {
    return "add";
  }

  summary() {
    return this.words;
  }

  async show() {
    refill(this.may, await lacking("contributor", "Adding articles"));
  }

  // ---- three ways in ----

  #pasted() {
    const field = (/** @type {string} */ id, /** @type {string} */ label, /** @type {Record<string, any>} */ more = {}) => {
      const input = h("input", { id, type: "text", autocomplete: "off", maxlength: 2000, ...more });
      return { input, element: h("label", { class: "field" }, label, input) };
    };
    const title = field("add-title", "Title");
    const publisher = field("add-publisher", "Outlet");
    const published = field("add-published", "Published", { type: "date" });
    const url = field("add-source", "Where it was read", { type: "url", placeholder: "https://…" });
    const text = h("textarea", { id: "add-text", required: true, rows: 12, placeholder: "The article’s text" });
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      // What was left empty is not told; nothing is made up for it.
      const given = { title: title.input.value.trim(), text: text.value, publisher: publisher.input.value.trim(), published: published.input.value, url: url.input.value.trim() };
      const article = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ""));
      void this.#send([{ name: given.title || "The pasted text", send: (signal) => api.post("articles", JSON.stringify(article), "application/json", signal) }]);
    };
    return h("form", { id: "add-form", class: "stacked way", onsubmit: submit }, h("h3", {}, "Paste text"), h("label", { class: "field" }, "Text", text), title.element, h("div", { class: "two" }, publisher.element, published.element), url.element, h("p", { class: "acts" }, h("button", { type: "submit", class: "first", id: "add-send" }, "Add the text")));
  }

  #addressed() {
    const url = h("input", { id: "add-url", type: "url", required: true, autocomplete: "off", placeholder: "https://…", pattern: "https?://.+" });
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      const address = url.value.trim();
      void this.#send([{ name: address, send: (signal) => api.post("articles", address, "text/uri-list", signal) }]);
    };
    return h("form", { id: "add-url-form", class: "stacked way", onsubmit: submit }, h("h3", {}, "Give an address"), h("label", { class: "field" }, "Address of the article, or of a feed", url), h("p", { class: "quiet" }, "The service fetches it. Addresses of its own machine or of a private network are refused."), h("p", { class: "acts" }, h("button", { type: "submit", class: "first", id: "add-fetch" }, "Fetch and add")));
  }

  #dropped() {
    const files = h("input", { id: "add-files", type: "file", multiple: true, accept: ACCEPT, onchange: () => take(files.files) });
    const take = (/** @type {FileList | null | undefined} */ chosen) => {
      const inputs = [...(chosen ?? [])].map((file) => ({ name: file.name, send: (/** @type {AbortSignal} */ signal) => api.post("articles", new Blob([file]), typeOf(file.name), signal) }));
      if (inputs.length) void this.#send(inputs).then(() => (files.value = ""));
    };
    const zone = h("div", { id: "add-drop", class: "drop" }, h("p", {}, "Drop files here, or choose them:"), h("label", { class: "field" }, "Files", files), h("p", { class: "quiet" }, "Text, HTML, JSON or JSON lines, PDF, feeds (RSS, Atom), web archives (WARC); also packed with gzip."));
    zone.addEventListener("dragover", (/** @type {DragEvent} */ event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
    zone.addEventListener("dragleave", () => zone.classList.remove("over"));
    zone.addEventListener("drop", (/** @type {DragEvent} */ event) => {
      event.preventDefault();
      zone.classList.remove("over");
      take(event.dataTransfer?.files);
    });
    return h("section", { class: "way", "aria-labelledby": "drop-title" }, h("h3", { id: "drop-title" }, "Drop files"), zone);
  }

  // ---- sending ----

  /** @param {Input[]} inputs one after the other: the service reads one at a time anyway */
  async #send(inputs) {
    if (this.sending) return this.shell.say("Something is being read already.");
    this.sending = new AbortController();
    const { signal } = this.sending;
    refill(this.results);
    this.results.dataset.ready = "false";
    this.progress.hidden = false;
    const bar = h("progress", { max: inputs.length, "aria-label": "Read so far" });
    const line = h("span", {});
    refill(this.progress, line, " ", bar, " ", h("button", { type: "button", id: "add-stop", onclick: () => this.sending?.abort() }, "Stop"));
    /** @type {Ingested[]} */
    const found = [];
    let failed = 0;
    for (const [at, input] of inputs.entries()) {
      refill(line, `Reading ${input.name}${inputs.length > 1 ? `, ${at + 1} of ${inputs.length}` : ""} …`);
      if (inputs.length > 1) bar.value = at;
      try {
        const ingested = await input.send(signal);
        found.push(ingested);
        this.results.append(await this.#outcome(input.name, ingested));
      } catch (error) {
        if (signal.aborted) {
          this.results.append(h("section", { class: "outcome", dataset: { outcome: "stopped" } }, h("h3", {}, input.name), h("p", {}, "Stopped waiting. The service may still finish what it had begun.")));
          break;
        }
        failed += 1;
        this.results.append(this.#refused(input.name, error));
      }
    }
    this.sending = null;
    this.progress.hidden = true;
    const [added, known, claims] = [sum(found, "added"), sum(found, "already_known"), sum(found, "claims")];
    this.words = `${plural(added, "article")} added with ${plural(claims, "claim")}, ${figure(known)} known already${failed ? `, ${plural(failed, "input")} refused` : ""}.`;
    this.results.dataset.ready = "true";
    this.shell.say(this.words);
    if (added) await this.shell.changed();
  }

  /**
   * @param {string} name
   * @param {unknown} error
   */
  #refused(name, error) {
    const known = error instanceof api.ApiError;
    if (!known) console.error(error);
    const help = known ? (HELP[error.status] ?? (error.status >= 500 ? "Try again; the service’s log says more." : "Put that right and hand it in again.")) : "Something went wrong in this page. Try again.";
    return h("section", { class: "outcome problem", role: "alert", dataset: { outcome: "refused", status: String(known ? error.status : "") } }, h("h3", {}, name), h("p", {}, h("strong", {}, known ? error.title : "Not added"), `: ${error instanceof Error ? error.message : String(error)}`), h("p", {}, help));
  }

  /**
   * @param {string} name
   * @param {Ingested} found
   */
  async #outcome(name, found) {
    const read = await api.all(found.articles.filter((id) => !found.retracted.some((one) => one.article === id)).slice(0, MOST_SHOWN), (id) => api.article(id));
    const actors = [...new Set(read.flatMap(({ claims }) => claims.flatMap((claim) => [claim.source_id, claim.target_id].filter((id) => id !== null))))];
    const more = found.articles.length - read.length - found.retracted.length;
    return h(
      "section",
      { class: "outcome", dataset: { outcome: found.added ? "added" : found.already_known ? "known" : "nothing", added: String(found.added), known: String(found.already_known), claims: String(found.claims) } },
      h("h3", {}, name),
      h("p", {}, [`${plural(found.added, "article")} added`, `${plural(found.claims, "claim")} found`, found.already_known ? `${plural(found.already_known, "article")} known already and not read again` : ""].filter(Boolean).join(", "), `. Revision ${figure(found.revision)}.`),
      found.retracted.map((one) => h("p", { class: "problem" }, `${one.article} stays out of the graph: left out by ${one.decision.by}, because “${one.decision.reason}”. Undo that in Review to have it back.`)),
      found.refusals.length ? [h("h4", {}, `${plural(found.refusals.length, "input")} not read`), h("ul", { class: "rows refusals" }, found.refusals.map((one) => h("li", { dataset: { reason: one.reason } }, h("strong", {}, REFUSALS[one.reason] ?? one.reason), `: ${one.detail}`)))] : null,
      this.#leftOut(found.left_out),
      actors.length ? h("p", { class: "acts" }, h("button", { type: "button", class: "add-graph", dataset: { actors: actors.slice(0, MOST_FOCUSED).join(" ") }, onclick: () => this.shell.go({ tab: "graph", actors: actors.slice(0, MOST_FOCUSED), incident: "", expand: [], hide: [], pins: {}, select: "" }) }, "See it in the graph"), h("button", { type: "button", class: "add-table", onclick: () => this.shell.go({ tab: "table", actors: actors.slice(0, MOST_FOCUSED), incident: "" }) }, "See it in the table"), actors.length > MOST_FOCUSED ? h("span", { class: "quiet" }, `with the first ${MOST_FOCUSED} of ${plural(actors.length, "actor")} in focus`) : null) : null,
      read.map(({ article, claims }) => this.#article(article, claims)),
      more > 0 ? h("p", { class: "quiet" }, `${plural(more, "more article")} not shown here.`) : null,
    );
  }

  /** @param {Record<string, number>} reasons */
  #leftOut(reasons) {
    const entries = Object.entries(reasons).sort((a, b) => b[1] - a[1]);
    if (!entries.length) return null;
    const total = entries.reduce((all, [, count]) => all + count, 0);
    return h("details", { class: "left-out" }, h("summary", {}, `${plural(total, "passage")} looked at and left out, by reason`), h("ul", { class: "rows" }, entries.map(([reason, count]) => h("li", { dataset: { reason } }, `${figure(count)}: ${REFUSALS[reason] ?? reason.replaceAll("_", " ")}`))));
  }

  /**
   * @param {Article} article
   * @param {Claim[]} claims
   */
  #article(article, claims) {
    const marked = (/** @type {"title" | "text"} */ part) => {
      const own = claims.filter((claim) => claim.evidence.part === part);
      const types = new Map(own.map((claim) => [claim.id, claim.type]));
      const { pieces, mismatched } = cut(article[part], own.map((claim) => ({ id: claim.id, start: claim.evidence.start, end: claim.evidence.end, quote: claim.evidence.quote })));
      const nodes = pieces.map((piece) => (piece.ids.length ? h("mark", { class: piece.ids.length > 1 ? "several" : types.get(piece.ids[0]), dataset: { claimIds: piece.ids.join(" ") } }, piece.text) : piece.text));
      return { nodes, mismatched };
    };
    const [title, text] = [marked("title"), marked("text")];
    const lost = title.mismatched.length + text.mismatched.length;
    return h(
      "article",
      { class: "added", dataset: { article: article.id } },
      h("h4", {}, title.nodes.length ? title.nodes : "(no title)"),
      h("p", { class: "quiet" }, [article.publisher, day(article.published)].filter(Boolean).join(" · "), " ", outLink(article.url, article.url ? "Original" : ""), " ", h("button", { type: "button", onclick: () => this.shell.go({ article: article.id, quote: claims[0]?.id ?? "" }) }, "Read it")),
      lost ? h("p", { class: "problem" }, `${plural(lost, "quote")} not marked: the words at the stored place are not those of the claim.`) : null,
      claims.length
        ? h("ol", { class: "cards" }, claims.map((claim) => h("li", { class: `card ${claim.type}`, dataset: { claimId: claim.id, modality: claim.modality } }, h("p", { class: "says" }, claimSentence(claim), ":"), h("p", { class: "quote" }, `“${claim.evidence.quote}”`), h("p", { class: "facts" }, `${modalityWords(claim)} · ${confidenceWords(claim.confidence)} · read by a machine, reviewed by nobody`), h("p", { class: "acts" }, h("button", { type: "button", dataset: { readClaim: claim.id }, onclick: () => this.shell.read(claim) }, "Read in the article"), h("button", { type: "button", onclick: () => this.shell.receipt(claim.id) }, "Receipt")))))
        : h("p", { class: "nothing" }, "No accusation, denial or retaliation was found in it."),
      h("details", { open: claims.length > 0 && article.text.length < 6000 }, h("summary", {}, "The text, with the words of each claim marked"), h("div", { class: "text", tabindex: "0", role: "region", "aria-label": "Text of the article" }, text.nodes)),
    );
  }
}

/** @param {string} name @returns {string} the media type that the suffix says, or "" */
function typeOf(name) {
  const parts = name.toLowerCase().split(".");
  const last = parts.pop() ?? "";
  return last === "gz" ? "" : (TYPES[last] ?? "");
}

/**
 * @param {Ingested[]} found
 * @param {"added" | "already_known" | "claims"} field
 */
function sum(found, field) {
  return found.reduce((all, one) => all + one[field], 0);
}
