"""TF-IDF as scikit-learn defines it (sublinear tf, smooth idf, unit length), idf told from chosen rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np

TOKEN = r"\w+(?:['’]\w+)?"


@dataclass(frozen=True)
class Counts:
    """How often each term is in each text: CSR int32, texts × terms; terms in alphabetical order."""

    matrix: Any
    terms: list[str]


def count(texts: list[str], ngrams: int, min_texts: int, max_terms: int) -> Counts:
    """Terms of 1 to `ngrams` words that at least `min_texts` texts have; the `max_terms` commonest."""
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(
        lowercase=False,
        token_pattern=TOKEN,
        ngram_range=(1, ngrams),
        min_df=min_texts,
        max_features=max_terms,
        dtype=np.int32,
    )
    try:
        matrix = counter.fit_transform(texts)
    except ValueError:  # no text, or no term common enough: the library calls it an error
        return Counts(csr_matrix((len(texts), 0), dtype=np.int32), [])
    return Counts(matrix, counter.get_feature_names_out().tolist())


def idf(counts: Any, min_texts: int) -> np.ndarray:
    """float64 per term: ln((1 + n) / (1 + df)) + 1 over these rows; 0 where df < `min_texts`."""
    texts = counts.shape[0]
    having = np.bincount(counts.indices, minlength=counts.shape[1])
    return np.where(having >= min_texts, np.log((1 + texts) / (1 + having)) + 1, 0.0)


def weighted(counts: Any, idf: np.ndarray) -> Any:
    """CSR float64: (1 + ln tf) · idf, each row of unit length; a row without a known term is all 0."""
    matrix = counts.astype(np.float64)
    matrix.data = (1 + np.log(matrix.data)) * idf[matrix.indices]
    squares = np.add.reduceat(np.append(matrix.data**2, 0.0), matrix.indptr[:-1])
    squares[np.diff(matrix.indptr) == 0] = 0.0
    length = np.sqrt(squares)
    matrix.data /= np.repeat(np.where(length == 0, 1.0, length), np.diff(matrix.indptr))
    return matrix
