"""Claims that people wrote down in, articles with annotations in the codebook's gold format out.

Takes a CSV or Parquet file with a row for each claim, JSON lines of such rows, JSON lines or a Parquet file of
annotated articles (the gold format, as `polemos ingest --dask … --to FOLDER` writes it), and what `polemos export
--format csv` and `polemos accusations --json` write. Rows of one article are brought together whatever their order, in
a temporary file, so that memory does not grow with the number of rows. A row that gives no text of its article gives a
quote, and the quotes of one article are then its text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.intake.coded.claim_rows import ALSO, NEEDED, Key, annotation_of
from app.intake.coded.lines import lines
from app.intake.coded.parquet_rows import is_parquet, parquet_rows
from app.intake.coded.quoted import columns, records
from app.intake.coded.scratch import Groups
from app.intake.limits import DEFAULT
from app.vocabulary.errors import BadInput, TooLarge
from app.vocabulary.records import Article, Refusal, content_id
from app.vocabulary.terms import RefusalReason

NAME, VERSION = "claims", 1
MOST_ROWS = 500
"""Of one article that are taken at once."""
_MOST_BYTES = 1_000_000
"""Of a line: one may hold an article."""


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
        at, waiting = "", list[tuple[Key, dict[str, Any]]]()
        for group, told in staged:
            if waiting and (group != at or len(waiting) >= MOST_ROWS):
                yield from _together(waiting)
                waiting = []
            at = group
            key, body = json.loads(told)
            waiting.append((Key(*key), body))
        if waiting:
            yield from _together(waiting)
    if stopped is not None:
        raise stopped


# ---- files ----


def _rows(path: Path, coder: str | None) -> Iterator[tuple[Key, dict[str, Any]] | Refusal]:
    """The annotations of a file, a claim or a whole article each, with the article that each is of."""
    if is_parquet(path):
        for where, found in parquet_rows(path):
            yield annotation_of(where, found, coder)
        return
    head = next(lines(path, _MOST_BYTES), None)
    if head is None:
        raise BadInput(RefusalReason.EMPTY, f"{path}: it is empty")
    start = head[1].lstrip("\ufeff \t") if not isinstance(head, Refusal) else ""
    if not start.startswith(("{", "[")):
        for where, row in _csv(path):
            yield row if isinstance(row, Refusal) else annotation_of(where, row, coder)
        return
    objects = _json_lines(path) if _object(start) is not None else _json_document(path)
    for where, row in objects:
        yield row if isinstance(row, Refusal) else annotation_of(where, row, coder)


def _csv(path: Path) -> Iterator[tuple[str, dict[str, object] | Refusal]]:
    mark, names, found = columns(path, (), "a file of claims", _MOST_BYTES)
    names = [ALSO.get(name, name) if ALSO.get(name) not in names else name for name in names]
    lacking = [name for name in NEEDED if name not in names]
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


# ---- articles ----


def _together(rows: list[tuple[Key, dict[str, Any]]]) -> Iterator[CodedArticle | Refusal]:
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
