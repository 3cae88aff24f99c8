"""This process and others of its machine."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any


def alive(process: int) -> bool:
    """Whether a process of that id exists."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def peak_memory() -> int:
    """Peak resident bytes of this process so far; macOS counts bytes, Linux kilobytes."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def processors() -> int:
    """The processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def side_by_side(work: Callable[..., Any], tasks: Sequence[tuple[Any, ...]], processes: int) -> list[Any]:
    """`work(*task)` of every task, in order: in so many processes, or here where two don't pay.

    Processes are spawned, not forked: the engine's threads would not survive a fork.
    """
    if processes < 2:
        return [work(*task) for task in tasks]
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(work, *task) for task in tasks]
        return [future.result() for future in futures]
