"""Two readers of one article: what both find is surer, what one finds is less so, and each claim says whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.extraction.base import ReadingBuilder
from app.extraction.llm import CONFIDENCE, LlmExtractor
from app.extraction.llm_both import MOST, BothExtractor, both_name, less_sure, surer
from app.extraction.llm_instruction import Instruction
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Claim, Reading
from app.vocabulary.second_reader import doubt
from app.vocabulary.terms import ClaimType, Modality, NodeKind, RefusalReason
from tests.extraction.test_llm import DATA, claim
from tests.model_server import Answer, accounts, model_server, said

SURE = 0.8
ACCUSED = "Ardania accused Beloria of the raid on Port Cale"
STRUCK = "Ardania shelled Belgard in response to the raid"
TEXT = Article(
    "", f"Nine died on Monday. {ACCUSED}, its minister said.\n\n{STRUCK}, and more would follow.", "2026-03-04"
)


class Fixed:
    """A reader that finds what it is told to, sentence by sentence."""

    name = "rules@7"

    def __init__(self, *claims: tuple[ClaimType, str, str, Modality]) -> None:
        self._claims = claims

    def read(self, articles: Iterable[Article]) -> Iterator[Reading]:
        for article in articles:
            builder = ReadingBuilder(article, self.name)
            for kind, words, target, modality in self._claims:
                at = builder.locate(words)
                assert at is not None
                actors = [builder.mention(NodeKind.ACTOR, name, at) for name in ("Ardania", target)]
                incident = builder.incident("raid", at)
                builder.claim(
                    kind,
                    speaker=actors[0],
                    source=actors[0],
                    target=actors[1],
                    modality=modality,
                    evidence=at,
                    incident=incident,
                    confidence=SURE,
                    cue="a cue",
                )
            builder.refuse(RefusalReason.QUESTION, "a question")
            yield builder.reading()


ONE_ACCUSATION = (ClaimType.ACCUSES, f"{ACCUSED}, its minister said.", "Beloria", Modality.ASSERTED)
ONE_BLOW = (ClaimType.RETALIATES, f"{STRUCK}, and more would follow.", "Beloria", Modality.CARRIED_OUT)


@pytest.fixture(scope="module")
def instruction() -> Instruction:
    return Instruction.load(DATA)


class Pair:
    def __init__(self, folder: Path, world: Gazetteer, instruction: Instruction) -> None:
        self.folder, self.world, self.instruction = folder, world, instruction

    def read(self, first: Fixed, answer: Answer) -> Reading:
        with model_server(answer=answer) as server:
            endpoint = server.endpoint(self.folder)
            llm = LlmExtractor(endpoint, self.instruction, self.world, accounts(endpoint))
            extractor = BothExtractor(first, llm)
            (reading,) = extractor.read([TEXT])
        assert reading.extractor == extractor.name
        for one in reading.claims:
            one.evidence.check(TEXT)
        mentions = {mention.id for mention in reading.mentions}
        things = {incident.id for incident in reading.incidents} | {one.id for one in reading.claims}
        for one in reading.claims:
            assert {one.speaker, one.source} <= mentions
            assert {one.incident, one.responds_to} - {None} <= things
        return reading


@pytest.fixture
def pair(tmp_path: Path, world: Gazetteer, instruction: Instruction) -> Pair:
    return Pair(tmp_path, world, instruction)


def lists(*claims: dict[str, object]) -> Answer:
    """A model that lists these claims for the passages that hold their quotes."""
    return lambda passage, _: said({"claims": [one for one in claims if str(one["quote"]) in passage]})


def of(reading: Reading, kind: ClaimType) -> Claim:
    (found,) = (one for one in reading.claims if one.type is kind)
    return found


def test_what_both_find_is_one_claim_and_surer(pair: Pair) -> None:
    reading = pair.read(Fixed(ONE_ACCUSATION), lists(claim(ACCUSED, incident="raid")))
    (found,) = reading.claims
    assert found.confidence == pytest.approx(1 - (1 - SURE) * (1 - CONFIDENCE))
    assert found.cue == "found by both: a cue"
    assert doubt(found.cue) is None
    # The first reader's claim stands: its passage is the sentence.
    assert found.evidence.quote == f"{ACCUSED}, its minister said."
    assert len(reading.incidents) == 1


def test_what_the_first_alone_finds(pair: Pair) -> None:
    reading = pair.read(Fixed(ONE_ACCUSATION), lists())
    (found,) = reading.claims
    assert found.confidence == pytest.approx(SURE / (2 - SURE), abs=1e-4)
    assert doubt(found.cue) == "found only by rules"


def test_what_the_model_alone_finds(pair: Pair) -> None:
    reading = pair.read(Fixed(), lists(claim(ACCUSED, incident="raid")))
    (found,) = reading.claims
    assert found.confidence == pytest.approx(CONFIDENCE / (2 - CONFIDENCE), abs=1e-4)
    assert doubt(found.cue) == "found only by llm"
    assert found.incident in {one.id for one in reading.incidents}


def test_another_target_is_another_claim_and_each_stands_alone(pair: Pair) -> None:
    reading = pair.read(Fixed(ONE_ACCUSATION), lists(claim(ACCUSED, target=None)))
    assert sorted(str(doubt(one.cue)) for one in reading.claims) == ["found only by llm", "found only by rules"]


def test_another_passage_is_another_claim(pair: Pair) -> None:
    reading = pair.read(
        Fixed(ONE_BLOW), lists(claim(ACCUSED, type="retaliates", modality="carried_out", source="Ardania"))
    )
    assert len(reading.claims) == 2


def test_another_modality_is_noted_and_raises_nothing(pair: Pair) -> None:
    reading = pair.read(Fixed(ONE_BLOW), lists(claim(STRUCK, type="retaliates", modality="threatened")))
    (found,) = reading.claims
    assert (found.modality, found.confidence) == (Modality.CARRIED_OUT, SURE)
    assert doubt(found.cue) == "found by both otherwise: llm: threatened"


def test_where_the_model_said_nothing_usable_nothing_is_concluded(pair: Pair) -> None:
    reading = pair.read(Fixed(ONE_ACCUSATION, ONE_BLOW), lambda p, _: said("Hm." if ACCUSED in p else {"claims": []}))
    assert (of(reading, ClaimType.ACCUSES).confidence, of(reading, ClaimType.ACCUSES).cue) == (SURE, "a cue")
    assert doubt(of(reading, ClaimType.RETALIATES).cue) == "found only by rules"


def test_refusals_of_both_are_told(pair: Pair) -> None:
    reading = pair.read(Fixed(), lambda *_: said({"claims": [claim("Nobody wrote this.")]}))
    assert {one.reason for one in reading.refusals} == {RefusalReason.QUESTION, RefusalReason.QUOTE_NOT_IN_TEXT}


def test_what_one_alone_finds_is_about_the_incident_that_both_know(pair: Pair) -> None:
    reading = pair.read(
        Fixed(ONE_ACCUSATION),
        lists(
            claim(ACCUSED, incident="raid"),
            claim(STRUCK, type="retaliates", modality="carried_out", incident="raid"),
        ),
    )
    accused, struck = of(reading, ClaimType.ACCUSES), of(reading, ClaimType.RETALIATES)
    assert struck.incident == struck.responds_to == accused.incident
    assert len(reading.incidents) == 1


def test_each_claim_is_of_one_pair_at_most(pair: Pair) -> None:
    reading = pair.read(Fixed(ONE_ACCUSATION), lists(claim(ACCUSED), claim("Ardania accused Beloria")))
    assert sorted(str(doubt(one.cue)) for one in reading.claims) == ["None", "found only by llm"]


@given(st.floats(0, 1), st.floats(0, 1))
def test_two_are_surer_than_one_and_one_of_two_less(one: float, other: float) -> None:
    assert 0 <= less_sure(one) <= one
    assert min(max(one, other), MOST) - 1e-9 <= surer(one, other) <= MOST
    assert surer(one, other) == pytest.approx(surer(other, one))


def test_a_new_version_of_either_is_a_new_version_of_both() -> None:
    names = {both_name(first, llm) for first in ("hybrid@2", "hybrid@3") for llm in ("llm:m@1", "llm:m@2")}
    assert len(names) == 4
    assert all(name.startswith("hybrid+llm:m@") for name in names)
