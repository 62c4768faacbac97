"""The parts of a document become an Article here and nowhere else, or are refused. It changes no word of the text."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from app.intake.clean import holds_invisible, normalise, one_line
from app.vocabulary.errors import BadInput, TooLarge
from app.vocabulary.records import Article, Refusal
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    from app.intake.limits import Limits

Item: TypeAlias = Article | Refusal
"""What every reader yields: an article, or why there is none."""

# Enough to tell a language surely; the rest of a long text would only cost time.
_SAMPLE_CHARS = 4_000
# Fewer words than this can be names alone, on which the classifier errs.
_MIN_WORDS = 20
# Measured: English news scores above 0.99 as English, other European languages above 0.9 as themselves.
_SURE = 0.8
# Names by which the classifier also knows English: Nigerian Pidgin, Scots, "no language".
_ENGLISH = {"en", "pcm", "sco", "zxx", "und"}
# Letters of the Latin script end here, but for a few of phonetics and mathematics.
_LATIN_END = 0x250
_WORD = re.compile(r"[^\W\d_]")
_PIECE = re.compile(r"\w+|[^\w\s]")
_HTTP = re.compile(r"https?://[^\s/?#<>\"]+[^\s<>\"]*\Z", re.IGNORECASE)


def refusal(name: str, why: BadInput) -> Refusal:
    """The refusal of the input of this name, for that error."""
    return Refusal(RefusalReason(why.reason), f"{name}: {why}")


def admit(
    *,
    text: str,
    limits: Limits,
    title: str = "",
    published: str | None = None,
    publisher: str | None = None,
    url: str | None = None,
    external_id: str | None = None,
) -> Article:
    """The article made of these parts.

    Raises:
        BadInput: There is no text, it is too long, it is not in English, or a part is not what it should be.
    """
    if len(text) > limits.max_chars:
        message = f"its text has {len(text):,} characters, more than {limits.max_chars:,}; split it into its articles"
        raise TooLarge(message)
    text = normalise(text)
    if not text.strip():
        raise BadInput(RefusalReason.EMPTY, "there is no text in it")
    if not _WORD.search(text):
        raise BadInput(RefusalReason.NOT_AN_ARTICLE, "its text holds no words")
    _refuse_too_long(text, limits)
    parts = {"title": one_line(title), "publisher": one_line(publisher or ""), "url": (url or "").strip()}
    for part, value in {**parts, "id": external_id or ""}.items():
        if len(value) > limits.max_field_chars:
            message = f"its {part} has {len(value):,} characters, more than {limits.max_field_chars:,}"
            raise BadInput(RefusalReason.BAD_FIELD, message)
        if part in ("url", "id") and holds_invisible(value):
            message = f"its {part} {value[:60]!r} holds invisible characters; take them out"
            raise BadInput(RefusalReason.BAD_FIELD, message)
    if parts["url"] and not _is_web_address(parts["url"]):
        message = f"url {parts['url'][:60]!r} is not an http or https URL; correct it or leave it out"
        raise BadInput(RefusalReason.BAD_FIELD, message)
    _refuse_other_languages(text)
    return Article(
        title=parts["title"],
        text=text,
        published=published,
        publisher=parts["publisher"] or None,
        url=parts["url"] or None,
        external_id=external_id,
    )


def _is_web_address(url: str) -> bool:
    try:
        return _HTTP.match(url) is not None and bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _refuse_too_long(text: str, limits: Limits) -> None:
    pieces = sum(1 for _ in _PIECE.finditer(text))
    if pieces > limits.max_words:
        message = f"its text has {pieces:,} words and marks, more than {limits.max_words:,}; split it into its articles"
        raise TooLarge(message)
    longest = max(text.split(), key=len)
    if len(longest) > limits.max_run:
        message = (
            f"{len(longest):,} characters of its text, from {longest[:20]!r} on, stand without a space, more than "
            f"{limits.max_run:,}; take out what is no prose"
        )
        raise TooLarge(message)


def _refuse_other_languages(text: str) -> None:
    sample = text[:_SAMPLE_CHARS]
    # Not counted in words: a script may put no space between them.
    letters = [] if sample.isascii() else [ord(c) for c in sample if c.isalpha()]
    if 2 * sum(letter < _LATIN_END for letter in letters) < len(letters):
        raise BadInput(RefusalReason.NOT_ENGLISH, "its text is in another script; only English is read")
    if len(text.split(maxsplit=_MIN_WORDS)) < _MIN_WORDS:
        return
    language, probability = _identifier().classify(sample)
    if language not in _ENGLISH and probability >= _SURE:
        message = f"its text is not in English but in {language!r} (p = {probability:.2f}); only English is read"
        raise BadInput(RefusalReason.NOT_ENGLISH, message)


@functools.cache
def _identifier() -> Any:  # noqa: ANN401 (py3langid carries no types)
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
