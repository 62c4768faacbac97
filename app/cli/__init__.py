"""The door for the command line, `polemos …`: words in, tables or one JSON document out. It decides nothing itself.

An error of ours is one line on standard error and exit status 2 (what was asked or handed in) or 1 (the ledger).
Tables and JSON go to standard output, progress and counts to standard error.
"""

from __future__ import annotations

import sys

from app.cli.analysing import add_analyses
from app.cli.asking import add_questions
from app.cli.curating import add_curation
from app.cli.explaining import add_explaining
from app.cli.giving import add_exports
from app.cli.importing import add_importing
from app.cli.keeping import add_keeping
from app.cli.measuring import add_measuring
from app.cli.reading import add_reading
from app.cli.receipts import add_receipts
from app.cli.session import new_app
from app.cli.watching import add_watching
from app.vocabulary.errors import LedgerError, PolemosError

app = new_app()
add_reading(app)
add_watching(app)
add_importing(app)
add_keeping(app)
add_questions(app)
add_analyses(app)
add_exports(app)
add_curation(app)
add_receipts(app)
add_explaining(app)
add_measuring(app)


def main() -> None:
    """Run the command line."""
    try:
        app()
    except LedgerError as why:
        _say(str(why))
        sys.exit(1)
    except (PolemosError, ValueError) as why:
        _say(str(why))
        sys.exit(2)
    except BrokenPipeError:
        # Whoever read our output has had enough of it.
        sys.stderr.close()
        sys.exit(0)
    except OSError as why:
        # A file that was named cannot be read or written.
        _say(f"{why.filename}: {why.strerror}" if why.filename else str(why))
        sys.exit(2)


def _say(message: str) -> None:
    sys.stderr.write(f"polemos: {message}\n")
