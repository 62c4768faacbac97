"""JSON objects, documents and lines."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.intake import Item, Limits, read_bytes, read_json_object
from app.intake.json_articles import read_json_lines
from app.vocabulary.records import Article, Refusal

GOOD = {"title": "Ardania blames Beloria", "text": "Ardania accused Beloria of shelling Kesh."}


def article(item: Item) -> Article:
    assert isinstance(item, Article), item
    return item


def refused(item: Item, reason: str, *words: str) -> bool:
    """Whether it is refused for that reason, in words that hold these."""
    return isinstance(item, Refusal) and item.reason == reason and all(word in item.detail for word in words)


def test_all_six_fields_are_read_and_others_are_not() -> None:
    obj = {
        "id": "x-1",
        **GOOD,
        "published": "2026-03-04T10:00:00+05:00",
        "publisher": " The Kesh  Courier",
        "url": "https://courier.example/1",
        "claims": [{"id": "c1"}],
        "incidents": 7,
    }
    found = article(read_json_object(obj, name="n"))
    assert found.external_id == "x-1"
    assert found.title == GOOD["title"]
    assert found.text == GOOD["text"]
    assert found.published == "2026-03-04"
    assert found.publisher == "The Kesh Courier"
    assert found.url == "https://courier.example/1"


def test_text_alone_is_enough_and_null_counts_as_absent() -> None:
    bare = article(read_json_object({"text": GOOD["text"]}, name="n"))
    nulls = article(read_json_object({"text": GOOD["text"], "title": None, "published": None, "url": ""}, name="n"))
    assert bare == nulls
    assert (bare.title, bare.published, bare.publisher, bare.url, bare.external_id) == ("", None, None, None, None)


def test_a_number_serves_as_id() -> None:
    assert article(read_json_object({**GOOD, "id": 12}, name="n")).external_id == "12"


def test_text_is_kept_to_the_letter_but_for_its_characters_form() -> None:
    text = "  Ardania\taccused **Beloria** of [shelling](x).\n\n\nIt denied it.\n"
    assert article(read_json_object({"text": text}, name="n")).text == text
    assert article(read_json_object({"text": "It\u00a0denied\r\nit."}, name="n")).text == "It denied\nit."


@pytest.mark.parametrize("field", ["title", "text", "published", "publisher", "url", "id"])
@pytest.mark.parametrize("value", [["a"], {"a": 1}, True, 1.5])
def test_a_wrong_type_is_refused_by_its_fields_name(field: str, value: object) -> None:
    assert refused(read_json_object({**GOOD, field: value}, name="in.json"), "bad_field", "in.json", repr(field))


@pytest.mark.parametrize("text", ["", "  \n\t ", "\u200b\u00ad", None])
def test_no_text_is_refused(text: str | None) -> None:
    assert refused(read_json_object({"title": "t", "text": text}, name="in.json"), "empty", "in.json")
    assert refused(read_json_object({"title": "t"}, name="in.json"), "empty")


def test_other_refusals_of_an_object() -> None:
    assert refused(read_json_object({**GOOD, "published": "yesterday"}, name="n"), "bad_date", "yesterday")
    assert refused(read_json_object({**GOOD, "url": "javascript:alert(1)"}, name="n"), "bad_field", "url")
    assert refused(read_json_object({**GOOD, "title": "\ud800"}, name="n"), "bad_field", "'title'")
    assert refused(read_json_object({**GOOD, "publisher": "p" * 3000}, name="n"), "bad_field", "publisher", "2,000")
    assert refused(read_json_object({"text": "12 + 34"}, name="n"), "not_an_article", "no words")


@pytest.mark.parametrize("shape", [[GOOD, GOOD], {"articles": [GOOD, GOOD]}])
def test_a_document_may_hold_several_articles(shape: object) -> None:
    items = list(read_bytes(json.dumps(shape).encode(), name="in.json"))
    assert [article(item).title for item in items] == [GOOD["title"]] * 2


def test_a_bad_element_leaves_the_others_alone() -> None:
    items = list(read_bytes(json.dumps([GOOD, 5, {"text": 5}, GOOD]).encode(), name="in.json"))
    assert article(items[0]).title == GOOD["title"]
    assert refused(items[1], "bad_field", "in.json, article 2", "a number")
    assert refused(items[2], "bad_field", "in.json, article 3", "'text'")
    assert article(items[3]).title == GOOD["title"]


@pytest.mark.parametrize(
    ("raw", "reason", "words"),
    [
        (b'{"text": ', "bad_json", "line 1, column"),
        (b"[" * 100_000, "bad_json", "deeply"),
        (b'{"text": ' + b"9" * 5000 + b"}", "bad_json", "digits"),
        (b'"words"', "bad_field", "a string"),
        (b"[]", "empty", "no articles"),
        (b'{"articles": 3}', "bad_field", "'articles'"),
    ],
)
def test_what_is_no_article_document_is_one_refusal(raw: bytes, reason: str, words: str) -> None:
    (item,) = read_bytes(raw, name="in.json")
    assert refused(item, reason, "in.json", words)


def test_lines_are_numbered_and_a_bad_one_leaves_the_others_alone() -> None:
    good = json.dumps(GOOD).encode()
    raw = b"\n".join([good, b"", b'{"text": ', b"[1]", b'{"text": "caf\xe9"}', b"  ", good])
    items = list(read_bytes(raw, name="in.jsonl"))
    assert article(items[0]).title == GOOD["title"]
    assert refused(items[1], "bad_json", "in.jsonl, line 3:")
    assert refused(items[2], "bad_json", "in.jsonl, line 4:", "a list")
    assert refused(items[3], "wrong_encoding", "in.jsonl, line 5:")
    assert article(items[4]).title == GOOD["title"]
    assert len(items) == 5


def test_lines_named_json_are_read_as_lines() -> None:
    raw = b"\n".join([json.dumps(GOOD).encode()] * 3)
    assert [article(item).title for item in read_bytes(raw, name="in.json")] == [GOOD["title"]] * 3


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_lines_with_a_byte_order_mark(codec: str) -> None:
    raw = "\r\n".join([json.dumps(GOOD)] * 2).encode(codec)
    assert [article(item).title for item in read_bytes(raw, name="in.jsonl")] == [GOOD["title"]] * 2


def test_no_lines_at_all_is_a_refusal() -> None:
    (item,) = read_bytes(b"\n \n", name="in.jsonl")
    assert refused(item, "empty")


def test_a_line_beyond_the_limit_is_refused_and_the_next_read() -> None:
    long = json.dumps({"text": "word " * 1000}).encode()
    raw = long + b"\n" + json.dumps(GOOD).encode()
    first, second = read_bytes(raw, name="in.jsonl", limits=Limits(max_bytes=500))
    assert refused(first, "too_large", "line 1", "500")
    assert article(second).title == GOOD["title"]


class Endless(io.RawIOBase):
    """A stream of more lines than memory could hold; it counts what was taken."""

    def __init__(self) -> None:
        self.taken = 0
        self.line = json.dumps(GOOD).encode() + b"\n"

    def readline(self, size: int | None = -1, /) -> bytes:
        self.taken += 1
        return self.line


def test_lines_are_streamed() -> None:
    stream: Any = Endless()
    items: Iterator[Item] = read_json_lines(stream, name="endless", limits=Limits())
    for _ in range(10):
        assert article(next(items)).title == GOOD["title"]
    assert stream.taken <= 11


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "title", "text", "published", "publisher", "url", "articles", "x"]), inner
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(JSON)
def test_json_of_any_shape_gives_items_and_never_raises(value: object) -> None:
    items = list(read_bytes(json.dumps(value).encode(), name="in.json"))
    assert items
    assert all(isinstance(item, Article | Refusal) for item in items)
    for item in items:
        if isinstance(item, Article):
            item.text.encode()


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["id", "title", "text", "published", "publisher", "url"]), JSON))
def test_any_object_gives_an_item(obj: dict[str, object]) -> None:
    assert isinstance(read_json_object(obj, name="n"), Article | Refusal)
