"""The terminal: Magpie speaks in calm type, the owner answers a line at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from pydantic import SecretStr

from bot.channels import NEW, Past
from bot.channels.rendering import clean, quoted, safe_url, unlinked
from config.settings import refuse_unknown
from memory.records import Message, Outgoing, Reaction, Span

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WIDEST: Final = 100
_INDENT: Final = 2
_RULE: Final = 4  # signs of a rule around its title
_LEAVING: Final = ("/quit", "/exit")
_STYLES: Final = {"strong": "bold", "quote": "italic", "handle": "dim"}


def build(settings: Mapping[str, Any], secrets: Mapping[str, SecretStr], owner_handle: str) -> TerminalChannel:
    """The channel of whoever sits at this terminal. It has no settings and needs no secrets. Raises ConfigError."""
    refuse_unknown(settings, set(), "The channel terminal")
    return TerminalChannel()


def _session() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-"


@dataclass
class TerminalChannel:
    """Prints to a Rich console and reads lines. ``session`` keeps the ids of one sitting from those of another."""

    console: Console | None = field(default=None, repr=False)
    ask: Callable[[str], str] = field(default=input, repr=False)
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC), repr=False)
    session: str = field(default_factory=_session)
    name: str = "terminal"
    _said: int = field(default=0, init=False, repr=False)
    _heard: int = field(default=0, init=False, repr=False)

    def send(self, out: Outgoing, past: Past = NEW) -> tuple[str, ...]:
        """Print it. What begins in strong type gets a rule with that line as its title; what is too long goes on below.

        Nobody can tell what of an earlier try was read: what is in doubt is printed again.
        """
        lines = _lines(out)
        if any(span.kind == "strong" for span in out.spans[:1]) and lines:
            title, *more = lines.pop(0).wrap(self._out, self._width - _INDENT - _RULE)
            self._rule(title)
            lines = [*more, *lines]
        else:
            self._out.print()
        if out.warning:
            self._print(_text(f"Content warning: {clean(out.warning)}", "bold"))
        for line in lines:
            self._print(line)
        self._said += 1
        return (f"{self.session}t{self._said}",)

    def typing(self) -> None:
        """Whoever sits at a terminal sees that it is at work."""

    def listen(self, cursor: str | None) -> Iterator[Message | Reaction]:
        """Yield each line as it is entered, until the input ends or is /quit. A terminal has no past: no cursor."""
        while True:
            try:
                words = clean(self.ask("\n› " if self._out.is_terminal else "")).strip()
            except (EOFError, KeyboardInterrupt):
                return
            if words.lower() in _LEAVING:
                return
            if words:
                self._heard += 1
                yield Message(self.name, words, self.now(), platform_id=f"{self.session}in{self._heard}")

    @cached_property
    def _out(self) -> Console:
        from rich.console import Console

        return self.console or Console(highlight=False)

    @property
    def _width(self) -> int:
        return min(self._out.width, WIDEST)

    def _rule(self, title: Text) -> None:
        """A thin line that begins with the title."""
        title.rstrip()
        rest = max(2, self._width - title.cell_len - 4)
        line = _text("") + _text("── ", "dim") + title + _text(f" {'─' * rest}", "dim")
        self._out.print()
        self._out.print(line, no_wrap=True, overflow="ignore", crop=False)

    def _print(self, line: Text) -> None:
        """One line, wrapped at words; a long address stays in one piece, so that it can be clicked and copied."""
        width = self._width - _INDENT
        whole = any("://" in word and len(word) > width for word in line.plain.split())
        for row in [line] if whole else line.wrap(self._out, width):
            row.rstrip()
            indented = _text(" " * _INDENT if row.plain else "") + row
            self._out.print(indented, no_wrap=True, overflow="ignore", crop=False)


def _lines(out: Outgoing) -> list[Text]:
    """The message as lines of styled text, without blank ones at either end and never two blank ones in a row."""
    whole = _text("")
    for span in out.spans:
        whole += _run(span)
    lines = list(whole.split("\n", allow_blank=True))
    kept = [
        line for place, line in enumerate(lines) if line.plain.strip() or (place and lines[place - 1].plain.strip())
    ]
    while kept and not kept[-1].plain.strip():
        kept.pop()
    return kept


def _run(span: Span) -> Text:
    if span.kind == "break":
        return _text("\n")
    if span.kind == "link":
        return _link(span)
    if span.kind == "contents":  # it follows at once
        return _text("")
    words = unlinked(clean(span.text))
    if span.kind == "quote":
        words = quoted(" ".join(words.split()))
    if span.kind == "handle":
        words = f"@{words.lstrip('@')}"
    return _text(words, _STYLES.get(span.kind, ""))


def _link(span: Span) -> Text:
    url, label = safe_url(span.url or span.text), unlinked(clean(span.text)).strip()
    if not url:
        return _text(unlinked(clean(span.text or span.url)))
    if label in (unlinked(clean(span.url)), unlinked(url)):
        label = ""
    lead = f"{label}{':' if label[-1:].isalnum() else ''} " if label else ""
    return _text(lead) + _text(url, "dim", link=url)


def _text(words: str, style: str = "", link: str = "") -> Text:
    """Text in which nothing is markup."""
    from rich.style import Style
    from rich.text import Text

    return Text(words, style=Style.parse(style) + Style(link=link or None))
