"""The benchmark of SPARQL runs, on a ledger of a few claims, and every query finds what it is about."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.extraction import ReadingBuilder
from app.ledger import Batch, SqliteLedger
from app.vocabulary.records import Article
from app.vocabulary.terms import ClaimType, DenialKind, Modality, NodeKind
from tests.benchmarks import sparql


def test_it_measures_every_query(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    article = Article("One", "Ardania accused Beloria. Beloria denied it.", "2026-03-04")
    builder = ReadingBuilder(article, "by-hand@1")
    said, denied = (builder.locate(words) for words in ("Ardania accused Beloria.", "Beloria denied it."))
    assert said is not None
    assert denied is not None
    one, two = (builder.mention(NodeKind.ACTOR, name, said) for name in ("Ardania", "Beloria"))
    raid = builder.incident("raid", said)
    accused = builder.claim(
        ClaimType.ACCUSES, speaker=one, source=one, target=two, modality=Modality.ASSERTED, evidence=said, incident=raid
    )
    builder.claim(
        ClaimType.DENIES, speaker=two, source=two, target=one, modality=Modality.ASSERTED, evidence=denied,
        incident=raid, responds_to=accused, denial_kind=DenialKind.PERPETRATION,
    )  # fmt: skip
    ledger = SqliteLedger(tmp_path / "icews18.sqlite")
    ledger.append(Batch([article], [builder.reading()]))
    ledger.close()
    sparql.measure(f"sqlite:///{tmp_path / 'icews18.sqlite'}")
    told = capsys.readouterr().out
    rows = {
        name: float(found[1])
        for name in sparql.QUERIES
        if (found := re.search(rf"^{re.escape(name)} .* ([\d.]+)$", told, re.MULTILINE))
    }
    assert rows.keys() == sparql.QUERIES.keys()
    assert rows["accusations of a pair, with who denies"] == 1
    assert rows["attribution of an incident"] == 1
    assert rows["thread of an accusation"] == 2, "a denial is a claim"
    assert rows["threats of an actor, not done"] == rows["firewall"] == 0
    assert "one article more: " in told
