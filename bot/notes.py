"""What the owner wants remembered and forgotten: /remember, /notes, /edit, /forget, and the same in plain words.

Nothing is forgotten before it was shown: what is asked about waits in the preferences until the owner says yes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from agents.standing import standing
from bot.channels.rendering import shorten
from config.errors import StoreError
from memory.keeping.choosing import Choice, Says, about
from memory.keeping.forgetting import forget_choice
from memory.records import Item, Outgoing
from memory.store import Memory
from memory.store.notes import NOTE

if TYPE_CHECKING:
    from bot.commands import Asked

WAITS: Final = timedelta(minutes=10)
"""How long a question back may be answered with a bare yes."""

SHOWN: Final = 5
_PENDING: Final = "forgetting"
_YES: Final = re.compile(r"(?:yes|yep|ja|jawohl|oui|sí|si|sim|sì)[.!]*", re.IGNORECASE)
_LAST_YES: Final = re.compile(r"^(.*?)\s*\byes[.!]*$", re.IGNORECASE | re.DOTALL)
_NUMBER: Final = re.compile(r"#?(\d{1,5})\.?")
_EDIT: Final = re.compile(r"#?(\d{1,5})[.:]?\s+(\S.*)", re.DOTALL)


@dataclass(frozen=True)
class Notebook:
    """The notes within one transaction. ``swept_later`` is called when words were forgotten that files still hold."""

    memory: Memory
    now: datetime
    author: str  # Account.uri of the owner
    swept_later: Callable[[], object] = lambda: None

    def remember(self, text: str) -> str:
        """Keep a note; returns what to say."""
        note = self.memory.notes.add(text.strip(), self.author, self.now)
        number = len(self.memory.notes.all())
        fact = "I will keep that in mind. " if standing(note.text) else ""
        return f"Note {number}: {_told(note)}\n{fact}/forget {number} takes it back."

    def listed(self) -> str:
        """All notes with their numbers."""
        notes = self.memory.notes.all()
        lines = [f"{n} · {note.created_at.date()}: {_told(note, 200)}" for n, note in enumerate(notes, 1)]
        return "\n".join(lines) or "There are no notes yet. For example: /remember the key is with Ana"

    def edit(self, number: int, text: str) -> str:
        """Put other words in the place of a note's."""
        note = self._note(number)
        if note is None:
            return self._no_note(number)
        self.memory.notes.edit(note, text.strip(), self.now)
        return f"Note {number} was: {_told(note)}\nNow it is: “{shorten(text.strip(), 120)}”"

    def ask_to_forget(self, what: str) -> str:
        """Show what would be forgotten, a note by its number or what was said with these words, and ask."""
        try:
            items, topics = self._meant(what)
        except StoreError as error:
            return str(error)
        if not items and not topics:
            number = _NUMBER.fullmatch(what)
            return self._no_note(int(number[1])) if number else f"You have told me nothing about “{shorten(what, 60)}”."
        pending = {"what": what, "uris": [item.uri for item in items], "at": self.now.isoformat()}
        self.memory.preferences.choose(_PENDING, pending, self.now)
        return f"{self._shown(items, topics)}\nForget this for good? Say yes, or /forget {what} yes."

    def forget(self, what: str) -> str:
        """Forget what was shown before under the same name; what was not shown is shown first."""
        pending = self._pending()
        if pending is None or pending["what"] != what:
            return self.ask_to_forget(what)
        self.memory.preferences.choose(_PENDING, None, self.now)
        items = tuple(self.memory.items.all(pending["uris"]).values())
        self.swept_later()
        says = _quoting(items[0]) if _NUMBER.fullmatch(what) and items else about(what)
        forget_choice(self.memory, Choice(items, says=says), self.now)
        return "Forgotten. The next tidying up takes it out of backups and logs as well."

    def asked_about(self) -> str:
        """What a bare yes would mean now; nothing if nothing was asked."""
        pending = self._pending()
        recent = pending is not None and self.now - datetime.fromisoformat(pending["at"]) <= WAITS
        return str(pending["what"]) if pending and recent else ""

    def _pending(self) -> Mapping[str, Any] | None:
        pending: Mapping[str, Any] | None = self.memory.preferences.get(_PENDING)
        return pending

    def _note(self, number: int) -> Item | None:
        notes = self.memory.notes.all()
        return notes[number - 1] if 0 < number <= len(notes) else None

    def _no_note(self, number: int) -> str:
        count = len(self.memory.notes.all())
        return f"There is no note {number}; {f'there are 1 to {count}' if count else 'there are none yet'}."

    def _meant(self, what: str) -> tuple[list[Item], list[str]]:
        """Notes, messages and wishes. Raises StoreError for words in which no word is."""
        if number := _NUMBER.fullmatch(what):
            note = self._note(int(number[1]))
            return ([note] if note else []), []
        says = about(what)
        items = [item for item in self.memory.notes.said() if says(item.text)]
        return items, [topic for topic in self.memory.rules.interests() if says(topic)]

    def _shown(self, items: Sequence[Item], topics: Sequence[str]) -> str:
        lines = [
            f"{'note' if item.kind == NOTE else 'you said'} · {item.created_at.date()}: {_told(item)}"
            for item in items[:SHOWN]
        ]
        lines += [f"… and {len(items) - SHOWN} more"] * (len(items) > SHOWN)
        lines += [f"your wish about {', '.join(topics)}"] * bool(topics)
        return "\n".join(lines)


def _told(item: Item, longest: int = 120) -> str:
    return f"“{shorten(' '.join(item.text.split()), longest)}”"


def _quoting(note: Item) -> Says:
    """Whether something was said with the very words of a note: the message that brought it, and what told of it."""
    words = " ".join(note.text.split())
    ends = re.compile(rf"(?:^|\s){re.escape(words)}$")
    shown = {_told(note), _told(note, 200)}

    def says(text: str) -> bool:
        said = " ".join(text.split())
        return ends.search(said) is not None or any(quote in said for quote in shown)

    return says


def agreed(text: str) -> bool:
    """Whether a message says yes, and nothing else."""
    return _YES.fullmatch(text.strip()) is not None


def remember(asked: Asked) -> Outgoing:
    """/remember the key is with Ana"""
    if not asked.words:
        return asked.puzzled("/remember the key is with Ana")
    return asked.says(asked.notebook.remember(asked.words))


def notes(asked: Asked) -> Outgoing:
    """/notes"""
    return asked.says(asked.notebook.listed())


def edit(asked: Asked) -> Outgoing:
    """/edit 3 the key is with Ben"""
    found = _EDIT.fullmatch(asked.words)
    return asked.says(asked.notebook.edit(int(found[1]), found[2])) if found else asked.puzzled("/edit 3 other words")


def forget(asked: Asked) -> Outgoing:
    """/forget 3, /forget divorce; with a yes behind it, what was shown before is forgotten"""
    sure = _LAST_YES.match(asked.words)
    what = (sure[1] if sure else asked.words).strip()
    if not what:
        return asked.puzzled("/forget 3")
    notebook = asked.notebook
    return asked.says(notebook.forget(what) if sure else notebook.ask_to_forget(what))


NOTES: Mapping[str, Callable[[Asked], Outgoing]] = {
    "remember": remember,
    "notes": notes,
    "edit": edit,
    "forget": forget,
}
