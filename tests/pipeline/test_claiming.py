"""Claims that people wrote down, into the ledger: each once, however the file grows, and nobody's lost by another's."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.graph import ConflictGraph, fold
from app.intake.coded.claim_rows import COLUMNS
from app.ledger import Batch, Ledger
from app.ledger.checking import check
from app.pictures import to_csv
from app.pipeline import claiming
from app.pipeline.claiming import import_claims
from app.pipeline.importing import ImportReport
from app.queries.rows import ClaimRow, row_of
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Reading, Refusal

QUOTE = "Ardania accused Beloria of shelling Selm."
ROW = {
    "type": "accuses",
    "source": "Ardania",
    "target": "Beloria",
    "quote": QUOTE,
    "publisher": "Port Gazette",
    "published": "2031-05-05",
}
DENIAL = {"type": "denies", "source": "Beloria", "target": "Ardania", "quote": "Beloria denied it."}
Run = Callable[..., ImportReport]


@pytest.fixture
def ledger(new_ledger: Callable[[str], Ledger]) -> Ledger:
    return new_ledger("ledger")


@pytest.fixture
def run(ledger: Ledger, gazetteer: Gazetteer, tmp_path: Path) -> Run:
    """Imports rows, or a file."""

    def start(what: list[dict[str, str]] | Path, into: Ledger = ledger, **options: Any) -> ImportReport:
        path = what if isinstance(what, Path) else table(tmp_path / "mine.csv", what)
        return import_claims(path, ledger=into, gazetteer=gazetteer, **options)

    return start


def table(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows({**ROW, **row} for row in rows)
    return path


def graph_of(ledger: Ledger) -> ConflictGraph:
    assert list(check(ledger)) == []
    return fold(ledger.entries())


def told(ledger: Ledger) -> list[tuple[str, str, str, str | None, str]]:
    graph = graph_of(ledger)
    rows = [row_of(graph, one) for one in graph.claims.values()]
    return sorted((one.type.value, one.speaker, one.source, one.target, one.evidence.quote) for one in rows)


def test_rows_become_claims_of_those_who_wrote_them(run: Run, ledger: Ledger) -> None:
    report = run(
        [{"id": "a", "speaker": "Ana Vlasic", "incident": "shelling", "place": "Selm"}, DENIAL | {"responds_to": "a"}],
        coder="Ana",
    )
    assert (report.events, report.articles, report.claims, report.revision) == (2, 1, 2, 1)
    graph = graph_of(ledger)
    (article,) = graph.articles.values()
    assert (article.publisher, article.published, graph.readers[article.id]) == (
        "Port Gazette",
        "2031-05-05",
        "claims@1:Ana",
    )
    accusation, denial = (
        row_of(graph, graph.claims[one]) for one in sorted(graph.claims, key=lambda c: graph.claims[c].claim.type)
    )
    assert (accusation.speaker, accusation.source, accusation.target) == ("Ana Vlasic", "Ardania", "Beloria")
    assert (accusation.incident_label, accusation.confidence) == ("shelling, Selm", 1.0)
    assert denial.responds_to == accusation.id


def test_a_second_time_changes_nothing(run: Run, ledger: Ledger) -> None:
    rows = [{}, DENIAL, {"publisher": "", "published": ""}]
    run(rows)
    entries = list(ledger.entries())
    report = run(rows)
    assert (report.revision, report.articles, report.claims, report.already_known) == (ledger.revision, 0, 0, 3)
    assert list(ledger.entries()) == entries


def test_a_file_that_grows_adds_what_is_new(run: Run, ledger: Ledger) -> None:
    run([{}], coder="Ana")
    more = [{}, {"target": "Cerinia"}, DENIAL, {"quote": "They lied.", "published": "2031-05-06"}]
    report = run(more, coder="Jon")
    assert (report.claims, report.already_known, report.refused) == (3, 1, {})
    assert len(told(ledger)) == 4
    assert run(list(reversed(more))).claims == 0
    # Both claims of the first quote are of one article, read by both.
    graph = graph_of(ledger)
    assert set(graph.readers.values()) == {"claims@1:Ana,Jon", "claims@1:Jon"}


def test_a_text_is_coded_again_and_nobody_s_claims_are_lost(run: Run, ledger: Ledger) -> None:
    text = {"text": f"{QUOTE} Beloria denied it."}
    run([text])
    assert run([DENIAL | text]).claims == 1
    assert run([text, DENIAL | text]).claims == 0
    assert len(told(ledger)) == 2
    assert set(graph_of(ledger).readers.values()) == {"claims@1+2"}


def test_a_text_that_a_machine_has_read_is_read_anew(run: Run, ledger: Ledger) -> None:
    article = Article("", QUOTE, "2031-05-05", "Port Gazette")
    ledger.append(Batch([article], [Reading(article.id, "rules@1")]))
    assert run([{"text": QUOTE}]).claims == 1
    assert graph_of(ledger).readers == {article.id: "claims@1"}


def test_quotes_are_never_put_into_an_article_of_others(run: Run, ledger: Ledger) -> None:
    article = Article("", f"{QUOTE} Beloria denied it.", "2031-05-05", "Port Gazette")
    ledger.append(Batch([article], [Reading(article.id, "rules@1")]))
    assert run([{}]).claims == 1
    assert graph_of(ledger).readers[article.id] == "rules@1"


def test_what_it_answers_may_have_come_before(run: Run, ledger: Ledger) -> None:
    run([{"id": "a"}])
    refused: list[Refusal] = []
    report = run([{"id": "a"}, DENIAL | {"responds_to": "a"}], refused=refused.append)
    assert (report.claims, report.events) == (1, 2)
    assert [(str(one.reason), "came in with an earlier" in one.detail) for one in refused] == [
        ("dangling_reference", True)
    ]
    assert len(told(ledger)) == 2


def test_annotated_articles_are_recorded_as_elsewhere(run: Run, ledger: Ledger, tmp_path: Path) -> None:
    claim = {
        "id": "c1",
        "type": "accuses",
        "speaker": "Ardania",
        "source": "Ardania",
        "target": "Beloria",
        "incident": "i1",
        "modality": "asserted",
        "date": None,
        "responds_to": None,
        "evidence": QUOTE,
    }
    body = {
        "id": "x",
        "title": "Selm",
        "publisher": "Port Gazette",
        "published": "2031-05-05",
        "text": f"{QUOTE} The Free Coast Brigade said that it had done so.",
        "incidents": [{"id": "i1", "type": "shelling", "place": "Selm", "country": None, "date": "2031-05-03"}],
        "claims": [claim],
        "acknowledgements": [
            {
                "kind": "self_claim",
                "actor": "Free Coast Brigade",
                "incident": "i1",
                "evidence": "The Free Coast Brigade said that it had done so.",
            }
        ],
    }
    path = tmp_path / "gold.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(body).encode()))
    report = run(path)
    assert (report.articles, report.claims, report.refused) == (1, 1, {})
    graph = graph_of(ledger)
    assert [incident.label for incident in graph.incidents.values()] == ["shelling, Selm, 2031-05-03"]
    assert len(graph.acknowledgements) == 1
    assert run(path).already_known == 1


def test_an_export_comes_back_claim_for_claim(
    run: Run, ledger: Ledger, new_ledger: Callable[[str], Ledger], tmp_path: Path
) -> None:
    run(
        [
            {
                "id": "a",
                "speaker": "Ana Vlasic",
                "incident": "shelling",
                "place": "Selm",
                "incident_date": "2031-05",
                "relayed_by": "Hill Radio; Coastal Council",
                "target_named": "Belorian Navy",
                "confidence": "0.7",
                "cue": "mine",
                "title": "Shelling, again",
                "url": "https://gazette.example/1",
                "date": "2031-05-04",
            },
            DENIAL
            | {
                "denial_kind": "intent",
                "responds_to": "a",
                "title": "Shelling, again",
                "url": "https://gazette.example/1",
            },
            {
                "type": "retaliates",
                "modality": "threatened",
                "threat_kind": "ordered",
                "source_named": "Ministry of the Coast",
                "publisher": "",
                "published": "",
                "quote": "It will be answered,\nhe said, “in kind”.",
            },
        ]
    )
    graph = graph_of(ledger)
    rows = [row_of(graph, one) for one in graph.claims.values()]
    out = io.BytesIO()
    to_csv(rows, out)
    exported = tmp_path / "export.csv"
    exported.write_bytes(out.getvalue())
    answer = tmp_path / "answer.json"
    answer.write_text(
        json.dumps({"revision": 1, "claims": [as_plain(one) for one in rows]}, indent=2), encoding="utf-8"
    )
    for name, path in (("one", exported), ("other", answer)):
        other = new_ledger(name)
        report = run(path, other)
        assert (report.claims, report.refused) == (3, {})
        back = graph_of(other)
        assert sorted(map(essence, (row_of(back, one) for one in back.claims.values()))) == sorted(map(essence, rows))
    # Into the ledger that it was taken from it adds nothing.
    report = run(exported)
    assert (report.claims, report.refused) == (0, {"duplicate": 3})


def as_plain(row: ClaimRow) -> dict[str, Any]:
    import msgspec

    found: dict[str, Any] = msgspec.to_builtins(row)
    return found


def essence(row: ClaimRow) -> str:
    """What a row says, but for ids and for when it entered the ledger."""
    plain = as_plain(row)
    plain["answers"] = plain["responds_to"] is not None
    plain["quote"] = plain["evidence"]["quote"]
    for name in ("id", "incident", "responds_to", "evidence", "ingested", "lineage"):
        del plain[name]
    return json.dumps(plain, sort_keys=True)


def test_a_run_that_is_killed_between_transactions_goes_on(
    run: Run, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claiming, "BATCH", 10)
    monkeypatch.setattr(claiming, "MOST_DAYS", 2)
    rows = [
        {"quote": f"Shot {n}.", "published": f"2031-05-{1 + n % 20:02}", "url": f"https://a.example/{n % 7}"}
        for n in range(200)
    ]
    append, left = ledger.append, 4

    def dying(batch: Batch) -> int:
        nonlocal left
        if not left:
            raise KeyboardInterrupt
        left -= 1
        return append(batch)

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "append", dying)
        with pytest.raises(KeyboardInterrupt):
            run(rows)
    stored = len(told(ledger))
    assert 0 < stored < 200
    report = run(rows)
    assert (report.claims, report.already_known) == (200 - stored, stored)
    assert len({quote for *_, quote in told(ledger)}) == 200
