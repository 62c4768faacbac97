"""The closed lists of the house: claim and edge types, modalities, node kinds, judgements, reasons for a refusal.

Each value is the word used in code, API, CLI, ontology, page and docs alike. `tests/test_ontology.py` holds this
file and `graph_data/ontology/polemos.ttl` equal.
"""

from __future__ import annotations

from enum import StrEnum


class ClaimType(StrEnum):
    """The three relations of the codebook."""

    ACCUSES = "accuses"
    DENIES = "denies"
    RETALIATES = "retaliates"

    @property
    def noun(self) -> str:
        """The claim of that type, as a noun: accusation, denial, retaliation."""
        return {"accuses": "accusation", "denies": "denial", "retaliates": "retaliation"}[self.value]


class Modality(StrEnum):
    """How a claim stands to the act it speaks of (codebook, Units and retaliates)."""

    ASSERTED = "asserted"
    CARRIED_OUT = "carried_out"
    THREATENED = "threatened"
    CALLED_FOR = "called_for"


MODALITIES: dict[ClaimType, tuple[Modality, ...]] = {
    ClaimType.ACCUSES: (Modality.ASSERTED,),
    ClaimType.DENIES: (Modality.ASSERTED,),
    ClaimType.RETALIATES: (Modality.CARRIED_OUT, Modality.THREATENED, Modality.CALLED_FOR),
}


class ThreatKind(StrEnum):
    """How a threatened retaliation is bound: to a condition ("if they strike again"), or as an order already given.

    Sub-kinds of `threatened` (codebook, retaliates); a plain vow has none.
    """

    CONDITIONAL = "conditional"
    ORDERED = "ordered"


class Rung(StrEnum):
    """The retaliation ladder, lowest rung first: urged by somebody, vowed, bound to a condition, ordered, done."""

    CALLED_FOR = "called_for"
    THREATENED = "threatened"
    CONDITIONAL = "conditional"
    ORDERED = "ordered"
    CARRIED_OUT = "carried_out"

    @property
    def height(self) -> int:
        """0 for the lowest rung."""
        return list(Rung).index(self)


class DenialKind(StrEnum):
    """What a denial rejects: that it happened, that it was us, that we meant it, that it was what they say it was."""

    OCCURRENCE = "occurrence"
    PERPETRATION = "perpetration"
    INTENT = "intent"
    CHARACTERISATION = "characterisation"
    KNOWLEDGE = "knowledge"
    AUTHORITY = "authority"


class Clock(StrEnum):
    """The four times of a claim: of what it is about, of its saying, of its publication, of its entry in the ledger."""

    HAPPENED = "happened"
    SAID = "said"
    PUBLISHED = "published"
    INGESTED = "ingested"


class Rollup(StrEnum):
    """What counts as said by, or against, an actor.

    `off`: what it says itself, and what names it itself. `state`: what the codebook rolls up to it, too. `full`: what
    its parts, by dated membership, say and face, too; a part's denial is then shown as narrower and not counted.
    """

    OFF = "off"
    STATE = "state"
    FULL = "full"


class Role(StrEnum):
    """On which side of a claim an actor that is asked for must stand."""

    EITHER = "either"
    SOURCE = "source"
    TARGET = "target"


class Voice(StrEnum):
    """Whether an actor is looked for as the one whose words are reported, or as the one for whom they are said."""

    SPEAKER = "speaker"
    REPRESENTED = "represented"


class AcknowledgementKind(StrEnum):
    """Whether an actor takes an act upon itself in claiming it (as its own deed) or in admitting it (when accused)."""

    SELF_CLAIM = "self_claim"
    ADMISSION = "admission"


class NodeKind(StrEnum):
    """The three typed nodes."""

    ACTOR = "actor"
    PLACE = "place"
    INCIDENT = "incident"


class EdgeKind(StrEnum):
    """The typed edges: the three claim types, and three that hold the graph together."""

    ACCUSES = "accuses"
    DENIES = "denies"
    RETALIATES = "retaliates"
    PART_OF = "part_of"
    LOCATED_IN = "located_in"
    ABOUT = "about"

    @property
    def phrase(self) -> str:
        """How the edge reads between its two ends: "Russia accuses Ukraine"."""
        return {
            "accuses": "accuses",
            "denies": "denies an accusation by",
            "retaliates": "retaliates against",
            "part_of": "speaks or acts for",
            "located_in": "is reported in",
            "about": "speaks about",
        }[self.value]


class ActorKind(StrEnum):
    """What sort of actor; `unknown` where neither gazetteer nor text tells."""

    STATE = "state"
    GOVERNMENT_BODY = "government_body"
    ARMED_FORCE = "armed_force"
    ARMED_GROUP = "armed_group"
    POLITICAL_GROUP = "political_group"
    INTERNATIONAL_ORGANISATION = "international_organisation"
    COMPANY = "company"
    MEDIA = "media"
    NGO = "ngo"
    PERSON = "person"
    UNKNOWN = "unknown"


class Judgement(StrEnum):
    """The outcome of a decision on whether two ids name the same thing."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"


class DecisionKind(StrEnum):
    """What a decision does: judges identity or descent, retracts a record, corrects a field, undoes another decision.

    `judge` says whether two ids name one thing in the world; `lineage`, whether two claims go back to one text.
    """

    JUDGE = "judge"
    LINEAGE = "lineage"
    RETRACT = "retract"
    CORRECT = "correct"
    UNDO = "undo"


class RefusalReason(StrEnum):
    """Why something was left out. Every refusal is counted under one of these."""

    # inputs
    EMPTY = "empty"
    BINARY = "binary"
    WRONG_ENCODING = "wrong_encoding"
    TOO_LARGE = "too_large"
    NOT_AN_ARTICLE = "not_an_article"
    NOT_ENGLISH = "not_english"
    BAD_JSON = "bad_json"
    BAD_FIELD = "bad_field"
    BAD_DATE = "bad_date"
    UNREADABLE = "unreadable"
    UNSUPPORTED = "unsupported"
    # extractions
    QUOTE_NOT_IN_TEXT = "quote_not_in_text"
    UNKNOWN_TERM = "unknown_term"
    DANGLING_REFERENCE = "dangling_reference"
    NO_SOURCE = "no_source"
    NO_TARGET = "no_target"
    SOURCE_IS_TARGET = "source_is_target"
    NEGATED = "negated"
    NON_DENIAL = "non_denial"
    NOT_AN_ACTOR = "not_an_actor"
    NO_ACT = "no_act"
    NARRATION = "narration"
    QUESTION = "question"
    OUT_OF_SCOPE = "out_of_scope"
    DUPLICATE = "duplicate"
    SENTENCE_TOO_LONG = "sentence_too_long"
    UNCERTAIN = "uncertain"
