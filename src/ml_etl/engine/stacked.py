"""Tables that were written at different times, read as one."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
from ibis.expr.datatypes import highest_precedence


def one_above_the_other(tables: Sequence[ir.Table]) -> ir.Table:
    """All rows of the tables; a column that one of them lacks is null there."""
    if len(tables) == 1:
        return tables[0]
    types = _types(tables)
    return ibis.union(*(_with_types(table, types) for table in tables))


def _types(tables: Sequence[ir.Table]) -> dict[str, ibis.DataType]:
    """Every column with a type that holds them all: a shop's integers may grow wider."""
    found: dict[str, set[ibis.DataType]] = {}
    for table in tables:
        for name, dtype in table.schema().items():
            found.setdefault(name, set()).add(dtype)
    return {
        name: highest_precedence(types) if len(types) > 1 else types.pop() for name, types in found.items()
    }


def _with_types(table: ir.Table, types: dict[str, ibis.DataType]) -> ir.Table:
    missing = {name: ibis.null(dtype) for name, dtype in types.items() if name not in table.columns}
    whole = table.mutate(**missing)
    return whole.select(**{name: whole[name].cast(dtype) for name, dtype in types.items()})
