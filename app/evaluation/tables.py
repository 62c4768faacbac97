"""An evaluation in, its figures as rows of words out: the same tables for a terminal and for a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.evaluation.figures import Figures, Share
from app.evaluation.measuring import Evaluation


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A table of figures.

    Attributes:
        header: The first names what the rows are.
        rows: As many cells in each as in the header.
        below: A sentence that belongs under it, or "".
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    below: str = ""


def summary(found: Evaluation) -> str:
    """What was measured, in a sentence or two."""
    least = f" of confidence {found.least_confidence:g} or more" if found.least_confidence else ""
    return (
        f"Polemos {found.version}, extractor {found.extractor}: {_many(found.articles, 'article')} of "
        f"{_many(found.words, 'word')}, with {_many(found.claims, 'annotated claim')} and {found.optional:,} optional. "
        f"Found: {_many(found.found, 'claim')}{least}; of these {found.optional_found:,} fit only what is optional."
    )


def tables(found: Evaluation) -> Iterator[FigureTable]:
    """All tables of an evaluation."""
    ways = [("strict", found.strict), ("dyad", found.dyad), ("right sentence", found.type_only)]
    ways += [(f"strict, {type_}", one) for type_, one in found.types.items()]
    yield FigureTable(
        ("measure", "precision", "recall", "F1", "95 %", "found", "missed", "wrong"),
        tuple((name, *_rates(one), f"{one.found}", f"{one.missed}", f"{one.wrong}") for name, one in ways),
    )
    yield FigureTable(
        ("set", "articles", "claims", "precision", "recall", "strict F1", "95 %", "dyad F1"),
        tuple(
            (one.name, f"{one.articles}", f"{one.claims}", *_rates(one.strict), _rate(one.dyad.f1))
            for one in found.sets
        ),
    )
    yield FigureTable(
        ("claims where", "claims", "found", "another actor", "recall"),
        tuple(
            (one.name.meaning, f"{one.claims}", f"{one.found}", f"{one.near}", _rate(one.recall))
            for one in found.phenomena
        ),
        _silence(found),
    )
    fields = found.fields
    yield FigureTable(
        ("field of a matched claim", "right", "of"),
        (
            _share("speaker", fields.speaker),
            _share("speaker, name or surname", fields.speaker_or_surname),
            _share("modality", fields.modality),
            _share("modality of a retaliation", fields.modality_of_retaliations),
            _share("date, where both have one", fields.date),
            _share("incident", fields.incident),
            _share("claim or incident answered", fields.responds_to),
        ),
    )
    yield FigureTable(
        ("confidence", "claims", "mean confidence", "right"),
        tuple(
            (f"{one.start:.1f}–{one.end:.1f}", f"{one.claims}", _rate(one.confidence), _rate(one.right))
            for one in found.reliability.bins
        ),
        f"Expected calibration error: {_rate(found.reliability.expected_calibration_error)}.",
    )
    yield FigureTable(
        ("least confidence", "precision", "recall", "strict F1", "95 %"),
        tuple((f"{one.confidence:.1f}", *_rates(one.figures)) for one in found.thresholds),
    )


def _silence(found: Evaluation) -> str:
    free = found.claim_free
    if not free.articles:
        return "Articles without any claim: none."
    return (
        f"Articles without any claim: {free.articles}; nothing is found in {free.silent} of them. "
        f"False claims in such articles: {free.false_claims}."
    )


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _rates(one: Figures) -> tuple[str, str, str, str]:
    between = f"{one.interval[0]:.2f}–{one.interval[1]:.2f}" if one.interval is not None else "–"
    return _rate(one.precision), _rate(one.recall), _rate(one.f1), between


def _share(name: str, one: Share) -> tuple[str, str, str]:
    return name, _rate(one.share), f"{one.of}"


def _rate(share: float | None) -> str:
    return "–" if share is None else f"{share:.3f}"
