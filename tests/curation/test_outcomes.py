"""What came of each decision: applied, undone, replaced, overruled, not applied or orphaned, and nothing ever lost."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from app.curation import Log, Ruling
from app.ledger import Batch
from app.vocabulary.errors import BadQuery, NotFound
from app.vocabulary.records import Claim, Decision, Reading
from app.vocabulary.terms import ClaimType, DecisionKind, Judgement

if TYPE_CHECKING:
    from tests.curation.conftest import Office

RAID = "Ardania accused Beloria over the raid in Kesh."
RAIDS = (RAID, "Cerinia accused Beloria over the raid in Kesh.", "New Dawn accused Beloria over the raid in Kesh.")
THREAT = "Ardania threatened Beloria."


def claim(reading: Reading, type_: str = "accuses") -> Claim:
    return next(one for one in reading.claims if one.type == type_)


def judged(left: str, right: str, judgement: Judgement, by: str = "incidents@1", score: float = 0.5) -> Decision:
    return Decision(DecisionKind.JUDGE, left, by, right, None, judgement, "they are near", None, score)


# ---- undoing ----


def test_undoing_an_undoing_brings_the_first_back(office: Office) -> None:
    reading = office.tell(RAID)
    first = office.rule("retract", reading.article)
    assert reading.article not in office.graph.articles
    second = office.rule("undo", first.id, by="Ben")
    assert reading.article in office.graph.articles
    third = office.rule("undo", second.id)
    assert reading.article not in office.graph.articles
    assert [office.row(one).status for one in (first, second, third)] == ["applied", "undone", "applied"]
    assert f"undone by Ana at {third.at}: because ({third.id})" == office.row(second).because
    office.rule("undo", third.id)
    assert [office.row(one).status for one in (first, second, third)] == ["undone", "applied", "undone"]


def test_a_linkers_judgement_can_be_undone(office: Office) -> None:
    one, other = (office.tell(text).incidents[0].id for text in RAIDS[:2])
    joined = judged(other, one, Judgement.SAME)
    office.append(joined)
    assert len(office.graph.incidents) == 1
    office.rule("undo", joined.id)
    assert len(office.graph.incidents) == 2
    assert office.row(joined).status == "undone"


# ---- merging and its limits ----


def test_a_split_blocks_a_merge_through_a_chain_and_the_log_says_by_whom(office: Office) -> None:
    a, b, c = (office.tell(text).incidents[0].id for text in RAIDS)
    apart = office.rule("split", a, c, by="Ben")
    first = office.rule("merge", a, b)
    blocked = office.rule("merge", b, c)
    # Of two judgements that cannot both be applied one is; which, the fold decides.
    rows = {office.row(one).status: office.row(one) for one in (first, blocked)}
    assert set(rows) == {"applied", "not_applied"}
    because = f"{a} and {c} are held to be two by Ben at {apart.at}: because ({apart.id})"
    assert rows["not_applied"].because == because
    assert [(row.id, row.because) for row in office.queue().conflicts] == [(rows["not_applied"].id, because)]
    office.rule("undo", apart.id)
    assert {office.row(one).status for one in (first, blocked)} == {"applied"}
    assert office.queue().conflicts_total == 0


def test_a_linkers_difference_of_what_people_have_joined_is_not_applied(office: Office) -> None:
    a, b, c = (office.tell(text).incidents[0].id for text in RAIDS)
    apart = judged(c, a, Judgement.DIFFERENT)
    office.append(apart)
    steps = [office.rule("merge", a, b), office.rule("merge", b, c)]
    row = office.row(apart)
    assert row.status == "not_applied"
    assert row.because is not None
    assert row.because.startswith("people have judged the two to be one: ")
    assert all(step.id in row.because for step in steps)


def test_the_same_hand_decides_again_and_a_person_overrules_a_linker(office: Office) -> None:
    a, b, _ = (office.tell(text).incidents[0].id for text in RAIDS)
    linked = judged(b, a, Judgement.SAME)
    office.append(linked)
    first, second = office.rule("merge", a, b), office.rule("split", b, a)
    assert [office.row(one).status for one in (linked, first, second)] == ["overruled", "replaced", "applied"]
    assert len(office.graph.incidents) == 3


def test_a_newer_version_of_a_linker_replaces_what_the_older_judged_of_the_same(office: Office) -> None:
    a, b, c = (office.tell(text).incidents[0].id for text in RAIDS)
    older, newer = judged(c, a, Judgement.SAME), judged(c, b, Judgement.UNSURE, by="incidents@2")
    office.append(older)
    assert (office.row(older).status, len(office.graph.incidents)) == ("applied", 2)
    office.append(newer)
    assert (office.row(older).status, office.row(older).because) == (
        "replaced", f"incidents@2 has judged {c} since",
    )  # fmt: skip
    assert (office.row(newer).status, len(office.graph.incidents)) == ("open", 3)


# ---- correcting ----


def test_each_field_is_corrected_once_and_the_last_counts(office: Office) -> None:
    found = claim(office.tell(THREAT), "retaliates").id
    first = office.rule("correct", found, field="threat_kind", value="ordered")
    assert office.graph.claim(found).claim.rung == "ordered"
    second = office.rule("correct", found, field="threat_kind", value="conditional", by="Ben")
    assert office.graph.claim(found).claim.rung == "conditional"
    assert [office.row(one).status for one in (first, second)] == ["replaced", "applied"]
    assert office.row(second).field == "threat_kind"
    office.rule("correct", found, field="threat_kind")
    assert office.graph.claim(found).claim.rung == "threatened"


def test_what_is_no_threat_any_more_is_bound_to_nothing(office: Office) -> None:
    found = claim(office.tell(THREAT), "retaliates").id
    bound = office.rule("correct", found, field="threat_kind", value="ordered")
    done = office.rule("correct", found, field="modality", value="carried_out")
    assert office.graph.claim(found).claim.rung == "carried_out"
    assert office.graph.conflicts == []
    row = office.row(bound)
    assert (row.status, row.because) == (
        "not_applied", "a claim that retaliates (carried_out) has no threat_kind",
    )  # fmt: skip
    office.rule("undo", done.id)
    assert (office.row(bound).status, office.graph.claim(found).claim.rung) == ("applied", "ordered")


def test_a_claim_may_become_what_it_was(office: Office) -> None:
    found = claim(office.tell(THREAT), "retaliates").id
    office.rule("correct", found, field="type", value="accuses")
    office.rule("correct", found, field="type", value="retaliates")
    assert office.graph.claim(found).claim.rung == "threatened"
    office.rule("correct", found, field="modality", value="called_for")
    # The first correction of the modality still stands, and an accusation is asserted.
    with pytest.raises(BadQuery, match="a claim that accuses is asserted, not called_for"):
        office.rule("correct", found, field="type", value="accuses")


def test_a_correction_that_makes_no_claim_is_told_with_its_reason(office: Office) -> None:
    found = claim(office.tell(RAID)).id
    # The doors refuse it; another program may have written it.
    made = Decision(DecisionKind.CORRECT, found, "Ana", "modality", "threatened", None, "why", "2031-01-01T00:00:00Z")
    office.append(made)
    row = office.row(made)
    assert row.status == "not_applied"
    assert row.because == "a claim that accuses is asserted, not threatened; retract it where nothing fits"


def test_a_correction_of_a_retracted_claim_waits(office: Office) -> None:
    found = claim(office.tell(RAID)).id
    dated = office.rule("correct", found, field="date", value="2031-05-01")
    gone = office.rule("retract", found)
    assert (office.row(dated).status, office.page().orphaned) == ("not_applied", [])
    office.rule("undo", gone.id)
    assert office.row(dated).status == "applied"
    assert office.graph.claim(found).claim.date == "2031-05-01"


# ---- what cannot be decided ----


@pytest.mark.parametrize(
    ("ruling", "subject", "other", "given", "error", "words"),
    [
        ("merge", "actor-ardania", "actor-nobody", {}, NotFound, "nothing has the id 'actor-nobody'"),
        ("merge", "actor-ardania", "place-kesh", {}, BadQuery, "actor-ardania is an actor and place-kesh is a place"),
        ("merge", "INC", "actor-ardania", {}, BadQuery, "only two of one sort"),
        ("merge", "CLAIM", "THREAT", {}, BadQuery, "two claims are judged by same_text or other_text"),
        ("same_text", "actor-ardania", "actor-beloria", {}, BadQuery, "two claims are judged by"),
        ("split", "ART", "INC", {}, BadQuery, "only mentions, actors, places, incidents"),
        ("correct", "clm-none", None, {"field": "date", "value": "2031"}, NotFound, "no claim has the id 'clm-none'"),
        (
            "correct",
            "CLAIM",
            None,
            {"field": "type", "value": "retaliates"},
            BadQuery,
            "is carried_out or threatened or",
        ),
        ("correct", "CLAIM", None, {"field": "denial_kind", "value": "intent"}, BadQuery, "only a denial has"),
        ("correct", "CLAIM", None, {"field": "threat_kind", "value": "ordered"}, BadQuery, "only a threat has"),
        ("retract", "actor-ardania", None, {}, NotFound, "no article, claim, incident or acknowledgement"),
        ("retract", "art-none", None, {}, NotFound, "no article, claim, incident or acknowledgement"),
        ("undo", "dec-none", None, {}, NotFound, "no decision has the id 'dec-none'"),
        ("undo", "ART", None, {}, NotFound, "no decision has the id"),
    ],
)
def test_what_could_never_come_to_anything_is_refused_and_stores_nothing(
    office: Office,
    ruling: str,
    subject: str,
    other: str | None,
    given: dict[str, str],
    error: type[Exception],
    words: str,
) -> None:
    raid, threat = office.tell(RAID), office.tell(THREAT)
    known = {
        "INC": raid.incidents[0].id, "CLAIM": claim(raid).id, "THREAT": claim(threat, "retaliates").id,
        "ART": raid.article,
    }  # fmt: skip
    before = office.ledger.revision
    with pytest.raises(error) as why:
        office.rule(ruling, known.get(subject, subject), known.get(other, other) if other else None, **given)
    assert words in str(why.value)
    assert office.ledger.revision == before


def test_what_is_retracted_is_not_retracted_again(office: Office) -> None:
    name = office.tell(RAID).article
    gone = office.rule("retract", name)
    with pytest.raises(NotFound, match=f"{name} is retracted already: Ana at .* \\({gone.id}\\)"):
        office.rule("retract", name)


def test_mentions_are_judged_against_mentions_actors_and_places(office: Office) -> None:
    reading = office.tell("Fleet accused Beloria.")
    fleet = next(one for one in reading.mentions if one.name == "Fleet")
    office.rule("split", fleet.id, "actor-fleet")
    office.rule("merge", fleet.id, "actor-beloria")
    assert office.graph.claim(claim(reading).id).source == "actor-beloria"


# ---- a newer extractor version ----


def test_decisions_survive_a_newer_reading_that_finds_the_same(office: Office) -> None:
    text = "Ardania accused Beloria over the raid in Kesh. Fleet denied Ardania. Cerinia blamed Fleet."
    reading = office.tell(text)
    accusation, denial = claim(reading), claim(reading, "denies")
    merged = office.rule("merge", "actor-fleet", "actor-beloria")
    dated = office.rule("correct", accusation.id, field="date", value="2031-05-01")
    gone = office.rule("retract", denial.id)

    newer = office.tell(text, version=2)
    assert {one.id for one in reading.claims} < {one.id for one in newer.claims}, "version 2 finds more"
    graph = office.graph
    assert graph.readers[reading.article] == "plain@2"
    assert graph.actor_id("actor-fleet") == graph.actor_id("actor-beloria")
    assert graph.claim(accusation.id).claim.date == "2031-05-01"
    assert denial.id not in graph.claims
    # What only the newer version finds is under the older decisions, too.
    (blamed,) = (one for one in newer.claims if one.id not in {old.id for old in reading.claims})
    assert graph.claim(blamed.id).target == graph.actor_id("actor-beloria")
    assert [office.row(one).status for one in (merged, dated, gone)] == ["applied"] * 3
    assert office.page().orphaned == []


def moved(reading: Reading, type_: ClaimType) -> Reading:
    """The reading of a newer version, which takes the claim of this type from a shorter span."""
    claims: list[Claim] = []
    renamed: dict[str | None, str] = {}
    for one in reading.claims:
        if one.type is type_:
            at = dataclasses.replace(one.evidence, end=one.evidence.end - 1, quote=one.evidence.quote[:-1])
            claims.append(dataclasses.replace(one, evidence=at, id=""))
            renamed[one.id] = claims[-1].id
        else:
            claims.append(dataclasses.replace(one, responds_to=renamed.get(one.responds_to, one.responds_to)))
    return dataclasses.replace(reading, extractor="plain@3", claims=tuple(claims), id="")


def test_what_a_newer_reading_finds_elsewhere_leaves_decisions_orphaned_not_lost(office: Office) -> None:
    reading = office.tell(RAID + " Beloria denied Ardania.")
    accusation, denial = claim(reading), claim(reading, "denies")
    dated = office.rule("correct", accusation.id, field="date", value="2031-05-01")
    gone = office.rule("retract", accusation.id)
    kept = office.rule("correct", denial.id, field="denial_kind", value="intent")
    office.rule("undo", gone.id)
    again = office.rule("retract", accusation.id, by="Ben")

    office.remember(moved(reading, ClaimType.ACCUSES))
    page = office.page()
    assert [row.id for row in page.orphaned] == [again.id, dated.id], "the undone one is no orphan"
    assert {row.status for row in page.orphaned} == {"orphaned"}
    assert page.orphaned[0].because == (
        f"no newest reading of an article holds {accusation.id}; a newer extractor reads it otherwise"
    )
    assert office.row(kept).status == "applied"
    # The claim is there, where it is found now, and nobody has retracted it.
    assert len(office.graph.claims_of(ClaimType.ACCUSES)) == 1
    # As long as the ledger holds it, an older revision tells it as it was; a still newer reading can bring it back.
    office.remember(dataclasses.replace(reading, extractor="plain@4", id=""))
    assert office.page().orphaned == []
    assert office.row(again).status == "applied"


def test_a_merge_of_what_no_reading_holds_any_more_is_orphaned(office: Office) -> None:
    one, other = (office.tell(text) for text in RAIDS[:2])
    merged = office.rule("merge", one.incidents[0].id, other.incidents[0].id)
    claims = tuple(dataclasses.replace(row, incident=None) for row in other.claims)
    office.remember(dataclasses.replace(other, extractor="plain@3", incidents=(), claims=claims, id=""))
    assert [row.id for row in office.page().orphaned] == [merged.id]
    assert other.incidents[0].id in (office.row(merged).because or "")


def test_a_retracted_article_stays_out_however_often_it_is_read(office: Office) -> None:
    reading = office.tell(RAID)
    gone = office.rule("retract", reading.article)
    office.tell(RAID)
    office.tell(RAID, version=2)
    assert office.graph.articles == {}
    assert office.graph.claims == {}
    assert office.page().orphaned == []
    office.rule("undo", gone.id)
    assert office.graph.readers == {reading.article: "plain@2"}


# ---- the log ----


def test_the_log_is_newest_first_and_filtered(office: Office) -> None:
    one, other = (office.tell(text) for text in RAIDS[:2])
    gone = office.rule("retract", claim(one).id)
    back = office.rule("undo", gone.id, by="Ben")
    merged = office.rule("merge", one.incidents[0].id, other.incidents[0].id)
    assert [row.id for row in office.page().log] == [merged.id, back.id, gone.id]
    assert [row.kind for row in office.page().log] == ["merge", "undo", "retract"]
    assert [row.id for row in office.page(by="ben").log] == [back.id]
    assert [row.id for row in office.page(kind=Ruling.MERGE).log] == [merged.id]
    # What undoes a decision about a claim is about the claim.
    assert [row.id for row in office.page(subject=claim(one).id).log] == [back.id, gone.id]
    assert [row.id for row in office.page(subject=other.incidents[0].id).log] == [merged.id]
    assert office.page(since="2000", until="2001").total == 0
    assert office.page(since=(merged.at or "")[:10]).total == 3
    row = office.row(merged)
    assert (row.subject_label, row.object_label) == ("raid, Kesh", "raid, Kesh")
    assert office.row(gone).subject_label == RAID
    assert office.page(by="nobody").log == []
    linkers = office.page(500, linkers=True)
    assert linkers.total > 3
    assert {row.by for row in linkers.log} == {"Ana", "Ben", "names@2"}
    assert all(row.at for row in office.page(500, linkers=True).log) is False, "no instant was given to this log"
    with pytest.raises(BadQuery):
        office.page(since="soon")


def test_pages_of_the_log_hold_everything_once_while_it_grows(office: Office) -> None:
    found = claim(office.tell(RAID)).id
    made = [office.rule("correct", found, field="date", value=f"2031-05-{day:02d}") for day in range(1, 8)]
    first = office.page(3)
    office.rule("correct", found, field="date", value="2031-06-01")
    second = office.page(3, first.next)
    third = office.page(3, second.next)
    assert [row.id for page in (first, second, third) for row in page.log] == [one.id for one in made[::-1]]
    assert (first.total, second.total, third.next) == (7, 8, None)
    with pytest.raises(BadQuery):
        office.page(3, first.next, by="Ana")


def test_a_log_follows_a_ledger_and_begins_anew_where_that_was_put_back(office: Office) -> None:
    reading = office.tell(RAID)
    office.rule("retract", claim(reading).id)
    log = office.read()
    assert log.revision == office.ledger.revision == 2
    assert log.held([reading.article, claim(reading).id, "clm-none"]) == {reading.article, claim(reading).id}
    entries = list(office.ledger.entries())
    log.follow(lambda since: [one for one in entries if since < one[0] < 2], 1)
    assert (log.revision, log.people) == (1, [])


def test_a_log_that_was_broken_off_is_read_anew() -> None:
    def broken() -> object:
        yield 1, Decision(DecisionKind.RETRACT, "art-a", "Ana", at="2031-01-01T00:00:00Z")
        raise OSError("the disk is gone")

    log = Log()
    with pytest.raises(OSError, match="gone"):
        log.follow(lambda _: broken(), 1)  # type: ignore[arg-type, return-value]
    assert (log.revision, log.taken) == (0, [])


# ---- the review queue ----


def test_a_doubt_is_shown_with_both_sides_and_each_answer_takes_it_away(office: Office) -> None:
    readings = [office.tell(text) for text in RAIDS]
    a, b, c = (one.incidents[0].id for one in readings)
    near, far = judged(b, a, Judgement.UNSURE, score=0.6), judged(c, a, Judgement.UNSURE, score=0.4)
    office.append(near, far)
    page = office.queue()
    assert [one.id for one in page.doubts] == [near.id, far.id]
    first = page.doubts[0]
    assert (first.score, first.reason, first.by, first.answers) == (
        0.6, "they are near", "incidents@1", ("merge", "split", "leave"),
    )  # fmt: skip
    assert (first.left.id, first.left.label, first.left.place, first.left.types) == (b, "raid, Kesh", "Kesh", ("raid",))
    assert [one.quote for one in first.left.claims] == [RAIDS[1]]
    assert [(one.source, one.target) for one in first.right.claims] == [("Ardania", "Beloria")]
    assert office.row(near).status == "open"

    left = office.rule("leave", a, b)
    assert [one.id for one in office.queue().doubts] == [far.id]
    assert (office.row(near).status, office.row(left).status) == ("overruled", "applied")
    assert len(office.graph.incidents) == 3
    merged = office.rule("merge", a, c)
    assert office.queue().total == 0
    office.rule("undo", merged.id)
    assert [one.id for one in office.queue().doubts] == [far.id]
    office.rule("split", c, a)
    assert office.queue().total == 0


def test_a_doubt_about_texts_shows_the_claims(office: Office) -> None:
    one, other = (office.tell(text, url=f"https://gazette.example/{n}") for n, text in enumerate((RAID, RAID)))
    left, right = claim(one).id, claim(other).id
    office.append(Decision(DecisionKind.LINEAGE, right, "copies@1", left, None, Judgement.UNSURE, "alike", None, 0.5))
    (doubt,) = office.queue().doubts
    assert doubt.answers == ("same_text", "other_text", "leave")
    assert (doubt.left.kind, [one.id for one in doubt.left.claims]) == ("claim", [right])
    office.rule("same_text", right, left)
    assert office.graph.claim(right).lineage == one.article
    assert office.queue().total == 0


def test_a_doubt_about_actors_and_about_places(office: Office) -> None:
    office.tell(RAIDS[2])
    office.tell("New Dawn accused Cerinia over the raid in Port Selm.")
    office.append(
        judged("actor-new-dawn", "actor-beloria", Judgement.UNSURE, by="names@2", score=0.2),
        judged("place-kesh", next(iter({*office.graph.places} - {"place-kesh"})), Judgement.UNSURE, by="spots@1"),
    )
    sides = {side.kind: side for doubt in office.queue().doubts for side in (doubt.left,)}
    assert (sides["actor"].label, sides["actor"].claims_total) == ("New Dawn", 2)
    assert (sides["place"].label, sides["place"].claims_total) == ("Kesh", 1)


def test_what_is_retracted_waits_for_nobody(office: Office) -> None:
    one, other = (office.tell(text) for text in RAIDS[:2])
    office.append(judged(other.incidents[0].id, one.incidents[0].id, Judgement.UNSURE))
    gone = office.rule("retract", one.article)
    assert (office.queue().total, office.queue().left_out) == (0, 1)
    office.rule("undo", gone.id)
    assert (office.queue().total, office.queue().left_out) == (1, 0)


def test_pages_of_the_queue(office: Office) -> None:
    first = office.tell(RAID).incidents[0].id
    others = [office.tell(f"Cerinia accused Beloria over the raid in Kesh on 2031-05-{n:02d}.") for n in range(1, 6)]
    office.append(*(judged(one.incidents[0].id, first, Judgement.UNSURE, score=0.5) for one in others))
    seen, cursor = [], None
    while True:
        page = office.queue(2, cursor)
        seen += [one.id for one in page.doubts]
        if (cursor := page.next) is None:
            break
    assert len(seen) == len(set(seen)) == page.total == 5


def test_a_batch_of_nothing_is_no_decision(office: Office) -> None:
    assert office.ledger.append(Batch()) == 0
    assert (office.page().log, office.queue().doubts) == ([], [])
