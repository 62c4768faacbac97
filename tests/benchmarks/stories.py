"""How well incidents are told one from another across articles, on ten annotated stories of four outlets each.

`python -m tests.benchmarks.stories [--extractor hybrid] [--fit] [--json]`. The stories lie beside a checkout, not in
it; where they are not, it says so. The annotated incidents themselves are linked, as they are and blurred; with
`--extractor` also those it finds in the raw text, each standing for the annotated incident over which most of its
claims are. `--fit` learns the weights anew, leaving one story out at a time, and prints them with what they reach.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from app.evaluation.clusters import b_cubed, conll
from app.evaluation.passages import ArticleWords, shared_words
from app.extraction import recipe
from app.extraction.recorded import annotated_article
from app.graph.identity import judge
from app.linking import link
from app.linking.acts import Acts
from app.linking.comparing import DOUBTFUL, SURE, WEIGHTS, compared
from app.linking.incidents import IncidentIndex
from app.linking.profiles import Profile
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Decision, Reading
from app.vocabulary.terms import DecisionKind, Judgement

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "graph_data"
GOLD = ROOT.parent / "shared" / "gold"


@dataclass
class Corpus:
    """Annotated articles, their readings, and which annotated incident each incident of a reading stands for.

    Attributes:
        stands_for: Incident of a reading → annotated incident ("s01-ferry-blast", or file and number).
        wanted: All annotated incidents, each once per article: "file global-id" → global id.
    """

    articles: dict[str, Article] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)
    stands_for: dict[str, str] = field(default_factory=dict)
    wanted: dict[str, str] = field(default_factory=dict)
    look_alikes: list[tuple[str, str]] = field(default_factory=list)
    linked: dict[str, Any] = field(default_factory=dict)

    @property
    def stories(self) -> list[str]:
        """The articles of the ten stories."""
        return [name for name in self.articles if name.startswith("train-c")]


def corpus(gold: Path, extractor: str | None, gazetteer: Gazetteer) -> Corpus:
    """The training articles as read by an extractor, or as annotated where it is None."""
    found = Corpus()
    bodies = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(gold.glob("train-*.json"))}
    found.articles = {name: annotated_article(body) for name, body in bodies.items()}
    reader = recipe(extractor or f"recorded:{gold}", DATA).make()
    found.readings = dict(zip(found.articles, reader.read(found.articles.values()), strict=True))
    told = json.loads((gold / "stories.json").read_text(encoding="utf-8"))
    found.look_alikes = [(a, b) for story in told["stories"] for a, b in story["similar_but_distinct"]]
    for name, body in bodies.items():
        ids = {raw["id"]: raw.get("global_id") or f"{name}#{raw['id']}" for raw in body["incidents"]}
        found.wanted.update({f"{name} {one}": one for one in ids.values()})
        reading = found.readings[name]
        found.linked[name] = link(reading, gazetteer)
        match = _by_claims if extractor is not None else _by_fields
        found.stands_for.update(
            {mine: ids[theirs] for mine, theirs in match(found.articles[name], reading, body).items() if theirs in ids}
        )
    return found


def _by_fields(_: Article, reading: Reading, body: Mapping[str, Any]) -> dict[str, str]:
    """Recorded incidents: the annotation's own, by type, place and date."""
    names = {mention.id: mention.name for mention in reading.mentions}
    ids = {(raw["type"], raw.get("place"), raw.get("date")): raw["id"] for raw in body["incidents"]}
    return {
        one.id: ids[one.type, names[one.place] if one.place is not None else None, one.date]
        for one in reading.incidents
    }


def _by_claims(article: Article, reading: Reading, body: Mapping[str, Any]) -> dict[str, str]:
    """Incidents found in the text: each stands for the annotated one over which most of its claims' passages are."""
    words = ArticleWords(article.title, article.text)
    annotated = [(raw, words.places(raw["evidence"])) for raw in body["claims"] if raw.get("incident")]
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for claim in reading.claims:
        if claim.incident is None:
            continue
        places = words.places(claim.evidence.quote)
        for raw, theirs in annotated:
            if raw["type"] == claim.type and shared_words(places, theirs):
                votes[claim.incident][raw["incident"]] += 1
    return {one: min(count, key=lambda raw: (-count[raw], raw)) for one, count in votes.items()}


def linked_up(found: Corpus, names: Collection[str], acts: Acts) -> tuple[IncidentIndex, list[Decision]]:
    """The judgements on the incidents of some articles, and the index they are in."""
    index = IncidentIndex(acts)
    decisions = [
        decision
        for name in names
        for decision in index.add(found.articles[name], found.readings[name], found.linked[name])
    ]
    return index, decisions


