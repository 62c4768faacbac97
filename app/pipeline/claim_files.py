"""Articles with their readings in, a Parquet file of claims out: the codebook's gold format, and what goes beyond it.

One row an article, with the claims, incidents and acknowledgements that it makes; articles without claims have a row,
too, for that they were read is known by it. `polemos import claims` takes such files, and so does what reads Parquet.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from app.extraction import annotation
from app.vocabulary.records import Article, Reading

_ARTICLE = ("id", "title", "text", "published", "publisher", "url", "coder", "extractor")
_CLAIM = (
    "id", "type", "speaker", "source", "target", "incident", "modality", "date", "responds_to", "evidence", "part",
    "denial_kind", "threat_kind", "source_named", "target_named", "cue",
)  # fmt: skip
_INCIDENT = ("id", "type", "place", "country", "date")
_ACKNOWLEDGEMENT = ("id", "kind", "speaker", "actor", "incident", "date", "evidence")


def written(chunk: Sequence[tuple[Article, Reading]], extractor: str, stream: BinaryIO) -> None:
    """Write a file.

    Args:
        chunk: Articles with their readings.
        extractor: Who read them; `coder` of a row is its name and version in the letters that a coder's name has.
        stream: Where to.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    text = pa.string()
    struct = {
        "incidents": pa.struct([(name, text) for name in _INCIDENT]),
        "claims": pa.struct(
            [(name, text) for name in _CLAIM]
            + [("start", pa.int64()), ("confidence", pa.float64()), ("relayed_by", pa.list_(text))]
        ),
        "acknowledgements": pa.struct([(name, text) for name in _ACKNOWLEDGEMENT] + [("confidence", pa.float64())]),
        "refusals": pa.struct([("reason", text), ("detail", text)]),
    }
    schema = pa.schema([(name, text) for name in _ARTICLE] + [(name, pa.list_(of)) for name, of in struct.items()])
    rows = [_row(article, reading, extractor) for article, reading in chunk]
    pq.write_table(pa.Table.from_pylist(rows, schema), stream, compression="zstd")


def articles_in(path: Path, extractor: str) -> list[str]:
    """Ids of the articles of which a file holds what this extractor read."""
    import pyarrow.parquet as pq

    table = pq.read_table(path, columns=["id", "extractor"])
    return [row["id"] for row in table.to_pylist() if row["extractor"] == extractor]


def _row(article: Article, reading: Reading, extractor: str) -> dict[str, Any]:
    told = annotation(article, reading)
    names = {mention.id: mention.name for mention in reading.mentions}
    for body, claim in zip(told["claims"], reading.claims, strict=True):
        body["part"], body["start"] = claim.evidence.part, claim.evidence.start
        body["denial_kind"], body["cue"] = claim.denial_kind, claim.cue
        body["target_named"] = names[claim.target_named] if claim.target_named is not None else None
    return {
        "id": article.id,
        "title": article.title,
        "text": article.text,
        "published": article.published,
        "publisher": article.publisher,
        "url": article.url,
        "coder": extractor.replace("@", " "),
        "extractor": extractor,
        "incidents": told["incidents"],
        "claims": told["claims"],
        "acknowledgements": told["acknowledgements"],
        "refusals": [{"reason": str(one.reason), "detail": one.detail} for one in reading.refusals],
    }
