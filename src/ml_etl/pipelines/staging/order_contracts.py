"""The staged orders and their items."""

from ml_etl.contracts import MONEY, Contract, Rule
from ml_etl.pipelines.staging.columns import empty, number, same

ORDERS = Contract(
    "staging.orders",
    "one row per order, as last updated before the as-of",
    (*same("orders", total_amount=MONEY), number("customer")),
    key=("order_id",),
    read_by=dict.fromkeys(("customer_id", "order_date", "updated_at"), ()),
    rules=(
        Rule(
            "null_key",
            "order, customer or date is null or empty",
            lambda t: empty(t.order_id, t.customer_id) | t.order_date.isnull(),
        ),
        Rule("invalid_number", "amount is NaN, infinite or too large", lambda t: t.invalid_number),
        Rule("future_date", "dated after the day the shop was read", lambda t: t.in_future),
        Rule(
            "unknown_customer", "customer_id is not among the customers", lambda t: t.customer_number.isnull()
        ),
    ),
    notes=(
        Rule(
            "updated_later",
            "landed only as updated at the as-of or later: status and amount kept as unknown",
            lambda t: t.updated_later,
        ),
    ),
)

ORDER_ITEMS = Contract(
    "staging.order_items",
    "one row per item of an order",
    same("order_items", unit_price=MONEY, line_total=MONEY),
    key=("order_item_id",),
    read_by=dict.fromkeys(("order_item_id", "article_id", "quantity", "unit_price", "order_date"), ()),
    rules=(
        Rule(
            "null_key",
            "item, order or article is null or empty",
            lambda t: empty(t.order_item_id, t.order_id, t.article_id),
        ),
        Rule("invalid_number", "money is NaN, infinite or too large", lambda t: t.invalid_number),
        Rule("future_date", "dated after the day the shop was read", lambda t: t.in_future),
        Rule("unknown_article", "article_id is not among the articles", lambda t: t.article_known.isnull()),
    ),
)
