"""UCDP GED as it is published: incidents with an interval and a place, of which one-sided violence accuses side A."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.intake.coded import ActorTable, CodedEvent, CodedOptions, CodeTable, Renderer, Ucdp
from app.intake.coded.rendering import Accepted
from app.ledger.base import check_reading
from app.linking import link
from app.vocabulary.errors import BadInput
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Reading, Refusal

CROSSWALK = Path(__file__).resolve().parents[2] / "graph_data" / "crosswalk"
COLUMNS = (
    "id relid year active_year code_status type_of_violence conflict_dset_id conflict_new_id "
    "conflict_name dyad_dset_id dyad_new_id dyad_name side_a_dset_id side_a_new_id side_a side_b_dset_id "
    "side_b_new_id side_b number_of_sources source_article source_office source_date source_headline "
    "source_original where_prec where_coordinates where_description adm_1 adm_2 latitude longitude "
    "geom_wkt priogrid_gid country country_id region event_clarity date_prec date_start date_end deaths_a "
    "deaths_b deaths_civilians deaths_unknown best high low gwnoa gwnob"
).split()
ROW = {
    "id": "900017",
    "relid": "XAR-2031-3-1",
    "type_of_violence": "3",
    "side_a": "Government of Ardania (Old Ardania)",
    "side_b": "Civilians",
    "source_article": '"Port Gazette, 2031-05-07, ""Market shelled"""',
    "where_prec": "1",
    "where_coordinates": "Selm town",
    "adm_1": "Dova province",
    "latitude": "12.25",
    "longitude": "-3.5",
    "country": "Ardania (Old Ardania)",
    "date_prec": "2",
    "date_start": "2031-05-04 00:00:00.000",
    "date_end": "2031-05-06 00:00:00.000",
    "deaths_civilians": "4",
    "best": "4",
    "high": "6",
    "low": "2",
}


def export(path: Path, *rows: dict[str, str]) -> Path:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([{**ROW, **row}.get(name, "") for name in COLUMNS] for row in rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return path


def read(path: Path) -> list[CodedEvent | Refusal]:
    return list(Ucdp().events(path, CodedOptions()))


def one(path: Path, **row: str) -> CodedEvent:
    (event,) = read(export(path, row))
    assert isinstance(event, CodedEvent), event
    return event


@pytest.fixture(scope="module")
def renderer(gazetteer: Gazetteer) -> Renderer:
    codes = CodeTable.load(CROSSWALK / "ucdp_claims.tsv", ships=True)
    return Renderer(Ucdp(), codes, ActorTable.load(CROSSWALK / "ucdp_actors.tsv"), gazetteer)


def tell(renderer: Renderer, event: CodedEvent) -> tuple[Article, Reading]:
    found = renderer.accept(event)
    assert isinstance(found, Accepted), found
    article, reading = renderer.article(event.day, [found])
    check_reading(reading, article)
    for mention in reading.mentions:
        assert article.part(mention.part)[mention.start : mention.end] == mention.surface
    return article, reading


def test_one_sided_violence_is_an_incident_and_the_coder_s_accusation(renderer: Renderer, tmp_path: Path) -> None:
    article, reading = tell(renderer, one(tmp_path / "GEDEvent_v32_1.csv"))
    names = {mention.id: mention.name for mention in reading.mentions}
    (incident,) = reading.incidents
    (claim,) = reading.claims
    assert (article.title, article.publisher) == ("UCDP events of 2031-05-06", "UCDP")
    assert (claim.type, names[claim.speaker], names[claim.source]) == ("accuses", "UCDP", "UCDP")
    assert claim.target is not None
    assert claim.target_named is not None
    assert names[claim.target] == "Ardania"
    assert names[claim.target_named] == "Government of Ardania (Old Ardania)"
    assert (claim.incident, claim.cue) == (incident.id, "ucdp/3")
    assert (incident.type, incident.date, incident.country) == ("one-sided violence", "2031-05-04/2031-05-06", "XAR")
    assert incident.alleged_perpetrators == (claim.target,)
    # Its figures are the coder's, in the record and nowhere else.
    assert claim.evidence.quote.endswith("|  |  | 4 |  | 4 | 6 | 2 |  | ")
    assert incident.place is not None
    assert names[incident.place] == "Selm town, Dova province"
    (place,) = link(reading, renderer.gazetteer).places
    assert (place.lat, place.lon, place.precision) == (12.25, -3.5, "settlement")
    assert reading.extractor == "ucdp@1"


@pytest.mark.parametrize(("kind", "told"), [("1", "state-based conflict"), ("2", "non-state conflict")])
def test_where_two_armed_sides_fight_nobody_is_accused(
    renderer: Renderer, tmp_path: Path, kind: str, told: str
) -> None:
    _, reading = tell(renderer, one(tmp_path / "ged.csv", type_of_violence=kind, side_b="Free Coast Brigade"))
    assert [incident.type for incident in reading.incidents] == [told]
    assert reading.incidents[0].alleged_perpetrators == ()
    assert reading.claims == ()
    (refusal,) = reading.refusals
    assert (refusal.reason, refusal.detail.startswith(f"{told} accuses nobody (two armed ")) == ("out_of_scope", True)


@pytest.mark.parametrize(
    ("side", "target"),
    [
        ("Government of Kesh", "Government of Kesh"),
        ("Government of Republic of Ardania", "Ardania"),
        ("FCB", "Free Coast Brigade"),
        ("Hill League", "Hill League"),
        ("Unknown group", None),
        ("", None),
    ],
)
def test_side_a_is_accused_under_the_name_that_is_known(
    renderer: Renderer, tmp_path: Path, side: str, target: str | None
) -> None:
    _, reading = tell(renderer, one(tmp_path / "ged.csv", side_a=side))
    names = {mention.id: mention.name for mention in reading.mentions}
    assert [names[claim.target] for claim in reading.claims if claim.target] == ([target] if target else [])
    assert [str(one.reason) for one in reading.refusals] == ([] if target else ["no_target"])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("GEDEvent_v32_1.csv", "2032"),
        ("gedevent_v31_0_9.csv", "2031"),
        ("ged321-csv.csv", "2032"),
        ("GEDEvent_v24_1.csv", None),
        ("events.csv", None),
    ],
)
def test_the_year_of_the_release_is_when_it_is_said(tmp_path: Path, name: str, said: str | None) -> None:
    # A version older than what happened is no version of this file.
    assert one(tmp_path / name).date == said


