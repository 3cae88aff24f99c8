"""Parameters that can't be meant are refused, and the data dictionary names those of conf/base."""

import pytest
from pydantic import ValidationError

from ml_etl.clickstream.params import SessionRules
from ml_etl.pipelines.events.params import EventsParams, FunnelParams, RuleParams
from tests.clicks.place import configuration

OWN = configuration("parameters")


def test_the_dictionary_tells_of_the_parameters_in_use() -> None:
    assert FunnelParams(**OWN["events"]["funnel"]) == FunnelParams.usual()
    assert RuleParams(**OWN["events"]["rules"]) == RuleParams.usual()


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([("view", ["view"]), ("buy", ["bought"])], "unknown types"),
        ([("view", ["view"]), ("buy", ["view"])], "once"),
        ([("view", ["view"]), ("view", ["click"])], "once"),
        ([("view", ["view"])], "at least 2"),
    ],
)
def test_a_funnel_of_steps_that_exclude_one_another(steps: list, says: str) -> None:
    given = {"steps": [{"name": name, "types": types} for name, types in steps], "windows_days": [1]}
    with pytest.raises(ValidationError, match=says):
        FunnelParams(**given)


def test_no_session_is_longer_than_a_day() -> None:
    """Which days a late event changes depends on it."""
    with pytest.raises(ValidationError):
        SessionRules(**{**OWN["clickstream"]["sessions"], "longest_hours": 25})


def test_a_funnel_is_told_by_a_column_that_sorts_articles() -> None:
    assert EventsParams(**OWN["events"]).category == "product_group_name"
    with pytest.raises(ValidationError, match="product_type_name"):  # it says what may stand there
        EventsParams(**{**OWN["events"], "category": "nonsense"})
