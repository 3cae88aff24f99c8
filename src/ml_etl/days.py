"""Days from days. Engines make moments of them, which are twice as wide to group, join and sort by."""

import ibis
import ibis.expr.types as ir


def monday(day: ir.DateValue) -> ir.DateValue:
    """The Monday of the day's week."""
    return day.cast("timestamp").truncate("W").cast("date")


def days_after(day: ir.DateValue, days: int | ir.IntegerValue) -> ir.DateValue:
    """So many days later, or earlier where there are less than none."""
    interval = ibis.interval(days=days) if isinstance(days, int) else days.as_interval("D")
    return (day.cast("timestamp") + interval).cast("date")
