"""Which incidents of different articles are proposed to be one."""

from __future__ import annotations

import itertools
import tracemalloc
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from app.extraction.base import ReadingBuilder
from app.graph.identity import judge
from app.ledger import Batch, Entry, open_ledger
from app.linking import incidents, link
from app.linking.actors import Linked
from app.linking.acts import Acts
from app.linking.comparing import WEIGHTS
from app.linking.incidents import LINKER, IncidentIndex
from app.linking.profiles import place_parts
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Decision, Reading
from app.vocabulary.terms import ClaimType, DecisionKind, Judgement, Modality, NodeKind

LEXICON = Path(__file__).resolve().parents[2] / "graph_data" / "lexicons" / "acts.tsv"


@pytest.fixture(scope="module")
def acts() -> Acts:
    return Acts.load(LEXICON)


@dataclass(frozen=True)
class Told:
    """One article's account of one incident. By default: a bombing in Kesh, laid on Beloria by Ardania."""

    type: str = "bombing of a market"
    place: str | None = "Kesh"
    country: str | None = "XAR"
    date: str | None = "2024-03-04"
    published: str | None = "2024-03-05"
    source: str = "Ardania"
    target: str | None = "Beloria"
    text: str = "Ardania blamed Beloria for what was done."
    said: str | None = None
    claims: int = 1

    def read(self, publisher: str = "The Courier") -> tuple[Article, Reading]:
        article = Article(f"From {publisher}", self.text, self.published, publisher)
        builder = ReadingBuilder(article, "hand@1")
        at = builder.evidence("text", 0, len(self.text))
        place = builder.mention(NodeKind.PLACE, self.place, at, country=self.country) if self.place else None
        source = builder.mention(NodeKind.ACTOR, self.source, at)
        target = builder.mention(NodeKind.ACTOR, self.target, at) if self.target else None
        accused = [target] if target is not None else []
        incident = builder.incident(self.type, at, place, self.country, self.date, accused)
        if self.claims:
            builder.claim(
                ClaimType.ACCUSES,
                speaker=source,
                source=source,
                target=target,
                modality=Modality.ASSERTED,
                evidence=at,
                incident=incident,
                date=self.said or self.published,
            )
        return article, builder.reading()


def judgements(acts: Acts, gazetteer: Gazetteer, *told: Told) -> list[Decision]:
    index = IncidentIndex(acts)
    made: list[Decision] = []
    for number, one in enumerate(told):
        article, reading = one.read(f"Paper {number}")
        made += index.add(article, reading, link(reading, gazetteer))
    return made


def verdicts(acts: Acts, gazetteer: Gazetteer, *told: Told) -> list[Judgement | None]:
    return [decision.judgement for decision in judgements(acts, gazetteer, *told)]


def test_what_is_proposed(acts: Acts, gazetteer: Gazetteer) -> None:
    (found,) = judgements(acts, gazetteer, Told(), Told(type="market blast"))
    (_, first), (_, second) = Told().read("Paper 0"), Told(type="market blast").read("Paper 1")
    assert (found.kind, found.by, found.at) == (DecisionKind.JUDGE, LINKER, None)
    assert (found.subject, found.object) == (second.incidents[0].id, first.incidents[0].id)
    assert found.judgement is Judgement.SAME
    assert found.score is not None
    assert 0.9 < found.score <= 1
    assert found.reason.startswith("same place (Kesh), same day (2024-03-04), bombing, the same thing hit")
    assert "2 parties in common" in found.reason


@pytest.mark.parametrize(
    "other",
    [
        Told(type="explosion"),
        Told(type="deadly blast", date=None),
        Told(type="bomb attack", place="near Kesh", published="2024-03-12"),
        Told(place="market hall, Kesh"),
        Told(target="Free Coast Brigade"),
        Told(date="2024-03"),
        Told(country=None),
    ],
    ids=lambda told: f"{told.type} {told.place} {told.date} {told.target}",
)
def test_one_incident_under_different_words(acts: Acts, gazetteer: Gazetteer, other: Told) -> None:
    assert verdicts(acts, gazetteer, Told(), other) == [Judgement.SAME]


@pytest.mark.parametrize(
    "other",
    [
        Told(place="Selm", country="XBE"),
        Told(type="expulsion of diplomats"),
        Told(place="Dunmouth", type="bombing of a bridge"),
        Told(source="Cerinia", target="Dovan Republic", type="sanctions", place=None),
        Told(date="2024-05-04", published="2024-05-05"),
        Told(date=None, published="2024-03-01", said="2024-03-01"),
        Told(date=None, published=None),
    ],
    ids=lambda told: f"{told.type} {told.place} {told.date} {told.target}",
)
def test_others_are_left_alone(acts: Acts, gazetteer: Gazetteer, other: Told) -> None:
    assert judgements(acts, gazetteer, Told(), other) == []


