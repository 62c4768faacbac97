"""An invented article as a careful reader codes it, to be held against whatever a test says was found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.evaluation import AnnotatedArticle, Comparison
from app.evaluation.annotated import codings
from app.vocabulary.records import Article

Claim = dict[str, Any]

TITLE = "Ardania blames Beloria for raid"
TEXT = (
    "Ardania on Monday accused Beloria of raiding the market in Kesh. "
    "“We had nothing to do with it,” said Belorian minister Ola Prem. He added that Ardania was lying.\n\n"
    "Ardania vowed to hit back. Cerinia urged it to answer, and said that both Beloria and the Free Coast Brigade had "
    "sent men."
)
BLAMES, ACCUSED = TITLE, "Ardania on Monday accused Beloria of raiding the market in Kesh."
DENIED, LYING = "“We had nothing to do with it,” said Belorian minister Ola Prem.", "He added that Ardania was lying."
VOWED, URGED = "Ardania vowed to hit back.", "Cerinia urged it to answer"
BOTH = "both Beloria and the Free Coast Brigade had sent men"


def claim(id_: str, type_: str, source: str, target: str | None, evidence: str, **more: object) -> Claim:
    modality = "threatened" if type_ == "retaliates" else "asserted"
    said = {"id": id_, "type": type_, "source": source, "target": target, "speaker": source, "evidence": evidence}
    return {**said, "modality": modality, **more}


WANTED = [
    claim("c1", "accuses", "Ardania", "Beloria", BLAMES, incident="i1"),
    claim("c2", "accuses", "Ardania", "Beloria", ACCUSED, incident="i1", date="2031-05-04"),
    claim("c3", "denies", "Beloria", "Ardania", DENIED, speaker="Ola Prem", incident="i1", responds_to="c2"),
    claim("c4", "accuses", "Beloria", "Ardania", LYING, speaker="Ola Prem", incident="i2"),
    claim("c5", "retaliates", "Ardania", None, VOWED, responds_to="i1"),
    claim("c6", "retaliates", "Cerinia", "Beloria", URGED, modality="called_for", optional=True),
    claim("c7", "accuses", "Cerinia", "Beloria", BOTH),
    claim("c8", "accuses", "Cerinia", "Free Coast Brigade", BOTH),
]


class Coder:
    """Makes codings and holds them against each other."""

    title, text = TITLE, TEXT
    wanted = WANTED

    def __init__(self) -> None:
        self.claim = claim

    def but(self, changes: dict[str, Claim], *, without: tuple[str, ...] = ()) -> list[Claim]:
        """The careful reader's claims with other fields for some of them, and without some."""
        return [{**one, **changes.get(one["id"], {})} for one in WANTED if one["id"] not in without]

    def compare(
        self,
        found: list[Claim],
        wanted: list[Claim] = WANTED,
        *,
        text: str = TEXT,
        file: str = "dev-01-kesh",
        least: float = 0.0,
    ) -> Comparison:
        annotated = AnnotatedArticle(file, file, Article(TITLE, text), codings(wanted))
        return Comparison(annotated, found, least)


@pytest.fixture
def coder() -> Coder:
    return Coder()


@pytest.fixture(scope="session")
def gold() -> Path:
    """The annotated corpus, where it lies beside the checkout."""
    folder = Path(__file__).resolve().parents[2].parent / "shared" / "gold"
    if not (folder / "score.py").exists():
        pytest.skip("the annotated corpus is not beside this checkout")
    return folder
