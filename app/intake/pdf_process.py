"""PDF bytes in, the lines on their pages out, taken apart in a process of its own. It makes no article of them.

PDFium is native code, and a file may be made to crash it, to keep it busy for ever or to exhaust memory. So it runs in
a child that holds nothing: it is killed when its time is up, its memory is bounded where the system can do so, it may
write no file, and where it dies the file is refused and the next one gets a fresh child.

Parent to child: a head of four numbers (bytes, most pages, most characters, seconds), then the file. Child to parent: a
number of bytes, then JSON. A child without work ends itself.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from app.vocabulary.errors import BadInput, TooLarge
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    from app.intake.limits import Limits

_HEAD = struct.Struct(">QIII")
_SIZE = struct.Struct(">Q")
# Native code that leaks a little in each file is made anew after so many.
_FILES_EACH = 100
_IDLE_S = 60
_HYPHEN = "\x02"


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it stands on its page; lengths are in points, `top` and `bottom` counted from the page's lower edge.

    Attributes:
        text: Its characters; U+0002 at its end stands for a hyphen at which a word seems to be broken.
        size: The height of its letters.
    """

    text: str
    size: float
    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Document:
    """What a PDF file holds.

    Attributes:
        title: The title that the file states about itself; may be empty or wrong.
        pages: The lines of each page, in the order in which the file draws them.
    """

    title: str
    pages: tuple[tuple[Line, ...], ...]


def take_apart(raw: bytes, limits: Limits) -> Document:
    """The lines of a PDF file.

    Raises:
        BadInput: It is encrypted, damaged or takes too long (`unreadable`), or has too many pages or characters
            (`too_large`).
    """
    with _LOCK:
        found = _worker(limits).ask(raw, limits)
    if "refused" in found:
        reason, message = found["refused"]
        raise TooLarge(message) if reason == RefusalReason.TOO_LARGE else BadInput(reason, message)
    return Document(found["title"], tuple(tuple(Line(*line) for line in page) for page in found["pages"]))


# ---- the parent's side ----


class _Worker:
    """A child, and the pipes to it."""

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self.files = 0
        # The child finds the same program as we, and never a folder named `app` that lies where somebody works.
        places = os.pathsep.join(place for place in sys.path if place)
        self._process = subprocess.Popen(  # noqa: S603 (our own program, and a number)
            [sys.executable, "-P", "-m", "app.intake.pdf_process", str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": places},
            # Ctrl-C is for the parent, which may want to finish what is under way.
            start_new_session=True,
        )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, raw: bytes, limits: Limits) -> dict[str, Any]:
        """What the child says of the file; a refusal where it dies over it."""
        self.files += 1
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            self._process.kill()

        timer = threading.Timer(limits.pdf_timeout_s, expire)
        timer.daemon = True
        timer.start()
        try:
            answer = self._exchange(raw, limits)
        except (OSError, ValueError, EOFError):
            self.end()
            if expired.is_set():
                message = f"it could not be taken apart within {limits.pdf_timeout_s:g} seconds; hand in its text"
            else:
                message = (
                    f"it brought its reader down, or needs more than {limits.max_pdf_memory // 1_000_000:,} MB of "
                    "memory, as a damaged or malicious file does; print it to a new PDF file, or hand in its text"
                )
            return {"refused": [RefusalReason.UNREADABLE.value, message]}
        finally:
            timer.cancel()
        return answer

    def _exchange(self, raw: bytes, limits: Limits) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        seconds = int(limits.pdf_timeout_s) + 5
        # Twice the characters, for running heads and page numbers do not count in the end.
        head = _HEAD.pack(len(raw), limits.max_pdf_pages, 2 * limits.max_chars, seconds)
        self._process.stdin.write(head)
        self._process.stdin.write(raw)
        self._process.stdin.flush()
        size = _exactly(self._process.stdout, _SIZE.size)
        answer: dict[str, Any] = json.loads(_exactly(self._process.stdout, _SIZE.unpack(size)[0]))
        return answer

    def end(self) -> None:
        with contextlib.suppress(OSError):
            self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe.close() if pipe is not None else None
        self._process.wait()


_LOCK = threading.Lock()
_current: _Worker | None = None


def _worker(limits: Limits) -> _Worker:
    """The child at hand, or a fresh one."""
    global _current
    at_hand = _current
    if at_hand is not None and (
        not at_hand.alive or at_hand.files >= _FILES_EACH or at_hand.memory != limits.max_pdf_memory
    ):
        at_hand.end()
        at_hand = None
    if at_hand is None:
        at_hand = _current = _Worker(limits.max_pdf_memory)
    return at_hand


