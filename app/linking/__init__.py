"""Mentions in, proposed decisions out: which actor or place of the world each names. It never applies a decision.

Across articles: which incidents are one (`incidents`), which claims go back to one text (`lineages`), and which names
may be one actor's (`alike`).
"""

from app.linking.actors import LINKER, Linked, link
from app.linking.acts import Acts
from app.linking.alike import AlikeNames
from app.linking.incidents import IncidentIndex
from app.linking.lineages import LineageIndex

__all__ = ["LINKER", "Acts", "AlikeNames", "IncidentIndex", "LineageIndex", "Linked", "link"]
