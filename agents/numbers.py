"""Numbers as a person says them."""

from __future__ import annotations

from datetime import timedelta

_STEPS = ((86400 * 2, 86400, "days"), (3600 * 2, 3600, "hours"), (120, 60, "minutes"))


def span(length: timedelta) -> str:
    """About how long: 3 hours."""
    seconds = abs(length.total_seconds())
    return next(
        (f"{seconds / unit:.0f} {name}" for least, unit, name in _STEPS if seconds >= least), f"{seconds:.0f} s"
    )


def size(count: float) -> str:
    """How many bytes: 3.2 GB."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def counted(number: int, one: str, many: str = "") -> str:
    """1 post, 2 posts; where it is not only an s that makes it ``many``: 1 story, 2 stories."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
