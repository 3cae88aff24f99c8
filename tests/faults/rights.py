"""Making permissions bind a process of root, as they bind everyone else's."""

import ctypes
import os
import sys
from collections.abc import Callable

_VERSION_3 = 0x20080522
_OVERRIDE, _READ_SEARCH = 1, 2
"""The capabilities that let root pass by a file's permissions; numbers of <linux/capability.h>."""


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def can_be_given_up() -> bool:
    """Whether `give_up` works here: not root, or Linux."""
    return os.geteuid() != 0 or sys.platform == "linux"


def give_up() -> None:
    """From here on this process may write only where permissions say so."""
    if os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header, sets = _Header(_VERSION_3, 0), (_Sets * 2)()
    _call(libc.capget, header, sets)
    kept = ~(1 << _OVERRIDE | 1 << _READ_SEARCH)
    for name in ("effective", "permitted"):
        setattr(sets[0], name, getattr(sets[0], name) & kept)
    _call(libc.capset, header, sets)


def _call(function: Callable[..., int], *arguments: ctypes.Structure | ctypes.Array) -> None:
    if function(*(ctypes.byref(argument) for argument in arguments)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
