"""The last steps: measure what was written, verify it, describe it, ask for its release."""

from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.as_of import AsOf
from ml_etl.contracts import tables
from ml_etl.errors import ContractError
from ml_etl.pipelines.customers import contracts
from ml_etl.pipelines.customers.params import CustomersParams
from ml_etl.pipelines.customers.windows import WINDOWS
from ml_etl.plan import Plan, ReleaseRequest

ARTEFACTS = (
    "customers",
    "segments",
    "segment_profiles",
    "segment_centroids",
    "value",
    "rfm_heatmap",
    "segment_picture",
    "card",
)
_WRITTEN = {contract.table: contract for contract in contracts.RELEASED}


def measure(
    customers: ir.Table, segments: ir.Table, profiles: ir.Table, value: ir.Table
) -> dict[str, ir.Table]:
    """One-row tables to run: per written table its measures, and its repeated keys."""
    sums: dict[str, dict[str, ibis.Deferred]] = {
        "customers": {
            "buyers": _.frequency.count(),
            "lines": _.transaction_count_lifetime.sum().cast("int64"),
            "undated": _.known_from.isnull().sum(),
            "bought_once": (_.frequency == 1).sum().fill_null(0),
            "min_date": _.first_purchase_date.min().cast("string"),
            "max_date": _.last_purchase_date.max().cast("string"),
        },
        "segment_profiles": {"buyers": _.customer_count.sum().cast("int64")},
    }
    return tables.measures(_WRITTEN, (customers, segments, profiles, value), sums)


def verify(
    measured: dict[str, dict[str, Any]],
    plan: Plan,
    params: CustomersParams,
    *counts: dict[str, dict[str, int]],
) -> dict[str, Any]:
    """The checks that were passed, and the counts of the staged tables.

    Raises:
        ContractError: a rule is broken, tables don't agree, or most of the rows have gone.
    """
    passed = tables.verify_all(_WRITTEN, measured)
    _agree(measured)
    main = measured["customers"]
    tables.enough(plan, main["rows"], params.min_share_of_previous)
    return {
        "contracts": passed,
        "tables": {name: rows for staged in counts for name, rows in staged.items()},
        "rows": {name: measured[name]["rows"] for name in _WRITTEN},
        "buyers": main["buyers"],
        "undated": int(main["undated"] or 0),
        "bought_once": main["bought_once"],
        "min_date": main["min_date"],
        "max_date": main["max_date"],
    }


def card(
    facts: dict[str, dict[str, Any]],
    segments: dict[str, Any],
    value: dict[str, Any],
    checks: dict[str, Any],
    as_of: AsOf,
    params: CustomersParams,
) -> dict[str, Any]:
    """What a reader should know beside the columns."""
    history = 0 if facts["purchases"]["oldest"] is None else facts["purchases"]["oldest"] + 1
    key = params.postal_key_id
    return {
        "as_of": as_of.moment.isoformat(),
        "last_day": str(as_of.last_day),
        "timezone": as_of.timezone,
        "buyers": checks["buyers"],
        "never_bought": checks["rows"]["customers"] - checks["buyers"],
        "undated": checks["undated"],
        "undated_customers": params.undated_customers,
        "history_days": history,
        "windows_longer_than_history": [n for n, days in WINDOWS.items() if days and days > history],
        "postal_code": f"HMAC-SHA256, key {key}" if key else "null: no ML_ETL_HASH_KEY was set",
        "orders": "of the shop" if facts["orders"]["orders"] else "not known: order columns are null",
        "campaigns": "not known: campaign columns are null",
        "events": "of the last 30 days, as they had come in by then"
        if facts["clicks"]["sessions"]
        else "not known, or simulated only: event columns are null",
        "segments": {
            name: segments[name] for name in ("k", "fallback", "tried", "features", "left_out", "match")
        },
        "value": value,
        "current_not_as_of": _current(params),
        "source_rows": checks["tables"],
    }


def request(checks: dict[str, Any], plan: Plan, *artefacts: Any) -> ReleaseRequest:
    """Ask for the release; needs every artefact, so that a run in part never releases."""
    return ReleaseRequest(plan, ARTEFACTS, checks)


def _current(params: CustomersParams) -> list[str]:
    """Attributes whose history was not landed: as the shop has them, not as of the as-of."""
    demographics = ["age", "age_band", "gender", "club_member_status", "fashion_news_frequency"]
    demographics += ["FN", "active", "postal_code_hash", "is_merchandise", "product types, groups, colours"]
    return demographics + ["the list of undated customers"] * (params.undated_customers == "known")


def _agree(measured: dict[str, dict[str, Any]]) -> None:
    """Every table must know the same buyers."""
    buyers = measured["customers"]["buyers"]
    came = {
        "rows of segments": measured["segments"]["rows"],
        "customers of segment_profiles": measured["segment_profiles"]["buyers"] or 0,
        "rows of value": measured["value"]["rows"],
    }
    for what, found in came.items():
        if found != buyers:
            raise ContractError(f"customers: {what}: expected {buyers}, came {found}.")
