"""The released tables: keys and what must hold of each row."""

import itertools

import ibis
import ibis.expr.types as ir

from ml_etl.contracts import Column, Contract, Rule
from ml_etl.pipelines.customers.columns import CUSTOMER_COLUMNS, float_column, int_column, share_column
from ml_etl.pipelines.customers.params import SEGMENT_NAMES
from ml_etl.pipelines.customers.scaling import AS_THEY_ARE, FEATURES
from ml_etl.pipelines.customers.value import DAYS_AHEAD
from ml_etl.pipelines.customers.windows import MEASURES, WINDOWS


def _outside(name: str, low: float, high: float) -> Rule:
    return Rule(
        f"{name}_range", f"{name} must lie in [{low}, {high}]", lambda t: (t[name] < low) | (t[name] > high)
    )


def _together(first: str, *others: str) -> Rule:
    """Known for the same rows, or null for the same rows."""

    def broken(table: ir.Table) -> ir.BooleanValue:
        return ibis.or_(*(table[name].isnull() != table[first].isnull() for name in others))

    return Rule(f"{first}_together", f"{', '.join(others)} are known exactly where {first} is", broken)


def _nested(measure: str) -> Rule:
    names = [f"{measure}_{window}" for window in WINDOWS]

    def broken(table: ir.Table) -> ir.BooleanValue:
        pairs = itertools.pairwise(names)
        return ibis.or_(*(table[shorter] > table[longer] for shorter, longer in pairs))

    return Rule(f"{measure}_nested", f"a longer window must hold at least as much {measure}", broken)


_WINDOWED = tuple(f"{measure}_{window}" for window in WINDOWS for measure in MEASURES)
_SHARES = (
    "returned_order_share",
    "pending_order_share",
    "price_percentile_mean",
    "online_share",
    "discount_share",
    "free_share",
    "p_alive",
)

CUSTOMERS = Contract(
    "customers",
    "one row per customer known before the as-of, buyers or not",
    CUSTOMER_COLUMNS,
    key=("customer_id",),
    rules=(
        _outside("age", 1, 110),
        Rule("dated_before_as_of", "no customer may be known from the as-of on", lambda t: t.tenure_days < 0),
        Rule("known_before_as_of", "no purchase may lie at or after the as-of", lambda t: t.recency_days < 0),
        Rule(
            "nothing_null",
            "age_band, club_member_status and every window are never null",
            lambda t: ibis.or_(
                *(t[name].isnull() for name in ("age_band", "club_member_status", *_WINDOWED))
            ),
        ),
        *(_nested(measure) for measure in MEASURES if measure != "net_spent"),
        Rule(
            "net_at_most_spent",
            "returns must not add value",
            lambda t: ibis.or_(*(t[f"net_spent_{w}"] > t[f"spent_{w}"] for w in WINDOWS)),
        ),
        Rule(
            "frequency_is_days",
            "frequency must be active_days_lifetime, and null without a purchase",
            lambda t: t.frequency.fill_null(0) != t.active_days_lifetime,
        ),
        Rule(
            "days_at_most_lines",
            "no more purchase days than lines",
            lambda t: t.active_days_lifetime > t.transaction_count_lifetime,
        ),
        _together(
            "frequency", "recency_days", "monetary", "r_score", "f_score", "m_score", "rfm_segment", "segment"
        ),
        *(_outside(f"{letter}_score", 1, 5) for letter in "rfm"),
        Rule("known_segment", "one of the eleven names", lambda t: ~t.rfm_segment.isin(SEGMENT_NAMES)),
        *(_outside(name, 0, 1) for name in _SHARES),
        _outside("product_type_entropy", 0, 50),
        Rule(
            "expectations_grow",
            "no fewer purchase days are expected in 90 days than in 30",
            lambda t: t.expected_purchases_90d < t.expected_purchases_30d,
        ),
        Rule(
            "p_alive_needs_repeat",
            "p_alive is null without a repeat",
            lambda t: t.p_alive.notnull() & (t.frequency < 2),
        ),
    ),
)

SEGMENTS = Contract(
    "segments",
    "one row per buyer",
    (
        Column("customer_id", "string", "the customer"),
        int_column("segment", "the segment; ids follow the version before"),
        float_column("centroid_distance", "distance to the segment's centroid", "standard deviations"),
    ),
    key=("customer_id",),
    rules=(
        Rule(
            "segment_from_one",
            "ids count from 1, distances from 0",
            lambda t: (t.segment < 1) | t.segment.isnull() | (t.centroid_distance < 0),
        ),
    ),
)


def _profiled(name: str) -> tuple[Column, ...]:
    unit = "share" if name == "discount_share" else ""
    return (
        float_column(f"{name}_mean", f"mean of {name}", unit),
        float_column(f"{name}_median", f"median of {name}", unit),
        float_column(
            f"{name}_z",
            f"mean of {name}{'' if name in AS_THEY_ARE else ' (log1p)'}, standardised over all buyers; "
            "null where it tells nothing",
            "standard deviations",
        ),
    )


SEGMENT_PROFILES = Contract(
    "segment_profiles",
    "one row per segment",
    (
        int_column("segment", "the segment"),
        int_column("customer_count", "its buyers", "customers"),
        share_column("customer_share", "its part of all buyers"),
        share_column("spent_share", "its part of all money spent; null where nothing was"),
        *(column for name in FEATURES for column in _profiled(name)),
    ),
    key=("segment",),
    rules=(
        Rule("not_empty", "a segment has buyers", lambda t: t.customer_count < 1),
        _outside("customer_share", 0, 1),
        _outside("spent_share", 0, 1),
    ),
)

VALUE = Contract(
    "value",
    "one row per buyer",
    (
        Column("customer_id", "string", "the customer"),
        int_column("repeat_count", "purchase days after the first (x)", "days"),
        int_column("recency_at_days", "days from the first purchase to the last (t_x)", "days"),
        int_column("observed_days", "days from the first purchase to the last complete day (T)", "days"),
        float_column("repeat_value", "mean value of the repeat purchase days; null without one", "currency"),
        *(
            float_column(f"expected_purchases_{d}d", f"purchase days expected in the next {d}", "days")
            for d in DAYS_AHEAD
        ),
        share_column("p_alive", "probability of still being a customer; null without a repeat"),
        float_column("expected_purchase_value", "expected value of a purchase day", "currency"),
        *(
            float_column(f"expected_value_{d}d", f"value expected in the next {d} days", "currency")
            for d in DAYS_AHEAD
        ),
        Column("fit_ok", "boolean", "whether BG/NBD fits; false: its values are null"),
        Column("value_fit_ok", "boolean", "whether Gamma-Gamma fits; false: its values are null"),
    ),
    key=("customer_id",),
    rules=(
        Rule(
            "recency_within_observed",
            "0 ≤ t_x ≤ T, and t_x is 0 exactly without a repeat",
            lambda t: (
                (t.recency_at_days > t.observed_days) | ((t.recency_at_days == 0) != (t.repeat_count == 0))
            ),
        ),
        Rule(
            "no_fit_no_value",
            "without a fit nothing is expected",
            lambda t: ~t.fit_ok & (t.expected_purchases_30d.notnull() | t.p_alive.notnull()),
        ),
        _outside("p_alive", 0, 1),
        Rule("nothing_negative", "expectations are not negative", lambda t: t.expected_purchases_30d < 0),
    ),
)

RELEASED = (CUSTOMERS, SEGMENTS, SEGMENT_PROFILES, VALUE)
