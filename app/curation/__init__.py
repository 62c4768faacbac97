"""A person's ruling in; one decision, checked for its form and appended to the ledger, out. And the log of them all.

Nothing is overwritten: each ruling is a row that says who, when and why, and can be undone by another. Whether what it
is about exists is a question to the graph (`app.queries.permit`).
"""

from app.curation.log import Log, Taken, retractions
from app.curation.rulings import Ruling, decision, ruling_of
from app.curation.taking import take

__all__ = ["Log", "Ruling", "Taken", "decision", "retractions", "ruling_of", "take"]
