"""Sentiment learned from the shop's own ratings: TF-IDF and logistic regression, four and five stars against
one and two, every review judged by a model that saw neither its article nor its text."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ml_etl.pipelines.reviews import tfidf
from ml_etl.pipelines.reviews.folds import folds_of, trainable
from ml_etl.pipelines.reviews.params import LearnedParams, ReviewsParams
from ml_etl.pipelines.reviews.terms import Counts, Wanted, count
from ml_etl.processes import processors

_LOW, _HIGH = 2, 4
_SCHEMA = pa.schema(
    [("review_id", pa.string()), ("learned_sentiment", pa.float64()), ("learned_fold", pa.int64())]
)


@dataclass(frozen=True)
class Linear:
    """A fitted model: idf and coefficient per term, and the intercept."""

    idf: np.ndarray
    coefficients: np.ndarray
    intercept: float

    def of(self, counts: Any) -> np.ndarray:
        """float64 per text: how likely it is one of four or five stars, had it to be that or one or two."""
        return 1 / (1 + np.exp(-(tfidf.weighted(counts, self.idf) @ self.coefficients + self.intercept)))


def learn(
    texts: pd.DataFrame, params: ReviewsParams
) -> tuple[pa.Table, dict[str, np.ndarray], dict[str, Any]]:
    """learned_sentiment and fold per review (out-of-fold), the models' arrays, and what they are about.

    The arrays are float64: coefficients and idf (models × terms), intercepts. Models are one per fold, in
    order, then one of all reviews, for texts to come.
    """
    said = texts[texts["text_clean"] != ""].reset_index(drop=True)
    own = params.learned
    wanted = Wanted(tfidf.TOKEN, own.ngrams, own.min_reviews_per_term, own.max_terms)
    counts = count(said["text_clean"].tolist(), wanted)
    articles = np.asarray(said["article_id"].tolist(), dtype=object).astype(str)
    folds = folds_of(articles, params.learned.folds)
    models, why = _models(said, counts, folds, params.learned)
    judged = _out_of_fold(said, counts, folds, models, params.learned)
    everyone = texts[["review_id"]].merge(judged, on="review_id", how="left")
    table = pa.Table.from_pandas(everyone, _SCHEMA, preserve_index=False)
    return table, _arrays(models, len(counts.terms)), _about(counts, models, why, params.learned)


def _models(
    said: pd.DataFrame, counts: Counts, folds: np.ndarray, params: LearnedParams
) -> tuple[list[Linear], str]:
    """One model per fold and one of all; none, and why, where a model would have too little to learn from."""
    rating = said["rating"].to_numpy(dtype=float, na_value=np.nan)
    labelled = (rating <= _LOW) | (rating >= _HIGH)
    texts = pd.factorize(said["text_clean"])[0]
    rows = [labelled & trainable(fold, folds, texts) for fold in range(folds.max(initial=0) + 1)]
    rows = [_sample(chosen, params) for chosen in (*rows, labelled)]
    good = rating >= _HIGH
    least = min(min(good[chosen].sum(), (~good[chosen]).sum()) for chosen in rows)
    if len(rows) < 3:  # one fold, and the model of all
        return [], "reviews of at least two articles are needed"
    if least < params.min_reviews_per_class or not counts.terms:
        return [], f"{least} reviews of the rarer side, {params.min_reviews_per_class} are needed"
    return _fit_all(rows, counts.matrix, good, params), ""


def _sample(chosen: np.ndarray, params: LearnedParams) -> np.ndarray:
    """Positions of the chosen rows, in order; at most `max_train_reviews`, drawn by `seed`."""
    positions = np.flatnonzero(chosen)
    if len(positions) <= params.max_train_reviews:
        return positions
    chance = np.random.default_rng(params.seed)
    return np.sort(chance.choice(positions, params.max_train_reviews, replace=False))


def _fit_all(rows: list[np.ndarray], counts: Any, good: np.ndarray, params: LearnedParams) -> list[Linear]:
    """A model per choice of rows, side by side; each is fitted on one thread: the same on every run."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), ThreadPoolExecutor(processors()) as pool:
        return list(pool.map(lambda chosen: _fit(counts[chosen], good[chosen], params), rows))


def _fit(counts: Any, good: np.ndarray, params: LearnedParams) -> Linear:
    """Classes weigh alike; rounded, since the last digits depend on the machine."""
    import sklearn.linear_model

    idf = tfidf.idf(counts, params.min_reviews_per_term)
    model = sklearn.linear_model.LogisticRegression(
        C=params.inverse_regularisation, class_weight="balanced", max_iter=1000
    )
    model.fit(tfidf.weighted(counts, idf), good)
    known = np.where(idf > 0, model.coef_[0], 0.0)
    digits = params.significant_digits
    return Linear(rounded(idf, digits), rounded(known, digits), float(rounded(model.intercept_, digits)[0]))


def _out_of_fold(
    said: pd.DataFrame,
    counts: Counts,
    folds: np.ndarray,
    models: list[Linear],
    params: LearnedParams,
) -> pd.DataFrame:
    likely = np.full(len(said), np.nan)
    for fold, model in enumerate(models[:-1]):
        inside = np.flatnonzero(folds == fold)
        likely[inside] = rounded(model.of(counts.matrix[inside]), params.significant_digits)
    own = pd.array(folds if models else [None] * len(said), dtype="Int64")
    return pd.DataFrame({"review_id": said["review_id"], "learned_sentiment": likely, "learned_fold": own})


def _arrays(models: list[Linear], terms: int) -> dict[str, np.ndarray]:
    return {
        "coefficients": np.array([m.coefficients for m in models]).reshape(len(models), terms),
        "idf": np.array([m.idf for m in models]).reshape(len(models), terms),
        "intercepts": np.array([m.intercept for m in models], dtype=np.float64),
    }


def _about(counts: Counts, models: list[Linear], why: str, params: LearnedParams) -> dict[str, Any]:
    """How to use the arrays: which row is which model, which column which term, and what counts as one."""
    return {
        "models": [f"fold {n}" for n in range(len(models) - 1)] + ["all"] if models else [],
        "not_fitted": why,
        "terms": counts.terms,
        "token_pattern": tfidf.TOKEN,
        "ngrams": params.ngrams,
        "weighting": "(1 + ln tf) · idf, unit length, of text_clean",
        "target": f"rating >= {_HIGH} against <= {_LOW}, classes weighing alike",
    }


def rounded(values: np.ndarray, digits: int) -> np.ndarray:
    """To so many significant digits."""
    values = np.asarray(values, dtype=np.float64)
    scale = np.floor(np.log10(np.abs(values), where=values != 0, out=np.zeros_like(values)))
    factor = 10.0 ** (digits - 1 - scale)
    return np.round(values * factor) / factor
