"""The figures of sizes.py as JSON, a Markdown table and a picture."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markdown import Markdown
from shops import SIMULATED

GROWTH_BAR, TOTAL_BAR_S = 11.0, 12 * 60
_HEADER = "| size | pipeline | s | CPU s | peak MB | limit GB | MB read | MB written | rows/s |"


def report(found: dict[str, Any], folder: Path, console: Console) -> list[str]:
    """Write the results, and show them; the missed bars."""
    found = {"date": datetime.now(UTC).isoformat(timespec="seconds"), **found, "bars": _bars(found["sizes"])}
    (folder / "sizes.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    text = _markdown(found)
    (folder / "sizes.md").write_text(text, "utf-8")
    _draw(found["sizes"], folder / "sizes.png")
    console.print(Markdown(text))
    return [bar["bar"] for bar in found["bars"] if bar["value"] > bar["at_most"]]


def _bars(sizes: dict[str, Any]) -> list[dict[str, Any]]:
    bars = []
    if "hm" in sizes:
        total = sum(run["seconds"] for name, run in sizes["hm"].items() if name != "simulating")
        bars.append(
            {
                "bar": "hm: landing and all pipelines, without encoding, s",
                "value": total,
                "at_most": TOTAL_BAR_S,
            }
        )
    for name in sizes.get("hm", {}).keys() & sizes.get("hm10", {}).keys() - {"simulating", "landing"}:
        growth = sizes["hm"][name]["seconds"] / sizes["hm10"][name]["seconds"]
        bars.append({"bar": f"{name}: hm / hm10", "value": round(growth, 2), "at_most": GROWTH_BAR})
    return sorted(bars, key=lambda bar: bar["bar"])


def _markdown(found: dict[str, Any]) -> str:
    lines = [
        "# Sizes: benchmark",
        "",
        f"{found['machine']}; {found['date']}; one run each.",
        "",
        _HEADER,
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for size, runs in found["sizes"].items():
        lines += [_row(size, name, run) for name, run in runs.items() if run]
    lines += ["", "| bar | value | at most | |", "|---|---|---|---|"]
    for bar in found["bars"]:
        verdict = "pass" if bar["value"] <= bar["at_most"] else "FAIL"
        lines.append(f"| {bar['bar']} | {bar['value']:.2f} | {bar['at_most']:g} | {verdict} |")
    return "\n".join([*lines, ""])


def _row(size: str, name: str, run: dict[str, Any]) -> str:
    rate = f"{run.get('rows', 0) / run['seconds']:,.0f}" if run.get("rows") else "–"
    cells = (
        size,
        name,
        f"{run['seconds']:.1f}",
        f"{run['cpu_seconds']:.1f}",
        f"{run['peak_bytes'] / 1e6:,.0f}",
        f"{run['limit_gb']:g}" if "limit_gb" in run else "4",
        f"{run['read_bytes'] / 1e6:,.0f}",
        f"{run['written_bytes'] / 1e6:,.0f}",
        rate,
    )
    return "| " + " | ".join(cells) + " |"


def _draw(sizes: dict[str, Any], path: Path) -> None:
    """Seconds against size, a line per pipeline, both axes logarithmic."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    lines = {"demo": 1.469307, **{size: lines / 1e6 for size, lines in SIMULATED.items()}}
    names = [name for name in next(iter(sizes.values())) if name != "simulating"]
    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    for name in names:
        points = [(lines[size], runs[name]["seconds"]) for size, runs in sizes.items() if runs.get(name)]
        (drawn,) = axes.plot(*zip(*points, strict=True), marker="o")
        axes.annotate(
            name, points[-1], xytext=(6, 0), textcoords="offset points", color=drawn.get_color(), va="center"
        )
    axes.set(xscale="log", yscale="log", xlabel="million purchase lines", ylabel="seconds, without encoding")
    axes.set_xticks([lines[size] for size in sizes], [f"{lines[size]:.1f}\n{size}" for size in sizes])
    axes.minorticks_off()
    axes.set_title("Cost against size, two cores")
    axes.set_xlim(right=axes.get_xlim()[1] * 2.2)
    axes.grid(alpha=0.3, which="both")
    figure.savefig(path, dpi=120)
    plt.close(figure)
