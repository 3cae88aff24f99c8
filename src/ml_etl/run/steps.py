"""A dataset's run in steps, each a process of its own: land, build (or what its nodes are tagged), release.

A step begins and ends with what is on disk. Nodes say theirs by a tag `step.NAME`; the others are of `build`.
"""

from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node

from ml_etl.errors import UsageError
from ml_etl.run import asked

LAND, BUILD, RELEASE = "land", "build", "release"
_TAG = "step."
_STATE = "state."
"""Inputs of a dataset that grows within a day: what it is added to."""


def own(pipeline: Pipeline, dataset: str) -> Pipeline:
    """Of a registered pipeline the dataset's nodes, what they stand on, and what staging puts aside."""
    mine = pipeline.only_nodes_with_tags(dataset)
    whole = pipeline.to_nodes(*(node.name for node in mine.nodes))
    made = whole.all_outputs()
    beside = [node for node in pipeline.nodes if "staging" in node.tags and set(node.inputs) <= made]
    return whole + Pipeline(beside)


def names(pipeline: Pipeline, dataset: str) -> list[str]:
    """The steps there are, in an order in which they can be done."""
    landing = [LAND] if pipeline.only_nodes_with_tags("landing").nodes else []
    found = {step for node in pipeline.nodes for step in steps_of(node, dataset)}
    return [*landing, *sorted(found, key=lambda step: (len(stands_on(pipeline, dataset, step)), step))]


def stands_on(pipeline: Pipeline, dataset: str, step: str) -> set[str]:
    """The dataset's steps whose results a step needs."""
    mine = of(pipeline, dataset, [step])
    needed = pipeline.to_nodes(*(node.name for node in mine)).nodes
    others = (steps_of(node, dataset) for node in needed)
    return {name for steps in others if step not in steps for name in steps}


def require(pipeline: Pipeline, dataset: str, step: str) -> None:
    """Raise UsageError where the dataset has no such step."""
    found = names(pipeline, dataset)
    if step not in found:
        raise UsageError(f"{dataset} has no step {step}; its steps: {', '.join(found)}.")


def of(pipeline: Pipeline, dataset: str, wanted: Iterable[str]) -> list[Node]:
    """The dataset's own nodes of these steps."""
    return [node for node in pipeline.nodes if steps_of(node, dataset) & set(wanted)]


def steps_of(node: Node, dataset: str) -> set[str]:
    """The steps a node is of: several, where what it gives is for each of them to make in passing."""
    if dataset not in node.tags:
        return set()
    if f"{dataset}.release" in node.outputs:
        return {RELEASE}
    return {tag.removeprefix(_TAG) for tag in node.tags if tag.startswith(_TAG)} or {BUILD}


def with_sources(pipeline: Pipeline, wanted: list[Node], is_there: Callable[[str], bool]) -> Pipeline:
    """The nodes, and those whose results they need and no process before this one left on disk."""
    makers = {output: node for node in pipeline.nodes for output in node.outputs}
    taken, waiting = set(wanted), list(wanted)
    while waiting:
        for name in waiting.pop().inputs:
            maker = makers.get(name)
            if maker is not None and maker not in taken and not is_there(name):
                taken.add(maker)
                waiting.append(maker)
    made = {output for node in taken for output in node.outputs}
    beside = [node for node in pipeline.nodes if "staging" in node.tags and set(node.inputs) <= made]
    return Pipeline([*taken, *(node for node in beside if node not in taken)])


def newest_as_of(pipeline: Pipeline, given: object, timezone: str) -> object:
    """The dataset's newest as-of at or before the instant a scheduler says: a local day, or the instant.

    Days, null, and what is neither are what they are.
    """
    grows = any(name.startswith(_STATE) for name in pipeline.inputs())
    instant = None if grows else asked.instant_of(given)
    return instant.astimezone(ZoneInfo(timezone)).date().isoformat() if instant else given
