"""The command by which coded events come in: `import`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.cli.reading import progress
from app.cli.session import Json, Session, counted, err, print_json
from app.vocabulary.errors import BadQuery

if TYPE_CHECKING:
    from app.pipeline.importing import ImportReport


def add_importing(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("import")
    def import_(
        dataset: Annotated[
            str, typer.Argument(help="icews. The names gdelt, acled and ucdp are kept; none of them can be read yet.")
        ],
        path: Annotated[Path, typer.Argument(help="The dataset's file or folder, packed with gzip or not.")],
        start: Annotated[
            str | None,
            typer.Option(help="First day (YYYY-MM-DD) of a folder whose times are numbers; default: by its name."),
        ] = None,
        unit: Annotated[Literal["hours", "days"], typer.Option(help="What such a number counts.")] = "hours",
        table: Annotated[
            Path | None,
            typer.Option(help="Which code is which claim; default: graph_data/crosswalk/cameo_claims.tsv."),
        ] = None,
        as_json: Json = False,
    ) -> None:
        """Bring events that others have coded into the ledger, as claims. What it holds already is not added again."""
        from app.intake.coded import IMPORTERS, NOT_YET, ActorTable, CodedOptions, CodeTable, Renderer
        from app.pipeline.importing import import_coded

        importer = IMPORTERS.get(dataset)
        if importer is None:
            known = "cannot be imported yet" if dataset in NOT_YET else "is no dataset that is known here"
            raise BadQuery(f"{dataset!r} {known}; choose {' or '.join(IMPORTERS)}")
        options = CodedOptions(_day(start) if start is not None else None, unit)
        session = Session()
        crosswalk = session.settings.data / "crosswalk"
        codes = (
            CodeTable.load(table)
            if table is not None
            else CodeTable.load(crosswalk / f"{importer.scheme}_claims.tsv", ships=True)
        )
        actors = ActorTable.load(crosswalk / f"{importer.name}_actors.tsv")
        renderer = Renderer(importer, codes, actors, session.gazetteer)
        with session.open_ledger() as ledger, progress() as bar:
            task = bar.add_task("importing", total=None)

            def show(report: ImportReport) -> None:
                bar.update(task, completed=report.events, description=counted(report.claims, "claim"))

            report = import_coded(
                path,
                renderer=renderer,
                options=options,
                ledger=ledger,
                gazetteer=session.gazetteer,
                progress=show,
            )
        if as_json:
            print_json(report.as_dict())
        else:
            _tell(report)
        if report.stopped is not None:
            raise report.stopped
        if report.refused and not report.claims and not report.already_known:
            raise typer.Exit(2)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadQuery(f"--start takes a day, YYYY-MM-DD, not {text!r}") from None


def _tell(report: ImportReport) -> None:
    err.print(
        f"revision {report.revision}: {counted(report.events, 'event')} read, "
        f"{report.already_known} already known, {counted(report.claims, 'claim')}"
    )
    for reason, count in report.refused.most_common():
        err.print(f"refused ({reason}): {counted(count, 'event')}", markup=False, soft_wrap=True)
        for example in report.examples[reason]:
            err.print(f"  {example.detail}", markup=False, soft_wrap=True)
        if count > len(report.examples[reason]):
            err.print("  …")
