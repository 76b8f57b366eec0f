"""Where notes lie: in a vault of Obsidian, wherever that lies itself, or else in the folder that was named. Pure.

A note is known by its home and its path in there. So it is the same note whether a vault is imported, a folder that
vaults lie in, or a single file of a folder.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from tools.importers.opening import Opened
from tools.importers.words import uri


@dataclass(frozen=True, slots=True)
class Home:
    """A folder of notes. ``begin``: its path within the export, with a slash at the end; "" is all of it.

    ``notes``: a path or a bare name, without its ending and in lower case → the file.
    """

    name: str
    begin: str = ""
    vault: bool = False
    notes: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def place(self, file: str) -> str:
        """The path of a note within it."""
        return file.removeprefix(self.begin)

    def keep(self, file: str) -> None:
        """Let wikilinks find a note here."""
        path = self.place(file).rpartition(".")[0].lower()
        self.notes[path] = file
        self.notes.setdefault(path.rpartition("/")[2], file)

    def target(self, link: str) -> str | None:
        """The file that a wikilink of a note in here leads to."""
        path = link.partition("#")[0].strip().lower().removesuffix(".md")
        return (self.notes.get(path) or self.notes.get(path.rpartition("/")[2])) if path else None


@dataclass(frozen=True)
class Homes:
    """All homes in an export, the innermost first; the last one takes whatever lies in no other."""

    every: tuple[Home, ...]

    @classmethod
    def of(cls, opened: Opened, notes: Iterable[str] = ()) -> Homes:
        """The vaults in an export, and the folder itself, or the one within an archive; ``notes`` may be linked to."""
        tops = {name.partition("/")[0] if "/" in name else "" for name in opened.names}
        top = tops.pop() if len(tops) == 1 and not opened.path.is_dir() else ""
        outer = Home(top or opened.home, f"{top}/" if top else "", top in opened.vaults)
        inner = [Home(PurePosixPath(path).name, f"{path}/", True) for path in opened.vaults - {"", top}]
        homes = cls((*sorted(inner, key=lambda home: (-home.begin.count("/"), home.begin)), outer))
        for file in notes:
            homes.home(file).keep(file)
        return homes

    def home(self, file: str) -> Home:
        """The home of a file."""
        return next((home for home in self.every if file.startswith(home.begin)), self.every[-1])

    def keys(self, file: str) -> tuple[str, str]:
        """What the note in a file is known by: its home, and its path there."""
        home = self.home(file)
        return home.name, home.place(file)

    def uri(self, source: str, file: str) -> str:
        """The same as a URI."""
        return uri(source, *self.keys(file))
