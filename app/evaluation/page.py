"""An evaluation in, a block of a Markdown page out, put between marks so that one run leaves another's block alone.

A block belongs to one extractor and to one sort of articles: held out, or at hand when rules were written and weights
fitted. The two are never added up, for the second says nothing about new text.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.evaluation.measuring import Evaluation
from app.evaluation.tables import FigureTable, summary, tables
from app.vocabulary.errors import BadInput
from app.vocabulary.terms import RefusalReason

HELD_OUT, TRAINING = "held-out articles", "training articles"

_BEGIN, _END = "<!-- figures:begin {} -->", "<!-- figures:end {} -->"
_ANY, _ANY_END = "<!-- figures:", "<!-- figures:end "


def filled(page: str, sort: str, found: Evaluation) -> str:
    """The page with this evaluation's block written anew; a block that is not there yet follows the last one.

    Args:
        page: Markdown, with whatever blocks it has.
        sort: `HELD_OUT` or `TRAINING`; with the extractor's name it names the block.
        found: What to write.

    Raises:
        BadInput: The page's marks do not pair.
    """
    name = f"{found.extractor}, {sort}"
    begin, end = _BEGIN.format(name), _END.format(name)
    block = f"{begin}\n" + "\n\n".join(_parts(name, found)) + f"\n{end}"
    if begin not in page and end not in page:
        last = page.rfind(_ANY_END)
        at = page.index("-->", last) + len("-->") if last >= 0 else len(page)
        before, after = page[:at].rstrip("\n"), page[at:].strip("\n")
        return "\n\n".join(part for part in (before, block, after) if part) + "\n"
    before, _, rest = page.partition(begin)
    inside, closed, after = rest.partition(end)
    if not closed or _ANY in inside:
        raise BadInput(RefusalReason.BAD_FIELD, f"the page must have {begin} and, with no such mark between, {end}")
    return f"{before}{block}{after}"


def _parts(name: str, found: Evaluation) -> Iterator[str]:
    yield f"### {name}"
    yield summary(found)
    for table in tables(found):
        yield _markdown(table)
        if table.below:
            yield table.below


def _markdown(table: FigureTable) -> str:
    rules = ("---", *("--:" for _ in table.header[1:]))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (table.header, rules, *table.rows))
