"""Actors' names in, one spelling of each out, by which codings are compared; and whether a passage names an actor.

Two questions that must not be mixed. Whether two codings mean the same actor (codebook, Scoring) is decided by spelling
alone, with a short list of other names, so that no figure depends on a gazetteer. Whether a passage names an actor, by
which only kinds of claims are told apart, is asked of the gazetteer.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cached_property

from app.vocabulary.names import Gazetteer

_OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "Afghanistan": ("Islamic Emirate", "Islamic Emirate of Afghanistan"),
    "al-Qaeda": ("al-Qaida", "alQaeda", "Qaeda"),
    "China": ("PRC", "P.R.C.", "People's Republic of China", "Peoples Republic of China", "mainland China"),
    "Czech Republic": ("Czechia",),
    "Democratic Republic of the Congo": (
        "DRC",
        "DR Congo",
        "D.R. Congo",
        "Democratic Republic of Congo",
        "Congo-Kinshasa",
    ),
    "European Union": ("EU", "E.U."),
    "Hezbollah": ("Hizbollah", "Hizbullah", "Hizballah"),
    "Iran": ("Islamic Republic", "Islamic Republic of Iran"),
    "Ivory Coast": ("Côte d'Ivoire",),
    "Kurdistan Workers Party": ("PKK",),
    "Myanmar": ("Burma",),
    "Nagorno-Karabakh": ("Karabakh", "Artsakh", "Republic of Artsakh"),
    "NATO": ("North Atlantic Treaty Organisation", "North Atlantic Treaty Organization"),
    "North Korea": (
        "DPRK",
        "D.P.R.K.",
        "Democratic People's Republic of Korea",
        "Democratic Peoples Republic of Korea",
    ),
    "Rapid Support Forces": ("RSF",),
    "Russia": ("Russian Federation",),
    "South Korea": ("ROK", "Republic of Korea", "Korea, South"),
    "Syria": ("Syrian Arab Republic",),
    "Turkey": ("Türkiye", "Republic of Türkiye"),
    "United Arab Emirates": ("UAE", "U.A.E.", "Emirates"),
    "United Kingdom": (
        "UK",
        "U.K.",
        "Britain",
        "Great Britain",
        "United Kingdom of Great Britain and Northern Ireland",
    ),
    "United Nations": ("UN", "U.N.", "United Nations Organization"),
    "United States": (
        "US",
        "U.S.",
        "USA",
        "U.S.A.",
        "America",
        "United States of America",
        "US government",
        "U.S. government",
        "American government",
    ),
    "Venezuela": ("Bolivarian Republic of Venezuela",),
}
"""Names that careful coders use for one another. A proxy never stands here for its sponsor."""

_NOBODY = frozenset(("", "none", "null", "unknown", "unspecified"))
_STATE_FORM = re.compile(r"(?:government|state|kingdom|(?:islamic )?republic) of (?:the )?(?=\S)")


def words(text: str) -> str:
    """The words of a text in small letters without accents or punctuation, one space between them."""
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+", bare.casefold()))


_ONE_NAME = {words(other): words(name) for name, others in _OTHER_NAMES.items() for other in others}


def same_spelling(name: str | None) -> str:
    """The spelling by which two names are compared: equal for "the U.S." and "United States"; "" where it is nobody."""
    spelt = words(name or "")
    if spelt in _NOBODY:
        return ""
    spelt = spelt.removeprefix("the ")
    spelt = _ONE_NAME.get(spelt, spelt)
    form = _STATE_FORM.match(spelt)
    if form is not None:
        spelt = spelt[form.end() :]
    return _ONE_NAME.get(spelt, spelt)


def same_person(one: str | None, other: str | None) -> bool:
    """Whether one speaker's name holds the other's: "Peskov" and "Kremlin spokesman Dmitry Peskov"."""
    ours, theirs = (set(same_spelling(name).split()) for name in (one, other))
    return ours == theirs or bool(ours and theirs and (ours <= theirs or theirs <= ours))


class Naming:
    """Whether words name an actor: by its own name, or by any name, adjective, capital or body in the gazetteer."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._shapes: dict[str, re.Pattern[str]] = {}

    @cached_property
    def _forms(self) -> dict[str, set[str]]:
        """What an actor goes by, with the names of the parts that speak for it."""
        forms: dict[str, set[str]] = {}
        for name in self._gazetteer.names():
            for hit in self._gazetteer.hits(name):
                actor: str | None = hit.actor.name
                seen: set[str] = set()
                while actor is not None and actor not in seen:
                    seen.add(actor)
                    forms.setdefault(same_spelling(actor), set()).add(name)
                    actor = self._gazetteer.above(actor)
        return forms

    def names(self, actor: str, passage: str) -> bool:
        """Whether the passage names the actor; letters count as written, for "us" is not "US"."""
        shape = self._shapes.get(actor)
        if shape is None:
            forms = self._forms.get(same_spelling(actor), set()) | {actor}
            # Longest first: "Free Coast Brigade" must not end as "Free Coast" and fail at the border of the word.
            choices = "|".join(re.escape(form) for form in sorted(forms, key=lambda form: (-len(form), form)))
            shape = self._shapes[actor] = re.compile(rf"(?<!\w)(?:{choices})(?!\w)")
        return shape.search(passage) is not None

    def names_speaker(self, speaker: str, passage: str) -> bool:
        """Whether the passage names a speaker, in full or by surname; "the ministry" in small letters names nobody."""
        if self.names(speaker, passage):
            return True
        last = speaker.split()[-1] if speaker.split() else ""
        return last[:1].isupper() and re.search(rf"(?<!\w){re.escape(last)}(?!\w)", passage) is not None
