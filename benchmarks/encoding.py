"""Measure encoding texts against `SentenceTransformer.encode` as everyone calls it.

`python benchmarks/encoding.py [--unique 6000] [--runs 3] [--work FOLDER]`. The texts are those of the demo
shop's articles. Every run is a process of its own and the contenders take turns. What is told is the rate on
unique texts, the whole job (all articles), the same again with 1 % of the texts changed, and the cache.
Results: benchmarks/results/encoding.json and encoding.md.
"""

import argparse
import json
import os
import random
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from encoding_report import report
from process import measured
from rich.console import Console

RESULTS = Path(__file__).parent / "results"
THEIRS, OURS, EXACT = "sentence-transformers", "ml_etl auto", "ml_etl fp32"
SEED = 2024
console = Console(stderr=True)
_MEDIANS = ("imports", "loading", "encoding", "peak_mb", "load")
Run = dict[str, Any]


def main() -> None:
    """Measure, compare, report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--unique", default=6000, type=int, help="how many of the distinct texts")
    parser.add_argument("--runs", default=3, type=int, help="runs of each contender on unique texts")
    parser.add_argument("--work", type=Path, help="folder for texts and vectors; default: the system's")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=asked.work) as folder:
        bench = Bench(Path(folder))
        texts = bench.texts()
        found = {
            "unique": bench.unique(texts, asked.unique, asked.runs),
            "whole": bench.whole(texts),
            "cache": bench.cache(),
        }
    RESULTS.mkdir(exist_ok=True)
    report(found, RESULTS, Console())


class Bench:
    """The folder everything lies in, and the measurements."""

    def __init__(self, work: Path):
        self._work = work
        self._count = 0

    def texts(self) -> list[str]:
        """The demo shop's articles, in the order of their numbers; without those that have no text."""
        console.print("the demo shop's articles ...")
        data, path = self._work / "data", self._work / "articles.json"
        settings = {"ML_ETL_DATA": str(data)}
        run = ["-m", "kedro", "run", "--pipelines", "articles"]
        measured(run, self._work / "articles.log", settings)
        measured(["-c", _ARTICLES, str(path)], self._work / "texts.log", settings)
        return json.loads(path.read_text("utf-8"))

    def unique(self, texts: list[str], count: int, runs: int) -> dict[str, Any]:
        """Distinct texts from an empty cache, the contenders in turns; medians."""
        chosen = sorted(set(texts))
        random.Random(SEED).shuffle(chosen)
        chosen = chosen[:count]
        self._encode(OURS, chosen[:10], self._work / "auto.db")  # so that auto is decided
        found: dict[str, list[Run]] = {THEIRS: [], OURS: [], EXACT: []}
        for turn in range(runs):
            for who, measurements in found.items():
                measurements.append(self._encode(who, chosen, self._work / f"unique-{turn}-{who[-4:]}.db"))
        cosines = {who: _cosines(found[THEIRS][0], found[who][0]) for who in (OURS, EXACT)}
        medians = {who: _median(measurements) for who, measurements in found.items()}
        return {"texts": len(chosen), "runs": medians, "least_cosine": cosines}

    def whole(self, texts: list[str]) -> dict[str, Any]:
        """All articles; again, unchanged; then with 1 % of the texts changed, and of the articles."""
        draw, distinct = random.Random(SEED), sorted(set(texts))
        new = {text: f"{text} Now in a box." for text in draw.sample(distinct, len(distinct) // 100)}
        changed = [new.get(text, text) for text in texts]
        moved = list(texts)
        for position in draw.sample(range(len(texts)), len(texts) // 100):
            moved[position] += f" Now in box {position}."
        cache = self._work / "whole.db"
        found = {
            THEIRS: self._encode(THEIRS, texts, None),
            "first": self._encode(OURS, texts, cache),
            "unchanged": self._encode(OURS, texts, cache),
            "changed": self._encode(OURS, changed, cache),
            "changed articles": self._encode(OURS, moved, cache),
            "other history": self._encode(OURS, moved, self._work / "other.db"),
        }
        equal = found["first"]["vectors"].read_bytes() == found["unchanged"]["vectors"].read_bytes()
        return {
            "texts": len(texts),
            "distinct": len(set(texts)),
            "runs": {name: _told(run) for name, run in found.items()},
            "unchanged_bytes_equal": equal,
            "least_cosine": {
                OURS: _cosines(found[THEIRS], found["first"]),
                "other history": _cosines(found["changed articles"], found["other history"]),
            },
        }

    def cache(self) -> dict[str, float]:
        """Seconds to store and to read 100,000 vectors of 384 numbers."""
        command = ["benchmarks/cache_speed.py", str(self._work / "speed.db")]
        return json.loads(measured(command, self._work / "cache.log").output.splitlines()[-1])

    def _encode(self, who: str, texts: list[str], cache: Path | None) -> Run:
        self._count += 1
        given, made = (self._work / f"{self._count}.{end}" for end in ("json", "npy"))
        given.write_text(json.dumps(texts), "utf-8")
        command = ["benchmarks/encode_texts.py", who, str(given), str(made), *([str(cache)] if cache else [])]
        load = os.getloadavg()[0]
        finished = measured(command, self._work / f"{self._count}.log")
        told = json.loads(finished.output.splitlines()[-1])
        rate = len(texts) / told["encoding"]
        console.print(f"  {who}: {len(texts):,} texts in {told['encoding']:.1f} s, {rate:,.0f}/s")
        return {**told, "peak_mb": finished.peak_bytes / 1e6, "load": load, "vectors": made}


_ARTICLES = """
import json, sys
from pathlib import Path
from ml_etl import released
texts = released("articles").read().order_by("article_id").select("text").to_pandas()["text"]
Path(sys.argv[1]).write_text(json.dumps([text for text in texts if text]), "utf-8")
"""


def _median(runs: list[Run]) -> Run:
    told = _told(runs[0])
    return {**told, **{key: median(run[key] for run in runs) for key in _MEDIANS}}


def _told(run: Run) -> Run:
    return {key: value for key, value in run.items() if key != "vectors"}


def _cosines(one: Run, other: Run) -> float:
    """The least cosine of any row of one with the same row of the other; in parts, to stay small."""
    rows, others = (np.load(run["vectors"], mmap_mode="r") for run in (one, other))
    return min(
        float(_cosine(rows[start : start + 4096], others[start : start + 4096]).min())
        for start in range(0, len(rows), 4096)
    )


def _cosine(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(others, axis=1)
    return np.sum(rows.astype(np.float64) * others, axis=1) / lengths


if __name__ == "__main__":
    main()
