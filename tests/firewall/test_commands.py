"""Every command that prints JSON, every export and drawing of the command line, held against the rule.

The commands come from the command line itself. One that needs what `arguments` does not know fails here until it is
told how to be called, so that nothing goes out unseen.
"""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import pytest

from app.graph import ConflictGraph
from app.rdf.serialise import FORMATS
from app.vocabulary.terms import Rung

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "graph_data" / "articles"
Run = Callable[..., tuple[int, str]]

ELSEWHERE = {
    "explain": "it shows what the extractor makes of single sentences, by rules that other tests hold to the codebook",
    "evaluate": "it gives figures on annotated articles and no claims",
    "import": "it prints counts; what it adds is asked for like any other claim",
    "watch": "it prints counts; what it adds is asked for like any other claim",
    "backup": "it tells a revision and a digest",
    "restore": "it tells two revisions",
    "check": "it tells of bytes, ids and offsets",
    "compact": "it tells of bytes",
}
"""Commands that print JSON and are not called here, and why."""


@pytest.fixture
def polemos(
    ledger_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> Run:
    """Runs `polemos` with these words on a ledger of the dispute."""
    from app.cli import main

    shutil.copy(ledger_file, tmp_path / "ledger.sqlite")
    monkeypatch.setenv("POLEMOS_LEDGER", f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    monkeypatch.chdir(ROOT)

    def run(*words: object, stdin: bytes = b"") -> tuple[int, str]:
        capsysbinary.readouterr()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["polemos", *map(str, words)])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
            with pytest.raises(SystemExit) as left:
                main()
        status = left.value.code
        return status if isinstance(status, int) else 0, capsysbinary.readouterr().out.decode("utf-8")

    return run


def commands() -> dict[str, Any]:
    import typer

    from app.cli import app

    found: dict[str, Any] = getattr(typer.main.get_command(app), "commands", {})
    return {name: one for name, one in found.items() if any("--json" in option.opts for option in one.params)}


def arguments(name: str, command: Any, graph: ConflictGraph, receipt: Path) -> list[list[str]]:
    """Ways to call a command: with all there is for what it must have, and with each listed value of an option."""
    known = {
        "claim": list(graph.claims),
        "claim_id": list(graph.claims),
        "incident_id": list(graph.incidents),
        "incident": list(graph.incidents),
        "actor": ["Norland", "Sudria"],
        "actor_id": list(graph.actors),
        "source": ["Norland"],
        "target": ["Sudria"],
        # One article: what is read is added to the ledger that the other commands ask.
        "sources": [str(min(SAMPLES.glob("*.json")))],
    }
    if name == "verify":
        known["source"] = [str(receipt)]
    needed = [one for one in command.params if one.required]
    for one in needed:
        if one.name not in known:
            pytest.fail(f"say in tests/firewall/test_commands.py what to call polemos {name} with as {one.name!r}")
    first = [word for one in needed for word in _given(one, known[one.name][0])]
    calls = [first]
    if len(needed) == 1:
        calls = [_given(needed[0], value) for value in known[needed[0].name]]
    parties = [word for one in command.params if not one.required and one.param_type_name == "option"
               and one.name in ("source", "target") for word in _given(one, known[one.name][0])]  # fmt: skip
    calls += [[*first, *parties]] if parties else []
    for one in command.params:
        calls += [[*first, *_given(one, value)] for value in _listed(one)]
    extra = ["--extractor", f"recorded:{SAMPLES}"] if any("--extractor" in one.opts for one in command.params) else []
    return [[name, *call, *extra, "--json"] for call in calls]


def _listed(parameter: Any) -> list[str]:
    """The closed list of values that an option may have, where it has one."""
    annotation = parameter.type_descriptor.annotation
    kinds = [one for one in (annotation, *get_args(annotation)) if isinstance(one, type) and issubclass(one, Enum)]
    return [str(value.value) for kind in kinds for value in kind]


def _given(parameter: Any, value: str) -> list[str]:
    return [value] if parameter.param_type_name == "argument" else [parameter.opts[0], value]


def documents(text: str) -> list[Any]:
    """One JSON document, or one a line."""
    try:
        return [json.loads(text)]
    except ValueError:
        return [json.loads(line) for line in text.splitlines()]


def test_every_command_that_prints_json_keeps_the_rule(
    polemos: Run, graph: ConflictGraph, rule: Any, tmp_path: Path
) -> None:
    receipt = tmp_path / "receipt.json"
    receipt.write_text(polemos("receipt", next(iter(graph.claims)), "--json")[1], encoding="utf-8")
    assert set(ELSEWHERE) <= set(commands())
    rungs = {word for call in arguments("retaliations", commands()["retaliations"], graph, receipt) for word in call}
    assert rungs >= {str(one) for one in Rung}, "the lists of values are not seen"
    for name, command in commands().items():
        if name in ELSEWHERE:
            continue
        printed = 0
        for call in arguments(name, command, graph, receipt):
            status, out = polemos(*call)
            assert status != 1 or name == "validate", call
            for document in documents(out) if out else ():
                assert list(rule.of_json(document)) == [], call
                printed += 1
        assert printed, f"polemos {name} printed nothing, however it was called"


def test_what_is_extracted_keeps_the_rule(polemos: Run, rule: Any) -> None:
    """`extract` has no `--json`, for it prints nothing else; and it names who is alleged, as such."""
    status, out = polemos("extract", SAMPLES, "--extractor", f"recorded:{SAMPLES}")
    assert status == 0
    lines = [json.loads(line) for line in out.splitlines()]
    assert sum(len(line["claims"]) for line in lines) > 300
    for line in lines:
        assert list(rule.of_json(line)) == []


@pytest.mark.parametrize("profile", ["claims", "edges", "rdf12"])
def test_every_export_keeps_the_rule(polemos: Run, rule: Any, profile: str) -> None:
    from app.cli.giving import ExportFormat, ExportProfile

    assert profile in list(ExportProfile)
    others = {"graphml": rule.of_graphml, "gexf": rule.of_gexf, "csv": rule.of_csv}
    for format_ in ExportFormat:
        status, out = polemos("export", "--format", format_, "--profile", profile)
        if status:
            assert profile == "rdf12"
            assert not FORMATS[format_].triple_terms
        elif format_ in FORMATS:
            assert list(rule.of_rdf(out.encode(), format_)) == [], format_
        elif format_ == "cytoscape":
            assert list(rule.of_json(json.loads(out))) == []
        else:
            assert format_ in others, f"nothing here reads {format_}"
            assert list(others[format_](out.encode())) == [], format_


@pytest.mark.parametrize("table", ["claims", "dna", "nodes", "edges"])
def test_every_table_keeps_the_rule(polemos: Run, rule: Any, table: str) -> None:
    from app.cli.giving import ExportTable, ExportView

    assert table in list(ExportTable)
    for view in ExportView:
        status, out = polemos("export", "--format", "csv", "--table", table, "--view", view)
        assert status == 0
        assert list((rule.of_dna if table == "dna" else rule.of_csv)(out.encode())) == []


@pytest.mark.parametrize("suffix", ["svg", "html"])
def test_every_drawing_keeps_the_rule(
    polemos: Run, graph: ConflictGraph, rule: Any, known: Any, tmp_path: Path, suffix: str
) -> None:
    check = {"svg": rule.of_svg, "html": rule.of_html}[suffix]
    around = [[], ["--actor", "Norland"], *(["--incident", one] for one in graph.incidents)]
    for words in around:
        path = tmp_path / f"drawn.{suffix}"
        assert polemos("draw", *words, "--hops", 3, "-o", path)[0] == 0
        assert list(check(path.read_text(encoding="utf-8"), known)) == [], words


@pytest.mark.parametrize("query", ["CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "DESCRIBE ?a WHERE { ?a a plm:Actor }"])
def test_sparql_keeps_the_rule(polemos: Run, rule: Any, query: str) -> None:
    status, out = polemos("sparql", query, "--format", "ntriples")
    assert status == 0
    assert "plm" in query or out.count("\n") > 100
    assert list(rule.of_rdf(out.encode(), "ntriples")) == []


def test_what_goes_out_is_what_the_shapes_let_out(polemos: Run) -> None:
    assert polemos("validate")[0] == 0


def test_code_that_asserts_is_caught_on_the_command_line(
    polemos: Run, rule: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.queries import rows

    class Telling(rows.EvidenceRow, frozen=True):
        guilty: str = "Sudria"

    def telling(*fields: Any) -> Telling:
        return Telling(*fields)

    monkeypatch.setattr(rows, "EvidenceRow", telling)
    status, out = polemos("accusations", "--json")
    assert status == 0
    assert list(rule.of_json(json.loads(out)))
