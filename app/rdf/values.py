"""Values of RDF statements in, what records hold out; each that is none is told with its reason.

A description is a mapping from the IRI of a property to its values, as pyoxigraph gives them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import unquote

from app.rdf.terms import PLM
from app.vocabulary.terms import RefusalReason
from app.vocabulary.times import PartialDate, Period

Description = Mapping[str, list[object]]
_T = TypeVar("_T")
IDS = {
    "claim": re.compile(r"clm-[0-9a-f]{20}\Z"),
    "acknowledgement": re.compile(r"ack-[0-9a-f]{20}\Z"),
    "article": re.compile(r"art-[0-9a-f]{20}\Z"),
    "incident": re.compile(r"inc-[0-9a-f]{20}\Z"),
    "actor": re.compile(r"actor-.+\Z", re.DOTALL),
    "place": re.compile(r"place-.+\Z", re.DOTALL),
}


class Wrong(Exception):
    """Something that is no record; the message says why."""

    def __init__(self, reason: RefusalReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def value_of(term: object) -> str:
    """The text of any term."""
    return str(getattr(term, "value", ""))


def iri_of(term: object) -> str:
    """The text of an IRI; raises `Wrong` for another term."""
    from pyoxigraph import NamedNode

    if not isinstance(term, NamedNode):
        raise Wrong(RefusalReason.BAD_FIELD, f"{term} stands where an IRI belongs")
    return term.value


def text_of(term: object) -> str:
    """The text of a literal; raises `Wrong` for another term."""
    from pyoxigraph import Literal as Text

    if not isinstance(term, Text):
        raise Wrong(RefusalReason.BAD_FIELD, f"{term} stands where a text belongs")
    return term.value


def id_of(name: str, kind: str) -> str:
    """The id in an IRI `…{kind}/{id}`."""
    found = unquote(name.rpartition(f"{kind}/")[2]) if f"{kind}/" in name else ""
    if not IDS[kind].match(found):
        raise Wrong(RefusalReason.BAD_FIELD, f"{name} does not end in {kind}/ and an id of Polemos")
    return found


def id_or_none(name: str, kind: str) -> str | None:
    """The same, or None where it is no such IRI."""
    try:
        return id_of(name, kind)
    except Wrong:
        return None


def one_of(about: Description, name: str) -> object | None:
    """The one value of a property, or None; raises `Wrong` where there are several."""
    values = about.get(name, [])
    if len(values) > 1:
        raise Wrong(RefusalReason.BAD_FIELD, f"it has {len(values)} values of {name}, and may have one")
    return values[0] if values else None


def optional(about: Description, name: str) -> str | None:
    """The one literal of a property, or None."""
    value = one_of(about, name)
    return text_of(value) if value is not None else None


def needed(about: Description, name: str, whose: str) -> str:
    """The one literal of a property that must be there and not be empty."""
    value = optional(about, name)
    if not value:
        raise Wrong(RefusalReason.BAD_FIELD, f"{whose} has no {name}")
    return value


def number_of(about: Description, name: str) -> float:
    """The one number of a property."""
    value = optional(about, name)
    try:
        found = float(value or "")
        if math.isfinite(found):
            return found
        raise ValueError(value)
    except ValueError:
        raise Wrong(RefusalReason.BAD_FIELD, f"{value!r} is no number for {name}") from None


def term_or_none(about: Description, name: str, known: Mapping[_T, str]) -> _T | None:
    """The term of a list that the value of a property stands for, or None."""
    value = one_of(about, name)
    if value is None:
        return None
    for term, iri in known.items():
        if value_of(value) == iri:
            return term
    raise Wrong(RefusalReason.UNKNOWN_TERM, f"{value_of(value)} is no value of {name}")


def term_of(about: Description, name: str, known: Mapping[_T, str]) -> _T:
    """The same, where there must be one."""
    found = term_or_none(about, name, known)
    if found is None:
        raise Wrong(RefusalReason.BAD_FIELD, f"it has no {name}")
    return found


def partial_of(text: str) -> str:
    """A partial date; raises `Wrong` where it is none."""
    try:
        return str(PartialDate.parse(text))
    except ValueError as why:
        raise Wrong(RefusalReason.BAD_DATE, str(why)) from None


def date_of(about: Description) -> str | None:
    """When it was said, as the record writes it."""
    said = optional(about, PLM + "saidOn")
    since, until = (optional(about, PLM + name) for name in ("saidNotBefore", "saidNotAfter"))
    text = said or (f"{since}/{until}" if since and until else None)
    if text is None:
        return None
    try:
        Period.parse(text)
    except ValueError as why:
        raise Wrong(RefusalReason.BAD_DATE, str(why)) from None
    return text


def shortest(since: str | None, until: str | None) -> str | None:
    """The day, month or year that runs from the one day to the other, or the interval."""
    if since is None or until is None:
        return None
    try:
        period = Period.parse(f"{since}/{until}")
        for text in (since[:4], since[:7], since[:10]):
            if Period.parse(text) == period:
                return text
    except ValueError as why:
        raise Wrong(RefusalReason.BAD_DATE, str(why)) from None
    return f"{since}/{until}"
