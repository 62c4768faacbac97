"""The ontology is read once for as long as its files stay as they are, and a file that is not there is told."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from app.rdf.ontology import encoded, read_ontology
from app.vocabulary.errors import BadData

ROOT = Path(__file__).resolve().parents[2]


def test_it_is_read_anew_only_when_a_file_has_changed(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "graph_data" / "ontology", tmp_path / "ontology")
    file = tmp_path / "ontology" / "polemos.ttl"
    first = read_ontology(tmp_path)
    assert read_ontology(tmp_path) is first
    file.write_text(file.read_text(encoding="utf-8").replace(f'"{first.title}"', '"Another title"'), encoding="utf-8")
    os.utime(file, (1, 1))
    assert read_ontology(tmp_path).title == "Another title"


@pytest.mark.parametrize("format_", ["turtle", "ntriples"])
def test_a_file_that_is_not_there_is_told(tmp_path: Path, format_: str) -> None:
    with pytest.raises(BadData, match=r"polemos\.ttl cannot be read: No such file"):
        read_ontology(tmp_path)
    with pytest.raises(BadData, match=r"none\.ttl cannot be read: No such file"):
        encoded(tmp_path / "none.ttl", format_)
