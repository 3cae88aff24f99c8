"""Ending a run within this process at the n-th thing it does to the store."""

import contextlib
import functools
import os
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock


class Killed(BaseException):
    """No handler of exceptions takes it for an error."""


@contextlib.contextmanager
def killed_at(step: int | None) -> Iterator[None]:
    """Raise Killed at the `step`-th sync, replace or rename of a file, before it is done; None: never."""
    count = 0

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def breaking(*arguments: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count == step:
                raise Killed
            return function(*arguments, **named)

        return breaking

    with contextlib.ExitStack() as patches:
        for name in ("fsync", "replace", "rename"):
            patches.enter_context(mock.patch.object(os, name, counted(getattr(os, name))))
        yield
