"""An Accept header and what there is in, the one to send out (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence


def preferred(header: str | None, offered: Sequence[str]) -> str:
    """The offered media type with the greatest weight; the first of equals, and the first of all where none fits."""
    weights = _weights(header or "*/*")
    return max(offered, key=lambda media: (_weight(media, weights), -offered.index(media)))


def fitting(header: str | None, offered: Sequence[str]) -> str | None:
    """The same, and None where nothing fits (406)."""
    found = preferred(header, offered)
    return found if _weight(found, _weights(header or "*/*")) > 0 else None


def _weights(header: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for entry in header.split(","):
        media, *parameters = (part.strip() for part in entry.split(";"))
        weight = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "q":
                try:
                    weight = min(1.0, max(0.0, float(value)))
                except ValueError:
                    weight = 0.0
        found[media.lower()] = weight
    return found


def _weight(media: str, weights: dict[str, float]) -> float:
    # The most specific entry that fits decides, even where it is lighter.
    for pattern in (media, media.split("/")[0] + "/*", "*/*"):
        if pattern in weights:
            return weights[pattern]
    return 0.0
