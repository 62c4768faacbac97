"""Claims over one dispute in, which of them came first or last before another, by whom and against whom, out.

`app.queries.links` asks this for every claim. Each answer is read from an index by bisection, so that a dispute of a
thousand claims is not compared with itself claim by claim.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Literal

from app.graph import ResolvedClaim
from app.queries.link_rules import NEAR
from app.vocabulary.terms import ClaimType, Modality

LONG = 30
"""Characters of a passage that two articles hardly share by chance."""
NOBODY = ""
"""In an index, the target of claims that name none."""

Parties = Callable[[ResolvedClaim], frozenset[str]]
Reported = Literal["before", "that_day", "ever"]
"""Where a claim may stand: reported before the other, no later than on the day of its publication, or at any time."""
Key = tuple[str, str, bool, int, str]


def reported(claim: ResolvedClaim) -> Key:
    """Where a claim stands among reports: by publication, article and offset; a headline after the body it sums up."""
    evidence = claim.claim.evidence
    return (claim.published or "~", claim.article, evidence.part == "title", evidence.start, claim.id)


def words_of(claim: ResolvedClaim) -> str:
    """The words of a claim's passage, spacing and case aside."""
    return " ".join(claim.claim.evidence.quote.casefold().split())


def is_later(one: ResolvedClaim, other: ResolvedClaim) -> bool:
    """True where it was said on a later day."""
    start, end = one.when.start, other.when.end
    return start is not None and end is not None and start > end


class Alike:
    """Claims that may report one utterance, in the order of their reports: of one type, modality, source and target.

    `before` is everywhere the number of claims at the beginning that are looked at.
    """

    __slots__ = ("_days", "_lineages", "_places", "_plain", "_words", "claims")

    def __init__(self, claims: Iterable[ResolvedClaim]) -> None:
        self.claims = sorted(claims, key=reported)
        # Claim → how many stand before its article, how many before itself.
        self._places: dict[str, tuple[int, int]] = {}
        article, run = "", 0
        for place, one in enumerate(self.claims):
            if one.article != article:
                article, run = one.article, place
            self._places[one.id] = (run, place)
        self._words: dict[str, list[int]] | None = None
        self._lineages: dict[str, list[int]] = {}
        self._days: dict[date | None, list[int]] = {}
        # The first passage that is no headline.
        self._plain = len(self.claims)

    def before(self, claim: ResolvedClaim) -> tuple[int, int]:
        """How many of them are reported by articles before a claim's own, and how many before the claim."""
        return self._places.get(claim.id, (0, 0))

    def _index(self) -> dict[str, list[int]]:
        if self._words is None:
            self._words = {}
            for place, one in enumerate(self.claims):
                self._words.setdefault(words_of(one), []).append(place)
                self._lineages.setdefault(one.lineage, []).append(place)
                self._days.setdefault(one.when.start, []).append(place)
                if self._plain > place and one.part != "title":
                    self._plain = place
        return self._words

    def copied(self, words: str, lineage: str, before: int) -> ResolvedClaim | None:
        """The last with these words, where they are many, or of this lineage."""
        same = self._index().get(words, ()) if len(words) >= LONG else ()
        found = max(_last(same, before), _last(self._lineages.get(lineage, ()), before))
        return self.claims[found] if found >= 0 else None

    def first(self, before: int) -> ResolvedClaim | None:
        """The first; a headline only where all are."""
        self._index()
        if self._plain < before:
            return self.claims[self._plain]
        return self.claims[0] if before else None

    def said_on(self, day: date, speaker: str, before: int) -> ResolvedClaim | None:
        """The first said on this day, or told so soon after that it may have been; by the speaker where there is one.

        A headline counts only where all are.
        """
        self._index()
        headlines = self._plain >= before
        found: tuple[bool, bool, int] | None = None
        for later in range(NEAR.days + 1):
            if (date.max - day).days < later:
                break
            for place in self._days.get(day + timedelta(days=later), ()):
                if place >= before:
                    break
                one = self.claims[place]
                # One of no day of its own, published soon after, may tell of it.
                if (later and one.claim.date is not None) or (not headlines and one.part == "title"):
                    continue
                fit = (one.speaker != speaker, later > 0, place)
                if found is None or fit < found:
                    found = fit
                if not fit[0]:
                    break
        return self.claims[found[2]] if found is not None else None


class Told:
    """Claims over one dispute by type, modality and source, in no order."""

    __slots__ = ("_alike", "_groups", "kinds")

    def __init__(self, claims: Iterable[ResolvedClaim]) -> None:
        self.kinds: set[ClaimType] = set()
        self._groups: dict[tuple[ClaimType, Modality, str], list[ResolvedClaim]] = {}
        self._alike: dict[tuple[ClaimType, Modality, str, str | None], Alike] = {}
        for one in claims:
            said = one.claim
            key = (said.type, said.modality, one.source)
            if key in self._groups:
                self._groups[key].append(one)
            else:
                self._groups[key] = [one]
                self.kinds.add(said.type)

    def alike(self, claim: ResolvedClaim) -> Alike:
        """What may report the same utterance: it is by the same source against the same target.

        A denial may leave its target open.
        """
        said, target = claim.claim, claim.target
        key = (said.type, said.modality, claim.source, target)
        found = self._alike.get(key)
        if found is None:
            open_end = said.type is ClaimType.DENIES
            found = self._alike[key] = Alike(
                one
                for one in self._groups.get(key[:3], ())
                if one.target == target or (open_end and (one.target is None or target is None))
            )
        return found


