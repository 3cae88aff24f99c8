"""Maximum likelihood within bounds, the same on every run."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

_INFINITE = 1e12
"""In place of an infinite or undefined likelihood, which would lead the search astray."""


@dataclass(frozen=True)
class Fit:
    """A fitted model; `ok` is false, and `reason` says why, where its values mean nothing."""

    ok: bool
    reason: str = ""
    customers: int = 0
    log_likelihood: float | None = None
    parameters: dict[str, float] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        return asdict(self)


def maximise(
    likelihood: Callable[..., np.ndarray],
    scales: dict[str, float],
    weights: np.ndarray,
    bounds: tuple[float, float],
    digits: int,
) -> Fit:
    """The parameters that maximise Σ weights × likelihood(*parameters), each within `bounds` × its scale.

    `likelihood` gives the log-likelihood of each distinct customer, of which there are `weights`. A scale is
    1, or a typical time or amount where the parameter is one: bounds then mean the same in every shop. The
    search runs on logarithms, from several starts; `ok` is false when a parameter ends at a bound. Sums
    are NumPy's own, which don't depend on threads.
    """
    from scipy.optimize import minimize

    low, high = np.log(bounds)
    everyone = weights.sum()
    names, units = [*scales], np.array([*scales.values()])

    def loss(logs: np.ndarray) -> float:
        with np.errstate(all="ignore"):
            mean = float(np.sum(weights * likelihood(*(np.exp(logs) * units))) / everyone)
        return -mean if np.isfinite(mean) else _INFINITE

    starts = [np.clip(np.full(len(names), np.log(start)), low, high) for start in (0.3, 1.0, 5.0)]
    search = {"method": "L-BFGS-B", "jac": "3-point", "bounds": [(low, high)] * len(names)}
    tried = [minimize(loss, s, **search, options={"ftol": 1e-14, "gtol": 1e-9}) for s in starts]
    best = min(tried, key=lambda found: found.fun)
    rounded = significant(np.exp(best.x) * units, digits)
    at_bound = [n for n, x in zip(names, best.x, strict=True) if min(x - low, high - x) < 0.01]
    return Fit(
        ok=not at_bound and best.fun < _INFINITE,
        reason=f"{' and '.join(at_bound)} ran to a bound" if at_bound else "",
        customers=int(everyone),
        log_likelihood=float(significant(np.array([-best.fun * everyone]), digits)[0]),
        parameters=dict(zip(names, map(float, rounded), strict=True)),
    )


def significant(values: np.ndarray, digits: int) -> np.ndarray:
    """Values rounded to so many significant digits; not a number where they are not finite."""
    known = np.isfinite(values)
    sizes = np.where(known & (values != 0), np.abs(values), 1.0)
    places = digits - 1 - np.floor(np.log10(sizes))
    up, down = 10.0 ** np.maximum(places, 0), 10.0 ** np.maximum(-places, 0)
    return np.where(known, np.rint(np.where(known, values, 0.0) * up / down) / up * down, np.nan)
