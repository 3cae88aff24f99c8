"""Landed columns to staged types, once: absent columns become null, money decimal, snapshots one."""

import dataclasses
import datetime as dt
import functools
from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.as_of import AsOf
from ml_etl.contracts import MONEY, Column, Contract
from ml_etl.contracts.source import SOURCE
from ml_etl.local_time import YEARS, at_noon, local_day, utc_midnight

_LARGEST = 2.0**53
"""Up to which doubles tell whole numbers apart."""


def complete(landed: ir.Table, table: str, as_of: AsOf, **computed: ir.Value) -> ir.Table:
    """The landed rows with every source column as declared, and `source_row` as it came.

    Columns the shop lacks are null; `computed` ones take the place of the source's.
    """
    columns = {
        c.name: _declared(landed[c.name], c, as_of) if c.name in landed.columns else ibis.null(c.dtype)
        for c in SOURCE[table].columns
    } | computed
    row = ibis.struct({name: landed[name] for name in landed.columns})
    extra = {"landed_at": landed.landed_at} if "landed_at" in landed.columns else {}
    return landed.select(**columns, **extra, source_row=row)


def _declared(given: ir.Column, column: Column, as_of: AsOf) -> ir.Column:
    """As the source contract declares it. An empty text says nothing, as in a CSV file; what must be there
    is left as it came, for the rules to reject."""
    if column.dtype.is_timestamp() and given.type().is_date():
        return at_noon(given, as_of.moment, as_of.timezone)
    if column.dtype.is_integer() and given.type().is_floating():
        return whole(given)
    typed = given.cast(column.dtype)
    may_be_empty = column.dtype.is_string() and not column.required and not column.masked
    return typed.nullif("") if may_be_empty else typed


def whole(number: ir.NumericValue) -> ir.IntegerValue:
    """As int64; null where it is no whole number, which engines cast each in their own way."""
    is_whole = (number.abs() < _LARGEST) & (number.floor() == number)
    return ibis.ifelse(is_whole, number, None).cast("int64")


def typed(table: ir.Table, contract: Contract) -> ir.Table:
    """Money as decimals; `invalid_number` where a number can't be one (NaN, infinite, too large)."""
    money = [c.name for c in contract.columns if c.type == MONEY and c.name in table.columns]
    casts = {name: table[name].try_cast(MONEY) for name in money}
    invalid = [table[name].notnull() & casts[name].isnull() for name in money]
    return table.mutate(**casts, invalid_number=ibis.or_(*invalid) if invalid else False)


def newest_known(landed: ir.Table, as_of: AsOf) -> ir.Table:
    """The newest snapshot landed before the as-of, else the oldest; all rows of what is landed by date."""
    if "landed_at" not in landed.columns:
        return landed
    moment = ibis.literal(as_of.moment.replace(tzinfo=None))
    known = landed.landed_at.max(where=landed.landed_at < moment)
    chosen = landed.aggregate(landed_at=known.fill_null(landed.landed_at.min()))
    return landed.semi_join(chosen, "landed_at")


def newest_of_each(landed: ir.Table, as_of: AsOf, key: str, dated: str) -> ir.Table:
    """The newest snapshot known, and the keys that only later ones have, as they were landed first.

    Those alone whose own date `dated` is before the as-of: a run looks at the last complete day, and that
    day's new customers and articles came after its newest snapshot.
    """
    known = newest_known(landed, as_of)
    if dated not in landed.columns:
        return known
    came = landed[dated]
    bound = ibis.literal(as_of.day if came.type().is_date() else as_of.moment.replace(tzinfo=None))
    later = landed.filter(came < bound).anti_join(known, key)
    first = later.group_by(key).aggregate(landed_at=_.landed_at.min())
    return known.union(later.semi_join(first, [key, "landed_at"]).select(*known.columns))


def known_before(table: ir.Table, day: ir.DateValue, as_of: AsOf) -> ir.Table:
    """Rows of days before the as-of; undated and impossible ones stay, for the rules to reject.

    Adds `in_future`. Rows between the as-of and the day the shop was read are simply not known yet.
    """
    in_future = (day > ibis.literal(as_of.observed_on)).fill_null(False)
    return _known(table, day < ibis.literal(as_of.day), in_future, day)


def moment_known_before(table: ir.Table, moment: ir.TimestampValue, as_of: AsOf) -> ir.Table:
    """The same by UTC moments, where their local day is not needed: to tell it takes longer than all else.

    Where a local midnight comes twice (in no zone since 2010), the earlier one counts.
    """
    midnight, later = (
        ibis.literal(utc_midnight(day, as_of.timezone).replace(tzinfo=None))
        for day in (as_of.day, as_of.observed_on + dt.timedelta(days=1))
    )
    in_future = (moment >= later).fill_null(False)
    return _known(table, moment < midnight, in_future, moment)


def _known(table: ir.Table, before: ir.BooleanValue, in_future: ir.BooleanValue, dated: ir.Value) -> ir.Table:
    return table.mutate(in_future=in_future).filter(before | dated.isnull() | in_future)


def day_in(moment: ir.TimestampValue, as_of: AsOf) -> ir.DateValue:
    """The shop's local day of a UTC moment."""
    return local_day(moment, as_of.timezone, as_of.years)


def years_of(table: ir.Table, moments: Sequence[str]) -> ir.Table:
    """One row: the `first` and the `last` year in which these columns have moments; null where none has.

    Infinite ones are of no year: for them it is the first or the last of YEARS.
    """
    earliest = functools.reduce(ibis.least, (table[name].min() for name in moments))
    latest = functools.reduce(ibis.greatest, (table[name].max() for name in moments))
    return table.aggregate(
        first=ibis.ifelse(earliest.isnull(), None, earliest.year().fill_null(YEARS[0])),
        last=ibis.ifelse(latest.isnull(), None, latest.year().fill_null(YEARS[1])),
    )


def within(as_of: AsOf, years: dict[str, int | None]) -> AsOf:
    """The as-of for moments of these years; where there are none, any one year will do."""
    first, last = years["first"], years["last"]
    found = (as_of.day.year, as_of.day.year) if first is None or last is None else (first, last)
    return dataclasses.replace(as_of, years=found)