class About:
    """The claims about one incident in the order of their reports, found by type, source and target or their wholes."""

    __slots__ = (
        "_against",
        "_all",
        "_by",
        "_direct",
        "_found",
        "_published",
        "_runs",
        "_said",
        "at",
        "claims",
    )

    def __init__(self, claims: Iterable[ResolvedClaim], sources: Parties, targets: Parties) -> None:
        self.claims = sorted(claims, key=reported)
        self.at: dict[str, int] = {}
        self._published: list[str] = []
        # Place → where the claims of its article begin.
        self._runs: list[int] = []
        self._all: dict[ClaimType, list[int]] = {kind: [] for kind in ClaimType}
        self._by: dict[tuple[ClaimType, str], list[int]] = {}
        self._against: dict[tuple[ClaimType, str], list[int]] = {}
        self._found: dict[tuple[ClaimType, str, str], list[int]] = {}
        self._direct: dict[tuple[str | None, str], list[int]] = {}
        self._said: dict[tuple[str, str], list[tuple[date, int]]] = {}
        article, run = "", 0
        signs: dict[tuple[object, ...], list[list[int]]] = {}
        for place, one in enumerate(self.claims):
            said = one.claim
            kind = said.type
            self.at[said.id] = place
            self._published.append(one.published or "~")
            if said.article != article:
                article, run = said.article, place
            self._runs.append(run)
            self._all[kind].append(place)
            # What is told again by the same against the same on one day belongs in the same lists.
            sign = (kind, one.source, one.source_named, one.target, one.target_named, one.when.start)
            lists = signs.get(sign)
            if lists is None:
                lists = signs[sign] = [
                    *(self._by.setdefault((kind, source), []) for source in sources(one)),
                    *(self._against.setdefault((kind, target), []) for target in targets(one) or (NOBODY,)),
                ]
            for places in lists:
                places.append(place)

    def _places(self, kind: ClaimType, source: str | None, target: str | None) -> Sequence[int]:
        """Where claims of a type by a source and against a target stand."""
        if source is None:
            return self._all[kind] if target is None else self._against.get((kind, target), ())
        by = self._by.get((kind, source), ())
        if target is None or not by:
            return by
        found = self._found.get((kind, source, target))
        if found is None:
            fewer, more = sorted((by, self._against.get((kind, target), ())), key=len)
            found = self._found[kind, source, target] = [one for one in fewer if _last(more, one + 1) == one]
        return found

    def end(self, claim: ResolvedClaim, when: Reported) -> int:
        """How many of the claims may stand before this one."""
        match when:
            case "before":
                return self.at[claim.id]
            case "that_day":
                return bisect_right(self._published, claim.published or "~")
            case "ever":
                return len(self.claims)

    def begin(self, claim: ResolvedClaim) -> int:
        """How many of the claims were reported by articles that come before the claim's own."""
        return self._runs[self.at[claim.id]]

    def select(
        self, claim: ResolvedClaim, kind: ClaimType, source: str | None, target: str | None, when: Reported = "before"
    ) -> Iterator[ResolvedClaim]:
        """Claims that may stand before this one, in the order of their reports; they are not said on a later day."""
        end = self.end(claim, when)
        for place in self._places(kind, source, target):
            if place >= end:
                return
            one = self.claims[place]
            if one is not claim and not is_later(one, claim):
                yield one

    def says_more(self, actor: str, known: Container[str]) -> bool:
        """Whether an actor, or a part of it, denies or accuses here in a claim that is not among these."""
        return any(
            self.claims[place].id not in known
            for kind in (ClaimType.DENIES, ClaimType.ACCUSES)
            for place in self._by.get((kind, actor), ())
        )

    def against(
        self,
        claim: ResolvedClaim,
        accuser: str | None,
        accused: str,
        when: Reported = "before",
        *,
        itself: bool,
        last: bool = False,
    ) -> int | None:
        """Where the first (or last) accusation stands that this claim may answer; `itself` leaves out those of parts.

        `accuser` and `accused` are as in `select`.
        """
        places: Sequence[int]
        if itself:
            known = self._direct.get((accuser, accused))
            if known is None:
                known = self._direct[accuser, accused] = [
                    place
                    for place in self._places(ClaimType.ACCUSES, accuser, accused)
                    if accused in (self.claims[place].target, self.claims[place].target_named)
                ]
            places = known
        else:
            places = self._places(ClaimType.ACCUSES, accuser, accused)
        end = bisect_left(places, self.end(claim, when))
        for number in range(end - 1, -1, -1) if last else range(end):
            one = self.claims[places[number]]
            if one is not claim and not is_later(one, claim):
                return places[number]
        return None

    def last_denial(
        self, claim: ResolvedClaim, by: str, accusers: Iterable[str], before: int
    ) -> tuple[date, int] | None:
        """Day and place of the latest denial by one actor of what these said, of the first `before` claims.

        It is not said on a later day than the claim.
        """
        until = claim.when.end or date.max
        found: tuple[date, int] | None = None
        for accuser in accusers:
            said = self._said.get((by, accuser))
            if said is None:
                places = self._places(ClaimType.DENIES, by, accuser)
                said = self._said[by, accuser] = sorted(
                    (self.claims[place].when.start or date.min, place) for place in places
                )
            number = bisect_right(said, (until, len(self.claims))) - 1
            while number >= 0 and said[number][1] >= before:
                number -= 1
            if number >= 0 and (found is None or said[number] > found):
                found = said[number]
        return found


def _last(places: Sequence[int], before: int) -> int:
    number = bisect_left(places, before)
    return places[number - 1] if number else -1
