"""What a caller allows, in one frozen record: sizes, times, and which hosts may be asked. It reads no settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what is read. Beyond one, an input becomes a refusal; nothing is cut short to fit.

    Attributes:
        max_bytes: Bytes of one document, unpacked. A JSON lines file may be of any size: each line is a document.
        max_html_bytes: Bytes of one HTML page. Lower, because main-text extraction takes seconds beyond a few MB.
        max_html_elements: Elements of one HTML page, for the same reason; news pages have some thousands.
        max_words: Words and punctuation marks of one article's text. Reading takes up to half a second and 30 MB of
            memory for each thousand.
        max_chars: Characters of one article's text.
        max_run: Characters of it in a row without white space, on which reading takes the square of their number.
        max_field_chars: Characters of a title, publisher, URL or external id.
        min_page_chars: Characters of main text below which an HTML page is no article.
        max_feed_bytes: Bytes of one feed; its parser takes seconds beyond a few MB.
        max_pdf_pages: Pages of one PDF file.
        max_pdf_memory: Bytes of memory that taking a PDF file apart may use (where the system can hold it to that).
        pdf_timeout_s: Seconds that taking a PDF file apart may take.
        timeout_s: Seconds for one URL, from looking up its host to the last byte, redirects included.
        max_redirects: Redirects followed for one URL.
        allow_private: Whether a URL may lead to this machine or its private network. Say True only where no stranger
            chooses the URL; where it is False, the address that was checked is the one connected to, and proxies set
            in the environment are not used.
    """

    max_bytes: int = 20_000_000
    max_html_bytes: int = 5_000_000
    max_html_elements: int = 100_000
    max_words: int = 30_000
    max_chars: int = 300_000
    max_run: int = 2_000
    max_field_chars: int = 2_000
    min_page_chars: int = 250
    max_feed_bytes: int = 3_000_000
    max_pdf_pages: int = 300
    max_pdf_memory: int = 1_000_000_000
    pdf_timeout_s: float = 20.0
    timeout_s: float = 20.0
    max_redirects: int = 5
    allow_private: bool = False


DEFAULT = Limits()
