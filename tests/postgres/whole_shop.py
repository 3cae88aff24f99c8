"""A small shop that has every table, drawn with a fixed seed, and the odd rows that shops have."""

import datetime as dt
import random
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.shops import Shop, table

_FIRST, _DAYS = dt.datetime(2024, 1, 1, 6), 150
_KINDS = ("trousers", "dress", "sweater", "socks")
_SAID = (
    ("Love it", "The fabric is soft and it fits perfectly.", 5),
    ("", "Runs small, I had to size up. Write to me: ada@example.org", 3),
    ("Awful", "It ripped after a day, poor quality and scratchy.", 1),
    ("So-so", "Nice color but too long, naïve 👗 cut.", 4),
    ("", "", 5),
)
_MORE_TYPES: dict[str, pa.DataType] = {
    "FN": pa.float64(),
    "Active": pa.float64(),
    "unit_price": pa.float64(),
    "rating": pa.float64(),
    "recommended": pa.bool_(),
    "helpful_count": pa.int64(),
    "week": pa.date32(),
    "display_share": pa.float64(),
    "mailer_share": pa.float64(),
    "coupon": pa.bool_(),
    "updated_at": pa.timestamp("us"),
    "ingested_at": pa.timestamp("us"),
}


def whole_shop(folder: Path) -> Shop:
    """All tables that a shop may have, as Parquet files."""
    shop, chance = Shop(folder), random.Random(20240501)
    shop.articles, shop.customers = _articles(chance), _customers(chance)
    shop.lines = _lines(shop, chance)
    orders, items = _orders(shop.lines)
    folder.mkdir(parents=True, exist_ok=True)
    kinds = [
        {"category_id": f"k{n}", "name": kind, "parent_category_id": "all"} for n, kind in enumerate(_KINDS)
    ]
    more = {
        "articles": shop.articles,
        "transactions": shop.lines,
        "categories": [*kinds, {"category_id": "all", "name": "Clothes"}],
        "customers": shop.customers,
        "orders": orders,
        "order_items": items,
        "promo": _promo(shop, chance),
        "reviews": _reviews(shop, chance),
        "events": _events(shop, chance),
    }
    for name, rows in more.items():
        shop.put(name, table(rows, **_MORE_TYPES))
    return shop


def _articles(chance: random.Random) -> list[dict[str, Any]]:
    return [
        {
            "article_id": f"{n:010}",
            "product_code": f"{n // 2:07}",
            "prod_name": f"{_KINDS[n % 4]} {n}",
            "product_type_name": _KINDS[n % 4],
            "product_group_name": "Garments" if n % 4 < 3 else "Underwear",
            "colour_group_name": chance.choice(["Black", "White", "Blue"]),
            "detail_desc": None
            if n % 7 == 0
            else f"A {_KINDS[n % 4]} of {chance.choice(['wool', 'cotton'])}.",
            "price": chance.randrange(500, 9000) / 100,
            "stock": float(chance.randrange(50)),
            "is_merchandise": n != 5,
            "category_id": f"k{n % 4}",
            "created_at": _FIRST + dt.timedelta(days=n),
        }
        for n in range(40)
    ]


def _customers(chance: random.Random) -> list[dict[str, Any]]:
    return [
        {
            "customer_id": f"{n:064x}",
            "FN": 1.0 if n % 3 else None,
            "Active": 1.0 if n % 4 else None,
            "club_member_status": chance.choice(["ACTIVE", "PRE-CREATE", None]),
            "age": chance.choice([18.0, 33.0, 47.0, 200.0, None]),
            "postal_code": f"PLZ {n % 9}",
            "signup_date": _FIRST.date() + dt.timedelta(days=n % 60),
        }
        for n in range(80)
    ]


