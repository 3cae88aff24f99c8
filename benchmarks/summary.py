"""From single runs to medians, ratios and bars."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from contenders import Measurement
from datasets import Dataset
from shops import Shop

SQL_BAR, MEMORY_BAR, STARTUP_BAR = 1.25, 1 / 2, 2.0
TIME_BAR = {"interactions": 1 / 3, "articles": 1.0, "customers": 1.0, "timeseries": 1.0}


def summary(
    dataset: Dataset,
    startup: dict[str, float],
    sizes: dict[str, tuple[Shop, dict[str, list[Measurement]]]],
    runs: int,
) -> dict[str, Any]:
    """What is written to DATASET.json."""
    found = {size: _size(dataset, shop, contenders) for size, (shop, contenders) in sizes.items()}
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "runs": runs,
        "startup": startup,
        "sizes": found,
        "bars": _bars(dataset, startup, found),
    }


def _size(dataset: Dataset, shop: Shop, contenders: dict[str, list[Measurement]]) -> dict[str, Any]:
    table = {name: _contender(dataset, runs) for name, runs in contenders.items()}
    for entry in table.values():
        entry["ratio_to_sql"] = {
            scope: round(seconds / table["sql"]["seconds"][scope], 3)
            for scope, seconds in entry["seconds"].items()
        }
    return {"first_landing": dict(shop.landing), "contenders": table}


def _contender(dataset: Dataset, runs: list[Measurement]) -> dict[str, Any]:
    """Medians over the runs; a scope with an output that was given up has none."""
    skipped = {name: why for run in runs for name, why in run.skipped.items()}
    parts = {part: round(median(run.parts.get(part, 0.0) for run in runs), 3) for part in runs[0].parts}
    return {
        "wall_seconds": round(median(run.wall for run in runs), 2),
        "peak_mb": round(median(run.peak_bytes for run in runs) / 1e6),
        "seconds": {
            scope: round(median(run.seconds(outputs) for run in runs), 3)
            for scope, outputs in dataset.scopes.items()
            if not skipped.keys() & set(outputs)
        },
        "parts": parts,
        "skipped": skipped,
        "rows": runs[0].rows,
    }


def _bars(
    dataset: Dataset, startup: dict[str, float], sizes: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    bars = [_bar("start-up until the first node / imports", startup["ratio"], STARTUP_BAR)]
    for size, found in sizes.items():
        ours, pandas = found["contenders"]["ours"], found["contenders"]["pandas"]
        for scope in (scope for scope in dataset.scopes if scope != "also_bought"):
            bars.append(_bar(f"{size}: ours / SQL, {scope}", ours["ratio_to_sql"][scope], SQL_BAR))
        if size == "tenfold":
            scope = "core" if pandas["skipped"] else "total"
            time = ours["seconds"][scope] / pandas["seconds"][scope]
            bars.append(_bar(f"{size}: ours / pandas, time of {scope}", time, TIME_BAR[dataset.name]))
            bars.append(
                _bar(f"{size}: ours / pandas, memory", ours["peak_mb"] / pandas["peak_mb"], MEMORY_BAR)
            )
    return bars


def _bar(name: str, value: float, limit: float) -> dict[str, Any]:
    return {"bar": name, "value": round(value, 3), "limit": round(limit, 3), "passed": value <= limit}


def machine() -> str:
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"{_processor()}, {os.cpu_count()} cores, {gigabytes:.0f} GB, Python {platform.python_version()}"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
