"""GDELT as it is published: no header, 61 columns or 58, actors as codes, and outlets in tables of their own."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.intake.coded import ActorTable, CodedEvent, CodedOptions, CodeTable, Gdelt, Party, Renderer
from app.intake.coded.base import Identified
from app.intake.coded.rendering import Accepted
from app.ledger.base import check_reading
from app.vocabulary.errors import BadInput
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Refusal
from app.vocabulary.terms import ActorKind, RefusalReason

CROSSWALK = Path(__file__).resolve().parents[2] / "graph_data" / "crosswalk"
GEO = "Type Fullname CountryCode ADM1Code ADM2Code Lat Long FeatureID".split()
ACTOR = "Code Name CountryCode KnownGroupCode EthnicCode Religion1Code Religion2Code Type1Code Type2Code Type3Code"
COLUMNS = [
    *"GLOBALEVENTID SQLDATE MonthYear Year FractionDate".split(),
    *(f"Actor{side}{one}" for side in (1, 2) for one in ACTOR.split()),
    *"IsRootEvent EventCode EventBaseCode EventRootCode QuadClass GoldsteinScale".split(),
    *"NumMentions NumSources NumArticles AvgTone".split(),
    *(f"{whose}Geo_{one}" for whose in ("Actor1", "Actor2", "Action") for one in GEO),
    *"DATEADDED SOURCEURL".split(),
]
"""By the codebook of GDELT 2.0."""
OLD_COLUMNS = [one for one in COLUMNS if not one.endswith("ADM2Code")]
ROW = {
    "GLOBALEVENTID": "700000001",
    "SQLDATE": "20310504",
    "Actor1Code": "XARGOV",
    "Actor1Name": "FOREIGN MINISTRY",
    "Actor1CountryCode": "XAR",
    "Actor1Type1Code": "GOV",
    "Actor2Code": "XBE",
    "Actor2Name": "BELGARD",
    "Actor2CountryCode": "XBE",
    "IsRootEvent": "1",
    "EventCode": "1123",
    "EventBaseCode": "112",
    "EventRootCode": "11",
    "NumMentions": "6",
    "NumSources": "2",
    "NumArticles": "6",
    "ActionGeo_Fullname": "Belgard",
    "ActionGeo_CountryCode": "XB",
    "ActionGeo_Lat": "1.5",
    "ActionGeo_Long": "-2",
    "DATEADDED": "20310504121500",
    "SOURCEURL": "https://www.portgazette.example/a/1.html",
}
MENTION = ["700000001", "20310504121500", "20310504121500", "1", "portgazette.example", "https://portgazette.example/a"]


def line(row: dict[str, str] | None = None, columns: list[str] = COLUMNS) -> str:
    return "\t".join({**ROW, **(row or {})}.get(name, "") for name in columns)


def export(path: Path, *rows: dict[str, str], columns: list[str] = COLUMNS) -> Path:
    path.write_text("".join(line(row, columns) + "\n" for row in rows), encoding="utf-8")
    return path


def mention(event: str = "700000001", outlet: str = "portgazette.example", confidence: str = "50") -> str:
    return "\t".join(
        [event, *MENTION[1:4], outlet, MENTION[5], "3", "10", "40", "60", "1", confidence, "900", "-2", "", ""]
    )


def zipped(path: Path, text: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(path.name.removesuffix(".zip"), text)
    return path


def read(path: Path, **options: object) -> list[CodedEvent | Refusal]:
    return list(Gdelt().events(path, CodedOptions(**options)))  # type: ignore[arg-type]


def one(path: Path, **options: object) -> CodedEvent:
    (event,) = read(path, **options)
    assert isinstance(event, CodedEvent), event
    return event


# ---- exports ----


def test_there_are_as_many_columns_as_the_codebooks_say() -> None:
    assert (len(COLUMNS), len(OLD_COLUMNS)) == (61, 58)


@pytest.mark.parametrize("columns", [COLUMNS, OLD_COLUMNS], ids=["2.0", "1.0"])
def test_the_cells_that_say_who_what_when_and_where_are_kept(tmp_path: Path, columns: list[str]) -> None:
    event = one(export(tmp_path / "a.export.CSV", {}, columns=columns))
    assert (event.day, event.date, event.code, event.code_name) == ("2031-05-04", "2031-05-04", "1123", "")
    assert event.source == Party("FOREIGN MINISTRY", 3, "XAR", 4, role="GOV", iso="XAR")
    assert event.target == Party("BELGARD", 8, "XBE", 9, role="", iso="XBE")
    assert event.cells == (
        "700000001", "20310504",
        "XARGOV", "FOREIGN MINISTRY", "XAR", "", "GOV",
        "XBE", "BELGARD", "XBE", "", "",
        "1", "1123", "6", "2", "6", "Belgard", "XB", "1.5", "-2",
        "20310504121500", "https://www.portgazette.example/a/1.html", "portgazette.example", "",
    )  # fmt: skip
    assert event.outlet_at == 23
    assert event.where == f"{tmp_path}/a.export.CSV, line 1"


def test_before_april_2013_there_is_no_address(tmp_path: Path) -> None:
    row = {"SQLDATE": "20050504", "DATEADDED": "20050504"}
    event = one(export(tmp_path / "2005.csv", row, columns=OLD_COLUMNS[:-1]))
    assert (event.day, event.outlet_at, event.cells[21:]) == ("2005-05-04", None, ("20050504", "", "", ""))


@pytest.mark.parametrize("pack", ["zip", "gz"])
def test_packed_as_published(tmp_path: Path, pack: str) -> None:
    path = tmp_path / f"20310504121500.export.CSV.{pack}"
    text = line() + "\n"
    if pack == "zip":
        zipped(path, text)
    else:
        path.write_bytes(gzip.compress(text.encode()))
    assert one(path).cells[0] == "700000001"


def test_a_damaged_zip_stops_after_what_came_before(tmp_path: Path) -> None:
    rows = [{"GLOBALEVENTID": str(number), "Actor1Name": f"P{number * 7919 % 104729}"} for number in range(20_000)]
    path = zipped(tmp_path / "a.export.CSV.zip", "".join(line(row) + "\n" for row in rows))
    spoilt = bytearray(path.read_bytes())
    spoilt[len(spoilt) // 2 : len(spoilt) // 2 + 64] = bytes(64)
    path.write_bytes(spoilt)
    found: list[object] = []
    with pytest.raises(BadInput, match="damaged or cut short"):
        found.extend(Gdelt().events(path, CodedOptions()))
    assert len(found) > 1000


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"GLOBALEVENTID": "7x"}, "bad_field: line 2: '7x' is no GLOBALEVENTID"),
        ({"SQLDATE": "20310230"}, "bad_date: line 2: SQLDATE '20310230' is no date of the form YYYYMMDD"),
        ({"SQLDATE": "203105"}, "bad_date: line 2: SQLDATE '203105' is no date of the form YYYYMMDD"),
        ({"DATEADDED": ""}, "bad_date: line 2: DATEADDED '' is no date of the form YYYYMMDD"),
        ({"EventCode": "16"}, "unknown_term: line 2: '16' is no CAMEO code of three or four digits"),
        ({"EventCode": "---"}, "unknown_term: line 2: '---' is no CAMEO code of three or four digits"),
        ({"EventCode": "210"}, "unknown_term: line 2: '210' is no CAMEO code of three or four digits"),
        ({"SOURCEURL": "a\tb"}, "bad_field: line 2: 62 cells where those before have 61"),
    ],
)
def test_a_record_that_cannot_be_used_says_why(tmp_path: Path, row: dict[str, str], told: str) -> None:
    path = export(tmp_path / "a.export.CSV", {}, row, {})
    events = read(path)
    assert [isinstance(event, CodedEvent) for event in events] == [True, False, True]
    assert isinstance(events[1], Refusal)
    assert f"{events[1].reason}: {events[1].detail}".replace(f"{path}, ", "") == told


def test_a_bad_first_record_is_not_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.export.CSV"
    path.write_text("cut off\n" + line() + "\n", encoding="utf-8")
    first, second = read(path)
    assert isinstance(first, Refusal)
    assert first.detail == f"{path}, line 1: 1 cells where those before have 61"
    assert isinstance(second, CodedEvent)


@pytest.mark.parametrize(
    ("day", "date"),
    [
        ("20310504", "2031-05-04"),
        ("20310428", "2031-04-28"),
        ("20310427", "2031-04-24/2031-04-30"),
        ("20310404", "2031-04"),
        ("20300504", "2030"),
        ("20210506", None),
        ("20310505", None),
    ],
)
def test_a_day_far_back_stands_for_a_span(tmp_path: Path, day: str, date: str | None) -> None:
    event = one(export(tmp_path / "a.export.CSV", {"SQLDATE": day}))
    assert (event.day, event.date) == ("2031-05-04", date)


def test_what_is_no_address_is_a_source_off_the_web(tmp_path: Path) -> None:
    event = one(export(tmp_path / "a.export.CSV", {"SOURCEURL": "Ardania Radio Monitoring"}))
    assert event.cells[event.outlet_at or 0] == "Ardania Radio Monitoring"
    broken = one(export(tmp_path / "a.export.CSV", {"SOURCEURL": "http://[bad"}))
    assert broken.outlet_at is None


def test_countries_of_cameo_become_those_of_iso(tmp_path: Path) -> None:
    event = one(export(tmp_path / "a.export.CSV", {"Actor1CountryCode": "ROM", "Actor2CountryCode": "TMP"}))
    assert event.source is not None
    assert event.target is not None
    assert (event.source.country, event.source.iso) == ("ROM", "ROU")
    assert (event.target.country, event.target.iso) == ("TMP", "TLS")


# ---- mentions ----


def folder(path: Path, mentions: str, *rows: dict[str, str]) -> Path:
    path.mkdir()
    zipped(path / "20310504121500.export.CSV.zip", "".join(line(row) + "\n" for row in rows or ({},)))
    zipped(path / "20310504121500.mentions.CSV.zip", mentions)
    return path


def test_a_folder_s_mentions_name_the_outlets(tmp_path: Path) -> None:
    told = [mention(), mention(outlet="selmtimes.example", confidence="80"), mention(event="9"), mention()]
    path = folder(tmp_path / "day", "\n".join(told), {}, {"GLOBALEVENTID": "9"}, {"GLOBALEVENTID": "10"})
    first, second, third = (event for event in read(path) if isinstance(event, CodedEvent))
    assert first.cells[23:] == ("portgazette.example", "confidence 80; also in selmtimes.example")
    assert second.cells[23:] == ("portgazette.example", "confidence 50")
    # Nobody mentions it: its address tells.
    assert third.cells[23:] == ("portgazette.example", "")
    assert first.outlet_at == 23


def test_exports_of_a_folder_come_by_name(tmp_path: Path) -> None:
    path = folder(tmp_path / "day", mention())
    export(path / "20310504120000.export.CSV", {"GLOBALEVENTID": "1"})
    export(path / "20310504123000.translation.export.CSV", {"GLOBALEVENTID": "3"})
    (path / "readme.txt").write_text("no export", encoding="utf-8")
    assert [event.cells[0] for event in read(path) if isinstance(event, CodedEvent)] == ["1", "700000001", "3"]


def test_mentions_may_lie_elsewhere(tmp_path: Path) -> None:
    path = export(tmp_path / "a.export.CSV", {})
    file = tmp_path / "mine.txt"
    file.write_text(mention(outlet="selmtimes.example"), encoding="utf-8")
    assert one(path, mentions=file).cells[23] == "selmtimes.example"
    zipped(tmp_path / "b.mentions.CSV.zip", mention(outlet="kesh.example"))
    assert one(path, mentions=tmp_path).cells[23] == "kesh.example"


def test_of_many_outlets_some_are_named_and_all_are_counted(tmp_path: Path) -> None:
    told = "\n".join(mention(outlet=f"{number:02}.example") for number in range(23))
    cell = one(folder(tmp_path / "day", told)).cells[24]
    assert cell.startswith("confidence 50; also in 01.example, 02.example, ")
    assert cell.endswith(", 19.example, 3 more")


def test_a_bad_mention_is_refused_with_its_line(tmp_path: Path) -> None:
    told = ["cut", mention(), mention(event="x"), mention(outlet=""), mention(confidence="high"), mention() + "\tmore"]
    path = folder(tmp_path / "day", "\n".join(told))
    items = read(path)
    refused = [item.detail.partition(", ")[2] for item in items if isinstance(item, Refusal)]
    wrong = "GLOBALEVENTID, MentionSourceName or Confidence is not given as it should be"
    assert refused == [
        "line 1: 1 cells where a mention has 16",
        f"line 3: {wrong}",
        f"line 4: {wrong}",
        f"line 5: {wrong}",
        "line 6: 17 cells where a mention has 16",
    ]
    assert isinstance(items[-1], CodedEvent)


def test_what_are_no_mentions_is_refused_as_a_whole(tmp_path: Path) -> None:
    path = export(tmp_path / "a.export.CSV", {})
    with pytest.raises(BadInput, match="no GDELT mentions"):
        read(path, mentions=path)
    with pytest.raises(BadInput, match=r"holds \*\.mentions\.CSV"):
        read(path, mentions=tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match=r"holds \*\.export\.CSV"):
        read(tmp_path / "empty")


# ---- what becomes of them ----


@pytest.fixture(scope="module")
def renderer(gazetteer: Gazetteer) -> Renderer:
    codes = CodeTable.load(CROSSWALK / "cameo_claims.tsv", ships=True)
    return Renderer(Gdelt(), codes, ActorTable.load(CROSSWALK / "gdelt_actors.tsv"), gazetteer)


def sides(renderer: Renderer, path: Path, *rows: dict[str, str]) -> list[dict[str, str | None]]:
    """Who stands where in the claims of these records, by name."""
    found = [renderer.accept(event) for event in read(export(path, *rows)) if isinstance(event, CodedEvent)]
    accepted = [one for one in found if isinstance(one, Accepted)]
    assert len(accepted) == len(rows), found
    article, reading = renderer.article("2031-05-04", accepted)
    check_reading(reading, article)
    names = {one.id: one.name for one in reading.mentions}
    for one in reading.mentions:
        assert article.text[one.start : one.end] == one.surface
    fields = ("speaker", "source", "source_named", "target", "target_named")
    return [
        {field: names[at] if (at := getattr(claim, field)) else None for field in fields} for claim in reading.claims
    ]


def source(name: str, country: str = "", role: str = "", group: str = "") -> dict[str, str]:
    return {
        "Actor1Name": name,
        "Actor1CountryCode": country,
        "Actor1Type1Code": role,
        "Actor1KnownGroupCode": group,
    }


@pytest.mark.parametrize(
    ("actor", "speaker", "state"),
    [
        # The state, by its names, its capital, and the seat of its government.
        (source("ARDANIA", "XAR"), "Ardania", "Ardania"),
        (source("REPUBLIC OF ARDANIA", "XAR"), "Ardania", "Ardania"),
        (source("ARDVILLE", "XAR"), "Ardania", "Ardania"),
        (source("GREY HOUSE", "XAR", "GOV"), "Ardania", "Ardania"),
        (source("ARDANIAN", "XAR", "GOV"), "Ardania", "Ardania"),
        # Its organs and officers, by role.
        (source("POLICE", "XAR", "COP"), "Police (Ardania)", "Ardania"),
        (source("PRIME MINISTER", "XAR", "GOV"), "Prime Minister (Ardania)", "Ardania"),
        (source("ANA VLASIC", "XAR", "GOV"), "ANA VLASIC", "Ardania"),
        (source("ARDANIAN ARMY", "XAR", "MIL"), "Ardanian Army", "Ardania"),
        # Who speaks for himself.
        (source("GOVERNOR", "XAR", "GOV"), "Governor (Ardania)", "Governor (Ardania)"),
        (source("ANA VLASIC", "XAR", "OPP"), "ANA VLASIC", "ANA VLASIC"),
        (source("MILITANT", "XAR", "UAF"), "Militant (Ardania)", "Militant (Ardania)"),
        (source("SELM", "XAR"), "SELM", "SELM"),
        # A group of the code book, and one of ours.
        (source("DOVA LEAGUE", "XAR", "GOV", "DVL"), "DOVA LEAGUE", "DOVA LEAGUE"),
        (source("FREE COAST BRIGADE", "XAR", "REB"), "Free Coast Brigade", "Free Coast Brigade"),
        # A country that nobody here knows has no state.
        (source("POLICE", "XNO", "COP"), "Police (XNO)", "Police (XNO)"),
        (source("NORVANIA", "XNO"), "NORVANIA", "NORVANIA"),
        # The homonym of another state is not that state.
        (source("CERINIA", "XAR"), "Cerinia (Ardania)", "Cerinia (Ardania)"),
    ],
)
def test_who_speaks_and_for_whom(
    renderer: Renderer, tmp_path: Path, actor: dict[str, str], speaker: str, state: str
) -> None:
    (found,) = sides(renderer, tmp_path / "a.export.CSV", actor)
    assert (found["speaker"], found["source"]) == (speaker, state)
    assert found["target"] == "Beloria"


@pytest.mark.parametrize(
    ("actor", "reason"),
    [
        (source("POLICE", "", "COP"), RefusalReason.NO_SOURCE),
        (source("GOVERNMENT", "", "GOV"), RefusalReason.NO_SOURCE),
        (source("", "", ""), RefusalReason.NO_SOURCE),
        # Some Ardanian, or the opposition there: not who.
        (source("ARDANIAN", "XAR"), RefusalReason.NO_SOURCE),
        (source("ARDANIA", "XAR", "OPP"), RefusalReason.NO_SOURCE),
        (source("SOMEWHERE", "XAR", "UIS"), RefusalReason.NO_SOURCE),
        (source("ARDANIAN", "XAR", "CVL"), RefusalReason.NOT_AN_ACTOR),
        (source("RESIDENTS", "XAR", "CVL"), RefusalReason.NOT_AN_ACTOR),
        (source("PETER SELM", "XAR", "CVL"), RefusalReason.NOT_AN_ACTOR),
        (source("BELORIA", "XBE"), RefusalReason.SOURCE_IS_TARGET),
    ],
)
def test_who_is_refused(renderer: Renderer, tmp_path: Path, actor: dict[str, str], reason: RefusalReason) -> None:
    found = renderer.accept(one(export(tmp_path / "a.export.CSV", actor)))
    assert isinstance(found, Refusal)
    assert found.reason is reason


def test_police_of_two_countries_are_two(renderer: Renderer, tmp_path: Path) -> None:
    rows = [source("POLICE", "XAR", "COP"), source("POLICE", "XCE", "COP")]
    found = sides(renderer, tmp_path / "a.export.CSV", *rows)
    assert [one["source_named"] for one in found] == ["Police (Ardania)", "Police (Cerinia)"]


def test_a_dispute_within_one_state_stays_between_its_parts(renderer: Renderer, tmp_path: Path) -> None:
    row = {**source("POLICE", "XBE", "COP"), "Actor2Name": "ARMY", "Actor2Type1Code": "MIL"}
    (found,) = sides(renderer, tmp_path / "a.export.CSV", row)
    assert (found["source"], found["target"]) == ("Police (Beloria)", "Army (Beloria)")


def test_the_claim_quotes_the_record(renderer: Renderer, tmp_path: Path) -> None:
    accepted = renderer.accept(one(export(tmp_path / "a.export.CSV", {"SQLDATE": "20300504"})))
    assert isinstance(accepted, Accepted)
    article, reading = renderer.article("2031-05-04", [accepted])
    (claim,) = reading.claims
    assert claim.evidence.quote == article.text
    assert (claim.cue, claim.date, claim.confidence) == ("cameo/1123", "2030", 0.5)
    assert (reading.extractor, article.published, article.publisher) == ("gdelt@1", "2031-05-04", "GDELT")
    (outlet,) = claim.relayed_by
    mentions = {mention.id: mention for mention in reading.mentions}
    assert (mentions[outlet].name, mentions[outlet].actor_kind) == ("portgazette.example", ActorKind.MEDIA)


def test_an_event_is_known_by_its_number(renderer: Renderer, tmp_path: Path) -> None:
    path = export(tmp_path / "a.export.CSV", {})
    file = tmp_path / "mine.txt"
    file.write_text(mention(outlet="selmtimes.example"), encoding="utf-8")
    found = [renderer.accept(one(path)), renderer.accept(one(path, mentions=file))]
    lines = [one.line for one in found if isinstance(one, Accepted)]
    assert lines[0] != lines[1]
    assert {renderer.known_by(line) for line in lines} == {"700000001"}
    assert isinstance(Gdelt(), Identified)


# ---- whatever comes ----

CELLS = st.one_of(
    st.sampled_from(
        ["", "20310504", "00010102", "99991231", "1123", "XAR", "POLICE", "http://[", "-", "7" * 30, "\x85"]
    ),
    st.text(max_size=8),
)


@given(st.lists(st.one_of(st.just(line()), st.lists(CELLS, min_size=55, max_size=63).map("\t".join)), max_size=4))
@example([line({"SQLDATE": "00010101", "DATEADDED": "00010110"})])
def test_any_record_is_an_event_or_a_refusal(tmp_path_factory: pytest.TempPathFactory, rows: list[str]) -> None:
    path = tmp_path_factory.mktemp("any") / "a.export.CSV"
    path.write_text("\n".join(rows), encoding="utf-8", errors="surrogateescape")
    with suppress(BadInput):
        for item in Gdelt().events(path, CodedOptions(mentions=path)):
            assert isinstance(item, CodedEvent | Refusal)
    with suppress(BadInput):
        for item in Gdelt().events(path, CodedOptions()):
            assert isinstance(item, CodedEvent | Refusal)


@given(st.binary(max_size=300), st.sampled_from([b"", b"\x1f\x8b\x08", b"PK\x03\x04", line().encode() + b"\n"]))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes, head: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "a.export.CSV"
    path.write_bytes(head + raw)
    with suppress(BadInput):
        for item in Gdelt().events(path, CodedOptions(mentions=path if len(raw) % 2 else None)):
            assert isinstance(item, CodedEvent | Refusal)


CHILD = """
import sys
from pathlib import Path
from app.intake.coded import CodedOptions, Gdelt

def most() -> int:
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

before = most()
(event,) = Gdelt().events(Path(sys.argv[1]), CodedOptions(mentions=Path(sys.argv[2])))
print(most() - before, event.cells[24])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the most memory that was held is told by Linux")
def test_memory_does_not_grow_with_the_mentions(tmp_path: Path) -> None:
    path = export(tmp_path / "a.export.CSV", {})
    told = tmp_path / "a.mentions.CSV"
    with told.open("w", encoding="utf-8") as file:
        file.writelines(
            mention(event=str(number), outlet=f"{number % 999}.example") + "\n" for number in range(300_000)
        )
        file.write(mention() + "\n")
    command = [sys.executable, "-c", CHILD, str(path), str(told)]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300, cwd=root)
    grown_kb, _, cell = done.stdout.strip().partition(" ")
    assert cell == "confidence 50"
    assert int(grown_kb) < 40_000
