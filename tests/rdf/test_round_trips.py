"""Every format and profile, whole or in part, is read back by two libraries as the statements that were written."""

from __future__ import annotations

import hashlib
import io
import pickle
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import rdflib
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple, parse
from rdflib.compare import isomorphic

from app.graph import ConflictGraph, Fold, fold
from app.graph.snapshot import Snapshots
from app.ledger import Batch, open_ledger
from app.rdf.jsonld import load_context
from app.rdf.ntriples import for_xml
from app.rdf.serialise import FORMATS, write
from app.rdf.shapes import as_rdflib
from app.rdf.terms import Profile
from app.vocabulary.records import Actor, Article, Decision, Place, Reading

# rdflib's own parsers still use what rdflib itself has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")

ROOT = Path(__file__).resolve().parents[2]
CONTEXT = load_context(ROOT / "graph_data" / "ontology")
ALL = [(profile, name) for profile in Profile for name, one in FORMATS.items() if one.carries(profile)]


def written(graph: ConflictGraph, format_: str, profile: Profile, claims: Iterable[str] | None) -> bytes:
    out = io.BytesIO()
    write(graph, format_, out, profile=profile, claims=claims, selection="by hand", context=CONTEXT)
    return out.getvalue()


def meant(graph: ConflictGraph, format_: str, profile: Profile, claims: Iterable[str] | None) -> set[Quad]:
    """The statements as N-Quads has them; as XML can hold them where the format is XML."""
    plain = set(parse(written(graph, "nquads", profile, claims), RdfFormat.N_QUADS))
    return {_for_xml(quad) for quad in plain} if format_ == "rdfxml" else plain


def _for_xml(quad: Quad) -> Quad:
    value = quad.object
    if isinstance(value, Literal) and for_xml(value.value) != value.value:
        kept = {"language": value.language} if value.language else {"datatype": value.datatype}
        return Quad(quad.subject, quad.predicate, Literal(for_xml(value.value), **kept), quad.graph_name)
    return quad


def by_graph(quads: Iterable[Quad]) -> dict[str, rdflib.Graph]:
    """Statements by the graph they stand in, as rdflib has them."""
    parted: dict[str, list[Quad]] = {}
    for quad in quads:
        name = "" if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name.value
        parted.setdefault(name, []).append(quad)
    return {name: as_rdflib(held) for name, held in parted.items()}


def read_by_rdflib(body: bytes, format_: str) -> dict[str, rdflib.Graph]:
    entry = FORMATS[format_]
    if not entry.graphs:
        return {"": rdflib.Graph().parse(data=body, format=entry.rdflib)}
    dataset = rdflib.Dataset()
    dataset.parse(data=body, format=entry.rdflib)
    default = rdflib.graph.DATASET_DEFAULT_GRAPH_ID
    return {("" if one.identifier == default else str(one.identifier)): one for one in dataset.graphs() if len(one)}


@pytest.fixture(autouse=True)
def as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers and instants as they stand: rdflib would write them anew in a form of its own."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


@pytest.fixture(scope="module")
def part(dispute: Any) -> list[str]:
    return [dispute.ids[name] for name in ("denied", "relayed", "copy", "strange", "ordered")]


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "part"])
@pytest.mark.parametrize(("profile", "format_"), ALL)
def test_pyoxigraph_reads_back_what_was_written(
    graph: ConflictGraph, part: list[str], profile: Profile, format_: str, whole: bool
) -> None:
    claims = None if whole else part
    back = list(parse(written(graph, format_, profile, claims), FORMATS[format_].rdf_format()))
    assert set(back) == meant(graph, format_, profile, claims)
    assert len(back) == len(set(back)) > 20
    # No blank nodes: to be the same set is to be isomorphic.
    assert not any(isinstance(one, BlankNode) for quad in back for one in (quad.subject, quad.object, quad.graph_name))


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "part"])
@pytest.mark.parametrize(("profile", "format_"), [one for one in ALL if one[0] is not Profile.RDF12])
def test_rdflib_reads_back_what_was_written(
    graph: ConflictGraph, part: list[str], profile: Profile, format_: str, whole: bool
) -> None:
    """Triple terms of RDF 1.2 no version of rdflib reads; there pyoxigraph alone must do."""
    claims = None if whole else part
    back = read_by_rdflib(written(graph, format_, profile, claims), format_)
    wanted = by_graph(meant(graph, format_, profile, claims))
    assert back.keys() == wanted.keys()
    for name, held in wanted.items():
        assert isomorphic(back[name], held), name


def test_rdf12_is_the_claims_and_what_their_reifiers_name(graph: ConflictGraph, part: list[str]) -> None:
    for claims in (None, part):
        plain = {q for q in meant(graph, "nquads", Profile.CLAIMS, claims) if "/dataset/" not in str(q.subject)}
        overlay = {q for q in meant(graph, "nquads", Profile.RDF12, claims) if "/dataset/" not in str(q.subject)}
        assert plain < overlay
        assert all(isinstance(quad.object, Triple) for quad in overlay - plain)