def test_look_alikes_a_week_apart_stay_two(acts: Acts, gazetteer: Gazetteer) -> None:
    first, second = Told(), Told(date="2024-03-11", published="2024-03-12")
    later = replace(first, published="2024-03-13"), replace(second, published="2024-03-14")
    found = judgements(acts, gazetteer, first, second, *later)
    assert [d.judgement for d in found].count(Judgement.DIFFERENT) == 4
    assert [d.judgement for d in found].count(Judgement.SAME) == 2
    assert found[0].reason.startswith("7 days apart (2024-03-04, 2024-03-11), though same place (Kesh), bombing")
    clusters = judge(found)
    assert len({clusters.root(d.subject) for d in found} | {clusters.root(str(d.object)) for d in found}) == 2
    assert clusters.conflicts == []


def test_a_day_given_with_the_telling_may_be_that_of_the_telling(acts: Acts, gazetteer: Gazetteer) -> None:
    # "On Thursday Ardania accused …": the incident got the day of the accusation.
    told = Told(date="2024-03-07", published="2024-03-07", said="2024-03-07")
    assert verdicts(acts, gazetteer, Told(), told) == [Judgement.SAME]
    assert verdicts(acts, gazetteer, Told(), replace(told, said="2024-03-06")) == [Judgement.DIFFERENT]


def test_copied_words_are_of_one_incident_though_their_thursday_is_read_as_two(
    acts: Acts, gazetteer: Gazetteer
) -> None:
    words = "On Thursday the council of Ardania blamed the fleet of Beloria for the blast that tore the old quay apart."
    first = Told(place=None, date="2024-03-07", published="2024-03-07", text=words)
    copy = replace(first, date="2024-03-14", published="2024-03-15", said="2024-03-14")
    assert verdicts(acts, gazetteer, first, copy) == [Judgement.SAME]


def test_what_is_told_as_a_further_one_is_not_the_first(acts: Acts, gazetteer: Gazetteer) -> None:
    first = Told(date="2024-03", published="2024-03-05")
    second = Told(type="second bombing of a market", date="2024-03", published="2024-03-09")
    # All that is known is one month: the first article may speak of the second bombing.
    assert verdicts(acts, gazetteer, first, second) == [Judgement.UNSURE]
    dated = replace(second, date="2024-03-06/2024-03-08")
    (found,) = judgements(acts, gazetteer, first, dated)
    assert found.judgement is Judgement.DIFFERENT
    assert found.reason.startswith("one is told as a further one, after the other was reported, though same place")
    day = replace(second, type="second blast", date="2024-03-04")
    assert verdicts(acts, gazetteer, replace(first, date="2024-03-04"), day) == [Judgement.SAME]


def test_shots_and_deaths_of_one_event(acts: Acts, gazetteer: Gazetteer) -> None:
    shots = Told(type="shooting", text="Ardania blamed Beloria for a shooting that killed two.")
    deaths = Told(type="killing", text="Two were killed in a shooting that Ardania laid at Beloria's door.")
    assert verdicts(acts, gazetteer, shots, deaths) == [Judgement.SAME]
    assert (
        "each also tells of the other's act (killing ~ shooting)"
        in judgements(acts, gazetteer, shots, deaths)[0].reason
    )


def test_nothing_is_reported_before_it_happens(acts: Acts, gazetteer: Gazetteer) -> None:
    early = Told(date=None, published="2024-03-02", said="2024-03-02")
    assert judgements(acts, gazetteer, Told(), early) == []
    assert verdicts(acts, gazetteer, Told(), replace(early, published="2024-03-06", said=None)) == [Judgement.SAME]


def test_real_doubt_goes_to_people(acts: Acts, gazetteer: Gazetteer) -> None:
    # One day, one village: two accounts of one fight, or two fights.
    shepherds = Told(type="shooting of shepherds")
    patrol = Told(type="firing on a patrol", source="Beloria", target="Ardania")
    (found,) = judgements(acts, gazetteer, shepherds, patrol)
    assert found.judgement is Judgement.UNSURE
    assert judge([found]).root(found.subject) != judge([found]).root(str(found.object))


