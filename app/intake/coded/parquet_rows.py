"""A Parquet file of claims or of annotated articles in, its rows out, some hundred at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.vocabulary.errors import BadInput
from app.vocabulary.terms import RefusalReason

MAGIC = b"PAR1"
_AT_ONCE = 200


def is_parquet(path: Path) -> bool:
    """Whether a file begins as Parquet files do."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def parquet_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of a file, each with its place, as a refusal names it.

    Raises:
        BadInput: It is no sound Parquet file, or holds nothing; where it is damaged later, after what stands before.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path, memory_map=False, pre_buffer=False) as file:
            names = set(file.schema_arrow.names)
            if not names & {"claims", "type"}:
                told = f"{path}: its columns are not those of a file of claims, for it lacks type or claims"
                raise BadInput(RefusalReason.BAD_FIELD, told)
            for batch in file.iter_batches(_AT_ONCE, use_threads=False):
                for row in batch.to_pylist():
                    number += 1
                    yield f"{path}, row {number}", row
    except pa.ArrowException as why:
        told = f"{path}: it is no Parquet file, or damaged ({str(why).splitlines()[0][:200]}); write it anew"
        raise BadInput(RefusalReason.UNREADABLE, told) from None
    if not number:
        raise BadInput(RefusalReason.EMPTY, f"{path}: it is empty")
