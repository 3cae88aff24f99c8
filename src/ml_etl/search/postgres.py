"""The same vectors in Postgres, for services that can't read files: written whole, searched by pgvector."""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from ml_etl.encoders import encoder_of
from ml_etl.engine.pgvector import VectorTable
from ml_etl.errors import UsageError
from ml_etl.search.hits import Found, Hit
from ml_etl.search.words import matched_words
from ml_etl.store.reader import ReleasedDataset, released

TABLES = {"articles": "article_vectors", "reviews": "review_vectors"}


def publish(url: str, env: str | None = None) -> Iterator[tuple[str, int, str]]:
    """Write the current releases' text vectors; gives (table, rows, version) of each.

    Raises:
        UsageError: neither embeddings nor reviews are released.
        SourceUnreachable: Postgres can't be reached.
    """
    done = False
    for dataset, rows_of in (("embeddings", _articles), ("reviews", _reviews)):
        release = _released(dataset, env)
        if release is None:
            continue
        name, ids, texts, also, vectors = rows_of(release, env)
        table = VectorTable(url, name)
        yield name, table.publish(ids, texts, also, vectors, release.version), release.version
        done = True
    if not done:
        raise UsageError("Neither embeddings nor reviews are released. `kedro run` releases both.")


def search(query: str, dataset: str, top: int, url: str, env: str | None = None) -> Found:
    """The published rows nearest to a text, by the model of the current release."""
    encoder: Any = encoder_of(_model(dataset, env))
    vector = encoder.encode([query]).vectors[0]
    began = time.perf_counter()
    rows = VectorTable(url, TABLES[dataset]).nearest(vector, top)
    hits = [Hit(i, cosine, text, matched_words(query, text)) for i, cosine, text in rows]
    return Found(hits, f"{dataset} in Postgres ({TABLES[dataset]})", seconds=time.perf_counter() - began)


def _model(dataset: str, env: str | None) -> dict[str, Any]:
    """The card of the model that made the vectors of the current release."""
    if dataset == "articles":
        return released("embeddings", env=env).read("card")["spaces"]["text"]
    return released("reviews", env=env).read("vector_card")["model"]


Rows = tuple[str, list[str], list[str], list[list[str]], np.ndarray]


def _articles(release: ReleasedDataset, env: str | None) -> Rows:
    """One row per text of the merchandise that the model tells apart, with the ids of all articles of it."""
    table = release.read()
    known = table.filter(table.is_merchandise & table.text_row.notnull())
    contents = released("articles", version=release.manifest.inputs["releases"]["articles"], env=env)
    text = contents.read("contents").select("article_id", "text")
    frame = known.join(text, "article_id").order_by("article_id").to_pandas()
    groups = frame.groupby("equal_text_as", sort=True)
    first = groups.first()
    also = groups["article_id"].agg(list)
    vectors = np.asarray(release.read("text")[first["text_row"].to_numpy(np.int64)])
    return TABLES["articles"], first["article_id"].tolist(), first["text"].tolist(), also.tolist(), vectors


def _reviews(release: ReleasedDataset, env: str | None) -> Rows:
    """One row per distinct text, with the ids of all reviews that have it."""
    frame = (
        release.read().order_by("review_id").select("review_id", "sentiment_text", "has_vector").to_pandas()
    )
    frame["row"] = np.arange(len(frame))
    groups = frame[frame["has_vector"]].groupby("sentiment_text", sort=False)
    first = groups.first()
    also = groups["review_id"].agg(list)
    vectors = np.asarray(release.read("vectors")[first["row"].to_numpy(np.int64)])
    return TABLES["reviews"], first["review_id"].tolist(), first.index.tolist(), also.tolist(), vectors


def _released(dataset: str, env: str | None) -> ReleasedDataset | None:
    try:
        return released(dataset, env=env)
    except UsageError:
        return None
