"""A release of embeddings, by article: which row is whose is told by its main table.

from ml_etl import released
from ml_etl.embeddings import similar, vectors

release = released("embeddings")
ids, matrix = vectors(release, "text")
similar(release, "1029743").to_pandas()
"""

from typing import TYPE_CHECKING

import ibis.expr.types as ir
from ibis import _

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from ml_etl.store.reader import ReleasedDataset


def vectors(release: "ReleasedDataset", space: str = "text") -> tuple["pd.Index", "np.ndarray"]:
    """Article ids, and the matrix (ids × dim, float32, unit rows, mapped into memory): row i is ids[i]'s.

    `space` is text, image or fused.

    Raises:
        UsageError: the release has no such space; the message says why.
    """
    import pandas as pd

    matrix = release.read(space)
    row = f"{space}_row"
    rows = release.read().filter(_[row].notnull()).order_by(row).select("article_id").to_pandas()
    return pd.Index(rows["article_id"]), matrix


def similar(release: "ReleasedDataset", article_id: str, space: str = "text") -> ir.Table:
    """The nearest other articles, nearest first, lazily; empty for what is no merchandise."""
    found = release.read("similar_articles").filter((_.article_id == article_id) & (_.space == space))
    return found.order_by("rank")
