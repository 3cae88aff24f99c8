"""Postal codes leave the shop only as a keyed hash, or not at all."""

import hashlib
import hmac

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis import _


def postal_codes(customers: ir.Table) -> ir.Table:
    """The distinct postal codes: they leave the lazy world so that the key never enters a query."""
    return customers.filter(_.postal_code.notnull()).select("postal_code").distinct()


def hash_postal_codes(codes: pd.DataFrame, key: str | None) -> pa.Table:
    """(postal_code, postal_code_hash): HMAC-SHA256 in 64 hex digits; no row without a key."""
    known = list(codes["postal_code"]) if key else []
    hashed = [hmac.new(str(key).encode(), code.encode(), hashlib.sha256).hexdigest() for code in known]
    return pa.table(
        {"postal_code": pa.array(known, pa.string()), "postal_code_hash": pa.array(hashed, pa.string())}
    )
