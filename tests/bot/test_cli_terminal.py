"""What strangers write cannot steer the terminal that commands are typed at, nor the page that a browser opens."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.build import Magpie
from bot.cli import main
from bot.cli.app import app, progress_bar
from memory.keeping.embedding import embed_missing
from memory.records import Account, How, Kind, Reaction, Share
from memory.store import Store
from tests.fakes import OWNER, HashedWords, post

EVIL = (
    "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\\x1b[31m\x9b31m\x07\u202e\u200b[red]X[/red]"
    "</title><script>alert(1)</script>\x1b]0;mine\x07"
)
Typed = Callable[..., str]


def steering(said: str) -> set[str]:
    """The signs in it that a terminal obeys, or that turn or hide what stands beside them."""
    return {
        sign for sign in said if (ord(sign) < 32 and sign != "\n") or 127 <= ord(sign) < 160 or sign in "\u202e\u200b"
    }


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """A terminal in a folder whose memory is full of what means harm."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.build.Magpie", partial(Magpie, given_embedder=HashedWords(), given_web=None))
    (tmp_path / "magpie.toml").write_text(f'[owner]\nhandle = "{OWNER}"\n[model]\nkind = "none"\n')
    now = datetime.now(UTC)
    store = Store.open(tmp_path / "data" / "magpie.db", OWNER)
    with store.begin() as memory:
        memory.sources.move("settings", {"interests": ""})
        for number in range(12):
            who, at = f"ann{number % 2}", now - timedelta(hours=number + 1)
            memory.accounts.keep(
                [Account(f"https://fedi.example/users/{who}", f"{who}{EVIL}@fedi.example", f"Ann {EVIL}")]
            )
            plain = post(f"p{number}", f"bees swarm hive clock {number} {EVIL}", by=who, at=at)
            item = replace(plain, title=f"T{EVIL}", warning=EVIL if number % 5 == 0 else "", tags=(EVIL,), poll=(EVIL,))
            memory.items.keep(item, now)
            memory.shares.add(Share(item.author, item.uri, at, How.POSTED))
            memory.reactions.add(Reaction(Kind.LIKE, at, item.uri, source="mastodon", event=f"e{number}"))
    embed_missing(store, HashedWords())
    store.close()

    def type_(*words: str, answers: str = "n\n") -> str:
        return CliRunner().invoke(app, list(words), input=answers).output

    return type_


@pytest.mark.parametrize(
    "words",
    [
        *(
            ("search", "bees"),
            ("search", "bees", "--warned"),
            ("search", "bees", "--by", "ann"),
            ("ask", "what about bees"),
        ),
        *(
            ("ask", "what do I like?"),
            ("taste",),
            ("forget", "bees"),
            ("note", f"remember {EVIL}"),
            ("status",),
            ("runs",),
        ),
        *(("search", "bees", "--json"), ("ask", "what about bees", "--json"), ("taste", "--json")),
    ],
    ids=" ".join,
)
def test_a_command_shows_words_and_no_orders_to_the_terminal(typed: Typed, words: tuple[str, ...]) -> None:
    said = typed(*words)
    assert len(said) > 10
    assert steering(said) == set()
    if "--json" in words:
        assert all(isinstance(json.loads(line), dict) for line in said.splitlines())
        whole = json.dumps(json.loads(said.splitlines()[0]), ensure_ascii=False)
        assert "\x9b" in whole, "nothing is lost in what a program reads"


def test_notes_are_listed_as_words(typed: Typed) -> None:
    typed("note", f"remember {EVIL}")
    assert "remember" in (said := typed("notes"))
    assert steering(said) == set()


@pytest.mark.parametrize(
    "words", [("search", "x", "--by", EVIL), ("import", f"no{EVIL.split('/', maxsplit=1)[0]}where"), ("replay", EVIL)]
)
def test_an_error_is_a_sentence_and_no_order(
    typed: Typed, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["magpie", *words])
    with pytest.raises(SystemExit):
        main()
    shown = capsys.readouterr()
    assert shown.err.lstrip().startswith("magpie: ")
    assert steering(shown.out + shown.err) == set()


def test_the_map_of_a_taste_is_the_owners_alone_and_runs_nothing(typed: Typed, tmp_path: Path) -> None:
    typed("taste", "--map", "map.html")
    page = tmp_path / "map.html"
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert "<script" not in page.read_text("utf-8")
    assert steering(page.read_text("utf-8")) == set()


def test_names_of_files_in_the_bar_of_progress_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar() as step:
        step(f"a{EVIL}.jsonl", 3)
    assert "[red]X[/red]" in (shown := capsys.readouterr().err)
    assert "\x9b" not in shown
    assert "\x07" not in shown
