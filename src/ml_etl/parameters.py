"""Types that parameters share: what can't be meant is refused before anything is read."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

FIRST_DAY = dt.date(1900, 1, 1)
"""No shop's data are older; a century before it is still a date."""

Day = Annotated[dt.date, Field(ge=FIRST_DAY)]
Days = Annotated[int, Field(ge=1, le=36_525)]
Hours = Annotated[int, Field(ge=1, le=36_525 * 24)]
Minutes = Annotated[int, Field(ge=0, le=36_525 * 24 * 60)]
"""Up to a century."""
Digits = Annotated[int, Field(ge=1, le=17)]
"""Significant ones: a float64 has no more."""


def _each_once(windows: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(windows)) < len(windows):
        raise ValueError(f"expected each window once, came {list(windows)}")
    return windows


Windows = Annotated[tuple[Days, ...], AfterValidator(_each_once)]
"""Lengths of windows, which name columns."""

Category = Literal[
    "product_group_name",
    "product_type_name",
    "department_name",
    "index_name",
    "index_group_name",
    "section_name",
    "garment_group_name",
]
"""The columns of articles that sort them: what a parameter `category` may name."""
