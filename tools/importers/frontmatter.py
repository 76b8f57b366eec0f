"""The head of a Markdown file: a few lines of YAML between two lines of dashes. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from tools.importers.words import instant

_HEAD: Final = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_LONGEST: Final = 20_000  # signs
_NESTED: Final = 100  # brackets, and marks of lists within lists
_BEGUN: Final = ("created", "date", "created_at", "creation_date", "date_created", "published")
_CHANGED: Final = ("updated", "modified", "updated_at", "last_modified", "date_modified")


@dataclass(frozen=True)
class Front:
    """What stands in the head. ``fault`` says that it could not be read; the text below it can be all the same."""

    values: Mapping[str, Any] = field(default_factory=dict)
    fault: bool = False

    def word(self, *keys: str) -> str:
        """The first of these that is a plain value."""
        found = (self.values.get(key) for key in keys)
        return next((str(value).strip() for value in found if isinstance(value, str | int | float | date)), "")

    def words(self, *keys: str) -> tuple[str, ...]:
        """The values of these, be they lists or words with commas between; what is nested deeper is left out."""
        given: list[str] = []
        for key in keys:
            value = self.values.get(key)
            if isinstance(value, str):
                given += re.split(r"\s*,\s*" if "," in value or key != "tags" else r"\s+", value)
            elif isinstance(value, list):
                given += [str(one) for one in value[:500] if isinstance(one, str | int | float | date)]
        return tuple(word.strip() for word in given if word.strip())

    @property
    def begun(self) -> datetime | None:
        """When the note was begun; without a time zone where none is written."""
        return self._instant(_BEGUN)

    @property
    def changed(self) -> datetime | None:
        """When it was last changed."""
        return self._instant(_CHANGED)

    def _instant(self, keys: tuple[str, ...]) -> datetime | None:
        for key in keys:
            value = self.values.get(key)
            if isinstance(value, datetime):
                return value
            if isinstance(value, date):
                return datetime(value.year, value.month, value.day)
            try:
                if isinstance(value, str | int):
                    return instant(value)
            except ValueError:
                continue
        return None


def parted(text: str) -> tuple[Front, str]:
    """The head of a file, and the text below it."""
    match = _HEAD.match(text)
    if match is None:
        return Front(), text
    values, fault = _values(match[1])
    return Front(values, fault), text[match.end() :]


def _values(written: str) -> tuple[dict[str, Any], bool]:
    import yaml

    brackets = written.count("[") + written.count("{")
    if len(written) > _LONGEST or brackets > _NESTED or "- " * _NESTED in written:
        return {}, True
    try:
        # In Python, not in C: that one knows no bottom when brackets are nested deeply.
        values = yaml.load(written, yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError, AttributeError):
        return {}, True
    if values is None:
        return {}, False
    return (
        ({str(key).lower(): value for key, value in values.items()}, False) if isinstance(values, dict) else ({}, True)
    )
