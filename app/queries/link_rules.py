"""The kinds of links between claims, the rules by which they are drawn, each with its reason, and a link as shown.

`app.queries.links` applies them; `docs/explanation/threads.md` states them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import msgspec

LinkKind = Literal["denies", "deflects", "counters", "corroborates", "retracts", "repeats", "responds"]
"""How a claim stands to the one it answers.

denies: rejects the accusation; deflects: the accused, answering, accuses a third party; counters: accuses the accuser;
corroborates: another actor affirms, or rejects, the same; retracts: the source withdraws its own; repeats: the same
utterance, reported again; responds: a renewed accusation after a denial, or a threat or retaliation in answer.
"""
Basis = Literal["explicit", "inferred"]
"""Whether the claim's own article says what it answers, or a rule concludes it."""

WINDOW = timedelta(days=30)
"""How far apart two claims may be said that are not known to be about one incident."""
NEAR = timedelta(days=2)
"""How much later than an utterance its first report may be published."""

RENEWED = re.compile(
    r"\b(?:again|anew|once more|reiterat\w+|renew\w*|h[eo]lds? to|st(?:and|ood|ands) by)\b", re.IGNORECASE
)
"""Words by which an article tells of a new utterance of an old position."""
WITHDRAWN = re.compile(
    r"\b(?:withdr[ae]w\w*|retract\w*|t(?:ake|akes|aken|ook|aking) back|no longer (?:applie[sd]|stands?)"
    r"|apologi[sz]\w+ for (?:having )?(?:accus|blam|nam)\w*|(?:was|were|been) wrong to (?:accus|blam|nam)\w*)",
    re.IGNORECASE,
)
"""Words by which a source withdraws what it said."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Why a link is drawn, in words, and how often such a link is the one that a careful reader draws."""

    why: str
    confidence: float


RULES: dict[str, Rule] = {
    "stated": Rule("the article says that it answers it", 0.95),
    "stated_earlier": Rule("the article says that it answers an accusation, of which this is the first report", 0.8),
    "same_text": Rule("the same passage, or one that goes back to the same text", 0.95),
    "headline": Rule("the headline of what the article says there", 0.9),
    "recalled": Rule("same source, type, target and incident; said on the day on which that was said", 0.85),
    "on_record": Rule(
        "same source, type, target and incident; no person speaks and no day is given: the position on record", 0.7
    ),
    "named_accuser": Rule("same incident; the accused names the accuser", 0.7),
    "accused_denies": Rule("same incident; the accused denies and names no accuser", 0.5),
    "reported_later": Rule("same incident; the accused denies an accusation that is reported only later", 0.4),
    "third_party_denies": Rule("same incident; rejects what the accuser it names said of another", 0.5),
    "same_rejected": Rule("same incident; another actor rejects the same", 0.6),
    "withdrawn": Rule("same incident; the source withdraws its own accusation", 0.8),
    "renewed": Rule("same incident; accuses anew after the accused has denied", 0.6),
    "accuses_back": Rule("same incident; the accused accuses the accuser", 0.7),
    "third_party_counters": Rule("same incident; another actor accuses the one who accused first", 0.6),
    "same_accused": Rule("same incident; another source accuses the same actor", 0.75),
    "third_party_accused": Rule("same incident; the accused accuses somebody else", 0.5),
    "answered_beside": Rule("in the same article the source answers that accusation", 0.55),
    "between_the_two": Rule("no common incident is known; the latest such claim of the other within 30 days", 0.4),
    "answers_the_act": Rule("answers an act of that day, which the other called its own retaliation", 0.9),
    "despite_denial": Rule("same incident; retaliates after the other has denied", 0.5),
    "carries_out": Rule("same source and target; carries out what was threatened", 0.5),
}


class ThreadLink(msgspec.Struct, frozen=True):
    """The claim `start` answers the claim `end`.

    Attributes:
        basis: `explicit` where the article says so, else `inferred`.
        why: In words, what the link rests on; `rule` is the rule's name.
        confidence: How often links of this rule are those that a careful reader draws (0 to 1).
        narrower: For a denial by a part of the accused that speaks for itself, the part: the accused has not denied.
        article: The article of the claim `start`.
    """

    start: str
    end: str
    link: LinkKind
    basis: Basis
    why: str
    rule: str
    confidence: float
    narrower: str | None
    article: str
