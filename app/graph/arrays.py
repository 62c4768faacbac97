"""Values that come one by one in, columns of numbers out: what a graph of millions of claims is kept in.

A Python object for each claim, edge and id would take some kilobytes a claim. Here an id takes ten bytes and a place in
a table of numbers, a word is kept once, and the rows of an index lie side by side in one block.
"""

from __future__ import annotations

import re
import zlib
from abc import abstractmethod
from array import array
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]
"""Numbers of rows."""
T = TypeVar("T", bound=Hashable)
V = TypeVar("V", covariant=True)
Number = TypeVar("Number", bound=np.generic)

NONE = -1
"""The code of what is not there."""


class Column:
    """Numbers of one kind, appended at the end.

    Attributes:
        at: The numbers, and room for more behind the last; for reading and setting single ones, which takes a fifth of
            the time that numpy would. It is another object after each growth.
    """

    __slots__ = ("_array", "_size", "at")

    at: memoryview

    def __init__(self, kind: str, values: NDArray[Any] | None = None) -> None:
        """Start empty, or with these values.

        Args:
            kind: numpy's name of the kind of number ("i4").
            values: They are copied only if they are of another kind.
        """
        self._array = np.empty(16, kind) if values is None else np.require(values, kind, ["C", "W"])
        self._size = 0 if values is None else len(values)
        self.at = memoryview(self._array)

    def __len__(self) -> int:
        return self._size

    def append(self, value: float) -> None:
        """Put a number behind the last."""
        size = self._size
        if size == len(self.at):
            self._grow()
        self.at[size] = value  # type: ignore[call-overload] # what it takes is as its kind is
        self._size = size + 1

    def __reduce__(self) -> tuple[Any, ...]:
        # A view of memory cannot be copied or pickled by itself.
        return Column, (self._array.dtype.str[1:], self.values.copy())

    def _grow(self) -> None:
        # What is reserved and not yet written takes up no memory.
        grown = np.empty(max(16, 2 * len(self._array)), self._array.dtype)
        grown[: self._size] = self._array[: self._size]
        self._array = grown
        self.at = memoryview(grown)

    @property
    def values(self) -> NDArray[Any]:
        """All of them; do not change it. What is appended later is not in it."""
        return self._array[: self._size]


class Slots:
    """Finds rows by a hash: open addressing with linear probing, four bytes a slot.

    The caller keeps what a row holds, and tells whether a candidate is the one. Nothing is ever removed.
    """

    __slots__ = ("_count", "_mask", "_slots")

    def __init__(self) -> None:
        self._count = 0
        self._mask = 15
        self._slots = memoryview(np.full(16, NONE, np.int32))

    def __getstate__(self) -> tuple[int, NDArray[np.int32]]:
        return self._count, self.state().copy()

    def __setstate__(self, state: tuple[int, NDArray[np.int32]]) -> None:
        self.restore(state[1], state[0])

    def state(self) -> NDArray[np.int32]:
        """What `restore` takes."""
        return np.asarray(self._slots)

    def restore(self, slots: NDArray[np.int32], count: int) -> None:
        """Hold what `state` told of so many rows, and nothing else."""
        slots = np.require(slots, "i4", ["C", "W"])
        if len(slots) & (len(slots) - 1) or len(slots) <= count:
            raise ValueError("these are no slots")
        self._count, self._mask, self._slots = count, len(slots) - 1, memoryview(slots)

    def candidates(self, hash_: int) -> Iterator[int]:
        """Rows that may have this hash."""
        slots, mask = self._slots, self._mask
        place = hash_ & mask
        while (row := slots[place]) != NONE:
            yield row
            place = (place + 1) & mask

    def add(self, row: int, hash_: int, hashes: Callable[[], NDArray[np.uint64]]) -> None:
        """Make a row findable; `hashes` gives those of all rows, this one included, for when the table must grow."""
        self._count += 1
        if 3 * self._count > 2 * (self._mask + 1):
            self.fill(hashes())
            return
        slots, mask = self._slots, self._mask
        place = hash_ & mask
        while slots[place] != NONE:
            place = (place + 1) & mask
        slots[place] = row

    def fill(self, hashes: NDArray[np.uint64]) -> None:
        """Make the rows 0, 1, … findable by these hashes, and no others."""
        size = 16
        while size < 2 * len(hashes):
            size *= 2
        mask = np.uint64(size - 1)
        slots = np.full(size, NONE, np.int32)
        waiting = np.arange(len(hashes), dtype=np.int32)
        places = (hashes & mask).astype(np.int64)
        while len(waiting):
            # Of those that want a free slot, the first gets it; all others go on to the next.
            free = slots[places] == NONE
            slots[places[free][::-1]] = waiting[free][::-1]
            left = slots[places] != waiting
            waiting, places = waiting[left], (places[left] + 1) & int(mask)
        self._count = len(hashes)
        self._mask = size - 1
        self._slots = memoryview(slots)


