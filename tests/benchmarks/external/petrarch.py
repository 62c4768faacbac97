"""UniversalPetrarch's validation records: 78 sentences with the events its coder is to find, in CAMEO's codes (MIT).

Comparable to the codebook: CAMEO 112 and its kinds (accuse) and `accuses`; 016 (deny responsibility) and `denies`; 13
and its kinds (threaten) and a `retaliates` that is `threatened`, in part only, for most threats answer nothing. Actors
are held against each other by country, the first three letters of CAMEO's actor codes; whoever has no country is "---".

Out of scope and only counted: every other code. Sentences whose only near code is one that a careful reader may also
call an accusation (110, 111, 114, 115: disapprove, criticise, complain, sue) are set apart and not scored. The records
say what one program should print, not what a reader sees: some plain accusations among them are to have no event at
all. The sister suite of PETRARCH's unit tests speaks of invented actors in lists of its own, and is not read.
"""

from __future__ import annotations

import html
import re
import time
from dataclasses import dataclass
from pathlib import Path

from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Mention
from app.vocabulary.terms import ClaimType, Modality
from tests.benchmarks.external.measuring import Bench, Figure, Tie, share, ties

FILE = ("petrarch", "PETR2_GSR_validation.xml")
NEAR = {"110", "111", "114", "115"}
NOBODY = "---"

Event = tuple[str, str, str]
"""Source's country, kind of claim, target's country."""


@dataclass(frozen=True, slots=True)
class Record:
    """A sentence and its events: (source code, event code, target code)."""

    text: str
    day: str | None
    events: tuple[Event, ...]


def parse(path: Path) -> list[Record]:
    """The records that have a text. The file is no well-formed XML and is read by its tags."""
    body = re.sub(r"<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = []
    for record in re.split(r"<Sentence\s", body)[1:]:
        head, _, rest = record.partition(">")
        text = re.search(r"<Text>(.*?)</Text>", rest, re.DOTALL)
        words = " ".join(html.unescape(text[1]).split()) if text else ""
        if not words:
            continue
        # The parser's marks for quotations, glued to the word before.
        words = re.sub(r"\s*``\s*", ' "', words).replace("''", '"')
        day = re.search(r'date\s*=\s*"(\d{4})(\d\d)(\d\d)"', head)
        events = []
        for tag in re.findall(r"<EventCoding\s([^>]*)>", rest):
            fields = dict(re.findall(r'(\w+)\s*=\s*"([^"]*)"', tag))
            if "eventcode" in fields:
                events.append((fields["sourcecode"], fields["eventcode"], fields["targetcode"]))
        found.append(Record(words, "-".join(day.groups()) if day else None, tuple(events)))
    return found


def kind_of(code: str) -> str | None:
    """The kind of claim a CAMEO code comes near to, or None for what is out of scope."""
    kinds = (("112", "accuse"), ("016", "deny"), ("13", "threaten"))
    return next((kind for prefix, kind in kinds if code.startswith(prefix)), None)


def country(mention: Mention | None, gazetteer: Gazetteer) -> str:
    """The country of an actor of ours, as CAMEO's codes would begin."""
    if mention is None:
        return NOBODY
    known = gazetteer.actors.get(mention.name)
    return (known.country if known is not None else mention.country) or NOBODY


def event_of(tie: Tie, gazetteer: Gazetteer) -> Event | None:
    """A claim as such an event, or None where no code of the three comes near."""
    threat = tie.type is ClaimType.RETALIATES and tie.modality is Modality.THREATENED
    kinds = {ClaimType.ACCUSES: "accuse", ClaimType.DENIES: "deny"}
    kind = "threaten" if threat else kinds.get(tie.type)
    if kind is None:
        return None
    source = country(tie.source[-1], gazetteer)
    return source, kind, country(tie.target[0] if tie.target else None, gazetteer)


def measure(bench: Bench) -> list[Figure]:
    """Sentences whose set of events is exactly that of the record, on the codes covered."""
    records = bench.spread(parse(bench.file(*FILE)))
    countries = {actor.country for actor in bench.gazetteer.actors.values()} - {None}

    def actor(code: str) -> str:
        return code[:3] if code[:3] in countries else NOBODY

    articles = [Article("", record.text, record.day) for record in records]
    list(bench.readings([Article("", "Warm-up.")]))
    start = time.perf_counter()
    readings = list(bench.readings(articles))
    seconds = time.perf_counter() - start
    exact = covered = silent = empty = apart = beyond = 0
    for record, reading in zip(records, readings, strict=True):
        wanted = {(actor(s), kind, actor(t)) for s, code, t in record.events if (kind := kind_of(code))}
        ours = {event for tie in ties(reading) if (event := event_of(tie, bench.gazetteer))}
        codes = {code for _, code, _ in record.events}
        beyond += sum(kind_of(code) is None for _, code, _ in record.events)
        if wanted:
            covered += 1
            exact += ours == wanted
        elif codes & NEAR:
            apart += 1
        else:
            empty += 1
            silent += not ours
    coder = "PETRARCH2: all, it is its own suite"
    return [
        Figure(
            "petrarch",
            "sentences with a covered code, exact",
            {"share": share(exact, covered)},
            coder,
            covered,
            "112x accuse, 016 deny, 13x threaten; actors by country",
        ),
        Figure(
            "petrarch",
            "sentences without one, nothing found",
            {"share": share(silent, empty)},
            coder,
            empty,
            f"{beyond} events of other codes out of scope; {apart} sentences with 110, 111, 114 or 115 set apart",
        ),
        Figure(
            "petrarch",
            "all scored sentences, exact",
            {"share": share(exact + silent, covered + empty)},
            coder,
            covered + empty,
            "the records hold accusations that are to have no event",
        ),
        Figure(
            "petrarch",
            "speed, parsing included",
            {"sentences/s": round(len(records) / seconds, 1) if records else 0.0},
            "PETRARCH2 250/s without parsing; CoreNLP parses 2–5/s",
            len(records),
            "other machines; an order of magnitude only",
        ),
    ]
