"""Rejected rows beside accepted ones: what came, as one list of texts.

A column per column of the source would cost as much to write as all that is kept, for the sake of few rows.
"""

import ibis
import ibis.expr.types as ir

from ml_etl.contracts import SOURCE

_COLUMNS = SOURCE["events"].columns


def as_texts(row: ir.StructValue) -> ir.ArrayValue:
    """The source's columns in their order, as texts that tell their values exactly."""
    return ibis.array([row[column.name].cast(column.dtype).cast("string") for column in _COLUMNS])


def from_texts(texts: ir.ArrayValue) -> dict[str, ir.Value]:
    """The columns again, by name."""
    return {column.name: texts[place].cast(column.dtype) for place, column in enumerate(_COLUMNS)}
