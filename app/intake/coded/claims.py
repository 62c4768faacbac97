"""Claims that people wrote down in, articles with annotations in the codebook's gold format out.

Takes a CSV file with a row for each claim, JSON lines of such rows, JSON lines of annotated articles (the gold format),
and what `polemos export --format csv` and `polemos accusations --json` write. Rows of one article are brought together
whatever their order, in a temporary file, so that memory does not grow with the number of rows. A row that gives no
text of its article gives a quote, and the quotes of one article are then its text.

Long, because it takes all of these and must say of each row, and of each field, what is wrong with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from app.intake.coded.lines import lines
from app.intake.coded.quoted import columns, records
from app.intake.coded.scratch import Groups
from app.intake.limits import DEFAULT
from app.vocabulary.errors import BadInput, TooLarge
from app.vocabulary.records import Article, Refusal, content_id, slug
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

NAME, VERSION = "claims", 1
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
_NEEDED = ("type", "source", "quote")
_ALSO = {"evidence": "quote", "happened": "incident_date", "accuser": "source", "accused": "target"}
"""Other names of columns: those of the gold format and of exports."""
MOST_ROWS = 500
"""Of one article that are taken at once."""
_MOST_BYTES = 1_000_000
"""Of a line: one may hold an article."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_Term = TypeVar("_Term", ClaimType, Modality, DenialKind, ThreatKind)
_CODER = re.compile(r"[\w .'’&-]{1,80}\Z")


@dataclass(frozen=True, slots=True)
class CodedArticle:
    """An article and what people say that it says.

    Attributes:
        has_text: Whether the text is that of the article, not its quotes alone.
        annotations: In the codebook's gold format, with what else is known of a claim under `coded`.
        coders: Who says so, where that is told.
        claims: How many claims they hold.
    """

    article: Article
    has_text: bool
    annotations: tuple[dict[str, Any], ...]
    coders: tuple[str, ...]
    claims: int


class _Wrong(Exception):
    """A row that is no claim."""

    def __init__(self, reason: RefusalReason, told: str) -> None:
        super().__init__(told)
        self.reason = reason


class _Key(NamedTuple):
    """What makes two rows of one article; of a text that is not given, and of no publisher's, each quote is its own."""

    publisher: str | None
    published: str | None
    url: str | None
    title: str
    text: str | None
    quote: str | None = None


def coded_articles(path: Path, coder: str | None = None) -> Iterator[CodedArticle | Refusal]:
    """The articles of a file with their annotations, after what was refused of it.

    Args:
        path: The file, packed with gzip or zip or not.
        coder: Who wrote down the claims of rows that name nobody.

    Raises:
        BadInput: The file holds no such data; or reading stopped, after all that came before.
    """
    stopped: BadInput | None = None
    with closing(Groups()) as staged:
        try:
            for item in _rows(path, coder):
                if isinstance(item, Refusal):
                    yield item
                else:
                    staged.add(content_id("grp", *item[0]), json.dumps(item))
        except BadInput as why:
            if not len(staged):
                raise
            stopped = why
        at, waiting = "", list[tuple[_Key, dict[str, Any]]]()
        for group, told in staged:
            if waiting and (group != at or len(waiting) >= MOST_ROWS):
                yield from _together(waiting)
                waiting = []
            at = group
            key, body = json.loads(told)
            waiting.append((_Key(*key), body))
        if waiting:
            yield from _together(waiting)
    if stopped is not None:
        raise stopped


# ---- files ----


def _rows(path: Path, coder: str | None) -> Iterator[tuple[_Key, dict[str, Any]] | Refusal]:
    """The annotations of a file, a claim or a whole article each, with the article that each is of."""
    head = next(lines(path, _MOST_BYTES), None)
    if head is None:
        raise BadInput(RefusalReason.EMPTY, f"{path}: it is empty")
    start = head[1].lstrip("\ufeff \t") if not isinstance(head, Refusal) else ""
    if not start.startswith(("{", "[")):
        for where, row in _csv(path):
            yield row if isinstance(row, Refusal) else _annotation(where, row, coder)
        return
    objects = _json_lines(path) if _object(start) is not None else _json_document(path)
    for where, row in objects:
        yield row if isinstance(row, Refusal) else _annotation(where, row, coder)


def _csv(path: Path) -> Iterator[tuple[str, dict[str, object] | Refusal]]:
    mark, names, found = columns(path, (), "a file of claims", _MOST_BYTES)
    names = [_ALSO.get(name, name) if _ALSO.get(name) not in names else name for name in names]
    lacking = [name for name in _NEEDED if name not in names]
    if lacking:
        told = ", ".join(lacking)
        raise BadInput(
            RefusalReason.BAD_FIELD, f"{path}: its header is not that of a file of claims, for it lacks {told}"
        )
    for item in records(path, mark, len(names), found):
        if isinstance(item, Refusal):
            yield "", item
        else:
            yield f"{path}, line {item[0]}", dict(zip(names, item[1], strict=True))


def _json_lines(path: Path) -> Iterator[tuple[str, dict[str, object] | Refusal]]:
    for item in lines(path, _MOST_BYTES):
        if isinstance(item, Refusal):
            yield "", item
            continue
        where = f"{path}, line {item[0]}"
        found = _object(item[1])
        if found is None:
            yield where, Refusal(RefusalReason.BAD_JSON, f"{where}: it is no JSON object")
        else:
            yield where, found


