"""What is saved is what is shown: the very filters of the view, in every format, and a page that needs no server."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import rdflib
from playwright.sync_api import Browser, Page, expect

from tests.browser.reading import ask, edges, nodes, ready, show

pytestmark = pytest.mark.browser
STATE = "actor=actor-moldova&kind=accuses&kind=denies&since=2023-11-17"
ASKED: dict[str, Any] = {"actor": "actor-moldova", "type": ["accuses", "denies"], "since": "2023-11-17"}


@pytest.fixture
def saved(page: Page, server: str, tmp_path: Path) -> Callable[[str], bytes]:
    """The file of a format, as the dialog saves it of what is shown."""
    show(page, server, STATE)

    def get(format_: str) -> bytes:
        if not page.locator("#export-dialog").is_visible():
            page.keyboard.press("e")
        with page.expect_download(timeout=60_000) as waiting:
            page.locator(f"#export-dialog [data-format={format_}]").click()
        file = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(file)
        expect(page.locator("#export-status")).to_contain_text("Saved")
        return file.read_bytes()

    return get


@pytest.fixture
def claims(server: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(server, "claims", **ASKED, limit=500)["claims"]
    assert 2 < len(found) < 20
    return found


def test_csv_holds_the_claims_of_the_view(saved: Callable[[str], bytes], claims: list[dict[str, Any]]) -> None:
    rows = list(csv.DictReader(io.StringIO(saved("csv").decode("utf-8-sig"))))
    assert {row["id"] for row in rows} == {claim["id"] for claim in claims}
    assert {row["quote"] for row in rows} == {claim["evidence"]["quote"] for claim in claims}


@pytest.mark.parametrize("format_", ["gexf", "graphml"])
def test_graph_files_hold_the_edges_of_the_view(
    saved: Callable[[str], bytes], claims: list[dict[str, Any]], format_: str
) -> None:
    text = saved(format_)
    ElementTree.fromstring(text)
    for claim in claims:
        assert claim["id"].encode() in text
    assert text.count(b"clm-") >= len(claims)


def test_turtle_holds_the_claims_of_the_view(saved: Callable[[str], bytes], claims: list[dict[str, Any]]) -> None:
    graph = rdflib.Graph().parse(data=saved("turtle"), format="turtle")
    told = {str(one).rsplit("/", 1)[1].partition("#")[0] for one in graph.subjects() if "/claim/clm-" in str(one)}
    assert told == {claim["id"] for claim in claims}


def test_svg_is_the_same_picture(page: Page, saved: Callable[[str], bytes], claims: list[dict[str, Any]]) -> None:
    text = saved("svg").decode()
    root = ElementTree.fromstring(text)
    titles = " ".join(one.text or "" for one in root.iter("{http://www.w3.org/2000/svg}title"))
    for claim in claims[:3]:
        assert claim["evidence"]["quote"] in titles
    assert f"{len(nodes(page))} nodes, {len(edges(page))} edges" in text


def test_png_is_a_picture(saved: Callable[[str], bytes]) -> None:
    data = saved("png")
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(data) > 5_000


def test_what_is_hidden_or_expanded_is_so_in_the_picture(
    page: Page, server: str, saved: Callable[[str], bytes]
) -> None:
    before = len(edges(page))
    page.keyboard.press("n")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("m")
    page.locator("#menu [data-act=hide]").click()
    ready(page)
    assert 0 < len(edges(page)) < before
    assert f"{len(edges(page))} edge" in saved("svg").decode()
    show(page, server, "limit=5")
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    ready(page)
    page.keyboard.press("x")
    ready(page)
    assert len(edges(page)) > 5
    assert f"{len(nodes(page))} nodes, {len(edges(page))} edges" in saved("svg").decode()


def test_the_one_file_opens_without_a_server(
    browser: Browser, saved: Callable[[str], bytes], claims: list[dict[str, Any]], tmp_path: Path
) -> None:
    file = tmp_path / "alone.html"
    file.write_bytes(saved("html"))
    context = browser.new_context(offline=True)
    alone = context.new_page()
    strays: list[str] = []
    alone.on("request", lambda request: strays.append(request.url) if not request.url.startswith("file:") else None)
    alone.goto(file.as_uri())
    expect(alone.locator("svg").first).to_be_visible()
    text = " ".join(alone.locator("body").inner_text().split())
    for claim in claims:
        assert " ".join(claim["evidence"]["quote"].split()) in text
    assert "not findings" in text
    assert strays == []
    context.close()


def test_an_export_that_fails_says_why(page: Page, server: str) -> None:
    show(page, server, STATE)
    page.route("**/export?**", lambda route: route.abort())
    page.keyboard.press("e")
    page.locator("#export-dialog [data-format=csv]").click()
    expect(page.locator("#export-status")).to_contain_text("cannot be reached")
