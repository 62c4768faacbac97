"""A row that somebody wrote in, an annotation in the codebook's gold format out, or what is wrong with the row.

It looks at one row alone; of a row that gives its article's text, the quote is held against that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from app.vocabulary.records import Refusal, slug
from app.vocabulary.terms import (
    MODALITIES,
    AcknowledgementKind,
    ClaimType,
    DenialKind,
    Modality,
    RefusalReason,
    ThreatKind,
)
from app.vocabulary.times import PartialDate, Period

COLUMNS = (
    "type",
    "source",
    "target",
    "quote",
    "speaker",
    "modality",
    "date",
    "incident",
    "incident_type",
    "place",
    "country",
    "incident_date",
    "publisher",
    "published",
    "url",
    "title",
    "text",
    "start",
    "part",
    "id",
    "responds_to",
    "denial_kind",
    "threat_kind",
    "source_named",
    "target_named",
    "relayed_by",
    "confidence",
    "cue",
    "coder",
)
"""What a row may tell; the first four are what a claim is made of, and `target` may be empty."""
NEEDED = ("type", "source", "quote")
ALSO = {"evidence": "quote", "happened": "incident_date", "accuser": "source", "accused": "target"}
"""Other names of columns: those of the gold format and of exports."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_Term = TypeVar("_Term", ClaimType, Modality, DenialKind, ThreatKind)
_CODER = re.compile(r"[\w .'’&-]{1,80}\Z")


class _Wrong(Exception):
    """A row that is no claim."""

    def __init__(self, reason: RefusalReason, told: str) -> None:
        super().__init__(told)
        self.reason = reason


class Key(NamedTuple):
    """What makes two rows of one article; of a text that is not given, and of no publisher's, each quote is its own."""

    publisher: str | None
    published: str | None
    url: str | None
    title: str
    text: str | None
    quote: str | None = None


def annotation_of(where: str, row: Mapping[str, object], coder: str | None) -> tuple[Key, dict[str, Any]] | Refusal:
    """What a row, or a whole annotated article, says, and of which article it is; or why it is no claim.

    Args:
        where: File and line, as a refusal names them.
        row: Its fields, by the names of `COLUMNS` or `ALSO`.
        coder: Who wrote it down, where it names nobody.
    """
    try:
        if isinstance(row.get("claims"), list):
            return _gold(where, row, coder)
        flat = _flat(row)
        key = _key(flat)
        body = _claim(where, flat, key.text, key.title) | {"where": where}
        if key.text is None and key.publisher is None:
            key = key._replace(quote=body["evidence"])
        return key, {"coder": _coder(flat.get("coder") or coder), "claims": [body], "incidents": _incident(flat)}
    except _Wrong as why:
        return Refusal(why.reason, f"{where}: {why}")


def _gold(where: str, row: Mapping[str, object], coder: str | None) -> tuple[Key, dict[str, Any]]:
    """An annotated article; a claim or incident of it that is none is told once the article is read."""
    flat = _flat({name: row.get(name) for name in ("publisher", "published", "url", "title", "text", "coder")})
    if not flat.get("text"):
        raise _Wrong(RefusalReason.BAD_FIELD, "an annotated article has its text")
    key = _key(flat)
    incidents, claims, wrong = [], [], []
    listed = row.get("incidents") or []
    for at, one in enumerate(listed if isinstance(listed, list) else [listed], start=1):
        try:
            told = _flat(one if isinstance(one, dict) else {})
            if not told.get("id") or not told.get("type"):
                raise _Wrong(RefusalReason.BAD_FIELD, "an incident has an id and a type")
            told = {"incident": told["id"], "incident_type": told["type"], "incident_date": told.get("date", "")} | {
                name: told.get(name, "") for name in ("place", "country")
            }
            incidents += _incident(told)
        except _Wrong as why:
            wrong.append([why.reason, f"{where}, incident {at}: {why}"])
    known = {one["id"] for one in incidents}
    listed = row["claims"]
    for at, one in enumerate(listed if isinstance(listed, list) else [], start=1):
        here = f"{where}, claim {at}"
        try:
            told = _flat(one if isinstance(one, dict) else {})
            claim = _claim(here, told, key.text, key.title) | {"where": here}
            if claim["incident"] and claim["incident"] not in known:
                raise _Wrong(RefusalReason.BAD_FIELD, f"the article has no incident {claim['incident'][:40]!r}")
            claims.append(claim)
        except _Wrong as why:
            wrong.append([why.reason, f"{here}: {why}"])
    acknowledged = []
    listed = row.get("acknowledgements") or []
    for at, one in enumerate(listed if isinstance(listed, list) else [listed], start=1):
        try:
            acknowledged.append(_acknowledgement(one if isinstance(one, dict) else {}, key, known))
        except _Wrong as why:
            wrong.append([why.reason, f"{where}, acknowledgement {at}: {why}"])
    return key, {
        "coder": _coder(flat.get("coder") or coder),
        "claims": claims,
        "incidents": incidents,
        "acknowledgements": acknowledged,
        "wrong": wrong,
    }


