"""Words: the BM25 scores of every word in every review, as a search adds them up."""

from typing import Any

import numpy as np
import pandas as pd

from ml_etl.pipelines.reviews.params import ReviewsParams, SearchParams
from ml_etl.pipelines.reviews.terms import Wanted, count

TOKEN = r"(?u)\b\w+\b"
_METHOD = "lucene"


def bm25(texts: pd.DataFrame, params: ReviewsParams) -> tuple[Any, dict[str, Any]]:
    """Scores (CSC float32, reviews × words; row i of the main table) and the words with their columns.

    A query's score is the sum of its words' columns. No word is left out: "too" is what a complaint is about.
    """
    counts = count(texts["text_clean"].tolist(), Wanted(TOKEN))
    words = {word: column for column, word in enumerate(counts.terms)}
    return scores(counts.matrix, params.search), {
        "method": _METHOD,
        "k1": params.search.bm25_k1,
        "b": params.search.bm25_b,
        "token_pattern": TOKEN,
        "of": "text_clean: lower case, without URLs, spaces folded",
        "words": words,
    }


def scores(counts: Any, params: SearchParams) -> Any:
    """CSC float32: idf · tf / (tf + k1 · (1 − b + b · length / mean length)).

    idf = ln(1 + (n − df + ½) / (df + ½)); a length is a text's words.

    Source: Lucene's BM25Similarity, as Kamphuis et al. (2020) write it.
    """
    from scipy.sparse import csr_matrix

    texts, lengths = counts.shape[0], np.asarray(counts.sum(axis=1), dtype=np.float64).ravel()
    having = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log1p((texts - having + 0.5) / (having + 0.5))
    mean = lengths.mean() if texts else 0.0
    usual = params.bm25_k1 * (1 - params.bm25_b + params.bm25_b * lengths / (mean or 1.0))
    tf = counts.data.astype(np.float64)
    data = idf[counts.indices] * tf / (tf + np.repeat(usual, np.diff(counts.indptr)))
    return csr_matrix((data.astype(np.float32), counts.indices, counts.indptr), shape=counts.shape).tocsc()
