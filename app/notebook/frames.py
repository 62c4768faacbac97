"""Records in, a pandas table out whose columns and their kinds are told by the records' own fields.

The same columns come for no record as for a thousand. What is not known is missing, never empty or zero.

| field | column |
| --- | --- |
| text | `string`; missing is `pandas.NA` |
| a term of the codebook | `category` with every term, in the codebook's order |
| number | `Float64` or `Int64`, of which each may be missing |
| a date | the text as it is told, and two days as `datetime64[s]`: the first and the last that it may mean |
| an instant | `datetime64[ms, UTC]` |
| several values | tuples |
| a record in a record | its fields, each with the outer field's name before it |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from operator import attrgetter
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from app.queries.row_columns import Coded
from app.vocabulary.errors import MissingPart
from app.vocabulary.times import Period

if TYPE_CHECKING:
    import pandas as pd

DATES = ("date", "published", "happened", "said")
"""Fields that hold a partial date or an interval: a column of one day would say more than is known."""

INSTANT = "ingested"


def frame(kind: type[msgspec.Struct], rows: Iterable[msgspec.Struct], attrs: Mapping[str, object]) -> pd.DataFrame:
    """A table of records of one kind, with one line each.

    Args:
        kind: The record; its fields are the columns, those of `evidence` under their own names.
        rows: The records.
        attrs: What the table tells of itself, as `DataFrame.attrs`.

    Raises:
        MissingPart: pandas is not installed.
    """
    held = list(rows)
    return framed(kind, {path: Coded(list(map(attrgetter(path), held))) for path, _ in _fields(kind)}, attrs)


def framed(kind: type[msgspec.Struct], told: Mapping[str, Coded], attrs: Mapping[str, object]) -> pd.DataFrame:
    """As `frame`, of columns: each under the path of its field in the record.

    Raises:
        MissingPart: pandas is not installed.
    """
    pandas = _pandas()
    columns: dict[str, Any] = {}
    for path, type_ in _fields(kind):
        values = told[path].values
        name = path.removeprefix("evidence.").replace(".", "_")
        made = {name: _column(pandas, values, type_) if name != INSTANT else _instants(pandas, values)}
        if name in DATES:
            made |= _days(pandas, name, values)
        # What was made of each distinct value is laid out by the lines.
        codes = told[path].codes
        columns |= made if codes is None else {one: pandas.Series(it.array.take(codes)) for one, it in made.items()}
    found: pd.DataFrame = pandas.DataFrame(columns)
    found.attrs.update(attrs)
    return found


def _pandas() -> Any:  # noqa: ANN401 -- a module, which may not be there
    try:
        import pandas
    except ImportError as why:
        raise MissingPart("tables need pandas, which is not installed: pip install 'polemos[notebook]'") from why
    return pandas


def _fields(kind: type[msgspec.Struct], before: str = "") -> list[tuple[str, Any]]:
    found = []
    hints = get_type_hints(kind)
    for name in kind.__struct_fields__:
        type_ = hints[name]
        if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
            found += _fields(type_, f"{before}{name}.")
        else:
            found.append((before + name, type_))
    return found


def _column(pandas: Any, values: Sequence[Any], type_: Any) -> Any:  # noqa: ANN401 -- a series of an optional module
    kinds = [one for one in (get_args(type_) or (type_,)) if one is not NoneType]
    if get_origin(type_) in (tuple, list):
        return pandas.Series(values, dtype="object")
    terms = _terms(type_ if get_origin(type_) is Literal else kinds[0])
    if terms:
        named = [str(one) if one is not None else None for one in values]
        return pandas.Series(pandas.Categorical(named, categories=terms))
    if kinds[0] is float:
        return pandas.Series(values, dtype="Float64")
    if kinds[0] is int:
        return pandas.Series(values, dtype="Int64")
    return pandas.Series(values, dtype="string")


def _instants(pandas: Any, values: Sequence[str | None]) -> Any:  # noqa: ANN401 -- as above
    return pandas.Series(pandas.to_datetime(pandas.Series(values, dtype="object"), utc=True)).astype(
        "datetime64[ms, UTC]"
    )


def _terms(kind: Any) -> list[str]:  # noqa: ANN401 -- any annotation
    if get_origin(kind) is Literal:
        return [str(one) for one in get_args(kind)]
    return [one.value for one in kind] if isinstance(kind, type) and issubclass(kind, StrEnum) else []


def _days(pandas: Any, name: str, values: Sequence[str | None]) -> dict[str, Any]:  # noqa: ANN401 -- as above
    periods = [_period(one) if one is not None else None for one in values]
    return {
        f"{name}_{end}": pandas.Series(
            [getattr(one, edge) if one is not None else None for one in periods], dtype="datetime64[s]"
        )
        for end, edge in (("first", "start"), ("last", "end"))
    }


def _period(text: str) -> Period:
    """Also with an open end, as `Period.iso` writes it."""
    start, _, end = text.partition("/")
    if ".." not in (start, end):
        return Period.parse(text)
    return Period(Period.parse(start).start if start != ".." else None, Period.parse(end).end if end != ".." else None)
