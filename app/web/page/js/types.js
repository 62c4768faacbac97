// The shapes of what the HTTP API answers and of what the page makes of it. Types only; nothing runs here.

/** @typedef {"accuses" | "denies" | "retaliates"} ClaimType */
/** @typedef {ClaimType | "part_of" | "located_in" | "about"} EdgeKind */
/** @typedef {"asserted" | "carried_out" | "threatened" | "called_for"} Modality */

/**
 * @typedef {object} GraphNode
 * @property {string} id
 * @property {"actor" | "place" | "incident"} kind
 * @property {string} label
 * @property {string | null} actor_kind
 * @property {string | null} country
 * @property {string | null} date
 * @property {string | null} type
 */

/**
 * @typedef {object} GraphEdge
 * @property {string} id
 * @property {EdgeKind} kind
 * @property {string} phrase
 * @property {string} source
 * @property {string} target
 * @property {Modality | null} modality
 * @property {string | null} incident
 * @property {string[]} claims
 * @property {number} evidence_count
 * @property {number} articles
 * @property {number} publishers
 * @property {string | null} first
 * @property {string | null} last
 */

/**
 * @typedef {object} Subgraph
 * @property {number} revision
 * @property {GraphNode[]} nodes
 * @property {GraphEdge[]} edges
 * @property {number} total_edges
 * @property {{ edges: number, claims_without_edge: number, at_least: boolean }} left_out where `at_least`, `edges` and `total_edges` are lower bounds
 */

/**
 * @typedef {object} Claim
 * @property {string} id
 * @property {ClaimType} type
 * @property {Modality} modality
 * @property {string} speaker
 * @property {string} speaker_id
 * @property {string} source
 * @property {string} source_id
 * @property {string | null} target
 * @property {string | null} target_id
 * @property {string | null} target_named
 * @property {string | null} target_named_id
 * @property {string | null} incident
 * @property {string | null} incident_label
 * @property {string | null} date
 * @property {string | null} published
 * @property {string | null} publisher
 * @property {string | null} denial_kind
 * @property {string | null} responds_to
 * @property {number} confidence
 * @property {string} cue
 * @property {string} title
 * @property {string | null} url
 * @property {{ quote: string, part: "title" | "text", start: number, end: number, article: string }} evidence
 */

/**
 * @typedef {object} ClaimPage
 * @property {number} revision
 * @property {number} total
 * @property {{ claims: number, articles: number, publishers: number }} counts
 * @property {Claim[]} claims
 * @property {string | null} next
 */

/**
 * @typedef {object} Article
 * @property {string} id
 * @property {string} title
 * @property {string} text
 * @property {string | null} published
 * @property {string | null} publisher
 * @property {string | null} url
 */

/**
 * @typedef {object} ActorRow
 * @property {string} id
 * @property {string} name
 * @property {string} kind
 * @property {string | null} country
 * @property {string[]} aliases
 * @property {{ made: number, faced: number }} claims
 */

/**
 * @typedef {object} IncidentRow
 * @property {string} id
 * @property {string} label
 * @property {string[]} types
 * @property {string | null} place
 * @property {string | null} country
 * @property {string | null} date
 * @property {number} claims
 */

/**
 * @typedef {object} Health
 * @property {string} status
 * @property {number} revision
 * @property {number} articles
 * @property {number} claims
 * @property {number} actors
 * @property {number} incidents
 */

/**
 * An arrow as it is drawn: one edge of the graph, or several between the same two nodes drawn as one.
 * @typedef {object} Arrow
 * @property {string} id id of the best-evidenced edge in it
 * @property {string[]} ids ids of all edges in it
 * @property {EdgeKind} kind
 * @property {Modality | null} modality
 * @property {string} phrase
 * @property {GraphNode} source
 * @property {GraphNode} target
 * @property {string[]} claims
 * @property {string[]} incidents that the claims are about
 * @property {number} count pieces of evidence
 * @property {string | null} first
 * @property {string | null} last
 */

/**
 * What is on the canvas, before hiding.
 * @typedef {object} Picture
 * @property {number} revision
 * @property {Map<string, GraphNode>} nodes
 * @property {Map<string, GraphEdge>} edges
 * @property {string[][]} steps ids of the nodes that the first answer and then each expansion brought
 * @property {number} drawn edges of the first answer
 * @property {number} grown edges that only expansions brought
 * @property {number} total edges that match
 * @property {boolean} at_least whether `total` is a lower bound
 * @property {number} without_edge claims that match and have no edge
 * @property {Map<string, { shown: number, total: number }>} expansions
 */

/**
 * The whole state of the page; `state.js` writes it into the address and reads it back.
 * @typedef {object} State
 * @property {"graph" | "table"} tab
 * @property {string[]} actors ids in focus
 * @property {string} incident id in focus, or ""
 * @property {string} place
 * @property {EdgeKind[]} kinds
 * @property {string} since
 * @property {string} until
 * @property {string} publisher
 * @property {number} confidence least confidence; 0 asks for all
 * @property {number} hops
 * @property {number} limit
 * @property {boolean} rollup
 * @property {boolean} merge draw one arrow for all incidents between two nodes
 * @property {{ id: string, n: number }[]} expand
 * @property {string[]} hide
 * @property {Record<string, [number, number]>} pins
 * @property {string} select `edge:ID`, `node:ID` or ""
 * @property {string} article id of the article being read, or ""
 * @property {string} quote id of the claim whose quote is looked at, or ""
 * @property {string} sort
 */

export {};
