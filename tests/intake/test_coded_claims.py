"""Claims that people wrote down: rows and annotated articles, by article, and what is wrong with each."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.intake.coded.claim_rows import COLUMNS
from app.intake.coded.claims import MOST_ROWS, CodedArticle, coded_articles
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Refusal
from app.vocabulary.terms import ClaimType

ROW = {
    "type": "accuses",
    "source": "Ardania",
    "target": "Beloria",
    "quote": "Ardania accused Beloria of shelling Selm.",
    "date": "2031-05-04",
    "publisher": "Port Gazette",
    "published": "2031-05-05",
}
GOLD: dict[str, Any] = {
    "id": "gazette-7",
    "title": "Shelling at Selm",
    "publisher": "Port Gazette",
    "published": "2031-05-05",
    "text": "Ardania accused Beloria of shelling Selm. Beloria denied it. The Free Coast Brigade said it was its work.",
    "incidents": [{"id": "i1", "type": "shelling", "place": "Selm", "country": "XAR", "date": "2031-05-03"}],
    "claims": [
        {
            "id": "c1",
            "type": "accuses",
            "speaker": "Ana Vlasic",
            "source": "Ardania",
            "target": "Beloria",
            "incident": "i1",
            "modality": "asserted",
            "date": "2031-05-04",
            "responds_to": None,
            "evidence": "Ardania accused Beloria of shelling Selm.",
        },
        {
            "id": "c2",
            "type": "denies",
            "speaker": "Beloria",
            "source": "Beloria",
            "target": "Ardania",
            "incident": "i1",
            "modality": "asserted",
            "date": None,
            "responds_to": "c1",
            "evidence": "Beloria denied it.",
            "optional": True,
        },
    ],
    "acknowledgements": [
        {
            "kind": "self_claim",
            "actor": "Free Coast Brigade",
            "incident": "i1",
            "evidence": "The Free Coast Brigade said it was its work.",
        }
    ],
}


def table(path: Path, *rows: dict[str, str], mark: str = ",") -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, delimiter=mark, lineterminator="\n")
    writer.writeheader()
    writer.writerows({**ROW, **row} for row in rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def lines(path: Path, *objects: object) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in objects), encoding="utf-8")
    return path


def read(path: Path, coder: str | None = None) -> tuple[list[CodedArticle], list[Refusal]]:
    items = list(coded_articles(path, coder))
    return [one for one in items if isinstance(one, CodedArticle)], [one for one in items if isinstance(one, Refusal)]


def claims(articles: list[CodedArticle]) -> list[dict[str, Any]]:
    return [claim for one in articles for annotation in one.annotations for claim in annotation["claims"]]


def test_rows_of_one_article_come_together_whatever_their_order(tmp_path: Path) -> None:
    path = table(
        tmp_path / "mine.csv",
        {},
        {"publisher": "Hill Radio"},
        {"type": "denies", "source": "Beloria", "target": "Ardania", "quote": "It denied, “as ever”,\nall of it."},
    )
    articles, refused = read(path)
    assert refused == []
    assert [(one.article.publisher, one.claims, one.has_text) for one in articles] == [
        ("Port Gazette", 2, False),
        ("Hill Radio", 1, False),
    ]
    article = articles[0].article
    assert article.text == "Ardania accused Beloria of shelling Selm.\nIt denied, “as ever”,\nall of it."
    assert (article.published, article.url, article.title) == ("2031-05-05", None, "")


def test_what_nobody_published_is_an_article_for_each_quote(tmp_path: Path) -> None:
    rows = [{"publisher": "", "quote": quote, "target": target} for quote in ("One.", "Two.") for target in ("A", "B")]
    articles, _ = read(table(tmp_path / "mine.csv", *rows))
    assert [(one.article.text, one.claims) for one in articles] == [("One.", 2), ("Two.", 2)]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_row_keeps_all_that_it_tells(tmp_path: Path, mark: str, pack: Any) -> None:
    path = table(
        tmp_path / "mine.csv",
        {
            "type": "retaliates",
            "speaker": "Ana Vlasic",
            "modality": "threatened",
            "threat_kind": "conditional",
            "incident": "the shelling",
            "incident_type": "shelling",
            "place": "Selm",
            "country": "xar",
            "incident_date": "2031-05-01/2031-05-03",
            "relayed_by": "Hill Radio; Port Gazette",
            "source_named": "Ministry of the Coast",
            "target_named": "Belorian Navy",
            "confidence": "0.75",
            "cue": "by hand",
        },
        mark=mark,
    )
    path.write_bytes(pack(path.read_bytes()))
    (one,), refused = read(path, "Ana")
    assert refused == []
    (annotation,) = one.annotations
    assert annotation["incidents"] == [
        {"id": "the shelling", "type": "shelling", "place": "Selm", "country": "XAR", "date": "2031-05-01/2031-05-03"}
    ]
    assert annotation["claims"] == [
        {
            "id": f"{path}, line 2",
            "type": "retaliates",
            "speaker": "Ana Vlasic",
            "source": "Ardania",
            "target": "Beloria",
            "incident": "the shelling",
            "modality": "threatened",
            "date": "2031-05-04",
            "responds_to": None,
            "evidence": ROW["quote"],
            "threat_kind": "conditional",
            "source_named": "Ministry of the Coast",
            "relayed_by": ["Hill Radio", "Port Gazette"],
            "coded": {
                "denial_kind": None,
                "target_named": "Belorian Navy",
                "confidence": 0.75,
                "cue": "by hand",
                "article": None,
            },
        }
    ]
    assert one.coders == ("Ana",)


def test_a_row_names_what_it_answers_by_its_id(tmp_path: Path) -> None:
    path = table(
        tmp_path / "mine.csv",
        {"id": "a"},
        {"type": "denies", "source": "Beloria", "target": "Ardania", "responds_to": "a"},
        {"type": "denies", "source": "Cerinia", "responds_to": "z"},
    )
    articles, refused = read(path)
    assert [claim["responds_to"] for claim in claims(articles)] == [None, f"{path}, line 2", None]
    assert [(str(one.reason), one.detail.split(": ")[0]) for one in refused] == [
        ("dangling_reference", f"{path}, line 4")
    ]


def test_json_lines_of_rows_and_of_annotated_articles(tmp_path: Path) -> None:
    path = lines(tmp_path / "mine.jsonl", {**ROW, "coder": "Jon Kesh", "target": None}, GOLD)
    (row, gold), refused = read(path, "Ana")
    assert refused == []
    assert (row.coders, row.claims, row.has_text) == (("Jon Kesh",), 1, False)
    assert (gold.coders, gold.claims, gold.has_text) == (("Ana",), 2, True)
    assert (gold.article.title, gold.article.text) == (GOLD["title"], GOLD["text"])
    (annotation,) = gold.annotations
    first, second = annotation["claims"]
    assert second["responds_to"] == first["id"] == f"{path}, line 2, claim 1"
    assert (first["coded"]["confidence"], second["coded"]["confidence"]) == (1.0, 0.5)
    assert annotation["acknowledgements"][0]["speaker"] == "Free Coast Brigade"


def test_what_is_wrong_in_an_annotated_article_leaves_the_rest(tmp_path: Path) -> None:
    accusation, denial = GOLD["claims"]
    bad: list[object] = [
        {**accusation, "evidence": "Nobody said this."},
        {**accusation, "incident": "i9"},
        "no object",
        {**accusation, "type": "blames"},
    ]
    acknowledgements = [{}, {"kind": "admission"}, {"kind": "admission", "actor": "Ardania", "incident": "i7"}]
    incidents = [*GOLD["incidents"], {"id": "i2"}, 7]
    path = lines(
        tmp_path / "mine.jsonl",
        {**GOLD, "claims": [accusation, *bad, denial], "incidents": incidents, "acknowledgements": acknowledgements},
    )
    (one,), refused = read(path)
    assert one.claims == 2
    assert sorted(
        f"{found.reason} {found.detail.removeprefix(f'{path}, line 1, ').split(':')[0]}" for found in refused
    ) == [
        "bad_field acknowledgement 3",
        "bad_field claim 3",
        "bad_field claim 4",
        "bad_field incident 2",
        "bad_field incident 3",
        "no_source acknowledgement 2",
        "quote_not_in_text claim 2",
        "unknown_term acknowledgement 1",
        "unknown_term claim 5",
    ]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"type": ""}, "bad_field: it has no type (accuses, denies, retaliates)"),
        ({"type": "blames"}, "unknown_term: type is one of accuses, denies, retaliates, not 'blames'"),
        ({"type": "retaliates"}, "unknown_term: the modality of a claim that retaliates is carried_out, "),
        ({"modality": "threatened"}, "unknown_term: the modality of a claim that accuses is asserted, not threatened"),
        ({"denial_kind": "intent"}, "unknown_term: a claim that accuses has no denial_kind"),
        ({"threat_kind": "ordered"}, "unknown_term: only a threat has a threat_kind; this is asserted"),
        ({"source": ""}, "no_source: it has no source"),
        ({"source": "???"}, "not_an_actor: '???' is no name"),
        ({"relayed_by": "Hill Radio; -"}, "not_an_actor: '-' is no name"),
        ({"target": "ARDANIA"}, "source_is_target: Ardania"),
        ({"date": "May"}, "bad_date: date is 'May', no day, month or year (2031-05-04) or interval of two (A/B)"),
        ({"published": "2031-05-45"}, "bad_date: published is '2031-05-45', no date like 2031-05-04"),
        ({"incident": "x", "incident_date": "2031-05-04/2031-05-01"}, "bad_date: incident_date is '2031-05-04/"),
        ({"incident": "x", "country": "Ardania"}, "bad_field: country is 'ARDANIA', no code of three letters"),
        ({"incident": "x", "place": "!"}, "bad_field: '!' is no name of a place"),
        ({"confidence": "1.5"}, "bad_field: confidence is a number from 0 to 1, not '1.5'"),
        ({"confidence": "nan"}, "bad_field: confidence is a number from 0 to 1, not 'nan'"),
        ({"quote": " "}, "quote_not_in_text: it has no quote"),
        ({"text": "Another text."}, "quote_not_in_text: its quote does not stand in the text: 'Ardania accused"),
        ({"text": "So: " + ROW["quote"], "start": "3"}, "quote_not_in_text: its quote does not stand at text[3]"),
        ({"text": ROW["quote"], "part": "lead"}, "bad_field: part is text or title, not 'lead'"),
        ({"coder": "a:b"}, "bad_field: 'a:b' is no coder's name"),
    ],
)
def test_what_is_wrong_with_a_row_is_told(tmp_path: Path, row: dict[str, str], told: str) -> None:
    path = table(tmp_path / "mine.csv", row)
    articles, (found,) = read(path)
    assert articles == []
    assert f"{found.reason}: {found.detail.removeprefix(f'{path}, line 2: ')}".startswith(told)


def test_a_quote_stands_where_the_row_says(tmp_path: Path) -> None:
    text = "They lied. Ardania said so twice. They lied."
    path = table(tmp_path / "mine.csv", {"text": text, "quote": "They lied.", "start": "34"})
    (claim,) = claims(read(path)[0])
    assert (claim["coded"]["start"], claim["coded"]["part"]) == (34, "text")


def test_the_same_claim_twice_is_one(tmp_path: Path) -> None:
    articles, (found,) = read(table(tmp_path / "mine.csv", {}, {}))
    assert len(claims(articles)) == 1
    assert (found.reason, found.detail) == ("duplicate", f"{tmp_path}/mine.csv, line 3: the same as a claim before")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it is empty"),
        (b"type,source\n", "its header is not that of a file of claims, for it lacks quote"),
        (b"%PDF-1.7\n", "lacks type, source, quote"),
        (b'{"claims":\n 7}', "it is no list of claims"),
        (b'{"claims":\n', "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"\x1f\x8b\x08damaged", "damaged or cut short"),
    ],
)
def test_what_is_no_file_of_claims_is_refused_as_a_whole(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "mine"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="mine") as why:
        read(path)
    assert told in str(why.value)


def test_what_a_damaged_file_gave_before_is_kept(tmp_path: Path) -> None:
    whole = table(tmp_path / "mine.csv", *({"quote": f"Ardania accused Beloria {n * n} times."} for n in range(3000)))
    packed = gzip.compress(whole.read_bytes(), mtime=0)
    path = tmp_path / "short.gz"
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(BadInput, match="damaged or cut short"):
        list(coded_articles(path))
    # They come before it is told what stopped the reading; the claims of one article, some hundreds at a time.
    items = coded_articles(path)
    count = sum(one.claims for one in (next(items), next(items)) if isinstance(one, CodedArticle))
    assert count == 2 * MOST_ROWS


def test_memory_does_not_grow_with_the_number_of_rows(tmp_path: Path) -> None:
    def most(count: int) -> int:
        path = tmp_path / "mine.csv"
        head = "type,source,target,quote,publisher,published,url\n"
        with path.open("w", encoding="utf-8") as file:
            file.write(head)
            for n in range(count):
                # No two rows of an article beside each other.
                file.write(
                    f"accuses,Ardania,Beloria,Shot {n} of many,Port Gazette,2031-05-04,https://a.example/{n % 997}\n"
                )
        tracemalloc.start()
        total = sum(one.claims for one in coded_articles(path) if isinstance(one, CodedArticle))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert total == count
        return peak

    few, many = most(1_500), most(7_500)
    assert many < few + 1_000_000


_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(list(ROW.values()))
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from([*COLUMNS, "claims", "incidents", "evidence", "acknowledgements"]),
            st.one_of(
                _VALUES,
                st.lists(
                    st.one_of(_VALUES, st.just(GOLD["claims"][0]), st.dictionaries(st.text(max_size=4), _VALUES)),
                    max_size=3,
                ),
            ),
        ),
        max_size=4,
    ),
    st.binary(max_size=30),
    st.booleans(),
)
def test_no_file_breaks_it(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]], tail: bytes, as_csv: bool
) -> None:
    path = tmp_path_factory.mktemp("claims") / "mine"
    if as_csv:
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        writer.writerows([{**ROW, **row}.get(name, "") for name in COLUMNS] for row in rows)
        path.write_bytes(text.getvalue().encode("utf-8", "surrogatepass") + tail)
    else:
        path.write_bytes("".join(json.dumps({**ROW, **row}) + "\n" for row in rows).encode() + tail)
    with contextlib.suppress(BadInput):
        for item in coded_articles(path):
            if isinstance(item, CodedArticle):
                assert all(claim["type"] in tuple(ClaimType) for claim in claims([item]))
            else:
                assert item.detail.startswith(f"{path}, ")
