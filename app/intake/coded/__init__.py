"""Datasets of coded events in, events and refusals out; and events and two tables in, articles with their readings out.

::

    base        the port: what a dataset must do to be imported
    lines       a file's lines, packed or not, one at a time
    cells       what importers of several datasets read alike
    icews       the first dataset behind the port
    acled, ucdp events on the coder's own word
    quoted      records of quoted CSV
    claims      claims that people wrote down, as annotated articles; claim_rows says what is wrong with a row
    scratch     temporary tables on disk
    happening   events on the coder's own word as incidents, and whom it accuses
    gdelt       GDELT 1.0 and 2.0, with the outlets that mention an event
    polecat     POLECAT, coded by PLOVER
    tables      which code is which claim, which role speaks for its state
    rendering   events as articles (one line for each) and what they claim as readings

A coded event is what a coder, man or machine, says that a text says. So it enters as a claim like any other, with the
dataset's record of it as evidence; nothing here reads text. No settings, no storing.
"""

from app.intake.coded.acled import Acled
from app.intake.coded.base import Coded, CodedEvent, CodedOptions, Party
from app.intake.coded.gdelt import Gdelt
from app.intake.coded.icews import Icews
from app.intake.coded.polecat import Polecat
from app.intake.coded.rendering import Renderer, chunks
from app.intake.coded.tables import ActorTable, CodeTable
from app.intake.coded.ucdp import Ucdp

IMPORTERS: dict[str, Coded] = {one.name: one for one in (Acled(), Gdelt(), Icews(), Polecat(), Ucdp())}
"""The datasets that can be imported, by the name they go by."""

__all__ = [
    "IMPORTERS",
    "Acled",
    "ActorTable",
    "CodeTable",
    "Coded",
    "CodedEvent",
    "CodedOptions",
    "Gdelt",
    "Icews",
    "Party",
    "Polecat",
    "Renderer",
    "Ucdp",
    "chunks",
]