_DIGITS = 20
_BYTES = np.dtype([("high", ">u8"), ("low", ">u2")])
_FEW = 8


class Ids:
    """Ids of one kind (see `content_id`), each known by the number of its row; any other string may be among them."""

    __slots__ = ("_form", "_high", "_low", "_names", "_odd", "_slots", "prefix")

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self._form = re.compile(rf"{prefix}-[0-9a-f]{{{_DIGITS}}}").fullmatch
        self._high = Column("u8")
        self._low = Column("u2")
        self._slots = Slots()
        # What is no content id: its row, and back.
        self._odd: dict[str, int] = {}
        self._names: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._high)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.find(name) != NONE

    def __iter__(self) -> Iterator[str]:
        return map(self.name, range(len(self)))

    def find(self, name: str) -> int:
        """The row of an id, or NONE."""
        if self._form(name) is None:
            return self._odd.get(name, NONE)
        high, low = int(name[4:20], 16), int(name[20:], 16)
        highs, lows = self._high.at, self._low.at
        # As `Slots.candidates`, in place: this is asked more often than anything else.
        slots, mask = self._slots._slots, self._slots._mask
        place = high & mask
        while (row := slots[place]) != NONE:
            if highs[row] == high and lows[row] == low and row not in self._names:
                return int(row)
            place = (place + 1) & mask
        return NONE

    def add(self, name: str) -> int:
        """The row of an id, which it gets now if it has none."""
        row = self.find(name)
        if row != NONE:
            return row
        row = len(self)
        high = low = 0
        if self._form(name) is None:
            self._odd[name], self._names[row] = row, name
        else:
            high, low = int(name[4:20], 16), int(name[20:], 16)
        self._high.append(high)
        self._low.append(low)
        self._slots.add(row, high, lambda: self._high.values)
        return row

    def name(self, row: int) -> str:
        """The id in a row."""
        odd = self._names.get(row) if self._names else None
        return odd if odd is not None else f"{self.prefix}-{self._high.at[row]:016x}{self._low.at[row]:04x}"

    def names(self, rows: Sequence[int] | Rows) -> list[str]:
        """The ids in these rows."""
        if self._names:
            return [self.name(int(row)) for row in rows]
        if len(rows) < _FEW:
            rows = rows.tolist() if isinstance(rows, np.ndarray) else rows
            high, low, prefix = self._high.at, self._low.at, self.prefix
            return [f"{prefix}-{high[row]:016x}{low[row]:04x}" for row in rows]
        # The digits of all of them at once, which are then cut apart.
        numbers = np.empty(len(rows), _BYTES)
        at = np.asarray(rows)
        numbers["high"], numbers["low"] = self._high.values[at], self._low.values[at]
        digits, before = numbers.tobytes().hex(), f"{self.prefix}-"
        return [before + digits[start : start + _DIGITS] for start in range(0, len(digits), _DIGITS)]

    def order(self, rows: Rows) -> tuple[NDArray[Any], ...]:
        """Keys for `numpy.lexsort`, the last the first to look at, by which these rows are sorted as their ids are."""
        if self._names:
            names = [self.name(row) for row in rows.tolist()]
            rank = {name: number for number, name in enumerate(sorted(names))}
            return (np.fromiter((rank[name] for name in names), np.int64, len(names)),)
        return (self._low.values[rows], self._high.values[rows])

    def state(self) -> dict[str, Any]:
        """What `restore` takes."""
        return {
            "high": self._high.values,
            "low": self._low.values,
            "slots": self._slots.state(),
            "odd": list(self._odd.items()),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Hold what `state` told, and nothing else."""
        self._high, self._low = Column("u8", state["high"]), Column("u2", state["low"])
        self._slots.restore(state["slots"], len(self._high))
        self._odd = dict(state["odd"])
        self._names = {row: name for name, row in self._odd.items()}


class Codes(Generic[T]):
    """Values that come again and again, each kept once and known by a number."""

    __slots__ = ("_code", "values")

    def __init__(self, values: Iterable[T] = ()) -> None:
        self.values: list[T] = list(values)
        self._code: dict[T, int] = {value: code for code, value in enumerate(self.values)}

    def __len__(self) -> int:
        return len(self.values)

    def __contains__(self, value: object) -> bool:
        return value in self._code

    def code(self, value: T) -> int:
        """The number of a value, which it gets now if it has none."""
        code = self._code.setdefault(value, len(self.values))
        if code == len(self.values):
            self.values.append(value)
        return code

    def find(self, value: T) -> int:
        """The number of a value, or NONE."""
        return self._code.get(value, NONE)


class RowSequence(Sequence[V]):
    """Something for each row, made when it is read; a part of it is another of its kind.

    Attributes:
        rows: The rows.
    """

    __slots__ = ("_table", "rows")

    def __init__(self, table: Any, rows: Rows) -> None:  # noqa: ANN401 # of whatever makes something of a row
        self._table = table
        self.rows = rows

    @abstractmethod
    def _made(self, row: int) -> V:
        """What there is in a row."""

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401 # as Sequence has it: a number or a slice
        if isinstance(at, slice):
            return type(self)(self._table, self.rows[at])
        return self._made(int(self.rows[at]))

    def __iter__(self) -> Iterator[V]:
        return map(self._made, self.rows.tolist())


# No key of 32 bits is this one.
_NO_KEY = (1 << 32) - 1
NO_ROWS: Rows = np.empty(0, np.int32)
NO_ROWS.flags.writeable = False


def distinct(values: NDArray[Number]) -> NDArray[Number]:
    """Each value once, in order; numpy's `unique` fills a table first, which takes several times as long."""
    ordered = np.sort(values)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def distinct_in(groups: NDArray[np.int64], values: NDArray[Any], count: int) -> NDArray[np.int64]:
    """How many different values, none below 0, each of so many groups has."""
    return np.bincount(distinct(groups << 32 | values) >> 32, minlength=count)


class Postings:
    """Rows by key (a whole number of 64 bits): those of some standing in one block, newer ones beside it.

    Once the newer ones are an eighth of all, they join the block, so that adding one costs the same however many there
    are. The rows of a key come in the order they were added, or in the one asked for.
    """

    __slots__ = ("_block", "_keys", "_keys_at", "_merged", "_order", "_recent", "_recently", "_starts")

    def __init__(self, order: Callable[[Rows], tuple[NDArray[Any], ...]] | None = None) -> None:
        """Start empty.

        Args:
            order: Gives keys for `numpy.lexsort`, the last the first to look at; as added where None.
        """
        self._order = order
        self._settle(np.empty(0, np.uint64), NO_ROWS)

    def add(self, key: int, row: int) -> None:
        """Put a row under a key."""
        recent = self._recent.get(key)
        if recent is None:
            self._recent[key] = array("i", (row,))
        else:
            recent.append(row)
        self._recently += 1
        if self._merged:
            self._merged.pop(key, None)
        if self._recently > 1024 and 8 * self._recently > len(self._block):
            self.settle()

    def count(self, key: int) -> int:
        """How many rows a key has."""
        low, high = self._span(key)
        recent = self._recent.get(key)
        return high - low + (len(recent) if recent is not None else 0)

    def rows(self, key: int) -> Rows:
        """The rows of a key; do not change it."""
        low, high = self._span(key)
        recent = self._recent.get(key)
        if recent is None:
            return self._block[low:high]
        merged = self._merged.get(key)
        if merged is None:
            # Copied: an array whose memory is lent out cannot grow.
            merged = np.concatenate([self._block[low:high], np.array(recent, np.int32)])
            if self._order is not None and len(merged) > 1:
                merged = merged[np.lexsort(self._order(merged))]
            self._merged[key] = merged
        return merged

    def gather(self, keys: NDArray[np.uint64]) -> tuple[Rows, NDArray[np.int64]]:
        """The rows of several keys, one key's after another's, and how many each has; in no order of their own."""
        # Searched as they are kept: to make others of all of them takes longer than the search.
        is_small = self._keys.dtype == np.uint32
        sought: NDArray[Any] = np.minimum(keys, _NO_KEY).astype(np.uint32) if is_small else keys
        at = self._keys.searchsorted(sought)
        at[at == len(self._keys)] = 0
        is_there = self._keys[at] == sought if len(self._keys) else np.zeros(len(keys), np.bool_)
        starts = np.asarray(self._starts)
        firsts = np.where(is_there, starts[at], 0).astype(np.int64)
        counts = np.where(is_there, starts[np.minimum(at + 1, len(starts) - 1)] - firsts, 0)
        newer = []
        if self._recent:
            newer = [(place, self._recent[key]) for place, key in enumerate(keys.tolist()) if key in self._recent]
        ends = np.cumsum(counts)
        rows = self._block[np.repeat(firsts - (ends - counts), counts) + np.arange(int(ends[-1]) if len(ends) else 0)]
        if newer:
            places = [place for place, found in newer for _ in found]
            rows = np.concatenate([rows, np.concatenate([np.array(found, np.int32) for _, found in newer])])
            whose = np.concatenate([np.repeat(np.arange(len(keys)), counts), places])
            rows = rows[np.argsort(whose, kind="stable")]
            counts = np.bincount(whose, minlength=len(keys))
        return rows, counts

    def keys(self) -> list[int]:
        """Every key that has a row."""
        return list(dict.fromkeys([*self._keys.tolist(), *self._recent]))

    def __getstate__(self) -> tuple[Any, dict[str, Any]]:
        return self._order, self.state()

    def __setstate__(self, state: tuple[Any, dict[str, Any]]) -> None:
        self._order = state[0]
        self.restore(state[1])

    def _span(self, key: int) -> tuple[int, int]:
        keys = self._keys_at
        at = bisect_left(keys, key)
        if at == len(keys) or keys[at] != key:
            return 0, 0
        starts = self._starts
        return starts[at], starts[at + 1]

    def settle(self) -> None:
        """Put everything into the block."""
        if self._recently:
            counts = [len(rows) for rows in self._recent.values()]
            newer = np.repeat(np.fromiter(self._recent, np.uint64, len(counts)), counts)
            older = np.repeat(self._keys.astype(np.uint64), np.diff(np.asarray(self._starts)))
            rows = np.concatenate([self._block, *(np.array(rows, np.int32) for rows in self._recent.values())])
            self._settle(np.concatenate([older, newer]), rows)

    def _settle(self, keys: NDArray[np.uint64], rows: Rows) -> None:
        if self._order is not None and len(rows):
            order = np.lexsort((*self._order(rows), keys))
        else:
            order = np.argsort(keys, kind="stable")
        unique, starts = np.unique(keys[order], return_index=True)
        self._take(unique, np.append(starts, len(rows)).astype(np.int32), rows[order])

    def _take(self, keys: NDArray[np.uint64], starts: NDArray[np.int32], block: Rows) -> None:
        # Most keys are small, and are then kept in half the room.
        self._keys = keys.astype(np.uint32) if not len(keys) or keys[-1] < _NO_KEY else keys
        self._keys_at = memoryview(self._keys)
        self._starts = memoryview(starts)
        self._block = block
        self._recent: dict[int, array[int]] = {}
        self._recently = 0
        self._merged: dict[int, Rows] = {}

    def state(self) -> dict[str, Any]:
        """What `restored` takes."""
        self.settle()
        return {"keys": self._keys, "starts": np.asarray(self._starts), "block": self._block}

    def restore(self, state: dict[str, Any]) -> None:
        """Hold what `state` told, and nothing else."""
        kinds = {"keys": state["keys"].dtype, "starts": "i4", "block": "i4"}
        keys, starts, block = (np.ascontiguousarray(state[name], kind) for name, kind in kinds.items())
        if keys.dtype not in (np.uint32, np.uint64):
            raise ValueError("these are no postings")
        if len(starts) != len(keys) + 1 or int(starts[-1]) != len(block):
            raise ValueError("these are no postings")
        self._take(keys, starts, block)


class Texts:
    """Byte strings by row, each compressed by itself with the help of what came before it: much alike, seldom read.

    What they have in common stands once in a dictionary, made of some of them each time there are four times as many.
    So one of them is taken out in a microsecond, in the memory that whole blocks of them would take.
    """

    __slots__ = ("_blocks", "_dictionaries", "_open", "_packer")

    BLOCK = 32
    LEARNT = 512
    """Of about so many texts a dictionary is made; the first ones wait uncompressed until there are as many."""

    def __init__(self) -> None:
        self._blocks: list[bytes | memoryview] = []
        self._dictionaries: list[bytes] = []
        self._open: list[bytes] = []
        self._packer: Any = None

    def __len__(self) -> int:
        return self.BLOCK * len(self._blocks) + len(self._open)

    def append(self, text: bytes) -> None:
        """Put a text behind the last."""
        self._open.append(text)
        if len(self._open) % self.BLOCK or (not self._dictionaries and len(self._open) < self.LEARNT):
            return
        while self._open:
            era = _era(len(self._blocks))
            if era >= len(self._dictionaries):
                self._learn()
            if self._packer is None:
                self._packer = zlib.compressobj(level=6, wbits=-15, zdict=self._dictionaries[-1])
            self._blocks.append(_packed(self._packer, self._open[: self.BLOCK]))
            del self._open[: self.BLOCK]

    def _learn(self) -> None:
        # Whole ones, from all over: what comes next may be like any of them.
        some = [*map(self.get, range(0, len(self), len(self) // self.LEARNT))]
        step = 1 + sum(map(len, some)) // _WINDOW
        self._dictionaries.append(b"".join(some[::-step][::-1])[-_WINDOW:])
        self._packer = None

    def get(self, row: int) -> bytes:
        """The bytes in a row."""
        number, at = divmod(row, self.BLOCK)
        if number >= len(self._blocks):
            return self._open[row - self.BLOCK * len(self._blocks)]
        block = memoryview(self._blocks[number])
        width = block[0]
        head = 1 + width * self.BLOCK
        lengths = block[1:head].cast("H" if width == 2 else "I").tolist()
        start = head + sum(lengths[:at])
        packed = block[start : start + lengths[at]]
        return zlib.decompressobj(-15, zdict=self._dictionaries[_era(number)]).decompress(packed)

    def state(self) -> dict[str, Any]:
        """What `restore` takes."""
        return {
            "blocks": together(self._blocks),
            "open": together(self._open),
            "dictionaries": together(self._dictionaries),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Hold what `state` told, and nothing else."""
        self._blocks = [*apart(state["blocks"])]
        self._open, self._dictionaries = ([*map(bytes, apart(state[name]))] for name in ("open", "dictionaries"))
        self._packer = None


_WINDOW = 1 << 15


def _era(block: int) -> int:
    """Which dictionary the block with this number is compressed with: there is one more at 64, 256, 1,024, … blocks."""
    return max(0, (block.bit_length() - 1) // 2 - 2)


def _packed(packer: Any, texts: list[bytes]) -> bytes:  # noqa: ANN401 # zlib tells no type of what compresses
    found = []
    for text in texts:
        # A copy starts with the dictionary already looked through.
        one = packer.copy()
        found.append(one.compress(text) + one.flush())
    lengths = array("H" if max(map(len, found)) < 1 << 16 else "I", map(len, found))
    return bytes([lengths.itemsize]) + lengths.tobytes() + b"".join(found)


def together(texts: Sequence[bytes | memoryview]) -> dict[str, NDArray[Any]]:
    """Byte strings as two arrays; see `apart`."""
    ends = np.cumsum([0, *map(len, texts)], dtype=np.int64)
    return {"bytes": np.frombuffer(b"".join(texts), np.uint8), "ends": ends}


def apart(state: dict[str, NDArray[Any]]) -> list[memoryview]:
    """The byte strings that `together` put together."""
    whole = memoryview(np.ascontiguousarray(state["bytes"], np.uint8))
    return [whole[start:end] for start, end in pairwise(state["ends"].tolist())]
