"""The command that measures an extractor against annotated articles: `evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app import __version__
from app.cli.reading import extractor_recipe, tell_spending
from app.cli.session import Extractor, Json, Session, Workers, check_folder, err, print_json, progress, write_bytes

if TYPE_CHECKING:
    from app.evaluation import AnnotatedArticle, Comparison, Evaluation, Mistake
    from app.extraction import Recipe


def evaluate(
    gold: Annotated[Path, typer.Argument(metavar="GOLD_DIR", help="A folder of annotated articles, .json files.")],
    extractor: Extractor = None,
    glob: Annotated[str, typer.Option(metavar="PATTERN", help="Only files of such names, as 'dev-*'.")] = "*",
    min_confidence: Annotated[
        float, typer.Option(metavar="X", min=0, max=1, help="Leave out claims of less confidence, 0 to 1.")
    ] = 0.0,
    errors: Annotated[int, typer.Option(metavar="N", min=0, help="Show so many mistakes of each kind.")] = 0,
    errors_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every mistake there, one JSON line for each.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE.md", help="Write the figures into this page, in the extractor's own blocks."),
    ] = None,
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """Read annotated articles and hold what is found against what a careful reader found. Nothing is stored.

    Precision, recall and F1 by set, claim type and difficulty; how far confidence can be believed; what went wrong.
    A report keeps articles of sets called `train…` apart from the others: rules and weights were made with them.
    """
    from app.evaluation import first_of_each, mistakes, read_annotated

    for output in (errors_file, report):
        if output is not None:
            check_folder(output)
    session = Session()
    how = extractor_recipe(session, extractor)
    annotated = read_annotated(gold, glob)
    compared = _compared(annotated, how, workers or session.settings.workers, min_confidence, quiet=as_json)
    tell_spending(how)
    found = _evaluation(session, how, compared, min_confidence)
    wrong = mistakes(compared) if errors or errors_file is not None else []
    shown = first_of_each(wrong, errors)
    if as_json:
        print_json({**msgspec.to_builtins(found), **({"errors": shown} if errors else {})})
    else:
        _show(found)
        _show_mistakes(shown, wrong)
        if len({one.annotated.held_out for one in compared}) > 1:
            both = "held-out and training articles are added up here; --glob and --report keep them apart"
            err.print(both, soft_wrap=True)
    if errors_file is not None:
        write_bytes(errors_file, b"".join(msgspec.json.encode(one) + b"\n" for one in wrong))
    if report is not None:
        _write_report(report, session, how, compared, min_confidence)


def _compared(
    annotated: Sequence[AnnotatedArticle], how: Recipe, workers: int, least: float, *, quiet: bool
) -> list[Comparison]:
    """Every article read, and held against its annotation."""
    from app.evaluation import Comparison, stated
    from app.pipeline import LocalRunner, read_articles
    from app.vocabulary.records import Refusal

    compared: list[Comparison] = []
    bar = progress()
    bar.disable |= quiet
    with bar:
        readings = read_articles((one.article for one in annotated), how, LocalRunner(workers))
        pairs = bar.track(zip(annotated, readings, strict=True), total=len(annotated), description="reading")
        for one, read in pairs:
            # Only an input that is no article is refused, and these are articles.
            assert not isinstance(read, Refusal)
            compared.append(Comparison(one, stated(*read), least))
    return compared


def _evaluation(session: Session, how: Recipe, compared: Sequence[Comparison], least: float) -> Evaluation:
    from app.evaluation import Naming, evaluate

    return evaluate(
        compared, Naming(session.gazetteer), version=__version__, extractor=how.name, least_confidence=least
    )


def _write_report(report: Path, session: Session, how: Recipe, compared: Sequence[Comparison], least: float) -> None:
    """The blocks of held-out and training articles anew, each where there are such articles."""
    from app.evaluation import HELD_OUT, TRAINING, filled

    page = report.read_text(encoding="utf-8") if report.exists() else "# Accuracy\n"
    for sort in (HELD_OUT, TRAINING):
        members = [one for one in compared if one.annotated.held_out == (sort == HELD_OUT)]
        if members:
            page = filled(page, sort, _evaluation(session, how, members, least))
    write_bytes(report, page.encode())
    err.print(f"{report} written", markup=False, soft_wrap=True)


def _show(found: Evaluation) -> None:
    from app.evaluation import summary, tables

    console = Console(highlight=False)
    console.print(Text(summary(found)))
    for one in tables(found):
        first, *others = one.header
        table = Table(first.capitalize())
        for name in others:
            table.add_column(name, justify="right")
        for row in one.rows:
            table.add_row(*map(Text, row))
        console.print(table)
        if one.below:
            console.print(Text(one.below))


def _show_mistakes(shown: Sequence[Mistake], wrong: Sequence[Mistake]) -> None:
    from app.evaluation import KINDS

    console = Console(highlight=False)
    for kind, meaning in KINDS.items():
        rows = [one for one in shown if one.kind == kind]
        if not rows:
            continue
        table = Table(title=f"{kind.capitalize()}: {meaning}", show_lines=True, expand=True)
        table.add_column("Article", ratio=3, overflow="fold")
        table.add_column("Said, and what should be", ratio=5)
        table.add_column("In the article's words", ratio=6)
        for one in rows:
            sides = Text()
            for name, side in (("said", one.said), ("should be", one.should_be)):
                if side is not None:
                    who = side.source if side.speaker in (None, side.source) else f"{side.source} ({side.speaker})"
                    sides.append(f"{name}: {who} {one.type} {side.target or 'nobody named'} [{side.modality}]\n")
            if one.confidence is not None:
                sides.append(f"{one.confidence:.2f} · {one.cue}", style="dim")
            table.add_row(Text(one.article), sides, Text(f"“{one.quote}”"))
        console.print(table)
        total = sum(one.kind == kind for one in wrong)
        if len(rows) < total:
            console.print(Text(f"{len(rows)} of {total} shown."))