def _acknowledgement(one: Mapping[str, object], key: Key, incidents: set[str]) -> dict[str, Any]:
    told = _flat({name: one.get(name) for name in ("speaker", "incident", "date", "evidence")})
    kind, actor = one.get("kind"), one.get("actor")
    if kind not in tuple(AcknowledgementKind):
        raise _Wrong(RefusalReason.UNKNOWN_TERM, f"kind is one of {', '.join(AcknowledgementKind)}")
    speaker = told.get("speaker") or actor
    if not isinstance(actor, str) or not slug(actor) or not isinstance(speaker, str) or not slug(speaker):
        raise _Wrong(RefusalReason.NO_SOURCE, "it has no actor")
    if told.get("incident") not in incidents:
        raise _Wrong(RefusalReason.BAD_FIELD, f"the article has no incident {told.get('incident', '')[:40]!r}")
    _place_of_quote(told, key.text, key.title)
    return {
        "kind": kind,
        "actor": actor,
        "speaker": speaker,
        "incident": told["incident"],
        "date": _period("date", told),
        "evidence": told["quote"],
    }


def _flat(row: Mapping[str, object]) -> dict[str, str]:
    """The fields of a row as text; a row of `polemos accusations --json` has its quote within `evidence`."""
    found: dict[str, object] = {}
    for name, value in row.items():
        if name == "evidence" and isinstance(value, dict):
            found.update({inner: value.get(inner) for inner in ("quote", "part", "start", "article")})
        elif name == "relayed_by" and isinstance(value, list):
            if not all(isinstance(one, str) for one in value):
                raise _Wrong(RefusalReason.BAD_FIELD, "relayed_by is a list of names")
            found[name] = "; ".join(value)
        elif name == "optional" and value is True:
            found.setdefault("confidence", "0.5")
        else:
            found.setdefault(ALSO.get(name, name), value)
    flat: dict[str, str] = {}
    for name, value in found.items():
        if name not in COLUMNS and name not in ("article", "incident_label"):
            continue
        if isinstance(value, bool) or not isinstance(value, str | int | float | None):
            raise _Wrong(RefusalReason.BAD_FIELD, f"{name} is neither text nor a number")
        text = "" if value is None else str(value)
        if _CONTROLS.search(text):
            raise _Wrong(RefusalReason.BAD_FIELD, f"{name} holds control characters")
        # What is quoted is quoted as it stands.
        flat[name] = text if name in ("text", "quote", "title") else " ".join(text.split())
    return flat


def _key(flat: Mapping[str, str]) -> Key:
    published = flat.get("published") or None
    if published is not None:
        try:
            PartialDate.parse(published)
        except ValueError:
            raise _Wrong(RefusalReason.BAD_DATE, f"published is {published[:40]!r}, no date like 2031-05-04") from None
    text = flat.get("text") or None
    return Key(flat.get("publisher") or None, published, flat.get("url") or None, flat.get("title", "").strip(), text)


def _coder(name: str | None) -> str | None:
    if not name:
        return None
    if not _CODER.match(name):
        raise _Wrong(RefusalReason.BAD_FIELD, f"{name[:40]!r} is no coder's name: letters, digits, spaces and . ' & -")
    return name


