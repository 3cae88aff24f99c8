"""Columns that say the same in every row: what a shop lacks is null throughout, and needs no place."""

import ibis.expr.operations as ops
import ibis.expr.types as ir
from ibis.expr.operations.relations import FillNull, JoinReference, Simple


def constants(table: ir.Table) -> dict[str, ir.Value]:
    """The columns of a lazy table that are one literal, by name."""
    found = {name: _literal(value) for name, value in table.op().fields.items()}
    return {name: literal.to_expr() for name, literal in found.items() if literal is not None}


def _literal(value: ops.Node) -> ops.Value | None:
    """What a value was told as, if that is a literal, through all that only chooses rows and columns."""
    while isinstance(value, ops.Field):
        value = _source(value)
    if isinstance(value, ops.Cast):
        literal = _literal(value.arg)
        return None if literal is None else ops.Cast(literal, value.to)
    return value if isinstance(value, ops.Literal) else None


def _source(field: ops.Field) -> ops.Node | None:
    """The expression behind a column; None where it may differ from row to row."""
    relation = field.rel
    if isinstance(relation, ops.JoinChain):
        return relation.values[field.name] if _keeps(relation, relation.values[field.name]) else None
    passes = isinstance(relation, ops.Project | ops.DropColumns | Simple | JoinReference)
    return relation.values[field.name] if passes and not isinstance(relation, FillNull) else None


def _keeps(chain: ops.JoinChain, value: ops.Node) -> bool:
    """Whether no row of a join lacks the side that a column is of, and so the column's literal."""
    kinds = {link.how for link in chain.rest}
    of_first = isinstance(value, ops.Field) and value.rel == chain.first
    return kinds <= {"inner", "semi", "anti", "cross"} or (
        of_first and kinds <= {"inner", "left", "semi", "anti"}
    )
