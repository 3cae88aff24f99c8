"""The staged tables: columns, keys, and the rules that reject or note a row."""

import dataclasses

from ibis import _

from ml_etl.contracts import MONEY, Column, Contract, Rule
from ml_etl.pipelines.staging.columns import empty, number, same
from ml_etl.pipelines.staging.order_contracts import ORDER_ITEMS, ORDERS
from ml_etl.pipelines.staging.review_contract import REVIEWS

MOST_UNITS = 1_000_000
"""Of a purchase line: squares of what is sold in a day are summed in 64 bits."""

ARTICLES = Contract(
    "staging.articles",
    "one row per article",
    (
        *same("articles", price=MONEY),
        Column("created_on", "date", "local day of created_at"),
        number("article"),
    ),
    key=("article_id",),
    rules=(Rule("null_key", "article_id is null or empty", lambda t: empty(t.article_id)),),
    notes=(
        Rule("invalid_price", "NaN, infinite or too large: kept as unknown", lambda t: t.invalid_number),
        Rule("negative_price", "a price below 0: kept as unknown", lambda t: t.negative_price),
        Rule("invalid_stock", "NaN or infinite: kept as unknown", lambda t: t.invalid_stock),
        Rule(
            "created_later",
            "created at the as-of or later: known only if it was sold before",
            lambda t: t.created_later,
        ),
        Rule("not_in_catalogue", "only seen in transactions", lambda t: ~t.in_catalogue),
        Rule("no_merchandise", "fuel, coupons, gift cards and the like", lambda t: ~t.is_merchandise),
        Rule("snapshot_after_as_of", "attributes as landed after the as-of", lambda t: t.landed_late),
    ),
)

CATEGORIES = Contract(
    "staging.categories",
    "one row per category of the tree",
    same("categories"),
    key=("category_id",),
    rules=(Rule("null_key", "category_id is null or empty", lambda t: empty(t.category_id)),),
    notes=(
        Rule("missing_parent", "the parent is no category: its path starts here", lambda t: t.parent_missing),
        Rule("snapshot_after_as_of", "as landed after the as-of", lambda t: t.landed_late),
    ),
)


CUSTOMERS = Contract(
    "staging.customers",
    "one row per customer",
    (*same("customers", age="int64"), number("customer")),
    key=("customer_id",),
    read_by={
        **dict.fromkeys(("FN", "Active", "club_member_status", "fashion_news_frequency"), ("customers",)),
        **dict.fromkeys(("gender", "postal_code", "signup_date"), ("customers",)),
        "age": ("articles", "customers"),
        "age_band": ("customers", "interactions"),
    },
    rules=(Rule("null_key", "customer_id is null or empty", lambda t: empty(t.customer_id)),),
    notes=(
        Rule(
            "implausible_age",
            "an age below 1 or above 110: kept as unknown",
            lambda t: t.given_age.notnull() & t.age.isnull(),
        ),
        Rule(
            "signed_up_later",
            "signed up at the as-of or later: known only by what was bought before",
            lambda t: t.signed_up_later,
        ),
        Rule("age_unknown", "neither age nor age band", lambda t: t.age.isnull() & t.age_band.isnull()),
        Rule("snapshot_after_as_of", "attributes as landed after the as-of", lambda t: t.landed_late),
    ),
)

