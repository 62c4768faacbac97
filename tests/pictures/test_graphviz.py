"""Layouts by the Graphviz program, here a stand-in that answers in its "plain" format; and names that cover nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from app.graph import ConflictGraph
from app.pictures import to_svg
from app.pictures.graphviz import graphviz, layout_by
from app.pictures.layout import Layouter, lay_out
from app.pictures.letters import width
from app.queries import claim_row, subgraph
from app.vocabulary.errors import MissingPart

SVG = "{http://www.w3.org/2000/svg}"
# Every node an inch and three quarters to the right of the one before it, every other one lower.
PLACES = """
import re, sys
question = sys.stdin.read()
open({asked!r}, "w").write(question)
names = re.findall(r"^(n[0-9]+) .width", question, re.M)
print("graph 1 9 9")
for i, name in enumerate(names):
    print("node", name, i * 2.5, (i % 2) * 3, 1, 1, name, "solid box black lightgrey")
print("stop")
"""
ROOM = {"one": (60.0, 50.0), "two": (60.0, 50.0), "three": (60.0, 50.0)}


def stand_in(folder: Path, program: str, name: str = "dot") -> str:
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{program}", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    return tmp_path / "asked"


@pytest.fixture
def program(tmp_path: Path, asked: Path) -> str:
    return stand_in(tmp_path, PLACES.format(asked=str(asked)))


def test_nodes_lie_where_graphviz_puts_them(program: str, asked: Path) -> None:
    found = layout_by(program)(list(ROOM), [("one", "two"), ("two", "three"), ("two", "one")], ROOM, margin=10)
    # Inches to points; y runs up there and down here.
    assert found.points == {"one": (40.0, 251.0), "two": (220.0, 35.0), "three": (400.0, 251.0)}
    assert (found.width, found.height) == (440, 286)
    question = asked.read_text(encoding="utf-8")
    # Two edges between the same two are one tie, and names of ours never reach it.
    assert question.count("--") == 2
    assert "one" not in question.replace("neato", "")


def test_pieces_that_no_edge_joins_stand_side_by_side(program: str) -> None:
    found = layout_by(program)(list(ROOM), [("one", "three")], ROOM, margin=10)
    boxes = {node: (x - 30, x + 30, y - 25, y + 25) for node, (x, y) in found.points.items()}
    left, right = min(boxes["one"][0], boxes["three"][0]), max(boxes["one"][1], boxes["three"][1])
    low, high = min(boxes["one"][2], boxes["three"][2]), max(boxes["one"][3], boxes["three"][3])
    two = boxes["two"]
    assert two[0] >= right or two[1] <= left or two[2] >= high or two[3] <= low


@pytest.mark.parametrize(
    "broken", ["raise SystemExit(1)", "print('graph 1 1 1')", "print('node n0 0 0 1 1 n0 solid box black grey')"]
)
def test_a_program_that_does_not_answer_is_named(tmp_path: Path, broken: str) -> None:
    with pytest.raises(MissingPart, match="built-in"):
        layout_by(stand_in(tmp_path, broken))(list(ROOM), [], ROOM)


def test_a_machine_without_graphviz_has_no_such_layout(
    tmp_path: Path, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert graphviz() is None
    monkeypatch.setenv("PATH", str(Path(program).parent))
    found = graphviz()
    assert found is not None
    assert found(["one"], [], ROOM).points == layout_by(program)(["one"], [], ROOM).points


def test_nothing_to_place_asks_nobody(tmp_path: Path) -> None:
    assert layout_by(str(tmp_path / "none"))([], [], {}).points == {}


@pytest.mark.parametrize("by", ["built-in", "graphviz"])
def test_no_name_covers_another_node_or_name(graph: ConflictGraph, program: str, by: str) -> None:
    layouter: Layouter = lay_out if by == "built-in" else layout_by(program)
    for asked in ({"actors": ["Norland"]}, {"limit": 300}, {"actors": ["Eastland"], "hops": 2}):
        _nothing_covered(graph, layouter, asked)


def test_no_name_covers_another_in_the_gold_pictures(gold_graph: ConflictGraph) -> None:
    _nothing_covered(gold_graph, lay_out, {"limit": 150})


def _nothing_covered(graph: ConflictGraph, layouter: Layouter, asked: dict[str, Any]) -> None:
    piece = subgraph(graph, **asked)
    rows = [claim_row(graph, claim) for edge in piece.edges for claim in edge.claims]
    root = ElementTree.fromstring(to_svg(piece, rows, layouter=layouter))
    boxes = []
    for group in root.iter(f"{SVG}g"):
        names = group.findall(f"{SVG}text")
        shape = next((one for one in group if one.tag in (f"{SVG}circle", f"{SVG}polygon", f"{SVG}rect")), None)
        if group.get("class") or group.find(f"{SVG}title") is None or shape is None or not names:
            continue
        middle = float(names[0].get("x") or 0)
        half = max(width(one.text or "", 12) for one in names) / 2
        tops = [float(one.get("y") or 0) for one in names]
        boxes.append((middle - half, middle + half, min(tops) - 11, max(tops) + 3))
        if shape.tag == f"{SVG}circle":
            x, y, r = (float(shape.get(name) or 0) for name in ("cx", "cy", "r"))
            boxes.append((x - r, x + r, y - r, y + r))
    assert len(boxes) > 4
    for i, one in enumerate(boxes):
        for other in boxes[i + 1 :]:
            across = min(one[1], other[1]) - max(one[0], other[0])
            down = min(one[3], other[3]) - max(one[2], other[2])
            assert across <= 1 or down <= 1, (one, other)
