"""Bytes in, articles and refusals out. Intake changes no wording, reads no settings and stores nothing.

::

    reading         where the bytes come from: file, folder, URL, standard input, request body
    formats         which reader they need
    text  html  json_articles  feeds  warc  pdf  parquet    one reader for each format; a further one is a module here
    parts           where a large file may be cut, so that several readers share it
    pdf_process     the process in which PDF files are taken apart
    fetch  packed   a URL's answer; gzip
    robots          whether and when a host may be asked
    clean  dates    characters and dates in their one form
    gate            the only place where an Article is made, or refused
"""

from app.intake.gate import Item
from app.intake.json_articles import read_json_object
from app.intake.limits import Limits
from app.intake.reading import read, read_bytes

__all__ = ["Item", "Limits", "read", "read_bytes", "read_json_object"]
