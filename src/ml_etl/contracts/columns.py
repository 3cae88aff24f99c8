"""A table's contract: what its columns are called, hold and mean, and which rules its rows keep."""

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis
import ibis.expr.types as ir

Predicate = Callable[[ir.Table], ir.BooleanValue]

MONEY = "decimal(18, 12)"
"""One row's money: H&M publishes scaled prices of mean .0277, where cents would lose a customer's spend."""

MONEY_SUM = "decimal(38, 12)"
"""Summed money: exact, so that equal rows give equal bytes whatever the order."""


@dataclass(frozen=True)
class Column:
    """One column: Ibis type, what it means, its unit, and whether the table may lack it.

    `masked`: free text, in which e-mails and phone numbers are masked before it is stored.
    """

    name: str
    type: str
    meaning: str
    unit: str = ""
    required: bool = False
    masked: bool = False

    @property
    def dtype(self) -> ibis.DataType:
        return ibis.dtype(self.type)


@dataclass(frozen=True)
class Rule:
    """A named row rule; a row breaks it where `broken` is true."""

    name: str
    meaning: str
    broken: Predicate


@dataclass(frozen=True)
class Contract:
    """What must hold of one table.

    `key` names the columns no two rows share (empty: rows may repeat). Rows that break one of `rules`
    are rejected; `notes` are counted and kept. `told_by` names what a person finds a rejected row by,
    where it isn't the key. `read_by` names the datasets that read a column, where not all do.
    """

    table: str
    grain: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    notes: tuple[Rule, ...] = field(default=())
    told_by: tuple[str, ...] = ()
    read_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def unread(self, building: Collection[str]) -> tuple[str, ...]:
        """The columns that none of these datasets reads; where none is built, those that no dataset reads."""
        return tuple(
            name
            for name, datasets in self.read_by.items()
            if not (set(datasets) & set(building) if building else datasets)
        )

    @property
    def schema(self) -> dict[str, ibis.DataType]:
        return {column.name: column.dtype for column in self.columns}


def key_text(columns: Sequence[Any], separator: str = ", ") -> Any:
    """Columns (or deferred ones) as one readable key; a null shows as ∅."""
    texts = [column.cast("string").fill_null("∅") for column in columns]
    return functools.reduce(lambda joined, text: joined + separator + text, texts)
