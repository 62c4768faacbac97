"""The fixed wording of claims: words and patterns that tell an accusation from a rebuke and a denial from a refusal.

What a person may extend lies in `graph_data/lexicons`; what lies here belongs to the rules themselves.
"""

from __future__ import annotations

import re

from app.vocabulary.terms import DenialKind

CLAIM_NOUNS = frozenset(
    "accusation allegation claim charge report assertion suggestion involvement responsibility complicity role blame "
    "version account statement finding story rumour rumor link word notion contention narrative insinuation".split()
)
"""What a denial rejects; "rejected the request" is none."""
NOT_DENIED = frozenset("entry access bail visa request permission appeal asylum extradition".split())
"""What is denied to somebody, which is no denial (codebook, denies)."""
CRIME = re.compile(
    r"crime|terror|aggression|genocide|massacre|provocation|violation|breach|murder|barbari|atrocit|piracy|blackmail"
    r"|sabotage"
)
FALSE = re.compile(
    r"false|lie\b|lies\b|baseless|groundless|unfounded|untrue|nonsense|fabricat|invent|absurd|ridiculous|fake"
)
NON_DENIAL = re.compile(r"neither confirm\w* nor den|nor den(?:y|ied)|declin\w+ to (?:confirm or )?deny")
THREAT_VERBS = frozenset(
    "vow warn threaten pledge promise swear will would shall reserve announce order consider plan prepare".split()
)
CALL_VERBS = frozenset("urge demand press appeal advocate".split())
FUTURE = re.compile(r"\b(?:will|would|shall|going to|must)\b|['’]ll\b")
NO_RETURN = re.compile(r"\b(?:ruled out|refrain\w*|did not|restraint|no) [\w ]{0,12}$")
MUTUAL = re.compile(
    r"\b(?:accus|blam)\w+ (?:the other|each other|one another)\b|each side accus|each accus\w+ the other"
)
BEHIND = re.compile(r"(?:\w+ ){0,3}(?:behind|responsible for|to blame|guilty of|complicit in)\b")
WORK_OF = re.compile(r"(?:\w+ ){0,2}the work of\b")
MISTAKE = re.compile(r"(?i)by mistake|mistaken(?:ly)?\b|in error|accidental|unintention|inadvertent|human error")
"""Who says so of his own act admits it, whatever the verb."""
FURTHER_ACTS = frozenset(
    "attempt repeat repetition incursion provocation step move action measure barrier restriction escalation aggression"
    " violation intrusion encroachment shell bomb missile shot trespass interference".split()
)
"""What a threat may be bound to ("any further step"), besides the words that name incidents."""

_KINDS: tuple[tuple[DenialKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (DenialKind.KNOWLEDGE, r"no knowledge|not aware|unaware|knew nothing|did not know"),
        (
            DenialKind.AUTHORITY,
            r"not order|no orders?|never ordered|not authori[sz]e|without (?:its|his) orders?",
        ),
        (DenialKind.INTENT, r"accident|not deliberate|unintention|did not mean|not intend|by mistake"),
        (DenialKind.CHARACTERISATION, r"legitimate|military target|self-defen[cs]e|lawful|not an? \w+ but"),
        (
            DenialKind.OCCURRENCE,
            r"no (?:such )?(?:attack|strike|raid|incident|shelling)|never happened|did not take place|fabricat|invent"
            r"|fake|fiction|staged",
        ),
        (
            DenialKind.PERPETRATION,
            r"nothing to do with|no involvement|not involved|not behind|not responsible|responsibility|involvement"
            r"|no part|no role",
        ),
    )
)


def denial_kind(text: str) -> DenialKind | None:
    """What a denial rejects, where its words tell; None where they do not."""
    low = text.lower()
    return next((kind for kind, pattern in _KINDS if pattern.search(low)), None)
