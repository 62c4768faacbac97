// What comes into focus in, what changes with it in the state out.
import { kindOfId } from "./state.js";

/** @import { State } from "./types.js" */

/**
 * @param {State} state
 * @param {string} id of an actor, an incident or a place
 * @param {boolean} [add] keep what is in focus already
 * @returns {Partial<State>}
 */
export function focused(state, id, add = false) {
  const fresh = { expand: [], hide: [], pins: {}, at: "" };
  if (kindOfId(id) === "incident") return { ...fresh, incident: id, actors: [] };
  if (kindOfId(id) === "place") return { ...fresh, place: id };
  return { ...fresh, incident: "", actors: add ? [...new Set([...state.actors, id])] : [id] };
}
