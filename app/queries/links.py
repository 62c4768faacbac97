"""A claim in, the claims it answers out: typed links, stated by its article or inferred from what is known of both.

A link says that one speech act answers another. It says nothing of who is right. Rules are general: they look at type,
source, target, incident, day and words of the two claims, and at what the same source says elsewhere in the article.
The links of a claim depend on that claim alone, not on the thread it is shown in.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from app.graph import ConflictGraph, ResolvedClaim
from app.queries.about import NOBODY, About, Alike, Key, Reported, Told, is_later, reported, words_of
from app.queries.entailment import SPEAK_FOR_THEMSELVES, denier
from app.queries.link_rules import NEAR, RENEWED, RULES, WINDOW, WITHDRAWN, Basis, LinkKind, ThreadLink
from app.vocabulary.terms import ActorKind, ClaimType, Modality

MOST_ABOUT = 1000
"""Claims about one incident that are looked at; of more, the first in the ledger."""
MOST_NEAR = 40
"""Claims of one pair of actors, next to the day, that are looked at."""
MOST_BESIDE = 200
"""Claims of one article; where it has more it is a list of events, in which nothing is said beside something else."""
_DAY = timedelta(days=1)


class Linker:
    """Finds links in one graph. It remembers what it has found: make a new one for each question."""

    def __init__(self, graph: ConflictGraph) -> None:
        self.graph = graph
        self._about: dict[str, About] = {}
        self._told_of: dict[str, Told] = {}
        self._ordered = 0
        self._origins: dict[str, ResolvedClaim] = {}
        self._beside: dict[tuple[str, str], list[ResolvedClaim]] = {}
        self._wholes: dict[tuple[str | None, str | None, date | None], frozenset[str]] = {}
        self._links: dict[str, tuple[ThreadLink, ...]] = {}
        self._repeated: dict[str, ThreadLink | None] = {}
        self._within: dict[str, ThreadLink | None] = {}

    @property
    def looked_at(self) -> int:
        """Of how many claims the links have been sought, with those put in order to seek among."""
        return self._ordered + len(self._links)

    def links(self, claim: ResolvedClaim) -> tuple[ThreadLink, ...]:
        """What a claim answers: first what its article states, then what is inferred; one link to each claim."""
        found = self._links.get(claim.id)
        if found is None:
            ends: dict[str, ThreadLink] = {}
            for link in (self._stated(claim), *self._inferred(claim)):
                # What an article says outright goes before what a rule concludes.
                if link is not None and link.end != claim.id:
                    ends.setdefault(link.end, link)
            found = self._links[claim.id] = tuple(ends.values())
        return found

    def sources(self, claim: ResolvedClaim) -> frozenset[str]:
        """For whom it is said: the source, the body named, and all they are part of that day."""
        return self._parties(claim.when.start, claim.source, claim.source_named)

    def targets(self, claim: ResolvedClaim) -> frozenset[str]:
        """Against whom: the target, the body named, and all they are part of that day."""
        return self._parties(claim.when.start, claim.target, claim.target_named)

    def _parties(self, day: date | None, actor: str | None, named: str | None) -> frozenset[str]:
        key = (actor, named, day)
        found = self._wholes.get(key)
        if found is None:
            known = [self.graph.wholes(one, day) for one in (actor, named) if one is not None]
            found = self._wholes[key] = frozenset().union(*known)
        return found

    # ---- what the article says ----

    def _stated(self, claim: ResolvedClaim) -> ThreadLink | None:
        answered = self.graph.claims.get(claim.responds_to or "")
        return self._link(claim, answered, self._kind(claim, answered), "stated", "explicit") if answered else None

    def _kind(self, claim: ResolvedClaim, answered: ResolvedClaim) -> LinkKind:
        """What a claim does to one that it is known to answer."""
        match claim.type, answered.type:
            case ClaimType.DENIES, ClaimType.ACCUSES:
                return "retracts" if claim.source == answered.source else "denies"
            case ClaimType.ACCUSES, ClaimType.ACCUSES:
                if self.targets(claim) & self.sources(answered):
                    return "counters"
                if self.targets(claim) & self.targets(answered):
                    return "corroborates"
                return "deflects" if self.sources(claim) & self.targets(answered) else "responds"
            case _:
                return "responds"

    # ---- what the rules conclude ----

    def _inferred(self, claim: ResolvedClaim) -> tuple[ThreadLink | None, ...]:
        repeated = self._repeats(claim)
        if repeated is not None and repeated.rule != "headline":
            return (repeated,)
        # A headline answers what the passage answers that it sums up.
        match claim.type:
            case ClaimType.RETALIATES:
                return (repeated, *self._retaliates(claim))
            case ClaimType.DENIES:
                found = self._first_made(claim) or self._same_incident(claim)
            case ClaimType.ACCUSES:
                found = self._same_incident(claim)
        return (repeated, found or self._answered_beside(claim) or self._between_the_two(claim))

    def _repeats(self, claim: ResolvedClaim) -> ThreadLink | None:
        """The earlier report of the same utterance."""
        if claim.id not in self._repeated:
            self._repeated[claim.id] = self._find_repeated(claim)
        return self._repeated[claim.id]

    def _find_repeated(self, claim: ResolvedClaim) -> ThreadLink | None:
        alike, copies, count = self._like(claim)
        if not count:
            return None
        words = words_of(claim)
        same = alike.copied(words, claim.lineage, copies)
        if same is not None:
            # The nearest copy: repeats chain back to the first.
            return self._link(claim, same, "repeats", "same_text")
        if claim.part == "title":
            body = alike.claims[copies:count]
            summed_up = next((one for one in body if one.target == claim.target), body[0] if body else None)
            return self._link(claim, summed_up, "repeats", "headline") if summed_up is not None else None
        day = claim.when.start
        if claim.date is None:
            person = self.graph.actors[claim.speaker].kind is ActorKind.PERSON
            first = alike.first(copies)
            if first is not None and not person and claim.speaker == claim.source and not RENEWED.search(words):
                return self._link(claim, first, "repeats", "on_record")
        elif day is not None and claim.date != claim.published:
            # An article of a later day recalls what was said on that day.
            said = alike.said_on(day, claim.speaker, copies)
            if said is not None:
                return self._link(claim, said, "repeats", "recalled")
        return None

    def _like(self, claim: ResolvedClaim) -> tuple[Alike, int, int]:
        """What may report the same utterance, how many came before in earlier articles, and how many in all.

        They are of its type and modality, by its source, about the same, and against the same target; a denial may
        leave its target open.
        """
        if claim.incident is not None:
            alike = self._told(claim.incident).alike(claim)
        else:
            alike = Alike(self._told_apart(claim))
        copies, count = alike.before(claim)
        return alike, copies, count

    def _told_apart(self, claim: ResolvedClaim) -> list[ResolvedClaim]:
        """A claim about no incident, and those about none by the same against the same that come before it."""
        if claim.target is None:
            return []
        found = [
            one
            for one in self._near(claim.type, claim.source, claim.target, claim)
            if one.incident is None
            and one.source == claim.source
            and one.target == claim.target
            and one.modality is claim.modality
        ]
        return [*found, claim]

    def _told(self, incident: str) -> Told:
        """The claims about an incident by who says what; as many are looked at as for `about`."""
        found = self._told_of.get(incident)
        if found is None:
            claims = self.graph.claims
            found = self._told_of[incident] = Told(
                claims[one] for one in self.graph.claims_about(incident)[:MOST_ABOUT]
            )
        return found

    def _first_made(self, denial: ResolvedClaim) -> ThreadLink | None:
        """Where the accusation that the article ties the denial to was first reported."""
        answered = self.graph.claims.get(denial.responds_to or "")
        if answered is None or answered.type is not ClaimType.ACCUSES:
            return None
        alike, _, count = self._like(answered)
        first = next((one for one in alike.claims[:count] if not is_later(one, denial)), None)
        first = first or self._origin(answered)
        if first.id == answered.id or self._kind(denial, first) != "denies":
            return None
        return self._link(denial, first, "denies", "stated_earlier")

    def _same_incident(self, claim: ResolvedClaim) -> ThreadLink | None:
        """What it answers among the claims about its own incident."""
        if claim.incident is None:
            return None
        if claim.id not in self._within:
            about = self.about(claim.incident)
            answer = self._denies if claim.type is ClaimType.DENIES else self._accuses
            self._within[claim.id] = answer(claim, about) if claim.id in about.at else None
        return self._within[claim.id]

    def _denies(self, denial: ResolvedClaim, about: About) -> ThreadLink | None:
        # A denial may stand before the accusation in a text, or be printed on the same day.
        against = self._against(about, denial, None, "that_day")
        if denial.target is None and (against is None or WITHDRAWN.search(denial.claim.evidence.quote)):
            own = [one for one in self._own(about, denial) if one.source == denial.source]
            if own:
                said = [one for one in own if one.speaker == denial.speaker] or own
                return self._link(denial, self._origin(said[-1]), "retracts", "withdrawn")
        accuser = denial.target
        rule = "accused_denies" if accuser is None else "named_accuser"
        fitting = against if accuser is None else self._against(about, denial, accuser, "that_day")
        if fitting is not None:
            return self._link(denial, fitting, "denies", rule)
        later = self._against(about, denial, accuser, "ever")
        if later is not None:
            return self._link(denial, later, "denies", "reported_later")
        if accuser is not None and against is None:
            # Said for another: "the US denies that Ukraine did it".
            ours = self.sources(denial)
            said_of_others = about.select(denial, ClaimType.ACCUSES, accuser, None, "that_day")
            other = next((one for one in said_of_others if denial.source not in self.sources(one)), None)
            if other is not None:
                return self._link(denial, other, "denies", "third_party_denies")
            rejecting = about.select(denial, ClaimType.DENIES, None, accuser)
            rejected = next((one for one in rejecting if not self.sources(one) & ours), None)
            if rejected is not None:
                return self._link(denial, rejected, "corroborates", "same_rejected")
        return None

    def _own(self, about: About, denial: ResolvedClaim) -> Iterator[ResolvedClaim]:
        return about.select(denial, ClaimType.ACCUSES, denial.source, None)

    def _against(
        self, about: About, by: ResolvedClaim, accuser: str | None, when: Reported = "before", *, last: bool = False
    ) -> ResolvedClaim | None:
        """The first (or last) accusation of the one who speaks, of a part of it, or of a whole that it is part of."""
        found = [
            place
            for accused in self.sources(by)
            # Of the whole's accusations only those of the whole itself: another part's are not answered by this.
            if (
                place := about.against(
                    by, accuser, accused, when, itself=accused not in (by.source, by.source_named), last=last
                )
            )
            is not None
        ]
        return about.claims[max(found) if last else min(found)] if found else None

    def _denied(self, claim: ResolvedClaim, about: About, by: str, before: int) -> ResolvedClaim | None:
        """The latest denial by an actor of what the source says; else the latest that names no accuser."""
        found = about.last_denial(claim, by, self.sources(claim), before) or about.last_denial(
            claim, by, (NOBODY,), before
        )
        return about.claims[found[1]] if found is not None else None

    def _accuses(self, claim: ResolvedClaim, about: About) -> ThreadLink | None:
        if claim.target is None:
            return None
        alike, copies, _ = self._like(claim)
        earlier = alike.claims[0] if copies else None
        denial = self._denied(claim, about, claim.target, about.end(claim, "before"))
        if denial is not None and (earlier is not None or self._in_dispute(claim)):
            answered = self._origin(denial)
            denied = self._same_incident(answered)
            # It cannot answer the denial that answers it.
            if denied is None or denied.end != claim.id:
                return self._link(claim, answered, "responds", "renewed")
        back = self._against(about, claim, claim.target)
        if back is not None:
            if earlier is not None and reported(earlier) < reported(back):
                latest = self._against(about, claim, claim.target, last=True) or back
                return self._link(claim, self._origin(latest), "responds", "renewed")
            return self._link(claim, back, "counters", "accuses_back")
        if earlier is not None:
            return None
        against = self._against(about, claim, None)
        first = next(about.select(claim, ClaimType.ACCUSES, None, None), None)
        if first is not None and against is None and claim.target in self.sources(first):
            return self._link(claim, first, "counters", "third_party_counters")
        ours = self.sources(claim)
        accusing = about.select(claim, ClaimType.ACCUSES, None, claim.target)
        same = next((one for one in accusing if not self.sources(one) & ours), None)
        if same is not None:
            return self._link(claim, same, "corroborates", "same_accused")
        return self._link(claim, against, "deflects", "third_party_accused") if against is not None else None

    def _in_dispute(self, claim: ResolvedClaim) -> bool:
        """True where the accused has itself said or done something against the accuser of late."""
        target = claim.target
        return target is not None and any(
            next(self._near(kind, target, claim.source, claim), None) is not None
            for kind in (ClaimType.ACCUSES, ClaimType.RETALIATES)
        )

    def _answered_beside(self, claim: ResolvedClaim) -> ThreadLink | None:
        """The accusation that the source answers elsewhere in the article, for a claim about something else.

        The nearest passage before counts, else the nearest after. An accusation over an act that came after what it
        would answer is a new accusation and no answer.
        """
        here = reported(claim)
        answered: list[tuple[bool, Key, ResolvedClaim]] = []
        for beside in self.beside(claim):
            if beside.incident in (None, claim.incident) or beside.type is ClaimType.RETALIATES:
                continue
            link = self._same_incident(beside)
            if link is None or link.link not in ("denies", "counters", "deflects"):
                continue
            end = self.graph.claims[link.end]
            if claim.target in self.sources(end) and self.sources(claim) & self.targets(end):
                answered.append(((at := reported(beside)) < here, at, end))
        if not answered:
            return None
        before = [one for one in answered if one[0]]
        end = (max(before, key=lambda one: one[1]) if before else min(answered, key=lambda one: one[1]))[2]
        if claim.type is ClaimType.DENIES:
            return self._link(claim, end, "denies", "answered_beside")
        said, happened = end.when.end, claim.happened.start
        if said is not None and happened is not None and happened > said:
            return None
        return self._link(claim, end, "counters", "answered_beside")

    def _between_the_two(self, claim: ResolvedClaim) -> ThreadLink | None:
        """The latest accusation by the target, for a claim that is about no incident."""
        if claim.incident is not None or claim.target is None or claim.responds_to is not None:
            return None
        made = list(self._near(ClaimType.ACCUSES, claim.target, claim.source, claim))
        kind: LinkKind = "denies" if claim.type is ClaimType.DENIES else "counters"
        return self._link(claim, _latest(made), kind, "between_the_two") if made else None

    def _retaliates(self, claim: ResolvedClaim) -> list[ThreadLink | None]:
        if claim.target is None:
            return []
        found = [self._answers_the_act(claim, claim.target) or self._despite_denial(claim, claim.target)]
        if claim.modality is Modality.CARRIED_OUT:
            found.append(self._carries_out(claim, claim.target))
        if found[0] is None and claim.incident is None and claim.responds_to is None:
            theirs = list(self._near(ClaimType.RETALIATES, claim.target, claim.source, claim))
            theirs = theirs or list(self._near(ClaimType.ACCUSES, claim.target, claim.source, claim))
            if not theirs and found == [None]:
                # Else what its own side accuses the target of in the same article.
                ours = self._near(ClaimType.ACCUSES, claim.source, claim.target, claim)
                theirs = [one for one in ours if one.article == claim.article]
            if theirs:
                found.append(self._link(claim, _latest(theirs), "responds", "between_the_two"))
        return found

    def _answers_the_act(self, claim: ResolvedClaim, target: str) -> ThreadLink | None:
        """What the other did "in answer", on the day of the act that this one answers, is that act."""
        day, end = claim.happened.start, claim.happened.end
        if day is None or end is None or end - day > NEAR:
            return None
        window = (day - _DAY, day + _DAY)
        did: dict[tuple[bool, bool, bool], list[ResolvedClaim]] = {}
        for one in self._near(ClaimType.RETALIATES, target, None, claim, Modality.CARRIED_OUT, window):
            if one.incident != claim.incident:
                fit = (one.when.start != day, one.target != claim.source, one.part == "title")
                did.setdefault(fit, []).append(one)
        if not did:
            return None
        act = min(did[min(did)], key=reported)
        return self._link(claim, self._origin(act), "responds", "answers_the_act")

    def _despite_denial(self, claim: ResolvedClaim, target: str) -> ThreadLink | None:
        """What was done over an incident after the other had denied its part."""
        if claim.incident is None or claim.modality is not Modality.CARRIED_OUT:
            return None
        if ClaimType.DENIES not in self._told(claim.incident).kinds:
            return None
        about = self.about(claim.incident)
        if claim.id not in about.at:
            return None
        found = about.last_denial(claim, target, (*self.sources(claim), NOBODY), about.begin(claim))
        if found is None:
            return None
        return self._link(claim, self._origin(about.claims[found[1]]), "responds", "despite_denial")

    def _carries_out(self, claim: ResolvedClaim, target: str) -> ThreadLink | None:
        """The latest threat by the same against the same, over the same incident where there is one."""
        vowed = list(self._near(ClaimType.RETALIATES, claim.source, target, claim, Modality.THREATENED))
        about = [one for one in vowed if one.incident is not None and one.incident == claim.incident]
        vowed = about or [one for one in vowed if one.incident is None or claim.incident is None]
        return self._link(claim, self._origin(max(vowed, key=reported)), "responds", "carries_out") if vowed else None

    # ---- help ----

    def about(self, incident: str) -> About:
        """The claims about an incident, of which the first thousand are looked at."""
        found = self._about.get(incident)
        if found is None:
            ids = self.graph.claims_about(incident)[:MOST_ABOUT]
            claims = self.graph.claims
            found = self._about[incident] = About([claims[one] for one in ids], self.sources, self.targets)
            self._ordered += len(ids)
        return found

    def beside(self, claim: ResolvedClaim) -> Iterable[ResolvedClaim]:
        """What the same source says elsewhere in the article, unless that is a list of events."""
        key = (claim.article, claim.source)
        found = self._beside.get(key)
        if found is None:
            ids = self.graph.claims_in(claim.article)
            listed = [self.graph.claims[one] for one in ids] if len(ids) <= MOST_BESIDE else []
            found = self._beside[key] = [one for one in listed if one.source == claim.source]
        return (one for one in found if one is not claim)

    def _near(
        self,
        kind: ClaimType,
        source: str,
        target: str | None,
        claim: ResolvedClaim,
        modality: Modality | None = None,
        between: tuple[date, date] | None = None,
    ) -> Iterator[ResolvedClaim]:
        """The last claims of two actors said not after this one and not long before it, the latest day first.

        They are reported before it. `between` narrows the days, `modality` the claims.
        """
        day = claim.when.start
        pairs = self.graph.claims_of(kind, source, target) if day is not None else ()
        if not pairs or day is None:
            return
        since, until = between or (date.min, date.max)
        last = bisect_right(pairs, (min(day, until), "\U0010ffff"))
        first = max(bisect_left(pairs, (max(day - WINDOW, since), "")), last - MOST_NEAR)
        for number in range(last - 1, first - 1, -1):
            one = self.graph.claims[pairs[number][1]]
            if modality in (None, one.modality) and _is_before(one, claim):
                yield one

    def _origin(self, claim: ResolvedClaim) -> ResolvedClaim:
        """The first report of an utterance."""
        chain = []
        while (known := self._origins.get(claim.id)) is None and (link := self._repeats(claim)) is not None:
            chain.append(claim.id)
            claim = self.graph.claims[link.end]
        found = known or claim
        self._origins.update(dict.fromkeys(chain, found))
        return found

    def _link(
        self, claim: ResolvedClaim, answered: ResolvedClaim, kind: LinkKind, rule: str, basis: Basis = "inferred"
    ) -> ThreadLink:
        narrower = self._narrower(claim, answered) if kind == "denies" else None
        found = RULES[rule]
        return ThreadLink(
            claim.id, answered.id, kind, basis, found.why, rule, found.confidence, narrower, claim.article
        )

    def _narrower(self, denial: ResolvedClaim, accusation: ResolvedClaim) -> str | None:
        """The part of the accused for which alone a denial is made, by name."""
        accused = accusation.target_named or accusation.target
        own = denier(self.graph, denial)
        if own == accused or self.graph.actors[own].kind not in SPEAK_FOR_THEMSELVES:
            return None
        return self.graph.label(own) if accused in self._parties(denial.when.start, own, denial.source) else None


def _is_before(one: ResolvedClaim, other: ResolvedClaim) -> bool:
    """True where it was reported earlier."""
    ours, theirs = one.published or "~", other.published or "~"
    return ours < theirs if ours != theirs else reported(one) < reported(other)


def _latest(claims: list[ResolvedClaim]) -> ResolvedClaim:
    """The first of the last article."""
    last = max(claims, key=reported)
    return min((one for one in claims if one.article == last.article and one.when == last.when), key=reported)