def test_a_country_is_not_yet_a_place(acts: Acts, gazetteer: Gazetteer) -> None:
    harbouring = Told(type="harbouring of rebels", place="Ardania", date=None)
    assert judgements(acts, gazetteer, harbouring, Told(type="sanctions", place="Ardania")) == []
    assert judgements(acts, gazetteer, Told(place="Ardania", target=None), Told(source="Cerinia", target=None)) == []
    (found,) = judgements(acts, gazetteer, Told(place="Ardania"), Told())
    assert found.judgement is Judgement.SAME
    assert "same country (XAR)" in found.reason


def test_undated_ones_of_distant_weeks_are_not_joined_by_place_and_act_alone(acts: Acts, gazetteer: Gazetteer) -> None:
    undated = Told(type="shelling", date=None)
    later = replace(undated, published="2024-04-20", said="2024-04-20")
    assert Judgement.SAME not in verdicts(acts, gazetteer, replace(undated, target=None), replace(later, target=None))
    much_later = replace(undated, published="2024-09-20", said="2024-09-20")
    assert judgements(acts, gazetteer, undated, much_later) == []


def test_the_order_of_articles_does_not_matter(acts: Acts, gazetteer: Gazetteer) -> None:
    told = [
        Told(),
        Told(type="blast", date=None),
        Told(date="2024-03-11", published="2024-03-12"),
        Told(type="shooting of shepherds"),
        Told(type="firing on a patrol", source="Beloria", target="Ardania"),
        Told(place="Ardania", type="second bombing", date="2024-03", published="2024-03-20"),
    ]
    read = [one.read(f"Paper {number}") for number, one in enumerate(told)]
    outcomes = set()
    for order in itertools.permutations(range(len(read))):
        index = IncidentIndex(acts)
        made = [d for n in order for d in index.add(*read[n], link(read[n][1], gazetteer))]
        outcomes.add(frozenset((frozenset((d.subject, d.object)), d.judgement, d.score, d.reason) for d in made))
    assert len(outcomes) == 1
    assert {judgement for _, judgement, _, _ in outcomes.pop()} == set(Judgement)


def test_the_same_articles_give_the_same_judgements(acts: Acts, gazetteer: Gazetteer) -> None:
    told = (Told(), Told(type="blast"), Told(date="2024-03-11", published="2024-03-12"))
    assert judgements(acts, gazetteer, *told) == judgements(acts, gazetteer, *told)


def test_incidents_of_one_article_are_not_compared(acts: Acts) -> None:
    article, reading = Told().read()
    twin = replace(reading.incidents[0], type="market blast", id="inc-twin")
    both = replace(reading, incidents=(*reading.incidents, twin))
    assert IncidentIndex(acts).add(article, both, Linked((), (), ())) == []


def test_a_new_reading_replaces_the_old(acts: Acts, gazetteer: Gazetteer) -> None:
    index = IncidentIndex(acts)
    article, reading = Told().read()
    index.add(article, reading, link(reading, gazetteer))
    anew = replace(reading, extractor="hand@2", incidents=(replace(reading.incidents[0], id="inc-anew"),), id="rdg-2")
    assert index.add(article, anew, link(anew, gazetteer)) == []
    assert len(index) == 1
    other, its = Told(type="blast").read("Paper 1")
    assert [d.object for d in index.add(other, its, link(its, gazetteer))] == ["inc-anew"]
    assert index.add(article, replace(reading, incidents=()), link(reading, gazetteer)) == []
    assert [profile.article for profile in index.profiles()] == [other.id]


@pytest.mark.parametrize("what", ["incident", "article"])
def test_what_is_retracted_is_compared_with_nothing(acts: Acts, gazetteer: Gazetteer, what: str) -> None:
    index = IncidentIndex(acts)
    article, reading = Told().read()
    index.add(article, reading, link(reading, gazetteer))
    gone = reading.incidents[0].id if what == "incident" else article.id
    retraction = Decision(DecisionKind.RETRACT, gone, "Ida", at="2024-04-01T00:00:00Z")
    index.mark(retraction)
    other, its = Told(type="blast").read("Paper 1")
    assert index.add(other, its, link(its, gazetteer)) == []
    index.mark(Decision(DecisionKind.UNDO, retraction.id, "Ida", at="2024-04-02T00:00:00Z"))
    assert len(index.add(other, its, link(its, gazetteer))) == 1


def test_what_is_common_is_cut_short_and_counted(
    acts: Acts, gazetteer: Gazetteer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incidents, "MOST_COMPARED", 3)
    index = IncidentIndex(acts)
    made = []
    for number in range(6):
        article, reading = Told().read(f"Paper {number}")
        made.append(index.add(article, reading, link(reading, gazetteer)))
    assert [len(one) for one in made] == [0, 1, 2, 3, 3, 3]
    assert index.cut_short == 2
    newest = [profile.id for profile in index.profiles()][2:5]
    assert [d.object for d in made[5]] == newest[::-1]


