"""The terminal channel: calm to read, safe against what posts may hold, a line of input is a message."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from rich.console import Console

from bot.channels.terminal import TerminalChannel, build
from config.errors import ConfigError
from memory.records import Message, Outgoing, Span

NOW = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)
BREAK = Span("break")
ENTRY = (
    Span("strong", "1 · "),
    Span("strong", "Ann of the Rails"),
    Span("text", " "),
    Span("handle", "ann@rail.example"),
    BREAK,
    Span("quote", "The night train is back."),
    BREAK,
    Span("link", "Post", "https://rail.example/@ann/1"),
    BREAK,
    Span("text", "Why: 3 people shared it."),
)


class Screen:
    """A terminal to look at, and one to type into."""

    def __init__(self, *typed: str, width: int = 60, colours: bool = False) -> None:
        self.typed: Iterator[str] = iter(typed)
        self.prompts: list[str] = []
        system = "standard" if colours else None
        self.console = Console(
            file=io.StringIO(),
            width=width,
            force_terminal=colours,
            color_system=system,
            _environ={},
            legacy_windows=False,
        )
        self.channel = TerminalChannel(self.console, self.type, now=lambda: NOW, session="")

    def type(self, prompt: str) -> str:
        self.prompts.append(prompt)
        for line in self.typed:
            return line
        raise EOFError

    @property
    def shown(self) -> str:
        assert isinstance(self.console.file, io.StringIO)
        return self.console.file.getvalue()


def show(*spans: Span, width: int = 60, colours: bool = False, warning: str = "") -> str:
    screen = Screen(width=width, colours=colours)
    screen.channel.send(Outgoing("k", spans, warning=warning))
    return screen.shown


def test_an_entry_has_a_rule_with_its_number_and_an_indented_body() -> None:
    assert show(*ENTRY) == (
        "\n── 1 · Ann of the Rails @ann@rail.example ──────────────────\n"
        "  “The night train is back.”\n"
        "  Post: https://rail.example/@ann/1\n"
        "  Why: 3 people shared it.\n"
    )


def test_a_plain_answer_stands_indented_without_a_rule() -> None:
    assert show(Span("text", "Noted:"), BREAK, BREAK, BREAK, Span("text", "fewer trains."), BREAK) == (
        "\n  Noted:\n\n  fewer trains.\n"
    )


def test_a_content_warning_stands_before_the_words() -> None:
    shown = show(*ENTRY, warning="rail \x1b[1mgore")
    assert shown.index("Content warning: rail [1mgore") < shown.index("night train")


def test_lines_are_wrapped_at_words_and_never_wider_than_a_hundred() -> None:
    for width, most in ((40, 40), (250, 100)):
        shown = show(Span("strong", "9 · A title " * 20), BREAK, Span("text", "Some words to wrap. " * 30), width=width)
        assert max(map(len, shown.splitlines())) <= most
        told = "9 · A title " * 20 + "Some words to wrap. " * 30
        assert " ".join(shown.replace("─", "").split()) == told.strip(), "the title goes on below its rule"


def test_an_address_stays_in_one_piece() -> None:
    url = "https://example.org/" + "x" * 150
    assert url in show(Span("link", "Link", url), width=40)


def test_a_terminal_gets_clickable_addresses_and_quiet_type() -> None:
    shown = show(*ENTRY, colours=True)
    assert re.search(r"\x1b\]8;[^;]*;https://rail\.example/@ann/1\x1b\\", shown)
    assert "\x1b[3m“The night train is back.”" in shown
    assert "\x1b[2m@ann@rail.example" in shown
    assert not re.search(r"\x1b\[[\d;]*(3|4|9)[0-7]m", shown)


def test_without_a_terminal_there_is_not_one_escape() -> None:
    assert "\x1b" not in show(*ENTRY)


@pytest.mark.parametrize(
    "attack",
    ["\x1b[2J", "\x1b]0;owned\x07", "\x9b2J", "\r\x08\x08", "\x1b]8;;https://evil.example\x1b\\here", "\u202eevil"],
)
@pytest.mark.parametrize("kind", ["text", "strong", "quote", "handle", "link"])
@pytest.mark.parametrize("colours", [False, True])
def test_a_post_cannot_steer_the_terminal(kind: str, attack: str, colours: bool) -> None:
    url = f"https://rail.example/{attack}" if kind == "link" else ""
    shown = show(Span("text", "a"), Span(kind, f"before{attack}after", url), warning=attack, colours=colours)
    ours = re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;(id=[\w.\-]+)?;(https://rail\.example/[^\x1b]*)?\x1b\\", "", shown)
    assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", ours) == []


@pytest.mark.parametrize("kind", ["text", "strong", "quote"])
def test_markup_and_emoji_names_in_a_post_are_only_words(kind: str) -> None:
    assert "[bold red]big[/bold red] :bomb:" in show(Span("text", " "), Span(kind, "[bold red]big[/bold red] :bomb:"))


def test_an_address_in_the_words_of_strangers_is_not_clickable() -> None:
    shown = show(Span("text", "see https://evil.example"), Span("link", "here", "javascript:alert(1)"), colours=True)
    assert "://" not in shown
    assert "\x1b]8" not in shown


def test_messages_are_numbered_and_sittings_are_told_apart() -> None:
    channel = Screen().channel
    assert [channel.send(Outgoing("k", (Span("text", "Hello."),))) for _ in range(2)] == [("t1",), ("t2",)]
    first, second = (TerminalChannel().session for _ in range(2))
    assert first != second


def heard(screen: Screen) -> list[Message]:
    return [event for event in screen.channel.listen(None) if isinstance(event, Message)]


def test_each_line_is_a_message_until_the_input_ends() -> None:
    first, second = heard(Screen(" 2 👎 5 🔖 ", "", "  ", "/why\x1b[A 2"))
    assert first == Message("terminal", "2 👎 5 🔖", NOW, platform_id="in1")
    assert (second.text, second.platform_id, second.reply_to, second.incoming) == ("/why[A 2", "in2", "", True)


def test_quit_ends_it_and_so_does_an_interrupt() -> None:
    assert [message.text for message in heard(Screen("hello", "/QUIT", "unheard"))] == ["hello"]

    def interrupted(prompt: str) -> str:
        raise KeyboardInterrupt

    ask: Callable[[str], str] = interrupted
    assert list(TerminalChannel(ask=ask).listen(None)) == []


def test_a_prompt_is_shown_on_a_terminal_only() -> None:
    for colours, prompt in ((True, "\n› "), (False, "")):
        screen = Screen(colours=colours)
        heard(screen)
        assert screen.prompts == [prompt]


def test_it_needs_no_settings_and_knows_none() -> None:
    assert build({}, {}, "a@b").name == "terminal"
    with pytest.raises(ConfigError, match="width"):
        build({"width": 80}, {}, "a@b")
