"""Recall, build time and search time of the index over 100,000 distinct vectors of real texts.

`python benchmarks/index.py [--contents 100000]`, after `kedro run --pipelines articles`. The texts are those
of the released articles, told apart by colours where there are too few; vectors are kept in the cache. Recall
is of the ten nearest of 1,000 contents, against exact search. Results: benchmarks/results/index.json.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import yaml

from ml_etl import config, released
from ml_etl.encoders.settings import settings_of
from ml_etl.encoders.text_encoder import text_encoder
from ml_etl.layout import PROJECT
from ml_etl.pipelines.embeddings.index import build_index
from ml_etl.pipelines.embeddings.neighbours import exact, find_neighbours
from ml_etl.pipelines.embeddings.params import EmbeddingsParams
from ml_etl.pipelines.embeddings.space import Space

COLOURS = ("", "red", "blue", "green", "black", "white", "yellow", "grey")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contents", type=int, default=100_000)
    count = parser.parse_args().contents
    space = _space(count)
    written = yaml.safe_load((PROJECT / "conf/base/parameters/embeddings.yml").read_text())["embeddings"]
    params = EmbeddingsParams.model_validate(written)
    began = time.perf_counter()
    index = build_index(space, params)
    built = time.perf_counter() - began
    rows = np.sort(np.random.default_rng(7).choice(len(space), 1000, replace=False))
    began = time.perf_counter()
    wanted = exact(space.vectors[rows], space.vectors, 10, rows).contents
    exactly = (time.perf_counter() - began) / len(rows)
    found = find_neighbours(space, index, params).contents[rows, :10]
    began = time.perf_counter()
    for row in rows:
        index.search(space.vectors[row], 10)
    searched = (time.perf_counter() - began) / len(rows)
    hits = [len(set(a) & set(b)) / 10 for a, b in zip(wanted.tolist(), found.tolist(), strict=True)]
    told = {
        "contents": len(space),
        "recall_at_10": round(float(np.mean(hits)), 4),
        "build_seconds": round(built, 1),
        "search_milliseconds": round(1000 * searched, 3),
        "exact_search_milliseconds": round(1000 * exactly, 3),
    }
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    (results / "index.json").write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps(told, indent=1))


def _space(count: int) -> Space:
    """Distinct vectors of texts; some texts of other colours may still be one vector."""
    texts = sorted(set(released("articles").read("contents").to_pandas()["text"]) - {""})
    wanted = [f"{colour} {text}".strip() for colour in COLOURS for text in texts]
    layout, settings = config.layout(), config.settings()["encoders"]["text"]
    encoder = text_encoder(settings_of(settings), layout.vectors, layout.precisions)
    vectors = np.unique(encoder.encode(wanted[: count + count // 50]).vectors, axis=0)
    vectors = vectors[np.random.default_rng(7).permutation(len(vectors))][:count]
    numbers = np.arange(len(vectors))
    return Space(numbers, numbers, numbers, np.ascontiguousarray(vectors))


if __name__ == "__main__":
    main()
