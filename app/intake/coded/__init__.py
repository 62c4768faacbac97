"""Datasets of coded events in, events and refusals out; and events and two tables in, articles with their readings out.

::

    base        the port: what a dataset must do to be imported
    lines       a file's lines, packed or not, one at a time
    icews       the first dataset behind the port
    tables      which code is which claim, which role speaks for its state
    rendering   events as articles (one line for each) and what they claim as readings

A coded event is what a coder, man or machine, says that a text says. So it enters as a claim like any other, with the
dataset's record of it as evidence; nothing here reads text. No settings, no storing.
"""

from app.intake.coded.base import Coded, CodedEvent, CodedOptions, Party
from app.intake.coded.icews import Icews
from app.intake.coded.rendering import Renderer, chunks
from app.intake.coded.tables import ActorTable, CodeTable

IMPORTERS: dict[str, Coded] = {one.name: one for one in (Icews(),)}
"""The datasets that can be imported, by the name they go by."""

NOT_YET = ("gdelt", "acled", "ucdp")
"""Names kept for datasets that cannot be imported yet."""

__all__ = [
    "IMPORTERS",
    "NOT_YET",
    "ActorTable",
    "CodeTable",
    "Coded",
    "CodedEvent",
    "CodedOptions",
    "Icews",
    "Party",
    "Renderer",
    "chunks",
]
