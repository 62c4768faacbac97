"""The threat model kept true: every row names tests that exist, and what comes from others is pinned."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "explanation" / "security.md"


def rows() -> list[list[str]]:
    section = PAGE.read_text(encoding="utf-8").partition("## Threats")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0][:60])
def test_each_threat_is_held_by_tests_that_exist(row: list[str]) -> None:
    _, done, held = row
    assert done
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", held)
    assert named, "no test is named"
    assert re.sub(r"`[^`]*`|[, |]", "", held) == ""
    for path, name in named:
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert name in {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}, f"{path} has no {name}"


def test_what_must_be_told_is_told() -> None:
    told = PAGE.read_text(encoding="utf-8")
    assert len(rows()) >= 30
    for word in ("SSRF", "gzip", "XXE", "SPARQL", "XSS", "prompt injection", "CSRF", "DNS rebinding", "timing",
                 "replay", "replica", "Poisoned", "supply chain", "A path that leads out"):  # fmt: skip
        assert word in told, word


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / ".locks").glob("*.txt")))
def test_every_package_is_pinned_by_hash(name: str) -> None:
    text = (ROOT / ".locks" / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).strip())
    assert len(entries) >= 2
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+(\[[\w,]+\])?==\S+", entry), entry
        assert re.findall(r"--hash=sha256:[0-9a-f]{64}", entry), entry
    assert "://" not in text


def test_the_page_s_packages_are_pinned_by_hash() -> None:
    lock = json.loads((ROOT / "app" / "web" / "page" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert len(packages) > 10
    for name, one in packages.items():
        assert re.match(r"sha512-[A-Za-z0-9+/]{86}==$", one.get("integrity", "")), name
