"""From a table as the shop has it to the columns the source contract declares, checked and made safe."""

from collections.abc import Mapping

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from ml_etl.contracts import SourceTable, masking
from ml_etl.errors import SchemaDrift
from ml_etl.shop.customer_key import with_hashed_customers


def require_columns(
    source: SourceTable, types: Mapping[str, dt.DataType], where: str, came: Mapping[str, str]
) -> None:
    """Raise SchemaDrift where a required column is missing, or a column has another type.

    `types` are the shop's columns; `came` says their types in the shop's own words.
    """
    for column in source.columns:
        if column.required and column.name not in types:
            raise SchemaDrift(
                f"{where}: required column {column.name} ({column.type}) is missing; came "
                f"{', '.join(sorted(types)) or 'no columns'}. Add or rename it in the source."
            )
        if column.name in types and not _fits(types[column.name], column.dtype):
            raise SchemaDrift(
                f"{where}: column {column.name} expected {column.type}, came {came[column.name]}. Cast it in "
                f"the source ({column.meaning})."
            )
    if source.one_of and not set(types) & set(source.one_of):
        raise SchemaDrift(
            f"{where}: expected one of the columns {', '.join(source.one_of)}; came "
            f"{', '.join(sorted(types))}."
        )


def declared(source: SourceTable, table: ir.Table, customer_key: str | None) -> ir.Table:
    """The declared columns only: moments in UTC, free text masked, customer_id hashed if a key is named."""
    present = [name for name in source.by_name if name in table.columns]
    table = _masked(source, table.select(**{name: _utc(table[name]) for name in present}))
    return with_hashed_customers(table) if customer_key else table


def empty(source: SourceTable) -> ir.Table:
    """The table of a shop that has none."""
    return ibis.memtable([], schema=ibis.schema({column.name: column.dtype for column in source.columns}))


def _masked(source: SourceTable, table: ir.Table) -> ir.Table:
    """Free text without e-mails and phone numbers, and `pii_found` where there were some."""
    texts = [name for name in source.masked if name in table.columns]
    if not texts:
        return table
    found = [masking.has_personal_data(table[name]) for name in texts]
    found += [table[masking.FLAG].fill_null(False)] if masking.FLAG in table.columns else []
    return table.mutate(
        **{name: masking.masked(table[name]) for name in texts}, **{masking.FLAG: ibis.or_(*found)}
    )


def _fits(came: dt.DataType, expected: dt.DataType) -> bool:
    """Whether a source type carries what is expected; numbers are one family, and so are days and moments.

    A moment with a zone is no day: which local day it is of, its own zone or UTC's would tell wrong.
    """
    if came.is_null():
        return True
    if expected.is_string():
        return came.is_string()
    if expected.is_date():
        return came.is_date() or (came.is_timestamp() and came.timezone is None)
    if expected.is_temporal():
        return came.is_date() or came.is_timestamp()
    if expected.is_boolean():
        return came.is_boolean()
    return came.is_numeric()


def _utc(column: ir.Column) -> ir.Column:
    dtype = column.type()
    return column.cast("timestamp") if dtype.is_timestamp() and dtype.timezone else column
