"""All that can be asked with a slash, told in one table: /help is made of it, and the menu beside a text field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["COMMANDS_TOLD", "HELP", "Told", "menu"]


@dataclass(frozen=True, slots=True)
class Told:
    """A command as it is told: its name, words that may follow it, and what it does."""

    name: str
    example: str
    does: str

    @property
    def written(self) -> str:
        """As one would write it."""
        return f"/{self.name} {self.example}".rstrip()


COMMANDS_TOLD: Final = (
    Told("digest", "", "today's digest"),
    Told("why", "3", "what made up its score"),
    Told("taste", "bees", "what I think you like, or why"),
    Told("more", "rail", "what you want, or /more 3"),
    Told("less", "football", "what you do not want"),
    Told("mute", "@name", "nothing of somebody, or with a word"),
    Told("unmute", "@name", "take that back"),
    Told("seen", "3", "you knew it"),
    Told("hours", "8 18:30", "when digests come"),
    Told("quiet", "22-7", "when I keep silent"),
    Told("zone", "Europe/Lisbon", "where you are"),
    Told("pause", "3 days", "no digests for a while"),
    Told("resume", "", "digests again"),
    Told("remember", "the key is with Ana", "keep a note"),
    Told("notes", "", "all your notes"),
    Told("edit", "3 …", "put a note in other words"),
    Told("forget", "3", "a note, or what you said with a word"),
    Told("import", "", "take in the export that you sent me"),
    Told("stop", "", "answer no more of what you asked"),
    Told("status", "", "how I am"),
    Told("help", "", "all of this"),
)

HELP: Final = "\n".join(
    (
        "Answer an entry with an emoji, or name it by number: “2 👎 5 🔖”.",
        "👍 more · 👎 less · 🔖 save · 🙈 seen · 🔇 mute its author · 🧵 tell all",
        *(f"{told.written}: {told.does}" for told in COMMANDS_TOLD),
        "Anything else is a question that your archive answers.",
    )
)


def menu() -> dict[str, str]:
    """Each command → what it does, with an example where it takes words."""
    return {told.name: f"{told.does} ({told.written})" if told.example else told.does for told in COMMANDS_TOLD}
