"""The measurements of encoding as JSON, as Markdown and on the terminal."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from report import Rows, markdown, print_table
from rich.console import Console
from summary import machine

THEIRS, OURS, EXACT = "sentence-transformers", "ml_etl auto", "ml_etl fp32"
UNIQUE_BAR, WHOLE_BAR, CHANGED_BAR, COSINE_BAR, HISTORY_BAR = 1.7, 7.0, 0.05, 0.999, 0.9999
_PARTS = ("imports", "loading", "encoding")
_NOTES = [
    "sentence-transformers: `SentenceTransformer(path).encode(texts)`, float32, as everyone calls it.",
    "Each run is a process of its own. Encoding is from texts to vectors, for ml_etl with looking up, "
    "storing and reading the cache; imports and loading the model (the start-up) are told beside it.",
    "Changed: 1 % of the distinct texts are others, for every article that has them; changed articles: 1 % "
    "of the articles have a new text each. Other history: the last again, from an empty cache.",
    "Load: how many other processes wanted a core when the run began. torch's own threads, which "
    "`SentenceTransformer.encode` computes with, lose most of their speed when some do.",
    "The bar of 1.7 is for machines whose processor has bfloat16.",
]


def report(found: dict[str, Any], folder: Path, console: Console) -> None:
    """Write encoding.json and encoding.md, and print the tables."""
    found = {"date": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine(), **found}
    found["bars"] = _bars(found)
    (folder / "encoding.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    unique, whole, cache = found["unique"], found["whole"], found["cache"]
    tables = {
        f"{unique['texts']:,} distinct texts, empty cache": _rows(unique["runs"], unique["texts"]),
        f"{whole['texts']:,} texts, {whole['distinct']:,} distinct": _rows(whole["runs"], whole["texts"]),
        f"The cache, {cache['rows']:,} vectors": _cache(cache),
        "Bars": _bar_rows(found["bars"]),
    }
    text = [f"# encoding: benchmark\n\n{found['machine']}; {found['date']}.\n"]
    for title, rows in tables.items():
        print_table(title, rows, console)
        text.append(f"## {title}\n\n{markdown(rows)}\n")
    text.append("\n".join(f"- {note}" for note in _NOTES) + "\n")
    (folder / "encoding.md").write_text("\n".join(text), "utf-8")
    console.print(f"[dim]{folder / 'encoding.md'}[/dim]")


def _rows(runs: dict[str, dict[str, Any]], texts: int) -> Rows:
    rows = [["run", "precision", *_PARTS, "texts/s", "encoded", "peak MB", "load"]]
    for name, run in runs.items():
        seconds = [f"{run[part]:.2f}" for part in _PARTS]
        encoded = f"{run['effort']['encoded']:,}" if "effort" in run else f"{texts:,}"
        rate = f"{texts / run['encoding']:,.0f}"
        told = [rate, encoded, f"{run['peak_mb']:,.0f}", f"{run['load']:.1f}"]
        rows.append([name, run.get("precision", "fp32"), *seconds, *told])
    return rows


def _cache(cache: dict[str, float]) -> Rows:
    return [["store s", "find s", "read s"], [f"{cache[part]:.2f}" for part in ("store", "find", "read")]]


def _bars(found: dict[str, Any]) -> list[dict[str, Any]]:
    unique, whole = found["unique"], found["whole"]
    alone = {name: run["encoding"] for name, run in unique["runs"].items()}
    job = {name: run["encoding"] for name, run in whole["runs"].items()}
    cosines = [unique["least_cosine"][OURS], whole["least_cosine"][OURS]]
    return [
        _at_least("distinct texts: times as fast", alone[THEIRS] / alone[OURS], UNIQUE_BAR),
        _at_least("all articles: times as fast", job[THEIRS] / job["first"], WHOLE_BAR),
        _at_most("1 % of the texts changed / first", job["changed"] / job["first"], CHANGED_BAR),
        _at_least("least cosine to sentence-transformers", min(cosines), COSINE_BAR),
        _at_least("least cosine, another history", whole["least_cosine"]["other history"], HISTORY_BAR),
        _at_least("unchanged: equal bytes", float(whole["unchanged_bytes_equal"]), 1.0),
        _at_most("unchanged: encoded", whole["runs"]["unchanged"]["effort"]["encoded"], 0.0),
    ]


def _at_least(name: str, value: float, limit: float) -> dict[str, Any]:
    return {"bar": name, "value": value, "limit": f"at least {limit:g}", "passed": value >= limit}


def _at_most(name: str, value: float, limit: float) -> dict[str, Any]:
    return {"bar": name, "value": value, "limit": f"at most {limit:g}", "passed": value <= limit}


def _bar_rows(bars: list[dict[str, Any]]) -> Rows:
    told = [
        [bar["bar"], f"{bar['value']:.5g}", bar["limit"], "pass" if bar["passed"] else "FAIL"] for bar in bars
    ]
    return [["bar", "value", "limit", ""], *told]
