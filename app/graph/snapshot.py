"""Snapshots of folds on disk: the graph of half a million claims without reading half a million rows.

A snapshot is a folder with arrays in one file, all else in another, and a manifest that says of which revision of which
ledger it is, what each file hashes to, and by which code it was made: whatever is not exactly so is no snapshot. It is
never the only copy of anything, so one that cannot be used is passed over, and the ledger is read instead. What the
arrays mean is `app.graph.columns`' business. They are mapped into memory, not read: several processes share what they
do not change, and what nobody looks at takes up none.
"""

from __future__ import annotations

import gc
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from app.graph.columns import Arrays, restored, state_of
from app.graph.fold import Entries, Fold
from app.graph.slices import Slice

FORMAT = 2
_ARRAYS, _REST, _MANIFEST = "arrays.bin", "rest.json", "manifest.json"
# Arrays begin at multiples of so many bytes, as processors like it.
_ALIGNED = 64


class _Place(msgspec.Struct, frozen=True):
    kind: str
    start: int
    end: int


class _Manifest(msgspec.Struct, frozen=True):
    format: int
    code: str
    revision: int
    digest: str
    claims: int
    files: dict[str, str]
    arrays: dict[str, _Place]


@dataclass(frozen=True, slots=True)
class Snapshots:
    """The snapshots in one folder; it is made when the first is written."""

    folder: Path

    def write(self, fold: Fold, digest: str) -> Path:
        """Write down a fold, whole or not at all, and remove older ones; returns the snapshot's own folder.

        Args:
            fold: What to write down; it must not be fed meanwhile.
            digest: What the ledger's digest of the graph's revision is (`Ledger.digest`).

        Raises:
            OSError: It cannot be written.
        """
        revision = fold.graph.revision
        place = self.folder / f"{revision}-{digest[:16]}-{_code()[:8]}"
        if place.exists():
            return place
        part = self.folder / f".{place.name}.{os.getpid()}"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        try:
            arrays, rest = state_of(fold)
            places = _write(part / _ARRAYS, arrays)
            (part / _REST).write_bytes(rest)
            hashes = {path.name: _hash(path) for path in sorted(part.iterdir())}
            manifest = _Manifest(FORMAT, _code(), revision, digest, len(fold.graph.claims), hashes, places)
            (part / _MANIFEST).write_bytes(msgspec.json.encode(manifest))
            part.rename(place)
        except OSError:
            shutil.rmtree(part, ignore_errors=True)
            if not place.exists():
                raise
        for older in self._found():
            if older != place and _revision(older) <= revision:
                shutil.rmtree(older, ignore_errors=True)
        return place

    def read(
        self,
        digest: Callable[[int], str | None],
        *,
        reload: Callable[[int], Entries],
        appended_at: Callable[[int], str | None] | None = None,
        until: int | None = None,
        only: Slice | None = None,
    ) -> Fold | None:
        """The newest fold that is of this ledger and this code, and undamaged; None where there is none.

        Args:
            digest: The ledger's digests by revision.
            reload: All entries of the ledger up to a revision, for when everything has to be folded anew after all.
            appended_at: As `Fold` takes it.
            until: No newer revision than this one.
            only: Which claims the folds in this folder hold.
        """
        for place in sorted(self._found(), key=_revision, reverse=True):
            revision = _revision(place)
            if until is not None and revision > until:
                continue
            # Whatever is wrong with a snapshot, the ledger has it all, so nothing of it is worth more than a word.
            try:
                manifest = msgspec.json.decode((place / _MANIFEST).read_bytes(), type=_Manifest)
                if (manifest.format, manifest.code, manifest.revision) != (FORMAT, _code(), revision):
                    continue
                if digest(revision) != manifest.digest:
                    continue
                if any(_hash(place / name) != known for name, known in manifest.files.items()):
                    continue
                with _no_collection():
                    arrays = _mapped(place / _ARRAYS, manifest.arrays)
                    return restored(arrays, (place / _REST).read_bytes(), revision, reload, appended_at, only)
            except (OSError, ValueError, KeyError, IndexError, TypeError, msgspec.MsgspecError):
                continue
        return None

    def claims(self) -> int:
        """How many claims the newest snapshot holds, if this code wrote it; else 0, as where there is none."""
        newest = max(self._found(), key=_revision, default=None)
        if newest is None:
            return 0
        try:
            manifest = msgspec.json.decode((newest / _MANIFEST).read_bytes(), type=_Manifest)
        except (OSError, msgspec.MsgspecError):
            return 0
        return manifest.claims if (manifest.format, manifest.code) == (FORMAT, _code()) else 0

    def _found(self) -> list[Path]:
        try:
            return [path for path in self.folder.iterdir() if path.name.split("-")[0].isdecimal()]
        except OSError:
            return []


def _write(path: Path, arrays: Arrays) -> dict[str, _Place]:
    """Write arrays one behind the other; returns where each lies, in bytes."""
    places: dict[str, _Place] = {}
    with path.open("wb") as file:
        for name, array in arrays.items():
            file.write(bytes(-file.tell() % _ALIGNED))
            places[name] = _Place(array.dtype.str, file.tell(), file.tell() + array.nbytes)
            array.tofile(file)
        # A file without a byte cannot be mapped.
        file.write(b"\n")
    return places


def _mapped(path: Path, places: dict[str, _Place]) -> Arrays:
    """The arrays of a file, which stays as it is: what is changed in memory is copied there, page by page."""
    whole = np.memmap(path, np.uint8, "c").view(np.ndarray)
    return {name: whole[place.start : place.end].view(place.kind) for name, place in places.items()}


def _revision(place: Path) -> int:
    return int(place.name.split("-")[0])


def _code() -> str:
    """A hash of the code that decides what a fold is: another version's snapshot might hold another graph."""
    global _known_code
    if not _known_code:
        here = Path(__file__).parent
        files = [*here.glob("*.py"), *(here.parent / "vocabulary").glob("*.py")]
        digest = hashlib.sha256()
        for path in sorted(files):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        _known_code = digest.hexdigest()
    return _known_code


_known_code = ""


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Millions of objects are made, none of them in cycles: looking at them again and again would take seconds."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
