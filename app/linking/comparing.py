"""Two profiles in, a judgement out: are they one incident, by a table of what speaks for it and what against it.

The score is the logistic function of a sum: each thing observed adds its weight. The table is published, with what it
reaches, in `docs/explanation/decisions/0009-incidents-across-articles.md`. The same pair gets the same judgement
whichever came first and whatever else is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.linking.acts import Acts, Kinship
from app.linking.profiles import Dating, Profile
from app.vocabulary.terms import Judgement

WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "prior": -4.0,
        "act same": 2.0,
        "act told": 1.0,
        "act akin": 0.0,
        "act other": -2.5,
        "object shared": 1.2,
        "object other": -2.0,
        "place same": 2.5,
        "area same": 1.2,
        "place within": 1.0,
        "place beside": 0.6,
        "place elsewhere": -2.0,
        "place abroad": -3.0,
        "day same": 2.5,
        "day next": 0.3,
        "days overlap": 1.0,
        "day recent": 0.5,
        "day older": -0.3,
        "told as further": -3.0,
        "accused shared": 0.6,
        "accused other": -1.0,
        "parties: one": 0.0,
        "parties: two": 0.8,
        "parties: more": 1.2,
        "parties none": -1.5,
        "name shared": 0.8,
        "names shared": 1.6,
        "words shared": 0.8,
        "passage same": 4.0,
    }
)
"""What each observation adds to the score, before the logistic function."""

SURE, DOUBTFUL = 0.8, 0.6
"""From the first on two incidents are the same; from the second on a person should look."""

ALIKE = 0.3
"""Two that cannot be one are said to be different where, but for that, they would score as much."""

REACH = 10
"""Days apart within which look-alikes are looked for."""
_NEAR_KM, _FAR_KM = 25.0, 60.0
_RECENT = 5
_TWO_DAYS, _TWO_SPANS = 0.95, 0.8
"""How sure it is that two are different whose days are known, or known within some days."""
_MANY_WORDS = 3


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is seen of two profiles.

    Attributes:
        seen: The observations that hold, as the table names them.
        apart: Why they cannot be one, or None.
        reasons: What speaks for it, in words.
    """

    seen: tuple[str, ...]
    apart: str | None
    reasons: tuple[str, ...]

    def score(self, weights: Mapping[str, float] = WEIGHTS) -> float:
        """How likely the two are one incident, 0 to 1, as far as nothing keeps them apart."""
        total = weights["prior"] + sum(weights[one] for one in self.seen)
        return 1 / (1 + math.exp(-total))


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judgement with its score and its reason in words."""

    judgement: Judgement
    score: float
    reason: str


def judged(ours: Profile, theirs: Profile, acts: Acts) -> Verdict | None:
    """Whether two incidents of two articles are one; None where they are not and nobody would think so."""
    seen = compared(ours, theirs, acts)
    score = round(seen.score(), 3)
    if seen.apart is not None:
        alike = "place same" in seen.seen and {"act same", "act told"} & set(seen.seen)
        if score < ALIKE or not alike or Dating.UNDATED in (ours.dating, theirs.dating):
            return None
        sure = _TWO_DAYS if Dating.SPAN not in (ours.dating, theirs.dating) else _TWO_SPANS
        return Verdict(Judgement.DIFFERENT, sure, f"{seen.apart}, though {', '.join(seen.reasons)}")
    if score < DOUBTFUL:
        return None
    judgement = Judgement.SAME if score >= SURE else Judgement.UNSURE
    return Verdict(judgement, score, ", ".join(seen.reasons))


def compared(ours: Profile, theirs: Profile, acts: Acts) -> Comparison:
    """What is seen of two profiles; the order of the two does not matter."""
    seen: list[str] = []
    reasons: list[str] = []
    parts = (_places(ours, theirs), _days(ours, theirs), _acts(ours, theirs, acts), _actors(ours, theirs))
    for part in (*parts, _wording(ours, theirs)):
        for name, reason in part:
            seen.append(name)
            if reason:
                reasons.append(reason)
    return Comparison(tuple(seen), _apart(ours, theirs), tuple(reasons))


_Seen = Iterable[tuple[str, str]]


def _places(ours: Profile, theirs: Profile) -> _Seen:
    if ours.country and theirs.country and ours.country != theirs.country:
        if not _distance(ours, theirs) < _NEAR_KM:
            yield "place abroad", ""
        return
    heads = set(ours.heads) & set(theirs.heads)
    if heads or (ours.heads and ours.place == theirs.place):
        where = _spoken(heads) or _spoken(ours.heads)
        wide = ours.wide and theirs.wide
        yield ("area same", f"same area ({where})") if wide else ("place same", f"same place ({where})")
        return
    if not ours.heads or not theirs.heads:
        # The one names its country only, or nothing.
        if ours.country and theirs.country:
            yield "place within", f"same country ({ours.country})"
        return
    within = set(ours.heads) & set(theirs.wholes) | set(theirs.heads) & set(ours.wholes)
    distance = _distance(ours, theirs)
    if within or distance < _NEAR_KM:
        yield "place within", f"one place in the other ({_spoken(within)})" if within else "places close to each other"
    elif beside := set(ours.wholes) & set(theirs.wholes):
        yield "place beside", f"both in {_spoken(beside)}"
    elif distance > _FAR_KM or ours.country == theirs.country:
        yield "place elsewhere", ""


def _days(ours: Profile, theirs: Profile) -> _Seen:
    if ours.again != theirs.again:
        yield "told as further", ""
    if ours.dating is Dating.DAY and theirs.dating is Dating.DAY:
        gap = abs(ours.first - theirs.first)
        if gap == 0:
            yield "day same", f"same day ({ours.days})"
        elif gap == 1:
            yield "day next", "one day apart"
        return
    if min(ours.dating, theirs.dating) is not Dating.UNDATED:
        if _gap(ours, theirs) == 0:
            exact = (ours.first, ours.last) == (theirs.first, theirs.last)
            yield ("day same", f"same time ({ours.days})") if exact else ("days overlap", "days that can be the same")
        return
    lag = max(abs(_told(ours) - _told(theirs)), 0)
    yield ("day recent", "reported within days") if lag <= _RECENT else ("day older", "")


def _told(one: Profile) -> int:
    """The day to which a report is nearest: the incident's where it has one, else that of its article."""
    return one.published if one.dating is Dating.UNDATED and one.published else one.last


