"""ACLED as it exports: quoted CSV with breaks in its notes, two forms of date, incidents of which it accuses some."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.intake.coded import Acled, ActorTable, CodedEvent, CodedOptions, CodeTable, Renderer
from app.intake.coded.quoted import MOST_LINES
from app.intake.coded.rendering import Accepted
from app.ledger.base import check_reading
from app.linking import link
from app.vocabulary.errors import BadInput
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Reading, Refusal
from app.vocabulary.terms import ClaimType

CROSSWALK = Path(__file__).resolve().parents[2] / "graph_data" / "crosswalk"
COLUMNS = (
    "event_id_cnty event_date year time_precision disorder_type event_type sub_event_type actor1 assoc_actor_1 inter1 "
    "actor2 assoc_actor_2 inter2 interaction civilian_targeting iso region country admin1 admin2 admin3 location "
    "latitude longitude geo_precision source source_scale notes fatalities tags timestamp"
).split()
ROW = {
    "event_id_cnty": "XAR17",
    "event_date": "2031-05-04",
    "time_precision": "1",
    "event_type": "Violence against civilians",
    "sub_event_type": "Attack",
    "actor1": "Military Forces of Ardania (2029-)",
    "inter1": "State forces",
    "actor2": "Civilians (Ardania)",
    "inter2": "Civilians",
    "civilian_targeting": "Civilian targeting",
    "country": "Ardania",
    "admin1": "Dova",
    "location": "Selm",
    "latitude": "12.25",
    "longitude": "-3.5",
    "geo_precision": "1",
    "source": "Port Gazette; Hill Radio",
    "notes": 'Soldiers fired, "as witnesses said",\nat a market.\n\nTwo died.',
    "fatalities": "2",
    "timestamp": "1936000000",
}
CIVILIANS = "Violence against civilians > Attack > Civilian targeting"


def export(
    path: Path, *rows: dict[str, str], columns: list[str] = COLUMNS, mark: str = ",", quoting: int = csv.QUOTE_MINIMAL
) -> Path:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=mark, quoting=quoting, lineterminator="\n")  # type: ignore[arg-type]
    writer.writerow(columns)
    writer.writerows([{**ROW, **row}.get(name, "") for name in columns] for row in rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def read(path: Path) -> list[CodedEvent | Refusal]:
    return list(Acled().events(path, CodedOptions()))


def one(tmp_path: Path, **row: str) -> CodedEvent:
    (event,) = read(export(tmp_path / "acled.csv", row))
    assert isinstance(event, CodedEvent), event
    return event


def refusal(tmp_path: Path, **row: str) -> str:
    (found,) = read(export(tmp_path / "acled.csv", row))
    assert isinstance(found, Refusal), found
    return f"{found.reason}: {found.detail.removeprefix(str(tmp_path) + '/')}"


@pytest.fixture(scope="module")
def renderer(gazetteer: Gazetteer) -> Renderer:
    codes = CodeTable.load(CROSSWALK / "acled_claims.tsv", ships=True)
    return Renderer(Acled(), codes, ActorTable.load(CROSSWALK / "acled_actors.tsv"), gazetteer)


@pytest.fixture
def told(renderer: Renderer, tmp_path: Path) -> Callable[..., tuple[Article, Reading]]:
    """What becomes of one event with these fields."""

    def tell(**row: str) -> tuple[Article, Reading]:
        event = one(tmp_path, **row)
        found = renderer.accept(event)
        assert isinstance(found, Accepted), found
        article, reading = renderer.article(event.day, [found])
        check_reading(reading, article)
        for mention in reading.mentions:
            assert article.part(mention.part)[mention.start : mention.end] == mention.surface
        return article, reading

    return tell


Told = Callable[..., tuple[Article, Reading]]


# ---- rows ----


def test_a_row_is_kept_cell_by_cell_but_for_its_upload(tmp_path: Path) -> None:
    event = one(tmp_path)
    assert event.cells[0] == "XAR17"
    assert event.cells == tuple(" ".join(ROW.get(name, "").split()) for name in COLUMNS[:-1])
    assert (event.day, event.happened, event.code) == ("2031-05-04", "2031-05-04", CIVILIANS)
    assert event.coder_speaks
    # When the record was uploaded is when ACLED says it.
    assert event.date == "2031-05-08"
    assert event.source is not None
    assert (event.source.name, event.source.sort) == ("Military Forces of Ardania", "inter: state forces")


def test_lines_are_counted_where_notes_have_line_breaks(tmp_path: Path) -> None:
    path = export(tmp_path / "acled.csv", {}, {"event_date": "never"}, {"event_id_cnty": "XAR18"}, {"event_date": ""})
    wheres = [item.where if isinstance(item, CodedEvent) else item.detail for item in read(path)]
    text = path.read_text(encoding="utf-8").split("\n")
    # Each record takes five lines: its own and those of the notes.
    assert [where.removeprefix(f"{path}, ").split(":")[0] for where in wheres] == [
        "line 2",
        "line 6",
        "line 10",
        "line 14",
    ]
    assert text[9].startswith("XAR18,")


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_separators_and_quoting_make_no_difference(tmp_path: Path, mark: str, quoting: int) -> None:
    path = export(tmp_path / "acled.csv", {"latitude": "12,25"}, mark=mark, quoting=quoting)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    (event,) = read(path)
    assert isinstance(event, CodedEvent)
    assert event.location is not None
    assert (event.cells[0], event.location.lat) == ("XAR17", 12.25)


def test_columns_are_found_by_their_names(tmp_path: Path) -> None:
    columns = ["data_id", "sub_event_type", "actor2", "actor1", "event_type", "event_date", "event_id_cnty"]
    (event,) = read(export(tmp_path / "old.csv", {"data_id": "9", "event_date": "4 May 2031"}, columns=columns))
    assert isinstance(event, CodedEvent)
    assert event.cells[0] == "XAR17"
    assert (event.day, event.date, event.location) == ("2031-05-04", None, None)


@pytest.mark.parametrize(
    ("given", "day"),
    [
        ("2031-05-04", "2031-05-04"),
        ("04 May 2031", "2031-05-04"),
        ("4 September 2031", "2031-09-04"),
        ("04-May-2031", "2031-05-04"),
    ],
)
def test_both_forms_of_date(tmp_path: Path, given: str, day: str) -> None:
    assert one(tmp_path, event_date=given).day == day


@pytest.mark.parametrize(
    ("precision", "happened"),
    [("1", "2031-05-04"), ("2", "2031-05-01/2031-05-07"), ("3", "2031-05"), ("", "2031-05-04")],
)
def test_a_week_or_month_is_no_day(tmp_path: Path, precision: str, happened: str) -> None:
    assert one(tmp_path, time_precision=precision).happened == happened


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"event_date": "04/05/2031"}, "bad_date: acled.csv, line 2: '04/05/2031' is no date like 2031-05-04"),
        ({"event_date": "31 June 2031"}, "bad_date: acled.csv, line 2: '31 June 2031' is no date"),
        ({"event_id_cnty": ""}, "bad_field: acled.csv, line 2: it has no event_id_cnty"),
        ({"event_type": " "}, "bad_field: acled.csv, line 2: it has no event_type"),
        ({"latitude": "north"}, "bad_field: acled.csv, line 2: 'north', '-3.5' are no latitude and longitude"),
        ({"latitude": "nan"}, "bad_field: acled.csv, line 2: 'nan', '-3.5' are no"),
        ({"longitude": "181"}, "bad_field: acled.csv, line 2: '12.25', '181' are no"),
        ({"timestamp": "soon"}, "bad_date: acled.csv, line 2: the timestamp 'soon' is no time"),
        ({"timestamp": "9" * 30}, "bad_date: acled.csv, line 2: the timestamp '9999"),
    ],
)
def test_what_is_wrong_with_a_row_is_told(tmp_path: Path, row: dict[str, str], told: str) -> None:
    assert refusal(tmp_path, **row).startswith(told)


def test_a_quote_that_is_never_closed_costs_its_own_record_alone(tmp_path: Path) -> None:
    path = export(tmp_path / "acled.csv", *({"event_id_cnty": f"XAR{n}", "notes": ""} for n in range(MOST_LINES + 50)))
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[3] = lines[3].replace("Selm", '"Selm')
    lines[-3] = lines[-3].replace("Selm", '"Selm')
    path.write_text("\n".join(lines), encoding="utf-8")
    items = read(path)
    assert len(items) == MOST_LINES + 50
    refused = [item.detail.removeprefix(f"{path}, ") for item in items if isinstance(item, Refusal)]
    assert refused == [
        f"line 4: its quotes are not closed within {MOST_LINES} lines",
        f"line {len(lines) - 2}: its quotes are never closed",
    ]


def test_a_stray_quote_does_not_hide_the_records_it_runs_over(tmp_path: Path) -> None:
    path = export(tmp_path / "acled.csv", *({"event_id_cnty": f"XAR{n}", "notes": "."} for n in range(5)))
    lines = path.read_text(encoding="utf-8").split("\n")
    for at in (2, 4):
        lines[at] = lines[at].replace("Selm", '"Selm')
    path.write_text("\n".join(lines), encoding="utf-8")
    ids = [item.cells[0] if isinstance(item, CodedEvent) else str(item.reason) for item in read(path)]
    assert ids == ["XAR0", "bad_field", "XAR2", "bad_field", "XAR4"]


def test_the_file_in_a_zip_archive(tmp_path: Path) -> None:
    plain = export(tmp_path / "acled.csv", {}, {"event_id_cnty": "XAR18"})
    with zipfile.ZipFile(tmp_path / "acled.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("readme.pdf", "%PDF-")
        archive.writestr("data/acled.csv", plain.read_bytes())
    assert len(read(tmp_path / "acled.zip")) == 2
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("one.csv", plain.read_bytes())
        archive.writestr("two.csv", plain.read_bytes())
    with pytest.raises(BadInput, match="holds 2 files, not one"):
        read(tmp_path / "two.zip")


def test_what_a_damaged_zip_archive_gave_before_is_kept(tmp_path: Path) -> None:
    plain = export(
        tmp_path / "acled.csv", *({"event_id_cnty": f"XAR{n}", "fatalities": str(n * n)} for n in range(4000))
    )
    with zipfile.ZipFile(tmp_path / "acled.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(plain, "acled.csv")
    raw = bytearray((tmp_path / "acled.zip").read_bytes())
    raw[len(raw) * 3 // 4] ^= 0xFF
    (tmp_path / "acled.zip").write_bytes(raw)
    found: list[CodedEvent | Refusal] = []
    with pytest.raises(BadInput, match="zip archive is damaged or cut short after"):
        found.extend(Acled().events(tmp_path / "acled.zip", CodedOptions()))
    events = iter(Acled().events(tmp_path / "acled.zip", CodedOptions()))
    assert isinstance(next(events), CodedEvent)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("event_id_cnty,event_date\n", "its header is not that of an ACLED export, for it lacks event_type, "),
        ("a,a\n", "its header is not that of an ACLED export"),
        (",".join([*COLUMNS, "notes"]) + "\n", "its header names the column notes twice"),
    ],
)
def test_another_header_is_named(tmp_path: Path, header: str, told: str) -> None:
    path = tmp_path / "acled.csv"
    path.write_text(header, encoding="utf-8")
    with pytest.raises(BadInput) as why:
        read(path)
    assert told in str(why.value)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.text(max_size=12), min_size=28, max_size=32), max_size=6),
    st.sampled_from([",", ";", "\t"]),
    st.binary(max_size=40),
)
def test_no_file_breaks_it(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], mark: str, tail: bytes
) -> None:
    path = tmp_path_factory.mktemp("acled") / "acled.csv"
    text = io.StringIO()
    csv.writer(text, delimiter=mark).writerows([COLUMNS, *rows])
    path.write_bytes(text.getvalue().encode("utf-8", "surrogatepass") + tail)
    for item in read(path):
        assert isinstance(item, Refusal) or item.cells[0]
        detail = item.where if isinstance(item, CodedEvent) else item.detail
        assert detail.startswith(f"{path}, line ")


# ---- what a row becomes ----


def test_an_attack_on_civilians_is_an_incident_and_the_coder_s_accusation(told: Told) -> None:
    article, reading = told()
    names = {mention.id: mention.name for mention in reading.mentions}
    (incident,) = reading.incidents
    (claim,) = reading.claims
    assert (article.title, article.publisher, article.published) == (
        "ACLED events of 2031-05-04",
        "ACLED",
        "2031-05-04",
    )
    assert (claim.type, names[claim.speaker], names[claim.source]) == ("accuses", "ACLED", "ACLED")
    assert claim.target is not None
    assert claim.target_named is not None
    assert (names[claim.target], names[claim.target_named]) == ("Ardania", "Military Forces of Ardania")
    assert (claim.date, claim.incident, claim.cue) == ("2031-05-08", incident.id, f"acled/{CIVILIANS}")
    assert claim.evidence.quote == incident.evidence.quote == article.text
    assert 'Soldiers fired, "as witnesses said", at a market. Two died.' in article.text
    assert (incident.type, incident.date, incident.country) == ("attack on civilians", "2031-05-04", "XAR")
    assert incident.place is not None
    assert names[incident.place] == "Selm, Dova"
    assert incident.alleged_perpetrators == (claim.target,)
    assert reading.refusals == ()
    assert reading.extractor == "acled@1"


@pytest.mark.parametrize(
    ("row", "target", "reason"),
    [
        ({"actor1": "Free Coast Brigade", "inter1": "Rebel Group"}, "Free Coast Brigade", None),
        ({"actor1": "FCB: Brigade of the Coast", "inter1": "2"}, "Free Coast Brigade", None),
        ({"actor1": "Brigade of the Hills", "inter1": "2"}, "Brigade of the Hills", None),
        ({"actor1": "Police Forces of the Republic of Ardania (2029-) Harbour Unit"}, "Ardania", None),
        ({"actor1": "Military Forces of Kesh (2029-)"}, "Military Forces of Kesh", None),
        (
            {"actor1": "Civilians (Ardania)", "actor2": "Free Coast Brigade", "inter2": "Rebel group"},
            "Free Coast Brigade",
            None,
        ),
        ({"actor1": "Unidentified Armed Group (Ardania)"}, None, "no_target"),
        ({"actor1": "Civilians (Ardania)", "actor2": "Unidentified Armed Group (Ardania)"}, None, "no_target"),
        ({"actor1": "Rioters (Ardania)"}, None, "not_an_actor"),
        ({"actor1": "Hill Walkers", "inter1": "5"}, None, "not_an_actor"),
        ({"actor1": ""}, None, "not_an_actor"),
        ({"actor1": "", "actor2": ""}, None, "no_target"),
        ({"actor2": "Free Coast Brigade", "inter2": "Rebel group"}, None, "uncertain"),
        ({"actor2": ""}, "Ardania", None),
    ],
)
def test_whoever_faces_people_without_arms_is_accused(
    told: Told, row: dict[str, str], target: str | None, reason: str | None
) -> None:
    _, reading = told(**row)
    names = {mention.id: mention.name for mention in reading.mentions}
    assert len(reading.incidents) == 1
    assert [names[claim.target] for claim in reading.claims if claim.target] == ([target] if target else [])
    assert [str(one.reason) for one in reading.refusals] == ([reason] if reason else [])


@pytest.mark.parametrize(
    ("type_", "sub", "targeting", "accuses"),
    [
        ("Battles", "Armed clash", "", False),
        ("Battles", "Armed clash", "Civilian targeting", False),
        ("Explosions/Remote violence", "Air/drone strike", "", False),
        ("Explosions/Remote violence", "Air/drone strike", "Civilian targeting", True),
        ("Explosions/Remote violence", "Shelling/artillery/missile attack", "Civilian targeting", True),
        ("Explosions/Remote violence", "Chemical weapon", "", True),
        ("Violence against civilians", "Abduction/forced disappearance", "", True),
        ("Violence against civilians", "Sexual violence", "Civilian targeting", True),
        ("Protests", "Excessive force against protesters", "Civilian targeting", True),
        ("Protests", "Protest with intervention", "", False),
        ("Strategic developments", "Looting/property destruction", "", True),
        ("Strategic developments", "Disrupted weapons use", "", False),
    ],
)
def test_the_table_says_of_what_somebody_is_accused(
    told: Told, type_: str, sub: str, targeting: str, accuses: bool
) -> None:
    _, reading = told(event_type=type_, sub_event_type=sub, civilian_targeting=targeting)
    assert len(reading.incidents) == 1
    assert len(reading.claims) == accuses
    assert len(reading.refusals) == (not accuses)
    if not accuses:
        assert reading.incidents[0].alleged_perpetrators == ()
        assert reading.refusals[0].detail.startswith(f"{type_} > {sub}")
        assert (reading.refusals[0].start, reading.refusals[0].reason) == (0, "out_of_scope")


@pytest.mark.parametrize(
    ("type_", "sub"),
    [
        ("Protests", "Peaceful protest"),
        ("Strategic developments", "Agreement"),
        ("Strategic developments", "Other"),
        ("Something new", "Altogether"),
    ],
)
def test_what_wrongs_nobody_is_refused(renderer: Renderer, tmp_path: Path, type_: str, sub: str) -> None:
    found = renderer.accept(one(tmp_path, event_type=type_, sub_event_type=sub, civilian_targeting=""))
    assert isinstance(found, Refusal)
    assert (found.reason, f"{type_} > {sub} is no claim" in found.detail) == ("out_of_scope", True)


def test_no_event_is_a_retaliation_and_every_row_says_why() -> None:
    rows = [line.split("\t") for line in (CROSSWALK / "acled_claims.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    assert {row[2] for row in rows} == {"", ClaimType.ACCUSES}
    assert all(row[-1] for row in rows)


def test_where_the_gazetteer_knows_no_place_the_dataset_says_where_it_is(told: Told, renderer: Renderer) -> None:
    def place(**row: str) -> tuple[str, float | None, float | None, str]:
        _, reading = told(**row)
        (found,) = link(reading, renderer.gazetteer).places
        return found.name, found.lat, found.lon, found.precision

    assert place() == ("Selm, Dova", 12.25, -3.5, "settlement")
    # Only the province is known: the town and its point stand for it.
    assert place(geo_precision="3") == ("Dova", None, None, "unknown")
    # The gazetteer's own places keep its points.
    assert place(location="Upper Dova", latitude="80") == ("Upper Dova", 12.5, -3.25, "region")
    gate = {"location": "Selm Gate", "country": "Beloria"}
    assert place(**gate, latitude="1.1", longitude="2.1") == ("Selm Gate", 1.0, 2.0, "site")
    # Far from there it is another place of that name.
    assert place(**gate, latitude="40", longitude="2.1") == ("Selm Gate, Dova", 40.0, 2.1, "settlement")
    assert place(**gate, latitude="40", admin1="") == ("Selm Gate", 1.0, 2.0, "site")
    assert place(location="", admin1="", latitude="", longitude="")[0] == "Ardania"
    assert place(location="Nowhere", latitude="", longitude="") == ("Nowhere", None, None, "unknown")
