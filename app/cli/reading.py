"""Commands by which articles come in: `ingest` (into the ledger) and `extract` (read, stored nowhere)."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.cli.session import Extractor, Json, Session, Workers, counted, err, print_json

if TYPE_CHECKING:
    from app.extraction import Recipe
    from app.ledger import Ledger
    from app.pipeline import IngestReport, Relations
    from app.vocabulary.records import Article, Decision, Refusal


def read_items(session: Session, sources: list[str]) -> Iterator[Article | Refusal]:
    """The articles of files, folders, URLs and standard input, and what could not be read."""
    from app.intake import Limits, read

    limits = Limits(max_bytes=session.settings.max_bytes, allow_private=session.settings.allow_private)
    return chain.from_iterable(read(source, stdin=sys.stdin.buffer, limits=limits) for source in sources)


def extractor_recipe(session: Session, extractor: str | None) -> Recipe:
    """The recipe of the extractor asked for, or of the one that the settings name.

    Raises:
        BadQuery: There is no such extractor, or its folder is none: it would read every article as saying nothing.
    """
    from app.extraction import recipe
    from app.vocabulary.errors import BadQuery

    extractor = extractor or session.settings.extractor
    kind, _, folder = extractor.partition(":")
    if kind == "recorded" and folder and not Path(folder).is_dir():
        raise BadQuery(f"{folder!r} is no folder of annotated articles")
    return recipe(extractor, session.settings.data, model=session.settings.spacy_model)


def relations_of(session: Session) -> Relations:
    """What judges how articles hang together with earlier ones."""
    from app.linking import Acts
    from app.pipeline import Relations

    return Relations(session.gazetteer, Acts.load(session.settings.data / "lexicons" / "acts.tsv"))


def add_reading(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command()
    def ingest(
        sources: Annotated[list[str], typer.Argument(metavar="PATH|URL|- …", help="Files, folders, URLs, or - .")],
        extractor: Extractor = None,
        workers: Workers = None,
        as_json: Json = False,
    ) -> None:
        """Read articles and remember what they say. What the ledger holds already is not read again."""
        from app.pipeline import LocalRunner
        from app.pipeline import ingest as run

        session = Session()
        settings = session.settings
        how = extractor_recipe(session, extractor)
        with session.open_ledger() as ledger, progress() as bar:
            was_there = ledger.revision > 0
            task = bar.add_task("reading", total=None)

            def show(report: IngestReport) -> None:
                bar.update(task, completed=report.added, description=f"{report.claims} claims")

            report = run(
                read_items(session, sources),
                ledger=ledger,
                recipe=how,
                gazetteer=session.gazetteer,
                relations=relations_of(session),
                runner=LocalRunner(workers or settings.workers),
                progress=show,
            )
            gone = taken_back(ledger, report.articles) if was_there else {}
        if as_json:
            print_json(report.as_dict() | {"retracted": [{"article": a, "decision": one} for a, one in gone.items()]})
        else:
            err.print(
                f"revision {report.revision}: {counted(report.added, 'article')} read, "
                f"{report.already_known} already known, {counted(report.claims, 'claim')}"
            )
            tell_refusals(report.refused, report.refusals)
            tell_taken_back(gone)
        if report.refused and not report.added and not report.already_known:
            raise typer.Exit(2)

    @app.command()
    def extract(
        sources: Annotated[
            list[str] | None, typer.Argument(metavar="[PATH|URL|- …]", help="Default: JSON lines on standard input.")
        ] = None,
        extractor: Extractor = None,
        workers: Workers = None,
    ) -> None:
        """Read articles and print one JSON line for each: id, incidents, claims with evidence and confidence.

        Nothing is stored. Articles have the fields id, title, text, published, publisher, url.
        """
        from app.extraction import annotation
        from app.pipeline import LocalRunner, read_articles
        from app.vocabulary.records import Refusal

        session = Session()
        settings = session.settings
        how = extractor_recipe(session, extractor)
        refused: list[Refusal] = []
        refusals: Counter[str] = Counter()
        encode = msgspec.json.Encoder().encode
        items = read_items(session, sources or ["-"])
        for read in read_articles(items, how, LocalRunner(workers or settings.workers)):
            if isinstance(read, Refusal):
                refused.append(read)
                continue
            article, reading = read
            refusals.update(str(refusal.reason) for refusal in reading.refusals)
            sys.stdout.write(encode(annotation(article, reading)).decode() + "\n")
        sys.stdout.flush()
        tell_refusals(refused, refusals)


def taken_back(ledger: Ledger, articles: list[str]) -> dict[str, Decision]:
    """Those of the articles that somebody retracted, and the decision that did it."""
    from app.curation import retractions
    from app.vocabulary.records import Decision

    decisions = (one for _, one in ledger.entries(with_text=False) if isinstance(one, Decision) and one.at is not None)
    gone = retractions(decisions)
    return {name: gone[name] for name in dict.fromkeys(articles) if name in gone}


def tell_taken_back(gone: dict[str, Decision]) -> None:
    """Say of retracted articles that they stay out of the graph, and by whose decision."""
    from app.queries.outcomes import told_by

    for article, one in gone.items():
        err.print(f"{article} stays out of the graph: retracted by {told_by(one)}", markup=False, soft_wrap=True)


def progress() -> Progress:
    """A bar on standard error, shown only on a terminal and gone when done."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)


def tell_refusals(refused: list[Refusal], refusals: Counter[str]) -> None:
    """Nothing is dropped silently: inputs refused one by one (up to 20), findings by reason."""
    for refusal in refused[:20]:
        err.print(f"refused ({refusal.reason}): {refusal.detail}", markup=False, soft_wrap=True)
    if len(refused) > 20:
        counts = Counter(str(refusal.reason) for refusal in refused)
        rest = ", ".join(f"{n} {reason}" for reason, n in counts.most_common())
        err.print(f"… {len(refused)} inputs refused in all: {rest}", markup=False, soft_wrap=True)
    if refusals:
        told = ", ".join(f"{n} {reason}" for reason, n in refusals.most_common())
        err.print(f"left out while reading: {told}", markup=False, soft_wrap=True)
