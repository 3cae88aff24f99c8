"""How far each article's vector has moved since the release before."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ml_etl.absent import Absent

SCHEMA = pa.schema(
    {"article_id": pa.string(), "content_changed": pa.bool_(), "cosine_to_previous": pa.float32()}
)
_MOVED = 0.9999
"""Equal contents by another cache's history agree to this cosine."""


def drift(
    articles: pd.DataFrame,
    text: np.ndarray,
    text_facts: dict[str, Any],
    before: pd.DataFrame | Absent,
    text_before: np.ndarray | Absent,
) -> tuple[pa.Table, dict[str, Any]]:
    """One row per article with a text vector now and before, and what that says as a whole."""
    reason = _incomparable(text, before, text_before)
    if reason or isinstance(before, Absent):
        return SCHEMA.empty_table(), {"compared": 0, "reason": reason}
    now = articles.assign(row=_rows(text_facts["has_vector"]))[["article_id", "content_hash", "row"]]
    both = now.merge(before, on="article_id", suffixes=("", "_before"))
    both = both[both["row"].notna() & both["text_row"].notna()].sort_values("article_id")
    new, old = both["row"].to_numpy(np.int64), both["text_row"].to_numpy(np.int64)
    cosines = np.einsum("ij,ij->i", np.asarray(text)[new], np.asarray(text_before)[old])
    changed = (both["content_hash"] != both["content_hash_before"]).to_numpy(bool)
    rows = [
        pa.array(both["article_id"], pa.string()),
        pa.array(changed),
        pa.array(np.round(cosines, 6).astype(np.float32)),
    ]
    return pa.table(rows, schema=SCHEMA), _as_a_whole(cosines, changed)


def _incomparable(text: np.ndarray, before: pd.DataFrame | Absent, text_before: np.ndarray | Absent) -> str:
    if isinstance(before, Absent) or isinstance(text_before, Absent):
        return "there is no release before"
    if text.shape[1] != text_before.shape[1]:
        return f"the release before has {text_before.shape[1]} dimensions, this one {text.shape[1]}"
    return ""


def _rows(has_vector: np.ndarray) -> np.ndarray:
    return np.where(has_vector, np.cumsum(has_vector) - 1.0, np.nan)


def _as_a_whole(cosines: np.ndarray, changed: np.ndarray) -> dict[str, Any]:
    moved = (cosines < _MOVED) & ~changed
    return {
        "compared": len(cosines),
        "content_changed": int(changed.sum()),
        "mean_cosine_of_changed": round(float(cosines[changed].mean()), 6) if changed.any() else None,
        "moved_without_change": int(moved.sum()),
    }
