"""The yardsticks' door and parsers, on invented files of the same formats; and on the real ones where they are."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path
from types import ModuleType

import pytest

from app.vocabulary.names import Gazetteer
from app.vocabulary.terms import ClaimType
from tests.benchmarks.external import dse, lgl, ngec_actors, petrarch, plv, polnear, re3d, seesaw
from tests.benchmarks.external.__main__ import YARDSTICKS, main
from tests.benchmarks.external.measuring import ROOT, Absent, Bench, Figure, prf, table
from tests.benchmarks.external.naming import same

REAL = ROOT.parent / "shared" / "bench"


def archive(path: Path, files: dict[str, str]) -> Path:
    with tarfile.open(path, "w:gz") as packed:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            packed.addfile(member, io.BytesIO(text.encode()))
    return path


@pytest.fixture
def bench(tmp_path: Path, plain: ModuleType, gazetteer: Gazetteer) -> Bench:
    return Bench(tmp_path, extractor=plain.PlainExtractor(), gazetteer=gazetteer)


def values(figures: list[Figure]) -> dict[str, dict[str, float]]:
    return {figure.what: figure.ours for figure in figures}


# ---- the door ----


def test_without_data_each_yardstick_says_so_and_nothing_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--bench", str(tmp_path)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert len(told) == len(YARDSTICKS)
    assert told[0] == f"skipped plv: no plv/PLV_train.tsv in {tmp_path}"


def test_without_data_the_json_names_what_was_skipped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lgl", "--json", "--bench", str(tmp_path)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "extractor": "rules",
        "limit": None,
        "figures": [],
        "skipped": {"lgl": f"no places/lgl.xml.gz in {tmp_path}"},
    }


@pytest.mark.parametrize("arguments", [["ruler"], ["plv", "--limit", "0"]])
def test_a_wrong_question_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_an_unknown_extractor_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plv").mkdir()
    (tmp_path / "plv" / "PLV_train.tsv").write_text("sentence\tsource\ttarget\tgold_root\nA.\tB\tC\tAID\n")
    assert main(["plv", "--extractor", "oracle", "--bench", str(tmp_path)]) == 2
    assert "no extractor 'oracle'" in capsys.readouterr().err


@pytest.mark.model
@pytest.mark.skipif(not REAL.is_dir(), reason="the data of the yardsticks is not beside the repository")
def test_the_real_data_gives_a_figure_for_each_yardstick(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--limit", "20", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    here = {figure["yardstick"] for figure in told["figures"]}
    assert here | set(told["skipped"]) == set(YARDSTICKS)
    for figure in told["figures"]:
        assert all(value >= 0 for value in figure["ours"].values()), figure
        assert figure["published"], figure


# ---- what they share ----


def test_a_limit_takes_texts_from_the_whole(tmp_path: Path) -> None:
    assert Bench(tmp_path, limit=4).spread(range(10)) == [0, 2, 5, 7]
    assert Bench(tmp_path, limit=4).spread(range(3)) == [0, 1, 2]
    assert Bench(tmp_path).spread("abc") == ["a", "b", "c"]


def test_a_missing_file_is_absent(tmp_path: Path) -> None:
    with pytest.raises(Absent, match="no dse/valid"):
        Bench(tmp_path).file("dse", "valid.txt.gz")


def test_shares_of_nothing_are_nothing() -> None:
    assert prf(0, 0, 0) == {"P": 0.0, "R": 0.0, "F1": 0.0}
    assert prf(1, 2, 4, recalled=3) == {"P": 0.5, "R": 0.75, "F1": 0.6}


def test_the_table_has_a_line_per_figure() -> None:
    lines = table(
        [Figure("plv", "a share", {"P": 0.5}, "–", 7, "mind"), Figure("lgl", "a rate", {"per s": 12.34}, "9", 1)]
    )
    assert [line.split() for line in lines.splitlines()[2:]] == [
        ["plv", "a", "share", "P", "0.500", "–", "7", "mind"],
        ["lgl", "a", "rate", "per", "s", "12.3", "9", "1"],
    ]


@pytest.mark.parametrize(
    ("phrase", "names", "alike"),
    [
        ("Ardanian officials", ["Ardania"], True),
        ("the Coast Guard Command", ["Ardania"], True),
        ("Mr. Vlasic", ["Ana Vlasic"], True),
        ("the government", ["government"], True),
        ("Ardanian officials", ["Beloria"], False),
        ("the spokesman", ["Beloria", "spokesman Ana Vlasic"], False),
        ("Belorian rebels", [], False),
    ],
)
def test_a_phrase_and_a_name(phrase: str, names: list[str], alike: bool, gazetteer: Gazetteer) -> None:
    assert same(phrase, names, gazetteer) is alike


def test_bodies_of_one_state_are_told_apart_on_request(gazetteer: Gazetteer) -> None:
    assert same("Ardanian Army", ["Ardania"], gazetteer)
    assert not same("Ardanian Army", ["Ardania"], gazetteer, rolled_up=False)


# ---- one by one ----


def test_plv(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "plv").mkdir()
    rows = [
        ("Ardania accused Beloria.", "Ardania", "Belorians", "ACCUSE"),
        ("Ardania chided Beloria.", "Ardania", "Beloria", "ACCUSE"),
        ("Cerinia accused Beloria.", "Cerinia", "Beloria", "AID"),
        ("Cerinia threatened Beloria.", "Beloria", "Cerinia", "THREATEN"),
    ]
    lines = [f"{i}\t{s}\t{s}\t{a}\t{b}\t3\t{root}" for i, (s, a, b, root) in enumerate(rows)]
    head = "sentence_id\tsentence\tmarked_sentence\tsource\ttarget\tgold_penta\tgold_root"
    (tmp_path / "plv" / "PLV_train.tsv").write_text("\n".join([head, *lines]) + "\n")
    told = values(plv.measure(bench))
    assert told["ACCUSE: type of the sentence"] == {"P": 0.5, "R": 0.5, "F1": 0.5}
    assert told["ACCUSE: triple, both actors"] == {"P": 0.5, "R": 0.5, "F1": 0.5}
    assert told["… with a word of accusation"] == {"type R": 1.0, "triple R": 1.0}
    assert told["THREATEN: type of the sentence"]["F1"] == 1.0
    assert told["THREATEN: triple, both actors"]["F1"] == 0.0  # the wrong way round


def test_dse(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "dse").mkdir()
    rows = [
        "[Ardania] accused [Beloria].\tArdania\tBeloria\t3",
        "[Beloria] accused [Cerinia].\tBeloria\tCerinia\t4",
        "Kesh says [Ardania]ns like [Beloria].\tArdania\tBeloria\t1",
    ]
    for name in dse.FILES:
        with gzip.open(tmp_path / "dse" / name, "wt") as file:
            file.write("".join(f"{row}\n" for row in rows) if name.startswith("valid") else "")
    one, other, third = dse.parse(tmp_path / "dse" / "valid.txt.gz")
    assert one.sentence == "Ardania accused Beloria."
    assert (one.negative, other.negative) == (frozenset({(0, 1)}), frozenset({(1, 0)}))
    assert (third.sentence, third.entities, third.negative) == (
        "Kesh says Ardanians like Beloria.",
        ("Ardanians", "Beloria"),
        frozenset(),
    )
    figures = dse.measure(bench)
    assert figures[0].ours == {"P": 0.5, "R": 0.5, "F1": 0.5}
    assert "1 the wrong way round" in figures[0].note
    assert figures[1].n == 2


def test_polnear(bench: Bench, tmp_path: Path) -> None:
    text = "Ardania accused Beloria. It denied everything. Beloria denied Ardania. Cerinia said it rained."
    marks = """T1\tSource 0 7\tArdania