TRANSACTIONS = Contract(
    "staging.transactions",
    "one row per purchase line; equal rows are purchases of their own unless transaction_id repeats",
    (
        Column("transaction_id", "string", "the line; null where the shop has none"),
        Column("t_dat", "date", "local day", required=True),
        Column("timestamp", "timestamp", "moment, where the shop has it", "UTC"),
        Column("customer_id", "string", "who bought", required=True),
        number("customer"),
        Column("article_id", "string", "what was bought", required=True),
        number("article"),
        Column(
            "units",
            "int64",
            "units; negative for a return; 1 (a return -1) where quantity counts no units",
            "units",
        ),
        Column("price", MONEY, "price of one unit; null where quantity counts no units", "currency"),
        Column("line_value", MONEY, "value of the line", "currency"),
        Column("paid", MONEY, "what the customer paid after coupons", "currency"),
        Column("regular_price", MONEY, "undiscounted price of one unit, as price", "currency"),
        Column("unit_of_measure", "string", "what quantity counts: each, or else not units"),
        Column("sales_channel_id", "int64", "1 store, 2 online"),
        Column("store_id", "string", "store"),
        Column("basket_id", "string", "basket"),
        Column("returned_on", "date", "local day of the return"),
        Column("is_merchandise", "boolean", "the article's", required=True),
    ),
    rules=(
        Rule(
            "null_key",
            "customer, article or day is null or empty",
            lambda t: empty(t.customer_id, t.article_id) | t.t_dat.isnull(),
        ),
        Rule("future_date", "dated after the day the shop was read", lambda t: t.in_future),
        Rule("invalid_number", "money is NaN, infinite or too large", lambda t: t.invalid_number),
        Rule(
            "invalid_quantity",
            "quantity is no whole number of units; of what counts no units, NaN or infinite",
            lambda t: t.units.isnull(),
        ),
        Rule("adjustment", "quantity 0: a correction, no purchase", lambda t: t.quantity == 0),
        Rule(
            "impossible_quantity",
            f"more than {MOST_UNITS:,} units, as where a barcode got into the quantity",
            lambda t: (t.units > MOST_UNITS) | (t.units < -MOST_UNITS),
        ),
        Rule(
            "negative_price",
            "a price below 0, or a purchase of negative value",
            lambda t: (t.price < 0) | ((t.units > 0) & (t.line_value < 0)),
        ),
        Rule("no_price", "neither price nor line value", lambda t: t.line_value.isnull()),
        Rule("unknown_article", "article_id is not among the articles", lambda t: t.is_merchandise.isnull()),
        Rule(
            "unknown_customer", "customer_id is not among the customers", lambda t: t.customer_number.isnull()
        ),
    ),
    notes=(
        Rule(
            "free_purchase",
            "value 0: kept, out of price statistics",
            lambda t: (t.quantity > 0) & (t.line_value == 0),
        ),
        Rule(
            "fuel",
            "quantity counts no units: units 1 or -1, prices null",
            lambda t: t.unit_of_measure != "each",
        ),
        Rule("large_quantity", "more than 100 units: kept", lambda t: t.units > 100),
        Rule("no_merchandise", "fuel, coupons, gift cards and the like", lambda t: ~t.is_merchandise),
        Rule("return", "negative quantity: a return", lambda t: t.quantity < 0),
    ),
    told_by=("transaction_id", "customer_id", "article_id", "basket_id", "t_dat"),
    read_by={
        **dict.fromkeys(("transaction_id", "timestamp", "customer_id", "article_id", "unit_of_measure"), ()),
        "paid": ("interactions",),
        "sales_channel_id": ("articles", "customers", "interactions"),
        "store_id": ("customers",),
        "basket_id": ("interactions",),
        "returned_on": ("customers", "interactions"),
        "is_merchandise": ("customers", "interactions", "timeseries"),
    },
)

PROMO = Contract(
    "staging.promo",
    "one row per article and week in which it was promoted",
    (*same("promo"), number("article")),
    key=("article_id", "week"),
    rules=(
        Rule("null_key", "article or week is null", lambda t: empty(t.article_id) | t.week.isnull()),
        Rule(
            "share_range",
            "a share is NaN or outside of 0 to 1",
            lambda t: (
                t.display_share.isnan()
                | t.mailer_share.isnan()
                | ~t.display_share.fill_null(0).between(0, 1)
                | ~t.mailer_share.fill_null(0).between(0, 1)
            ),
        ),
        Rule("unknown_article", "article_id is not among the articles", lambda t: t.article_number.isnull()),
    ),
    notes=(Rule("snapshot_after_as_of", "as landed after the as-of", lambda t: t.landed_late),),
    read_by={"article_id": ()},
)

STAGED = {
    "articles": ARTICLES,
    "categories": CATEGORIES,
    "customers": CUSTOMERS,
    "transactions": TRANSACTIONS,
    "orders": ORDERS,
    "order_items": ORDER_ITEMS,
    "promo": PROMO,
    "reviews": REVIEWS,
}

KEYED = {**STAGED, "transactions": dataclasses.replace(TRANSACTIONS, key=("transaction_id",))}
"""What rows are judged by: only where the shop numbers its lines, a line can be a duplicate."""

NEWEST_FIRST = {
    "articles": [_.last_updated.desc(nulls_first=False)],
    "orders": [_.updated_at.desc(nulls_first=False)],
    "reviews": [_.created_at.desc(nulls_first=False)],
}
