"""Claims in Parquet files are read as those of other files are."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.intake.coded.claims import CodedArticle, coded_articles
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Refusal

TEXT = "Ardania accused Beloria over the raid. Beloria denied it."


def test_a_row_for_each_claim(tmp_path: Path) -> None:
    path = tmp_path / "claims.parquet"
    rows = [
        {"type": "accuses", "source": "Ardania", "target": "Beloria", "quote": TEXT[:38], "text": TEXT, "start": 0},
        {"type": "denies", "source": "Beloria", "target": None, "quote": TEXT[39:], "text": TEXT, "start": 39},
        {"type": "praises", "source": "Beloria", "target": None, "quote": TEXT[39:], "text": TEXT, "start": 39},
    ]
    pq.write_table(pa.Table.from_pylist(rows), path)
    refused, article = coded_articles(path)
    assert isinstance(refused, Refusal)
    assert refused.detail.startswith(f"{path}, row 3: type is one of")
    assert isinstance(article, CodedArticle)
    assert (article.claims, article.article.text) == (2, TEXT)


def test_whole_articles_with_nested_claims(tmp_path: Path) -> None:
    path = tmp_path / "articles"
    claims = [{"id": "c1", "type": "accuses", "source": "Ardania", "target": "Beloria", "evidence": TEXT[:38]}]
    pq.write_table(pa.Table.from_pylist([{"text": TEXT, "title": "Raid", "claims": claims, "coder": "Ana"}]), path)
    (article,) = coded_articles(path)
    assert isinstance(article, CodedArticle)
    assert (article.claims, article.coders) == (1, ("Ana",))


@pytest.mark.parametrize(
    ("write", "told"),
    [
        (lambda path: path.write_bytes(b"PAR1 and no more"), "no Parquet file"),
        (lambda path: pq.write_table(pa.table({"text": ["x"]}), path), "not those of a file of claims"),
        (lambda path: pq.write_table(pa.table({"type": pa.array([], pa.string())}), path), "is empty"),
    ],
)
def test_what_holds_no_claims_is_told(tmp_path: Path, write: object, told: str) -> None:
    path = tmp_path / "claims.parquet"
    write(path)  # type: ignore[operator]
    with pytest.raises(BadInput, match=told):
        list(coded_articles(path))
