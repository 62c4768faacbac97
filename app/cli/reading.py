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

from app.cli.session import Extractor, Json, Session, Workers, counted, err, print_json, progress

if TYPE_CHECKING:
    from app.extraction import Recipe
    from app.ledger import Ledger
    from app.pipeline import IngestReport, Relations
    from app.pipeline.cluster_ingest import ClusterReport
    from app.vocabulary.records import Article, Decision, Refusal


def read_items(session: Session, sources: list[str]) -> Iterator[Article | Refusal]:
    """The articles of files, folders, URLs and standard input, and what could not be read."""
    from app.intake import Limits, read

    limits = Limits(max_bytes=session.settings.max_bytes, allow_private=session.settings.allow_private)
    return chain.from_iterable(read(source, stdin=sys.stdin.buffer, limits=limits) for source in sources)


def extractor_recipe(session: Session, extractor: str | None) -> Recipe:
    """The recipe of the extractor asked for, or of the one that the settings name.

    Raises:
        BadQuery: There is no such extractor, or it needs a server and none is named, or its folder is none: it would
            read every article as saying nothing.
    """
    from app.pipeline.choosing import chosen_recipe
    from app.vocabulary.errors import BadQuery

    extractor = extractor or session.settings.extractor
    kind, _, folder = extractor.partition(":")
    if kind == "recorded" and folder and not Path(folder).is_dir():
        raise BadQuery(f"{folder!r} is no folder of annotated articles")
    return chosen_recipe(session.settings, extractor)


def relations_of(session: Session) -> Relations:
    """What judges how articles hang together with earlier ones."""
    from app.linking import Acts
    from app.pipeline import Relations

    return Relations(session.gazetteer, Acts.load(session.settings.data / "lexicons" / "acts.tsv"))


def ingest(
    sources: Annotated[list[str], typer.Argument(metavar="PATH|URL|- …", help="Files, folders, URLs, or - .")],
    extractor: Extractor = None,
    workers: Workers = None,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Read on the Dask cluster whose scheduler is at ADDRESS (tcp://…, tls://…, or the file it wrote), or "
            "on one of this machine alone: local, or local:N for N processes.",
        ),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="With --dask: write Parquet files of claims into FOLDER, for `polemos import claims`, and nothing "
            "into the ledger.",
        ),
    ] = None,
    chunk: Annotated[int, typer.Option(min=1, max=10_000, help="With --dask: articles of a task.")] = 500,
    as_json: Json = False,
) -> None:
    """Read articles and remember what they say. What the ledger holds already is not read again.

    Ctrl-C ends it when what was read is stored; a second one ends it at once.
    """
    from app.cli.ending import ending
    from app.pipeline import LocalRunner
    from app.pipeline import ingest as run
    from app.vocabulary.errors import ModelAway

    if dask is not None:
        ingest_by_dask(sources, extractor, dask, to, chunk, as_json)
        return
    if to is not None:
        raise ValueError("--to goes with --dask")
    session = Session()
    settings = session.settings
    how = extractor_recipe(session, extractor)
    with session.open_ledger() as ledger, ending() as asked, progress() as bar:
        was_there = ledger.revision > 0
        task = bar.add_task("reading", total=None)

        def show(report: IngestReport) -> None:
            spent = f"; {report.spent}" if report.spent is not None else ""
            bar.update(task, completed=report.added, description=f"{report.claims} claims{spent}")

        try:
            report = run(
                asked.until_asked(read_items(session, sources)),
                ledger=ledger,
                recipe=how,
                gazetteer=session.gazetteer,
                relations=relations_of(session),
                runner=LocalRunner(workers or settings.workers),
                progress=show,
            )
        except ModelAway:
            tell_spending(how)
            err.print("what was stored stays, and the same command goes on from there", soft_wrap=True)
            raise
        gone = taken_back(ledger, report.articles) if was_there else {}
    if as_json:
        print_json(report.as_dict() | {"retracted": [{"article": a, "decision": one} for a, one in gone.items()]})
    else:
        err.print(
            f"revision {report.revision}: {counted(report.added, 'article')} read, "
            f"{report.already_known} already known, {counted(report.claims, 'claim')}"
        )
        tell_refusals(report.refused, report.refusals)
        tell_spending(how)
        tell_taken_back(gone)
    if asked.is_asked():
        err.print("ended before all was read; what was read is stored, and the same command goes on from there")
    asked.leave()
    if report.refused and not report.added and not report.already_known:
        raise typer.Exit(2)


