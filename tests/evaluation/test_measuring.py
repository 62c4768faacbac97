"""Everything measured together, and held against the corpus's own scorer where that lies beside the checkout."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from app.evaluation import Comparison, Evaluation, Naming, evaluate, read_annotated
from app.evaluation.annotated import Coding
from app.evaluation.names import same_spelling
from app.vocabulary.errors import BadInput
from app.vocabulary.names import Gazetteer
from app.vocabulary.terms import MODALITIES, ClaimType

if TYPE_CHECKING:
    from tests.evaluation.conftest import Coder


def measure(comparisons: list[Comparison], gazetteer: Gazetteer) -> Evaluation:
    return evaluate(comparisons, Naming(gazetteer), version="0.1.0", extractor="plain@1")


def test_counts_and_sets(coder: Coder, gazetteer: Gazetteer) -> None:
    some = [coder.compare(coder.wanted, file="train-a01-x"), coder.compare([], [], file="dev-02-y")]
    found = measure([*some, coder.compare(coder.wanted[:2], file="dev-01-z")], gazetteer)
    assert (found.articles, found.claims, found.optional, found.found, found.optional_found) == (3, 14, 2, 10, 1)
    assert [(row.name, row.articles, row.claims) for row in found.sets] == [("dev", 2, 7), ("train-a", 1, 7)]
    assert [row.strict.recall for row in found.sets] == pytest.approx([2 / 7, 1])
    assert found.words == 3 * len(coder.text.split())
    assert found.claim_free.silent == 1


def test_fields_of_matched_claims(coder: Coder, gazetteer: Gazetteer) -> None:
    found = coder.but(
        {
            "c1": {"date": "2031-05-05"},
            "c2": {"date": "2031-05-05", "incident": "i9"},
            "c3": {"speaker": "Prem", "responds_to": "c1"},
            "c4": {"speaker": "Revik", "incident": None},
            "c5": {"modality": "carried_out", "responds_to": None},
        },
        without=("c8",),
    )
    fields = measure([coder.compare(found)], gazetteer).fields
    assert (fields.speaker.right, fields.speaker.of) == (4, 6)
    assert fields.speaker_or_surname.right == 5
    assert (fields.modality.right, fields.modality_of_retaliations.share) == (5, 0)
    assert (fields.date.right, fields.date.of) == (0, 1)
    # c1 and c3 are of the same incident still, c2 of another, c4 of none; c5 and c7 are of none on both sides.
    assert (fields.incident.right, fields.incident.of) == (4, 6)
    assert (fields.responds_to.right, fields.responds_to.of) == (1, 2)


def test_without_matches_fields_are_unknown(coder: Coder, gazetteer: Gazetteer) -> None:
    fields = measure([coder.compare([])], gazetteer).fields
    assert fields.speaker.share is None


def test_nothing_cannot_be_measured(gazetteer: Gazetteer) -> None:
    with pytest.raises(BadInput, match="no annotated article"):
        measure([], gazetteer)


# ---- beside the corpus's own scorer ----


@pytest.fixture(scope="module")
def scorer(gold: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("polemos_tests_scorer", gold / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def spoilt(claims: tuple[Coding, ...], article: str, rate: float, dice: random.Random) -> list[dict[str, Any]]:
    """What an extractor might have found: some left out, some doubled, some with another field or passage."""
    names = ["the U.S.", "Russian Federation", "Türkiye", "Government of the DPRK", "Atlantis", "", "Unknown", "EU"]
    names += [name for claim in claims for name in (claim.source, claim.target or "nobody")]
    found: list[dict[str, Any]] = []
    for claim in claims:
        if dice.random() < rate / 2:
            continue
        for _ in range(1 + (dice.random() < rate / 4)):
            said: dict[str, Any] = {
                name: getattr(claim, name)
                for name in ("id", "type", "source", "target", "speaker", "modality", "date", "evidence")
            }
            start = dice.randrange(len(article))
            words = claim.evidence.split()
            part = " ".join(words[: dice.randint(1, len(words))]).upper()
            for name, other in (
                ("source", dice.choice(names)),
                ("target", dice.choice([*names, None])),
                ("speaker", dice.choice([*names, (claim.speaker or "x").split()[-1]])),
                ("type", dice.choice(list(ClaimType))),
                ("modality", dice.choice(MODALITIES[ClaimType.RETALIATES])),
                ("date", dice.choice([None, "2001-01-01"])),
                ("evidence", dice.choice([article[start : start + 200], part, "words that stand nowhere", "…"])),
            ):
                said[name] = other if dice.random() < rate / 3 else said[name]
            found.append(said)
    dice.shuffle(found)
    return found


def test_names_are_one_where_the_corpus_says_so(gold: Path, scorer: ModuleType) -> None:
    claims = [claim for one in read_annotated(gold) for claim in one.claims]
    names = {name for claim in claims for name in (claim.source, claim.target, claim.speaker)}
    names |= {name for one, others in scorer.ALIASES.items() for name in (one, *others.split("|"))}
    assert len(names) > 500
    for name in names:
        for form in (name, f"the {name}", f"Government of the {name}", f"Islamic Republic of {name}"):
            assert same_spelling(form) == scorer.norm(form), form
    assert same_spelling(None) == scorer.norm(None)


@pytest.mark.parametrize(("rate", "seed"), [(0.0, 1), (0.4, 2), (1.2, 3)])
def test_figures_equal_those_of_the_corpus(
    gold: Path, scorer: ModuleType, gazetteer: Gazetteer, rate: float, seed: int
) -> None:
    dice = random.Random(seed)
    annotated = read_annotated(gold)
    assert len(annotated) > 300
    found = {one.id: spoilt(one.claims, f"{one.article.title} {one.article.text}", rate, dice) for one in annotated}
    ours = measure([Comparison(one, found[one.id]) for one in annotated], gazetteer)
    counts = scorer.score(
        scorer.load(str(gold)), {name: {"id": name, "claims": claims} for name, claims in found.items()}
    )
    theirs = scorer.summarise(list(counts.values()))

    measures = [("strict", ours.strict), ("dyad", ours.dyad), ("type-only", ours.type_only)]
    for name, one in measures + [(f"strict {type_}", one) for type_, one in ours.types.items()]:
        expected = theirs[name]
        assert (one.found, one.wrong, one.missed) == (expected["tp"], expected["fp"], expected["fn"]), name
        assert (one.precision, one.recall, one.f1) == pytest.approx((expected["p"], expected["r"], expected["f1"])), (
            name
        )
    assert (ours.found, ours.optional_found) == (theirs["predicted"], theirs["optional found"])
    for share, name in (
        (ours.fields.speaker, "speaker accuracy (exact)"),
        (ours.fields.speaker_or_surname, "speaker accuracy (lenient)"),
        (ours.fields.modality, "modality accuracy"),
        (ours.fields.modality_of_retaliations, "modality accuracy (retaliates)"),
        (ours.fields.date, "date accuracy (where both dated)"),
    ):
        assert share.share == pytest.approx(theirs[name]), name
    free = theirs["no-claim"]
    assert ours.claim_free.articles == free["articles"]
    assert (ours.claim_free.false_claims, ours.claim_free.silent) == (
        free["false positives"],
        free["articles without any"],
    )


def test_the_interval_is_about_that_of_the_corpus(gold: Path, scorer: ModuleType, gazetteer: Gazetteer) -> None:
    dice = random.Random(6)
    annotated = read_annotated(gold, "dev-*")
    found = {one.id: spoilt(one.claims, one.article.text, 0.6, dice) for one in annotated}
    ours = measure([Comparison(one, found[one.id]) for one in annotated], gazetteer).strict.interval
    bodies = {name: body for name, body in scorer.load(str(gold)).items() if name in found}
    counts = scorer.score(bodies, {name: {"id": name, "claims": claims} for name, claims in found.items()})
    assert ours == pytest.approx(scorer.interval(list(counts.values())), abs=0.02)
