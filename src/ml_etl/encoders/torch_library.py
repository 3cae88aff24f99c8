"""torch as the encoders use it: imported late, beside any torchvision, on the device a setting names."""

import functools
from typing import Any

from ml_etl.errors import UsageError

DEVICES = ("auto", "cpu", "cuda", "mps")
_OPERATORS = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_defined: list[Any] = []
"""A library's operators live as long as the object that defined them."""


@functools.cache
def torch() -> Any:
    """The module torch.

    A CPU build of torch beside a torchvision that was built for CUDA fails on import for want of two of
    torchvision's operators, which no encoder calls: where its library can't be loaded, they are declared.
    """
    import torch as module

    if module.version.cuda is None and not _operators_load(module):
        library = module.library.Library("torchvision", "FRAGMENT")
        for name in ("nms", "qnms"):
            library.define(name + _OPERATORS)
        _defined.append(library)
    return module


def _operators_load(module: Any) -> bool:
    from importlib.util import find_spec
    from pathlib import Path

    found = find_spec("torchvision")
    folders = found.submodule_search_locations if found else None
    for path in sorted(path for folder in folders or () for path in Path(folder).glob("_C.*")):
        try:
            module.ops.load_library(str(path))
        except OSError:
            continue
        return True
    return False


def device_of(setting: str) -> str:
    """The device to work on; auto: CUDA, else Apple's MPS, else the processor.

    Raises:
        UsageError: a device this machine does not have.
    """
    have = {"cpu": True, "cuda": torch().cuda.is_available(), "mps": torch().backends.mps.is_available()}
    if setting == "auto":
        return next(device for device in ("cuda", "mps", "cpu") if have[device])
    if not have.get(setting):
        there = ", ".join(device for device, available in have.items() if available)
        raise UsageError(f"encoders.device: expected auto or one of {there} (this machine), came {setting}.")
    return setting
