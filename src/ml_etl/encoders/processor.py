"""What the processor is, and whether it computes in bfloat16; told without torch."""

import functools
import platform
import subprocess
import sys
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")
_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}
"""x86 with AVX-512 or AMX, and Arm. Others emulate it, slower than float32."""


@functools.cache
def processor() -> str:
    """The processor's name, as the system tells it."""
    return _field("model name") or _sysctl("machdep.cpu.brand_string") or platform.processor() or "unknown"


@functools.cache
def has_bf16() -> bool:
    """Whether it multiplies matrices of bfloat16 by instructions of its own."""
    flags = set((_field("flags") or _field("Features") or "").split())
    return bool(flags & _FLAGS) or _sysctl("hw.optional.arm.FEAT_BF16") == "1"


def _field(name: str) -> str:
    if not _CPUINFO.exists():
        return ""
    lines = (line.partition(":") for line in _CPUINFO.read_text("utf-8", "replace").splitlines())
    return next((value.strip() for key, _, value in lines if key.strip() == name), "")


def _sysctl(name: str) -> str:
    if sys.platform != "darwin":
        return ""
    found = subprocess.run(["/usr/sbin/sysctl", "-n", name], capture_output=True, text=True)
    return found.stdout.strip()