def _lines(shop: Shop, chance: random.Random) -> list[dict[str, Any]]:
    lines = []
    for n in range(1500):
        price = chance.randrange(100, 9000) / 100 / 3  # no number of cents
        units = chance.choice([1, 1, 1, 2, 3, -1, 0 if n % 100 == 0 else 1])
        lines.append(
            {
                "transaction_id": f"t{n - (n % 500 == 499):05}",  # three repeat
                "timestamp": _FIRST
                + dt.timedelta(days=chance.randrange(_DAYS), minutes=chance.randrange(900)),
                "customer_id": chance.choice(shop.customers)["customer_id"],
                "article_id": chance.choice(shop.articles)["article_id"] if n % 200 else "unknown",
                "price": price,
                "quantity": units,
                "line_value": price * units,
                "regular_price": price * chance.choice([1, 1, 1.25]),
                "sales_channel_id": chance.choice([1, 2]),
                "basket_id": f"b{n // 3:04}",
            }
        )
    return lines


def _orders(lines: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    sold = [line for line in lines if line["quantity"] > 0 and line["article_id"] != "unknown"]
    items = [
        {
            "order_item_id": f"i{n}",
            "order_id": f"o{n // 2}",
            "article_id": line["article_id"],
            "quantity": line["quantity"],
            "unit_price": line["price"],
            "line_total": line["line_value"],
            "order_date": line["timestamp"],
        }
        for n, line in enumerate(sold)
    ]
    orders = [
        {
            "order_id": f"o{n // 2}",
            "customer_id": line["customer_id"],
            "order_date": line["timestamp"],
            "total_amount": line["line_value"],
            "payment_status": ["paid", "pending", "returned"][n % 3],
            "updated_at": line["timestamp"] + dt.timedelta(days=1),
        }
        for n, line in enumerate(sold)
        if n % 2 == 0
    ]
    return orders, items


def _promo(shop: Shop, chance: random.Random) -> list[dict[str, Any]]:
    return [
        {
            "article_id": article["article_id"],
            "week": _FIRST.date() + dt.timedelta(weeks=week),
            "display_share": chance.random(),
            "mailer_share": 0.0,
            "coupon": chance.random() < 0.2,
        }
        for article in shop.articles[:10]
        for week in range(20)
    ]


def _reviews(shop: Shop, chance: random.Random) -> list[dict[str, Any]]:
    rows = []
    for n in range(90):
        title, text, rating = chance.choice(_SAID)
        rows.append(
            {
                "review_id": f"r{n:03}",
                "customer_id": chance.choice(shop.customers)["customer_id"],
                "article_id": chance.choice(shop.articles)["article_id"],
                "rating": float(rating),
                "title": title or None,
                "review_text": f"{text} ({n % 30})" if text else None,
                "recommended": rating > 3,
                "helpful_count": n % 5,
                "created_at": _FIRST + dt.timedelta(days=chance.randrange(_DAYS)),
            }
        )
    return rows


def _events(shop: Shop, chance: random.Random) -> list[dict[str, Any]]:
    """Clicks of the last ten days: some late, some twice, some too late, some of nobody."""
    rows = []
    for n in range(800):
        happened = _FIRST + dt.timedelta(days=_DAYS - 1 - n % 10, seconds=chance.randrange(50_000))
        late = chance.choice([1, 2, 30, 4000 if n % 20 == 0 else 5, 500_000 if n % 200 == 0 else 3])
        known = chance.random() < 0.5
        rows.append(
            {
                "event_id": f"e{n - (n % 50 == 49):05}",
                "visitor_id": None if n % 100 == 7 else f"v{n % 45:02}",
                "customer_id": chance.choice(shop.customers)["customer_id"]
                if known and n % 100 != 7
                else None,
                "event_type": chance.choice(["view", "view", "click", "add_to_cart", "checkout", "purchase"]),
                "article_id": chance.choice(shop.articles)["article_id"],
                "channel": chance.choice(["web", "app"]),
                "quantity": 1,
                "price": chance.randrange(100, 9000) / 100 / 3,
                "created_at": happened,
                "ingested_at": happened + dt.timedelta(seconds=late),
            }
        )
    return rows
