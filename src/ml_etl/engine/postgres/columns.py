"""What a schema of Postgres holds: tables, columns, and how each column's type is read."""

from dataclasses import dataclass

import ibis.expr.datatypes as dt

_TYPES: dict[str, dt.DataType] = {
    "int2": dt.int16,
    "int4": dt.int32,
    "int8": dt.int64,
    "float4": dt.float32,
    "float8": dt.float64,
    "numeric": dt.Decimal(),
    "bool": dt.boolean,
    "text": dt.string,
    "varchar": dt.string,
    "bpchar": dt.string,
    "date": dt.date,
    "timestamp": dt.timestamp,
    "timestamptz": dt.Timestamp("UTC"),
}
_WRITTEN_AS_TEXT = ("uuid", "citext", "name")

OF_SCHEMA = """
SELECT c.relname::text, a.attname::text, b.typname::text, b.typtype::text,
       pg_catalog.format_type(a.atttypid, a.atttypmod),
       pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
WHERE n.nspname = $1 AND c.relkind::text IN ('r', 'p', 'v', 'm', 'f')
ORDER BY c.relname, a.attnum
"""
"""Tables and views with their columns, whoever may read them; `$1` is the schema's name."""

SCHEMAS = """
SELECT nspname::text, pg_catalog.has_schema_privilege(oid, 'USAGE')
FROM pg_catalog.pg_namespace
WHERE nspname::text NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
ORDER BY nspname
"""


@dataclass(frozen=True)
class PostgresColumn:
    """A column as Postgres declares it: its type's text, the type it is read as, and whether it may be."""

    name: str
    declared: str
    dtype: dt.DataType
    readable: bool


def column_of(name: str, typname: str, typtype: str, declared: str, readable: bool) -> PostgresColumn:
    """Enumerations are texts; a type that no shop's column should have is `unknown`."""
    as_text = typtype == "e" or typname in _WRITTEN_AS_TEXT
    dtype = dt.uuid if as_text else _TYPES.get(typname, dt.unknown)
    return PostgresColumn(name, declared, dtype, readable)