@dataclass(frozen=True)
class Figures:
    """What linking is worth on some articles.

    Attributes:
        incidents: Incidents of single articles, as found.
        precision: B³, over the incidents that stand for an annotated one.
        apart_f1: What B³ would be if none were joined.
        whole_f1: B³ over all annotated incidents, missed and invented ones included.
        merged_look_alikes: Pairs that the stories plant to be told apart and that became one.
        merged_foreign: Incidents joined with one of another story or of a single article.
    """

    incidents: int
    precision: float
    recall: float
    f1: float
    conll: float
    apart_f1: float
    whole_precision: float
    whole_recall: float
    whole_f1: float
    same: int
    different: int
    unsure: int
    merged_look_alikes: int
    merged_foreign: int


def measured(found: Corpus, names: Collection[str], decisions: Sequence[Decision]) -> Figures:
    """Clusters by these decisions against the annotation of some articles; foreign merges count over all."""
    clusters = judge(decisions)
    right: dict[str, str] = {}
    ours: dict[str, str] = {}
    whole: dict[str, str] = {}
    for name in names:
        for incident in found.readings[name].incidents:
            stands_for = found.stands_for.get(incident.id)
            root = clusters.root(incident.id)
            if stands_for is None:
                whole[incident.id] = root
            else:
                right[incident.id], ours[incident.id] = stands_for, root
                whole.setdefault(f"{name} {stands_for}", root)
    wanted = {one: cluster for one, cluster in found.wanted.items() if one.partition(" ")[0] in names}
    score, alone, all_of_it = b_cubed(right, ours), b_cubed(right, {one: one for one in ours}), b_cubed(wanted, whole)
    in_cluster: dict[str, set[str]] = defaultdict(set)
    for one, annotated in found.stands_for.items():
        in_cluster[clusters.root(one)].add(annotated)
    count = Counter(decision.judgement for decision in decisions)
    return Figures(
        incidents=len(ours) + sum(1 for one in whole if " " not in one),
        precision=score.precision,
        recall=score.recall,
        f1=score.f1,
        conll=conll(right, ours),
        apart_f1=alone.f1,
        whole_precision=all_of_it.precision,
        whole_recall=all_of_it.recall,
        whole_f1=all_of_it.f1,
        same=count[Judgement.SAME],
        different=count[Judgement.DIFFERENT],
        unsure=count[Judgement.UNSURE],
        merged_look_alikes=sum({a, b} <= members for a, b in found.look_alikes for members in in_cluster.values()),
        merged_foreign=sum(len({_story(one) for one in members}) - 1 for members in in_cluster.values()),
    )


def _story(incident: str) -> str:
    """The story an annotated incident is of; of a single article, itself."""
    return incident if "#" in incident else incident.partition("-")[0]


@dataclass(frozen=True)
class Pair:
    """Two incidents that blocking brings together and whose days may be the same, and whether they are one."""

    seen: tuple[str, ...]
    one: bool
    stories: frozenset[str]


def pairs(found: Corpus, names: Collection[str], acts: Acts) -> list[Pair]:
    """Every pair that is compared and not held apart by its days; an incident that stands for none is left out."""
    index = IncidentIndex(acts)
    rows: list[Pair] = []
    for name in names:
        index.add(found.articles[name], found.readings[name], found.linked[name])
    profiles = index.profiles()
    by_id: dict[str, Profile] = {profile.id: profile for profile in profiles}
    for profile in profiles:
        for other in index.candidates(profile):
            ours, theirs = (found.stands_for.get(one.id) for one in (profile, other))
            if profile.id < other.id and ours is not None and theirs is not None:
                seen = compared(profile, by_id[other.id], acts)
                if seen.apart is None:
                    rows.append(Pair(seen.seen, ours == theirs, frozenset({_story(ours), _story(theirs)})))
    return rows


def fitted(rows: Sequence[Pair], ridge: float = 0.5) -> dict[str, float]:
    """Weights by logistic regression with a ridge (Newton's method), from nothing: the table in force has no part."""
    names = [name for name in WEIGHTS if name != "prior"]
    at = {name: number + 1 for number, name in enumerate(names)}
    matrix = np.zeros((len(rows), len(names) + 1))
    matrix[:, 0] = 1
    for number, row in enumerate(rows):
        matrix[number, [at[name] for name in row.seen]] = 1
    wanted = np.array([row.one for row in rows], dtype=float)
    penalty = np.full(len(names) + 1, ridge)
    penalty[0] = 1e-6
    weights = np.zeros(len(names) + 1)

    def loss(at: np.ndarray[Any, Any]) -> float:
        score = matrix @ at
        return float(np.sum(np.logaddexp(0, score) - wanted * score) + np.sum(penalty * at**2) / 2)

    for _ in range(100):
        chance = 1 / (1 + np.exp(-np.clip(matrix @ weights, -500, 500)))
        gradient = matrix.T @ (chance - wanted) + penalty * weights
        hessian = (matrix * (chance * (1 - chance))[:, None]).T @ matrix + np.diag(penalty)
        step = np.linalg.solve(hessian, gradient)
        while loss(weights - step) > loss(weights) and float(np.abs(step).max()) > 1e-9:
            step = step / 2
        weights = weights - step
        if float(np.abs(step).max()) < 1e-8:
            break
    return {"prior": float(weights[0]), **{name: float(weights[number]) for name, number in at.items()}}


