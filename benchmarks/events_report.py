"""What was measured of events, as JSON and as a page."""

import json
import os
from pathlib import Path
from typing import Any

from rich.console import Console
from summary import machine

BARS = {"size": 1.3, "rebuild": 2.0, "chain": 1.2}
SECONDS, PEAK_MB = 20, 1000


def report(found: dict[str, Any], folder: Path, console: Console) -> list[str]:
    """Write the results beside those of parts that were not measured now, and print them; the missed bars."""
    folder.mkdir(exist_ok=True)
    path = folder / "events.json"
    before = json.loads(path.read_text("utf-8")) if path.exists() else {}
    told = {**before, **found, "machine": machine(), "load": os.getloadavg()[0]}
    path.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    page = "\n".join(["# events", "", told["machine"], "", *_lines(told)]) + "\n"
    (folder / "events.md").write_text(page, "utf-8")
    console.print(page)
    return [line for line in page.splitlines() if line.endswith("MISSED)")]


def _lines(told: dict[str, Any]) -> list[str]:
    lines = []
    if size := told.get("size"):
        lines += ["| history | batch, s | peak, MB | written, MB | empty batch, s |", "|---|---|---|---|---|"]
        lines += [
            f"| {s['events']:,} events | {s['seconds']:.2f} | {s['peak_mb']:.0f} | {s['written_mb']:.1f} "
            f"| {s['empty_seconds']:.2f} |"
            for s in (size["short"], size["long"])
        ]
        rows = sorted(batch["rows"] for batch in size["long"]["batches"])
        lines += [
            "",
            f"Batches of {rows[0]:,} to {rows[-1]:,} source rows, whole processes, medians; the engine "
            "may take 500 MB.",
        ]
        lines += [_bar("a batch on the long history / on the short one", size["ratio"], BARS["size"])]
        lines += [_bar("seconds of a batch", size["long"]["seconds"], SECONDS)]
        lines += [_bar("peak MB on the long history", size["long"]["peak_mb"], PEAK_MB), ""]
    if rebuild := told.get("rebuild"):
        ours, sql = rebuild["ours"], rebuild["sql"]
        lines += [
            f"Rebuild of {rebuild['events']:,} events: {ours['seconds']:.1f} s, {ours['peak_mb']:.0f} MB; "
        ]
        lines += [f"hand-written SQL {sql['seconds']:.1f} s, {sql['peak_mb']:.0f} MB; all tables equal."]
        lines += [_bar("ours / SQL", rebuild["ratio"], BARS["rebuild"]), ""]
    if chain := told.get("chain"):
        lines += [f"{chain['batches']} batches in a row, {chain['killed']} killed and tried again: files "]
        lines += [f"{chain['files']}, open handles {chain['handles']}, "]
        lines += [f"equal to a rebuild: {chain['equals_rebuild']}."]
        lines += [_bar("the last 20 / the first 20", chain["ratio"], BARS["chain"])]
    return lines


def _bar(name: str, value: float, limit: float) -> str:
    return f"- {name}: {value:.2f} (bar {limit:g}, {'met' if value <= limit else 'MISSED'})"
