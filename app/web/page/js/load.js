// The state in, the picture it asks for out: the answer for the focus, those for each expansion, and the places of incidents.
import * as api from "./api.js";
import { compose } from "./picture.js";
import { filterParams, kindOfId } from "./state.js";

/** @import { Picture, State, Subgraph } from "./types.js" */

/** Incidents that are asked for their place, at most. */
export const MOST_PLACES = 60;

/** @param {State} state @returns {string} what the picture depends on */
export function pictureKeyOf(state) {
  return JSON.stringify([pictureParams(state), state.expand]);
}

/**
 * What /subgraph is asked, and with `expand` and `without` the pictures of it.
 * @param {State} state
 * @returns {api.Params}
 */
export function pictureParams(state) {
  const focused = state.actors.length || state.incident;
  return {
    ...filterParams(state),
    kind: state.kinds,
    actor: state.actors,
    incident: state.incident,
    // By the roll-up the picture holds the very claims that the lists of claims hold.
    rollup: state.actors.length ? state.rollup : "",
    role: state.actors.length && state.role !== "either" ? state.role : "",
    hops: focused ? state.hops : "",
    limit: state.limit,
  };
}

/**
 * @param {State} state
 * @param {number} revision of the ledger, as last heard
 * @param {AbortSignal} signal
 * @returns {Promise<Picture>}
 */
export async function pictureOf(state, revision, signal) {
  if (!state.kinds.length) return compose({ revision, nodes: [], edges: [], total_edges: 0, left_out: { edges: 0, claims_without_edge: 0, at_least: false } }, []);
  const shared = { ...filterParams(state), kind: state.kinds };
  const questions = [pictureParams(state), ...state.expand.map(({ id, n }) => ({ ...shared, [kindOfId(id)]: id, hops: 1, limit: n }))];
  const [base, ...more] = await api.all(questions, (params) => api.subgraph(params, signal));
  const places = await placesOf([base, ...more], state, shared, signal);
  // An answer that came after a newer question was asked must not be shown.
  signal.throwIfAborted();
  return compose(base, more.map((answer, index) => ({ id: state.expand[index].id, answer })), places);
}

/**
 * A place is two steps from an actor; so that one step shows it too, the incidents in the picture are asked for theirs.
 * @param {Subgraph[]} answers
 * @param {State} state
 * @param {api.Params} shared
 * @param {AbortSignal} signal
 * @returns {Promise<Subgraph[]>}
 */
async function placesOf(answers, state, shared, signal) {
  if (!state.kinds.includes("located_in")) return [];
  const found = new Set(answers.flatMap((answer) => answer.nodes.filter((node) => node.kind === "incident").map((node) => node.id)));
  return api.all([...found].slice(0, MOST_PLACES), (incident) => api.subgraph({ ...shared, kind: ["located_in"], incident, hops: 1, limit: 5 }, signal));
}
