"""The default extractor: a learned core finds claims and their parties, rules and gazetteers do what is knowledge.

In: articles. Out: readings. Rules parse, name actors, follow quotations and roll up; the encoder scores sentences and
mentions; the judges choose source and target and say how likely the claim is right. Whatever is likely to be a claim
but not likely enough, or vetoed by a rule, is a counted refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.extraction.actors import Ref
from app.extraction.base import ReadingBuilder
from app.extraction.encoder import SOURCE, TARGET, Encoder, SentenceScores
from app.extraction.explaining import Explanation, considered_claim, explanations
from app.extraction.findings import Finding
from app.extraction.pairing import Table
from app.extraction.rules import RulesExtractor
from app.extraction.study import Study
from app.extraction.trees import LEAST_TYPE, Draft, Judges
from app.extraction.views import TYPES, ArticleView
from app.extraction.wording import denial_kind
from app.vocabulary.records import Article, Reading
from app.vocabulary.terms import ActorKind, ClaimType, Modality, RefusalReason

if TYPE_CHECKING:
    from spacy.tokens import Span

NAME = "hybrid@2"
"""Recorded with each reading; raise the number with each new model, and articles are read anew."""

_MODALITIES = (Modality.CARRIED_OUT, Modality.THREATENED, Modality.CALLED_FOR)

UNSURE = 0.75
"""A person this little certain speaks for nobody in so many words: at best for whoever is at home in the article."""

NOTED = 0.5
"""A sentence at least this likely to make a claim that yields none is a counted refusal."""


class HybridExtractor:
    """Claims from the learned core with rules around it."""

    def __init__(self, rules: RulesExtractor, encoder: Encoder, judges: Judges) -> None:
        self._rules, self._encoder, self._judges = rules, encoder, judges

    @classmethod
    def from_data(cls, data: Path, *, model: str | None = None, sift: bool = True) -> HybridExtractor:
        """Make one from a `graph_data` folder; `model` and `sift` as for `RulesExtractor`.

        Raises:
            MissingPart: The trained files are not in `graph_data/model`.
        """
        folder = data / "model"
        rules = RulesExtractor.from_data(data, model=model, sift=sift)
        return cls(rules, Encoder.load(folder), Judges.load(folder))

    @property
    def name(self) -> str:
        """The word hybrid and the model's version."""
        return NAME

    def read(self, articles: Iterable[Article]) -> Iterator[Reading]:
        """One reading per article."""
        for article, signs, study in self._rules.sifted(articles, NAME, lambda signs: signs.cue or bool(signs.likely)):
            if study is None:
                yield ReadingBuilder(article, NAME).reading()
                continue
            findings: list[Finding] = []
            if signs is None or signs.likely:
                view = self._rules.view(study)
                scores = self._encoder.read(view, None if signs is None else signs.likely, LEAST_TYPE)
                if scores:
                    _, findings, _ = self._judge(study, view, scores)
            self._rules.write(study, findings)
            yield study.builder.reading()

    def explain(self, articles: Iterable[Article]) -> Iterator[list[Explanation]]:
        """See `app.extraction.explaining`."""
        for study in self._rules.studies(articles, NAME):
            view = self._rules.view(study)
            table, findings, judged = self._judge(study, view, self._encoder.read(view))
            self._rules.write(study, findings)
            likely = {
                (sentence.part, sentence.start): dict(zip(TYPES, table.types[k].tolist(), strict=True))
                for k, sentence in enumerate(table.view.sentences)
            }
            considered = []
            for draft, chance in judged:
                finding = self._finding(study, table, draft, chance)
                considered.append(considered_claim(finding, made=chance >= self._judges.least))
            yield explanations(study, considered, study.builder.refusals, likely)

    def _judge(
        self, study: Study, view: ArticleView, scores: Mapping[int, SentenceScores]
    ) -> tuple[Table, list[Finding], list[tuple[Draft, float]]]:
        """What the learned core makes of an article: its table, the claims to be made, and all that were considered."""
        table = Table(view, scores)
        judged = self._without_questions(study, table, self._judges.judged(table))
        found = [self._finding(study, table, draft, chance) for draft, chance in judged if chance >= self._judges.least]
        self._drop_answered(study, found)
        best: dict[tuple[int, int], float] = {}
        for draft, chance in judged:
            best[draft.sentence, draft.type] = max(chance, best.get((draft.sentence, draft.type), 0.0))
        for k, sentence in enumerate(view.sentences):
            for kind, type_ in enumerate(TYPES):
                chance = best.get((k, kind), 0.0)
                if table.types[k, kind] >= NOTED and chance < self._judges.least:
                    detail = f"{type_}: the likeliest source and target are {chance:.0%} likely right"
                    study.builder.refuse(RefusalReason.UNCERTAIN, detail, sentence.part, sentence.start, sentence.end)
        return table, found, judged

    def _without_questions(
        self, study: Study, table: Table, judged: list[tuple[Draft, float]]
    ) -> list[tuple[Draft, float]]:
        """A question claims nothing, however sure the core is (codebook, "accuses"); it is refused, once a sentence."""
        kept: list[tuple[Draft, float]] = []
        asked: set[int] = set()
        for draft, chance in judged:
            sentence = table.view.sentences[draft.sentence]
            if not table.view.words(sentence)[sentence.start : sentence.end].rstrip(" \n\"”’'").endswith("?"):
                kept.append((draft, chance))
            elif chance >= self._judges.least and draft.sentence not in asked:
                asked.add(draft.sentence)
                where = (sentence.part, sentence.start, sentence.end)
                study.builder.refuse(RefusalReason.QUESTION, f"{TYPES[draft.type]} in a question", *where)
        return kept

    def _drop_answered(self, study: Study, found: list[Finding]) -> None:
        """A rule that found no source need not say so where the learned core found the claim."""
        made = {(finding.part, finding.sentence.start_char) for finding in found}
        refusals = study.builder.refusals
        refusals[:] = [r for r in refusals if (r.part, r.start) not in made]

    def _finding(self, study: Study, table: Table, draft: Draft, chance: float) -> Finding:
        sentence = table.view.sentences[draft.sentence]
        doc = study.parsed.doc(sentence.part)
        span = doc.char_span(sentence.start, sentence.end, alignment_mode="expand")
        assert span is not None  # the view's sentences are the parse's
        type_ = TYPES[draft.type]
        source = self._speaker(study, table, draft) or _ref(table, draft, draft.source, SOURCE)
        target = _ref(table, draft, draft.target, TARGET) if draft.target is not None else None
        modality = Modality.ASSERTED
        if type_ is ClaimType.RETALIATES:
            modality = _MODALITIES[int(table.scores[draft.sentence].modality.argmax())]
        cues = [f.cue for f in study.findings if f.type is type_ and f.sentence == span and f.part == sentence.part]
        kind = denial_kind(span.text) if type_ is ClaimType.DENIES else None
        cue = "; ".join(dict.fromkeys(["read as a whole", *cues]))
        return Finding(type_, source, target, modality, sentence.part, span, chance, cue, kind)

    def _speaker(self, study: Study, table: Table, draft: Draft) -> Ref | None:
        """Who says it for the source: a person, named or by pronoun, before a body, a body before the state itself.

        A speaker of whom the text does not say whom he speaks for speaks for the source that the judges chose.
        """
        sentence = table.view.sentences[draft.sentence]
        span = study.parsed.doc(sentence.part).char_span(sentence.start, sentence.end, alignment_mode="expand")
        said = study.said.get((sentence.part, span.start), []) if span is not None else []
        speakers = [speaker for utterance in said for speaker in utterance.speakers]
        refs = [*speakers, *(mention.ref for mention in sentence.mentions if not mention.quoted)]
        actor = _ref(table, draft, draft.source, SOURCE)
        own = [ref for ref in refs if ref.actor == actor.actor and ref.how != "adjective"]
        for ref in own:
            if ref.kind is ActorKind.PERSON:
                return ref
        for ref in speakers:
            if ref.kind is ActorKind.PERSON and ref.certainty < UNSURE:
                of = (actor.actor, actor.actor_kind, actor.country)
                return replace(ref, actor=of[0], actor_kind=of[1], country=of[2], body=None)
        said_by = {ref.named for ref in speakers}
        body = next((ref for ref in own if ref.named != ref.actor), None)
        if body is not None and span is not None and body.named not in said_by and not self._acts(body, span, draft):
            return replace(body, body=None)
        return body

    def _acts(self, body: Ref, sentence: Span, draft: Draft) -> bool:
        """Whether it is the body that says it, or that strikes back, and not one that is only spoken of."""
        if not sentence.start_char <= body.start < sentence.end_char:
            return False
        token = sentence.doc[body.head]
        before = token.head
        if token.dep_ == "pobj" and before.lower_ == "to" and before.head.lower_ == "according":
            return True
        by = token.dep_ == "pobj" and before.dep_ == "agent"
        if token.dep_ != "nsubj" and not by:
            return False
        return TYPES[draft.type] is ClaimType.RETALIATES or self._rules.claims_by(before.head if by else before)


def _ref(table: Table, draft: Draft, actor: int, part: int) -> Ref:
    place = table.mention(draft.sentence, actor, draft.type, part)
    if place is None:
        place = table.first(actor)
    return table.view.sentences[place[0]].mentions[place[1]].ref
