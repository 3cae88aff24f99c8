"""The index of a space's distinct contents: usearch's HNSW, where exact search would be slow."""

from typing import Any

from ml_etl.absent import Absent
from ml_etl.pipelines.embeddings.params import EmbeddingsParams, IndexParams
from ml_etl.pipelines.embeddings.space import Space


def build_index(space: Space | Absent, params: EmbeddingsParams) -> Any:
    """A usearch Index over the space's vectors, or Absent with the reason.

    Its keys are positions of articles (each content's first one), by id. Built by one thread, so that equal
    vectors give equal bytes. Source: Malkov, Yashunin 2018, "Efficient and robust approximate nearest
    neighbor search using hierarchical navigable small world graphs".
    """
    if isinstance(space, Absent):
        return space
    if len(space) < params.index.hnsw_from:
        return Absent(
            f"{len(space):,} distinct contents are searched exactly; an index is built from "
            f"{params.index.hnsw_from:,}"
        )
    index = _empty(space.vectors.shape[1], params.index)
    index.add(space.first, space.vectors, threads=1, copy=True)
    return index


def _empty(dim: int, params: IndexParams) -> Any:
    from usearch.index import Index

    return Index(
        ndim=dim,
        metric="cos",
        dtype="f32",
        connectivity=params.connectivity,
        expansion_add=params.expansion_add,
        expansion_search=params.expansion_search,
    )
