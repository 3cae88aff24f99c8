"""Keys that come more than once."""

import functools
import operator
from collections.abc import Sequence

import ibis.expr.types as ir
from ibis import _

from ml_etl.hashes import hashed


def repeats(table: ir.Table, key: Sequence[str]) -> ir.Table:
    """One row per key that more than one row has, with `n`, their number; nulls count as equal.

    Rows are grouped by a hash of the key first, which takes a fraction of the memory of the keys; those few
    whose hash repeats are told apart by the key itself. Which hash it is is the engine's matter.
    """
    of_key = functools.reduce(operator.xor, (hashed(table[name]) for name in key))
    likely = table.group_by(hash=of_key).aggregate(n=_.count()).filter(_.n > 1)
    suspects = table.select(*key, hash=of_key).semi_join(likely, "hash")
    return suspects.group_by(*key).aggregate(n=_.count()).filter(_.n > 1)
