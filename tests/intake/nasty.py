"""Inputs made to harm whoever reads them, generated small; each says what must become of it.

In: nothing. Out: `CASES`, each with its bytes and the reasons under which it may be refused ("article" where it, or a
part of it, is one). None is kept as a file, and none is anybody's: what is big is made when asked for.
"""

from __future__ import annotations

from tests.intake import nasty_bytes, nasty_documents, nasty_files
from tests.intake.nasty_base import PROSE, SENTENCE, Case

__all__ = ["CASES", "PROSE", "SENTENCE", "Case"]

CASES: tuple[Case, ...] = (*nasty_documents.CASES, *nasty_bytes.CASES, *nasty_files.CASES)
