"""Where two extractors read an article side by side: how the cue of a claim says which of them found it.

One place for writing and reading it, for extraction writes cues and the review list reads them.
"""

from __future__ import annotations

import re

AGREED, ALONE, DIFFER = "found by both", "found only by", "found by both otherwise"
_CUE = re.compile(rf"(?:{ALONE} (?P<alone>[\w ]+)|{DIFFER} \((?P<otherwise>[^)]*)\)): ")


def agreed(cue: str) -> str:
    """The cue of a claim that both found."""
    return f"{AGREED}: {cue}"


def alone(reader: str, cue: str) -> str:
    """The cue of a claim that only this reader found."""
    return f"{ALONE} {reader}: {cue}"


def otherwise(how: str, cue: str) -> str:
    """The cue of a claim that both found, the other one otherwise: "threatened"."""
    return f"{DIFFER} ({how}): {cue}"


def doubt(cue: str) -> str | None:
    """What a person is to look at in a claim with this cue, in words; None where there is nothing."""
    found = _CUE.match(cue)
    if found is None:
        return None
    return f"{ALONE} {found['alone']}" if found["alone"] else f"{DIFFER}: {found['otherwise']}"
