"""What all importers speak of: rows that are left out, and whose export it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.errors import ConfigError, SourceError
from config.settings import refuse_unknown


class RowError(SourceError):
    """A row that was left out. ``reason`` is what such rows are counted under, ``place`` is where it stands.

    It is ``damaged`` when it should have been readable; else it holds nothing that could be kept. It is ``partly`` so
    when the rest of it is taken in.
    """

    def __init__(self, place: str, reason: str, damaged: bool = True, partly: bool = False) -> None:
        super().__init__(f"{place} was left out: {reason}.")
        self.place, self.reason, self.damaged, self.partly = place, reason, damaged, partly


def empty(place: str, reason: str) -> RowError:
    """A row that holds nothing to keep, such as "Ann was added"; nothing is wrong with it."""
    return RowError(place, reason, damaged=False)


def amount(count: int) -> str:
    """A number of bytes, as people say it."""
    for size, unit in ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB")):
        if count >= size:
            return f"{count / size:.1f}".removesuffix(".0") + f" {unit}"
    return f"{count} bytes"


@dataclass(frozen=True)
class Whose:
    """Whose export it is. ``me``: the owner's names and addresses in it; ``zone``: that of times without one."""

    me: frozenset[str] = frozenset()
    zone: tzinfo = UTC
    more: Mapping[str, Any] = field(default_factory=dict)  # the settings of that importer alone

    @classmethod
    def of(cls, settings: Mapping[str, Any], kind: str, *known: str) -> Whose:
        """From the settings of an importer: ``me``, ``zone``, and those ``known`` to it. Raises ConfigError."""
        refuse_unknown(settings, {"me", "zone", *known}, f"The {kind}")
        names = settings.get("me", ())
        names = (names,) if isinstance(names, str) else names
        me = frozenset(squeezed(str(name)) for name in names if str(name).strip())
        return cls(me, _zone(settings.get("zone", UTC)), {key: settings[key] for key in known if key in settings})

    def is_me(self, *names: str) -> bool:
        """Whether one of these is the owner."""
        return any(squeezed(name) in self.me for name in names if name)

    def instant(self, at: datetime) -> datetime:
        """In UTC. Raises ValueError for what no calendar holds."""
        try:
            return (at if at.tzinfo else at.replace(tzinfo=self.zone)).astimezone(UTC)
        except OverflowError as error:
            raise ValueError("its time is in no calendar") from error


def squeezed(name: str) -> str:
    """A name as it is compared: lower case, single spaces, no @ before it."""
    return " ".join(name.casefold().split()).lstrip("@~ ")


def _zone(given: object) -> tzinfo:
    if isinstance(given, tzinfo):
        return given
    try:
        return ZoneInfo(str(given))
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(f"{given!r} is not a time zone; write one such as Europe/Berlin.") from None
