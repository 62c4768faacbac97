"""The crosswalk's tables: what they say of CAMEO, that the ontology's crosswalk says the same, and what spoils one."""

from __future__ import annotations

from pathlib import Path

import pytest
import rdflib
from rdflib.namespace import SKOS

from app.intake.coded import ActorTable, CodeTable
from app.intake.coded.tables import CodeRow
from app.vocabulary.errors import BadData
from app.vocabulary.terms import ClaimType, Modality

DATA = Path(__file__).resolve().parents[2] / "graph_data"
CLAIMS = DATA / "crosswalk" / "cameo_claims.tsv"
ACTORS = DATA / "crosswalk" / "icews_actors.tsv"


@pytest.fixture(scope="module")
def cameo() -> CodeTable:
    return CodeTable.load(CLAIMS, ships=True)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("112", "accuses"),
        ("1121", "accuses"),
        ("1125", "accuses"),
        ("016", "denies"),
        ("010", None),
        ("015", None),
        ("111", None),
        ("116", None),
        ("120", None),
        ("130", None),
        ("1384", None),
        ("190", None),
    ],
)
def test_which_codes_are_claims(cameo: CodeTable, code: str, kind: str | None) -> None:
    row = cameo.row(code)
    assert (row.type if row is not None else None) == kind


def test_no_code_is_a_retaliation(cameo: CodeTable) -> None:
    codes = [f"{number:0{width}}" for width in (2, 3, 4) for number in range(10**width)]
    found = {row.type for code in codes if (row := cameo.row(code)) is not None}
    assert found == {ClaimType.ACCUSES, ClaimType.DENIES, None}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Accuse", "112"),
        ("Accuse, not specified below", "112"),
        ("deny  responsibility", "016"),
        ("Threaten", "13"),
        ("Accuse of piracy", None),
    ],
)
def test_a_name_stands_for_its_code(cameo: CodeTable, name: str, code: str | None) -> None:
    row = cameo.row("", name)
    assert (row.code if row is not None else None) == code


def test_what_was_left_out_says_why() -> None:
    rows = [line.split("\t") for line in CLAIMS.read_text(encoding="utf-8").splitlines()[1:]]
    assert all(note for *_, note in rows)
    assert sum(1 for row in rows if not row[2]) > 10


def test_the_ontology_s_crosswalk_agrees() -> None:
    graph = rdflib.Graph().parse(DATA / "ontology" / "crosswalk.ttl")
    names = {"accuses": "Accusation", "denies": "Denial"}
    for line in CLAIMS.read_text(encoding="utf-8").splitlines()[1:]:
        code, title, kind, *_ = line.split("\t")
        if kind:
            node = rdflib.URIRef(f"https://w3id.org/polemos/crosswalk/cameo#{code}")
            relation = rdflib.URIRef(f"https://w3id.org/polemos/ns#{names[kind]}")
            matches = {*graph.objects(relation, SKOS.closeMatch), *graph.objects(relation, SKOS.relatedMatch)}
            assert node in matches, code
            assert str(graph.value(node, SKOS.prefLabel)) == title


def test_roles_of_icews() -> None:
    roles = ActorTable.load(ACTORS).roles
    assert {roles[name].speaks_for for name in ("Military", "Foreign Affairs", "Police", "Congress")} == {"state"}
    assert {roles[name].speaks_for for name in ("Governor", "Lawmaker", "Armed Rebel", "Ruling Party")} == {"self"}
    assert {roles[name].speaks_for for name in ("Citizen", "Thief")} == {"nobody"}
    assert roles["Unspecified Actor"].speaks_for == "unknown"
    names = [line.partition("\t")[0] for line in ACTORS.read_text(encoding="utf-8").splitlines()[1:]]
    assert names == sorted(names, key=str.casefold)


def test_the_longest_listed_code_decides() -> None:
    table = CodeTable(
        [
            CodeRow("1", (), ClaimType.ACCUSES, Modality.ASSERTED),
            CodeRow("13", (), None, None),
            CodeRow("138", (), ClaimType.RETALIATES, Modality.THREATENED),
        ]
    )
    kinds = {code: row.type for code in ("110", "130", "1384") if (row := table.row(code)) is not None}
    assert kinds == {"110": "accuses", "130": None, "1384": "retaliates"}
    assert table.row("2") is None


