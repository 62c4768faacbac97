"""RDF from the command line: parts, nanopublications, descriptions; and what one ledger exports, another takes in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyoxigraph import RdfFormat, parse

from app.rdf.terms import PLM, Profile

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def claims(body: bytes, format_: RdfFormat) -> set[str]:
    return {str(q.subject).rpartition("/")[2][:-1] for q in parse(body, format_) if q.object.value == PLM + "Claim"}


def test_a_part_in_rdf_holds_what_the_command_lists(filled: Run, tmp_path: Path) -> None:
    asked = ("--source", "Russia", "--since", "2023-11")
    told = filled("export", "--format", "nquads", "--type", "denies", *asked, "-o", tmp_path / "part.nq")
    listed = {one["id"] for one in filled("denials", *asked, "--json").json["claims"]}
    assert claims((tmp_path / "part.nq").read_bytes(), RdfFormat.N_QUADS) == listed
    assert f" on {len(listed)} claims of revision 1" in told.err
    assert filled("validate", tmp_path / "part.nq").status == 0


def test_nanopublications(filled: Run, tmp_path: Path) -> None:
    filled("export", "--format", "trig", "--profile", "nanopub", "-o", tmp_path / "all.trig")
    assert "conform to the shapes" in filled("validate", tmp_path / "all.trig").out
    refused = filled("export", "--format", "turtle", "--profile", "nanopub")
    assert (refused.status, refused.refusal) == (
        2, "turtle cannot carry the named graphs of profile nanopub; choose one of nquads, trig, jsonld"
    )  # fmt: skip


@pytest.mark.parametrize("profile", list(Profile))
def test_the_samples_conform_in_every_profile(filled: Run, profile: Profile) -> None:
    assert "conform to the shapes" in filled("validate", "--profile", profile).out


def test_a_description(filled: Run) -> None:
    assert "void:triples" in filled("export", "--format", "turtle", "--describe").out
    for words in (["--format", "csv"], ["--format", "turtle", "--source", "Russia"]):
        refused = filled("export", "--describe", *words)
        assert refused.status == 2
        assert "--describe is for RDF" in refused.refusal


@pytest.mark.parametrize(("profile", "suffix", "format_"), [("claims", "ttl", "turtle"), ("nanopub", "nq", "nquads")])
def test_what_was_exported_is_imported_claim_for_claim(
    filled: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: str, suffix: str, format_: str
) -> None:
    path = tmp_path / f"all.{suffix}"
    filled("export", "--format", format_, "--profile", profile, "-o", path)
    kinds = ("accusations", "denials", "retaliations")
    before = {kind: filled(kind, "--json").json for kind in kinds}
    monkeypatch.setenv("POLEMOS_LEDGER", f"sqlite:///{tmp_path / 'fresh.sqlite'}")
    report = filled("import", "rdf", path, "--json").json
    assert (report["claims"], report["kept_ids"], report["refused"]) == (401, 0, {})
    for kind in kinds:
        after = filled(kind, "--json").json
        assert [plain(one) for one in after["claims"]] == [plain(one) for one in before[kind]["claims"]]
        assert after["total"] == before[kind]["total"]
    assert filled("check").status == 0
    again = filled("import", "rdf", path)
    assert again.err.startswith("revision 1: 401 claims read, 401 already known, 0 claims")


def plain(claim: dict[str, Any]) -> dict[str, Any]:
    """A claim but for the instant at which the ledger took it in."""
    return {name: value for name, value in claim.items() if name != "ingested"}


def test_what_is_no_rdf_of_ours_is_told_in_one_line(polemos: Run, tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<x:a> <x:b> <x:c> .")
    refused = polemos("import", "rdf", tmp_path / "a.ttl")
    assert refused.status == 2
    assert "holds no plm:Claim and no plm:Acknowledgement" in refused.refusal
