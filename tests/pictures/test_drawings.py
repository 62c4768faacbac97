from __future__ import annotations

import html.parser
import math
import re
import struct
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from app.graph import ConflictGraph
from app.pictures import to_html, to_png, to_svg
from app.pictures.layout import lay_out
from app.pictures.letters import lines, width
from app.queries import claim_row, incidents, subgraph
from app.vocabulary.errors import MissingPart

SVG = "{http://www.w3.org/2000/svg}"
FONT = Path(__file__).resolve().parents[2] / "app" / "web" / "page" / "vendor" / "DejaVuSans.ttf"


def drawn(graph: ConflictGraph, **asked: Any) -> tuple[str, Any]:
    piece = subgraph(graph, **asked)
    rows = [claim_row(graph, claim) for edge in piece.edges for claim in edge.claims]
    return to_svg(piece, rows, title="A <title> & more\x01"), piece


def test_svg_is_xml_with_all_nodes_quotes_legend_and_disclaimer(world: Any, graph: ConflictGraph) -> None:
    text, piece = drawn(graph, actors=["Norland"])
    root = ElementTree.fromstring(text)
    words = [node.text or "" for node in root.iter(f"{SVG}text")]
    assert "A <title> & more" in words
    assert "Edges are claims made in articles, not findings." in words
    assert any("ledger revision 1" in one for one in words)
    for label in ("Norland", "Sudria", "Eastland", "accuses", "denies an accusation by", "retaliates against"):
        assert label in words
    titles = [node.text or "" for node in root.iter(f"{SVG}title")]
    edges = [title for title in titles if "“" in title]
    assert len(edges) == len(piece.edges)
    assert any(
        "Sudrian Army denies an accusation by Norland" in one and "denied that it had shelled" in one for one in edges
    )
    assert any("threatened or called for" in one for one in edges)


def test_kinds_differ_without_colour(graph: ConflictGraph) -> None:
    text, _ = drawn(graph, actors=["Norland"])
    root = ElementTree.fromstring(text)
    looks = {}
    for group in root.iter(f"{SVG}g"):
        name = group.get("class", "")
        if name.startswith("edge "):
            (path,) = group.findall(f"{SVG}path")
            looks[name.split()[1]] = (path.get("stroke-dasharray"), path.get("stroke-linecap"))
    assert looks["accuses"] == (None, None)
    assert len(set(looks.values())) == 3


def test_drawing_is_the_same_each_time(graph: ConflictGraph) -> None:
    assert drawn(graph)[0] == drawn(graph)[0]


def test_parallel_edges_are_drawn_apart_and_same_ones_merged(world: Any, graph: ConflictGraph) -> None:
    root = ElementTree.fromstring(drawn(graph, actors=["Norland"])[0])
    paths = [
        g.findall(f"{SVG}path")[0].get("d") for g in root.iter(f"{SVG}g") if g.get("class", "").startswith("edge ")
    ]
    assert len(paths) == len(set(paths)) == 6


def test_an_empty_piece_is_a_picture_too() -> None:
    text, _ = drawn(ConflictGraph())
    assert "0 nodes, 0 edges" in text
    ElementTree.fromstring(text)


def test_quotes_that_look_like_markup_stay_words(graph: ConflictGraph) -> None:
    piece = subgraph(graph, actors=["Eastland"])
    rows = [claim_row(graph, claim) for edge in piece.edges for claim in edge.claims]
    page = to_html(piece, rows, title="<script>alert(1)</script>")
    assert "<script" not in page
    # An article's address that is no web address is not made a link.
    assert "javascript:" not in page
    assert "Foreign Minister Oda of Eastland blamed Sudria" in page


def test_html_stands_alone_and_lists_every_claim(graph: ConflictGraph) -> None:
    piece = subgraph(graph, actors=["Norland"])
    rows = [claim_row(graph, claim) for edge in piece.edges for claim in edge.claims]
    page = to_html(piece, rows)
    seen: dict[str, int] = {}

    class Reader(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen[tag] = seen.get(tag, 0) + 1
            for name, value in attrs:
                assert name not in ("src", "onclick")
                if name == "href":
                    assert (value or "").startswith("https://courier.example/")

    Reader().feed(page)
    assert seen["tr"] == len(rows) + 1
    assert "link" not in seen
    assert all(row.evidence.quote in page for row in rows)


@pytest.mark.skipif(not FONT.is_file(), reason="the page's font comes with its set-up")
def test_png_shows_letters(graph: ConflictGraph) -> None:
    text, _ = drawn(graph, actors=["Norland"])
    png = to_png(text, FONT, zoom=1.0)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    wide, high = struct.unpack(">II", png[16:24])
    box = re.search(r'viewBox="0 0 (\d+) (\d+)"', text)
    assert box is not None
    assert (abs(wide - int(box[1])), abs(high - int(box[2]))) <= (1, 1)
    # Without its words the picture takes fewer bytes: the font is found and letters are drawn.
    assert len(to_png(re.sub(r"<text.*?</text>", "", text), FONT, zoom=1.0)) < len(png) * 0.8


def test_png_without_its_font_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingPart, match="make setup"):
        to_png("<svg/>", tmp_path / "none.ttf")


@pytest.mark.parametrize(("nodes", "edges"), [(1, 0), (2, 1), (3, 3), (10, 25), (40, 120), (200, 400), (700, 900)])
def test_layout_keeps_boxes_apart(nodes: int, edges: int) -> None:
    ids = [f"n{i}" for i in range(nodes)]
    pairs = [(ids[i * 7 % nodes], ids[(i * i + 3 * i + 1) % nodes]) for i in range(edges)]
    room = {node: (60.0 + 10 * (i % 9), 58.0) for i, node in enumerate(ids)}
    found = lay_out(ids, pairs, room)
    assert found.points == lay_out(ids, pairs, room).points
    clashes = 0
    for i, one in enumerate(ids):
        x, y = found.points[one]
        assert 0 <= x <= found.width
        assert 0 <= y <= found.height
        for other in ids[i + 1 :]:
            dx, dy = abs(x - found.points[other][0]), abs(y - found.points[other][1])
            clashes += dx < (room[one][0] + room[other][0]) / 2 - 2 and dy < 56
    assert clashes <= nodes // 100


def test_separate_pieces_do_not_drift_apart() -> None:
    ids = [f"n{i}" for i in range(40)]
    pairs = [(ids[i], ids[i + 1]) for i in range(0, 40, 2)]
    found = lay_out(ids, pairs, dict.fromkeys(ids, (100.0, 60.0)))
    assert found.width * found.height < 40 * 100 * 60 * 12
    for a, b in pairs:
        assert math.dist(found.points[a], found.points[b]) < 400


def test_lines_break_and_end() -> None:
    assert lines("Norland", 12, 100) == ["Norland"]
    long = lines("Front for the Defence of the Tambo Valley and all its Villages", 12, 128, 3)
    assert len(long) == 3
    assert long[-1].endswith("…")
    assert all(width(line, 12) <= 128 for line in long)
    assert lines("Donaudampfschifffahrtsgesellschaftskapitän", 12, 80, 2)[0].endswith("…")


def test_gold_pictures_of_many_incidents_are_xml(gold_graph: ConflictGraph) -> None:
    for row in incidents(gold_graph, limit=25).incidents:
        text, piece = drawn(gold_graph, incident=row.id, limit=200)
        root = ElementTree.fromstring(text)
        assert piece.edges
        assert root.get("viewBox")
