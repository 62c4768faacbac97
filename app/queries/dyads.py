"""Two actors in, what each says of and does to the other over time out, and how far the one follows the other.

The figures count what articles report. Reciprocity of reports is not reciprocity of deeds. No figure says who began.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from app.graph import ConflictGraph
from app.queries.coverage import last_day
from app.queries.filters import ClaimFilter, select
from app.queries.ladder import RungCount
from app.queries.lags import check_window, day_after
from app.queries.rows import AppliedFilters, Counts, count
from app.vocabulary.errors import BadQuery
from app.vocabulary.terms import ClaimType, Rung

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WINDOW = 14
"""Days within which an accusation or retaliation counts as reciprocated, unless asked otherwise."""
MOST_BINS = 5000
MOST_LAGS = 12
LEAST_PAIRS = 12
"""Bins that must face each other before a correlation is told."""
RESAMPLES = 1000
PORTION = 100
SEED = 20240301
"""The band is the same whenever it is computed."""

Unit = Literal["day", "week", "month"]
Direction = Literal["forth", "back"]
_START: dict[Unit, Callable[[date], date]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
}


class Flow(msgspec.Struct, frozen=True):
    """What goes from one actor to the other; narrower denials are not counted.

    Attributes:
        rungs: Retaliations by rung; rungs without a claim are not listed.
        highest: The highest of them.
    """

    all: Counts
    accuses: Counts
    denies: Counts
    retaliates: Counts
    rungs: list[RungCount]
    highest: Rung | None


class DyadBin(msgspec.Struct, frozen=True):
    """One day, week (from Monday) or month, by its first day."""

    start: str
    forth: Flow
    back: Flow


class Reached(msgspec.Struct, frozen=True):
    """The first bin in which a rung, higher than all before it, was reported; `claim` is the first such claim."""

    direction: Direction
    rung: Rung
    start: str
    claim: str


class Reciprocated(msgspec.Struct, frozen=True):
    """How much of what goes one way is followed by something the other way.

    The share is `reciprocated` / `considered`. A claim is considered if it is an accusation or a retaliation, its date
    is a day, and the articles reach to the end of its window. It is reciprocated if an accusation or retaliation the
    other way was said on the same day or up to `within` days later.

    Attributes:
        direction: Which way the claims go that are followed.
        open: Claims whose window the articles do not cover to its end.
        inexact: Claims without a day of their own.
        share: None where none is considered.
    """

    direction: Direction
    within: int
    considered: int
    reciprocated: int
    open: int
    inexact: int
    share: float | None


class LagCorrelation(msgspec.Struct, frozen=True):
    """How the number of claims one way goes with that the other way some bins later.

    Attributes:
        lag: Bins by which the follower comes after the other; 0 is the same bin.
        follower: Which way the claims go that come after.
        pairs: Bins that face each other.
        r: Pearson's correlation of the two counts of accusations and retaliations a bin.
        low: Lower end of its 95 % band: moving blocks of pairs, drawn 1,000 times.
        high: Upper end.
    """

    lag: int
    follower: Direction
    pairs: int
    r: float
    low: float
    high: float


class Dyad(msgspec.Struct, frozen=True):
    """Two actors over time. `forth` is from the first to the second.

    Attributes:
        bins: Those in which something was said; the others between first and last hold nothing.
        span: How many bins there are from the first to the last.
        forth: All that goes forth, whether a bin holds it or not.
        back: All that goes back.
        balance: 1 − |f − b| / (f + b), f and b being accusations and retaliations forth and back; None where none.
        reciprocated: Forth followed by back, and back followed by forth.
        correlations: By lag; empty where `no_correlation` says why there is none.
        escalation: Each way, the bins in which a rung higher than all before was first reported.
        undated: Claims that nothing dates.
        too_coarse: Claims whose date is wider than a bin: in no bin rather than in any.
        narrower: Denials by parts that speak for themselves, which are not counted.
    """

    revision: int
    filters: AppliedFilters
    unit: Unit
    bins: list[DyadBin]
    span: int
    forth: Flow
    back: Flow
    balance: float | None
    reciprocated: list[Reciprocated]
    correlations: list[LagCorrelation]
    no_correlation: str | None
    escalation: list[Reached]
    undated: int
    too_coarse: int
    narrower: int
    undated_left_out: int


@dataclass(slots=True)
class _Way:
    """Claims one way: in order, and by bin."""

    ids: Sequence[str]
    narrower: int
    undated_left_out: int
    by_bin: dict[date, list[str]] = field(default_factory=dict)
    undated: int = 0
    too_coarse: int = 0


def dyad(graph: ConflictGraph, asked: ClaimFilter, unit: Unit = "week", within: int = WINDOW, lags: int = 4) -> Dyad:
    """The dyad of the filter's source and target, both ways.

    Args:
        graph: The graph.
        asked: Names both actors; the other filters hold both ways.
        unit: How long a bin is.
        within: Days within which a claim counts as reciprocated.
        lags: The longest lag, in bins.

    Raises:
        BadQuery: A name is missing or the same, or a name, date or number cannot be used.
    """
    if asked.source is None or asked.target is None:
        raise BadQuery("a dyad has two actors; name a source and a target")
    if unit not in _START:
        raise BadQuery(f"unit must be day, week or month, not {unit!r}")
    if not 0 <= lags <= MOST_LAGS:
        raise BadQuery(f"lags must lie between 0 and {MOST_LAGS}, not {lags}")
    check_window("within", within)
    forth, applied = _way(graph, asked, unit)
    back, _ = _way(graph, dataclasses.replace(asked, source=asked.target, target=asked.source), unit)
    if applied.source_id == applied.target_id:
        raise BadQuery("a dyad has two actors; source and target name the same")
    starts = sorted({*forth.by_bin, *back.by_bin})
    span = _bins(starts[0], starts[-1], unit) if starts else []
    if len(span) > MOST_BINS:
        raise BadQuery(
            f"from {starts[0]} to {starts[-1]} there are more than {MOST_BINS} bins; ask for longer ones, or set since"
        )
    correlations, reason = _correlations(_series(graph, forth, span), _series(graph, back, span), lags)
    f, b = (len(_hostile(graph, way.ids)) for way in (forth, back))
    return Dyad(
        revision=graph.revision,
        filters=applied,
        unit=unit,
        bins=[
            DyadBin(
                start.isoformat(),
                _flow(graph, forth.by_bin.get(start, [])),
                _flow(graph, back.by_bin.get(start, [])),
            )
            for start in starts
        ],
        span=len(span),
        forth=_flow(graph, forth.ids),
        back=_flow(graph, back.ids),
        balance=round(1 - abs(f - b) / (f + b), 4) if f + b else None,
        reciprocated=[
            _reciprocated(graph, "forth", forth, back, within),
            _reciprocated(graph, "back", back, forth, within),
        ],
        correlations=correlations,
        no_correlation=reason,
        escalation=[*_escalation(graph, "forth", forth), *_escalation(graph, "back", back)],
        undated=forth.undated + back.undated,
        too_coarse=forth.too_coarse + back.too_coarse,
        narrower=forth.narrower + back.narrower,
        undated_left_out=forth.undated_left_out + back.undated_left_out,
    )


def _way(graph: ConflictGraph, asked: ClaimFilter, unit: Unit) -> tuple[_Way, AppliedFilters]:
    found = select(graph, dataclasses.replace(asked, type=None))
    way = _Way(found.counting, len(found.narrower), found.undated_left_out)
    start_of = _START[unit]
    for one in way.ids:
        when = graph.claims[one].when
        if when.start is None or when.end is None:
            way.undated += 1
        elif start_of(when.start) != start_of(when.end):
            way.too_coarse += 1
        else:
            way.by_bin.setdefault(start_of(when.start), []).append(one)
    return way, found.applied


def _flow(graph: ConflictGraph, ids: Sequence[str]) -> Flow:
    by_type: dict[ClaimType, list[str]] = {kind: [] for kind in ClaimType}
    rungs: dict[Rung, int] = dict.fromkeys(Rung, 0)
    for one in ids:
        claim = graph.claims[one].claim
        by_type[claim.type].append(one)
        if claim.rung is not None:
            rungs[claim.rung] += 1
    reached = [rung for rung, number in rungs.items() if number]
    return Flow(
        all=count(graph, ids),
        accuses=count(graph, by_type[ClaimType.ACCUSES]),
        denies=count(graph, by_type[ClaimType.DENIES]),
        retaliates=count(graph, by_type[ClaimType.RETALIATES]),
        rungs=[RungCount(rung, rungs[rung]) for rung in reached],
        highest=reached[-1] if reached else None,
    )


def _hostile(graph: ConflictGraph, ids: Sequence[str]) -> list[str]:
    """Accusations and retaliations; a denial is an answer of another sort."""
    return [one for one in ids if graph.claims[one].type is not ClaimType.DENIES]


def _bins(first: date, last: date, unit: Unit) -> list[date]:
    found = [first]
    while found[-1] < last and len(found) <= MOST_BINS:
        here = found[-1]
        following = (here.replace(day=28) + timedelta(days=4)).replace(day=1)
        found.append(following if unit == "month" else here + timedelta(days=7 if unit == "week" else 1))
    return found


def _series(graph: ConflictGraph, way: _Way, span: list[date]) -> NDArray[np.float64]:
    import numpy as np

    return np.array([len(_hostile(graph, way.by_bin.get(start, []))) for start in span], dtype=np.float64)


def _reciprocated(graph: ConflictGraph, direction: Direction, way: _Way, other: _Way, within: int) -> Reciprocated:
    answers = sorted(
        when.start
        for one in _hostile(graph, other.ids)
        if (when := graph.claims[one].when).start is not None and when.start == when.end
    )
    last, span = last_day(graph), timedelta(days=within)
    considered = followed = still_open = inexact = 0
    for one in _hostile(graph, way.ids):
        when = graph.claims[one].when
        if when.start is None or when.start != when.end:
            inexact += 1
            continue
        until = day_after(when.start, span)
        if last is None or until > last:
            still_open += 1
            continue
        considered += 1
        at = bisect_left(answers, when.start)
        followed += at < len(answers) and answers[at] <= until
    share = round(followed / considered, 4) if considered else None
    return Reciprocated(direction, within, considered, followed, still_open, inexact, share)


def _correlations(
    forth: NDArray[np.float64], back: NDArray[np.float64], lags: int
) -> tuple[list[LagCorrelation], str | None]:
    """Correlations by lag, or why there are none."""
    if len(forth) - lags < LEAST_PAIRS:
        needed = LEAST_PAIRS + lags
        return [], f"too few bins: {len(forth)} from the first to the last, and lags up to {lags} need {needed}"
    if not forth.std() or not back.std():
        return [], "the number of claims a bin does not vary in one of the directions"
    found: list[LagCorrelation] = []
    for shift in range(lags + 1):
        ways: tuple[tuple[Direction, NDArray[np.float64], NDArray[np.float64]], ...]
        ways = (("back", forth, back), ("forth", back, forth)) if shift else (("back", forth, back),)
        for follower, first, second in ways:
            one = _correlation(first[: len(first) - shift], second[shift:])
            if one is not None:
                found.append(LagCorrelation(shift, follower, len(first) - shift, *one))
    return found, None


def _correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float, float] | None:
    """Pearson's r with a 95 % band from a moving-block bootstrap (Künsch 1989), blocks of n^(1/3) pairs."""
    import numpy as np

    if not x.std() or not y.std():
        return None
    n = len(x)
    length = max(1, round(n ** (1 / 3)))
    dice = np.random.default_rng(SEED)
    drawn: list[float] = []
    # In portions, for the draws of a long series are large.
    for _ in range(RESAMPLES // PORTION):
        starts = dice.integers(0, n - length + 1, size=(PORTION, -(-n // length)))
        at = (starts[:, :, None] + np.arange(length)).reshape(PORTION, -1)[:, :n]
        ours, theirs = (side[at] - side[at].mean(axis=1, keepdims=True) for side in (x, y))
        below = np.sqrt((ours**2).sum(axis=1) * (theirs**2).sum(axis=1))
        # A draw in which one side does not vary has no correlation.
        varied = below > 1e-9
        drawn += ((ours * theirs).sum(axis=1)[varied] / below[varied]).tolist()
    if not drawn:
        return None
    low, high = np.percentile(drawn, (2.5, 97.5))
    return round(float(np.corrcoef(x, y)[0, 1]), 4), round(float(low), 4), round(float(high), 4)


def _escalation(graph: ConflictGraph, direction: Direction, way: _Way) -> list[Reached]:
    found: list[Reached] = []
    for start in sorted(way.by_bin):
        reached = [(rung.height, one, rung) for one in way.by_bin[start] if (rung := graph.claims[one].rung)]
        if not reached:
            continue
        highest = max(height for height, _, _ in reached)
        if not found or highest > found[-1].rung.height:
            _, claim, rung = next(one for one in reached if one[0] == highest)
            found.append(Reached(direction, rung, start.isoformat(), claim))
    return found
