"""Row rules at work: each row is judged once, the verdicts are counted in one scan, then split."""

from collections.abc import Collection, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.contracts.columns import Contract, key_text
from ml_etl.errors import ContractError
from ml_etl.repeats import repeats

RULE, DUPLICATE = "broken_rule", "is_duplicate"


@ibis.udf.scalar.builtin
def to_json(row) -> str:  # type: ignore[empty-body, no-untyped-def]  # a row of any table
    """The engine's own: a row as a JSON object, infinite and undefined numbers as Infinity and NaN."""


def judge(
    table: ir.Table,
    contract: Contract,
    order: Sequence[Any] = (),
    unique: bool = False,
    unread: Collection[str] = (),
) -> ir.Table:
    """The contract's columns, what was found of each row, and of rejected rows what they were.

    `broken_rule` is the place (from 0) of the first of the contract's rules that a row breaks, or null;
    `is_duplicate` marks repeated keys; `note.NAME` are the notes; `source_key` and `source_row` (JSON) are
    null where no rule is broken. Of the rows that share the contract's key the first by `order` (then by
    every column) is kept; rows that break a rule, or have a null in the key, are never the one kept.
    `unique`: no key repeats, as count_repeats tells, so nobody looks for the first of each. Columns `unread`
    by all that is built are left out: they need not be written.
    """
    # Rules are told by number until rows are rejected: a text per row takes longer to tell and to write.
    verdicts = [
        (rule.broken(table).fill_null(False), ibis.literal(place, "int8"))
        for place, rule in enumerate(contract.rules)
    ]
    judged = table.mutate(**{RULE: ibis.cases(*verdicts, else_=ibis.null("int8"))})
    keyed = bool(contract.key) and not unique
    if keyed:
        judged = _with_duplicates(judged, contract, order)
    # Of rejected rows alone: written for every row, the two would double the work.
    told_by = key_text([judged[name] for name in contract.told_by or contract.key])
    # As text: a column per column of the source costs as much to write as all that is kept.
    source = {"source_key": told_by, "source_row": to_json(judged.source_row)}
    return judged.select(
        *(column.name for column in contract.columns if column.name not in unread),
        RULE,
        judged[DUPLICATE] if keyed else ibis.literal(False).name(DUPLICATE),
        **{f"note.{note.name}": note.broken(judged).fill_null(False) for note in contract.notes},
        **{name: ibis.ifelse(judged[RULE].notnull(), told, None) for name, told in source.items()},
    )


def _with_duplicates(judged: ir.Table, contract: Contract, order: Sequence[Any]) -> ir.Table:
    first = list(judged.bind(*order))
    told = {key.get_name() for key in first}  # a column that comes again would take its first order away
    columns = [judged[column.name] for column in contract.columns if column.name not in told]
    keyed = ibis.and_(*(judged[name].notnull() for name in contract.key))
    earlier = ibis.row_number().over(
        ibis.window(group_by=list(contract.key), order_by=[judged[RULE].notnull(), *first, *columns])
    )
    return judged.mutate(**{DUPLICATE: (earlier > 0) & keyed & judged[RULE].isnull()})


def count_repeats(table: ir.Table, key: Sequence[str]) -> ir.Table:
    """One row: how many keys come more than once (`keys`), nulls apart.

    To group keys alone is much less than to sort whole rows by them, and mostly none repeats.
    """
    return repeats(table.drop_null(list(key)), key).aggregate(keys=_.count())


def count(judged: ir.Table, contract: Contract) -> ir.Table:
    """One row: rows_in, rows_out, quarantined, duplicates, and a count per rule and per note."""
    rules = {f"rule.{rule.name}": judged[RULE] == place for place, rule in enumerate(contract.rules)}
    notes = [f"note.{note.name}" for note in contract.notes]
    rejected, repeated = judged[RULE].notnull(), judged[DUPLICATE]
    told = {
        "rows_out": ~rejected & ~repeated,
        "quarantined": rejected,
        "duplicates": repeated,
        **rules,
        **{name: judged[name] for name in notes},
    }
    return judged.aggregate(
        rows_in=judged.count(),
        **{name: judged.count(where=where).fill_null(0) for name, where in told.items()},
    )


def accepted(judged: ir.Table, contract: Contract, counts: dict[str, Any] | None = None) -> ir.Table:
    """The rows that break no rule, each once, with those of the contract's columns that were kept.

    Where `counts` tell that these are all rows, none is asked: DuckDB takes a filter for one that lets a
    fifth of the rows through, and would join as if there were so few.
    """
    every = counts is not None and counts["rows_out"] == counts["rows_in"]
    kept = judged if every else judged.filter(judged[RULE].isnull() & ~judged[DUPLICATE])
    return kept.select(*(column.name for column in contract.columns if column.name in judged.columns))


def rejected(judged: ir.Table, contract: Contract) -> ir.Table:
    """The rows that break a rule: the `rule`'s name, `source_key`, and the source's `row` as JSON."""
    names = ((place, rule.name) for place, rule in enumerate(contract.rules))
    return judged.filter(judged[RULE].notnull()).select(
        rule=_[RULE].cases(*names), source_key=_.source_key, row=_.source_row
    )


def enforce(table: str, counts: dict[str, Any], ceiling: float) -> None:
    """Raise ContractError where rows went missing, or more than `ceiling` (a share) were rejected."""
    rows_in, quarantined = counts["rows_in"], counts["quarantined"]
    if rows_in != counts["rows_out"] + quarantined + counts["duplicates"]:
        raise ContractError(f"{table}: rows don't add up: {counts}.")
    if quarantined > ceiling * rows_in:
        worst = max((name for name in counts if name.startswith("rule.")), key=lambda name: counts[name])
        raise ContractError(
            f"{table}: {quarantined:,} of {rows_in:,} rows rejected ({quarantined / rows_in:.1%}), most by "
            f"{worst.removeprefix('rule.')} ({counts[worst]:,}); the ceiling is {ceiling:.1%}. Look at "
            f"quarantine.{table}, then mend the source (and remove landing/{table}, if the rows are older "
            f"than lookback_days) or raise staging.ceilings.{table}."
        )
