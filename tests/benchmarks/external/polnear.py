"""PolNeAR: 924 articles of the US campaign of 2016, every attribution marked as source, cue and content (brat files).

Comparable to the codebook: attributions whose cue is a word of accusation (accuse, blame, allege) or of denial (deny,
refute, disavow, repudiate) are claims of type `accuses` or `denies`, and their source is the speaker. Measured: does a
claim of that type cover the cue, and is its speaker the marked source.

Not comparable: sources that are pronouns ("he said") have no name to hold ours against, and count only for whether a
claim is found. Some cues are no claim by the codebook ("did not blame", "would deny"); they are left in, for where to
draw the line is a matter of taste. Nearly all speakers are of one state: where roll-up makes accuser and accused one
actor, the claim is refused by the codebook's rule and shows here as missed. The published figure is agreement over all
24,000 attributions by token, a ceiling of the annotation and not of this task. Where an article was annotated twice,
the first file by name is taken.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from app.vocabulary.records import Article
from app.vocabulary.terms import ClaimType
from tests.benchmarks.external.measuring import Bench, Figure, share, ties
from tests.benchmarks.external.naming import same

CUES = {
    ClaimType.ACCUSES: re.compile(r"(?i)\b(?:accus\w*|blam(?:e[sd]?|ing)|alleg(?:e[sd]?|ing|ations?|edly))\b"),
    ClaimType.DENIES: re.compile(r"(?i)\b(?:den(?:y|ied|ies|ying|ial)|refut\w*|disavow\w*|repudiat\w*)\b"),
}
_PRONOUN = re.compile(r"(?i)he|she|it|they|we|i|you|who|him|her|them|me|us|his|their|those|some|many|others")


@dataclass(frozen=True, slots=True)
class Attribution:
    """One attribution of the kind that is measured."""

    type: ClaimType
    source: str
    spans: tuple[tuple[int, int], ...]
    """Where the cue stands in the text."""

    @property
    def pronoun(self) -> bool:
        """True where the source is named by a pronoun alone."""
        return _PRONOUN.fullmatch(self.source.strip()) is not None


def parse_annotations(annotations: str) -> list[Attribution]:
    """The attributions of accusation and denial that have a source, of one brat file."""
    spans: dict[str, tuple[tuple[tuple[int, int], ...], str]] = {}
    events = []
    for line in annotations.split("\n"):
        # The text of a span may run over several lines; only lines that begin with an id and a tab are ours to read.
        fields = line.split("\t")
        if re.fullmatch(r"T\d+", fields[0]) and len(fields) >= 3:
            _, _, offsets = fields[1].partition(" ")
            bounds = [piece.split() for piece in offsets.split(";")]
            spans[fields[0]] = tuple((int(start), int(end)) for start, end in bounds), fields[2]
        elif re.fullmatch(r"E\d+", fields[0]) and len(fields) >= 2:
            events.append([role.split(":") for role in fields[1].split()])
    found = []
    for roles in events:
        parts: dict[str, list[str]] = {}
        for role, span in roles:
            parts.setdefault(role.rstrip("0123456789"), []).append(span)
        cues = [spans[span] for span in parts.get("Cue", ()) if span in spans]
        sources = [spans[span][1] for span in parts.get("Source", ()) if span in spans]
        if not cues or not sources:
            continue
        words = " ".join(text for _, text in cues)
        type_ = next((kind for kind, pattern in CUES.items() if pattern.search(words)), None)
        if type_ is not None:
            where = tuple(span for bounds, _ in cues for span in bounds)
            found.append(Attribution(type_, " ".join(sources), where))
    return found


def parse(path: Path) -> Iterator[tuple[str, list[Attribution]]]:
    """The text of each article that holds such attributions, with them."""
    texts: dict[str, bytes] = {}
    annotations: dict[str, tuple[str, bytes]] = {}
    with tarfile.open(path) as archive:
        for member in archive:
            name = PurePosixPath(member.name)
            file = archive.extractfile(member)
            if file is None:
                continue
            if name.suffix == ".txt":
                texts[name.stem] = file.read()
            elif name.suffix == ".ann":
                # The annotator's mark follows the article's name: "name_ab12.ann".
                article = name.stem.rpartition("_")[0]
                one = (name.stem, file.read())
                annotations[article] = min(annotations.get(article, one), one)
    for article in sorted(texts.keys() & annotations.keys()):
        attributions = parse_annotations(annotations[article][1].decode("utf-8"))
        if attributions:
            yield texts[article].decode("utf-8"), attributions


def measure(bench: Bench) -> list[Figure]:
    """Accusations and denials: found, and by whom."""
    articles = bench.spread(list(parse(bench.file("polnear.tar.gz"))))
    counts = {kind: dict.fromkeys(("all", "found", "named", "named found", "right"), 0) for kind in CUES}
    for (_, attributions), reading in zip(articles, bench.readings(Article("", t) for t, _ in articles), strict=True):
        claims = ties(reading)
        for one in attributions:
            count = counts[one.type]
            over = [
                tie
                for tie in claims
                if tie.type is one.type and any(tie.start < end and start < tie.end for start, end in one.spans)
            ]
            count["all"] += 1
            count["found"] += bool(over)
            if not one.pronoun:
                count["named"] += 1
                count["named found"] += bool(over)
                count["right"] += any(same(one.source, tie.speaker_names, bench.gazetteer) for tie in over)
    return [
        Figure(
            "polnear",
            f"{kind} cues: claim found, speaker right",
            {
                "found": share(count["found"], count["all"]),
                "speaker": share(count["right"], count["named"]),
                "of found": share(count["right"], count["named found"]),
            },
            "agreement of annotators α .754 (all attributions, by token)",
            count["all"],
            f"{count['named']} sources are named, the rest pronouns; speaker is over the named",
        )
        for kind, count in counts.items()
    ]
