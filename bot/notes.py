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
from bot.speaking import hinted
from config.errors import StoreError
from memory.keeping.choosing import Choice, Says, about
from memory.keeping.forgetting import forget_choice
from memory.records import Item, Outgoing
from memory.store import Memory
from memory.store.notes import NOTE, QUESTION

if TYPE_CHECKING:
    from bot.commands import Asked

WAITS: Final = timedelta(minutes=10)
"""How long a question back may be answered with a bare yes."""

MOST: Final = 20
"""So much is shown at once, and nothing that is not shown is forgotten."""

KEPT: Final = "Then I keep it all."
NOTHING: Final = "There is nothing in that to remember. For example: /remember the key is with Ana"
EVERYTHING: Final = (
    "I forget everything only on the machine I live on: “magpie forget --everything” there. "
    "/forget with a word takes out what you told me about it."
)
_PENDING: Final = "forgetting"
_NUMBERS: Final = "note numbers"
_YES: Final = re.compile(r"(?:yes|yep|ja|jawohl|oui|sí|si|sim|sì)[.!]*", re.IGNORECASE)
_NO: Final = re.compile(r"(?:no|nope|nein|nee|nicht|non|não|nao|cancel|stop)(?:,? (?:thanks?|danke|merci))?[.!]*", re.I)
_ALL: Final = re.compile(r"(?:everything|all|alles|tout|todo|tudo|tutto|me|mich|moi|mí)(?: about me)?[.!]*", re.I)
_QUESTIONS: Final = re.compile(r"(?:my |the )?questions?(?: about| on| with)? (\S.*)", re.IGNORECASE | re.DOTALL)
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
        if not text.strip():
            return NOTHING
        note = self.memory.notes.add(text.strip(), self.author, self.now)
        number = max(self._numbered())
        fact = "I will keep that in mind. " if standing(note.text) else ""
        return f"Note {number}: {_told(note)}\n{fact}/forget {number} takes it back."

    def listed(self) -> str:
        """All notes with their numbers."""
        lines = [f"{n} · {note.created_at.date()}: {_told(note, 200)}" for n, note in self._numbered().items()]
        return "\n".join(lines) or "There are no notes yet. For example: /remember the key is with Ana"

    def edit(self, number: int, text: str) -> str:
        """Put other words in the place of a note's."""
        note = self._numbered().get(number)
        if note is None:
            return self._no_note(number)
        self.memory.notes.edit(note, text.strip(), self.now)
        return f"Note {number} was: {_told(note)}\nNow it is: “{shorten(text.strip(), 120)}”"

    def ask_to_forget(self, what: str) -> str:
        """Show what would be forgotten, a note by its number or what was said with these words, and ask."""
        self.let_go()
        if _ALL.fullmatch(what):
            return EVERYTHING
        try:
            items, topics = self._meant(what)
        except StoreError as error:
            return str(error)
        shown = [item for item in items if item.kind != QUESTION or _QUESTIONS.fullmatch(what)]
        if not shown and not topics:
            return self._nothing(what, len(items))
        if len(shown) + len(topics) > MOST:
            return (
                f"{len(shown)} of your notes and messages say “{shorten(what, 60)}”, too many to show: say more words."
            )
        pending = {"what": what, "uris": [item.uri for item in items], "at": self.now.isoformat()}
        self.memory.preferences.choose(_PENDING, pending, self.now)
        told = self._shown(shown, topics, len(items) - len(shown))
        return f"{told}\nForget this for good? Say yes, or /forget {what} yes."

    def forget(self, what: str) -> str:
        """Forget what was shown before under the same name; what was not shown is shown first."""
        pending = self._pending()
        if pending is None or pending["what"] != what:
            return self.ask_to_forget(what)
        self.let_go()
        items = tuple(self.memory.items.all(pending["uris"]).values())
        self.swept_later()
        says = _quoting(items[0]) if _NUMBER.fullmatch(what) and items else about(_sought(what))
        forget_choice(self.memory, Choice(items, says=says), self.now)
        return "Forgotten. The next tidying up takes it out of backups and logs as well."

    def asked_about(self) -> str:
        """What a bare yes would mean now; nothing if nothing was asked."""
        pending = self._pending()
        recent = pending is not None and self.now - datetime.fromisoformat(pending["at"]) <= WAITS
        return str(pending["what"]) if pending and recent else ""

    def let_go(self) -> None:
        """What was asked about is not forgotten: something else was said."""
        if self._pending() is not None:
            self.memory.preferences.choose(_PENDING, None, self.now)

    def _pending(self) -> Mapping[str, Any] | None:
        pending: Mapping[str, Any] | None = self.memory.preferences.get(_PENDING)
        return pending

    def _numbered(self) -> dict[int, Item]:
        """Each note by the number that it was given once, oldest first; no number is given twice."""
        kept = self.memory.preferences.get(_NUMBERS) or {"last": 0, "of": {}}
        notes, of, last = self.memory.notes.all(), dict(kept["of"]), kept["last"]
        for note in notes:
            if note.uri not in of:
                last += 1
                of[note.uri] = last
        there = {note.uri: of[note.uri] for note in notes}
        if {"last": last, "of": there} != kept:
            self.memory.preferences.choose(_NUMBERS, {"last": last, "of": there}, self.now)
        return {there[note.uri]: note for note in notes}

    def _no_note(self, number: int) -> str:
        return f"There is no note {number}; {'/notes lists them' if self._numbered() else 'there are none yet'}."

    def _nothing(self, what: str, asked: int) -> str:
        if number := _NUMBER.fullmatch(what):
            return self._no_note(int(number[1]))
        told = f"You have told me nothing about “{shorten(what, 60)}”"
        return f"{told}, only asked about it: /forget questions about {what}" if asked else f"{told}."

    def _meant(self, what: str) -> tuple[list[Item], list[str]]:
        """Notes, messages and wishes. Raises StoreError for words in which no word is."""
        if number := _NUMBER.fullmatch(what):
            note = self._numbered().get(int(number[1]))
            return ([note] if note else []), []
        says = about(_sought(what))
        items = [item for item in self.memory.notes.said() if says(item.text)]
        return items, [topic for topic in self.memory.rules.interests() if says(topic)]

    def _shown(self, items: Sequence[Item], topics: Sequence[str], asked: int) -> str:
        names = {NOTE: "note", QUESTION: "you asked"}
        lines = [f"{names.get(item.kind, 'you said')} · {item.created_at.date()}: {_told(item)}" for item in items]
        lines += [f"your wish about {', '.join(topics)}"] * bool(topics)
        lines += [f"and {'a question' if asked == 1 else f'{asked} questions'} of yours with these words"] * bool(asked)
        return "\n".join(lines)


