"""Table rules: what is measured of a written table in one scan, and what must come out."""

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from ml_etl.contracts.columns import Contract, key_text
from ml_etl.errors import ContractError, SchemaDrift
from ml_etl.plan import Plan
from ml_etl.repeats import repeats


def measure(table: ir.Table, contract: Contract, **sums: ibis.Deferred) -> ir.Table:
    """One row: rows, and per rule how many rows break it and the first key that does; plus `sums`."""
    check_schema(table, contract)
    key = key_text([table[name] for name in contract.key])
    broken = {rule.name: rule.broken(table).fill_null(False) for rule in contract.rules}
    counts = {f"broken.{name}": table.count(where=where).fill_null(0) for name, where in broken.items()}
    # Put together for the rows that break a rule alone: for all of them, the texts take longer than the rest.
    examples = {f"example.{name}": ibis.ifelse(where, key, None).min() for name, where in broken.items()}
    return table.aggregate(rows=table.count(), **counts, **examples, **sums)


def repeated(table: ir.Table, contract: Contract) -> ir.Table:
    """One row: how many keys repeat, and the first of them."""
    keys = repeats(table, contract.key)
    return keys.aggregate(
        repeated=keys.count(), example=key_text([keys[name] for name in contract.key]).min()
    )


def measures(
    written: Mapping[str, Contract],
    given: Sequence[ir.Table],
    sums: Mapping[str, Mapping[str, ibis.Deferred]] | None = None,
) -> dict[str, ir.Table]:
    """One-row tables to run, in the order of `written`: NAME is measured, NAME.keys counts repeated keys."""
    pairs = list(zip(written.items(), given, strict=True))
    found = {
        name: measure(table, contract, **(sums or {}).get(name, {})) for (name, contract), table in pairs
    }
    return found | {f"{name}.keys": repeated(table, contract) for (name, contract), table in pairs}


def verify_all(written: Mapping[str, Contract], measured: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Per table the checks' counts, all 0; raises as `verify` does."""
    return {
        name: verify(contract, measured[name], measured[f"{name}.keys"]) for name, contract in written.items()
    }


def enough(plan: Plan, rows: int, min_share: float) -> None:
    """Raise ContractError when fewer than `min_share` of the previous release's rows are left."""
    wanted = int((plan.previous_rows or 0) * min_share)
    if rows < wanted:
        raise ContractError(
            f"{plan.dataset}: {rows:,} rows, but the previous release has {plan.previous_rows:,}. If the "
            f"shop really shrank, lower {plan.dataset}.min_share_of_previous ({min_share})."
        )


def check_schema(table: ir.Table, contract: Contract) -> None:
    """Raise SchemaDrift unless the table has exactly the contract's columns, in order and type."""
    came = {name: _plain(dtype) for name, dtype in table.schema().items()}
    expected = {name: _plain(dtype) for name, dtype in contract.schema.items()}
    for name in [*expected, *came]:
        if came.get(name) != expected.get(name):
            raise SchemaDrift(
                f"{contract.table}: column {name} expected {expected.get(name, 'not to be there')}, came "
                f"{came.get(name, 'no such column')}. Mend the node that writes it, or its contract."
            )
    if list(came) != list(expected):
        raise SchemaDrift(f"{contract.table}: columns are in another order: {', '.join(came)}.")


def verify(contract: Contract, measured: dict[str, Any], keys: dict[str, Any]) -> dict[str, int]:
    """The checks' counts, all 0.

    Raises:
        ContractError: a rule is broken or a key repeats; the message names the first key.
    """
    if keys["repeated"]:
        raise ContractError(
            f"{contract.table}: {keys['repeated']:,} keys repeat on ({', '.join(contract.key)}); expected 0. "
            f"First: ({keys['example']}). Look at the staged tables it is built from, or change its key."
        )
    for rule in contract.rules:
        if measured[f"broken.{rule.name}"]:
            raise ContractError(
                f"{contract.table}: {measured[f'broken.{rule.name}']:,} of {measured['rows']:,} rows break "
                f"{rule.name} ({rule.meaning}). First: ({measured[f'example.{rule.name}']})."
            )
    return {"repeated_keys": 0, **{rule.name: 0 for rule in contract.rules}}


def _plain(dtype: dt.DataType) -> dt.DataType:
    """A type without what files don't carry alike: nullability, and a timestamp's digits."""
    return dt.Timestamp(timezone=dtype.timezone) if dtype.is_timestamp() else dtype.copy(nullable=True)
