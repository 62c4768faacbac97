"""What the contest of engines found, as goals and tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.benchmarks import contest
from tests.benchmarks.centralities import Central
from tests.benchmarks.contest import AddingResult, Figure, Result
from tests.benchmarks.figures import Goal, Table, Told, at_least, at_most, ms, times
from tests.benchmarks.peers.base import QUESTIONS
from tests.benchmarks.peers.ours import Polemos, Whole

NAIVE = "naive networkx"


def told(
    result: Result, more: AddingResult | None, few: Result | None, central: Sequence[Central], origin: str
) -> Told:
    """Goals and tables: at rest, while claims are added, over a tenth of the claims, and of centralities."""
    tables = [Table("What is asked", ["", "question"], [[f"({letter})", told] for letter, told in QUESTIONS.items()])]
    tables.append(_standing(result, f"Queries over {result.claims:,} claims ({origin}), milliseconds"))
    tables.append(_ratios(result, "The same, as multiples of Polemos' time"))
    if more is not None:
        tables.append(_while_adding(more))
    if few is not None:
        tables.append(_standing(few, f"Queries over {few.claims:,} claims, milliseconds"))
    tables.append(
        Table(
            "Centralities",
            ["what", "library", "ms", "largest difference for an actor"],
            [[one.what, one.library, ms(one.median_ms), f"{one.apart:.1e}"] for one in central],
        )
    )
    goals = _query_goals(result) + (_adding_goals(more) if more is not None else [])
    ours = [one for one in central if one.library.startswith("Polemos")]
    apart = max(one.apart for one in ours)
    if len({one.library for one in ours}) > 1:
        goals.append(
            Goal("centralities by rustworkx and by networkx", "the same numbers", f"{apart:.0e} apart", apart < 1e-9)
        )
    goals.append(_agreement([result, *([few] if few is not None else [])], more))
    return goals, tables


def _by_question(figures: Iterable[Figure]) -> dict[str, dict[str, Figure]]:
    found: dict[str, dict[str, Figure]] = {}
    for one in figures:
        found.setdefault(one.question, {})[one.engine] = one
    return found


def _notes(result: Result) -> list[str]:
    notes = [f"Loading, seconds: {', '.join(f'{name} {took:.1f}' for name, took in result.load_s.items())}."]
    notes += [f"{name} was not asked: {why}." for name, why in result.skipped.items()]
    notes += [f"{name} gave no answer: {why}" for name, why in result.failed.items()]
    few = [f"{one.engine} ({one.question}) {one.asked}" for one in result.figures if one.asked < contest.LEAST_ASKED]
    asked = max(one.asked for one in result.figures)
    if few and asked >= contest.LEAST_ASKED:
        notes.append(f"Asked fewer than {contest.LEAST_ASKED} times, for it took too long: {', '.join(few)}.")
    return notes


def _standing(result: Result, title: str) -> Table:
    by = _by_question(result.figures)
    engines = list(dict.fromkeys(one.engine for one in result.figures))
    rows = [
        [name, *(ms(by[question][name].median_ms) if name in by[question] else "–" for question in by)]
        for name in engines
    ]
    return Table(title, ["engine", *(f"({question})" for question in by)], rows, _notes(result))


def _ratios(result: Result, title: str) -> Table:
    by = _by_question(result.figures)
    rows = [
        [
            name,
            *(times(one[name].median_ms / one[Polemos.name].median_ms) if name in one else "–" for one in by.values()),
        ]
        for name in dict.fromkeys(one.engine for one in result.figures)
        if name != Polemos.name
    ]
    rows.append(["Polemos, as a multiple of the fastest", *(times(_beside_fastest(found)[0]) for found in by.values())])
    return Table(title, ["engine", *(f"({question})" for question in by)], rows)


def _beside_fastest(found: dict[str, Figure]) -> tuple[float, str]:
    """Polemos' time as a multiple of the fastest of the others', and which that is."""
    others = [one for one in found.values() if one.engine not in (Polemos.name, Whole.name)]
    if not others:
        return 1.0, "nobody else was asked"
    fastest = min(others, key=lambda one: one.median_ms)
    ours = found[Polemos.name].median_ms
    return ours / fastest.median_ms, f"{ms(ours)} ms; {fastest.engine} {ms(fastest.median_ms)} ms"


_GOALS = {"a": 2, "c": 2, "d": 2, "e1": 2, "e2": 2, "f": 2}


def _query_goals(result: Result) -> list[Goal]:
    by = _by_question(result.figures)
    goals = []
    if NAIVE in by["a"]:
        ours, theirs = by["a"][Polemos.name].median_ms, by["a"][NAIVE].median_ms
        told = f"{ms(ours)} ms; {ms(theirs)} ms"
        goals.append(at_least("(a) faster than naive networkx", theirs / ours, 1000, told))
    goals += [
        at_most(f"({question}) beside the fastest engine", *_one(by[question], most))
        for question, most in _GOALS.items()
        if question in by
    ]
    return goals


def _one(found: dict[str, Figure], most: float) -> tuple[float, float, str]:
    ratio, told = _beside_fastest(found)
    return ratio, most, told


def _adding_goals(more: AddingResult) -> list[Goal]:
    rate = more.added / more.seconds
    by = _by_question(more.figures)
    goals = [
        Goal(
            "claims added while all of this is asked",
            f"{contest.ADDED_PER_SECOND:,}/s",
            f"{rate:,.0f}/s",
            rate >= 0.95 * contest.ADDED_PER_SECOND,
        )
    ]
    goals += [
        at_most(f"({question}) while claims are added", *_one(by[question], most))
        for question, most in _GOALS.items()
        if question in by
    ]
    return goals


def _while_adding(more: AddingResult) -> Table:
    by = _by_question(more.figures)
    engines = list(dict.fromkeys(one.engine for one in more.figures))
    rows = [
        [name, *(ms(by[question][name].first_ms) if name in by[question] else "–" for question in by),
         f"{more.adding_us.get(name, 0):,.0f}"]
        for name in engines
    ]  # fmt: skip
    title = f"While {more.added / more.seconds:,.0f} claims a second are added, milliseconds"
    return Table(title, ["engine", *(f"({question})" for question in by), "µs to add a claim"], rows)


def _agreement(results: Sequence[Result], more: AddingResult | None) -> Goal:
    figures = [one for result in results for one in result.figures] + (more.figures if more is not None else [])
    compared = sum(one.asked for one in figures if one.engine not in (Polemos.name, Whole.name))
    differ = [f"{one.engine} ({one.question}): {one.differ} of {one.asked}" for one in figures if one.differ]
    told = f"{compared:,} answers compared row by row" + (f"; different: {', '.join(differ)}" if differ else "")
    return Goal("all engines give the same rows", "every answer", told, not differ)