T2\tCue 8 15\taccused
T3\tAttribution 8 15\taccused
E1\tAttribution:T3 Content2:T9 Cue:T2 Source:T1
T4\tSource 25 27\tIt
T5\tCue 28 34\tdenied
A line that a span ran over.
E2\tAttribution:T5 Cue:T5 Source:T4
T6\tSource 47 54\tBeloria
T7\tCue 55 58;59 61\tden ied
E3\tAttribution:T7 Cue:T7 Source:T6
T8\tCue 79 83\tsaid
E4\tAttribution:T8 Cue:T8 Source:T6
E5\tAttribution-no-source:T2 Cue:T2
#1\tAnnotatorNotes T1\tnone
"""
    files = {
        "polnear/dev/text/gazette_one.txt": text,
        "polnear/dev/attributions/gazette_one_b2.ann": "",
        "polnear/dev/attributions/gazette_one_a1.ann": marks.replace("den ied", "denied"),
        "polnear/README.md": "",
    }
    archive(tmp_path / "polnear.tar.gz", files)
    ((found, attributions),) = polnear.parse(tmp_path / "polnear.tar.gz")
    assert found == text
    assert [(one.type, one.source, one.spans, one.pronoun) for one in attributions] == [
        (ClaimType.ACCUSES, "Ardania", ((8, 15),), False),
        (ClaimType.DENIES, "It", ((28, 34),), True),
        (ClaimType.DENIES, "Beloria", ((55, 58), (59, 61)), False),
    ]
    accusing, denying = polnear.measure(bench)
    assert (accusing.n, accusing.ours) == (1, {"found": 1.0, "speaker": 1.0, "of found": 1.0})
    assert denying.n == 2
    assert denying.ours["speaker"] == 1.0


def test_seesaw(bench: Bench, tmp_path: Path) -> None:
    article = {
        "title": "A row",
        "text": [{"id": 0, "text": "Ardania accused Beloria."}, {"id": 1, "text": "Rain fell."}],
    }
    annotation = {
        "entity lists": [
            ["Ardania", ["GPE"], ["Main"], ["A"]],
            ["Beloria", ["GPE", "GPE"], ["Main"], ["A"]],
            ["the raid", ["Event"], ["Main"], ["A"]],
        ],
        "sentence-level stances": {
            "0": [
                {"id": 0, "subject": "Ardania", "sentiment": "NEG", "object": "Beloria"},
                {"id": 1, "subject": "Ardania", "sentiment": "NEG", "object": "the raid"},
                {"id": 2, "subject": "Not in the list", "sentiment": "NEG", "object": "Beloria"},
            ],
            "1": [
                {"id": 0, "subject": "Beloria", "sentiment": "NEG", "object": "Ardania"},
                {"id": 1, "subject": "Beloria", "sentiment": "POS", "object": "Beloria"},
            ],
        },
    }
    files = {
        "seesaw/valid/articles/STORY_1.json": json.dumps(article),
        "seesaw/valid/annotations/STORY_1.json": json.dumps(annotation),
        "seesaw/valid/meta/STORY_1.json": "{}",
        "seesaw/README.md": "",
    }
    (found,) = seesaw.parse(archive(tmp_path / "seesaw.tar.gz", files))
    assert found.text == "Ardania accused Beloria.\nRain fell."
    assert found.negative == {("Ardania", "Beloria"), ("Beloria", "Ardania")}
    assert found.other == 2
    (figure,) = seesaw.measure(bench)
    assert figure.ours == {"P": 1.0, "R": 0.5, "F1": 0.6667, "P of listed": 1.0}


RECORDS = """<Sentences>
<Sentence category="X" date="20310504" id="a" evaluate="true"/>
<!-- <EventCoding eventcode="190" sourcecode="XCE" targetcode="XAR" /> -->
<EventCoding eventcode="1121" sourcecode="XARGOV" targetcode="XBEMIL" />
<Text>
Ardania accused
Beloria.
</Text>
<Parse>1\tArdania</Parse></Sentence>
<Sentence date="20310504" id="b"><EventCoding noevents="True" /><Text>Cerinia accused Beloria.</Text></Sentence>
<Sentence date="310504" id="c"><EventCoding eventcode="111" sourcecode="XCE" targetcode="XBE" />
<Text>Cerinia scolded`` Beloria &amp; sons''.</Text></Sentence>
<Sentence date="20310504" id="d"><EventCoding eventcode="040" sourcecode="XCE" targetcode="---" />
<Text>Talks.</Text></Sentence>
<Sentence date="20310504" id="e"><Text>
</Text></Sentence>
</Sentences>"""


def test_petrarch(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "petrarch").mkdir()
    path = tmp_path.joinpath(*petrarch.FILE)
    path.write_text(RECORDS)
    records = petrarch.parse(path)
    assert [(record.text, record.day) for record in records] == [
        ("Ardania accused Beloria.", "2031-05-04"),
        ("Cerinia accused Beloria.", "2031-05-04"),
        ('Cerinia scolded "Beloria & sons".', None),
        ("Talks.", "2031-05-04"),
    ]
    assert records[0].events == (("XARGOV", "1121", "XBEMIL"),)
    told = {figure.what: figure for figure in petrarch.measure(bench)}
    assert told["sentences with a covered code, exact"].ours == {"share": 1.0}
    assert told["sentences without one, nothing found"].ours == {"share": 0.5}
    assert "2 events of other codes out of scope; 1 sentences" in told["sentences without one, nothing found"].note
    assert told["all scored sentences, exact"].n == 3


@pytest.mark.parametrize(
    ("code", "kind"), [("112", "accuse"), ("1124", "accuse"), ("138", "threaten"), ("016", "deny"), ("111", None)]
)
def test_codes_of_cameo(code: str, kind: str | None) -> None:
    assert petrarch.kind_of(code) == kind


def test_ngec_actors(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ngec_actors").mkdir()

    def line(words: list[str | None], expect: dict[str, str], marks: tuple[str, ...] = ()) -> str:
        return json.dumps({"test": "t", "method": "m", "input": words, "expect": expect, "marks": marks})

    lines = [
        line(["Ardania", "", "today"], {"code.country": "XAR"}),
        line(["Ardania"], {"code.country": "XAR"}),
        line(["Beloria", "the coast"], {"cc": "XCE"}),
        line(["the Coastal Council"], {"code.country": "IGO"}),
        line(["Cerinia"], {"code.country": "XCE"}, ("pytest.mark.skip(reason='')",)),
        line([None], {"code.country": "XCE"}),
        line(["Cerinia"], {"wiki.title": "Cerinia"}),
    ]
    (tmp_path / "ngec_actors" / "actor_resolution_vectors.jsonl").write_text("\n".join(lines) + "\n")
    phrases = ngec_actors.parse(tmp_path.joinpath(*ngec_actors.FILE))
    assert [(p.words, p.context, p.country) for p in phrases] == [
        ("Ardania", "", "XAR"),
        ("Beloria", "the coast", "XCE"),
        ("the Coastal Council", "", "---"),
    ]
    monkeypatch.setattr(ngec_actors, "CARRIER", "{} denied everything.")  # as the plain extractor reads it
    told = values(ngec_actors.measure(bench))
    assert told["country of an actor phrase"] == {"accuracy": 0.6667, "of answered": 0.5}
    assert told["… where the phrase holds a known name"] == {"accuracy": 0.5}


LGL = """<?xml version="1.0" encoding="utf-8"?>
<articles><article docid="1"><text>Upper Dova, Selm Gate and a brook.</text><toponyms count="3">
<toponym><start>0</start><end>10</end><phrase>Upper Dova</phrase><gaztag geonameid="1"><name>Upper Dova</name>
<fclass>A</fclass><fcode>ADM1</fcode><lat>12.6</lat><lon>-3.3</lon><country geonameid="6252001">X</country>
</gaztag></toponym>
<toponym><start>12</start><end>21</end><phrase>the Selm Gate</phrase><gaztag geonameid="2"><name>Selm</name>
<fclass>P</fclass><fcode>PPL</fcode><lat>41.0</lat><lon>2.0</lon></gaztag></toponym>
<toponym><start>28</start><end>33</end><phrase>brook</phrase></toponym>
</toponyms></article></articles>"""


def test_lgl(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "places").mkdir()
    with gzip.open(tmp_path.joinpath(*lgl.FILE), "wt") as file:
        file.write(LGL)
    ((one, other),) = lgl.parse(tmp_path.joinpath(*lgl.FILE))
    assert (one.phrase, one.lat, one.lon, one.code, one.country) == ("Upper Dova", 12.6, -3.3, "ADM1", "USA")
    assert other.country == ""
    country, near = lgl.measure(bench)
    assert (country.n, country.ours) == (1, {"accuracy": 0.0, "of answered": 0.0})
    assert (near.n, near.ours) == (2, {"accuracy": 0.5, "of answered": 0.5})


def test_distances() -> None:
    assert lgl.apart((0.0, 0.0), (0.0, 0.0)) == 0.0
    assert lgl.apart((0.0, 0.0), (0.0, 180.0)) == pytest.approx(20015, rel=1e-3)


def test_a_country_is_near_where_it_is_the_right_one(gazetteer: Gazetteer) -> None:
    place = lgl.located("Ardania", gazetteer)
    assert lgl.is_near(lgl.Toponym("Ardania", 0.0, 0.0, "PCLI", "XAR"), place)
    assert not lgl.is_near(lgl.Toponym("Ardania", 0.0, 0.0, "ADM1", "XAR"), place)


@pytest.mark.model
def test_re3d(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "re3d" / "Gazette"
    folder.mkdir(parents=True)
    text = "Ardania said the Red Wing had left Upper Dova for Dova Mill. We saw them."
    document = {"_id": "D", "title": "Left", "text": text}
    marks = [
        ("Organisation", "Ardania"),
        ("Organisation", "the Red Wing"),
        ("Location", "Upper Dova"),
        ("Weapon", "Red"),
    ]
    marks += [("Organisation", "We"), ("Location", "Dova Mill")]
    entities = [
        {"type": kind, "begin": text.index(w), "end": text.index(w) + len(w), "value": w, "documentId": "D"}
        for kind, w in marks
    ]
    (folder / "documents.json").write_text(json.dumps(document) + "\n")
    (folder / "entities.json").write_text("".join(f"{json.dumps(entity)}\n" for entity in entities))
    (found,) = re3d.parse(folder)
    assert [mark.words for mark in found.marks] == ["Ardania", "the Red Wing", "Upper Dova", "Dova Mill"]
    told = {figure.what: figure for figure in re3d.measure(bench)}
    assert told["Organisation mentions with a name"].ours == {"recall": 1.0}
    assert told["Organisation mentions with a name"].n == 2
    assert told["Location mentions with a name"].ours == {"recall": 0.5}


@pytest.mark.parametrize(
    ("words", "named"), [("the Red Wing", True), ("We", False), ("The enemy", False), ("rebels", False), ("Kesh", True)]
)
def test_what_is_a_name(words: str, named: bool) -> None:
    assert re3d.is_named(words) is named
