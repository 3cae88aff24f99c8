"""BG/NBD: how often a customer will come back, from how often and how lately they came.

Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2): equation 6 is
the likelihood, 10 the expected number of purchases. x is the number of repeat purchases, t_x the time of
the last and T the time observed, both from the first purchase, in weeks.
"""

import numpy as np

from ml_etl.pipelines.customers.fitting import Fit, maximise

NAMES = ("r", "alpha", "a", "b")


def fit(x: np.ndarray, t_x: np.ndarray, big_t: np.ndarray, bounds: tuple[float, float], digits: int) -> Fit:
    """The four parameters; equal customers are counted once with their number."""
    distinct, counts = np.unique(np.column_stack([x, t_x, big_t]), axis=0, return_counts=True)
    columns = tuple(distinct.T)
    scales = dict.fromkeys(NAMES, 1.0) | {"alpha": max(float(big_t.mean()), 1.0)}
    return maximise(lambda *p: log_likelihood(*p, *columns), scales, counts.astype(float), bounds, digits)


def log_likelihood(
    r: float, alpha: float, a: float, b: float, x: np.ndarray, t_x: np.ndarray, big_t: np.ndarray
) -> np.ndarray:
    """Each customer's log-likelihood."""
    from scipy.special import gammaln

    shared = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    shared = shared + gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    alive = -(r + x) * np.log(alpha + big_t)
    repeats = np.maximum(x, 1)
    gone = np.log(a) - np.log(b + repeats - 1) - (r + x) * np.log(alpha + t_x)
    return shared + np.where(x > 0, np.logaddexp(alive, gone), alive)


def p_alive(parameters: dict[str, float], x: np.ndarray, t_x: np.ndarray, big_t: np.ndarray) -> np.ndarray:
    """The probability of still being a customer; NaN without a repeat, where it would always be 1."""
    with np.errstate(all="ignore"):
        return np.where(x > 0, 1 / (1 + _odds_gone(parameters, x, t_x, big_t)), np.nan)


def expected_purchases(
    parameters: dict[str, float], weeks: float, x: np.ndarray, t_x: np.ndarray, big_t: np.ndarray
) -> np.ndarray:
    """Purchases expected in the next `weeks`; NaN where the series gives no finite number."""
    from scipy.special import hyp2f1

    r, alpha, a, b = (parameters[name] for name in NAMES)
    a = a if abs(a - 1) > 1e-9 else 1 + 1e-9  # the formula's limit at 1 exists, its quotient does not
    with np.errstate(all="ignore"):
        series = hyp2f1(r + x, b + x, a + b + x - 1, weeks / (alpha + big_t + weeks))
        left = 1 - ((alpha + big_t) / (alpha + big_t + weeks)) ** (r + x) * series
        found = (a + b + x - 1) / (a - 1) * left / (1 + _odds_gone(parameters, x, t_x, big_t))
    return np.where(np.isfinite(found) & (found >= 0), found, np.nan)


def _odds_gone(parameters: dict[str, float], x: np.ndarray, t_x: np.ndarray, big_t: np.ndarray) -> np.ndarray:
    r, alpha, a, b = (parameters[name] for name in NAMES)
    odds = a / (b + np.maximum(x, 1) - 1) * ((alpha + big_t) / (alpha + t_x)) ** (r + x)
    return np.where(x > 0, odds, 0.0)
