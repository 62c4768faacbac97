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
 * @property {string | null} happened the day(s) of the incident, as the article dates it
 * @property {string | null} ingested UTC instant at which its article entered the ledger
 * @property {string[]} relayed_by through whom the words reached the article, outermost first
 * @property {string} lineage id of the article from whose text it descends
 * @property {string} cue
 * @property {string} title
 * @property {string | null} url
 * @property {"narrower" | null} [scope] of a denial by a part of the actor that was asked for
 * @property {{ quote: string, part: "title" | "text", start: number, end: number, article: string }} evidence
 */

/**
 * @typedef {object} ClaimPage
 * @property {number} revision
 * @property {number} total
 * @property {{ claims: number, articles: number, publishers: number }} counts
 * @property {number} narrower denials by parts of an actor that was asked for, shown beside the others
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
 * How many claims match, and how many would with one filter less, for the filter's own choices.
 * @typedef {object} Facets
 * @property {number} revision
 * @property {number} of claims in the ledger
 * @property {number} claims that match all filters
 * @property {number} narrower denials by parts of an actor in focus, that are shown beside them and not counted
 * @property {number} undated_left_out claims that only the dates keep out, because nothing tells their day
 * @property {Record<ClaimType, number>} types whatever types are ticked
 * @property {Record<Modality, number>} modalities whatever modalities are ticked
 * @property {{ name: string, claims: number }[]} publishers whatever outlet is asked for; the most frequent first
 * @property {"day" | "month" | "year"} unit of the bins
 * @property {{ start: string, accuses: number, denies: number, retaliates: number }[]} bins whatever the dates
 * @property {number} undated claims that the chosen clock does not date
 * @property {number} too_coarse claims whose date is wider than a bin: they stand in none
 */

/** @typedef {"graph" | "matrix" | "timeline" | "threads" | "map" | "incident" | "actor" | "table" | "review" | "add"} Tab */
/** Which of a claim's four times the dates look at. @typedef {"said" | "published" | "happened" | "ingested"} Clock */
/** What counts as said by or against an actor. @typedef {"off" | "state" | "full"} Rollup */
/** On which side the actors in focus must stand. @typedef {"either" | "source" | "target"} Role */

/**
 * The whole state of the page; `state.js` writes it into the address and reads it back.
 * @typedef {object} State
 * @property {Tab} tab
 * @property {string[]} actors ids in focus
 * @property {Role} role of the actors in focus
 * @property {string} incident id in focus, or ""
 * @property {string} place
 * @property {EdgeKind[]} kinds
 * @property {Modality[]} modality only these; all where empty
 * @property {Clock} clock
 * @property {string} since
 * @property {string} until
 * @property {string} publisher
 * @property {number} confidence least confidence; 0 asks for all
 * @property {Rollup} rollup
 * @property {number} hops
 * @property {number} limit
 * @property {boolean} merge draw one arrow for all incidents between two nodes
 * @property {{ id: string, n: number }[]} expand
 * @property {string[]} hide
 * @property {Record<string, [number, number]>} pins where the reader put nodes
 * @property {string} at where nodes stood when the data changed (see `places.js`), or ""
 * @property {string} select `edge:ID`, `node:ID` or ""
 * @property {string} thread id of the claim whose thread is shown, or ""
 * @property {string} shownIncident id of the incident that the Incident view shows, or ""
 * @property {string} shownActor id of the actor that the Actor view shows, or ""
 * @property {string} article id of the article being read, or ""
 * @property {string} quote id of the claim whose quote is looked at, or ""
 * @property {string} sort
 * @property {"weight" | "name"} order of the matrix's rows and columns
 * @property {number} top rows and columns of the matrix at most
 * @property {"" | "day" | "week" | "month" | "year"} unit of the timeline's bars; "" lets the span choose
 * @property {string} look what is looked at in the matrix, timeline or map: `cell:SOURCE>TARGET`, `bin:START`, `where:KEY`, or ""
 */

/**
 * Those of some claims that are of one type and modality; `lineages` counts copies of one text once.
 * @typedef {{ kind: ClaimType, modality: Modality, claims: number, lineages: number }} Part
 */

/** @typedef {{ id: string, label: string, claims: number, lineages: number }} Heading */
/** @typedef {{ source: string, target: string, claims: number, articles: number, publishers: number, lineages: number, parts: Part[] }} Cell */

