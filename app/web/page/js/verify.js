// A receipt and its article in, what can be checked of them here out: the text's hash, and the quote at its place.
// Nothing of it asks the service to be believed: whoever holds the article's text can do the same elsewhere.
import { codeUnits } from "./spans.js";

/** @import { Receipt } from "./receipt.js" */

/** @typedef {{ what: string, outcome: "pass" | "fail" | "not_checked", words: string }} Check */

/**
 * The bytes that a receipt's hash is of: UTF-8 of title, a line feed, and text.
 * @param {string} title
 * @param {string} text
 */
export function document(title, text) {
  return new TextEncoder().encode(`${title}\n${text}`);
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {SubtleCrypto} subtle
 * @returns {Promise<string>} hexadecimal
 */
export async function sha256(bytes, subtle) {
  const hash = new Uint8Array(await subtle.digest("SHA-256", bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Whether the words stand where the receipt says, with the words around them. Places are counted in code points.
 * @param {string} part title or text, as the receipt says
 * @param {{ quote: string, start: number, end: number, before: string, after: string }} receipt
 * @returns {Check}
 */
export function quoteAt(part, { quote, start, end, before, after }) {
  const units = codeUnits(part, [start, end]);
  const [from, to] = [units.get(start) ?? 0, units.get(end) ?? 0];
  const found = part.slice(from, to);
  if (found !== quote) return { what: "quote", outcome: "fail", words: `At characters ${start} to ${end} stands “${found}”, not the quote.` };
  if (!part.slice(0, from).endsWith(before) || !part.slice(to).startsWith(after)) return { what: "quote", outcome: "fail", words: "The quote stands at its place, but the words around it are not those of the text." };
  return { what: "quote", outcome: "pass", words: `The quote stands at characters ${start} to ${end} of the article’s text, between the words that the receipt gives.` };
}

/**
 * @param {Receipt} receipt
 * @param {{ title: string, text: string }} article
 * @param {SubtleCrypto | undefined} subtle undefined where the browser does not lend it
 * @returns {Promise<Check[]>}
 */
export async function checks(receipt, article, subtle) {
  const quote = quoteAt(receipt.part === "title" ? article.title : article.text, receipt);
  if (receipt.part === "title") quote.words = quote.words.replace("the article’s text", "the article’s title");
  if (!subtle) {
    const words = "Not computed: browsers lend their hash function only to pages that come over https or from this machine (http://127.0.0.1). Open the page there, or compute the SHA-256 of title, line feed and text yourself.";
    return [{ what: "hash", outcome: "not_checked", words }, quote];
  }
  const found = await sha256(document(article.title, article.text), subtle);
  const same = found === receipt.article_sha256;
  /** @type {Check} */
  const hash = same
    ? { what: "hash", outcome: "pass", words: `SHA-256 of title, line feed and text, computed in this browser, is the one the receipt states: ${found}.` }
    : { what: "hash", outcome: "fail", words: `SHA-256 of title, line feed and text, computed in this browser, is ${found}; the receipt states ${receipt.article_sha256}.` };
  return [hash, quote];
}
