"""Where each kind of shop keeps its tables."""

from pathlib import Path
from typing import Any

from ml_etl.engine import Engine
from ml_etl.errors import SourceUnreachable, UsageError
from ml_etl.layout import Layout
from ml_etl.shop import demo

_HM_FILES = {
    "articles": "articles.csv",
    "customers": "customers.csv",
    "transactions": "transactions_train.csv",
}


def locate(shop: dict[str, Any], table: str, layout: Layout, engine: Engine) -> Path | None:
    """The file of a shop's table, or None where the shop doesn't have it.

    The demo shop is prepared on first use.
    """
    kind = shop["kind"]
    if kind == "demo":
        path = demo.prepared(layout.raw, engine) / f"{table}.parquet"
        return path if path.exists() else None
    folder = _folder(shop)
    if kind == "hm":
        names = [_HM_FILES.get(table, f"{table}.csv")]
    elif kind == "files":
        names = [f"{table}.parquet", f"{table}.csv"]
    else:
        raise UsageError(f"shop kind: expected demo, hm or files, came {kind!r} (conf/*/catalog/shop.yml).")
    return next((folder / name for name in names if (folder / name).exists()), None)


def _folder(shop: dict[str, Any]) -> Path:
    if not shop.get("folder"):
        raise UsageError(f"The {shop['kind']} shop needs its folder: add --params {shop['parameter']}=PATH.")
    folder = Path(str(shop["folder"])).expanduser()
    if not folder.is_dir():
        raise SourceUnreachable(f"{shop['parameter']}={folder}: no such folder.")
    return folder
