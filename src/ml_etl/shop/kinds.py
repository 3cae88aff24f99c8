"""Where each kind of shop keeps its tables."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from ml_etl.engine import Engine
from ml_etl.errors import SourceUnreachable, UsageError
from ml_etl.layout import Layout
from ml_etl.shop import demo
from ml_etl.shop.reviews import clothing

_HM_FILES = {
    "articles": "articles.csv",
    "customers": "customers.csv",
    "transactions": "transactions_train.csv",
}
_IN_REVIEWS_CSV = {"reviews": clothing.reviews, "articles": clothing.articles}
"""What one CSV of reviews tells: its reviews, and the articles named in them."""


_FOLDERS = {"events": ("events",)}
"""Tables that may be a folder of Parquet files, too: a clickstream grows by files."""


@dataclass(frozen=True)
class Found:
    """A table's file. One that is not laid out as the source contract says has its own column types, and
    `mapped` makes the contract's columns of it."""

    path: Path
    types: dict[str, ibis.DataType] | None = None
    mapped: Callable[[ir.Table], ir.Table] | None = None


def locate(shop: dict[str, Any], table: str, layout: Layout, engine: Engine) -> Found | None:
    """The file of a shop's table (of some a folder of Parquet files), or None where it doesn't have it.

    The demo shop is prepared on first use.
    """
    kind = shop["kind"]
    if table == "events" and shop.get("events_jsonl"):
        return Found(_file(str(shop["events_jsonl"]), "events_jsonl"))
    if kind == "demo":
        return _first(demo.prepared(layout.raw, engine), [f"{table}.parquet"])
    if _told_by_reviews_csv(shop, table):
        return Found(_reviews_csv(shop), clothing.TYPES, _IN_REVIEWS_CSV[table])
    folder = _folder(shop)
    if kind == "hm":
        return _first(folder, [_HM_FILES.get(table, f"{table}.csv")])
    if kind == "files":
        return _first(folder, [f"{table}.parquet", f"{table}.csv", *_FOLDERS.get(table, ())])
    raise UsageError(f"shop kind: expected demo, hm or files, came {kind!r} (conf/*/catalog/shop.yml).")


def _first(folder: Path, names: list[str]) -> Found | None:
    return next((Found(folder / name) for name in names if (folder / name).exists()), None)


def _told_by_reviews_csv(shop: dict[str, Any], table: str) -> bool:
    """Reviews always; the articles only where there is no folder that has them."""
    if not shop.get("reviews_csv"):
        return False
    return table == "reviews" or (table == "articles" and not shop.get("folder"))


def _reviews_csv(shop: dict[str, Any]) -> Path:
    path = Path(str(shop["reviews_csv"])).expanduser()
    if not path.is_file():
        raise SourceUnreachable(f"reviews_csv={path}: no such file.")
    return path


def _folder(shop: dict[str, Any]) -> Path:
    if not shop.get("folder"):
        raise UsageError(f"The {shop['kind']} shop needs its folder: add --params {shop['parameter']}=PATH.")
    folder = Path(str(shop["folder"])).expanduser()
    if not folder.is_dir():
        raise SourceUnreachable(f"{shop['parameter']}={folder}: no such folder.")
    return folder


def _file(given: str, parameter: str) -> Path:
    path = Path(given).expanduser()
    if not path.is_file():
        raise SourceUnreachable(f"{parameter}={path}: no such file.")
    return path
