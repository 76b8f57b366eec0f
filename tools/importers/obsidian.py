"""An Obsidian vault: a folder of Markdown that has a folder .obsidian in it; or folders that hold some."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tools.importers import Importer, Opened, Whose
from tools.importers.markdown import notes

KIND: Final = "obsidian"


def recognises(opened: Opened) -> bool:
    """What Obsidian keeps its own settings in lies there."""
    return bool(opened.vaults)


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """It takes no settings of its own."""
    return notes(opened, Whose.of(settings, "importer obsidian"), KIND)