/**
 * Who (sources) says it of whom (targets); `left_out` are claims whose source or target is not among those shown.
 * @typedef {{ revision: number, sources: Heading[], targets: Heading[], cells: Cell[], all_sources: number, all_targets: number, total: number, without_target: number, left_out: number, undated_left_out: number }} Matrix
 */

/** @typedef {"day" | "week" | "month" | "year"} Unit */
/** @typedef {{ start: string, accuses: number, denies: number, retaliates: number, articles: number }} Bin */
/** @typedef {{ revision: number, unit: Unit, clock: Clock, bins: Bin[], total: number, undated: number, too_coarse: number, undated_left_out: number }} Timeline */

/**
 * An incident with the matching claims about it, and how exactly it is known where it is said to have happened.
 * @typedef {object} Dispute
 * @property {string} incident
 * @property {string} label
 * @property {string[]} types
 * @property {string | null} date
 * @property {string | null} place
 * @property {string | null} place_id
 * @property {string | null} country alpha-3
 * @property {number | null} lat
 * @property {number | null} lon
 * @property {"site" | "settlement" | "region" | "country" | "unknown"} precision
 * @property {string} thread id of the claim whose thread to open
 * @property {Part[]} parts
 * @property {number} claims
 * @property {number} lineages
 * @property {number} articles
 * @property {number} publishers
 * @property {string | null} first
 * @property {string | null} last
 */

/** @typedef {{ revision: number, disputes: Dispute[], total: number, claims: number, without_incident: number, undated_left_out: number, next: string | null }} Disputes */

/**
 * The claim `start` answers the claim `end`: because the article says so, or by a named rule.
 * @typedef {{ start: string, end: string, link: string, basis: "explicit" | "inferred", rule: string, why: string, confidence: number, narrower: string | null }} ThreadLink
 */

/**
 * @typedef {object} Thread
 * @property {number} revision
 * @property {string} claim
 * @property {string} root
 * @property {Claim[]} claims
 * @property {ThreadLink[]} links
 * @property {{ claim: string, incident: string, incident_label: string }[]} incidents
 * @property {any[]} acknowledgements
 * @property {{ claim: string, accused: string, accused_id: string, searched: number }[]} open_ends
 * @property {string[]} orphans
 * @property {ThreadLink[]} circular
 * @property {boolean} truncated
 */

/**
 * What every view is: `js/views/NAME.js` exports `class NameView` (GraphView, MatrixView, …), whose constructor takes
 * the place to draw in and the shell. It makes its own elements inside the place, with `h()` of `dom.js`.
 * @typedef {object} View
 * @property {(state: State) => string} key what its answer depends on; while it stays the same, `show` is called only when the tab opens
 * @property {(state: State, signal: AbortSignal) => Promise<void>} show asks and draws; throws what `api.js` throws, and nothing after the signal is aborted
 * @property {() => string} summary one sentence that is always true of what is shown ("12 of 40 claims …")
 * @property {(event: KeyboardEvent) => void} [press] a key pressed outside of any field, that the page has no use for itself
 * @property {() => void} [recolour] called when the theme changed, for what is not drawn with CSS
 */

/**
 * What the page lends its views.
 * @typedef {object} Shell
 * @property {() => State} state
 * @property {(patch: Partial<State>, how?: { replace?: boolean }) => void} go changes the state; `replace` leaves no step for the browser's Back
 * @property {(claim: Claim) => void} read opens the article at the claim's sentence
 * @property {(claimId: string) => void} receipt opens the receipt of a claim
 * @property {(id: string, add?: boolean) => void} focus puts an actor or incident in focus; `add` keeps what is there
 * @property {(claimId: string) => void} openThread
 * @property {(id: string) => void} openIncident
 * @property {(id: string) => void} openActor
 * @property {(heading: string, claimIds: string[]) => void} evidence shows the quotes behind anything drawn, in the panel beside the view
 * @property {(text: string) => void} say tells whoever cannot see the change
 * @property {(error: unknown) => void} problem shows what went wrong; null, that all is well
 * @property {Map<string, string>} names id to label of what was met
 * @property {(publishers: (string | null)[]) => void} know outlets that were met, to suggest them
 * @property {() => number} total claims in the ledger
 * @property {() => number} revision of the ledger, as last heard
 * @property {() => Promise<void>} changed the ledger was changed from here: everything is asked anew
 */

export {};
