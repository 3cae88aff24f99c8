"""How much is bought on which day."""

import datetime as dt

import numpy as np

from ml_etl.shop.simulator import published


def lines_per_day(days: list[dt.date], total: int) -> np.ndarray:
    """int64 per day, `total` in all: month, weekday and campaigns; rounded so that no line is lost."""
    upto = np.cumsum([_weight(day) for day in days])
    return np.diff(np.round(upto / upto[-1] * total).astype(np.int64), prepend=0)


def _weight(day: dt.date) -> float:
    alone = published.CAMPAIGNS.get((day.month, day.day))
    return alone or published.MONTHS[day.month - 1] * published.WEEKDAYS[day.weekday()]


def of_product_groups(day: dt.date) -> dict[str, float]:
    """Factors of what sells by the season: highest in mid-July, or in mid-January."""
    summer = np.cos(2 * np.pi * (day.timetuple().tm_yday - 196) / 365.25)
    return {"Swimwear": float(np.exp(1.2 * summer)), "Socks & Tights": float(np.exp(-0.6 * summer))}
