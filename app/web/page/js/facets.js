// The state in, how many claims match it and each choice of its filters out.
import * as api from "./api.js";
import { claimParams, typesOf } from "./state.js";

/** @import { Facets, State } from "./types.js" */

/** @param {State} state @returns {string} what the counts depend on */
export function facetKey(state) {
  return JSON.stringify([claimParams(state), typesOf(state)]);
}

/**
 * @param {State} state
 * @param {AbortSignal} signal
 * @returns {Promise<Facets>}
 */
export async function facetsOf(state, signal) {
  const types = typesOf(state);
  const found = await api.facets({ ...claimParams(state), type: types }, signal);
  // No type asks for all of them; none that is ticked asks for none.
  return types.length ? found : { ...found, claims: 0, narrower: 0, undated_left_out: 0, bins: [], undated: 0, too_coarse: 0 };
}
