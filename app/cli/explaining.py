"""The command that says why: `explain`, sentence by sentence, what fired, what was made of it and what was refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from app.cli.reading import extractor_recipe, read_items, tell_refusals
from app.cli.session import Extractor, Json, Session, print_json

if TYPE_CHECKING:
    from app.extraction.explaining import Explanation
    from app.vocabulary.records import Article, Refusal


out = Console(highlight=False)


def explain(
    source: Annotated[
        str, typer.Argument(metavar="ARTICLE", help="File, URL, - , or the id of an article in the ledger.")
    ],
    extractor: Extractor = None,
    everything: Annotated[bool, typer.Option("--all", help="Sentences in which nothing fired as well.")] = False,
    as_json: Json = False,
) -> None:
    """Show for each sentence who is named, what fired, which claims were made or refused, and why.

    Nothing is stored.
    """
    from app.extraction.explaining import Explainer
    from app.vocabulary.errors import BadQuery
    from app.vocabulary.records import Refusal

    session = Session()
    maker = extractor_recipe(session, extractor)
    articles: list[Article] = []
    refused: list[Refusal] = []
    for item in _items(session, source):
        if isinstance(item, Refusal):
            refused.append(item)
        else:
            articles.append(item)
    tell_refusals(refused, Counter())
    if not articles:
        raise typer.Exit(2)
    explainer = maker.make()
    if not isinstance(explainer, Explainer):
        why = "repeats what a person wrote down and has nothing to explain"
        if maker.spent is not None:
            why = "cannot tell why a language model finds what it finds; a receipt shows what stands in the article"
        raise BadQuery(f"{maker.name} {why}")
    found = list(zip(articles, explainer.explain(articles), strict=True))
    if as_json:
        print_json([{"article": a.id, "title": a.title, "extractor": maker.name, "sentences": s} for a, s in found])
        return
    for article, sentences in found:
        _show(article, sentences, maker.name, everything)


def _items(session: Session, source: str) -> Iterable[Article | Refusal]:
    """The article of the ledger with this id, else what the source holds; a ledger is opened for an id only."""
    if source.startswith("art-"):
        with session.open_ledger() as ledger:
            known = ledger.article(source)
        if known is not None:
            return [known]
    return read_items(session, [source])


def _show(article: Article, sentences: list[Explanation], name: str, everything: bool) -> None:
    made = sum(considered.made for sentence in sentences for considered in sentence.considered)
    quiet = [s for s in sentences if not (s.considered or s.refusals or any(p >= 0.5 for p in s.likely.values()))]
    out.print(f"[bold]{escape(article.title or article.id)}[/bold]")
    out.print(f"{name}: {made} claims in {len(sentences)} sentences; in {len(quiet)} nothing fired\n")
    for sentence in sentences:
        if sentence not in quiet or everything:
            _show_sentence(sentence)


def _show_sentence(sentence: Explanation) -> None:
    where = f"{sentence.part} {sentence.start}–{sentence.end}"
    out.print(f"[dim]{where}[/dim] {escape(sentence.text)}", soft_wrap=True)
    named = dict.fromkeys(f"{words} → {actor}" if words != actor else actor for words, actor, *_ in sentence.actors)
    if named:
        out.print(f"  names     {escape('; '.join(named))}", soft_wrap=True)
    said = dict.fromkeys(
        f"{speaker} ({actor}; {kind})" if speaker != actor else f"{actor} ({kind})"
        for speaker, actor, kind in sentence.speakers
    )
    if said:
        out.print(f"  said by   {escape('; '.join(said))}", soft_wrap=True)
    likely = [f"{type_} {chance:.0%}" for type_, chance in sentence.likely.items() if chance >= 0.05]
    if likely:
        out.print(f"  likely    {', '.join(likely)}", soft_wrap=True)
    for one in sentence.considered:
        verdict = "[green]claim[/green]    " if one.made else "[yellow]left out[/yellow] "
        target = one.target or "(target left open)"
        text = f"{one.source} {one.type} {target}, {one.modality}, {one.confidence:.0%} [{one.cue}]"
        out.print(f"  {verdict} {escape(text)}", soft_wrap=True)
    for refusal in sentence.refusals:
        out.print(f"  [red]refused[/red]   {refusal.reason}: {escape(refusal.detail)}", soft_wrap=True)
    out.print()
