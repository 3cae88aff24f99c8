"""The shops to measure on: the demo shop, ten copies of it, and simulated ones: H&M's size and a tenth.

All but the demo shop are folders of Parquet files.
"""

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from process import Finished, MemoryLimit, measured

COPIES = {"demo": 1, "tenfold": 10}
SIMULATED_ZONE = "Europe/Stockholm"
SIMULATED = {"hm10": 3_178_832, "hm": 31_788_324}
"""Purchase lines of the simulated shops."""
SIZES = (*COPIES, *SIMULATED)
_LAND = ("-m", "kedro", "run", "--pipelines", "landing")
TABLES = ("transactions", "customers", "articles", "orders", "order_items", "promo")


@dataclass(frozen=True)
class Shop:
    """A landed shop: its data folder, its name below that, and what `kedro run` needs to know of it.

    Shops of one `kind`, demo or simulated, have the same tables and columns.
    """

    size: str
    data: Path
    name: str = "demo"
    options: tuple[str, ...] = ()
    kind: str = "demo"
    landing: dict[str, float] = field(default_factory=dict)

    def landed(self, table: str) -> list[str]:
        """The landed files of a table; none of one the shop lacks."""
        folder = self.data / "02_intermediate" / self.name / "landing" / table
        if not (folder / "landed.json").exists():
            return []
        parts = json.loads((folder / "landed.json").read_text("utf-8"))["parts"]
        return [str(folder / part["file"]) for part in parts]

    def fresh(self, data: Path) -> Path:
        """A data folder that holds this shop landed and nothing else; the files are hard links."""
        for part in ("01_raw", "02_intermediate"):
            if (self.data / part).is_dir():
                shutil.copytree(self.data / part, data / part, copy_function=os.link)
        return data


def landed_shop(size: str, work: Path, kept: Path) -> Shop:
    """Prepare a shop and land it; `landing` holds how long the landing process took.

    Everything is made below `work`, but for simulated shops, which are made once below `kept`.
    """
    if size in SIMULATED:
        shop = _simulated(size, work, kept)
    elif size == "demo":
        shop = Shop(size, work / "demo")
        shutil.copytree(demo_tables(work).parents[1], shop.data / "01_raw", copy_function=os.link)
    else:
        shop = _copied(demo_tables(work), size, work)
    land = _land(shop.data, shop.options, work)
    shop.landing.update(seconds=land.seconds, peak_mb=land.peak_bytes / 1e6)
    return shop


def _copied(raw: Path, size: str, work: Path) -> Shop:
    folder = work / f"shop-{size}"
    folder.mkdir()
    measured(["benchmarks/copies.py", str(raw), str(folder), str(COPIES[size])], work / "copies.log")
    params = f"shop_folder={folder},shop_timezone=America/New_York"
    return Shop(size, work / size, "files", ("--env", "files", "--params", params))


def _simulated(size: str, work: Path, kept: Path) -> Shop:
    folder = kept / f"shop-{size}"
    simulate(size, folder, work / f"{size}-simulating.log")
    params = f"shop_folder={folder},shop_timezone={SIMULATED_ZONE}"
    return Shop(size, work / size, "files", ("--env", "files", "--params", params), "simulated")


def simulate(size: str, folder: Path, log: Path) -> Finished | None:
    """Simulate a shop, in the four gigabytes it may need; nothing to do where it is there already."""
    if (folder / "simulated.json").exists():
        return None
    lines = str(SIMULATED[size])
    command = ("-m", "kedro", "shop", "simulate", "--transactions", lines, "--out", str(folder))
    limit = MemoryLimit(4)
    try:
        return measured(command, log, limit=limit)
    finally:
        limit.close()


def demo_tables(work: Path) -> Path:
    """The folder of the demo shop's mapped tables; the project makes it when it lands them."""
    data = work / "prepared"
    if not data.is_dir():
        _land(data, (), work)
    return next(path for path in (data / "01_raw" / "demo").iterdir() if path.is_dir())


def _land(data: Path, options: tuple[str, ...], work: Path) -> Finished:
    return measured([*_LAND, *options], work / "landing.log", {"ML_ETL_DATA": str(data)})
