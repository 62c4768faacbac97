"""The gazetteer's files: what good rows give, and that a bad one is named by file and line."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from app.vocabulary.errors import BadData
from app.vocabulary.names import Ambiguity, Gazetteer, NamedActor, NameForm, NameHit, Region, Role
from app.vocabulary.records import Actor, Membership
from app.vocabulary.terms import ActorKind
from app.vocabulary.times import Period


def forms(gazetteer: Gazetteer, name: str) -> list[tuple[str, NameForm]]:
    return [(hit.actor.name, hit.form) for hit in gazetteer.hits(name)]


def test_a_state_with_all_its_names(gazetteer: Gazetteer) -> None:
    assert gazetteer.actors["Ardania"] == NamedActor(
        name="Ardania",
        kind=ActorKind.STATE,
        country="XAR",
        aliases=("Republic of Ardania",),
        adjectives=("Ardanian",),
        demonyms=("Ardanians",),
        capitals=("Ardville",),
        seats=("Grey House",),
        wikidata="Q1",
    )
    assert gazetteer.by_id["actor-ardania"] is gazetteer.actors["Ardania"]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Ardania", NameForm.NAME),
        ("Republic of Ardania", NameForm.NAME),
        ("Ardanian", NameForm.ADJECTIVE),
        ("Ardanians", NameForm.DEMONYM),
        ("Ardville", NameForm.CAPITAL),
        ("Grey House", NameForm.SEAT),
    ],
)
def test_how_a_name_stands_for_a_state(gazetteer: Gazetteer, name: str, form: NameForm) -> None:
    assert forms(gazetteer, name) == [("Ardania", form)]
    assert name in set(gazetteer.names())


@pytest.mark.parametrize(
    ("name", "kind", "country", "part_of"),
    [
        ("Old Cerinia", ActorKind.STATE, "XOC", None),
        ("Dovan Republic", ActorKind.GOVERNMENT_BODY, None, None),
        ("Ardanian Army", ActorKind.ARMED_FORCE, None, "Ardania"),
        ("Coast Guard Command", ActorKind.GOVERNMENT_BODY, None, "Ardanian Army"),
        ("Radio Belgard", ActorKind.MEDIA, None, "Beloria"),
        ("Free Coast Brigade", ActorKind.ARMED_GROUP, None, None),
        ("Red Wing", ActorKind.ARMED_GROUP, "XAR", "Free Coast Brigade"),
        ("New Dawn", ActorKind.POLITICAL_GROUP, "XAR", None),
        ("Coastal Council", ActorKind.INTERNATIONAL_ORGANISATION, None, None),
        ("Selm Shipping", ActorKind.COMPANY, None, None),
    ],
)
def test_what_sort_of_actor_it_is(
    gazetteer: Gazetteer, name: str, kind: ActorKind, country: str | None, part_of: str | None
) -> None:
    actor = gazetteer.actors[name]
    assert (actor.kind, actor.country, actor.part_of) == (kind, country, part_of)


@pytest.mark.parametrize(
    ("name", "top"),
    [
        ("Coast Guard Command", "Ardania"),
        ("Ardanian Army", "Ardania"),
        ("Ardania", "Ardania"),
        ("Red Wing", "Free Coast Brigade"),
        ("Dova Friends", "Dova Friends"),
        ("Dovan Republic", "Dovan Republic"),
        ("Nobody We Know", "Nobody We Know"),
    ],
)
def test_on_whose_behalf_it_acts(gazetteer: Gazetteer, name: str, top: str) -> None:
    assert gazetteer.top(name) == top


@pytest.mark.parametrize(
    ("parts", "start", "tops"),
    [
        ({"A": "A"}, "A", {"A"}),
        ({"A": "B", "B": "A"}, "A", {"A", "B"}),
        ({"A": "B", "B": "C", "C": "B"}, "A", {"B", "C"}),
    ],
)
def test_actors_that_are_part_of_each_other_still_have_a_top(parts: dict[str, str], start: str, tops: set[str]) -> None:
    names = [NamedActor(name, ActorKind.UNKNOWN, part_of=whole) for name, whole in parts.items()]
    assert Gazetteer(names).top(start) in tops


def test_a_metonym_place_speaks_for_its_state(gazetteer: Gazetteer) -> None:
    assert forms(gazetteer, "Quay Street") == [("Beloria", NameForm.SEAT)]
    assert gazetteer.hits("Old Mint") == []


def test_a_seat_that_the_state_lists_already_is_not_listed_twice(gazetteer_files: Path) -> None:
    with (gazetteer_files / "metonym_places.tsv").open("a") as file:
        file.write("Grey House\tArdania\t\nArdville\tBeloria\t\n")
    loaded = Gazetteer.load(gazetteer_files)
    assert forms(loaded, "Grey House") == [("Ardania", NameForm.SEAT)]
    assert forms(loaded, "Ardville") == [("Ardania", NameForm.CAPITAL), ("Beloria", NameForm.SEAT)]


def test_names_of_several_bearers(gazetteer: Gazetteer) -> None:
    assert gazetteer.ambiguities == {
        "ND": Ambiguity(("New Dawn", "Dovan Republic"), (("party", "rally"), ("mountain",)), "New Dawn"),
        "CC": Ambiguity(("Coastal Council", "Selm Shipping"), (), None),
    }


def test_an_ambiguous_name_that_no_actor_lists_is_a_name_too(gazetteer_files: Path) -> None:
    with (gazetteer_files / "ambiguous.tsv").open("a") as file:
        file.write("The League\tBeloria|Cerinia\t\t\n")
    names = list(Gazetteer.load(gazetteer_files).names())
    assert names.count("The League") == 1
    assert len(names) == len(set(names))


def test_roles_and_patterns(gazetteer: Gazetteer) -> None:
    assert gazetteer.roles == {
        "spokesman": Role("spokesman", "role", "state"),
        "Gen.": Role("Gen.", "rank", "body"),
    }
    assert gazetteer.patterns == [
        ("{ADJ} Navy", ActorKind.ARMED_FORCE),
        ("{ADJ} Foreign Ministry", ActorKind.GOVERNMENT_BODY),
    ]


def test_regions_and_whose_they_are(gazetteer: Gazetteer) -> None:
    dova = Region("Upper Dova", "XAR", "region", 12.5, -3.25)
    assert gazetteer.regions["Upper Dova"] == gazetteer.regions["Dova Hills"] == dova
    assert gazetteer.regions["Disputed Shoal"] == Region("Disputed Shoal", None, "region", None, None)


@pytest.mark.parametrize(
    ("name", "day", "valid"),
    [
        ("Old Cerinia", date(1921, 12, 31), False),
        ("Old Cerinia", date(1922, 1, 1), True),
        ("Old Cerinia", date(1991, 8, 31), True),
        ("Old Cerinia", date(1991, 9, 1), False),
        ("Cerinia", date(1991, 8, 23), False),
        ("Cerinia", date(2031, 5, 4), True),
        ("Ardania", date(1, 1, 1), True),
        ("Old Cerinia", None, True),
    ],
)
def test_who_existed_on_a_day(gazetteer: Gazetteer, name: str, day: date | None, valid: bool) -> None:
    assert gazetteer.valid_on(gazetteer.actors[name], day) is valid


def test_the_record_for_the_ledger(gazetteer: Gazetteer) -> None:
    assert gazetteer.record("Ardanian Army") == Actor(
        "Ardanian Army", ActorKind.ARMED_FORCE, None, "actor-ardania", ("Army of Ardania",)
    )
    assert gazetteer.record("Ardania").aliases == ("Republic of Ardania",)
    assert gazetteer.record("Ardania").wikidata == "Q1"
    assert gazetteer.record("Grey Ones", ActorKind.ARMED_GROUP, "XBE") == Actor(
        "Grey Ones", ActorKind.ARMED_GROUP, "XBE"
    )


def test_a_part_that_came_or_went_was_a_part_while_it_was_there() -> None:
    harbour = NamedActor(
        "Harbour Watch", ActorKind.GOVERNMENT_BODY, part_of="Ardania", valid=Period(date(1995, 3, 1), date(2004, 6, 30))
    )
    actors = [NamedActor("Ardania", ActorKind.STATE), harbour]
    found = Gazetteer(actors).record("Harbour Watch")
    assert found.part_of == "actor-ardania"
    assert found.memberships == (Membership("actor-ardania", "1995-03-01", "2004-06-30"),)
    days = (date(1995, 2, 28), date(1995, 3, 1), date(2004, 6, 30), date(2004, 7, 1), None)
    assert [found.whole_on(day) for day in days] == [None, "actor-ardania", "actor-ardania", None, "actor-ardania"]
    lasting = Gazetteer([actors[0], dataclasses.replace(harbour, valid=Period(date(1995, 3, 1)))])
    assert lasting.record("Harbour Watch").memberships == (Membership("actor-ardania", "1995-03-01"),)
    alone = Gazetteer([actors[0], dataclasses.replace(harbour, rolls_up=False)]).record("Harbour Watch")
    assert (alone.part_of, alone.memberships) == (None, ())


def spoil(file: str, row: str) -> Callable[[Path], None]:
    """Adds a row, its cells parted by |, as a line of its own."""

    def add(folder: Path) -> None:
        with (folder / file).open("a", encoding="utf-8") as lines:
            lines.write(row.replace("|", "\t") + "\n")

    return add


def replace(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (spoil("states.tsv", "Dovania|XDO"), r"states\.tsv, line 7: expected 11 columns"),
        (spoil("states.tsv", "A|B|C|D|E|F|G|H|I|J|K|L"), r"states\.tsv, line 7: expected 11 columns"),
        (spoil("states.tsv", "Dovania|XDO||state||||||soon|"), r"states\.tsv, line 7: 'soon' is not a date"),
        (spoil("states.tsv", "Dovania|XDO||state||||||2001|1999"), r"states\.tsv, line 7: .* before"),
        (spoil("bodies.tsv", "Navy||armed_force|Dovania|||"), r"bodies\.tsv, line 5: 'Navy' is part of 'Dovania'"),
        (spoil("groups.tsv", "Grey Ones||||The Void||||"), r"groups\.tsv, line 6: 'Grey Ones' is part of 'The Void'"),
        (spoil("groups.tsv", "Beloria||||||||"), r"groups\.tsv, line 6: 'Beloria' is listed .* in .*s\.tsv, line 3"),
        (spoil("regions.tsv", "Nowhere|||region|north|1"), r"regions\.tsv, line 5: could not convert .* 'north'"),
        (spoil("metonym_places.tsv", "Quay|Dovania|"), r"metonym_places\.tsv, line 4: 'Dovania' is no actor"),
        (replace("role_nouns.tsv", "speaks_for", "speaks"), r"role_nouns\.tsv has no column 'speaks_for'"),
        (replace("bodies.tsv", "parent", "owner"), r"bodies\.tsv has no column 'parent'"),
        (replace("states.tsv", "from", "since"), r"states\.tsv has no column 'from'"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_by_file_and_line(gazetteer_files: Path, damage: Callable[[Path], None], told: str) -> None:
    damage(gazetteer_files)
    with pytest.raises(BadData, match=told):
        Gazetteer.load(gazetteer_files)


def test_a_missing_file_is_named(gazetteer_files: Path) -> None:
    (gazetteer_files / "groups.tsv").unlink()
    with pytest.raises(BadData, match=r"groups\.tsv cannot be read: No such file"):
        Gazetteer.load(gazetteer_files)


def test_a_file_of_another_encoding_is_named(gazetteer_files: Path) -> None:
    (gazetteer_files / "groups.tsv").write_bytes("Ligue Étoilée".encode("latin-1"))
    with pytest.raises(BadData, match=r"groups\.tsv is not a tab-separated UTF-8 file"):
        Gazetteer.load(gazetteer_files)


def test_quotation_marks_are_part_of_a_name(gazetteer_files: Path) -> None:
    spoil("groups.tsv", '"Grey Ones|"Greys"|||||||')(gazetteer_files)
    assert Gazetteer.load(gazetteer_files).actors['"Grey Ones'].aliases == ('"Greys"',)


def test_the_hits_of_an_unknown_name_are_none(gazetteer: Gazetteer) -> None:
    assert gazetteer.hits("ardania") == []
    assert gazetteer.hits("New Dawn") == [NameHit(gazetteer.actors["New Dawn"], NameForm.NAME)]
