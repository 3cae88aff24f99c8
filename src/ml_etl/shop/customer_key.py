"""customer_id as a keyed hash, made on the way in: what is stored never held the shop's own ids."""

import functools
import hmac
import os

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from ml_etl.errors import UsageError

VARIABLE = "ML_ETL_CUSTOMER_KEY"
_COLUMN = "customer_id"


def with_hashed_customers(table: ir.Table) -> ir.Table:
    """The table with HMAC-SHA256 (64 hex digits) of customer_id, by the key in ML_ETL_CUSTOMER_KEY.

    Null and empty stay: staging's rules judge them. The key is in a function's memory, never in a query.
    """
    if _COLUMN not in table.columns:
        return table
    key = os.environ.get(VARIABLE)
    if not key:
        raise UsageError(f"customer_key names a key, and {VARIABLE} is not set.")
    return table.mutate(**{_COLUMN: _hashed_by(key)(table[_COLUMN])})


@functools.cache
def _hashed_by(key: str):  # type: ignore[no-untyped-def]  # what Ibis makes of a function has no name
    secret = key.encode()
    name = "keyed_" + hmac.digest(secret, b"", "sha256").hex()[:12]

    @ibis.udf.scalar.pyarrow(signature=(("string",), "string"), name=name)
    def keyed(ids):  # type: ignore[no-untyped-def]
        distinct = ids.unique()
        digests = [hmac.digest(secret, i.encode(), "sha256").hex() if i else i for i in distinct.to_pylist()]
        return pa.array(digests, pa.string()).take(pc.index_in(ids, value_set=distinct))

    return keyed