def _acts(ours: Profile, theirs: Profile, acts: Acts) -> _Seen:
    names = " ~ ".join(sorted({acts.words(ours.acts), acts.words(theirs.acts)} - {""}))
    match acts.kinship(ours.acts, theirs.acts):
        case Kinship.SAME:
            yield "act same", names
        case Kinship.UNKNOWN:
            pass
        case kinship:
            if ours.acts & theirs.told and theirs.acts & ours.told:
                yield "act told", f"each also tells of the other's act ({names})"
            elif kinship is Kinship.AKIN:
                yield "act akin", names
            else:
                yield "act other", ""
    if ours.objects and theirs.objects:
        if set(ours.objects) & set(theirs.objects):
            yield "object shared", "the same thing hit"
        else:
            yield "object other", ""


def _actors(ours: Profile, theirs: Profile) -> _Seen:
    if ours.accused and theirs.accused:
        if set(ours.accused) & set(theirs.accused):
            yield "accused shared", "laid on the same"
        else:
            yield "accused other", ""
    if ours.parties and theirs.parties:
        both = len(set(ours.parties) & set(theirs.parties))
        count = ("parties none", "parties: one", "parties: two", "parties: more")[min(both, 3)]
        yield count, f"{both} {'party' if both == 1 else 'parties'} in common" if both else ""


def _wording(ours: Profile, theirs: Profile) -> _Seen:
    names = len(set(ours.names) & set(theirs.names))
    if names:
        yield ("name shared", "a name in common") if names == 1 else ("names shared", f"{names} names in common")
    if ours.passage and ours.passage == theirs.passage:
        yield "passage same", "told in the same passage"
    elif len(set(ours.words) & set(theirs.words)) >= _MANY_WORDS:
        yield "words shared", "told in the same words"


def _apart(ours: Profile, theirs: Profile) -> str | None:
    """Why two cannot be one incident: their days, or that one is told as one more after the other."""
    if ours.passage and ours.passage == theirs.passage and Dating.DAY not in (ours.dating, theirs.dating):
        return None  # "On Thursday", copied, is read as another Thursday.
    if ours.again != theirs.again:
        later, first = (ours, theirs) if ours.again else (theirs, ours)
        if 0 < first.published < later.first:
            return "one is told as a further one, after the other was reported"
    gap = _gap(ours, theirs)
    if gap > 1 or (gap == 1 and Dating.DAY not in (ours.dating, theirs.dating)):
        when = sorted((ours.days, theirs.days))
        return f"{gap} {'day' if gap == 1 else 'days'} apart ({when[0]}, {when[1]})"
    return None


def _gap(ours: Profile, theirs: Profile) -> int:
    """Days between the two at the least; 0 where they may be on one day."""
    return max(ours.first - theirs.last, theirs.first - ours.last, 0)


def within_reach(ours: Profile, theirs: Profile) -> bool:
    """Whether two are near enough in time to be compared."""
    return _gap(ours, theirs) <= REACH


def _distance(ours: Profile, theirs: Profile) -> float:
    """Kilometres between two sites or settlements; not a number where a point is unknown."""
    if ours.point is None or theirs.point is None:
        return math.nan
    (north, east), (other_north, other_east) = ours.point, theirs.point
    a, b = math.radians(north), math.radians(other_north)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(other_east - east) / 2) ** 2
    return 12742 * math.asin(math.sqrt(min(1.0, half)))


def _spoken(slugs: Iterable[str]) -> str:
    """Slugs as names again: "el-paso" → "El Paso"."""
    return ", ".join(" ".join(word.capitalize() for word in one.split("-")) for one in sorted(slugs))
