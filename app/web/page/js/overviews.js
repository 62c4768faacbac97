// Questions for the views that count in, their answers out: matrix, timeline, disputes, threads, and the claims behind a mark.
import { claimPath, get } from "./api.js";
import { claimParams, typesOf } from "./state.js";

/** @import { Params } from "./api.js" */
/** @import { Claim, ClaimPage, Disputes, Matrix, State, Thread, Timeline } from "./types.js" */

/**
 * Who says it of whom.
 * @param {Params} params
 * @param {AbortSignal} [signal]
 * @returns {Promise<Matrix>}
 */
export const matrix = (params, signal) => get("matrix", params, signal);

/**
 * How much when.
 * @param {Params} params
 * @param {AbortSignal} [signal]
 * @returns {Promise<Timeline>}
 */
export const timeline = (params, signal) => get("timeline", params, signal);

/**
 * The incidents that matching claims are about.
 * @param {Params} params
 * @param {AbortSignal} [signal]
 * @returns {Promise<Disputes>}
 */
export const disputes = (params, signal) => get("disputes", params, signal);

/**
 * What a claim answers and what answers it.
 * @param {string} id
 * @param {AbortSignal} [signal]
 * @returns {Promise<Thread>}
 */
export const thread = (id, signal) => get(`threads/${encodeURIComponent(id)}`, {}, signal);

/**
 * What a claim rests on.
 * @param {string} id
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export const receipt = (id, signal) => get(`${claimPath(id)}/receipt`, {}, signal);

/**
 * All claims of a question, page by page, up to a bound.
 * @param {Params} params
 * @param {number} most
 * @param {AbortSignal} [signal]
 * @returns {Promise<{ claims: Claim[], total: number }>} `total` counts those beyond the bound, too
 */
export async function claimsUpTo(params, most, signal) {
  /** @type {Claim[]} */
  const claims = [];
  let cursor = null;
  do {
    const page = /** @type {ClaimPage & { narrower: number }} */ (await get("claims", { ...params, limit: Math.min(500, most), cursor }, signal));
    claims.push(...page.claims);
    cursor = page.next;
    if (cursor === null || claims.length >= most) return { claims, total: page.total + page.narrower };
  } while (true);
}

/**
 * The claims from one actor to another, as a cell of the matrix counts them.
 * @param {State} state
 * @param {string} source
 * @param {string} target
 * @param {number} most
 * @param {AbortSignal} [signal]
 * @returns {Promise<Claim[]>}
 */
export async function claimsBetween(state, source, target, most, signal) {
  const params = { ...claimParams(state), type: typesOf(state) };
  // Source and target share the roll-up with the focus: where that is narrower, the focus alone is asked for.
  const narrow = state.actors.length > 0 && state.rollup !== "full";
  const { claims } = await claimsUpTo(narrow ? params : { ...params, rollup: "", source, target }, narrow ? 20 * most : 4 * most, signal);
  return claims.filter((claim) => claim.source_id === source && claim.target_id === target).slice(0, most);
}
