"""Examples of answers for OpenAPI, made of the records themselves, so that none can have a field an answer has not.

The dispute is invented: Norland accuses Sudria of shelling a market.
"""

from __future__ import annotations

from typing import Any

import msgspec

from app.queries.centralities import Centralities, Standing
from app.queries.coverage import Searched
from app.queries.dyads import Dyad, DyadBin, Flow, Reached, Reciprocated
from app.queries.hearsay import Chain, ChainLink, DepthRow, Hearsay, RelayRow, WeakestRow
from app.queries.ladder import DyadLadder, FollowThrough, Ladder, LadderClaim, OutcomeRow, Paired, RungCount, RungRow
from app.queries.lags import Lag
from app.queries.mirrors import Cycle, CycleEdge, Cycles, Mirror, Mirrors, Side
from app.queries.responses import KindRow, Latency, Response, ResponseAnswer, ResponseRow, Responses, StatusRow
from app.queries.rows import AppliedFilters, ClaimRow, Counts, EvidenceRow
from app.queries.stances import Flip, Histories, History, StanceRow
from app.vocabulary.terms import ClaimType, Clock, DenialKind, Modality, Rollup, Rung

ONE = Counts(claims=1, articles=1, publishers=1, lineages=1)
NONE = Counts(claims=0, articles=0, publishers=0, lineages=0)
INCIDENT = "inc-6b1f0c2d9e8a7b6c5d4e"
LABEL = "shelling, Kesh, 2024-03-01"
FILTERS = AppliedFilters(
    source="Norland",
    source_id="actor-norland",
    target="Sudria",
    target_id="actor-sudria",
    rollup=Rollup.FULL,
    clock=Clock.SAID,
)


def _evidence(quote: str, article: str) -> EvidenceRow:
    return EvidenceRow(quote=quote, part="text", start=0, end=len(quote), article=article)


def _claim(
    number: int, type_: ClaimType, quote: str, day: str, *, by_norland: bool = True, rung: Rung | None = None
) -> ClaimRow:
    source, target = ("Norland", "Sudria") if by_norland else ("Sudria", "Norland")
    article = f"art-{number:020d}"
    return ClaimRow(
        id=f"clm-{number:020d}",
        type=type_,
        modality=Modality(rung) if rung is not None else Modality.ASSERTED,
        speaker=source,
        speaker_id=f"actor-{source.lower()}",
        source=source,
        source_id=f"actor-{source.lower()}",
        target=target,
        target_id=f"actor-{target.lower()}",
        target_named=None,
        target_named_id=None,
        incident=INCIDENT,
        incident_label=LABEL,
        date=None,
        published=day,
        publisher="The Courier",
        denial_kind=DenialKind.PERPETRATION if type_ is ClaimType.DENIES else None,
        responds_to=None,
        confidence=0.9,
        cue="recorded",
        title="Market shelled",
        url="https://courier.example/1",
        evidence=_evidence(quote, article),
        source_named=None,
        source_named_id=None,
        threat_kind=None,
        rung=rung,
        happened="2024-03-01",
        said=day,
        said_basis="published",
        ingested="2024-06-01T08:00:00Z",
        relayed_by=(),
        lineage=article,
    )


ACCUSED = _claim(1, ClaimType.ACCUSES, "Norland accused Sudria of shelling the market.", "2024-03-02")
DENIED = _claim(2, ClaimType.DENIES, "Sudria denied that it had shelled the market.", "2024-03-04", by_norland=False)
COUNTERED = _claim(3, ClaimType.ACCUSES, "Sudria blamed Norland for the shelling.", "2024-03-05", by_norland=False)
VOWED = _claim(4, ClaimType.RETALIATES, "Norland vowed to answer the shelling.", "2024-03-02", rung=Rung.THREATENED)
EXPELLED = _claim(
    5, ClaimType.RETALIATES, "Norland expelled two diplomats in return.", "2024-03-09", rung=Rung.CARRIED_OUT
)
SEARCHED = Searched(
    since="2024-03-02", until="2024-04-01", articles=14, publishers=5, naming_articles=6, naming_publishers=3
)

