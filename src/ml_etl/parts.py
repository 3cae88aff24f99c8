"""Tables in parts (a file per UTC day, say): what a node reads of one, and what it gives to write."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir


@dataclass(frozen=True)
class NewParts:
    """Rows for some parts of a table; its other parts stay as the version `base` has them.

    Column `part` names each row's part and is not written. The parts in `names` are written anew, and one
    without rows is gone; rows of other parts are left out. `names` None: all parts are new, `base` or not.
    Several tables are run one after the other; no part may be in two of them.
    """

    table: ir.Table | Sequence[ir.Table]
    part: str
    names: tuple[str, ...] | None = None
    base: str | None = None


@dataclass(frozen=True)
class NewKeys:
    """Texts to be found again: column `key`, and the `part` (a date) its row was written to.

    They are added to what the version `base` knows.
    """

    table: ir.Table
    base: str | None = None


class StoredParts:
    """A table as a version has it: its parts by name, read lazily and only as far as they are asked for.

    `parameters` are those the version was made with; empty where they are not known.
    """

    def __init__(
        self,
        files: Mapping[str, Path],
        read: Callable[[Sequence[Path]], ir.Table],
        parameters: Mapping[str, Any] | None = None,
    ):
        self._files, self._read = dict(sorted(files.items())), read
        self.parameters = parameters or {}

    @classmethod
    def none(cls, schema: Mapping[str, ibis.DataType]) -> "StoredParts":
        """A table that was never written."""
        return cls({}, lambda _: _empty(ibis.schema(schema)))

    @property
    def names(self) -> list[str]:
        return list(self._files)

    def of(self, names: Iterable[str]) -> ir.Table:
        """The rows of these parts; names there is no part of give none."""
        wanted = [self._files[name] for name in sorted(set(names)) if name in self._files]
        if wanted or not self._files:
            return self._read(wanted)
        return self._read(list(self._files.values())[-1:]).limit(0)

    def since(self, name: str) -> ir.Table:
        """The rows of the parts from `name` on, in the order of names."""
        return self.of(part for part in self._files if part >= name)

    def all(self) -> ir.Table:
        return self.of(self._files)


@functools.cache
def _empty(schema: ibis.Schema) -> ir.Table:
    return ibis.memtable([], schema=schema)