@atexit.register
def _end() -> None:
    if _current is not None:
        _current.end()


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


# ---- the child's side ----


def main() -> None:
    """Take files apart until there are no more of them."""
    _bound(int(sys.argv[1]))
    # What native code prints must not stand among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    source = sys.stdin.buffer
    while _waited(source):
        head = source.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return
        size, pages, chars, seconds = _HEAD.unpack(head)
        with _alarm(seconds):
            answer = _answer(_exactly(source, size), pages, chars)
        body = json.dumps(answer).encode()
        answers.write(_SIZE.pack(len(body)) + body)
        answers.flush()


def _bound(memory: int) -> None:
    try:
        import resource
    except ImportError:
        # Windows has no such bounds; the parent's clock is left.
        return
    for what, most in (("RLIMIT_AS", memory), ("RLIMIT_FSIZE", 0), ("RLIMIT_CORE", 0)):
        with contextlib.suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, what), (most, most))


def _waited(source: BinaryIO) -> bool:
    """True when there is something to read, False after a long while without."""
    try:
        ready, _, _ = select.select([source], [], [], _IDLE_S)
    except (OSError, ValueError):
        # Where pipes cannot be waited on, reading waits.
        return True
    return bool(ready)


@contextlib.contextmanager
def _alarm(seconds: int) -> Iterator[None]:
    """End this process after so many seconds, should the parent, who keeps the clock, be gone."""
    import signal

    alarm = getattr(signal, "alarm", None)
    if alarm is not None:
        alarm(seconds)
    yield
    if alarm is not None:
        alarm(0)


def _answer(raw: bytes, max_pages: int, max_chars: int) -> dict[str, Any]:
    import pypdfium2

    def refused(reason: RefusalReason, message: str) -> dict[str, Any]:
        return {"refused": [reason.value, message]}

    try:
        document = pypdfium2.PdfDocument(raw)
    except pypdfium2.PdfiumError as why:
        if why.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            return refused(RefusalReason.UNREADABLE, "it is encrypted; save it without a password and hand that in")
        return refused(RefusalReason.UNREADABLE, "it is damaged or no PDF file; print it to a new one and hand that in")
    count = len(document)
    if count > max_pages:
        message = f"it has {count:,} pages, more than {max_pages:,}; hand in the pages of one article"
        return refused(RefusalReason.TOO_LARGE, message)
    pages: list[list[tuple[object, ...]]] = []
    chars = 0
    for number in range(count):
        try:
            page = document[number]
            text = page.get_textpage()
        except pypdfium2.PdfiumError:
            return refused(RefusalReason.UNREADABLE, f"its page {number + 1} of {count} is damaged; print it anew")
        chars += text.count_chars()
        if chars > max_chars:
            return refused(RefusalReason.TOO_LARGE, f"it has more than {max_chars:,} characters; split it")
        pages.append(_lines(text))
        text.close()
        page.close()
    title = document.get_metadata_value("Title")
    document.close()
    return {"title": title[:2_000], "pages": pages}


def _lines(page: Any) -> list[tuple[object, ...]]:  # noqa: ANN401 (pypdfium2 carries no types)
    from pypdfium2 import raw

    found: list[tuple[object, ...]] = []
    chars: list[str] = []
    places: list[int] = []

    def finish() -> None:
        line = "".join(chars).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        seen = [at for at, char in zip(places, chars, strict=True) if not char.isspace()]
        if seen:
            first, middle, last = (page.get_charbox(at, loose=True) for at in (seen[0], seen[len(seen) // 2], seen[-1]))
            size = max(box[3] - box[1] for box in (first, middle))
            found.append((line.strip(), size, first[0], last[2], max(first[3], middle[3]), min(first[1], middle[1])))
        chars.clear()
        places.clear()

    for at in range(page.count_chars()):
        code = raw.FPDFText_GetUnicode(page, at)
        if code == 0x0A:
            finish()
        elif code in (0x02, 0xFFFE):
            chars.append(_HYPHEN)
            places.append(at)
            # PDFium takes out the line's end with the hyphen, whatever stands next.
            finish()
        elif code >= 0x20 or code == 0x09:
            chars.append(chr(code) if code < 0x110000 else "\ufffd")
            places.append(at)
    finish()
    return found


if __name__ == "__main__":
    main()