LADDER = Ladder(
    revision=7,
    filters=FILTERS,
    within=90,
    rungs=[
        RungRow(Rung.CALLED_FOR, NONE, [], 0),
        RungRow(Rung.THREATENED, ONE, [LadderClaim(VOWED, "actor")], 0),
        RungRow(Rung.CONDITIONAL, NONE, [], 0),
        RungRow(Rung.ORDERED, NONE, [], 0),
        RungRow(Rung.CARRIED_OUT, ONE, [LadderClaim(EXPELLED, "unattributed")], 0),
    ],
    dyads=[
        DyadLadder(
            source="Norland",
            source_id="actor-norland",
            target="Sudria",
            target_id="actor-sudria",
            highest=Rung.CARRIED_OUT,
            first_said="2024-03-09",
            claim=EXPELLED.id,
            rungs=[RungCount(Rung.THREATENED, 1), RungCount(Rung.CARRIED_OUT, 1)],
        )
    ],
    dyads_left_out=0,
    outcomes=[
        OutcomeRow("carried_out", ONE),
        OutcomeRow("withdrawn", NONE),
        OutcomeRow("expired", NONE),
        OutcomeRow("unknown", NONE),
    ],
    threats=[
        FollowThrough(
            threat=VOWED,
            outcome="carried_out",
            why="paired",
            until="2024-05-31",
            carried_out=Paired(EXPELLED, "same_incident", "same", Lag(7, 7), other_incident=False),
            further=0,
            withdrawn_by=None,
            searched=SEARCHED,
        )
    ],
    total=1,
    copies=0,
    undated_left_out=0,
    next=None,
)

_RESPONSE = Response(
    id=DENIED.id,
    kind="denial",
    basis="same_incident",
    by="same",
    actor="Sudria",
    actor_id="actor-sudria",
    said="2024-03-04",
    publisher="The Courier",
    lag=Lag(2, 2),
    evidence=DENIED.evidence,
)
_ROW = ResponseRow(ACCUSED, "answered", _RESPONSE, further=0, unlinked=[], window_over=True, searched=SEARCHED)
RESPONSE = ResponseAnswer(revision=7, within=30, by_parties=False, response=_ROW, responses=[_RESPONSE])
RESPONSES = Responses(
    revision=7,
    filters=FILTERS,
    within=30,
    by_parties=False,
    summed=1,
    statuses=[
        StatusRow("answered", ONE),
        StatusRow("unlinked", NONE),
        StatusRow("silence", NONE),
        StatusRow("no_coverage", NONE),
        StatusRow("undated", NONE),
        StatusRow("no_target", NONE),
    ],
    kinds=[KindRow("denial", ONE)],
    latency=Latency(exact=1, inexact=0, least=2, median=2.0, most=2),
    responses=[_ROW],
    total=1,
    undated_left_out=0,
    next=None,
)

_DENIAL = StanceRow(
    id=DENIED.id,
    stance="reject",
    actor="Sudria",
    actor_id="actor-sudria",
    about="Sudria",
    about_id="actor-sudria",
    scope="own",
    said="2024-03-04",
    denial_kind=DenialKind.PERPETRATION,
    publisher="The Courier",
    evidence=DENIED.evidence,
)
_ADMISSION = StanceRow(
    id="ack-00000000000000000006",
    stance="admission",
    actor="Sudria",
    actor_id="actor-sudria",
    about="Sudria",
    about_id="actor-sudria",
    scope="own",
    said="2024-05-04",
    denial_kind=None,
    publisher="Harbour Times",
    evidence=_evidence("Sudria admitted that the shells were its own.", "art-00000000000000000006"),
)
HISTORIES = Histories(
    revision=7,
    filters=AppliedFilters(source="Sudria", source_id="actor-sudria", rollup=Rollup.FULL, clock=Clock.SAID),
    turns=(),
    histories=[
        History(
            actor="Sudria",
            actor_id="actor-sudria",
            incident=INCIDENT,
            incident_label=LABEL,
            stances=[_DENIAL, _ADMISSION],
            flips=[Flip("denial_to_acknowledgement", _DENIAL, _ADMISSION, Lag(61, 61))],
            same_day=0,
            undated=0,
            left_out=0,
            counts=Counts(claims=2, articles=2, publishers=2, lineages=2),
        )
    ],
    flips=1,
    total=1,
    undated_left_out=0,
    next=None,
)

