"""Events as lines of text and as claims: exact quotes, who speaks for whom, and what is no claim."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from app.intake.coded import ActorTable, CodedEvent, CodeTable, Icews, Party, Renderer, chunks
from app.intake.coded.rendering import MOST_LINES, MOST_OPEN, Accepted
from app.ledger.base import check_reading
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Claim, Mention, Refusal
from app.vocabulary.terms import ActorKind

CROSSWALK = Path(__file__).resolve().parents[2] / "graph_data" / "crosswalk"
Make = Callable[..., CodedEvent]


@pytest.fixture(scope="module")
def renderer(gazetteer: Gazetteer) -> Renderer:
    codes = CodeTable.load(CROSSWALK / "cameo_claims.tsv", ships=True)
    return Renderer(Icews(), codes, ActorTable.load(CROSSWALK / "icews_actors.tsv"), gazetteer)


def event(
    source: str | None,
    target: str | None,
    code: str = "112",
    *,
    day: str = "2031-05-04",
    countries: tuple[str | None, str | None] = (None, None),
    offices: tuple[bool | None, bool | None] = (None, None),
    outlet: str | None = None,
) -> CodedEvent:
    """An event whose cells are day, source, its country, code, target, its country, outlet."""
    cells = (day, source or "", countries[0] or "", code, target or "", countries[1] or "", outlet or "")
    one, other = (
        Party(name, at, country, at + 1 if country is not None else None, office) if name is not None else None
        for name, at, country, office in zip((source, target), (1, 4), countries, offices, strict=True)
    )
    return CodedEvent("file, line 2", day, cells, one, other, code, "", 6 if outlet is not None else None)


def told(renderer: Renderer, *events: CodedEvent) -> tuple[list[Claim], dict[str, Mention]]:
    """The claims of these events, and the mentions by id."""
    accepted = [renderer.accept(one) for one in events]
    assert all(isinstance(one, Accepted) for one in accepted), accepted
    article, reading = renderer.article(events[0].day, [one for one in accepted if isinstance(one, Accepted)])
    check_reading(reading, article)
    for mention in reading.mentions:
        assert article.text[mention.start : mention.end] == mention.surface
    return list(reading.claims), {mention.id: mention for mention in reading.mentions}


def names(renderer: Renderer, one: CodedEvent) -> dict[str, str | None]:
    """Who stands where in the claim of an event, by name."""
    (claim,), mentions = told(renderer, one)
    fields = ("speaker", "source", "source_named", "target", "target_named")
    return {field: mentions[found].name if (found := getattr(claim, field)) else None for field in fields}


def refused(renderer: Renderer, one: CodedEvent) -> str:
    found = renderer.accept(one)
    assert isinstance(found, Refusal)
    return str(found.reason)


def test_an_event_is_a_line_and_its_quote(renderer: Renderer) -> None:
    accusation = event("Ardania", "Beloria", outlet="Port Gazette")
    denial = event("Beloria", "Ardania", "016")
    accepted = [one for one in map(renderer.accept, (accusation, denial)) if isinstance(one, Accepted)]
    article, reading = renderer.article("2031-05-04", accepted)
    assert article.text.split("\n") == [
        "2031-05-04 | Ardania |  | 112 | Beloria |  | Port Gazette",
        "2031-05-04 | Beloria |  | 016 | Ardania |  | ",
    ]
    assert (article.title, article.publisher, article.published) == (
        "ICEWS events of 2031-05-04",
        "ICEWS",
        "2031-05-04",
    )
    assert reading.extractor == "icews@1"
    one, other = reading.claims
    assert [claim.evidence.quote for claim in (one, other)] == article.text.split("\n")
    assert (one.type, one.modality, one.cue, one.confidence) == ("accuses", "asserted", "cameo/112", 0.5)
    assert (other.type, other.denial_kind, other.cue) == ("denies", None, "cameo/016")
    assert {claim.date for claim in reading.claims} == {"2031-05-04"}
    (outlet,) = one.relayed_by
    kinds = {mention.name: mention.actor_kind for mention in reading.mentions}
    assert kinds["Port Gazette"] is ActorKind.MEDIA
    assert [mention.name for mention in reading.mentions if mention.id == outlet] == ["Port Gazette"]
    assert other.relayed_by == ()


def test_names_are_the_common_ones(renderer: Renderer) -> None:
    (claim,), mentions = told(renderer, event("Republic of Ardania", "FCB"))
    assert {(one.name, one.surface) for one in mentions.values()} == {
        ("Ardania", "Republic of Ardania"),
        ("Free Coast Brigade", "FCB"),
    }
    assert mentions[claim.source].name == "Ardania"


def test_a_body_speaks_for_its_state(renderer: Renderer) -> None:
    assert names(renderer, event("Foreign Affairs (Ardania)", "Military (Beloria)")) == {
        "speaker": "Foreign Affairs (Ardania)",
        "source": "Ardania",
        "source_named": "Foreign Affairs (Ardania)",
        "target": "Beloria",
        "target_named": "Military (Beloria)",
    }


def test_a_mention_of_the_state_stands_in_the_brackets(renderer: Renderer) -> None:
    claims, mentions = told(renderer, event("Ministry (Ardania)", "Beloria"))
    state = mentions[claims[0].source]
    assert claims[0].evidence.quote[state.start : state.end + 1] == "Ardania)"


@pytest.mark.parametrize(
    "name", ["Governor (Ardania)", "Armed Rebel (Ardania)", "Stargazer (Ardania)", "Ministry (Kesh)"]
)
def test_others_speak_for_themselves(renderer: Renderer, name: str) -> None:
    found = names(renderer, event(name, "Beloria", countries=("Ardania", None)))
    if name != "Ministry (Kesh)":
        assert found == {
            "speaker": name,
            "source": name,
            "source_named": None,
            "target": "Beloria",
            "target_named": None,
        }
    else:
        # The brackets name no state that is known.
        assert found["source"] == name


def test_an_officer_speaks_for_his_state_where_the_dataset_says_so(renderer: Renderer) -> None:
    sides = {"countries": ("Ardania", "Beloria")}
    there = names(renderer, event("Ana Vlasic", "Jon Kesh", **sides, offices=(True, False)))  # type: ignore[arg-type]
    assert there == {
        "speaker": "Ana Vlasic",
        "source": "Ardania",
        "source_named": None,
        "target": "Jon Kesh",
        "target_named": None,
    }
    unknown = names(renderer, event("Ana Vlasic", "Jon Kesh", **sides))  # type: ignore[arg-type]
    assert (unknown["source"], unknown["target"]) == ("Ana Vlasic", "Jon Kesh")


def test_a_dispute_within_one_state_is_between_its_parts(renderer: Renderer) -> None:
    found = names(renderer, event("Police (Ardania)", "Military (Ardania)"))
    assert (found["source"], found["target"]) == ("Police (Ardania)", "Military (Ardania)")
    found = names(renderer, event("Ardania", "Police (Ardania)"))
    assert (found["source"], found["target"], found["target_named"]) == ("Ardania", "Police (Ardania)", None)


def test_an_unknown_target_stays_unknown(renderer: Renderer) -> None:
    for target in (None, "Unspecified Actor"):
        assert names(renderer, event("Ardania", target))["target"] is None


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (event("Ardania", "Beloria", "190"), "out_of_scope"),
        (event("Ardania", "Beloria", "138"), "out_of_scope"),
        (event("Ardania", "Beloria", "020"), "out_of_scope"),
        (event(None, "Beloria"), "no_source"),
        (event("Unspecified Actor", "Beloria"), "no_source"),
        (event("Citizen (Ardania)", "Beloria"), "not_an_actor"),
        (event("Ardania", "Thief (Beloria)"), "not_an_actor"),
        (event("…", "Beloria"), "not_an_actor"),
        (event("Ardania", "Republic of Ardania"), "source_is_target"),
        (event("Police (Ardania)", "Police (Ardania)"), "source_is_target"),
    ],
)
def test_what_is_no_claim_says_why(renderer: Renderer, one: CodedEvent, reason: str) -> None:
    assert refused(renderer, one) == reason


def test_a_refusal_tells_the_table_s_note(renderer: Renderer) -> None:
    found = renderer.accept(event("Ardania", "Beloria", "111"))
    assert isinstance(found, Refusal)
    assert found.detail == (
        "file, line 2: 111 is no claim "
        "(criticism with no act attributed to an actor is no accusation (codebook, accuses))"
    )


def accepted(renderer: Renderer, days: list[str]) -> list[Accepted]:
    found = []
    for number, day in enumerate(days):
        one = renderer.accept(event("Ardania", "Beloria", day=day, outlet=f"Gazette {number}"))
        assert isinstance(one, Accepted)
        found.append(one)
    return found


def test_events_of_a_day_come_together_whatever_their_order(renderer: Renderer) -> None:
    days = ["2031-05-04", "2031-05-05"] * 3
    found = dict(chunks(accepted(renderer, days)))
    assert {day: len(group) for day, group in found.items()} == {"2031-05-04": 3, "2031-05-05": 3}


def test_a_long_day_is_cut_and_memory_is_bounded(renderer: Renderer) -> None:
    one = accepted(renderer, ["2031-05-04"])[0]
    sizes = [len(group) for _, group in chunks([one] * (2 * MOST_LINES + 3))]
    assert sizes == [MOST_LINES, MOST_LINES, 3]

    waiting = most = 0
    days = accepted(
        renderer, [f"20{year:02}-0{month}-{day:02}" for year in range(50) for month in (1, 3) for day in range(1, 29)]
    )
    assert len(days) < MOST_OPEN // 2

    def feed() -> object:
        nonlocal waiting, most
        for _ in range(20):
            for found in days:
                waiting += 1
                most = max(most, waiting)
                yield found

    for _, group in chunks(feed()):  # type: ignore[arg-type]
        waiting -= len(group)
    assert waiting == 0
    assert most == MOST_OPEN


def test_what_icews_becomes_is_what_it_was(renderer: Renderer) -> None:
    """The version of the importer stays as long as its articles and readings do, to the byte."""
    parties = ("Ardania", "Foreign Affairs (Ardania)", "Governor (Beloria)", "Ana Vlasic", "FCB", "Citizen (Ardania)")
    told = hashlib.sha256()
    for code in ("112", "1123", "016", "190"):
        for source in (*parties, None):
            for target in (*parties, "Unspecified Actor", None):
                for office in (None, True):
                    countries = ("Ardania", "Republic of Beloria") if office else (None, None)
                    one = event(
                        source, target, code, countries=countries, offices=(office, None), outlet="Port Gazette"
                    )
                    found = renderer.accept(one)
                    if isinstance(found, Refusal):
                        told.update(f"{found.reason} {found.detail}\n".encode())
                    else:
                        told.update(msgspec.json.encode(renderer.article(one.day, [found, found])))
    assert told.hexdigest() == "4ff24bdf4bcf4dd92844231641a9f2bd4f57dcafeb837e28eee6a7e136610468"
