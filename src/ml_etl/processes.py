"""This process and others of its machine."""

import os
import sys


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
