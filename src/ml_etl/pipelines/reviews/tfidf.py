"""TF-IDF as scikit-learn defines it (sublinear tf, smooth idf, unit length), idf told from chosen rows."""

from typing import Any

import numpy as np

TOKEN = r"\w+(?:['’]\w+)?"


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
