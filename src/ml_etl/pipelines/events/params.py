"""Parameters of events; units are in the names, reasons in conf/base/parameters/events.yml."""

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, field_validator

from ml_etl.parameters import Category, Hours, Minutes, Windows
from ml_etl.pipelines.events.types import TYPES


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)


class RuleParams(_Strict):
    """What an event's times and its quantity may be."""

    allowed_late_hours: Hours
    clock_skew_minutes: Minutes
    future_hours: Hours
    first_day: dt.date
    most_units: PositiveInt

    @classmethod
    def usual(cls) -> "RuleParams":
        """Those of conf/base, for the data dictionary."""
        return cls(
            allowed_late_hours=72,
            clock_skew_minutes=5,
            future_hours=24,
            first_day=dt.date(2000, 1, 1),
            most_units=1_000_000,
        )


class CeilingParams(_Strict):
    """The share of at least `min_rows` rows that may be rejected."""

    share: float = Field(ge=0, le=1)
    min_rows: PositiveInt


class SessionParams(_Strict):
    """How a session is told about; what a session is stands in the clickstream's parameters."""

    engaged_s_per_event: PositiveInt
    recovery_hours: Hours


class Step(_Strict):
    """A step of the funnel, and the types of events that take it."""

    name: str = Field(pattern=r"^[a-z][a-z_0-9]*$")
    types: tuple[str, ...]


class FunnelParams(_Strict):
    """The steps, in order; windows of so many times 24 hours beside the session."""

    steps: tuple[Step, ...] = Field(min_length=2, max_length=9)
    windows_days: Windows

    @field_validator("steps")
    @classmethod
    def _each_type_once(cls, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        types = [name for step in steps for name in step.types]
        names = [step.name for step in steps]
        if unknown := set(types) - set(TYPES):
            raise ValueError(f"unknown types {sorted(unknown)}; there are {', '.join(TYPES)}")
        if len(set(types)) < len(types) or len(set(names)) < len(names):
            raise ValueError("a step's name and a type of event must stand there once")
        return steps

    @classmethod
    def usual(cls) -> "FunnelParams":
        """The steps of conf/base, by which the data dictionary names columns."""
        types = {"view": ("view", "click")}
        names = ("view", "add_to_cart", "checkout", "purchase")
        steps = tuple(Step(name=name, types=types.get(name, (name,))) for name in names)
        return cls(steps=steps, windows_days=(1, 7))


class EventsParams(_Strict):
    """All of it; `rebuild`, `from` and `to` are of one run and make no other dataset."""

    rebuild: bool
    from_: dt.datetime | None = Field(alias="from")
    to: dt.datetime | None
    category: Category
    events_per_block: PositiveInt
    aliases: dict[str, str]
    rules: RuleParams
    ceiling: CeilingParams
    sessions: SessionParams
    funnel: FunnelParams