def test_nanopublications_say_together_what_the_claims_say(graph: ConflictGraph) -> None:
    """But for articles and incidents of which no claim tells, and the links of one claim's article to other reports."""
    plain = {q.triple for q in meant(graph, "nquads", Profile.CLAIMS, None) if "/dataset/" not in str(q.subject)}
    told = {q.triple for q in meant(graph, "trig", Profile.NANOPUB, None)}
    claims = {t for t in plain if "/claim/" in str(t.subject) or "/acknowledgement/" in str(t.subject)}
    assert claims <= told
    named = {t.object for t in claims} | {t.subject for t in claims}
    actors = {t for t in plain if t.subject in named and "/actor/" in str(t.subject)}
    assert actors
    assert actors <= told


_ONCE = """
import hashlib, io, json, pickle, sys
from pathlib import Path
from app.graph import fold
from app.rdf.description import describe
from app.rdf.jsonld import load_context
from app.rdf.serialise import FORMATS, write, write_blocks
from app.rdf.terms import Profile
from app.vocabulary.records import Actor, Article, Decision, Place, Reading
from tests_graph import graph
context = load_context(Path("graph_data/ontology"))
for profile in Profile:
    for name, one in FORMATS.items():
        if one.carries(profile):
            for kept in (None, list(graph.claims)[::3]):
                out = io.BytesIO()
                write(graph, name, out, profile=profile, claims=kept and reversed(sorted(kept)), context=context)
                part = "part" if kept else "whole"
                print(f"{profile}/{name}/{part}", hashlib.sha256(out.getvalue()).hexdigest())
for name in FORMATS:
    out = io.BytesIO()
    write_blocks(describe(graph, service="http://h.example/"), name, out, context=context)
    print(f"described/{name}", hashlib.sha256(out.getvalue()).hexdigest())
"""
_FOLDED = """
import pickle, sys
from pathlib import Path
from app.graph import fold
entries = pickle.loads(Path(sys.argv[1]).read_bytes())
graph = fold(entries, lambda revision: "2026-03-10T08:00:00.000+00:00")
"""
_RESTORED = """
import sys
from pathlib import Path
from app.graph.snapshot import Snapshots
from app.ledger import open_ledger
from app.pipeline import fold_ledger
ledger = open_ledger(f"sqlite:///{sys.argv[1]}")
if sys.argv[2:]:
    graph = Snapshots(Path(sys.argv[2])).read(ledger.digest, reload=None, appended_at=ledger.appended_at).graph
else:
    graph = fold_ledger(ledger)
"""


def _printed(tmp_path: Path, made: str, seed: str, *arguments: str) -> dict[str, str]:
    (tmp_path / "tests_graph.py").write_text(made)
    script = tmp_path / "once.py"
    script.write_text(_ONCE)
    done = subprocess.run(
        [sys.executable, str(script), *arguments],
        env={"PYTHONHASHSEED": seed, "PYTHONPATH": f"{ROOT}:{tmp_path}"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(line.split() for line in done.stdout.splitlines())


@pytest.mark.processes
def test_the_same_revision_is_the_same_bytes_in_every_process(dispute: Any, tmp_path: Path) -> None:
    entries = [(number + 1, entry) for number, entry in enumerate(dispute.entries)]
    (tmp_path / "entries").write_bytes(pickle.dumps(entries))
    first = _printed(tmp_path, _FOLDED, "1", str(tmp_path / "entries"))
    assert len(first) == 2 * len(ALL) + len(FORMATS)
    assert _printed(tmp_path, _FOLDED, "2", str(tmp_path / "entries")) == first
    for profile, format_ in ALL:
        out = io.BytesIO()
        write(fold(entries, lambda _: "2026-03-10T08:00:00.000+00:00"), format_, out, profile=profile, context=CONTEXT)
        assert hashlib.sha256(out.getvalue()).hexdigest() == first[f"{profile}/{format_}/whole"], (profile, format_)


@pytest.mark.processes
def test_a_graph_from_a_snapshot_is_written_as_the_one_that_was_folded(dispute: Any, tmp_path: Path) -> None:
    held = dispute.entries
    path = tmp_path / "ledger.sqlite"
    with closing(open_ledger(f"sqlite:///{path}")) as ledger:
        ledger.append(
            Batch(
                [one for one in held if isinstance(one, Article)],
                [one for one in held if isinstance(one, Reading)],
                [one for one in held if isinstance(one, Actor)],
                [one for one in held if isinstance(one, Place)],
                [one for one in held if isinstance(one, Decision)],
            )
        )
        folded = Fold(ledger.appended_at)
        folded.feed(ledger.entries(with_text=False))
        digest = ledger.digest(folded.graph.revision)
        assert digest is not None
        Snapshots(tmp_path / "kept").write(folded, digest)
    restored = _printed(tmp_path, _RESTORED, "3", str(path), str(tmp_path / "kept"))
    assert restored == _printed(tmp_path, _RESTORED, "4", str(path))


def test_what_names_a_graph_is_an_iri(graph: ConflictGraph) -> None:
    for quad in meant(graph, "nquads", Profile.NANOPUB, None):
        assert isinstance(quad.graph_name, NamedNode)
