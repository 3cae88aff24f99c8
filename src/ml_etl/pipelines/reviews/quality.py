"""How well the sentiments tell four and five stars from one and two."""

from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

_LOW, _HIGH = 2, 4
_CUTS = {"vader_compound": 0.05, "learned_sentiment": 0.5}
"""From where on a sentiment counts as positive."""
_MEASURES = ("auc", "balanced_accuracy", "accuracy", "accuracy_always_positive")


def judged(reviews: ir.Table) -> ir.Table:
    """The end of the lazy part: rating and sentiments of every review with a rating that takes a side."""
    sided = reviews.filter((reviews.rating <= _LOW) | (reviews.rating >= _HIGH))
    return sided.select("review_id", "rating", *_CUTS).order_by("review_id")


def quality(judged: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Per sentiment its AUC and balanced accuracy, and what always saying "positive" would get.

    Only reviews that have the sentiment count; null where one side has none.
    """
    return {name: _of(judged, name, cut) for name, cut in _CUTS.items()}


def _of(judged: pd.DataFrame, name: str, cut: float) -> dict[str, Any]:
    there = judged[judged[name].notna()]
    good = (there["rating"] >= _HIGH).to_numpy(dtype=bool)
    told = {"reviews": len(there), "positive_cut": cut}
    if good.all() or not good.any():
        return {**told, **dict.fromkeys(_MEASURES)}
    from sklearn.metrics import roc_auc_score

    said = there[name].to_numpy(dtype=float)
    right = (said >= cut) == good
    measured = (
        roc_auc_score(good, said),
        right[good].mean() / 2 + right[~good].mean() / 2,
        right.mean(),
        good.mean(),
    )
    return {**told, **dict(zip(_MEASURES, map(_short, measured), strict=True))}


def _short(share: np.floating | float) -> float:
    return round(float(share), 4)
