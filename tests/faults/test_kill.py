"""kill -9 at every step of a run, and at random moments, while a reader looks on.

Of each step there are two chains on folders of their own: in one the next run has the killed run's id (a
retry), in the other an id of its own. At random moments two runs in a row are killed before one may end.
"""

from collections.abc import Callable

import pytest

from tests.faults.breaks import Break
from tests.faults.conftest import Reference
from tests.faults.lane import Cause, Lane, moments, side_by_side
from tests.faults.place import Place

pytestmark = pytest.mark.slow

MOMENTS, SEED = 24, 2024
ANY = "any moment"

STEPS: dict[str, tuple[list[Cause], list[Cause]]] = {
    "write": (
        [Break("write", 1, "during"), Break("write", 2, "during"), Break("write", 4, "during")],
        [Break("write", 7, "during"), Break("write", 9, "during")],
    ),
    "sync": (
        [Break("sync", 1), Break("sync", 9), Break("sync", 20)],
        [Break("sync", 30), Break("sync", 36)],
    ),
    "rename": (
        [Break("rename", 1), Break("rename", 3, "after"), Break("rename", 5)],
        [Break("rename", 8), Break("rename", 9, "after")],
    ),
    "commit": (
        [Break("commit"), Break("commit", when="after"), Break("commit")],
        [Break("commit", when="after"), Break("commit")],
    ),
    "pointer": (
        [Break("pointer"), Break("pointer", when="after"), Break("pointer")],
        [Break("pointer", when="after"), Break("pointer")],
    ),
    "registry": (
        [Break("registry", 1, "during"), Break("registry", 2, "during"), Break("registry", 2, "after")],
        [Break("registry", 1), Break("registry", 2, "during")],
    ),
}
"""Per step the kills of the chain of retries, and those of the chain of new runs."""


@pytest.fixture(scope="module", params=[*STEPS, ANY])
def lanes(request: pytest.FixtureRequest, places: Callable[[], Place], reference: Reference) -> list[Lane]:
    """The chains of one step, gone through."""
    if request.param == ANY:
        causes = moments(SEED, 0.6 * reference.seconds, MOMENTS)
    else:
        causes = [[(kill,) for kill in kills] for kills in STEPS[request.param]]
    chains = [Lane(places(), reference.expected, retry=n % 2 == 0) for n in range(len(causes))]
    return side_by_side(chains, causes)


def test_the_kills_were_kills(lanes: list[Lane], request: pytest.FixtureRequest) -> None:
    """At least five per step; of the random ones some come after the end of a run that was quick.

    How many depends on what else the machine does: the moments are drawn from the seconds of a run that was
    measured before.
    """
    wanted = MOMENTS // 3 if f"[{ANY}]" in request.node.name else 5
    assert sum(lane.kills for lane in lanes) >= wanted


def test_the_former_release_or_the_new_one_is_current(lanes: list[Lane]) -> None:
    """After each kill and after each next run, whatever is released is whole."""
    assert [problem for lane in lanes for problem in lane.torn] == []


def test_the_next_run_needs_no_cleaning(lanes: list[Lane]) -> None:
    """Every kill hit its step, and the run after it ended well."""
    assert [problem for lane in lanes for problem in lane.failed] == []


def test_the_next_run_gives_the_bytes_of_an_undisturbed_one(lanes: list[Lane]) -> None:
    """Every artefact's sha256 is that of a run nobody broke."""
    assert [problem for lane in lanes for problem in lane.different] == []


def test_readers_never_see_an_error_or_a_torn_release(lanes: list[Lane]) -> None:
    """A reader in a process of its own read all the time, and saw every day's release come."""
    for lane in lanes:
        assert lane.seen["problems"] == []
        assert lane.seen["reads"] > 20
        assert lane.seen["hashed"] > 2
        assert len(lane.seen["versions"]) >= 2


def test_nothing_piles_up(lanes: list[Lane]) -> None:
    """After the next run neither staged folders, half-written files nor spill folders are left."""
    assert [problem for lane in lanes for problem in lane.left] == []


def test_etl_runs_settles_what_was_killed(lanes: list[Lane]) -> None:
    """No row stays `running`; a killed run is a success exactly where it released."""
    assert [problem for lane in lanes for problem in lane.unsettled] == []
