"""Which reader an input needs: by content type, else by name, else by its first characters. It reads nothing itself.

A format that is added gets a member here and a module of its own beside `text`, `html`, `feeds` and their like; rows of
coded events become claims, not articles (`coded`).
"""

from __future__ import annotations

import re
from enum import Enum
from pathlib import PurePath

from app.intake.clean import encoding_mark
from app.vocabulary.errors import BadInput
from app.vocabulary.terms import RefusalReason


class Format(Enum):
    """What an input is written in."""

    JSON = "JSON"
    LINES = "JSON lines"
    HTML = "HTML"
    TEXT = "plain text"
    FEED = "RSS, Atom or JSON feed"
    PDF = "PDF"
    WARC = "web archive (WARC)"
    PARQUET = "Parquet"


READ = (
    "JSON (.json), JSON lines (.jsonl, .ndjson), HTML (.html, .htm), text (.txt, .md), PDF (.pdf), feeds (.rss, .atom) "
    "web archives (.warc), also packed with gzip (.gz), and Parquet (.parquet)"
)

_SUFFIXES = {
    ".json": Format.JSON,
    ".jsonl": Format.LINES,
    ".ndjson": Format.LINES,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".txt": Format.TEXT,
    ".text": Format.TEXT,
    ".md": Format.TEXT,
    ".markdown": Format.TEXT,
    ".rss": Format.FEED,
    ".atom": Format.FEED,
    ".pdf": Format.PDF,
    ".warc": Format.WARC,
    ".parquet": Format.PARQUET,
}
_CONTENT_TYPES = {
    "application/json": Format.JSON,
    "text/json": Format.JSON,
    "application/x-ndjson": Format.LINES,
    "application/ndjson": Format.LINES,
    "application/jsonl": Format.LINES,
    "application/x-jsonlines": Format.LINES,
    "application/json-lines": Format.LINES,
    "text/html": Format.HTML,
    "application/xhtml+xml": Format.HTML,
    "text/plain": Format.TEXT,
    "text/markdown": Format.TEXT,
    "application/rss+xml": Format.FEED,
    "application/atom+xml": Format.FEED,
    "application/rdf+xml": Format.FEED,
    "application/feed+json": Format.FEED,
    "application/pdf": Format.PDF,
    "application/x-pdf": Format.PDF,
    "application/warc": Format.WARC,
    "application/vnd.apache.parquet": Format.PARQUET,
}
# What senders write when they do not know, and packings: the content tells more.
_TELLS_NOTHING = {
    "application/octet-stream",
    "binary/octet-stream",
    "application/x-www-form-urlencoded",
    "application/gzip",
    "application/x-gzip",
    "application/xml",
    "text/xml",
    "*/*",
}
_MAGIC = ((b"%PDF-", Format.PDF), (b"WARC/1.", Format.WARC), (b"WARC/0.", Format.WARC))
_BINARY_MAGIC = (
    (b"PK\x03\x04", "a zip archive (.zip, .docx, .odt, .xlsx, .epub)"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"OggS\x00", "a recording (Ogg)"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0", "an old Office document (.doc, .xls)"),
    (b"{\\rtf", "a Rich Text document (.rtf)"),
    (b"BZh9", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-zip archive"),
    (b"\x28\xb5\x2f\xfd", "a zstandard archive"),
    (b"\x1f\x8b", "gzip packed twice"),
)
_XML_HEAD = r"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--(?:(?!-->).){0,2000}-->\s*)*"
_FEED = re.compile(
    # Old feeds state a document type, newer ones how a browser is to show them.
    r"\s*(?:(?:<\?[^>]{0,500}\?>|<!--(?:(?!-->).){0,2000}-->|<!DOCTYPE\s+(?:rss|rdf:RDF)\s[^>\[]{0,500}>)\s*){0,20}"
    r"<(?:rss|feed|atom:feed|rdf:RDF)[\s>]",
    re.DOTALL,
)
_HTML = re.compile(
    _XML_HEAD + r"<(?:!doctype\s+html|html|head|body|title|meta|article|main|section|header|div|h1|h2|p|script)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(r"\s*<(?:\?xml|!DOCTYPE)\s")
# JSON Feed 1.1 asks for the version among the members, and every writer of feeds puts it first.
_JSON_FEED = re.compile(r"\s*\{\s*\"version\"\s*:\s*\"https://jsonfeed\.org/version/")
_JSON = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*[\[{\"\]])")


def by_suffix(name: str) -> Format | None:
    """The format that a file name's suffix says (a last .gz apart), or None."""
    path = PurePath(name.lower())
    return _SUFFIXES.get(PurePath(path.stem).suffix if path.suffix == ".gz" else path.suffix)


def by_content_type(content_type: str) -> tuple[Format | None, str | None]:
    """The format and charset that a Content-Type header says; no format where it leaves it open.

    Raises:
        BadInput: It says something that is not read (`unsupported`).
    """
    kind, *parameters = content_type.split(";")
    kind = kind.strip().lower()
    charset = None
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "charset":
            charset = value.strip().strip("\"'") or None
    if not kind or kind in _TELLS_NOTHING:
        return None, charset
    if kind in _CONTENT_TYPES:
        return _CONTENT_TYPES[kind], charset
    if kind.endswith("+json"):
        return Format.JSON, charset
    raise BadInput(RefusalReason.UNSUPPORTED, f"content type {kind[:60]!r} is not read; what is read: {READ}")


def by_magic(raw: bytes) -> Format | None:
    """The format of bytes that no text begins with, or None; it outweighs what a name or a header says."""
    head = raw.lstrip()
    return next((format_ for magic, format_ in _MAGIC if head.startswith(magic)), None)


def refuse_binary(raw: bytes, charset: str | None = None) -> None:
    """Let pass what can be text.

    Raises:
        BadInput: It is binary.
    """
    for magic, what in _BINARY_MAGIC:
        if raw.startswith(magic):
            raise BadInput(RefusalReason.BINARY, f"it is {what}, not text; hand in the text it holds")
    wide = (charset or "").strip().lower().startswith(("utf-16", "utf16", "utf-32", "utf32"))
    if b"\0" in raw and encoding_mark(raw) is None and not wide:
        message = "it holds NUL bytes, so it is binary, or UTF-16 without a byte order mark; save it as UTF-8 text"
        raise BadInput(RefusalReason.BINARY, message)


def is_json_feed(head: str) -> bool:
    """True where a document that begins like this is a JSON feed."""
    return _JSON_FEED.match(head.removeprefix("\ufeff")) is not None


def by_content(text: str) -> Format:
    """The format that a document's first characters show; plain text where they show none.

    Raises:
        BadInput: It is XML of another sort than a feed (`unsupported`).
    """
    head = text[:10_000]
    if _FEED.match(head) or is_json_feed(head):
        return Format.FEED
    if _HTML.match(head):
        return Format.HTML
    if _XML.match(head):
        raise BadInput(RefusalReason.UNSUPPORTED, f"XML is not read; what is read: {READ}")
    return Format.JSON if _JSON.match(head) else Format.TEXT