HEAD = "code\tnames\ttype\tmodality\tnote\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("code\ttype\n", "its columns must be code, names, type, modality, note"),
        (HEAD + "112\tAccuse\taccuses\n", "line 2: expected 5 columns"),
        (HEAD + "112\tAccuse\tblames\tasserted\t\n", "line 2: 'blames' is not a valid ClaimType"),
        (HEAD + "112\tAccuse\taccuses\tthreatened\t\n", "line 2: a claim that accuses cannot be threatened"),
        (HEAD + "112\tAccuse\taccuses\t\t\n", "line 2: type and modality are given together, or neither"),
        (HEAD + "\tAccuse\taccuses\tasserted\t\n", "line 2: the code is missing"),
        (HEAD + "112\tA\t\t\t\n112\tB\t\t\t\n", "the code 112 is listed twice"),
        (HEAD + "112\tA\t\t\t\n113\ta\t\t\t\n", "the name 'a' is listed twice"),
        ("\udcff", "is not UTF-8"),
    ],
)
def test_a_spoilt_table_names_its_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "mine.tsv"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadData, match=r"mine\.tsv") as why:
        CodeTable.load(path)
    assert told in str(why.value)


EVENTS = "code\tnames\ttype\tmodality\taccused\tincident\tnote\n"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("3\t\taccuses\tasserted\tthird\tattack\t", "line 2: accused is source or target or either, not 'third'"),
        ("3\t\taccuses\tasserted\tsource\t\t", "line 2: whoever is accused is accused of an incident"),
        ("3\t\tdenies\tasserted\tsource\tattack\t", "line 2: whoever is accused is accused of an incident"),
        ("3\t\taccuses\tasserted\tsource", "line 2: expected 7 columns"),
    ],
)
def test_a_spoilt_table_of_events_names_its_line(tmp_path: Path, row: str, told: str) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text(EVENTS + row + "\n", encoding="utf-8")
    with pytest.raises(BadData, match=r"mine\.tsv") as why:
        CodeTable.load(path)
    assert told in str(why.value)


@pytest.mark.parametrize(
    ("name", "speaks_for", "state"),
    [
        ("Government of Ardania", "state", "Ardania"),
        ("Military Forces of the Ardanian Union (2019-2031)", "state", "Ardanian Union"),
        ("Military Forces of Ardania (2019-) Coast Guard", "state", "Ardania"),
        ("Former Military Forces of Ardania (2019-)", "self", "Ardania"),
        ("Unidentified Armed Group (Ardania)", "unknown", None),
        ("Civilians (Ardania)", "nobody", None),
    ],
)
def test_a_name_has_the_shape_of_a_role(name: str, speaks_for: str, state: str | None) -> None:
    found = ActorTable.load(DATA / "crosswalk" / "acled_actors.tsv").shaped(name)
    assert found is not None
    assert (found[0].speaks_for, found[1]) == (speaks_for, state)


def test_a_name_of_no_shape_is_nobody_s_role() -> None:
    table = ActorTable.load(DATA / "crosswalk" / "acled_actors.tsv")
    assert table.shaped("Free Coast Brigade") is None
    assert ActorTable.load(ACTORS).shaped("Government of Ardania") is None


@pytest.mark.parametrize("scheme", ["acled", "ucdp"])
def test_who_is_accused_is_accused_of_an_incident(scheme: str) -> None:
    rows = [line.split("\t") for line in (DATA / "crosswalk" / f"{scheme}_claims.tsv").read_text().splitlines()[1:]]
    assert [row for row in rows if bool(row[2]) is not bool(row[4])] == []
    assert all(row[6] for row in rows)
    codes = [row[0] for row in rows]
    assert codes == sorted(codes)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Police\tgovernment_body\tnation\t", "speaks_for is state or self or nobody or unknown, not 'nation'"),
        ("Police\tking\tstate\t", "'king' is not a valid ActorKind"),
        ("Police\tunknown\tself\t\nPolice\tunknown\tself\t", "line 3: 'Police' is listed twice"),
    ],
)
def test_a_spoilt_list_of_roles_names_its_line(tmp_path: Path, row: str, told: str) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text(f"role\tkind\tspeaks_for\tnote\n{row}\n", encoding="utf-8")
    with pytest.raises(BadData, match=r"mine\.tsv, line") as why:
        ActorTable.load(path)
    assert told in str(why.value)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"nowhere\.tsv cannot be read"):
        CodeTable.load(tmp_path / "nowhere.tsv")


def test_a_table_of_one_s_own_is_marked_by_what_it_says(tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    marks = []
    for note in ("", "another"):
        path.write_text(f"{HEAD}112\tAccuse\taccuses\tasserted\t{note}\n", encoding="utf-8")
        marks.append(CodeTable.load(path).mark)
    assert all(mark.startswith("mine-") for mark in marks)
    assert marks[0] != marks[1]
    assert CodeTable.load(CLAIMS, ships=True).mark == ""
