// Questions to the HTTP API in, its JSON out; what goes wrong comes back as an ApiError whose message is meant to be read.

import { credentials } from "./key.js";

/** @import { Subgraph, Claim, ClaimPage, ActorRow, IncidentRow, Health } from "./types.js" */

/** @typedef {Record<string, string | number | boolean | string[] | null | undefined>} Params */

/** An answer that is none: the service said no (`status`), or did not answer at all (`status` 0). */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} title
   * @param {string} detail
   */
  constructor(status, title, detail) {
    super(detail || title);
    this.status = status;
    this.title = title;
  }
}

/**
 * The address of a part of the API, relative to the page: it also stands under a sub-path.
 * @param {string} path
 * @param {Params} [params] lists repeat their name; empty values are left out
 */
export function address(path, params = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value === null || value === undefined || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/**
 * The JSON that a part of the API answers.
 * @param {string} path
 * @param {Params} [params]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export const get = (path, params, signal) => asked(address(path, params), {}, signal);

/**
 * Hands something in.
 * @param {string} path
 * @param {BodyInit} body
 * @param {string} type its media type; "" leaves it to the service to tell
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export const post = (path, body, type, signal) => asked(path, { method: "POST", body, headers: type ? { "Content-Type": type } : {} }, signal);

/**
 * @param {string} url
 * @param {RequestInit} how
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
async function asked(url, how, signal) {
  const response = await reached(url, { ...how, headers: { Accept: "application/json", ...how.headers }, signal });
  let body = null;
  try {
    body = await response.json();
  } catch (error) {
    if (signal?.aborted) throw error;
  }
  if (!response.ok) throw refused(response, body);
  if (body === null && response.status !== 204) throw new ApiError(response.status, "Unreadable answer", "The service sent something that is not JSON.");
  return body;
}

/**
 * A file that the API makes.
 * @param {string} url as `address` gives it
 * @returns {Promise<Blob>}
 */
export async function file(url) {
  const response = await reached(url, {});
  if (!response.ok) throw refused(response, await response.json().catch(() => null));
  return response.blob();
}

/**
 * @param {string} url
 * @param {RequestInit} how
 * @returns {Promise<Response>}
 */
async function reached(url, how) {
  try {
    return await fetch(url, { ...how, headers: { ...credentials(), ...how.headers } });
  } catch (error) {
    if (how.signal?.aborted) throw error;
    throw new ApiError(0, "The service does not answer", "Polemos cannot be reached. Is it still running? Nothing on this page was lost; try again.");
  }
}

/**
 * @param {Response} response
 * @param {any} body
 */
function refused(response, body) {
  const words = typeof body?.detail === "string" ? body.detail : `The service answered ${response.status} ${response.statusText}.`;
  return new ApiError(response.status, body?.title ?? "That did not work", words);
}

/** @returns {Promise<Health>} */
export const health = () => get("health");

/**
 * @param {Params} params
 * @param {AbortSignal} [signal]
 * @returns {Promise<Subgraph>}
 */
export const subgraph = (params, signal) => get("subgraph", params, signal);

/**
 * @param {Params} params
 * @param {AbortSignal} [signal]
 * @returns {Promise<ClaimPage>}
 */
export const claims = (params, signal) => get("claims", params, signal);

/**
 * @param {Params} params
 * @param {AbortSignal} [signal]
 * @returns {Promise<import("./types.js").Facets>}
 */
export const facets = (params, signal) => get("facets", params, signal);

/**
 * @param {string} id
 * @returns {string}
 */
export const claimPath = (id) => `claims/${encodeURIComponent(id)}`;

/**
 * @param {string} id
 * @param {AbortSignal} [signal]
 * @returns {Promise<Claim>}
 */
export const claim = async (id, signal) => (await get(claimPath(id), {}, signal)).claim;

/**
 * @param {string} id
 * @param {AbortSignal} [signal]
 * @returns {Promise<{ article: import("./types.js").Article, claims: Claim[] }>}
 */
export const article = (id, signal) => get(`articles/${encodeURIComponent(id)}`, {}, signal);

/**
 * @param {string} q
 * @param {number} limit
 * @param {AbortSignal} [signal]
 * @returns {Promise<ActorRow[]>}
 */
export const actors = async (q, limit, signal) => (await get("actors", { q, limit }, signal)).actors.map(actorRow);

/**
 * @param {string} q
 * @param {number} limit
 * @param {AbortSignal} [signal]
 * @returns {Promise<IncidentRow[]>}
 */
export const incidents = async (q, limit, signal) => (await get("incidents", { q, limit }, signal)).incidents.map(incidentRow);

/**
 * @param {string} q
 * @param {number} limit
 * @returns {Promise<string[]>} names
 */
export const places = async (q, limit) => (await get("places", { q, limit })).places.map((/** @type {{ name: string }} */ place) => place.name);

/** @param {any} row @returns {ActorRow} */
function actorRow(row) {
  return { ...row, claims: { made: total(row.said ?? row.claims.made), faced: total(row.faced ?? row.claims.faced) } };
}

/** @param {any} row @returns {IncidentRow} */
function incidentRow(row) {
  return { ...row, place: row.place_name ?? row.place, claims: total(row.claims) };
}

/** @param {number | Record<string, number>} counts one number, or one for each type of claim */
function total(counts) {
  return typeof counts === "number" ? counts : Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/**
 * Several questions at once, at most six under way; the answers keep the order of the questions.
 * @template Q, A
 * @param {Q[]} questions
 * @param {(question: Q) => Promise<A>} ask
 * @returns {Promise<A[]>}
 */
export async function all(questions, ask) {
  /** @type {A[]} */
  const answers = new Array(questions.length);
  let next = 0;
  const worker = async () => {
    while (next < questions.length) {
      const mine = next++;
      answers[mine] = await ask(questions[mine]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(6, questions.length) }, worker));
  return answers;
}
