"""POLECAT as it is published, flaws included: a header of forty columns, PLOVER codes, "None" for what is unknown."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib.namespace import SKOS

from app.intake.coded import ActorTable, CodedEvent, CodedOptions, CodeTable, Party, Polecat, Renderer
from app.intake.coded.polecat import COLUMNS
from app.intake.coded.rendering import Accepted
from app.ledger.base import check_reading
from app.vocabulary.errors import BadInput
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Refusal
from app.vocabulary.terms import ActorKind, ClaimType, RefusalReason

DATA = Path(__file__).resolve().parents[2] / "graph_data"
CLAIMS = DATA / "crosswalk" / "plover_claims.tsv"
ROW = {
    "Event ID": "20310504-0001-abc_ACCUSE_R",
    "Event Date": "2031-05-04",
    "Event Type": "ACCUSE",
    "Event Mode": "allege",
    "Actor Name": "Ana Vlasic",
    "Actor Country": "XAR",
    "Primary Actor Sector": "GOV",
    "Actor Sectors": "GOV; PTY",
    "Actor Title": "foreign minister",
    "Actor Name Raw": "Minister Vlasic",
    "Recipient Name": "Beloria",
    "Recipient Country": "XBE",
    "Country": "XBE",
    "Source": "Port Gazette",
    "Publication Date": "2031-05-05",
    "Language": "English",
    "Version": "NGEC_coder-Vers001",
}


def line(row: dict[str, str], columns: list[str]) -> str:
    return "\t".join({**ROW, **row}.get(name, "None") for name in columns)


def table(path: Path, *rows: dict[str, str], columns: list[str] = COLUMNS, header: str | None = None) -> Path:
    lines = [header if header is not None else "\t".join(columns), *(line(row, columns) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def read(path: Path) -> list[CodedEvent | Refusal]:
    return list(Polecat().events(path, CodedOptions()))


def one(path: Path) -> CodedEvent:
    (event,) = read(path)
    assert isinstance(event, CodedEvent), event
    return event


# ---- tables ----


def test_a_row_is_kept_cell_by_cell(tmp_path: Path) -> None:
    event = one(table(tmp_path / "ngecEvents.txt", {}))
    assert (event.day, event.date, event.code) == ("2031-05-05", "2031-05-04", "ACCUSE-allege")
    assert event.source == Party("Ana Vlasic", 7, "XAR", 8, role="GOV", iso="XAR")
    assert event.target == Party("Beloria", 15, "XBE", 16, role="", iso="XBE")
    assert event.cells == tuple(ROW.get(name, "None") for name in COLUMNS)
    assert event.outlet_at == COLUMNS.index("Source")
    assert event.where == f"{tmp_path}/ngecEvents.txt, line 2"


def test_columns_are_found_by_their_names_and_few_are_needed(tmp_path: Path) -> None:
    columns = ["Recipient Name", "Event Type", "Event Date", "Headline", "Event ID", "Actor Name"]
    path = table(tmp_path / "few.tsv", {"Headline": "not taken"}, columns=columns)
    path.write_bytes(
        b"\xef\xbb\xbf" + path.read_bytes().replace(b"Event Date", b'"EVENT_DATE"').replace(b"\n", b"\r\n")
    )
    event = one(path)
    assert (event.day, event.date, event.code, event.outlet_at) == ("2031-05-04", "2031-05-04", "ACCUSE", None)
    assert event.cells == ("20310504-0001-abc_ACCUSE_R", "2031-05-04", "ACCUSE", "Ana Vlasic", "Beloria")
    assert event.source == Party("Ana Vlasic", 3, role="")


def test_empty_columns_at_the_end_are_borne(tmp_path: Path) -> None:
    header = "\t".join(COLUMNS)
    path = table(tmp_path / "a.txt", {}, header=header + "\t\t\t")
    assert isinstance(read(path)[0], CodedEvent)
    path.write_text(f"{header}\n{line({}, COLUMNS)}\t\t\n", encoding="utf-8")
    assert isinstance(read(path)[0], CodedEvent)


def test_names_in_the_header_that_no_cell_follows_are_borne(tmp_path: Path) -> None:
    header = "\t".join([*COLUMNS[:20], "Headline", *COLUMNS[20:]])
    event = one(table(tmp_path / "a.txt", {}, header=header))
    assert event.cells == tuple(ROW.get(name, "None") for name in COLUMNS)


@pytest.mark.parametrize(
    ("kind", "mode", "code"),
    [
        ("ACCUSE", "None", "ACCUSE"),
        ("accuse", "Allege", "ACCUSE-allege"),
        ("ACCUSE", "ACCUSE-allege", "ACCUSE-allege"),
        ("ASSAULT", "suicide-attack", "ASSAULT-suicide-attack"),
    ],
)
def test_type_and_mode_are_one_code(tmp_path: Path, kind: str, mode: str, code: str) -> None:
    assert one(table(tmp_path / "a.txt", {"Event Type": kind, "Event Mode": mode})).code == code


def test_a_name_that_was_not_resolved_is_taken_as_it_stands_in_the_story(tmp_path: Path) -> None:
    event = one(table(tmp_path / "a.txt", {"Actor Name": "None", "Recipient Name": "None"}))
    assert event.source == Party("Minister Vlasic", 13, "XAR", 8, role="GOV", iso="XAR")
    assert event.target is None


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"Event ID": "None"}, "bad_field: line 2: Event ID is not given"),
        ({"Event Date": "04/05/2031"}, "bad_date: line 2: '04/05/2031' is no date of the form YYYY-MM-DD"),
        ({"Publication Date": "2031-02-30"}, "bad_date: line 2: '2031-02-30' is no date of the form YYYY-MM-DD"),
        ({"Event Type": "12"}, "unknown_term: line 2: '12 allege' is no PLOVER type with at most one mode"),
        (
            {"Event Mode": "allege; disapprove"},
            "unknown_term: line 2: 'ACCUSE allege; disapprove' is no PLOVER type with at most one mode",
        ),
        (
            {"Actor Name": "Ana Vlasic; Jon Kesh"},
            "uncertain: line 2: Actor is Ana Vlasic; Jon Kesh; whose country and sector are told, it does not say",
        ),
        (
            {"Recipient Country": "XBE; XCE"},
            "uncertain: line 2: Recipient is Beloria; whose country and sector are told, it does not say",
        ),
        ({"Version": "two\tcells"}, "bad_field: line 2: 41 cells where the header has 40"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(tmp_path: Path, row: dict[str, str], told: str) -> None:
    path = table(tmp_path / "a.txt", row, {})
    refused, event = read(path)
    assert isinstance(refused, Refusal)
    assert isinstance(event, CodedEvent)
    assert f"{refused.reason}: {refused.detail}".replace(f"{path}, ", "") == told


def test_the_same_name_twice_is_one(tmp_path: Path) -> None:
    event = one(table(tmp_path / "a.txt", {"Actor Name": "Ana Vlasic; Ana Vlasic", "Actor Country": "XAR; XAR"}))
    assert event.source is not None
    assert (event.source.name, event.source.country) == ("Ana Vlasic", "XAR")


def test_a_header_that_lacks_a_column_names_it(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="lacks Event ID, Recipient Name"):
        read(table(tmp_path / "a.txt", columns=["Event Date", "Event Type", "Actor Name"]))


def test_a_folder_is_read_by_name(tmp_path: Path) -> None:
    table(tmp_path / "ngecEvents.20310111.Release2.DV.txt", {"Event ID": "2"})
    with zipfile.ZipFile(tmp_path / "ngecEventsDV-2030.txt.zip", "w") as archive:
        archive.write(table(tmp_path / "other.txt", {"Event ID": "3"}), "ngecEventsDV-2030.txt")
    table(tmp_path / "ngecEvents.20310104.Release1.DV.txt", {"Event ID": "1"})
    assert [event.cells[0] for event in read(tmp_path) if isinstance(event, CodedEvent)] == ["1", "2", "3"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match=r"holds ngecEvents\*\.txt"):
        read(tmp_path / "empty")


# ---- what becomes of them ----


@pytest.fixture(scope="module")
def renderer(gazetteer: Gazetteer) -> Renderer:
    codes = CodeTable.load(CLAIMS, ships=True)
    return Renderer(Polecat(), codes, ActorTable.load(DATA / "crosswalk" / "polecat_actors.tsv"), gazetteer)


@pytest.mark.parametrize(
    ("row", "speaker", "source"),
    [
        ({}, "Ana Vlasic", "Ardania"),
        ({"Actor Name": "Ardania", "Primary Actor Sector": "None", "Actor Sectors": "None"}, "Ardania", "Ardania"),
        ({"Actor Name": "Ardanian Army", "Primary Actor Sector": "MIL"}, "Ardanian Army", "Ardania"),
        ({"Actor Name": "police", "Primary Actor Sector": "COP"}, "Police (Ardania)", "Ardania"),
        # A phrase in small letters is nobody's name.
        ({"Actor Name": "harbour guards", "Primary Actor Sector": "MIL"}, "Harbour Guards (Ardania)", "Ardania"),
        ({"Primary Actor Sector": "OPP"}, "Ana Vlasic", "Ana Vlasic"),
        ({"Primary Actor Sector": "None", "Actor Sectors": "MIL; PTY"}, "Ana Vlasic", "Ardania"),
        ({"Primary Actor Sector": "UNK"}, "Ana Vlasic", "Ana Vlasic"),
        ({"Actor Name": "Coastal Council", "Actor Country": "IGO", "Primary Actor Sector": "IGO"},)
        + ("Coastal Council",) * 2,
        ({"Actor Name": "Norvania", "Actor Country": "XNO", "Primary Actor Sector": "GOV"},) + ("Norvania",) * 2,
    ],
)
def test_who_speaks_and_for_whom(
    renderer: Renderer, tmp_path: Path, row: dict[str, str], speaker: str, source: str
) -> None:
    accepted = renderer.accept(one(table(tmp_path / "a.txt", row)))
    assert isinstance(accepted, Accepted)
    article, reading = renderer.article("2031-05-05", [accepted])
    check_reading(reading, article)
    mentions = {mention.id: mention for mention in reading.mentions}
    (claim,) = reading.claims
    assert (mentions[claim.speaker].name, mentions[claim.source].name) == (speaker, source)
    assert claim.target is not None
    assert mentions[claim.target].name == "Beloria"
    (outlet,) = claim.relayed_by
    assert (mentions[outlet].name, mentions[outlet].actor_kind) == ("Port Gazette", ActorKind.MEDIA)
    assert (claim.cue, claim.date, reading.extractor) == ("plover/ACCUSE-allege", "2031-05-04", "polecat@1")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"Event Mode": "disapprove"}, RefusalReason.OUT_OF_SCOPE),
        ({"Event Mode": "None"}, RefusalReason.OUT_OF_SCOPE),
        ({"Event Type": "REJECT", "Event Mode": "change"}, RefusalReason.OUT_OF_SCOPE),
        ({"Event Type": "THREATEN", "Event Mode": "violence"}, RefusalReason.OUT_OF_SCOPE),
        ({"Actor Name": "None", "Actor Name Raw": "None"}, RefusalReason.NO_SOURCE),
        ({"Actor Name": "police", "Actor Country": "None"}, RefusalReason.NO_SOURCE),
        ({"Primary Actor Sector": "CVL"}, RefusalReason.NOT_AN_ACTOR),
        ({"Recipient Name": "villagers"}, RefusalReason.NOT_AN_ACTOR),
    ],
)
def test_what_is_no_claim_says_why(
    renderer: Renderer, tmp_path: Path, row: dict[str, str], reason: RefusalReason
) -> None:
    found = renderer.accept(one(table(tmp_path / "a.txt", row)))
    assert isinstance(found, Refusal)
    assert found.reason is reason


# ---- the code book ----


def test_only_an_allegation_is_a_claim() -> None:
    codes = CodeTable.load(CLAIMS, ships=True)
    rows = [row.split("\t") for row in CLAIMS.read_text(encoding="utf-8").splitlines()[1:]]
    assert [code for code, _, kind, *_ in rows if kind] == ["ACCUSE-allege"]
    assert all(note for *_, note in rows)
    for code in ("REJECT", "REJECT-yield", "SANCTION-expel", "ASSAULT", "ACCUSE-investigate"):
        row = codes.row(code)
        assert row is not None
        assert row.type is None
    assert codes.row("INVENT") is None


def test_every_type_of_the_code_book_is_told() -> None:
    types = (
        "AGREE CONSULT SUPPORT CONCEDE COOPERATE AID RETREAT REQUEST ACCUSE REJECT THREATEN PROTEST SANCTION MOBILIZE "
        "COERCE ASSAULT"
    )
    codes = CodeTable.load(CLAIMS, ships=True)
    assert all(codes.row(kind) is not None for kind in types.split())


def test_the_ontology_s_crosswalk_agrees() -> None:
    graph = rdflib.Graph().parse(DATA / "ontology" / "crosswalk.ttl")
    allege = rdflib.URIRef("https://w3id.org/polemos/crosswalk/plover#ACCUSE-allege")
    relation = rdflib.URIRef("https://w3id.org/polemos/ns#Accusation")
    row = CodeTable.load(CLAIMS, ships=True).row("ACCUSE-allege")
    assert row is not None
    assert row.type is ClaimType.ACCUSES
    assert allege in set(graph.objects(relation, SKOS.closeMatch))


@pytest.mark.parametrize("dataset", ["gdelt", "polecat"])
def test_roles_are_sorted_and_words_are_in_small_letters(dataset: str) -> None:
    path = DATA / "crosswalk" / f"{dataset}_actors.tsv"
    roles = ActorTable.load(path).roles
    names = [row.partition("\t")[0] for row in path.read_text(encoding="utf-8").splitlines()[1:]]
    assert names == sorted(names, key=str.casefold)
    assert all(name == name.casefold() or (len(name) == 3 and name.isupper()) for name in names)
    assert {roles[name].speaks_for for name in ("GOV", "MIL", "COP", "SPY", "police", "ministry")} == {"state"}
    assert {roles[name].speaks_for for name in ("OPP", "REB", "MED", "governor")} == {"self"}
    assert {roles[name].speaks_for for name in ("CVL", "CRM", "citizen")} == {"nobody"}


# ---- whatever comes ----

CELLS = st.one_of(
    st.sampled_from(["", "None", "2031-05-04", "0001-01-01", "ACCUSE", "allege", "XAR", "; ;", '"', "\x85", "e1"]),
    st.text(max_size=8),
)


@given(
    st.sampled_from([COLUMNS, COLUMNS[:16], [*COLUMNS[:9], "Headline", *COLUMNS[9:]]]),
    st.lists(st.lists(CELLS, min_size=14, max_size=42).map("\t".join), max_size=4),
)
def test_any_row_is_an_event_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, columns: list[str], rows: list[str]
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.txt"
    text = "\n".join(["\t".join(columns), *rows])
    path.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")
    for item in Polecat().events(path, CodedOptions()):
        assert isinstance(item, CodedEvent | Refusal)


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes, has_header: bool) -> None:
    path = tmp_path_factory.mktemp("any") / "a.txt"
    path.write_bytes(("\t".join(COLUMNS).encode() + b"\n" if has_header else b"") + raw)
    with suppress(BadInput):
        for item in Polecat().events(path, CodedOptions()):
            assert isinstance(item, CodedEvent | Refusal)
