"""An Obsidian vault: a folder of Markdown that has a folder .obsidian in it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from tools.importers import Importer, Opened, Whose
from tools.importers.markdown import rows

KIND: Final = "obsidian"


def recognises(opened: Opened) -> bool:
    """What Obsidian keeps its own settings in lies there."""
    return ".obsidian" in opened.hidden


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """It takes no settings of its own."""
    whose = Whose.of(settings, "importer obsidian")
    return Importer(KIND, opened, partial(rows, opened, whose, KIND))
