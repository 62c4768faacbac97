"""The rows of an attribution table: what is reported of one actor's responsibility, as it is shown.

`app.queries.attribution` fills them. Nothing in a row says who is right.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from app.queries.rows import Counts
from app.queries.statuses import Status
from app.vocabulary.terms import DenialKind

Basis = Literal[
    "accuses_it", "denies_for_itself", "answers_an_accusation_of_it", "withdraws_its_accusation", "rejects_for_another"
]
"""Why a claim stands in an actor's row."""
Scope = Literal["direct", "entailed", "inherited", "narrower"]
"""How a claim came into the row.

direct: it speaks of the actor itself; entailed: it accuses a part, hence the whole; inherited: it rejects for the
whole, hence for the part; narrower: it rejects for a part alone, which is shown and counts for nothing here.
"""


class Stance(msgspec.Struct, frozen=True):
    """One source's claims for or against an attribution, of one scope.

    Attributes:
        claims: Ids, in the order they were said; `mentions` is their number.
        lineages: Independent texts behind them: copies of one count once.
        scope: Whether the claims speak of the actor itself; `through` names the part or whole of which they speak.
        withdrawn: Ids of later claims by which the source withdrew these; it then no longer counts.
    """

    source: str
    source_id: str
    claims: list[str]
    articles: int
    publishers: int
    denial_kinds: list[DenialKind]
    basis: list[Basis]
    mentions: int
    lineages: int
    scope: Scope = "direct"
    through: str | None = None
    withdrawn: list[str] = []


class Acknowledging(msgspec.Struct, frozen=True):
    """Reports that an actor takes the incident upon itself; the fields are as in `Stance`.

    Attributes:
        acknowledgements: Their ids.
    """

    source: str
    source_id: str
    acknowledgements: list[str]
    mentions: int
    articles: int
    publishers: int
    lineages: int
    scope: Scope = "direct"
    through: str | None = None


class Finding(msgspec.Struct, frozen=True):
    """What a court, a commission of inquiry, a panel of experts or the like is reported to have found.

    Attributes:
        authority: Its name; `kind` says what sort of body it is.
        adjudicates: True for courts and tribunals: only their findings make the status `adjudicated`.
        holds: Whether it affirms or rejects the actor's responsibility.
    """

    claim: str
    authority: str
    kind: str
    adjudicates: bool
    holds: Literal["affirms", "rejects"]
    scope: Scope


class Attribution(msgspec.Struct, frozen=True):
    """What is reported of one actor's responsibility.

    Attributes:
        affirming: Who holds it responsible.
        rejecting: Who rejects that.
        self_claims: Reports that it, or a part of it, claims the act as its own deed.
        admissions: Reports that it, or a part of it, admits the act.
        findings: What courts, commissions and panels say; each stands among the claims of the other columns too.
        affirmed: What stands behind the affirming claims that count; `rejected`, behind the rejecting ones.
        status: Unattributed, single-sided, contested, self-claimed, admitted or adjudicated.
        rule: The rule that gave the status; `because` is its text.
    """

    actor: str
    actor_id: str
    affirming: list[Stance]
    rejecting: list[Stance]
    self_claims: list[Acknowledging]
    admissions: list[Acknowledging]
    findings: list[Finding]
    affirmed: Counts
    rejected: Counts
    status: Status
    rule: str
    because: str
