"""The shops to measure on: the demo shop, and ten copies of it as a folder of Parquet files."""

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from process import Finished, measured

COPIES = {"demo": 1, "tenfold": 10}
_LAND = ("-m", "kedro", "run", "--pipelines", "landing")
TABLES = ("transactions", "customers", "articles", "orders", "order_items", "promo")


@dataclass(frozen=True)
class Shop:
    """A landed shop: its data folder, its name below that, and what `kedro run` needs to know of it."""

    size: str
    data: Path
    name: str = "demo"
    options: tuple[str, ...] = ()
    landing: dict[str, float] = field(default_factory=dict)

    def landed(self, table: str) -> list[str]:
        """The landed files of a table."""
        folder = self.data / "02_intermediate" / self.name / "landing" / table
        parts = json.loads((folder / "landed.json").read_text("utf-8"))["parts"]
        return [str(folder / part["file"]) for part in parts]

    def fresh(self, data: Path) -> Path:
        """A data folder that holds this shop landed and nothing else; the files are hard links."""
        for part in ("01_raw", "02_intermediate"):
            if (self.data / part).is_dir():
                shutil.copytree(self.data / part, data / part, copy_function=os.link)
        return data


def landed_shop(size: str, work: Path) -> Shop:
    """Prepare a shop and land it; `landing` holds how long the landing process took."""
    raw = demo_tables(work)
    if size == "demo":
        shop = Shop(size, work / "demo")
        shutil.copytree(raw.parents[1], shop.data / "01_raw", copy_function=os.link)
    else:
        shop = _copied(raw, size, work)
    land = _land(shop.data, shop.options, work)
    shop.landing.update(seconds=land.seconds, peak_mb=land.peak_bytes / 1e6)
    return shop


def _copied(raw: Path, size: str, work: Path) -> Shop:
    folder = work / f"shop-{size}"
    folder.mkdir()
    measured(["benchmarks/copies.py", str(raw), str(folder), str(COPIES[size])], work / "copies.log")
    params = f"shop_folder={folder},shop_timezone=America/New_York"
    return Shop(size, work / size, "files", ("--env", "files", "--params", params))


def demo_tables(work: Path) -> Path:
    """The folder of the demo shop's mapped tables; the project makes it when it lands them."""
    data = work / "prepared"
    if not data.is_dir():
        _land(data, (), work)
    return next(path for path in (data / "01_raw" / "demo").iterdir() if path.is_dir())


def _land(data: Path, options: tuple[str, ...], work: Path) -> Finished:
    return measured([*_LAND, *options], work / "landing.log", {"ML_ETL_DATA": str(data)})
