"""The command by which coded events and other people's claims come in: `import`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TextIO

import msgspec
import typer

from app.cli.session import Json, Session, counted, err, print_json, progress
from app.vocabulary.errors import BadQuery
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    from app.intake.coded import Coded, Renderer
    from app.pipeline.importing import ImportReport
    from app.vocabulary.records import Refusal

_CLAIMS, _RDF = "claims", "rdf"
_WHERE = re.compile(
    r"(?P<file>.+?), (?P<unit>line|claim) (?P<number>[0-9]+)(?P<more>[^:]*): (?P<detail>.*)\Z", re.DOTALL
)
_EXAMPLES = 5
"""Incidents without an accusation, of each reason, that are spelt out."""


def import_(
    dataset: Annotated[
        str,
        typer.Argument(
            help="Which dataset it is: acled, gdelt, icews, polecat or ucdp; or claims, for a table of claims; or "
            "rdf, for what another ledger exported as RDF."
        ),
    ],
    path: Annotated[Path, typer.Argument(help="The dataset's file or folder, packed with gzip or zip or not.")],
    start: Annotated[
        str | None,
        typer.Option(help="First day (YYYY-MM-DD) of a folder whose times are numbers; default: by its name."),
    ] = None,
    unit: Annotated[Literal["hours", "days"], typer.Option(help="What such a number counts.")] = "hours",
    table: Annotated[
        Path | None,
        typer.Option(help="Which code is which claim; default: the dataset's table in graph_data/crosswalk."),
    ] = None,
    mentions: Annotated[
        Path | None,
        typer.Option(help="GDELT: file or folder of mentions, which name the outlets; default: those in the folder."),
    ] = None,
    coder: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Claims: who wrote them down, where the rows do not say."),
    ] = None,
    refused: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write every row that was refused to this file, as JSON lines."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring events that others have coded into the ledger, as claims. What it holds already is not added again."""
    from app.intake.coded import CodedOptions
    from app.pipeline.claiming import import_claims
    from app.pipeline.importing import import_coded
    from app.pipeline.returning import ReturnReport, import_rdf

    importer = _importer(dataset)
    if coder is not None and dataset != _CLAIMS:
        raise BadQuery(f"--coder is for claims; who coded {dataset} its name tells")
    options = CodedOptions(_day(start) if start is not None else None, unit, mentions)
    session = Session()
    with _Told.to(refused) as told:
        renderer = _renderer(session, importer, table, told) if importer is not None else None
        with session.open_ledger() as ledger, progress() as bar:
            task = bar.add_task("importing", total=None)

            def show(report: ImportReport) -> None:
                bar.update(task, completed=report.events, description=counted(report.claims, "claim"))

            if renderer is not None:
                report = import_coded(
                    path,
                    renderer=renderer,
                    options=options,
                    ledger=ledger,
                    gazetteer=renderer.gazetteer,
                    progress=show,
                    refused=told.refused,
                )
            elif dataset == _RDF:
                report = import_rdf(path, ledger=ledger, progress=show, refused=told.refused_claim)
            else:
                report = import_claims(
                    path,
                    ledger=ledger,
                    gazetteer=session.gazetteer,
                    coder=coder,
                    progress=show,
                    refused=told.refused_claim,
                )
    if as_json:
        print_json(report.as_dict() | {"unaccused": dict(sorted(told.counts.items()))})
    else:
        _tell(report, told, {_CLAIMS: "row", _RDF: "claim"}.get(dataset, "event"))
        if isinstance(report, ReturnReport) and report.kept_ids:
            err.print(f"{counted(report.kept_ids, 'claim')} kept under ids that what they say does not give")
    if report.stopped is not None:
        raise report.stopped
    if report.refused and not report.articles and not report.already_known:
        raise typer.Exit(2)