MIRRORS = Mirrors(
    revision=7,
    filters=FILTERS,
    within=30,
    mirrors=[
        Mirror(
            basis="same_incident",
            incident=INCIDENT,
            incident_label=LABEL,
            act=None,
            gap=Lag(3, 3),
            sides=(
                Side(
                    "Norland", "actor-norland", "Sudria", "actor-sudria", ONE, "2024-03-02", "2024-03-02", [ACCUSED], 0
                ),
                Side(
                    "Sudria",
                    "actor-sudria",
                    "Norland",
                    "actor-norland",
                    ONE,
                    "2024-03-05",
                    "2024-03-05",
                    [COUNTERED],
                    0,
                ),
            ),
            said_in_window=8,
            share=0.25,
            balance=1.0,
        )
    ],
    total=1,
    looked_at=2,
    undated_left_out=0,
    next=None,
)
CYCLES = Cycles(
    revision=7,
    filters=AppliedFilters(type=ClaimType.ACCUSES, rollup=Rollup.FULL, clock=Clock.SAID),
    length=4,
    least=1,
    cycles=[
        Cycle(
            length=2,
            edges=[
                CycleEdge("Norland", "actor-norland", "Sudria", "actor-sudria", ONE, ACCUSED.id),
                CycleEdge("Sudria", "actor-sudria", "Norland", "actor-norland", ONE, COUNTERED.id),
            ],
            weakest=1,
            share=1.0,
        )
    ],
    total=1,
    truncated=False,
    looked_at=2,
    undated_left_out=0,
)

_FORTH = Flow(
    all=ONE, accuses=NONE, denies=NONE, retaliates=ONE, rungs=[RungCount(Rung.THREATENED, 1)], highest=Rung.THREATENED
)
_NEITHER = Flow(all=NONE, accuses=NONE, denies=NONE, retaliates=NONE, rungs=[], highest=None)
_BACK = Flow(all=ONE, accuses=NONE, denies=ONE, retaliates=NONE, rungs=[], highest=None)
DYAD = Dyad(
    revision=7,
    filters=FILTERS,
    unit="week",
    bins=[DyadBin("2024-02-26", _FORTH, _NEITHER), DyadBin("2024-03-04", _NEITHER, _BACK)],
    span=2,
    forth=_FORTH,
    back=_BACK,
    balance=0.0,
    reciprocated=[
        Reciprocated("forth", within=14, considered=1, reciprocated=0, open=0, inexact=0, share=0.0),
        Reciprocated("back", within=14, considered=0, reciprocated=0, open=0, inexact=0, share=None),
    ],
    correlations=[],
    no_correlation="too few bins: 2 from the first to the last, and lags up to 4 need 16",
    escalation=[Reached("forth", Rung.THREATENED, "2024-02-26", VOWED.id)],
    undated=0,
    too_coarse=0,
    narrower=0,
    undated_left_out=0,
)

_RELAY = ChainLink("relay", "Sudrian Foreign Ministry", "actor-sudrian-foreign-ministry", "interested")
CHAIN = Chain(
    revision=7,
    claim=ACCUSED,
    links=[
        ChainLink("outlet", "The Courier", None, "known"),
        _RELAY,
        ChainLink("speaker", "Norland", "actor-norland", "known"),
    ],
    depth=1,
    weakest=_RELAY,
)
HEARSAY = Hearsay(
    revision=7,
    filters=FILTERS,
    depths=[DepthRow(0, ONE), DepthRow(1, ONE)],
    all_known=ONE,
    weakest=[WeakestRow("relay", "interested", ONE)],
    relays=[RelayRow("Sudrian Foreign Ministry", "actor-sudrian-foreign-ministry", ONE)],
    relays_left_out=0,
    chains=[CHAIN],
    total=2,
    relayed=1,
    undated_left_out=0,
    next=None,
)

CENTRALITIES = Centralities(
    revision=7,
    filters=AppliedFilters(rollup=Rollup.FULL, top=2),
    kinds=tuple(ClaimType),
    by="pagerank",
    actors=[
        Standing("actor-sudria", "Sudria", 0.5, 0.0, out_degree=1, in_degree=1, texts_by=1, texts_against=2),
        Standing("actor-norland", "Norland", 0.5, 0.0, out_degree=1, in_degree=1, texts_by=2, texts_against=1),
    ],
    all_actors=2,
    ties=2,
    ties_looked_at=2,
    total=3,
    without_target=0,
    undated_left_out=0,
    computed_by="networkx",
)

EXAMPLES: dict[str, Any] = {
    type(one).__name__: msgspec.to_builtins(one)
    for one in (LADDER, RESPONSES, RESPONSE, HISTORIES, MIRRORS, CYCLES, DYAD, CHAIN, HEARSAY, CENTRALITIES)
}
"""By the name of the record."""
