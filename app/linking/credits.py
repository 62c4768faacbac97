"""An article in, the agencies and outlets it credits out: "KESH, May 4 (Reuters) -", "Source: AFP", "With inputs".

Only lines that stand apart for that purpose are read. What a sentence says ("told Reuters") is the claim's own, and the
reading gives it as `relayed_by`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from sys import intern

from app.vocabulary.names import Gazetteer
from app.vocabulary.records import slug
from app.vocabulary.terms import ActorKind

_DATELINE = re.compile(r"(?P<place>[^\n()“”\"]{2,70}?)\s*\((?P<name>[^()\n]{2,60})\)\s*(?:-{1,2}|–|—)\s")
_SHOUTED = re.compile(r"[^\W\d_a-zß-öø-ÿ]{3,}")
_SOURCE_LINE = re.compile(r"\W*(?:source|sources|credit|via)\s*:\s*(?P<name>[^\n:]{2,60}?)[\s.]*", re.IGNORECASE)
_LINE = re.compile(
    r"\W*(?:by\b|from\b|(?:with )?(?:additional )?(?:inputs?|reporting|files|material|reports?) (?:from|by)\b)?\s*"
    r"(?P<name>[^\W\d_][^\n:.]{1,59}?)\W*",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*(?:/|,|;|&|\band\b)\s*")
_BRACKETS = re.compile(r"\s*\([^()]*\)")
_HEAD = 200
"""Characters in which a dateline ends."""
_EDGE = 3
"""Lines at either end of an article in which a credit may stand alone."""


class Names:
    """How agencies and outlets are called, so that "AFP" and "Agence France-Presse" are one."""

    def __init__(self, gazetteer: Gazetteer | None = None) -> None:
        """Without a gazetteer every name stands for itself."""
        self._gazetteer = gazetteer
        self._titles: dict[str, str] = {}
        self._bylines: dict[str, frozenset[str]] = {}
        self._publishers: dict[str, set[str]] = {}

    def agency(self, name: str) -> str:
        """The name in the form in which names are compared: the gazetteer's, else its own, as a slug."""
        bare = _BRACKETS.sub("", name).strip()
        title = self._known(bare) or bare
        short = intern(slug(re.sub(r"^the ", "", title, flags=re.IGNORECASE)))
        self._titles.setdefault(short, title)
        return short

    def title(self, agency: str) -> str:
        """The name to print for one that `agency` gave."""
        return self._titles.get(agency, agency)

    def known(self, name: str) -> bool:
        """True for an agency or outlet of the gazetteer."""
        return self._known(name) is not None

    def publisher(self, name: str) -> str:
        """The name of an outlet; it is known from then on under its initials too, as "(HWS) -" gives them."""
        short = self.agency(name)
        if short not in self._bylines:
            words = re.findall(r"[^\W\d_]+", _BRACKETS.sub("", name))
            initials = "".join(word[0] for word in words if word[0].isupper()).lower()
            self._bylines[short] = frozenset({short, intern(initials)} if len(initials) > 1 else {short})
            for byline in self._bylines[short]:
                self._publishers.setdefault(byline, set()).add(short)
        return short

    def bylines(self, publisher: str | None) -> frozenset[str]:
        """What an outlet that `publisher` gave goes by: its name and its initials."""
        return self._bylines.get(publisher, frozenset()) if publisher is not None else frozenset()

    def outlets(self, name: str) -> list[str]:
        """The outlets met so far that go by a name."""
        return sorted(self._publishers.get(name, ()))

    def met(self) -> tuple[dict[str, str], dict[str, frozenset[str]]]:
        """The names to print and what outlets go by, as they were met, the earliest first; see `learn`."""
        return dict(self._titles), dict(self._bylines)

    def learn(self, titles: Mapping[str, str], bylines: Mapping[str, frozenset[str]]) -> None:
        """Know what others met, as far as nothing else was met before."""
        for short, title in titles.items():
            self._titles.setdefault(short, title)
        for short, names in bylines.items():
            if short not in self._bylines:
                self._bylines[short] = names
                for byline in names:
                    self._publishers.setdefault(byline, set()).add(short)

    def _known(self, name: str) -> str | None:
        if self._gazetteer is None:
            return None
        hits = (hit.actor for hit in self._gazetteer.hits(name))
        return next((actor.name for actor in hits if actor.kind is ActorKind.MEDIA), None)


def credited(text: str, names: Names) -> frozenset[str]:
    """Whom an article's text credits as a whole, in the form of `Names.agency`.

    A dateline and a line "Source:" may name anybody. Any other line must hold nothing but names that the gazetteer
    knows as agencies or outlets.
    """
    found: list[str] = []
    dateline = _DATELINE.match(text.lstrip()[:_HEAD])
    if dateline is not None and (
        names.known(dateline["name"]) or _SHOUTED.match(dateline["place"]) or any(map(str.isdigit, dateline["place"]))
    ):
        found += _BETWEEN.split(dateline["name"])
    lines = [line for line in text.split("\n") if line.strip()]
    for line in dict.fromkeys((*lines[:_EDGE], *lines[-_EDGE:])):
        if len(line) > 100:
            continue
        if (source := _SOURCE_LINE.fullmatch(line)) is not None:
            found += _BETWEEN.split(source["name"])
        elif (alone := _LINE.fullmatch(line)) is not None:
            parts = _BETWEEN.split(alone["name"])
            if all(names.known(part) for part in parts):
                found += parts
    return frozenset(names.agency(part) for part in found if slug(part))
