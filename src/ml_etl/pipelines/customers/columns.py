"""The columns of the main table, block by block: type, unit, meaning."""

from ml_etl.contracts import MONEY_SUM, Column
from ml_etl.pipelines.customers.value import DAYS_AHEAD
from ml_etl.pipelines.customers.windows import MEASURES, WINDOWS


def share_column(name: str, meaning: str) -> Column:
    return Column(name, "float64", meaning, "share")


def int_column(name: str, meaning: str, unit: str = "") -> Column:
    return Column(name, "int64", meaning, unit)


def float_column(name: str, meaning: str, unit: str = "") -> Column:
    return Column(name, "float64", meaning, unit)


def text_column(name: str, meaning: str) -> Column:
    return Column(name, "string", meaning)


_CUSTOMER = text_column("customer_id", "the customer")
_DEMOGRAPHICS = (
    _CUSTOMER,
    int_column("age", "age; null where unknown or below 1 or above 110", "years"),
    text_column("age_band", "age band as the shop gives it, else by age; UNKNOWN where neither is known"),
    text_column("gender", "gender; null where unknown"),
    text_column("club_member_status", "club membership; ABSENT where the shop gives none"),
    text_column("fashion_news_frequency", "how often fashion news are sent; null where unknown"),
    float_column("FN", "gets fashion news, 1 or null"),
    float_column("active", "active for communication, 1 or null"),
    text_column("postal_code_hash", "HMAC-SHA256 of the postal code; null without one or without a key"),
    Column(
        "known_from", "date", "the sign-up day or that of the first purchase, the earlier one; null: undated"
    ),
    int_column("tenure_days", "age of known_from; 0 on the last complete day", "days"),
)

_MEASURED = {
    "transaction_count": ("int64", "purchase lines", "lines"),
    "unit_count": ("int64", "units bought", "units"),
    "spent": (MONEY_SUM, "value of the purchases", "currency"),
    "net_spent": (MONEY_SUM, "the same less what came back in the window; may be below 0", "currency"),
    "distinct_articles": ("int64", "distinct articles bought", "articles"),
    "active_days": ("int64", "days with a purchase", "days"),
}


def _window(measure: str, window: str, days: int | None) -> Column:
    dtype, meaning, unit = _MEASURED[measure]
    when = f"in the last {days} days" if days else "ever"
    return Column(f"{measure}_{window}", dtype, f"{meaning}, {when}", unit)


_WINDOWS = tuple(_window(m, w, days) for w, days in WINDOWS.items() for m in MEASURES)

_ORDERS = (
    int_column("order_count", "orders; null where the shop has none", "orders"),
    float_column("items_per_order", "mean lines of the orders whose items are known", "lines"),
    float_column(
        "average_order_value",
        "mean amount; an order without one counts as the sum of its items, if all have a value",
        "currency",
    ),
    share_column("returned_order_share", "returned orders, of those whose status is known"),
    share_column("pending_order_share", "pending orders, of those whose status is known"),
    Column("first_purchase_date", "date", "local day of the first purchase; null for who never bought"),
    Column("last_purchase_date", "date", "local day of the last purchase; null for who never bought"),
    float_column("interpurchase_mean_days", "mean days between purchase days; null with one", "days"),
    float_column(
        "interpurchase_std_days", "sample standard deviation of those; null with fewer than three", "days"
    ),
)

_PREFERENCES = (
    text_column("top_product_type", "product type with the most lines, ties by name; merchandise only"),
    text_column("top_product_group", "product group with the most lines, ties by name; merchandise only"),
    text_column("top_colour_group", "colour group with the most lines, ties by name; merchandise only"),
    float_column("product_type_entropy", "entropy of the lines over product types; merchandise only", "nats"),
    share_column(
        "price_percentile_mean",
        "mean over the priced lines of the article's mid-rank percentile by price in its product type",
    ),
    share_column("online_share", "lines bought online; null where the shop has one channel"),
    share_column("discount_share", "lines below the regular price, of those where both are known"),
    share_column("free_share", "lines of value 0"),
    int_column("store_count", "distinct stores; null where the shop names none", "stores"),
    text_column("top_store", "store with the most lines, ties by id"),
    int_column("campaigns_received", "campaigns received; null: no such table yet", "campaigns"),
    int_column("campaigns_redeemed", "campaigns redeemed; null: no such table yet", "campaigns"),
)

_EVENTS = (
    int_column("views_30d", "views, clicks in 30 days; null where no real events are known", "events"),
    int_column("carts_30d", "put in the cart; null where no real events are known", "events"),
    int_column("purchase_events_30d", "purchases as events; null where no real events are known", "events"),
    share_column("view_to_cart_30d", "carts per view; null where no real events are known"),
    share_column("cart_to_purchase_30d", "purchases per cart; null where no real events are known"),
    share_column("cart_abandonment_30d", "carts left behind; null where no real events are known"),
    int_column("wishlist_size", "articles on the wishlist; null where the shop brings none", "articles"),
    int_column("cart_size", "articles in the cart; null where the shop brings none", "articles"),
)

_RFM = (
    int_column("recency_days", "age of the last purchase; null for who never bought", "days"),
    int_column("frequency", "distinct purchase days; null for who never bought", "days"),
    Column("monetary", MONEY_SUM, "value of all purchases; null for who never bought", "currency"),
    *(
        int_column(
            f"{letter}_score", f"1 + floor(5·(mid-rank − ½)/n) of {what} among buyers, 5 is best; null: none"
        )
        for letter, what in (("r", "recency_days"), ("f", "frequency"), ("m", "monetary"))
    ),
    text_column("rfm_score", "the three scores, such as 545"),
    text_column("rfm_segment", "the segment of that score, by the table in the parameters"),
)

_EXPECTED = (
    *(
        float_column(
            f"expected_purchases_{days}d", f"purchase days expected in the next {days} (BG/NBD)", "days"
        )
        for days in DAYS_AHEAD
    ),
    share_column("p_alive", "probability of still being a customer (BG/NBD); null without a repeat"),
    float_column("expected_purchase_value", "expected value of a purchase day (Gamma-Gamma)", "currency"),
)

CUSTOMER_COLUMNS = (
    *_DEMOGRAPHICS,
    *_WINDOWS,
    *_ORDERS,
    *_PREFERENCES,
    *_EVENTS,
    *_RFM,
    int_column("segment", "the k-means segment; ids follow the version before; null for who never bought"),
    *_EXPECTED,
)
