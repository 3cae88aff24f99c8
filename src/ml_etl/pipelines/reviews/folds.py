"""Folds by article, and what a fold's model must not have seen."""

import numpy as np


def folds_of(articles: np.ndarray, folds: int) -> np.ndarray:
    """int64 per review: the fold of its article, 0 up to at most `folds` − 1.

    Articles go, most reviews first, each into the fold that has the fewest; ties by id, then by fold.
    """
    names, inverse, counts = np.unique(articles, return_inverse=True, return_counts=True)
    filled = np.zeros(min(folds, max(len(names), 1)), dtype=np.int64)
    fold_of = np.zeros(len(names), dtype=np.int64)
    for article in np.lexsort((np.arange(len(names)), -counts)):
        fold_of[article] = np.argmin(filled)
        filled[fold_of[article]] += counts[article]
    return fold_of[inverse]


def trainable(fold: int, folds: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """bool per review: of another article than the fold's, and of a text that none in the fold equals.

    `texts` numbers equal texts alike. Taking such reviews out of training, rather than joining articles that
    share a text into one fold, keeps folds even: "Great!" alone would join hundreds of articles.
    """
    inside = folds == fold
    return ~inside & ~np.isin(texts, texts[inside])
