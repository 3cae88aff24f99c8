"""The source schema: the tables a shop may bring, and which of their columns it must."""

from dataclasses import dataclass

from ml_etl.contracts.columns import Column


@dataclass(frozen=True)
class SourceTable:
    """One table of the shop's database.

    `cursor` marks an append-only table, landed incrementally by that column (the first one the shop has);
    the others are landed as whole snapshots. At least one column of `one_of` must exist.
    """

    name: str
    columns: tuple[Column, ...]
    cursor: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    required: bool = True

    @property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @property
    def masked(self) -> tuple[str, ...]:
        """Columns of free text."""
        return tuple(column.name for column in self.columns if column.masked)


def _text(name: str, meaning: str, required: bool = False) -> Column:
    return Column(name, "string", meaning, required=required)


ARTICLES = SourceTable(
    "articles",
    (
        _text("article_id", "the article; text, so that leading zeros stay", required=True),
        _text("product_code", "articles that are one product in several colours"),
        _text("prod_name", "name"),
        _text("product_type_no", "product type, code"),
        _text("product_type_name", "product type"),
        _text("product_group_name", "product group"),
        _text("graphical_appearance_no", "graphical appearance, code"),
        _text("graphical_appearance_name", "graphical appearance"),
        _text("colour_group_code", "colour group, code"),
        _text("colour_group_name", "colour group"),
        _text("perceived_colour_value_id", "perceived colour value, code"),
        _text("perceived_colour_value_name", "perceived colour value"),
        _text("perceived_colour_master_id", "perceived master colour, code"),
        _text("perceived_colour_master_name", "perceived master colour"),
        _text("department_no", "department, code"),
        _text("department_name", "department"),
        _text("index_code", "index, code"),
        _text("index_name", "index"),
        _text("index_group_no", "index group, code"),
        _text("index_group_name", "index group"),
        _text("section_no", "section, code"),
        _text("section_name", "section"),
        _text("garment_group_no", "garment group, code"),
        _text("garment_group_name", "garment group"),
        _text("detail_desc", "description"),
        Column("price", "float64", "list price", "currency"),
        Column("stock", "float64", "units in stock", "units"),
        Column("is_merchandise", "boolean", "false for fuel, coupons, gift cards and the like; default true"),
        Column("in_catalogue", "boolean", "false for articles only seen in transactions; default true"),
        _text("category_id", "leaf of the category tree"),
        _text("image_path", "image file, relative to the image folder"),
        Column("created_at", "timestamp", "when the article was created", "UTC"),
        Column("last_updated", "timestamp", "when the article last changed", "UTC"),
    ),
)

CATEGORIES = SourceTable(
    "categories",
    (
        _text("category_id", "the category", required=True),
        _text("name", "its name"),
        _text("parent_category_id", "the category above it; null for a root"),
    ),
    required=False,
)

CUSTOMERS = SourceTable(
    "customers",
    (
        _text("customer_id", "the customer", required=True),
        Column("FN", "float64", "gets fashion news, 1 or null"),
        Column("Active", "float64", "active for communication, 1 or null"),
        _text("club_member_status", "club membership"),
        _text("fashion_news_frequency", "how often fashion news are sent"),
        Column("age", "float64", "age", "years"),
        _text("age_band", "age band as the shop gives it"),
        _text("postal_code", "postal code"),
        Column("signup_date", "date", "sign-up day"),
        _text("gender", "gender"),
    ),
)

TRANSACTIONS = SourceTable(
    "transactions",
    (
        _text("transaction_id", "the purchase line; where it repeats, the line is a duplicate"),
        Column("t_dat", "date", "local day; needed where there is no timestamp"),
        Column("timestamp", "timestamp", "moment of the purchase; needed where there is no t_dat", "UTC"),
        _text("customer_id", "who bought", required=True),
        _text("article_id", "what was bought", required=True),
        Column("price", "float64", "price of one unit", "currency"),
        Column("quantity", "int64", "units; negative for a return; default 1", "units"),
        Column("line_value", "float64", "value of the line; default price × quantity", "currency"),
        Column("paid", "float64", "what the customer paid after coupons; default line_value", "currency"),
        Column("regular_price", "float64", "undiscounted price of one unit", "currency"),
        _text("unit_of_measure", "what quantity counts: each (default), or else not units, such as fuel"),
        Column("sales_channel_id", "int64", "1 store, 2 online"),
        _text("store_id", "store"),
        _text("basket_id", "basket"),
        Column(
            "returned_at",
            "timestamp",
            "when the line was returned; seen where it is told within lookback_days of the purchase",
            "UTC",
        ),
    ),
    cursor=("timestamp", "t_dat"),
    one_of=("timestamp", "t_dat"),
)

