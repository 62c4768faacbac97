"""An SVG picture in, the same as PNG out, drawn with one given font, so that it looks alike on every machine."""

from __future__ import annotations

from pathlib import Path

import resvg_py

from app.vocabulary.errors import MissingPart

# A picture wider than this, in pixels, is scaled down: it would take gigabytes to draw.
WIDEST = 8000


def to_png(svg: str, font: Path, *, zoom: float = 2.0) -> bytes:
    """Draw it at `zoom` times its size.

    Raises:
        MissingPart: The font is not there; it comes with the page's set-up.
    """
    if not font.is_file():
        raise MissingPart(f"the font {font.name} is missing, so labels could not be drawn; run `make setup`")
    size = svg.split('width="', 1)[1].split('"', 1)[0]
    png: bytes = resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=min(zoom, WIDEST / float(size)),
        skip_system_fonts=True,
        font_files=[str(font)],
        font_family="DejaVu Sans",
        sans_serif_family="DejaVu Sans",
    )
    return bytes(png)
