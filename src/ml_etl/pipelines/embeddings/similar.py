"""similar_articles: for each article of the merchandise, its nearest others in each space."""

import numpy as np
import pandas as pd
import pyarrow as pa

from ml_etl.absent import Absent
from ml_etl.pipelines.embeddings.articles import SPACES
from ml_etl.pipelines.embeddings.neighbours import Neighbours
from ml_etl.pipelines.embeddings.space import Space

SCHEMA = pa.schema(
    {
        "article_id": pa.string(),
        "space": pa.string(),
        "rank": pa.int32(),
        "similar_article_id": pa.string(),
        "cosine": pa.float32(),
        "same_product_code": pa.bool_(),
    }
)


def similar_articles(
    articles: pd.DataFrame,
    text_space: Space | Absent,
    image_space: Space | Absent,
    fused_space: Space | Absent,
    text_neighbours: Neighbours | Absent,
    image_neighbours: Neighbours | Absent,
    fused_neighbours: Neighbours | Absent,
) -> pa.Table:
    """One row per (article_id, space, rank); a content stands for its articles by the smallest id.

    Articles of the very same content are no neighbours; the main table's `equal_text_as`, `equal_image_as`
    and `equal_fused_as` tell them.
    """
    spaces = (text_space, image_space, fused_space)
    found = (text_neighbours, image_neighbours, fused_neighbours)
    tables = [SCHEMA.empty_table()]
    for name, space, neighbours in zip(SPACES, spaces, found, strict=True):
        if isinstance(space, Space) and isinstance(neighbours, Neighbours):
            tables.append(_of_space(name, articles, space, neighbours))
    return pa.concat_tables(tables)


def _of_space(name: str, articles: pd.DataFrame, space: Space, neighbours: Neighbours) -> pa.Table:
    others = neighbours.contents[space.content_of]
    there = others.ravel() >= 0
    article = np.repeat(space.members, others.shape[1])[there]
    similar = space.first[others.ravel()[there]]
    ids = pa.array(articles["article_id"], pa.string())
    codes = articles["product_code"].fillna("").to_numpy(str)
    columns = {
        "article_id": ids.take(pa.array(article)),
        "space": pa.repeat(name, len(article)).cast(pa.string()),
        "rank": pa.array(np.tile(np.arange(1, others.shape[1] + 1, dtype=np.int32), len(others))[there]),
        "similar_article_id": ids.take(pa.array(similar)),
        "cosine": pa.array(neighbours.cosines[space.content_of].ravel()[there]),
        "same_product_code": pa.array((codes[article] == codes[similar]) & (codes[article] != "")),
    }
    return pa.table(columns, schema=SCHEMA)
