"""Parquet files of articles in, articles and refusals out: their columns are named as the fields of JSON articles.

Only those six columns are read (`id`, `title`, `text`, `published`, `publisher`, `url`), a few hundred rows at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from app.intake.gate import Item
from app.intake.json_articles import read_json_object
from app.intake.limits import DEFAULT, Limits
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Refusal
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS = ("id", "title", "text", "published", "publisher", "url")
_AT_ONCE = 500


def read_parquet(source: Path | BinaryIO, *, name: str, limits: Limits = DEFAULT) -> Iterator[Item]:
    """The articles of a Parquet file.

    Args:
        source: The file, or a stream that can be read from any place.
        name: How a refusal names it; it adds the row's number.
        limits: Bounds on each article.

    Raises:
        BadInput: It is no sound Parquet file, or has no column of texts; what stands before the damage comes first.
    """
    empty = True
    for group, rows in enumerate(row_groups(source)):
        empty = empty and not rows
        yield from read_rows(source, group, 0, rows, name=name, limits=limits)
    if empty:
        yield Refusal(RefusalReason.EMPTY, f"{name}: it holds no rows")


def row_groups(source: Path | BinaryIO) -> list[int]:
    """How many rows each group of rows has.

    Raises:
        BadInput: It is no sound Parquet file, or has no column of texts.
    """
    with _opened(source) as file:
        return [file.metadata.row_group(number).num_rows for number in range(file.metadata.num_row_groups)]


def read_rows(
    source: Path | BinaryIO, group: int, first: int, last: int, *, name: str, limits: Limits = DEFAULT
) -> Iterator[Item]:
    """The articles of some rows of one group; see `read_parquet`.

    Args:
        source: The file.
        group: The group's number, from 0 on.
        first: The first row, counted in the group from 0 on.
        last: The row after the last.
        name: How a refusal names the file; it adds the number of the row in the file, from 1 on.
        limits: Bounds on each article.
    """
    with _opened(source) as file:
        before = sum(file.metadata.row_group(number).num_rows for number in range(group))
        columns = [column for column in COLUMNS if column in file.schema_arrow.names]
        at = 0
        for batch in file.iter_batches(_AT_ONCE, row_groups=[group], columns=columns, use_threads=False):
            wanted = batch.slice(max(0, first - at), max(0, min(last, at + len(batch)) - max(first, at)))
            start = max(first, at)
            at += len(batch)
            for number, row in enumerate(_plain(wanted.to_pylist()), start=before + start + 1):
                yield read_json_object(row, name=f"{name}, row {number}", limits=limits)
            if at >= last:
                return


def _plain(rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows with days and instants as text, as JSON has them."""
    for row in rows:
        published = row.get("published")
        if isinstance(published, datetime | date):
            row["published"] = published.isoformat()
        yield row


@contextmanager
def _opened(source: Path | BinaryIO) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Not mapped into memory: a file that is cut short meanwhile must not kill the process.
        with pq.ParquetFile(source, memory_map=False, pre_buffer=False) as file:
            if "text" not in file.schema_arrow.names:
                told = ", ".join(file.schema_arrow.names[:10])
                message = f"it has no column 'text' (its columns: {told}); name the column of the articles' texts so"
                raise BadInput(RefusalReason.BAD_FIELD, message)
            yield file
    except pa.ArrowException as why:
        message = f"it is no Parquet file, or damaged ({str(why).splitlines()[0][:200]}); write it anew"
        raise BadInput(RefusalReason.UNREADABLE, message) from None
