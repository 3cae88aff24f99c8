"""Expressions that are built once: on small batches, building them takes longer than running them."""

import functools
from collections.abc import Callable
from typing import Any

import ibis.expr.types as ir


def built_once(function: Callable[..., ir.Table]) -> Callable[..., ir.Table]:
    """A pure function of tables and hashable parameters; equal arguments give the expression of before.

    Values that differ from run to run (a clock, a day) belong into a table of one row, so that the
    expression stays the same.
    """
    built: dict[tuple[Any, ...], ir.Table] = {}

    @functools.wraps(function)
    def wrapped(*arguments: Any) -> ir.Table:
        key = tuple(given.op() if isinstance(given, ir.Table) else given for given in arguments)
        if key not in built:
            built[key] = function(*arguments)
        return built[key]

    return wrapped