def _claim(where: str, row: Mapping[str, str], text: str | None, title: str) -> dict[str, Any]:
    type_ = _term("type", row, ClaimType)
    if type_ is None:
        raise _Wrong(RefusalReason.BAD_FIELD, f"it has no type ({', '.join(ClaimType)})")
    modality = _term("modality", row, Modality) or (Modality.ASSERTED if type_ is not ClaimType.RETALIATES else None)
    if modality not in MODALITIES[type_]:
        told = ", ".join(MODALITIES[type_])
        raise _Wrong(RefusalReason.UNKNOWN_TERM, f"the modality of a claim that {type_} is {told}, not {modality}")
    denial, threat = _term("denial_kind", row, DenialKind), _term("threat_kind", row, ThreatKind)
    if denial is not None and type_ is not ClaimType.DENIES:
        raise _Wrong(RefusalReason.UNKNOWN_TERM, f"a claim that {type_} has no denial_kind")
    if threat is not None and modality is not Modality.THREATENED:
        raise _Wrong(RefusalReason.UNKNOWN_TERM, f"only a threat has a threat_kind; this is {modality}")
    source, target = row.get("source", ""), row.get("target") or None
    if not source:
        raise _Wrong(RefusalReason.NO_SOURCE, "it has no source")
    names = [source, row.get("speaker") or source, *([target] if target else [])]
    names += [row[name] for name in ("source_named", "target_named") if row.get(name)]
    relays = [name.strip() for name in row.get("relayed_by", "").split(";") if name.strip()]
    nameless = next((name for name in (*names, *relays) if not slug(name)), None)
    if nameless is not None:
        raise _Wrong(RefusalReason.NOT_AN_ACTOR, f"{nameless[:40]!r} is no name")
    if target is not None and slug(source) == slug(target):
        raise _Wrong(RefusalReason.SOURCE_IS_TARGET, source)
    return {
        "id": row.get("id") or where,
        "type": type_,
        "speaker": row.get("speaker") or source,
        "source": source,
        "target": target,
        "incident": row.get("incident") or None,
        "modality": modality,
        "date": _period("date", row),
        "responds_to": row.get("responds_to") or None,
        "evidence": row.get("quote", ""),
        "threat_kind": threat,
        "source_named": row.get("source_named") or None,
        "relayed_by": relays,
        "coded": {
            "denial_kind": denial,
            "target_named": row.get("target_named") or None,
            "confidence": _confidence(row.get("confidence", "")),
            "cue": row.get("cue") or None,
            "article": row.get("article") or None,
        }
        | _place_of_quote(row, text, title),
    }


def _term(name: str, row: Mapping[str, str], kind: type[_Term]) -> _Term | None:
    given = row.get(name, "")
    try:
        return kind(given) if given else None
    except ValueError:
        told = ", ".join(kind)
        raise _Wrong(RefusalReason.UNKNOWN_TERM, f"{name} is one of {told}, not {given[:40]!r}") from None


def _place_of_quote(row: Mapping[str, str], text: str | None, title: str) -> dict[str, Any]:
    """Where the quote stands, checked against the text where that is given."""
    quote, part, start = row.get("quote", ""), row.get("part") or "text", row.get("start", "")
    if not quote.strip():
        raise _Wrong(RefusalReason.QUOTE_NOT_IN_TEXT, "it has no quote")
    if text is None:
        return {}
    if part not in ("text", "title"):
        raise _Wrong(RefusalReason.BAD_FIELD, f"part is text or title, not {part[:40]!r}")
    if not start:
        if quote not in text and quote not in title:
            raise _Wrong(RefusalReason.QUOTE_NOT_IN_TEXT, f"its quote does not stand in the text: {quote[:60]!r}")
        return {}
    at = int(start) if start.isascii() and start.isdigit() and len(start) < 10 else -1
    if at < 0 or (text if part == "text" else title)[at : at + len(quote)] != quote:
        raise _Wrong(
            RefusalReason.QUOTE_NOT_IN_TEXT, f"its quote does not stand at {part}[{start[:12]}]: {quote[:60]!r}"
        )
    return {"start": at, "part": part}


def _incident(row: Mapping[str, str]) -> list[dict[str, Any]]:
    """What a row says of the incident that it names, if it names one."""
    name = row.get("incident", "")
    if not name:
        return []
    date = _period("incident_date", row)
    kind, place = row.get("incident_type") or name, row.get("place", "")
    if (label := row.get("incident_label", "")) and not row.get("incident_type"):
        # An export's label: type, place, day.
        head, comma, day = label.rpartition(", ")
        if comma and date is not None and _is_same(day, date):
            label, date = head, day
        kind, _, labelled = label.partition(", ")
        place = place or labelled
    country = row.get("country", "").upper()
    if country and not (len(country) == 3 and country.isascii() and country.isalpha()):
        raise _Wrong(RefusalReason.BAD_FIELD, f"country is {country[:40]!r}, no code of three letters (ISO 3166)")
    if place and not slug(place):
        raise _Wrong(RefusalReason.BAD_FIELD, f"{place[:40]!r} is no name of a place")
    return [{"id": name, "type": kind, "place": place or None, "country": country or None, "date": date}]


def _is_same(day: str, date: str) -> bool:
    """Whether a day, month or interval is written as another: "2031-05" for its days."""
    try:
        return Period.parse(day) == Period.parse(date)
    except ValueError:
        return False


def _period(name: str, row: Mapping[str, str]) -> str | None:
    given = row.get(name, "")
    if not given:
        return None
    try:
        Period.parse(given)
    except ValueError:
        told = f"{name} is {given[:40]!r}, no day, month or year (2031-05-04) or interval of two (A/B)"
        raise _Wrong(RefusalReason.BAD_DATE, told) from None
    return given


def _confidence(given: str) -> float:
    if not given:
        return 1.0
    try:
        value = float(given)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise _Wrong(RefusalReason.BAD_FIELD, f"confidence is a number from 0 to 1, not {given[:40]!r}")
    return value