ORDERS = SourceTable(
    "orders",
    (
        _text("order_id", "the order", required=True),
        _text("customer_id", "who ordered", required=True),
        Column("order_date", "timestamp", "when it was ordered", "UTC", required=True),
        Column("total_amount", "float64", "amount of the order", "currency"),
        _text("payment_status", "paid, pending, returned, …"),
        Column("updated_at", "timestamp", "when the order last changed", "UTC"),
    ),
    cursor=("updated_at", "order_date"),
    required=False,
)

ORDER_ITEMS = SourceTable(
    "order_items",
    (
        _text("order_item_id", "the item", required=True),
        _text("order_id", "its order", required=True),
        _text("article_id", "its article", required=True),
        Column("quantity", "int64", "units", "units"),
        Column("unit_price", "float64", "price of one unit", "currency"),
        Column("line_total", "float64", "value of the line; else unit_price × quantity (1)", "currency"),
        Column("order_date", "timestamp", "when it was ordered", "UTC"),
    ),
    cursor=("order_date",),
    required=False,
)

PROMO = SourceTable(
    "promo",
    (
        _text("article_id", "the article", required=True),
        Column("week", "date", "a day of the week it ran in; weeks start on Monday", required=True),
        Column("display_share", "float64", "stores that displayed it, of all that report", "share"),
        Column("mailer_share", "float64", "stores that advertised it by mail, of all that report", "share"),
        Column("coupon", "boolean", "whether a coupon for it was valid"),
    ),
    required=False,
)

REVIEWS = SourceTable(
    "reviews",
    (
        _text("review_id", "the review", required=True),
        _text("customer_id", "who wrote it"),
        _text("article_id", "what it is about", required=True),
        Column("rating", "float64", "stars, 1 (worst) to 5", "stars"),
        Column("title", "string", "title; e-mails and phone numbers masked", masked=True),
        Column("review_text", "string", "text; e-mails and phone numbers masked", masked=True),
        Column("recommended", "boolean", "the customer recommends the article"),
        Column("helpful_count", "int64", "readers who found it helpful", "readers"),
        Column("reviewer_age", "float64", "age the customer gave with the review", "years"),
        _text("category_name", "category the review names; used where its article tells none"),
        Column("created_at", "timestamp", "when it was written", "UTC"),
        Column("simulated", "boolean", "made up by a program; default false"),
        Column(
            "pii_found", "boolean", "an e-mail or phone number was masked; set when the table is read, too"
        ),
    ),
    cursor=("created_at",),
    required=False,
)

EVENTS = SourceTable(
    "events",
    (
        _text("event_id", "the event; where it repeats, the row that came in first counts", required=True),
        _text("visitor_id", "the browser or device"),
        _text("session_id", "the session, where the tracker tells it"),
        _text("customer_id", "who was logged in; null before a login"),
        _text("event_type", "view, click, add_to_cart, purchase, …", required=True),
        _text("article_id", "the article; null for a search or a checkout"),
        _text("campaign_id", "the campaign that brought the visitor"),
        _text("channel", "where from: web, app, e-mail, …"),
        Column(
            "quantity",
            "float64",
            "whole units put in or taken out of the cart, or bought; default 1, never negative",
            "units",
        ),
        Column("price", "float64", "price of one unit at that moment", "currency"),
        Column("created_at", "timestamp", "when it happened, by the device", "UTC", required=True),
        Column(
            "ingested_at", "timestamp", "when it came in, by the shop; default created_at: never late", "UTC"
        ),
        Column("simulated", "boolean", "whether it is made up; default false"),
    ),
    cursor=("ingested_at", "created_at"),
    one_of=("visitor_id", "customer_id"),
    required=False,
)

_TABLES = (ARTICLES, CATEGORIES, CUSTOMERS, TRANSACTIONS, ORDERS, ORDER_ITEMS, PROMO, REVIEWS, EVENTS)
SOURCE = {table.name: table for table in _TABLES}