def ingest_by_dask(
    sources: list[str], extractor: str | None, address: str, to: Path | None, chunk: int, as_json: bool
) -> None:
    """Read articles on a cluster; see `ingest`."""
    from app.intake import Limits
    from app.ledger.opening import is_sqlite
    from app.pipeline.cluster import connect
    from app.pipeline.cluster_ingest import Inputs, ingest_on_cluster, write_claims
    from app.pipeline.cluster_relating import relate
    from app.pipeline.cluster_work import installed_acts, installed_gazetteer, installed_recipe

    session = Session()
    settings = session.settings
    name = extractor or settings.extractor
    # Says what is wrong with it, if something is.
    extractor_recipe(session, name)
    kind, _, folder = name.partition(":")
    if kind == "recorded" and folder:
        # A worker stands in another folder.
        name = f"recorded:{Path(folder).resolve()}"
    limits = Limits(max_bytes=settings.max_bytes, allow_private=settings.allow_private)
    gone: dict[str, Decision] = {}
    related = 0
    with connect(address) as cluster, progress() as bar:
        how = installed_recipe(name, settings.spacy_model)
        kit = cluster.kit(how, installed_gazetteer, installed_acts, limits)
        task = bar.add_task("reading", total=None)

        def show(known: ClusterReport) -> None:
            refused = len(known.refused) + known.refusals.total()
            told = f"{known.claims} claims, {refused} refusals, {counted(known.chunks, 'chunk')} done; articles:"
            bar.update(task, completed=known.added, description=told)

        inputs = Inputs(cluster, kit, sources, stdin=sys.stdin.buffer, chunk=chunk)
        if to is not None:
            report = write_claims(inputs, cluster, kit, to, progress=show, chunk=chunk)
        else:
            with session.open_ledger() as ledger:
                was_there = ledger.revision > 0
                url = None if is_sqlite(settings.ledger) else settings.ledger
                report = ingest_on_cluster(
                    inputs,
                    cluster,
                    kit,
                    ledger,
                    url=url,
                    gazetteer=session.gazetteer,
                    relations=relations_of(session) if url is None else None,
                    progress=show,
                    chunk=chunk,
                )
                if url is not None:
                    bar.update(task, description="relating what was read")
                    related = relate(cluster, kit, url, ledger, report.articles)
                    report.revision = ledger.revision
                gone = taken_back(ledger, report.articles) if was_there else {}
    if as_json:
        taken = [{"article": article, "decision": one} for article, one in gone.items()]
        print_json(report.as_dict() | {"retracted": taken})
    else:
        where = f"revision {report.revision}" if to is None else str(to)
        err.print(
            f"{where}: {counted(report.added, 'article')} read in {counted(report.chunks, 'chunk')}, "
            f"{report.already_known} already known, {counted(report.claims, 'claim')}"
            + (f", {counted(related, 'judgement')} on how they hang together" if related else ""),
            markup=False,
            soft_wrap=True,
        )
        tell_refusals(report.refused, report.refusals)
        tell_taken_back(gone)
    if report.lost:
        err.print(
            f"{counted(len(report.lost), 'input')} left out because workers died: run the command again, with more "
            "memory for each worker",
            soft_wrap=True,
        )
        raise typer.Exit(1)
    if report.refused and not report.added and not report.already_known:
        raise typer.Exit(2)


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
    tell_spending(how)


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


def tell_spending(how: Recipe) -> None:
    """Say what a language model was asked, and what it took."""
    if how.spent is not None:
        err.print(str(how.spent()), markup=False, soft_wrap=True)
