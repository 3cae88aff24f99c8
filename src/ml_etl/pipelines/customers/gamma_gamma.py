"""Gamma-Gamma: what a purchase of a customer is worth, from what their repeat purchases were.

Fader & Hardie (2013), "The Gamma-Gamma Model of Monetary Value": equation 1a is the likelihood, 5 the
expected value. x is the number of repeat purchases, m their mean value.
"""

import numpy as np

from ml_etl.pipelines.customers.fitting import Fit, maximise

NAMES = ("p", "q", "v")


def fit(x: np.ndarray, m: np.ndarray, bounds: tuple[float, float], digits: int) -> Fit:
    """The three parameters, from the customers with a repeat purchase of positive value."""
    known = (x > 0) & (m > 0)
    x, m = x[known], m[known]
    scales = dict.fromkeys(NAMES, 1.0) | {"v": float(m.mean())}
    return maximise(lambda p, q, v: log_likelihood(p, q, v, x, m), scales, np.ones(len(x)), bounds, digits)


def log_likelihood(p: float, q: float, v: float, x: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Each customer's log-likelihood."""
    from scipy.special import gammaln

    constant = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v)
    return constant + (p * x - 1) * np.log(m) + p * x * np.log(x) - (p * x + q) * np.log(x * m + v)


def expected_value(parameters: dict[str, float], x: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Mean value of the customer's future purchases; the shop's mean without a repeat.

    NaN where the mean does not exist (q ≤ 1 and no repeat), or where the repeats were worth nothing.
    """
    p, q, v = (parameters[name] for name in NAMES)
    total = np.where(x > 0, x * m, 0.0)
    below = p * x + q - 1
    with np.errstate(all="ignore"):
        found = p * (v + total) / below
    return np.where((below > 0) & ((x == 0) | (m > 0)), found, np.nan)
