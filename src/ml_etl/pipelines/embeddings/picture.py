"""The 2-D map of the text vectors: what a person looks at first."""

from typing import Any

import numpy as np
import pandas as pd

from ml_etl.absent import Absent
from ml_etl.pipelines.embeddings.params import EmbeddingsParams, MapParams
from ml_etl.pipelines.embeddings.space import Space

_GROUPS = 12
_OTHER = "other groups"
_COLOURS = (
    *("#4e79a7", "#f28e2b", "#e15759", "#76b7b2", "#59a14f", "#edc948"),
    *("#b07aa1", "#ff9da7", "#9c755f", "#1b9e77", "#7570b3", "#66a61e"),
)


def text_map(articles: pd.DataFrame, space: Space | Absent, params: EmbeddingsParams) -> dict[str, Any]:
    """A Plotly figure: a sample of distinct contents, placed by t-SNE, coloured by product group.

    Source: van der Maaten, Hinton 2008, "Visualizing data using t-SNE". Distances far apart mean little.
    """
    if isinstance(space, Absent):
        return _figure([], 0)
    rows = _sample(len(space), params.map)
    shown = articles.iloc[space.first[rows]]
    placed = _placed(space.vectors[rows], params.map)
    return _figure(_traces(shown, placed), len(rows))


def _sample(contents: int, params: MapParams) -> np.ndarray:
    if contents <= params.articles:
        return np.arange(contents)
    return np.sort(np.random.default_rng(params.seed).choice(contents, params.articles, replace=False))


def _placed(vectors: np.ndarray, params: MapParams) -> np.ndarray:
    """Two coordinates per vector; too few vectors for t-SNE are placed by their first two components."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    few = min(len(vectors), vectors.shape[1]) < 3 or len(vectors) <= 3 * params.perplexity
    if few:
        placed = np.zeros((len(vectors), 2))
        parts = min(2, *vectors.shape)
        placed[:, :parts] = PCA(parts, svd_solver="full").fit_transform(vectors)
        return placed
    reduced = PCA(min(50, *vectors.shape), svd_solver="full").fit_transform(vectors.astype(np.float64))
    tsne = TSNE(perplexity=params.perplexity, init="pca", random_state=params.seed, n_jobs=1)
    return tsne.fit_transform(reduced.astype(np.float32))


def _traces(shown: pd.DataFrame, placed: np.ndarray) -> list[dict[str, Any]]:
    """One trace per product group, the largest first; the small ones are grey."""
    group = shown["product_group_name"].fillna("unknown")
    largest = group.value_counts().sort_index().sort_values(ascending=False, kind="stable").index[:_GROUPS]
    group = group.where(group.isin(largest), _OTHER)
    colours = {_OTHER: "#dddddd"} | dict(zip(largest, _COLOURS, strict=False))
    names = [_OTHER, *largest] if (group == _OTHER).any() else [*largest]
    return [_trace(name, shown[group == name], placed[group == name], colours[name]) for name in names]


def _trace(name: str, shown: pd.DataFrame, placed: np.ndarray, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [round(float(x), 2) for x in placed[:, 0]],
        "y": [round(float(y), 2) for y in placed[:, 1]],
        "text": [f"{i}<br>{text[:80]}" for i, text in zip(shown["article_id"], shown["text"], strict=True)],
        "hovertemplate": "%{text}<extra>" + name + "</extra>",
        "marker": {"size": 5, "opacity": 0.75, "color": colour},
    }


def _figure(traces: list[dict[str, Any]], n: int) -> dict[str, Any]:
    axis = {"visible": False}
    return {
        "data": traces,
        "layout": {
            "title": {"text": f"Texts that mean the same lie together ({n:,} contents, t-SNE)"},
            "plot_bgcolor": "white",
            "xaxis": axis,
            "yaxis": axis | {"scaleanchor": "x"},
            "legend": {"itemsizing": "constant"},
        },
    }
