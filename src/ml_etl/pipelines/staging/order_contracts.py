"""The staged orders and their items."""

from ml_etl.contracts import MONEY, Contract, Rule
from ml_etl.pipelines.staging.columns import number, same

ORDERS = Contract(
    "staging.orders",
    "one row per order, as last updated before the as-of",
    (*same("orders", total_amount=MONEY), number("customer")),
    key=("order_id",),
    read_by=dict.fromkeys(("customer_id", "order_date", "updated_at"), ()),
    rules=(
        Rule(
            "null_key",
            "order, customer or date is null",
            lambda t: t.order_id.isnull() | t.customer_id.isnull() | t.order_date.isnull(),
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
            "item, order or article is null",
            lambda t: t.order_item_id.isnull() | t.order_id.isnull() | t.article_id.isnull(),
        ),
        Rule("invalid_number", "money is NaN, infinite or too large", lambda t: t.invalid_number),
        Rule("future_date", "dated after the day the shop was read", lambda t: t.in_future),
        Rule("unknown_article", "article_id is not among the articles", lambda t: t.article_known.isnull()),
    ),
)
