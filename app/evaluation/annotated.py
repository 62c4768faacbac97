"""Annotated files in, articles with the claims that a careful reader found out (codebook, gold format)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec

from app.evaluation.passages import ArticleWords
from app.extraction.recorded import annotated_article, annotation
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Article, Reading
from app.vocabulary.terms import ClaimType, Modality, RefusalReason


class Coding(msgspec.Struct, frozen=True):
    """A claim as it is written down, by a person or by an extractor.

    Attributes:
        evidence: The quote; in an annotation, words of title or text.
        responds_to: Id of the claim or incident that it answers.
        optional: Careful readers may differ on it: neither finding nor missing it is an error.
        confidence: The extractor's; 1 for a person.
        cue: What the extractor went by; "" for a person.
    """

    id: str
    type: ClaimType
    source: str
    evidence: str
    target: str | None = None
    speaker: str | None = None
    modality: Modality | None = None
    incident: str | None = None
    date: str | None = None
    responds_to: str | None = None
    optional: bool = False
    confidence: float = 1.0
    cue: str = ""


@dataclass(frozen=True, slots=True)
class AnnotatedArticle:
    """An article with its annotation.

    Attributes:
        file: The file's name without its suffix.
        id: What the annotation calls the article.
    """

    file: str
    id: str
    article: Article
    claims: tuple[Coding, ...]

    @property
    def set(self) -> str:
        """The set the file belongs to: its name up to the first digit, or to the first dash where it has none.

        "dev-01-port" is of "dev", "train-c04b-grid" of "train-c", "seed-kremlin" of "seed".
        """
        numbered = re.match(r"(\D+)\d", self.file)
        return numbered[1].rstrip("-_. ") or self.file if numbered else self.file.partition("-")[0]

    @property
    def held_out(self) -> bool:
        """Whether no rule was written and no weight fitted with it at hand: its set is not called `train`."""
        return not self.set.startswith("train")


def read_annotated(folder: Path, pattern: str = "*") -> list[AnnotatedArticle]:
    """Every annotated article of a folder whose file name, with or without ".json", fits the pattern; sorted by name.

    JSON files without a list `claims` are passed over: a folder may hold more than annotations.

    Raises:
        BadInput: There is no such folder or no annotated file in it; a file is not JSON or not in the codebook's
            format; two annotate one article; or a quote stands nowhere in its article. The message names the file.
    """
    if not folder.is_dir():
        raise BadInput(RefusalReason.UNREADABLE, f"{str(folder)!r} is no folder of annotated articles")
    found: dict[str, AnnotatedArticle] = {}
    for path in sorted(folder.glob("*.json")):
        if not (fnmatchcase(path.name, pattern) or fnmatchcase(path.stem, pattern)):
            continue
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as why:
            raise BadInput(RefusalReason.BAD_JSON, f"{path} is not JSON: {why}") from why
        if not isinstance(body, dict) or not isinstance(body.get("claims"), list):
            continue
        one = _annotated(path, body)
        if one.id in found:
            raise BadInput(RefusalReason.DUPLICATE, f"{path} annotates {one.id!r}, as {found[one.id].file}.json does")
        found[one.id] = one
    if not found:
        which = "" if pattern == "*" else f" that fits {pattern!r}"
        raise BadInput(
            RefusalReason.EMPTY, f"{folder} holds no annotated article{which}: a .json file with text and claims"
        )
    return list(found.values())


def stated(article: Article, reading: Reading) -> list[dict[str, Any]]:
    """A reading's claims in the annotation's format, with confidence and with the cue that found each."""
    cues = {claim.id: claim.cue for claim in reading.claims}
    return [{**claim, "cue": cues[claim["id"]]} for claim in annotation(article, reading)["claims"]]


def codings(claims: list[Mapping[str, Any]] | list[dict[str, Any]]) -> tuple[Coding, ...]:
    """Claims of the annotation's format.

    Raises:
        msgspec.ValidationError: A field is missing or of the wrong kind; the message says which.
    """
    return msgspec.convert(tuple(claims), tuple[Coding, ...])


def _annotated(path: Path, body: Mapping[str, Any]) -> AnnotatedArticle:
    for field in ("id", "title", "text", "published", "publisher", "url"):
        value = body.get(field)
        if not (isinstance(value, str) or (value is None and field != "text")):
            raise BadInput(RefusalReason.BAD_FIELD, f"{path}: the field {field} must be a string")
    try:
        claims = codings(body["claims"])
    except msgspec.ValidationError as why:
        raise BadInput(RefusalReason.BAD_FIELD, f"{path}: its claims are not in the codebook's format: {why}") from why
    try:
        article = annotated_article(body)
    except ValueError as why:
        raise BadInput(RefusalReason.BAD_DATE, f"{path}: {why}") from why
    words = ArticleWords(article.title, article.text)
    for claim in claims:
        # Such a claim could never be found, and every extractor would seem worse than it is.
        if not words.places(claim.evidence):
            raise BadInput(
                RefusalReason.QUOTE_NOT_IN_TEXT, f"{path}: the evidence of claim {claim.id!r} stands nowhere in it"
            )
    return AnnotatedArticle(path.stem, body.get("id") or path.stem, article, claims)