@pytest.mark.parametrize(
    ("row", "place", "precision"),
    [
        ({}, "Selm town", "settlement"),
        ({"where_prec": "2"}, "Selm town", "settlement"),
        ({"where_prec": "4", "where_coordinates": "Dova province"}, "Dova province", "region"),
        ({"where_prec": "6", "where_coordinates": "Ardania"}, "Ardania (Old Ardania)", "country"),
        ({"where_coordinates": "", "adm_2": "Selm district"}, "Selm district", "region"),
        ({"where_coordinates": "", "adm_1": "", "country": ""}, None, None),
    ],
)
def test_the_narrowest_place_that_is_named(
    tmp_path: Path, row: dict[str, str], place: str | None, precision: str | None
) -> None:
    location = one(tmp_path / "ged.csv", **row).location
    assert (location.name if location else None, location.precision if location else None) == (place, precision)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"id": ""}, "bad_field: line 2: it has no id"),
        ({"type_of_violence": "4"}, "unknown_term: line 2: '4' is no type_of_violence (1, 2 or 3)"),
        ({"date_start": "May"}, "bad_date: line 2: 'May' is no date of the form YYYY-MM-DD"),
        ({"date_end": "2031-05-03"}, "bad_date: line 2: it ends on 2031-05-03, before it starts on 2031-05-04"),
        ({"latitude": "95"}, "bad_field: line 2: '95', '-3.5' are no latitude and longitude"),
    ],
)
def test_what_is_wrong_with_a_row_is_told(tmp_path: Path, row: dict[str, str], told: str) -> None:
    path = export(tmp_path / "ged.csv", row)
    (found,) = read(path)
    assert isinstance(found, Refusal)
    assert f"{found.reason}: {found.detail.removeprefix(f'{path}, ')}" == told


def test_packed_files_are_the_same_events(tmp_path: Path) -> None:
    plain = export(tmp_path / "GEDEvent_v32_1.csv", {}, {"id": "900018"})
    (tmp_path / "GEDEvent_v32_1.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    with zipfile.ZipFile(tmp_path / "ged321-csv.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(plain, plain.name)
    events = [event.cells for event in read(plain) if isinstance(event, CodedEvent)]
    for name in ("GEDEvent_v32_1.csv.gz", "ged321-csv.zip"):
        found = [event for event in read(tmp_path / name) if isinstance(event, CodedEvent)]
        assert [event.cells for event in found] == events
        assert {event.date for event in found} == {"2032"}


def test_another_header_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ged.csv"
    path.write_text("id,side_a,side_b\n", encoding="utf-8")
    with pytest.raises(BadInput, match="is not that of a UCDP GED file, for it lacks type_of_violence, date_start"):
        read(path)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                name: st.one_of(st.text(max_size=12), st.sampled_from(["1", "3", "2031-05-04", "-", "1e999"]))
                for name in ("id", "type_of_violence", "side_a", "date_start", "date_end", "latitude", "country")
            },
        ),
        max_size=5,
    ),
    st.binary(max_size=40),
)
def test_no_file_breaks_it(
    tmp_path_factory: pytest.TempPathFactory, renderer: Renderer, rows: list[dict[str, str]], tail: bytes
) -> None:
    path = tmp_path_factory.mktemp("ucdp") / "ged.csv"
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([{**ROW, **row}.get(name, "") for name in COLUMNS] for row in rows)
    path.write_bytes(text.getvalue().encode("utf-8", "surrogatepass") + tail)
    for item in read(path):
        if isinstance(item, CodedEvent):
            found = renderer.accept(item)
            if isinstance(found, Accepted):
                article, reading = renderer.article(item.day, [found])
                check_reading(reading, article)
        else:
            assert item.detail.startswith(f"{path}, line ")