def _told(item: Item, longest: int = 120) -> str:
    return f"“{shorten(' '.join(item.text.split()), longest)}”"


def _sought(what: str) -> str:
    """The words to look for; questions are named as such."""
    questions = _QUESTIONS.fullmatch(what)
    return questions[1] if questions else what


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


def declined(text: str) -> bool:
    """Whether a message says no, and nothing else."""
    return _NO.fullmatch(text.strip()) is not None


def remember(asked: Asked) -> Outgoing:
    """/remember the key is with Ana"""
    if not asked.words:
        return asked.puzzled("/remember the key is with Ana")
    return asked.says(*hinted(asked.notebook.remember(asked.words)))


def notes(asked: Asked) -> Outgoing:
    """/notes"""
    return asked.says(*hinted(asked.notebook.listed()))


def edit(asked: Asked) -> Outgoing:
    """/edit 3 the key is with Ben"""
    found = _EDIT.fullmatch(asked.words)
    if found is None:
        return asked.puzzled("/edit 3 other words")
    return asked.says(*hinted(asked.notebook.edit(int(found[1]), found[2])))


def forget(asked: Asked) -> Outgoing:
    """/forget 3, /forget divorce; with a yes behind it, what was shown before is forgotten"""
    sure = _LAST_YES.match(asked.words)
    what = (sure[1] if sure else asked.words).strip()
    if not what:
        return asked.puzzled("/forget 3")
    notebook = asked.notebook
    return asked.says(*hinted(notebook.forget(what) if sure else notebook.ask_to_forget(what)))


NOTES: Mapping[str, Callable[[Asked], Outgoing]] = {
    "remember": remember,
    "notes": notes,
    "edit": edit,
    "forget": forget,
}
