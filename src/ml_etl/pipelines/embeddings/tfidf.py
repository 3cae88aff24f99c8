"""TF-IDF of the texts: which words tell articles apart."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from ml_etl.pipelines.embeddings.params import EmbeddingsParams


def tfidf(articles: pd.DataFrame, params: EmbeddingsParams) -> tuple[csr_matrix, dict[str, Any]]:
    """The matrix (articles × words, float64, unit rows), and its vocabulary: words by column, and their idf.

    Words are counted over distinct texts: hundreds of articles of one text make its words no commoner. An
    article without a text has an empty row. Source: scikit-learn's TfidfVectorizer, sublinear tf, smooth idf.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    codes, distinct = pd.factorize(articles["text"], sort=True)
    vectorizer = TfidfVectorizer(
        sublinear_tf=True,
        min_df=params.tfidf.min_texts,
        max_features=params.tfidf.max_words,
        ngram_range=(1, params.tfidf.longest_ngram),
    )
    try:
        weights = vectorizer.fit_transform(distinct)
    except ValueError:  # no word is in enough texts
        return csr_matrix((len(articles), 0)), {"words": [], "idf": []}
    words = {"words": vectorizer.get_feature_names_out().tolist(), "idf": vectorizer.idf_.tolist()}
    return _sorted(csr_matrix(weights[codes])), words


def _sorted(matrix: csr_matrix) -> csr_matrix:
    matrix.sort_indices()
    matrix.indices, matrix.indptr = matrix.indices.astype(np.int32), matrix.indptr.astype(np.int64)
    return matrix
