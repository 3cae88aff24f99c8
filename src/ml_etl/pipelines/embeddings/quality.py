"""How good the vectors are: what a person would ask before building on them."""

from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis import _

from ml_etl.absent import Absent
from ml_etl.pipelines.embeddings.neighbours import Neighbours, exact
from ml_etl.pipelines.embeddings.params import EmbeddingsParams, QualityParams
from ml_etl.pipelines.embeddings.space import Space


def measure_space(
    articles: pd.DataFrame,
    matrix: np.ndarray | Absent,
    space: Space | Absent,
    neighbours: Neighbours | Absent,
    index: Any,
    params: EmbeddingsParams,
) -> dict[str, Any]:
    """The measures of one space; `absent` with the reason where there is none."""
    if isinstance(space, Absent) or isinstance(neighbours, Absent) or isinstance(matrix, Absent):
        return {"absent": space.reason if isinstance(space, Absent) else "no neighbours"}
    k = params.quality.neighbours
    types = articles["product_type_name"].to_numpy()[space.first]
    near = neighbours.contents[:, :k]
    return {
        "rows": len(matrix),
        "dim": int(matrix.shape[1]),
        "not_finite": int((~np.isfinite(matrix)).any(axis=1).sum()),
        "zero_norm": int((np.linalg.norm(matrix, axis=1) == 0).sum()),
        "distinct_contents": len(space),
        "equal_to_another": len(space.members) - len(space),
        "mean_cosine": _mean_cosine(space.vectors),
        "hubness_skew": _skew(np.bincount(near[near >= 0], minlength=len(space))),
        f"purity_at_{k}": _purity(near, types),
        "purity_by_chance": _chance(types),
        f"index_recall_at_{k}": _index_recall(space, neighbours, index, params.quality),
    }


def _mean_cosine(vectors: np.ndarray) -> float | None:
    """Of all pairs of different contents: |Σv|² counts every pair twice, and each with itself once."""
    n, total = len(vectors), np.linalg.norm(vectors.sum(axis=0, dtype=np.float64)) ** 2
    return _round((total - n) / (n * (n - 1))) if n > 1 else None


def _skew(counts: np.ndarray) -> float | None:
    """Skewness of how often a content is another's neighbour; hubs make it large.

    Source: Radovanović, Nanopoulos, Ivanović 2010, "Hubs in space".
    """
    centred = counts - counts.mean()
    spread = np.sqrt((centred**2).mean())
    return _round((centred**3).mean() / spread**3) if spread > 0 else None


def _purity(near: np.ndarray, types: np.ndarray) -> float | None:
    """The share of neighbours of the same product type, where both have one."""
    codes = pd.factorize(types)[0]
    told = (near >= 0) & (codes[:, None] >= 0) & (codes[near] >= 0)
    return _round((codes[near] == codes[:, None])[told].mean()) if told.any() else None


def _chance(types: np.ndarray) -> float | None:
    """What purity contents drawn by chance would have."""
    shares = pd.Series(types).value_counts(normalize=True)
    return _round(float((shares**2).sum())) if len(shares) else None


def _index_recall(space: Space, neighbours: Neighbours, index: Any, params: QualityParams) -> float | None:
    """The share of a sample's exact neighbours that the index finds; null where search is exact."""
    if isinstance(index, Absent):
        return None
    rows, k = sample(len(space), params), params.neighbours
    wanted = exact(space.vectors[rows], space.vectors, k, rows).contents
    found = neighbours.contents[rows, :k]
    return _round(np.mean([len(set(a) & set(b)) / k for a, b in zip(wanted, found, strict=True)]))


def sample(contents: int, params: QualityParams) -> np.ndarray:
    """Numbers of contents to look at, ascending; all of them where there are few."""
    if contents <= params.sample:
        return np.arange(contents)
    chance = np.random.default_rng(params.seed)
    return np.sort(chance.choice(contents, params.sample, replace=False))


def bought_together(also_bought: ir.Table | Absent, params: EmbeddingsParams) -> ir.Table | Absent:
    """The end of the lazy part: the first neighbours by purchase of each article."""
    if isinstance(also_bought, Absent):
        return also_bought
    near = also_bought.filter(_.rank <= params.quality.neighbours)
    return near.select("article_id", "related_article_id", "rank").order_by("article_id", "rank")


def recall_of_bought(
    together: pd.DataFrame | Absent,
    articles: pd.DataFrame,
    space: Space | Absent,
    neighbours: Neighbours | Absent,
    params: EmbeddingsParams,
) -> dict[str, Any]:
    """Of what is bought with an article, the share among its neighbours: the mean over the articles.

    Things of one meal lie far apart in text: this is small where purchases complement one another.
    """
    if isinstance(together, Absent) or isinstance(space, Absent) or isinstance(neighbours, Absent):
        return {}
    content = pd.Series(space.content_of, articles["article_id"].to_numpy()[space.members])
    pairs = pd.DataFrame(
        {"own": together["article_id"].map(content), "other": together["related_article_id"].map(content)}
    ).dropna()
    pairs = pairs[pairs["own"] != pairs["other"]].drop_duplicates().astype(np.int64)
    if pairs.empty:
        return {}
    k = params.quality.neighbours
    near = neighbours.contents[pairs["own"], :k]
    hit = (near == pairs["other"].to_numpy()[:, None]).any(axis=1)
    return {
        f"recall_of_also_bought_at_{k}": _round(pd.Series(hit).groupby(pairs["own"].to_numpy()).mean().mean())
    }


def _round(value: float | np.floating) -> float:
    """Measures are told to so many digits: what sums in other orders agree on."""
    return round(float(value), 6)
