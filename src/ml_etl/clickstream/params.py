"""Rules of the clickstream; units are in the names, reasons in conf/base/parameters/clickstream.yml."""

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from ml_etl.parameters import Minutes


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reading(_Strict):
    """How the source is read: up to the as-of less the lag, and again from the watermark less the overlap."""

    safety_lag_minutes: Minutes
    overlap_minutes: Minutes = Field(gt=0)

    @property
    def safety_lag(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.safety_lag_minutes)

    @property
    def overlap(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.overlap_minutes)


class SessionRules(_Strict):
    """What ends a session, and how many events in an hour no person makes."""

    gap_minutes: Minutes = Field(gt=0)
    longest_hours: int = Field(ge=1, le=24)
    split_at_midnight: bool
    split_on_campaign: bool
    bot_events_per_hour: PositiveInt


class Clickstream(_Strict):
    """All of it."""

    reading: Reading
    sessions: SessionRules
