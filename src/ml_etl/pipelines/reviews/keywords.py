"""Words: the BM25 scores of every word in every review, as a search adds them up."""

import logging
from typing import Any

import numpy as np
import pandas as pd

from ml_etl.pipelines.reviews.params import ReviewsParams

TOKEN = r"(?u)\b\w+\b"
_METHOD = "lucene"


def bm25(texts: pd.DataFrame, params: ReviewsParams) -> tuple[Any, dict[str, Any]]:
    """Scores (CSC float32, reviews × words; row i of the main table) and the words with their columns.

    A query's score is the sum of its words' columns. No word is left out: "too" is what a complaint is about.
    """
    import bm25s
    from scipy.sparse import csc_matrix

    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets its own to DEBUG
    search = params.search
    words = bm25s.tokenize(
        texts["text_clean"].tolist(), lower=False, token_pattern=TOKEN, stopwords=None, show_progress=False
    )
    about = {
        "method": _METHOD,
        "k1": search.bm25_k1,
        "b": search.bm25_b,
        "token_pattern": TOKEN,
        "of": "text_clean: lower case, without URLs, spaces folded",
    }
    if not any(len(ids) for ids in words.ids):
        return csc_matrix((len(texts), 0), dtype=np.float32), {**about, "words": {}}
    index = bm25s.BM25(k1=search.bm25_k1, b=search.bm25_b, method=_METHOD)
    index.index(words, show_progress=False)
    parts = tuple(index.scores[name] for name in ("data", "indices", "indptr"))
    columns = {word: int(column) for word, column in index.vocab_dict.items() if word}
    matrix = csc_matrix(parts, shape=(len(texts), len(parts[2]) - 1), dtype=np.float32)
    return matrix, {**about, "words": columns}