def test_a_long_list_is_looked_up_from_its_end(
    acts: Acts, gazetteer: Gazetteer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incidents, "MOST_LOOKED_UP", 2)
    index = IncidentIndex(acts)
    for number in range(4):
        article, reading = Told().read(f"Paper {number}")
        found = index.add(article, reading, link(reading, gazetteer))
    assert (len(found), index.cut_short) == (2, 1)


def test_what_has_no_day_at_all_is_counted(acts: Acts, gazetteer: Gazetteer) -> None:
    index = IncidentIndex(acts)
    for told in (Told(), Told(date=None, published=None, said=None)):
        article, reading = told.read(str(told.date))
        assert index.add(article, reading, link(reading, gazetteer)) == []
    assert (index.incomparable, len(index)) == (1, 2)


def test_an_index_of_a_ledger_is_that_of_the_articles_one_by_one(
    acts: Acts, gazetteer: Gazetteer, tmp_path: Path
) -> None:
    told = [Told(), Told(type="blast", date=None), Told(place="Ardania", target="Ardanian Army", source="Beloria")]
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    live = IncidentIndex(acts)
    for number, one in enumerate(told):
        article, reading = one.read(f"Paper {number}")
        linked = link(reading, gazetteer)
        decisions = [*linked.decisions, *live.add(article, reading, linked)]
        ledger.append(Batch([article], [reading], linked.actors, linked.places, decisions))
    last, its = Told(type="explosion").read("Paper 9")
    for with_text in (True, False):
        again = IncidentIndex.of(ledger.entries(with_text=with_text), acts)
        assert again.profiles() == live.profiles()
    assert again.add(last, its, link(its, gazetteer)) == live.add(last, its, link(its, gazetteer)) != []
    ledger.close()


def test_an_index_of_a_ledger_takes_the_newest_reading_and_knows_what_is_retracted(
    acts: Acts, gazetteer: Gazetteer
) -> None:
    article, reading = Told().read()
    anew = replace(reading, extractor="hand@2", incidents=(replace(reading.incidents[0], id="inc-anew"),), id="rdg-2")
    gone, its = Told(type="blast").read("Paper 1")
    rows: list[tuple[int, Entry]] = [(1, article), (1, reading), *((1, d) for d in link(reading, gazetteer).decisions)]
    rows += [(2, gone), (2, its), (3, anew), (4, Decision(DecisionKind.RETRACT, gone.id, "Ida", at="2024-04-01"))]
    index = IncidentIndex.of(rows, acts)
    assert {profile.id for profile in index.profiles()} == {"inc-anew", its.incidents[0].id}
    last, read = Told(type="explosion").read("Paper 9")
    assert [d.object for d in index.add(last, read, link(read, gazetteer))] == ["inc-anew"]


def test_an_incident_takes_little_room(acts: Acts, gazetteer: Gazetteer) -> None:
    text = (
        "Ardania blamed Beloria for the raid on the quay of Kesh, where Oda Renn and eleven fishermen lost their boats."
    )
    index = IncidentIndex(acts)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(1000):
            day = f"{1990 + number // 12 % 30}-{number % 12 + 1:02d}-04"
            article, reading = Told(place=f"Kesh {number}", date=day, published=day, text=text).read(f"Paper {number}")
            index.add(article, reading, link(reading, gazetteer))
        del article, reading
        used = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert used / 1000 < 4000  # bytes, keys and ids included


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Kesh", (("kesh",), ())),
        ("near Selm Island, Straits", (("selm-island",), ("straits",))),
        ("Kesh and Upper Dova", (("kesh", "dova"), ())),
        ("the Kesh–Dova road", (("kesh", "dova-road"), ())),
        ("Fish Market, Port Selm, Beloria", (("fish-market",), ("selm", "beloria"))),
        ("North", (("north",), ())),
        ("", ((), ())),
    ],
)
def test_the_parts_of_a_places_name(name: str, parts: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
    assert place_parts(name) == parts


def test_the_published_table_is_the_one_in_force() -> None:
    page = LEXICON.parents[2] / "docs" / "explanation" / "decisions" / "0009-incidents-across-articles.md"
    rows = [line.split("|")[1:3] for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    published = {name.strip(): value.strip().replace("−", "-") for name, value in rows}
    assert {name: published.get(name) for name in WEIGHTS} == {name: f"{value:+.1f}" for name, value in WEIGHTS.items()}
