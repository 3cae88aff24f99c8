"""The articles to embed, and the table that says which row of which matrix is whose."""

from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
from ibis import _

from ml_etl.absent import Absent
from ml_etl.pipelines.embeddings.space import numbered

SPACES = ("text", "image", "fused")


def articles_to_embed(contents: ir.Table) -> ir.Table:
    """The end of the lazy part: one row per article, in the order of the ids: that of every matrix."""
    return contents.order_by("article_id")


def table(
    articles: pd.DataFrame,
    text_facts: dict[str, Any],
    image_facts: dict[str, Any],
    fused_facts: dict[str, Any],
    text: np.ndarray | Absent,
    image: np.ndarray | Absent,
    fused: np.ndarray | Absent,
) -> pa.Table:
    """One row per article: its row in each matrix (null: none) or why there is none, and whose is equal."""
    facts = {"text": text_facts, "image": image_facts, "fused": fused_facts}
    matrices = {"text": text, "image": image, "fused": fused}
    columns: dict[str, pa.Array] = {
        "article_id": pa.array(articles["article_id"], pa.string()),
        "content_hash": pa.array(articles["content_hash"], pa.string()),
        "is_merchandise": pa.array(articles["is_merchandise"], pa.bool_()),
    }
    for space in SPACES:
        columns[f"equal_{space}_as"] = _first_equal(articles, matrices[space], facts[space])
    for space in SPACES:
        columns[f"{space}_row"] = _rows(facts[space]["has_vector"])
    for space in ("text", "image"):
        columns[f"{space}_problem"] = _problems(facts[space]["problems"], len(articles))
    return pa.table(columns)


def _first_equal(articles: pd.DataFrame, matrix: np.ndarray | Absent, facts: dict[str, Any]) -> pa.Array:
    """The smallest id among the articles of equal vectors; null where there is none.

    Contents are told apart as where neighbours are looked for: who is one with another there is marked here.
    """
    named = np.full(len(articles), None, object)
    if not isinstance(matrix, Absent):
        ids = articles["article_id"].to_numpy()[facts["has_vector"]]
        first, content_of = numbered(np.asarray(matrix))
        named[facts["has_vector"]] = ids[first][content_of]
    return pa.array(named, pa.string())


def _rows(has_vector: np.ndarray) -> pa.Array:
    """Consecutive numbers for those that have a vector, in the articles' order."""
    return pa.array(np.cumsum(has_vector) - 1, pa.int32(), mask=~has_vector)


def _problems(problems: dict[int, str], n: int) -> pa.Array:
    return pa.array([problems.get(position) for position in range(n)], pa.string())


def select_rows(before: ir.Table | Absent) -> ir.Table | Absent:
    """The end of the lazy part: which row of the text matrix was whose in the release before."""
    if isinstance(before, Absent):
        return before
    return before.select("article_id", "content_hash", "text_row").order_by(_.article_id)


def nothing(articles: int, reason: str) -> dict[str, Any]:
    """The facts of a space that does not exist."""
    return {"has_vector": np.zeros(articles, bool), "problems": {}, "absent": Absent(reason)}
