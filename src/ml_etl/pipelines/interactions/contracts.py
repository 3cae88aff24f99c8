"""The released tables: columns, keys and what must hold of each row."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import ibis

from ml_etl.contracts import MONEY_SUM, Column, Contract, Rule


def _share(name: str, meaning: str) -> Column:
    return Column(name, "float64", meaning, "share")


def _days(name: str, meaning: str, dtype: str = "int64") -> Column:
    return Column(name, dtype, meaning, "days")


def _outside(name: str, low: float, high: float) -> Rule:
    return Rule(
        f"{name}_range", f"{name} must lie in [{low}, {high}]", lambda t: (t[name] < low) | (t[name] > high)
    )


INTERACTIONS = Contract(
    "interactions",
    "one row per customer and article bought before the as-of",
    (
        Column("customer_id", "string", "who bought"),
        Column("article_id", "string", "what was bought"),
        Column("purchase_count", "int64", "purchase lines", "lines"),
        Column("unit_count", "int64", "units", "units"),
        Column("total_spent", MONEY_SUM, "value of the purchases", "currency"),
        Column("total_paid", MONEY_SUM, "what the customer paid after coupons", "currency"),
        Column("net_spent", MONEY_SUM, "value of the purchases less what was returned", "currency"),
        Column(
            "mean_price",
            "float64",
            "mean unit price of the lines that have one and were not free",
            "currency",
        ),
        Column("first_purchase_date", "date", "local day of the first purchase"),
        Column("last_purchase_date", "date", "local day of the last purchase"),
        _days("recency_days", "age of the last purchase; 0 on the last complete day"),
        Column("is_repurchase", "boolean", "bought on two days or more"),
        _days("mean_gap_days", "mean days between purchase days; null with one", "float64"),
        _days("days_until_due", "mean gap less recency: negative when overdue; null with one day", "float64"),
        _share("online_share", "lines bought online; null where the shop has one channel"),
        _share("discount_share", "lines below the regular price, of those where both are known"),
        Column("free_count", "int64", "lines of value 0", "lines"),
        Column("is_merchandise", "boolean", "false for fuel, coupons, gift cards and the like"),
        Column("score_exponential", "float64", "Σ e^(−age/30) over the purchase lines"),
        Column("score_half_life_7", "float64", "Σ 2^(−age/7)"),
        Column("score_half_life_30", "float64", "Σ 2^(−age/30)"),
        Column("score_half_life_90", "float64", "Σ 2^(−age/90)"),
        Column("score_half_life_180", "float64", "Σ 2^(−age/180)"),
        Column("score_reciprocal", "float64", "Σ 1/(age+1)"),
        Column("score_hyperbolic", "float64", "purchase_count / (1 + 0.1 × recency_days)"),
        Column("score_trend", "float64", "Σ e^(−age/30) × the article's sales now over those in that week"),
        Column("score", "float64", "the shop's default score, by the parameter default_score"),
        Column(
            "weight", "float64", "Σ configured weight per signal × 2^(−age/half-life); simulated ones weigh 0"
        ),
        Column("view_count", "int64", "views; null where events are not known", "events"),
        Column("click_count", "int64", "clicks; null where events are not known", "events"),
        Column("wishlist_count", "int64", "put on the wishlist; null where events are not known", "events"),
        Column("cart_count", "int64", "put in the cart; null where events are not known", "events"),
        Column("last_event_at", "timestamp", "last event; null where events are not known", "UTC"),
        Column("simulated", "boolean", "whether the event counts are simulated; null where there are none"),
    ),
    key=("customer_id", "article_id"),
    rules=(
        Rule(
            "positive_counts",
            "lines and units must be at least 1",
            lambda t: (t.purchase_count < 1) | (t.unit_count < 1),
        ),
        Rule(
            "dates_ordered",
            "the first purchase must not follow the last",
            lambda t: t.first_purchase_date > t.last_purchase_date,
        ),
        Rule("known_before_as_of", "no purchase may lie at or after the as-of", lambda t: t.recency_days < 0),
        Rule("net_at_most_spent", "returns must not add value", lambda t: t.net_spent > t.total_spent),
        Rule(
            "decay_bounded",
            "no decay may exceed the number of lines",
            lambda t: t.score_half_life_180 > t.purchase_count * (1 + 1e-12),
        ),
        Rule(
            "no_nan", "scores must be finite", lambda t: t.score.isnan() | t.score.isinf() | t.weight.isnan()
        ),
        _outside("online_share", 0, 1),
        _outside("discount_share", 0, 1),
    ),
)

SPLITS = Contract(
    "splits",
    "one row per customer, article and day of purchase",
    (
        Column("customer_id", "string", "who bought"),
        Column("article_id", "string", "what was bought"),
        Column("t_dat", "date", "local day"),
        Column("purchase_count", "int64", "purchase lines", "lines"),
        Column("split", "string", "train, validation or test, by date alone"),
        Column("cold_customer", "boolean", "the customer bought nothing in train"),
        Column("cold_article", "boolean", "the article was not bought in train"),
    ),
    key=("customer_id", "article_id", "t_dat"),
    rules=(
        Rule(
            "train_is_warm",
            "what is in train can't be cold",
            lambda t: (t.split == "train") & (t.cold_customer | t.cold_article),
        ),
        Rule(
            "known_split",
            "a split is train, validation or test",
            lambda t: ~t.split.isin(("train", "validation", "test")),
        ),
    ),
)

ALSO_BOUGHT = Contract(
    "also_bought",
    "one row per article and one of the articles bought together with it most; merchandise only",
    (
        Column("article_id", "string", "the article"),
        Column(
            "related_article_id", "string", "bought in the same basket, else by the same customer that day"
        ),
        Column("support", "int64", "baskets with both", "baskets"),
        Column("cosine", "float64", "support / √(nₐ·n_b)"),
        Column("jaccard", "float64", "support / (nₐ + n_b − support)"),
        Column("lift", "float64", "support · N / (nₐ · n_b), N all baskets"),
        Column("rank", "int64", "by cosine, ties by related_article_id; 1 is best"),
    ),
    key=("article_id", "related_article_id"),
    rules=(
        Rule(
            "not_itself",
            "an article is not its own neighbour",
            lambda t: t.article_id == t.related_article_id,
        ),
        Rule("cosine_range", "cosine must lie in (0, 1]", lambda t: (t.cosine <= 0) | (t.cosine > 1 + 1e-12)),
        Rule(
            "jaccard_at_most_cosine",
            "jaccard never exceeds cosine",
            lambda t: t.jaccard > t.cosine * (1 + 1e-12),
        ),
        Rule("rank_from_one", "ranks count from 1", lambda t: t["rank"] < 1),
    ),
)


def _index(table: str, key: str, what: str) -> Contract:
    return Contract(
        table,
        f"one row per {what} of interactions",
        (
            Column(
                "index",
                "int32",
                f"{what}'s place in the matrix, from 0; earlier versions' indices are a prefix, unless "
                "purchases of the time before came in, or were corrected, since",
            ),
            Column(key, "string", f"the {what}"),
            Column("first_seen", "date", "local day of the first purchase"),
        ),
        key=(key,),
        rules=(Rule("index_from_zero", "indices count from 0", lambda t: t["index"] < 0),),
    )


CUSTOMER_INDEX = _index("customer_index", "customer_id", "customer")
ARTICLE_INDEX = _index("article_index", "article_id", "article")


def popularity(weeks: Sequence[int] = (1, 4, 8)) -> Contract:
    """The popularity table for these windows."""
    windows = [
        column
        for week in weeks
        for column in (
            Column(f"buyers_{week}w", "int64", f"distinct buyers in the last {week} weeks", "customers"),
            Column(f"lines_{week}w", "int64", f"purchase lines in the last {week} weeks", "lines"),
            Column(
                f"rank_{week}w", "int64", "rank in the band by those buyers, ties by id; null without a sale"
            ),
        )
    ]
    return Contract(
        "popularity",
        "one row per article and age band, and ALL for everyone; merchandise sold in the longest window",
        (
            Column("article_id", "string", "the article"),
            Column(
                "age_band",
                "string",
                "the buyers' age band; ALL for everyone, UNKNOWN where it is not known or called ALL",
            ),
            *windows,
            Column("lines_decayed", "float64", "Σ 2^(−age/half-life) over the lines of the longest window"),
            Column("rank_decayed", "int64", "rank in the band by lines_decayed, ties by id"),
        ),
        key=("article_id", "age_band"),
        rules=tuple(_at_most(f"buyers_{week}w", f"lines_{week}w") for week in weeks),
    )


def _at_most(smaller: str, larger: str) -> Rule:
    return Rule(f"{smaller}_at_most_{larger}", f"{smaller} ≤ {larger}", lambda t: t[smaller] > t[larger])


def bounded(contract: Contract, last_day: dt.date) -> Contract:
    """The contract, its dates bound by what is known."""
    late = Rule(
        "dated_after_as_of",
        "no purchase day may lie at or after the as-of",
        lambda t: t.t_dat > ibis.literal(last_day),
    )
    return replace(contract, rules=(*contract.rules, late))


RELEASED = (INTERACTIONS, SPLITS, popularity(), ALSO_BOUGHT, CUSTOMER_INDEX, ARTICLE_INDEX)
