"""The face of the graph in a notebook: tables, pictures and plain graphs, and that looking at it costs nothing."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import networkx as nx
import pandas as pd
import pytest
import rdflib

import app
from app import queries
from app.ledger import Batch, Ledger, open_ledger
from app.notebook import Filters, GraphFace
from app.notebook.frames import frame
from app.pipeline.drawing import Drawing
from app.queries import ClaimFilter, ClaimRow
from app.queries.centralities import Standing, centralities
from app.queries.filters import select
from app.queries.rows import row_of
from app.vocabulary import terms
from app.vocabulary.errors import BadQuery, MissingPart, NotFound
from app.web.params import Filters as HttpFilters
from tests.queries.invented import World, invented


@pytest.fixture(scope="module")
def world() -> World:
    return invented()


@pytest.fixture(scope="module")
def face(world: World) -> GraphFace:
    return GraphFace(world.graph)


# ---- opening ----


@pytest.fixture
def ledger(tmp_path: Path, world: World) -> Path:
    path = tmp_path / "a ledger?.sqlite"
    opened = open_ledger(f"sqlite:///{str(path).replace('?', '%3F').replace(' ', '%20')}")
    opened.append(world.batch)
    opened.close()
    return path


def test_a_ledger_opens_by_path_by_url_and_by_setting(
    ledger: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{str(ledger).replace('?', '%3F').replace(' ', '%20')}"
    monkeypatch.setenv("POLEMOS_LEDGER", url)
    for opened in (app.open_graph(ledger), app.open_graph(str(ledger)), app.open_graph(url), app.open_graph()):
        assert opened.graph.claims.keys() == world.graph.claims.keys()
        assert opened.revision == 1
    monkeypatch.chdir(ledger.parent)
    assert len(app.open_graph(ledger.name)) == len(world.graph.claims)


def test_no_ledger_is_made_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no ledger at .*nowhere\.sqlite.*polemos ingest"):
        app.open_graph(tmp_path / "nowhere.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_the_past_opens_too(new_ledger: Callable[[str], Ledger], world: World) -> None:
    opened = new_ledger("two")
    batch = world.batch
    first, *others = batch.articles
    earlier = [one for one in batch.readings if one.article == first.id]
    later = [one for one in batch.readings if one.article != first.id]
    opened.append(dataclasses.replace(batch, articles=(first,), readings=earlier))
    opened.append(Batch(tuple(others), later))
    now, then = app.open_graph(opened.location), app.open_graph(opened.location, as_of=1)
    assert (now.revision, then.revision) == (2, 1)
    assert set(then.claims().article) == {first.id}
    assert len(then) < len(now)
    assert app.open_graph(opened.location, as_of="2999-01-01").revision == 2
    assert app.open_graph(opened.location, as_of=date(1999, 1, 1)).revision == 0
    with pytest.raises(BadQuery, match="no revision 3"):
        app.open_graph(opened.location, as_of=3)


def test_importing_the_project_loads_nothing() -> None:
    program = (
        "import sys; before = set(sys.modules); import app; app.open_graph; "
        "found = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(found - {'app', '__future__', 'typing'} - set(sys.stdlib_module_names)), "
        "sorted(name for name in sys.modules if name.startswith('app.')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[] []\n"


def test_opening_loads_neither_the_parser_nor_the_doors(ledger: Path) -> None:
    program = (
        "import sys; from app import open_graph; open_graph(sys.argv[1]); "
        "print([n for n in ('spacy', 'fastapi', 'rdflib', 'pandas', 'onnxruntime') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program, str(ledger)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# ---- tables ----


def test_a_table_holds_what_the_question_answers(face: GraphFace) -> None:
    page = queries.accusations(face.graph, ClaimFilter(source="Norland"))
    table = face.accusations("Norland")
    assert list(table.id) == [row.id for row in page.claims]
    assert list(table.quote) == [row.evidence.quote for row in page.claims]
    assert table.attrs["revision"] == face.revision
    assert table.attrs["counts"]["claims"] == page.counts.claims == len(table) > 1
    assert table.attrs["filters"]["source_id"] == "actor-norland"
    assert len(face.claims()) == len(face)
    together = [*face.accusations().id, *face.denials().id, *face.retaliations().id]
    assert sorted(together) == sorted(face.claims().id)


def test_columns_are_the_fields_of_a_claim_and_no_other(face: GraphFace) -> None:
    fields = [name for name in ClaimRow.__struct_fields__ if name != "evidence"]
    expected = {*fields, "quote", "part", "start", "end", "article"}
    expected |= {f"{name}_{end}" for name in ("date", "published", "happened", "said") for end in ("first", "last")}
    table = face.claims()
    assert set(table.columns) == expected
    assert len(table.columns) == len(expected)


def test_an_empty_table_has_the_columns_and_kinds_of_a_full_one(face: GraphFace) -> None:
    full, empty = face.claims(), face.claims(until="1900")
    assert len(empty) == 0
    assert list(empty.dtypes.items()) == list(full.dtypes.items())
    assert empty.attrs["counts"]["claims"] == 0
    assert list(face.actors("nobody of this name").dtypes.items()) == list(face.actors().dtypes.items())


def test_columns_have_the_kind_that_fits(face: GraphFace) -> None:
    table = face.claims()
    assert str(table.said_first.dtype) == "datetime64[s]"
    assert str(table.ingested.dtype) == "datetime64[ms, UTC]"
    assert str(table.confidence.dtype) == "Float64"
    assert str(table.start.dtype) == "Int64"
    assert str(table.quote.dtype) == "string"
    assert list(table.type.cat.categories) == [one.value for one in terms.ClaimType]
    assert list(table.rung.cat.categories) == [one.value for one in terms.Rung]
    assert set(table.relayed_by.map(type)) == {tuple}
    assert table.target.isna().sum() == sum(row.target is None for row in face.graph.claims.values()) > 0


def test_a_coarse_date_is_as_long_as_it_is(face: GraphFace) -> None:
    table = face.claims()
    (month,) = set(table[table.date == "2024-04"].index[:1])
    assert table.date_first[month] == pd.Timestamp("2024-04-01")
    assert table.date_last[month] == pd.Timestamp("2024-04-30")
    unknown = table[table.said.isna()]
    assert len(unknown) > 0
    assert unknown.said_first.isna().all()


def test_an_interval_may_be_open() -> None:
    rows = [
        queries.directory.IncidentRow(
            "inc-1", "x", "x", ("x",), None, None, None, text, 1, 1, queries.directory.TypeCounts(1, 0, 0)
        )
        for text in ("2024-01-02/..", "../2024", None, "2024-01/2024-02")
    ]  # fmt: skip
    table = frame(queries.directory.IncidentRow, rows, {})
    days = [(str(a)[:10], str(b)[:10]) for a, b in zip(table.date_first, table.date_last, strict=True)]
    assert days == [("2024-01-02", "NaT"), ("NaT", "2024-12-31"), ("NaT", "NaT"), ("2024-01-01", "2024-02-29")]


def test_narrower_denials_are_marked_and_not_counted(face: GraphFace) -> None:
    page = queries.denials(face.graph, ClaimFilter(source="Sudria"))
    table = face.denials("Sudria")
    assert page.narrower > 0
    assert (table.scope == "narrower").sum() == page.narrower
    assert table.attrs["counts"]["claims"] == page.counts.claims == len(table) - page.narrower


def test_filters_are_those_of_the_other_doors() -> None:
    paged = {"source", "target", "as_of"}
    assert set(Filters.__annotations__) == set(HttpFilters.model_fields) - paged


def test_every_filter_is_passed_on(face: GraphFace) -> None:
    assert set(face.claims(actor="Norland", role="source").source) == {"Norland"}
    assert set(face.claims(actor=["Norland", "Eastland"], role="target").target) == {"Norland", "Eastland"}
    assert set(face.retaliations(modality="carried_out").modality) == {"carried_out"}
    assert set(face.claims(publisher="The Courier").publisher) == {"The Courier"}
    assert face.claims(min_confidence=0.5).confidence.min() >= 0.5
    assert set(face.retaliations(rung="carried_out").rung) == {"carried_out"}
    april = face.claims(since=date(2024, 4, 1), until="2024-04-30")
    assert list(april.id) == list(face.claims(since="2024-04", until="2024-04").id) != []
    rolled, own = face.denials("Sudria", rollup=True), face.denials("Sudria", rollup=False)
    assert len(own) < len(rolled)
    assert list(own.id) == list(face.denials("Sudria", rollup="off").id)
    assert list(face.claims(limit=2).id) == list(face.claims().id[:2])
    assert len(face.claims(limit=0)) == 0
    about = face.claims(incident=face.incidents().id[0])
    assert set(about.incident) == {face.incidents().id[0]}
    assert len(face.claims(clock="published", since="2024")) <= len(face)
    assert len(face.accusations("Norland", voice="speaker")) <= len(face.accusations("Norland"))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"sorce": "Norland"}, "no filter sorce"),
        ({"rollup": "half"}, "rollup is one of off, state, full"),
        ({"modality": "true"}, "modality is one of"),
        ({"since": "soon"}, "soon"),
        ({"source": "Nowhere"}, "Nowhere"),
        ({"limit": -1}, "limit"),
    ],
)
def test_what_cannot_be_asked_is_refused(face: GraphFace, asked: dict[str, object], says: str) -> None:
    with pytest.raises(BadQuery, match=says):
        face.claims(**asked)  # type: ignore[arg-type]


def test_actors_places_and_incidents_are_tables(face: GraphFace) -> None:
    actors = face.actors()
    assert set(actors.id) == set(face.graph.actors)
    assert actors.said_accuses.sum() >= len(face.accusations())
    assert list(face.actors("norl").name) == ["Norland"]
    assert set(face.actors(kind="armed_force").kind) == {"armed_force"}
    with pytest.raises(BadQuery, match="kind is one of"):
        face.actors(kind="villain")
    one = face.actors(limit=1)
    assert list(one.id) == list(actors.id[:1])
    assert one.attrs["total"] == len(actors)
    assert list(face.actors(limit=None).id) == list(actors.id)
    with pytest.raises(BadQuery, match="limit"):
        face.actors(limit=0)
    assert set(face.places().id) == set(face.graph.places)
    assert set(face.incidents().id) == set(face.graph.incidents)


def test_many_names_come_page_by_page(monkeypatch: pytest.MonkeyPatch, face: GraphFace) -> None:
    whole = list(face.actors().id)
    monkeypatch.setattr("app.notebook.face.MOST_IN_A_PAGE", 2)
    assert list(face.actors(limit=None).id) == whole
    assert list(face.actors(limit=3).id) == whole[:3]
    assert list(face.actors(limit=4).id) == whole[:4]


def test_single_answers_are_records(face: GraphFace) -> None:
    claim = face.accusations().id[0]
    assert face.claim(claim) == queries.claim_row(face.graph, claim)
    assert face.thread(claim) == queries.thread(face.graph, claim)
    incident = face.incidents().id[0]
    assert face.incident(incident) == queries.incident(face.graph, incident)
    with pytest.raises(NotFound):
        face.claim("clm-none")


def test_without_pandas_it_is_said_what_to_install(face: GraphFace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingPart, match=r"pip install 'polemos\[notebook\]'"):
        face.accusations()


# ---- elsewhere ----


def test_it_shows_itself_as_a_picture_of_the_best_evidenced(face: GraphFace) -> None:
    svg = face._repr_svg_()
    words = [one.text for one in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert "Edges are claims made in articles, not findings." in words
    assert not hasattr(face, "_repr_html_")
    counted = f"{len(face.graph.actors)} actors, {len(face.graph.incidents)} incidents; revision {face.revision}"
    assert repr(face) == f"<{len(face)} claims of {len(face.graph.articles)} articles, {counted}>"


def test_an_empty_graph_has_a_picture_and_tables(new_ledger: Callable[[str], Ledger]) -> None:
    empty = app.open_graph(new_ledger("empty").location)
    ElementTree.fromstring(empty._repr_svg_())
    assert len(empty.accusations()) == len(empty.actors()) == 0


def test_it_becomes_plain_graphs(face: GraphFace) -> None:
    chosen = face.accusations("Norland").id
    plain = face.to_networkx("claims", chosen)
    assert isinstance(plain, nx.MultiDiGraph)
    accuse = [key for _, _, key, kind in plain.edges(keys=True, data="kind") if kind == "accuses"]
    assert set(accuse) <= set(chosen)
    assert accuse
    assert isinstance(face.to_networkx("signed"), nx.DiGraph)
    assert isinstance(face.to_rdflib(), rdflib.Graph)
    piece = face.subgraph("Norland", hops=1)
    assert isinstance(piece, Drawing)
    assert piece.title == "Who accuses whom: Norland"


def test_where_actors_stand_is_a_table(face: GraphFace) -> None:
    found = centralities(
        face.graph, ClaimFilter(types=(terms.ClaimType.ACCUSES, terms.ClaimType.DENIES)), 3, "in_degree"
    )
    table = face.centralities(["accuses", "denies"], by="in_degree", top=3)
    assert list(table.columns) == list(Standing.__struct_fields__)
    assert list(table.id) == [one.id for one in found.actors]
    assert list(table.pagerank) == [one.pagerank for one in found.actors]
    assert (table.attrs["by"], table.attrs["ties"], table.attrs["computed_by"]) == (
        "in_degree", found.ties, found.computed_by
    )  # fmt: skip
    assert "actors" not in table.attrs
    assert len(face.centralities("denies", source="Norland", since="1900")) <= 50
    with pytest.raises(BadQuery, match="type is one of"):
        face.centralities("praises")


def test_a_table_of_many_claims_is_made_of_what_they_have_in_common(face: GraphFace) -> None:
    """The same lines as of rows, one by one; narrower denials are marked."""
    for source in (None, "Sudria"):
        found = select(face.graph, ClaimFilter(type=terms.ClaimType.DENIES, source=source))
        rows = [
            msgspec.structs.replace(
                row_of(face.graph, face.graph.claims[one]), scope="narrower" if one in found.narrower else None
            )
            for one in found.ids
        ]
        pd.testing.assert_frame_equal(face.denials(source), frame(ClaimRow, rows, {}), check_flags=False)
    assert "narrower" in set(face.denials("Sudria").scope.dropna())