def left_out(found: Corpus, rows: Sequence[Pair], acts: Acts) -> Figures:
    """The figures on the stories where each story is judged by weights fitted without it."""
    stories = sorted({name[:9] for name in found.stories})  # "train-c01"
    weights = {story: fitted([row for row in rows if f"s{story[-2:]}" not in row.stories]) for story in stories}
    index, decisions = linked_up(found, found.stories, acts)
    made = [decision for decision in decisions if decision.judgement is Judgement.DIFFERENT]
    story_of = {found.articles[name].id: name[:9] for name in found.stories}
    for profile in index.profiles():
        for other in index.candidates(profile):
            seen = compared(profile, other, acts)
            score = seen.score(weights[story_of[profile.article]])
            if profile.id < other.id and seen.apart is None and score >= DOUBTFUL:
                judgement = Judgement.SAME if score >= SURE else Judgement.UNSURE
                one = Decision(DecisionKind.JUDGE, profile.id, "fitted", other.id, judgement=judgement, score=score)
                made.append(one)
    return measured(found, found.stories, made)


def blurred(found: Corpus, acts: Acts, rows: Mapping[str, list[str]]) -> Corpus:
    """The annotated incidents as careless readers would have them.

    Of the type only the act is left, in another word for it; a quarter have no day, a quarter no place. What is lost
    where is drawn from each incident's id, the same in each run.
    """
    readings = {}
    stands_for = {}
    for name, reading in found.readings.items():
        incidents = []
        for one in reading.incidents:
            draw = int(one.id[-6:], 16)
            named = acts.words(acts.named(one.type)).split(", ")[0]
            words = rows.get(named, [one.type])
            other = dataclasses.replace(
                one,
                type=words[draw % len(words)],
                date=one.date if draw // 64 % 4 else None,
                place=one.place if draw // 256 % 4 else None,
            )
            incidents.append(other)  # The id is kept: it is what the claims point at.
            if one.id in found.stands_for:
                stands_for[one.id] = found.stands_for[one.id]
        readings[name] = dataclasses.replace(reading, incidents=tuple(incidents))
    return dataclasses.replace(found, readings=readings, stands_for=stands_for)


def table(title: str, figures: Figures) -> str:
    """One block of lines."""
    numbers = {
        name: f"{value:.3f}" if isinstance(value, float) else str(value) for name, value in asdict(figures).items()
    }
    return f"{title}\n" + "\n".join(f"  {name.replace('_', ' '):20} {value}" for name, value in numbers.items())


def _by_act(lexicon: Path) -> dict[str, list[str]]:
    """Each act with the words for it."""
    words: dict[str, list[str]] = {}
    with lexicon.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            words.setdefault(row["act"], []).append(row["word"])
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the exit status is 0 also where the stories are not here."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.stories", description=__doc__)
    parser.add_argument("--extractor", help="read the raw text with this one: hybrid or rules")
    parser.add_argument("--gold", type=Path, default=GOLD, help="the folder of the stories")
    parser.add_argument("--fit", action="store_true", help="fit the weights, leaving out one story at a time")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    options = parser.parse_args(arguments)
    if not (options.gold / "stories.json").is_file():
        print(f"skipped: no stories.json in {options.gold}")
        return 0
    lexicon = DATA / "lexicons" / "acts.tsv"
    acts, gazetteer = Acts.load(lexicon), Gazetteer.load(DATA / "gazetteers")
    recorded = corpus(options.gold, None, gazetteer)
    corpora = {"annotated": recorded, "annotated, blurred": blurred(recorded, acts, _by_act(lexicon))}
    if options.extractor is not None:
        corpora[options.extractor] = corpus(options.gold, options.extractor, gazetteer)
    results: dict[str, Figures] = {}
    for name, one in corpora.items():
        results[name] = measured(one, one.stories, linked_up(one, one.stories, acts)[1])
        everything = measured(one, one.stories, linked_up(one, list(one.articles), acts)[1])
        results[f"{name}, among all articles"] = everything
    weights: dict[str, float] = {}
    if options.fit:
        rows = pairs(recorded, list(recorded.articles), acts)
        weights = fitted(rows)
        for name, one in corpora.items():
            results[f"{name}, weights fitted without the story"] = left_out(one, rows, acts)
    if options.json:
        print(
            json.dumps({"figures": {name: asdict(one) for name, one in results.items()}, "weights": weights}, indent=1)
        )
        return 0
    for name, figures in results.items():
        print(table(name, figures))
    for name, value in weights.items():
        print(f"  {name:20} {value:+.2f}   (in force {WEIGHTS[name]:+.2f})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
