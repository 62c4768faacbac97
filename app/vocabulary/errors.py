"""What can go wrong, as one small tree. A message says what is wrong and what to do; it never carries a stack trace.

::

    PolemosError
    ├── BadInput            what was handed in cannot be used (it carries a reason code, see RefusalReason)
    │   └── TooLarge        it exceeds a stated limit
    ├── BadQuery            a question that cannot be asked: unknown actor, impossible dates, a stale cursor
    ├── NotFound            an id that names nothing in the ledger or graph
    ├── EvidenceMismatch    a quote that does not stand where the claim says it stands
    ├── BadData             a lexicon, gazetteer, ontology or shapes file of ours that cannot be read
    ├── LedgerError         the memory itself
    │   ├── LedgerDamaged   what is stored contradicts itself; nothing was changed
    │   ├── LedgerTooNew    written by a newer version of Polemos
    │   ├── LedgerBusy      another writer held it for longer than we wait
    │   └── LedgerAway      the server that holds it cannot be reached
    ├── ModelAway           a language model's server cannot be reached or used; no article counts as read by it
    └── MissingPart         an optional part is not installed (the message names it)
"""


class PolemosError(Exception):
    """The root of everything Polemos raises on purpose."""


class BadInput(PolemosError):
    """An input that cannot be used.

    Args:
        reason: The refusal code under which it is counted (`app.vocabulary.terms.RefusalReason` value).
        message: What is wrong and what to do about it.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason

    def __reduce__(self) -> tuple[type[PolemosError], tuple[str, ...]]:
        # Raised in a worker process, it must arrive whole in the one that waits.
        return BadInput, (self.reason, str(self))


class TooLarge(BadInput):
    """An input beyond a stated limit."""

    def __init__(self, message: str) -> None:
        super().__init__("too_large", message)

    def __reduce__(self) -> tuple[type[PolemosError], tuple[str, ...]]:
        return TooLarge, (str(self),)


class BadQuery(PolemosError):
    """A question that cannot be answered as asked."""


class NotFound(PolemosError):
    """An id that names nothing."""


class EvidenceMismatch(PolemosError):
    """A quote that is not in the article where the claim says it is."""


class BadData(PolemosError):
    """One of the files in `graph_data` cannot be read as what it should be; names file and line."""


class LedgerError(PolemosError):
    """The ledger could not do what was asked; nothing already stored was lost."""


class LedgerDamaged(LedgerError):
    """What is stored contradicts itself."""


class LedgerTooNew(LedgerError):
    """The ledger was written by a newer version."""


class LedgerBusy(LedgerError):
    """Another writer held the ledger for longer than we wait."""


class LedgerAway(LedgerError):
    """The server that holds the ledger could not be reached for longer than we wait."""


class ModelAway(PolemosError):
    """The server of a language model could not be reached, does not let us in, or goes on failing."""


class MissingPart(PolemosError):
    """An optional part is not installed."""
