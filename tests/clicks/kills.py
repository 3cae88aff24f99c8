"""A run in a process of its own that is killed (SIGKILL) at the n-th thing it does to the store."""

import functools
import os
import signal
import traceback
from collections.abc import Callable
from typing import Any


def survives(run: Callable[[], Any], step: int) -> bool:
    """Run it in a forked process that is killed before the `step`-th sync, replace or rename of a file.

    Gives whether it came to its end, because it has fewer. The engine works with one thread in these tests,
    so that a fork has all of it.
    """
    child = os.fork()
    if not child:
        _die_at(step)
        try:
            run()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), f"the run ended by itself with status {status}"
    return status == 0


def _die_at(step: int) -> None:
    count = 0

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def deadly(*arguments: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **named)

        return deadly

    for name in ("fsync", "replace", "rename"):
        setattr(os, name, counted(getattr(os, name)))