def _json_document(path: Path) -> Iterator[tuple[str, dict[str, object] | Refusal]]:
    """The claims of one document, as `polemos accusations --json` prints it; bounded, for it is read whole."""
    size, parts = 0, []
    for item in lines(path, _MOST_BYTES):
        if isinstance(item, Refusal):
            raise BadInput(item.reason, item.detail)
        size += len(item[1])
        if size > DEFAULT.max_bytes:
            message = (
                f"{path}: one JSON document is read up to {DEFAULT.max_bytes:,} characters; write CSV or JSON lines"
            )
            raise TooLarge(message)
        parts.append(item[1])
    try:
        found = json.loads("\n".join(parts).lstrip("\ufeff"))
    except (ValueError, RecursionError) as why:
        raise BadInput(RefusalReason.BAD_JSON, f"{path} is not JSON: {why}") from None
    claims = found.get("claims") if isinstance(found, dict) and "text" not in found else [found]
    if isinstance(found, list):
        claims = found
    if not isinstance(claims, list):
        raise BadInput(RefusalReason.BAD_FIELD, f"{path}: it is no list of claims, nor a document with one")
    for number, one in enumerate(claims, start=1):
        where = f"{path}, claim {number}"
        if isinstance(one, dict):
            yield where, one
        else:
            yield where, Refusal(RefusalReason.BAD_JSON, f"{where}: it is no JSON object")


def _object(text: str) -> dict[str, object] | None:
    try:
        found = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


# ---- rows ----


def _annotation(where: str, row: Mapping[str, object], coder: str | None) -> tuple[_Key, dict[str, Any]] | Refusal:
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


def _gold(where: str, row: Mapping[str, object], coder: str | None) -> tuple[_Key, dict[str, Any]]:
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


def _acknowledgement(one: Mapping[str, object], key: _Key, incidents: set[str]) -> dict[str, Any]:
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
            found.setdefault(_ALSO.get(name, name), value)
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


def _key(flat: Mapping[str, str]) -> _Key:
    published = flat.get("published") or None
    if published is not None:
        try:
            PartialDate.parse(published)
        except ValueError:
            raise _Wrong(RefusalReason.BAD_DATE, f"published is {published[:40]!r}, no date like 2031-05-04") from None
    text = flat.get("text") or None
    return _Key(flat.get("publisher") or None, published, flat.get("url") or None, flat.get("title", "").strip(), text)


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


# ---- articles ----


def _together(rows: list[tuple[_Key, dict[str, Any]]]) -> Iterator[CodedArticle | Refusal]:
    """The article of these annotations; claims that say the same of the same words are one."""
    key = rows[0][0]
    said: set[tuple[object, ...]] = set()
    annotations: list[dict[str, Any]] = []
    quotes: dict[str, None] = {}
    coders: set[str] = set()
    alone: list[dict[str, Any]] = []
    incidents: dict[str, dict[str, Any]] = {}
    for _, body in rows:
        for reason, told in body.get("wrong", ()):
            yield Refusal(RefusalReason(reason), told)
        claims = []
        for claim in body["claims"]:
            same = (*(claim[name] for name in ("type", "speaker", "source", "target", "modality", "evidence")),)
            same = (*same, claim["coded"].get("start"))
            if same in said:
                yield Refusal(RefusalReason.DUPLICATE, f"{claim['where']}: the same as a claim before")
                continue
            said.add(same)
            quotes[claim["evidence"]] = None
            claims.append(claim)
        if body["coder"] is not None and (claims or "wrong" in body):
            coders.add(body["coder"])
        if "wrong" in body:
            acknowledged = body["acknowledgements"]
            annotations.append({"claims": claims, "incidents": body["incidents"], "acknowledgements": acknowledged})
        else:
            alone += claims
            for one in body["incidents"]:
                incidents.setdefault(one["id"], one)
    if alone:
        annotations.append({"claims": alone, "incidents": list(incidents.values())})
    for annotation in annotations:
        yield from _answered(annotation)
    if not annotations:
        return
    text = key.text if key.text is not None else "\n".join(quotes)
    article = Article(key.title, text, key.published, key.publisher, key.url, None if key.text else NAME)
    count = sum(len(annotation["claims"]) for annotation in annotations)
    yield CodedArticle(article, key.text is not None, tuple(annotations), tuple(sorted(coders)), count)


def _answered(annotation: dict[str, Any]) -> Iterator[Refusal]:
    """Name the claims of an annotation by their rows, and what they answer likewise; what is not there is told."""
    rows: dict[str, str] = {}
    for claim in annotation["claims"]:
        rows.setdefault(claim["id"], claim["where"])
    incidents = {one["id"] for one in annotation["incidents"]}
    for claim in annotation["claims"]:
        claim["id"] = claim.pop("where")
        answered = claim["responds_to"]
        if answered is None or answered in incidents:
            continue
        claim["responds_to"] = rows.get(answered)
        if claim["responds_to"] is None:
            told = (
                f"{claim['id']}: what it answers, {answered[:40]!r}, is no claim or incident beside it, and is left out"
            )
            yield Refusal(RefusalReason.DANGLING_REFERENCE, told)
