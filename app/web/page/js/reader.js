// An article's id in, the article in a dialog out, with the words of every claim marked where they stand.
import * as api from "./api.js";
import { byId, h, outLink, refill } from "./dom.js";
import { cut } from "./spans.js";
import { claimSentence, day, modalityWords, plural } from "./words.js";

/** @import { Article, Claim } from "./types.js" */

export class Reader {
  /** @param {{ onClose: () => void, onQuote: (claim: string) => void, onReceipt: (claim: string) => void }} actions */
  constructor({ onClose, onQuote, onReceipt }) {
    this.onReceipt = onReceipt;
    /** @type {HTMLDialogElement} */
    this.dialog = byId("reader");
    this.onQuote = onQuote;
    this.onClose = onClose;
    this.shown = "";
    this.ticket = 0;
    this.dialog.addEventListener("close", () => {
      if (this.shown) onClose();
    });
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
  }

  /**
   * @param {string} id of the article; "" closes
   * @param {string} quote id of the claim to look at, or ""
   */
  async show(id, quote) {
    if (!id) return this.#hide();
    if (id === this.shown && this.dialog.dataset.ready === "true") return this.look(quote);
    const ticket = ++this.ticket;
    this.shown = id;
    this.dialog.dataset.ready = "false";
    refill(this.dialog, this.#head("Loading the article…"));
    if (!this.dialog.open) this.dialog.showModal();
    try {
      const { article, claims } = await api.article(id);
      if (ticket !== this.ticket) return;
      this.#fill(article, claims);
      this.dialog.dataset.ready = "true";
      byId("reader-text").focus({ preventScroll: true });
      this.look(quote);
    } catch (error) {
      if (ticket !== this.ticket) return;
      refill(this.dialog, this.#head("The article cannot be shown"), h("p", { class: "problem", role: "alert" }, /** @type {Error} */ (error).message));
      this.dialog.dataset.ready = "true";
    }
  }

  #hide() {
    this.ticket += 1;
    this.shown = "";
    if (this.dialog.open) this.dialog.close();
  }

  /** @param {...any} title */
  #head(...title) {
    return h("header", { class: "panel-head" }, h("h2", { id: "reader-title" }, ...title), h("button", { type: "button", class: "close", "aria-label": "Close the article", onclick: () => this.dialog.close() }, "×"));
  }

  /**
   * @param {Article} article
   * @param {Claim[]} claims
   */
  #fill(article, claims) {
    const inTitle = this.#marked(article.title, claims.filter((claim) => claim.evidence.part === "title"));
    const inText = this.#marked(article.text, claims.filter((claim) => claim.evidence.part === "text"));
    const lost = [...inTitle.mismatched, ...inText.mismatched];
    const order = [...claims].sort((a, b) => (a.evidence.part === b.evidence.part ? a.evidence.start - b.evidence.start : a.evidence.part === "title" ? -1 : 1));
    refill(
      this.dialog,
      this.#head(...inTitle.nodes),
      h("p", { class: "quiet" }, [article.publisher, day(article.published)].filter(Boolean).join(" · "), " ", outLink(article.url, article.url ? "Original" : "")),
      lost.length ? h("p", { class: "problem" }, `${plural(lost.length, "quote")} not marked: the words at the stored place are not those of the claim (${lost.join(", ")}).`) : null,
      h(
        "div",
        { class: "reading" },
        h("div", { class: "text", id: "reader-text", tabindex: 0, role: "region", "aria-label": "Text of the article" }, ...inText.nodes),
        h(
          "nav",
          { "aria-label": "Claims in this article" },
          h("h3", {}, claims.length ? `${plural(claims.length, "claim")} in this article` : "No claims in this article"),
          h("ol", { class: "marks" }, order.map((claim) => h("li", {}, h("button", { type: "button", class: claim.type, dataset: { lookClaim: claim.id }, onclick: () => this.onQuote(claim.id) }, claimSentence(claim), h("span", { class: "quiet" }, ` ${modalityWords(claim)}`)), h("button", { type: "button", class: "plain receipt", dataset: { receipt: claim.id }, "aria-label": `Receipt: ${claimSentence(claim)}`, onclick: () => this.onReceipt(claim.id) }, "Receipt")))),
        ),
      ),
    );
  }

  /**
   * @param {string} text
   * @param {Claim[]} claims
   */
  #marked(text, claims) {
    const types = new Map(claims.map((claim) => [claim.id, claim.type]));
    const { pieces, mismatched } = cut(text, claims.map((claim) => ({ id: claim.id, start: claim.evidence.start, end: claim.evidence.end, quote: claim.evidence.quote })));
    const nodes = pieces.map((piece) =>
      piece.ids.length
        ? h("mark", { class: piece.ids.length > 1 ? "several" : types.get(piece.ids[0]), dataset: { claimIds: piece.ids.join(" ") }, onclick: () => this.onQuote(piece.ids.at(-1) ?? "") }, piece.text)
        : document.createTextNode(piece.text),
    );
    return { nodes, mismatched };
  }

  /**
   * Brings a claim's words into view and sets them off from the others.
   * @param {string} claim
   */
  look(claim) {
    for (const button of this.dialog.querySelectorAll("[data-look-claim]")) button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.lookClaim === claim));
    /** @type {HTMLElement | null} */
    let first = null;
    for (const mark of this.dialog.querySelectorAll("mark")) {
      const mine = Boolean(claim) && (mark.dataset.claimIds ?? "").split(" ").includes(claim);
      mark.classList.toggle("current", mine);
      if (mine) first ??= mark;
    }
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    first?.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
  }
}
