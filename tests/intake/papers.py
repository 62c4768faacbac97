"""PDF files written by hand, for tests: the lines of pages, each at its place."""

from __future__ import annotations

from typing import NamedTuple


class At(NamedTuple):
    """A line of text, its letters' size, and the height of its base line on the page (792 points)."""

    text: str
    size: float
    y: float
    x: float = 72


def column(lines: list[str], *, top: float = 640, size: float = 11, leading: float = 14, x: float = 72) -> list[At]:
    """Lines one below the other; an empty one is a gap."""
    return [At(text, size, top - leading * number, x) for number, text in enumerate(lines) if text]


def pdf(*pages: list[At] | bytes, title: str = "", created: str = "D:20310401120000Z") -> bytes:
    """The file; a page given as bytes is drawn by them."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%b] >>"
        % (len(pages), b" ".join(b"%d 0 R" % (5 + 2 * number) for number in range(len(pages)))),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Title (%b) /CreationDate (%b) >>" % (title.encode("cp1252"), created.encode()),
    ]
    for number, page in enumerate(pages):
        drawn = page if isinstance(page, bytes) else b"".join(map(_drawn, page))
        resources = b"<< /Font << /F1 3 0 R >> >>"
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources %b /Contents %d 0 R >>"
            % (resources, 6 + 2 * number)
        )
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn))
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Info 4 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n%b%b" % (count, table, trailer)


def _drawn(line: At) -> bytes:
    text = line.text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    return b"BT /F1 %g Tf %g %g Td (%b) Tj ET\n" % (line.size, line.x, line.y, text)
