"""Giving back to the system what is no longer needed."""

from __future__ import annotations

import ctypes


def give_back_memory() -> None:
    """Freed memory goes back to the system, where the C library can be told to (glibc): by itself it keeps most."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library, another system
        return
    trim(ctypes.c_size_t(0))
