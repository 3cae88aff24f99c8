"""How often each term is in each text: counted once per distinct text, in processes where there are many."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ml_etl.pipelines.reviews.chunks import by_chunks

_CHUNK = 50_000
"""Texts that are counted together: their terms are told apart once more when all counts come together."""


@dataclass(frozen=True)
class Counts:
    """CSR int32, texts × terms; terms in alphabetical order."""

    matrix: Any
    terms: list[str]


@dataclass(frozen=True)
class Wanted:
    """Which terms are kept: of 1 to `ngrams` words, in at least `min_texts` texts, the `limit` commonest; of
    equally common ones those first in the alphabet."""

    token_pattern: str
    ngrams: int = 1
    min_texts: int = 1
    limit: int | None = None


def count(texts: Sequence[str], wanted: Wanted, texts_per_process: int) -> Counts:
    """The counts of every text's terms; a text without a term has an empty row."""
    from scipy.sparse import csr_matrix, vstack

    rows, distinct = pd.factorize(np.asarray(texts, dtype=object))
    parts = by_chunks(_count, distinct.tolist(), texts_per_process, wanted, chunk=_CHUNK)
    if not parts:
        return Counts(csr_matrix((0, 0), dtype=np.int32), [])
    column, terms = pd.factorize(np.concatenate([terms for _matrix, terms in parts]))
    ends = np.cumsum([len(terms) for _matrix, terms in parts])[:-1]
    columns = np.split(column.astype(np.int32), ends)
    shape = (len(distinct), len(terms))
    matrix = vstack([_renamed(m, of, shape[1]) for (m, _terms), of in zip(parts, columns, strict=True)])
    kept = _kept(matrix, np.bincount(rows), terms, wanted)
    chosen = _renamed(matrix, _places(kept, shape[1]), len(kept))[rows]
    chosen.sort_indices()
    return Counts(chosen, terms[kept].tolist())


def _count(texts: Sequence[str], wanted: Wanted) -> tuple[Any, np.ndarray]:
    """All terms of some texts (object array), and how often each is in each."""
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(
        lowercase=False, token_pattern=wanted.token_pattern, ngram_range=(1, wanted.ngrams), dtype=np.int32
    )
    try:
        matrix = counter.fit_transform(texts)
    except ValueError:  # the library calls it an error that no text has a term
        return csr_matrix((len(texts), 0), dtype=np.int32), np.empty(0, dtype=object)
    return matrix, counter.get_feature_names_out()


def _kept(matrix: Any, copies: np.ndarray, terms: np.ndarray, wanted: Wanted) -> np.ndarray:
    """The columns that are kept, their terms in alphabetical order; row i stands for so many equal texts."""
    weights = np.repeat(copies, np.diff(matrix.indptr))
    texts = np.bincount(matrix.indices, weights, minlength=len(terms))
    common = np.flatnonzero(texts >= wanted.min_texts)
    alphabetical = common[np.argsort(terms[common], kind="stable")]
    if wanted.limit is None or len(common) <= wanted.limit:
        return alphabetical
    times = np.bincount(matrix.indices, weights * matrix.data, minlength=len(terms))
    best = np.argsort(-times[alphabetical], kind="stable")[: wanted.limit]
    return alphabetical[np.sort(best)]


def _places(kept: np.ndarray, columns: int) -> np.ndarray:
    """int32 per column: its place among those that are kept, −1 for the others."""
    places = np.full(columns, -1, np.int32)
    places[kept] = np.arange(len(kept), dtype=np.int32)
    return places


def _renamed(matrix: Any, columns: np.ndarray, width: int) -> Any:
    """The matrix with these columns in place of its own, and without those that are −1."""
    from scipy.sparse import csr_matrix

    named = columns[matrix.indices]
    there = named >= 0
    if there.all():
        return csr_matrix((matrix.data, named, matrix.indptr), shape=(matrix.shape[0], width))
    indptr = np.append(0, np.cumsum(there, dtype=np.int64))[matrix.indptr]
    return csr_matrix((matrix.data[there], named[there], indptr), shape=(matrix.shape[0], width))
