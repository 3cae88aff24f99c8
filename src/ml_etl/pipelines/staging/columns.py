"""Columns of staged tables: those of the source, and numbers in place of ids."""

import ibis
import ibis.expr.types as ir

from ml_etl.contracts import SOURCE, Column


def same(table: str, **typed: str) -> tuple[Column, ...]:
    """The source's columns, some with a staged type."""
    return tuple(
        Column(c.name, typed.get(c.name, c.type), c.meaning, c.unit, c.required)
        for c in SOURCE[table].columns
    )


def number(of: str) -> Column:
    """The whole number that takes an id's place."""
    meaning = f"place of {of}_id among the shop's: the same in all tables of a run, to group and join by"
    return Column(f"{of}_number", "int64", meaning)


def empty(*ids: ir.StringValue) -> ir.BooleanValue:
    """Whether one of the ids is null or an empty text, by which a row can't be told from another."""
    return ibis.or_(*(id_.fill_null("") == "" for id_ in ids))