def _importer(dataset: str) -> Coded | None:
    """The importer of coded events with this name; None for claims and RDF.

    Raises:
        BadQuery: It is none of all these.
    """
    from app.intake.coded import IMPORTERS

    importer = IMPORTERS.get(dataset)
    if importer is None and dataset not in (_CLAIMS, _RDF):
        known = " or ".join((*IMPORTERS, _CLAIMS, _RDF))
        raise BadQuery(f"{dataset!r} is no dataset that is known here; choose {known}")
    return importer


def _renderer(session: Session, importer: Coded, table: Path | None, told: _Told) -> Renderer:
    """What makes claims of the importer's events, by this table of codes or by the one that comes with Polemos."""
    from app.intake.coded import ActorTable, CodeTable, Renderer

    crosswalk = session.settings.data / "crosswalk"
    codes = (
        CodeTable.load(table)
        if table is not None
        else CodeTable.load(crosswalk / f"{importer.scheme}_claims.tsv", ships=True)
    )
    actors = ActorTable.load(crosswalk / f"{importer.name}_actors.tsv")
    return Renderer(importer, codes, actors, session.gazetteer, told.unaccused)


class _Told:
    """What was refused, written to a file as it comes; and the incidents in which nobody is accused, counted."""

    def __init__(self, file: TextIO | None) -> None:
        self._file = file
        self._encode = msgspec.json.Encoder().encode
        self.counts: Counter[str] = Counter()
        self.examples: dict[str, list[Refusal]] = {}

    @classmethod
    @contextmanager
    def to(cls, path: Path | None) -> Iterator[_Told]:
        """To this file, or to none.

        Raises:
            BadQuery: It cannot be written.
        """
        if path is None:
            yield cls(None)
            return
        try:
            file = path.open("w", encoding="utf-8")
        except OSError as why:
            raise BadQuery(f"{path} cannot be written: {why.strerror or why}") from None
        with file:
            yield cls(file)

    def refused(self, refusal: Refusal) -> None:
        """Write a refusal down."""
        self._write(refusal, None)

    def refused_claim(self, refusal: Refusal) -> None:
        """Write down the refusal of a claim, or of what it answers: then the claim is kept without."""
        self._write(refusal, "claim" if refusal.reason == RefusalReason.DANGLING_REFERENCE else None)

    def unaccused(self, refusal: Refusal) -> None:
        """Count an incident in which nobody is accused, and write down why."""
        reason = str(refusal.reason)
        self.counts[reason] += 1
        if self.counts[reason] <= _EXAMPLES:
            self.examples.setdefault(reason, []).append(refusal)
        self._write(refusal, "incident")

    def _write(self, refusal: Refusal, kept: str | None) -> None:
        if self._file is None:
            return
        where = _WHERE.match(refusal.detail)
        row = {
            "file": where["file"] if where is not None else None,
            "line": int(where["number"]) if where is not None and where["unit"] == "line" else None,
            "reason": refusal.reason,
            "detail": (where["more"].lstrip(", ") + ": " if where["more"] else "") + where["detail"]
            if where is not None
            else refusal.detail,
            "kept": kept,
        }
        self._file.write(self._encode(row).decode() + "\n")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadQuery(f"--start takes a day, YYYY-MM-DD, not {text!r}") from None


def _tell(report: ImportReport, told: _Told, noun: str) -> None:
    err.print(
        f"revision {report.revision}: {counted(report.events, noun)} read, "
        f"{report.already_known} already known, {counted(report.claims, 'claim')}"
    )
    for reason, count in told.counts.most_common():
        _spell(f"incident without an accusation ({reason}): {counted(count, noun)}", count, told.examples[reason])
    for reason, count in report.refused.most_common():
        _spell(f"refused ({reason}): {counted(count, noun)}", count, report.examples[reason])


def _spell(head: str, count: int, examples: list[Refusal]) -> None:
    err.print(head, markup=False, soft_wrap=True)
    for example in examples:
        err.print(f"  {example.detail}", markup=False, soft_wrap=True)
    if count > len(examples):
        err.print("  …")
