"""Parameters of timeseries; units are in the names, reasons in conf/base/parameters/timeseries.yml."""

from typing import Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from ml_etl.parameters import Category, Days, Digits, Windows


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class FeatureParams(_Strict):
    """Horizons of the stored features; `ewm_half_life_days` of the weighted mean over the last 28 days."""

    horizons_days: Windows = Field(min_length=1)
    ewm_half_life_days: PositiveFloat


class TrendingParams(_Strict):
    """The hot score's half-life."""

    half_life_days: PositiveFloat


class SeasonalityParams(_Strict):
    """Below `min_days` a series has no seasons; below two cycles no yearly ones."""

    min_days: PositiveInt
    adi_cut: PositiveFloat
    cv2_cut: PositiveFloat


class ForecastParams(_Strict):
    """What is forecast, by what, and from how much history.

    The backtest takes `origins` windows of `horizon_days` off the end of a series; the first must leave it
    `min_train_days`. A series that sold on fewer than `min_sold_days` isn't tested either. AutoETS and
    DynamicOptimizedTheta are fitted to the `fitted_series` best sellers. A model is chosen in place of
    WeekdayMean where its error is less by the share `min_gain`.
    """

    horizon_days: Days
    origins: PositiveInt
    min_train_days: PositiveInt
    min_sold_days: PositiveInt
    max_idle_days: PositiveInt
    top_articles: int = Field(ge=0)
    fitted_series: int = Field(ge=0)
    intermittent_adi: PositiveFloat
    min_gain: float = Field(ge=0, lt=1)
    significant_digits: Digits

    @property
    def min_days(self) -> int:
        """The history a backtest needs."""
        return self.min_train_days + self.origins * self.horizon_days


class TimeseriesParams(_Strict):
    """All of it; `min_share_of_previous` guards against a shop that lost rows."""

    category: Category
    holiday_country: str
    ended_after_days: PositiveInt
    min_share_of_previous: NonNegativeFloat
    features: FeatureParams
    trending: TrendingParams
    seasonality: SeasonalityParams
    forecasts: ForecastParams

    @model_validator(mode="after")
    def _known_days(self) -> Self:
        """The calendar goes as far as the forecasts do; features of later days would have none."""
        furthest, ahead = max(self.features.horizons_days), self.forecasts.horizon_days
        if furthest > ahead:
            raise ValueError(
                f"features.horizons_days: expected at most forecasts.horizon_days {ahead}, came {furthest}"
            )
        return self
