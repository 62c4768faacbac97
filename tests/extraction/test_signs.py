"""The cue test: what it lets pass unread would have given nothing, and it knows every written form of every cue."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from app.extraction import Extractor
from app.extraction.hybrid import HybridExtractor
from app.extraction.language import MAX_SENTENCE_TOKENS, pipeline
from app.extraction.lexicon import Lexicon
from app.extraction.recorded import annotated_article
from app.extraction.rules import NAME, RulesExtractor
from app.extraction.signs import CueTest, Signs
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "graph_data"
SAMPLES = DATA / "articles"
ANNOTATED = ROOT.parent / "shared" / "gold"
pytestmark = pytest.mark.model

MAKERS: dict[str, Callable[..., Extractor]] = {"rules": RulesExtractor.from_data, "hybrid": HybridExtractor.from_data}
BARE = (
    "The bakery on Mill Street opens at six. Its rye loaf won a prize at the county fair in June, and the baker "
    "plans a second shop near the station next spring.\nSchool children painted the door blue."
)


@pytest.fixture(scope="module")
def cue_test(world: Gazetteer, lexicon: Lexicon) -> CueTest:
    return CueTest(pipeline(), lexicon, world)


def _signs(cue_test: CueTest, text: str, title: str = "") -> Signs:
    nlp = pipeline()
    return cue_test.of(nlp.make_doc(title), nlp.make_doc(text))


def _examples() -> list[tuple[str, str]]:
    found = []
    for name in ("accuse", "deny", "retaliate", "acknowledgements"):
        with (DATA / "lexicons" / f"{name}.tsv").open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            found += [(f"{name}/{row['cue']}", row["example"]) for row in rows]
    return found


def _annotated(folder: Path) -> list[Article]:
    bodies = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*-*.json"))]
    return [annotated_article(body) for body in bodies if "text" in body]


def _is_same_without(name: str, articles: list[Article]) -> None:
    """The readings with the cue test are those of the full parse, byte for byte."""
    assert articles
    sifted, full = (MAKERS[name](DATA, sift=sift).read(articles) for sift in (True, False))
    for article, one, other in zip(articles, sifted, full, strict=True):
        assert msgspec.json.encode(one) == msgspec.json.encode(other), article.title


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", MAKERS)
def test_the_samples_are_read_as_by_the_full_parse(name: str) -> None:
    _is_same_without(name, _annotated(SAMPLES))


@pytest.mark.timeout(1800)
@pytest.mark.skipif(not ANNOTATED.is_dir(), reason="the annotated articles are not at hand")
@pytest.mark.parametrize("name", MAKERS)
def test_annotated_articles_are_read_as_by_the_full_parse(name: str) -> None:
    # Every sixth; `tests.benchmarks.extraction --gold` holds all of them side by side.
    _is_same_without(name, _annotated(ANNOTATED)[::6])


@pytest.mark.parametrize(("cue", "example"), _examples(), ids=lambda value: value if "/" in value else "")
def test_the_example_of_each_cue_shows_it(cue_test: CueTest, cue: str, example: str) -> None:
    assert _signs(cue_test, example).cue
    assert _signs(cue_test, "", title=example).cue


def test_it_knows_every_form_that_the_lemmatiser_takes_for_a_cue(cue_test: CueTest, lexicon: Lexicon) -> None:
    cues = [cue for some in (lexicon.accuse, lexicon.deny, lexicon.retaliate) for of in some.values() for cue in of]
    alone = {cue.words[0] for cue in cues if len(cue.words) == 1}
    seen: dict[str, set[str]] = {}
    for doc in pipeline().pipe(article.text for article in _annotated(SAMPLES)):
        for token in doc:
            if token.lemma_.lower() in alone:
                seen.setdefault(token.lemma_.lower(), set()).add(token.lower_)
    assert sum(len(forms) for forms in seen.values()) > 30
    for forms in seen.values():
        for form in forms:
            assert _signs(cue_test, form).cue, form


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("Ardania denies it.", True),
        ("Ardania did not back the plan, and has nothing whatever to do with the dam.", True),
        ("Ardania did not back the plan.\nIt is not wise to stand right behind Beloria.", True),
        ("Ardania holds Beloria to be, in the end, responsible.", True),
        ("Ardania holds Beloria dear.\nIt is responsible.", False),
        ("Each side accused the other.", True),
        (BARE, False),
    ],
)
def test_a_cue_of_several_words_needs_them_all_in_one_paragraph(cue_test: CueTest, text: str, cue: bool) -> None:
    assert _signs(cue_test, text).cue is cue


@pytest.mark.parametrize(
    ("text", "likely"),
    [
        ("Ardania accused Beloria of arson.", True),
        ("Mr Tam called his mother.", False),
        ("Ardania called the raid an act of piracy.", True),
        ("The shop will charge for bags.", False),
        ("Ardania's army said Beloria had come.", True),
        ("The mayor said the tram had come.", False),
        ("Ardania said that the tram had been bombed.", True),
    ],
)
def test_a_claim_is_likely_where_a_frame_is_complete(cue_test: CueTest, text: str, likely: bool) -> None:
    assert bool(_signs(cue_test, text).likely) is likely


def test_passages_stand_where_their_words_do(cue_test: CueTest) -> None:
    text = f"{BARE}\nArdania accused Beloria of arson. Nothing else was said."
    ((part, start, end),) = _signs(cue_test, text).likely
    assert (part, text[start:end]) == ("text", "Ardania accused Beloria of arson.")


@pytest.mark.parametrize("name", MAKERS)
def test_an_article_without_signs_is_not_parsed_and_says_nothing(name: str) -> None:
    extractor = MAKERS[name](DATA)
    (reading,) = extractor.read([Article("Loaves", BARE, published="2026-03-04")])
    assert (reading.mentions, reading.claims, reading.refusals) == ((), (), ())
    assert reading.extractor == extractor.name


def test_only_what_is_worth_it_is_parsed_and_order_is_kept(rules: RulesExtractor) -> None:
    texts = [BARE, "Ardania accused Beloria of arson.", BARE + " Open daily.", "Beloria denied that it did it."]
    articles = [Article(str(number), text) for number, text in enumerate(texts * 30)]
    found = list(rules.sifted(articles, NAME, lambda signs: signs.cue))
    assert [article for article, _, _ in found] == articles
    assert [study is not None for _, _, study in found] == [False, True] * 60


@pytest.mark.parametrize("name", MAKERS)
def test_a_sentence_too_long_to_be_read_is_refused_all_the_same(name: str) -> None:
    text = "The list names " + ", ".join(f"item {number}" for number in range(MAX_SENTENCE_TOKENS)) + "."
    readings = [next(iter(MAKERS[name](DATA, sift=sift).read([Article("List", text)]))) for sift in (True, False)]
    assert readings[0] == readings[1]
    assert readings[0].refusals


def test_a_pipeline_whose_lemmas_cannot_be_foretold_lets_everything_pass(world: Gazetteer, lexicon: Lexicon) -> None:
    import spacy

    nlp = spacy.blank("en")
    signs = CueTest(nlp, lexicon, world).of(nlp.make_doc("Loaves"), nlp.make_doc(BARE))
    assert signs.cue
    assert signs.told
    assert signs.likely == (("title", 0, 6), ("text", 0, len(BARE)))
