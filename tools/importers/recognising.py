"""Which kind an export is of, what else lies in it, and what kinds are called."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from importlib import import_module
from pathlib import Path
from shlex import quote
from typing import BinaryIO, Final

from config.errors import ConfigError, SourceError
from tools.importers.opening import NESTED, Opened

_GENERAL: Final = ("markdown", "pdf", "csv_mapping", "jsonl", "plain")
"""Asked last and in this order, because they would take what a special one knows better."""

_CALLED: Final = {
    "mastodon": "mastodon_archive",
    "telegram": "telegram_export",
    "reddit": "reddit_export",
    "github": "github_stars",
    "youtube": "youtube_history",
    "bookmarks": "bookmarks_html",
    "evernote": "enex",
    "mail": "mbox",
    "text": "plain",
    "csv": "csv_mapping",
    "json": "jsonl",
}
"""What people say → the module."""

_ALSO: Final = {
    "x": "twitter",
    "pocket": "reading_lists",
    "instapaper": "reading_lists",
    "raindrop": "reading_lists",
    "takeout": "youtube_history",
    "vault": "obsidian",
    "email": "mbox",
}
_MOST: Final = 500
"""Files that are looked at for what else lies in an export."""


def kinds() -> list[str]:
    """The names of the importers, the general ones last."""
    folder = Path(__file__).parent
    found = {path.stem for path in folder.glob("*.py") if "\ndef build(" in path.read_text("utf-8")}
    return sorted(found - {*_GENERAL}) + [kind for kind in _GENERAL if kind in found]


def kind_named(word: str) -> str:
    """The importer that is called so, or by one of its other names. Raises ConfigError."""
    kind = word.lower().replace("-", "_")
    kind = _CALLED.get(kind) or _ALSO.get(kind) or kind
    if kind not in kinds():
        raise ConfigError(f"There is no importer {word!r}; there are: {', '.join(map(called, kinds()))}.")
    return kind


def called(kind: str) -> str:
    """What people call an importer."""
    return next((word for word, module in _CALLED.items() if module == kind), kind)


def recognises(kind: str, export: Opened) -> bool:
    """Whether an importer finds something of its own in an export."""
    return bool(import_module(f"tools.importers.{kind}").recognises(export))


def kind_of(export: Opened) -> str:
    """The kind of an export, by a look at it. Raises SourceError when none takes it."""
    for kind in kinds():
        if recognises(kind, export):
            return kind
    raise SourceError(_strange(export))


def mistaken(kind: str, export: Opened) -> str:
    """Why an export gave nothing: it is not of that kind. Nothing where it is."""
    if recognises(kind, export):
        return ""
    told = f"{export.path.name} holds nothing of the kind {called(kind)}"
    try:
        other = called(kind_of(export))
    except SourceError as error:
        return f"{told}. {error}"
    return f"{told}; it looks like {other} (magpie import {other} {quote(str(export.path))})."


def beside(export: Opened, kind: str) -> dict[str, list[str]]:
    """What else lies in an export that was read: kind → files that were not looked at. Archives are of the kind ""."""
    found: dict[str, list[str]] = {}
    left = [name for name in export.names if name not in export.looked_at]
    others = [other for other in kinds() if other not in (kind, "obsidian")]
    for name in left[:_MOST]:
        part = _Part(export, [name])
        archive = name.lower().endswith(NESTED)
        other = "" if archive else next((other for other in others if recognises(other, part)), None)
        if other is not None:
            found.setdefault(other, []).append(name)
    return found


def advice(export: Opened, kind: str, names: list[str]) -> str:
    """A sentence on files that were not looked at, and how they are taken in."""
    them, told = ("it", names[0]) if len(names) == 1 else ("them", f"{len(names)} files such as {names[0]}")
    told = f"Not looked at: {told} ({called(kind)})." if kind else f"Not looked at: {told}."
    if kind and not (kind in _GENERAL and _alike(names, export.looked_at)):
        return f"{told} To take {them} in: magpie import {called(kind)} {quote(str(export.path))}"
    if not export.path.is_dir():
        return f"{told} To take {them} in, unpack {export.path.name} and name {them}."
    one = "" if len(names) == 1 else ", and so on"
    return f"{told} To take {them} in: magpie import {quote(str(export.path / names[0]))}{one}"


def _alike(names: Iterable[str], others: Iterable[str]) -> bool:
    """Whether files of both end alike: then an importer of that ending would take the others, too."""
    endings = {Path(name).suffix.lower() for name in names}
    return not endings.isdisjoint(Path(name).suffix.lower() for name in others)


def _strange(export: Opened) -> str:
    name = export.path.name
    if not export.total:
        return f"{name} is empty."
    if any(b"<opml" in export.head(file, 1024).lower() for file in export.names[:1]):
        return f"{name} is a list of feeds: take it in as such (magpie feeds import {quote(str(export.path))})."
    archives = [file for file in export.names if file.lower().endswith(NESTED)]
    if archives and export.path.is_dir():
        one = quote(str(export.path / archives[0]))
        return f"{name} holds nothing but archives, such as {archives[0]}: name one (magpie import {one})."
    return (
        f"{name} is no export that Magpie recognises: say what it is (magpie import KIND PATH); "
        f"there are: {', '.join(map(called, kinds()))}."
    )


class _Part(Opened):
    """Some files of an export, as if there were no others."""

    def __init__(self, whole: Opened, names: Iterable[str]) -> None:
        super().__init__(whole.path, whole.limits)
        self._whole, self.names, self.vaults = whole, tuple(names), whole.vaults

    def size(self, name: str) -> int:
        return self._whole.size(name)

    def modified(self, name: str) -> datetime:
        return self._whole.modified(name)

    def _open(self, name: str) -> BinaryIO:
        return self._whole._open(name)

    def _packed(self, name: str) -> int:
        return self._whole._packed(name)
