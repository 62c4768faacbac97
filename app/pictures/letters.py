"""A text in, its width in DejaVu Sans and its lines out; estimated by classes of letters, no font is read."""

from __future__ import annotations

_NARROW = frozenset("iljtfrI.,:;'|!()[]-·’‘ ")
_WIDE = frozenset("mwMW@%—…")


def width(text: str, size: float) -> float:
    """About how many pixels a text is wide at a font size; rather too many than too few."""
    units = 0.0
    for letter in text:
        if letter in _NARROW:
            units += 0.38
        elif letter in _WIDE:
            units += 0.98
        elif ord(letter) > 0x2E80:
            units += 1.05
        elif letter.isupper() or letter.isdigit():
            units += 0.69
        else:
            units += 0.61
    return units * size


def lines(text: str, size: float, most: float, count: int = 2) -> list[str]:
    """The text in at most `count` lines of at most `most` pixels; what does not fit ends in an ellipsis."""
    found: list[str] = []
    line = ""
    words = text.split()
    for i, word in enumerate(words):
        longer = f"{line} {word}".strip()
        if not line or width(longer, size) <= most:
            line = longer
            continue
        if len(found) == count - 1:
            line = " ".join([line, *words[i:]])
            break
        found.append(line)
        line = word
    found.append(line)
    return [_cut(one, size, most) for one in found]


def _cut(line: str, size: float, most: float) -> str:
    if width(line, size) <= most:
        return line
    while line and width(line + "…", size) > most:
        line = line[:-1]
    return line.rstrip(" ,.;:-") + "…"
