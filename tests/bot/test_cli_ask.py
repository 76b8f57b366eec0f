"""``magpie ask``, ``note`` and ``notes`` on a command line."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.build import Magpie
from bot.channels.terminal import TerminalChannel
from bot.cli import ask as asking
from bot.cli.app import app
from bot.notes import KEPT
from config.errors import StoreError
from config.settings import parse
from memory.records import Account, Kind, Reaction
from memory.store import Store
from tests.fakes import NOW, HashedWords, post

BEES = post("bees", "The bees came back to the bell tower of the old town hall")
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which a post on bees is known."""
    ticks = count()

    def beside(config: Path, given_channel: TerminalChannel) -> Magpie:
        table = {"owner": {"handle": "me@home.example"}, "data": str(tmp_path / "data"), "model": {"kind": "none"}}
        given: dict[str, Any] = {"given_channel": given_channel, "given_embedder": HashedWords(), "alone": False}
        return Magpie(parse(table), now=lambda: NOW + next(ticks) * MOMENT, **given)

    monkeypatch.setattr(asking, "beside", beside)
    Store.open(tmp_path / "data" / "magpie.db", "me@home.example").close()  # it has been at work before
    one = beside(Path(), TerminalChannel())
    with one.store.begin() as memory:
        memory.items.keep(BEES, NOW)
        memory.reactions.add(Reaction(Kind.LIKE, NOW, BEES.uri))
    one.collector.collect([])
    one.close()
    return tmp_path / "data"


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, done.output
    return done.output


def test_a_question_is_answered_here(data: Path) -> None:
    told = run("ask", "bees in the bell tower")
    assert "From your archive on “bees in the bell tower”" in told and "“The bees came back" in told
    assert BEES.url in told


def test_other_programs_get_an_object(data: Path) -> None:
    told = json.loads(run("ask", "bees in the bell tower", "--json"))
    assert (told["question"], told["understood"]["intent"]) == ("bees in the bell tower", "find")
    assert told["hits"][0]["uri"] == BEES.uri and told["hits"][0]["number"] == 1


@pytest.fixture
def imported(data: Path) -> Path:
    """A note and a chat, in which nothing bears the owner's own handle."""
    mine = post("note", "Tides turn late.", uri="obsidian:a/Tides.md", url="", author="obsidian:person/me", kind="note")
    theirs = post("chat", "Tides, tides!", uri="whatsapp:bea/1", url="", author="whatsapp:person/bea", kind="chat")
    store = Store.open(data / "magpie.db", "me@home.example")
    with store.begin() as memory:
        memory.accounts.keep([Account("obsidian:person/me", "me@obsidian", "me")])
        memory.accounts.keep([Account(uri, "bea@whatsapp", "Bea") for uri in ("whatsapp:bea", "whatsapp:person/bea")])
        memory.items.keep(replace(mine, title="Tides"), NOW)
        memory.items.keep(replace(theirs, reply_to="whatsapp:bea"), NOW)
        memory.reactions.add(Reaction(Kind.AUTHORED, NOW, mine.uri, "obsidian"))
    store.close()
    return data


@pytest.mark.parametrize(
    "question",
    [
        "what did I write about tides?",
        "was habe ich über tides geschrieben?",
        "qu'est-ce que j'ai écrit sur tides ?",
        "¿qué he escrito sobre tides?",
    ],
)
def test_what_was_imported_of_ones_own_is_by_oneself(imported: Path, question: str) -> None:
    told = run("ask", question)
    assert "Looked at: by you." in told
    assert "“Tides turn late.”" in told and "Tides, tides!" not in told
    assert "you: Tides" in told and "note “Tides”" in told and "obsidian:" not in told


def test_whoever_is_known_from_an_import_is_asked_for_by_name(imported: Path) -> None:
    told = run("ask", "what did Bea say about tides?")
    assert "Tides, tides!" in told and "chat with Bea" in told and "whatsapp:" not in told
    assert "may be any of them" not in told


def test_notes_are_kept_and_listed(data: Path) -> None:
    assert run("note", "the key is with Ana").startswith("Note 1: “the key is with Ana”")
    assert run("notes").startswith("1 · 2026-11-20: “the key is with Ana”")


@pytest.mark.parametrize("command", ["ask", "note"])
def test_nothing_is_neither_asked_nor_noted(data: Path, command: str) -> None:
    done = CliRunner().invoke(app, [command, "  "])
    assert done.exit_code != 0
    assert run("notes").startswith("There are no notes yet.")


def test_what_is_to_be_forgotten_is_agreed_to_here_as_well(data: Path) -> None:
    run("note", "the key is with Ana")
    assert "“the key is with Ana”" in run("ask", "forget what I said about the key")
    assert run("ask", "no").strip() == KEPT
    run("ask", "forget what I said about the key")
    run("ask", "bees in the bell tower")
    run("ask", "yes")
    assert run("notes").startswith("1 · ")
    run("ask", "forget what I said about the key")
    assert run("ask", "yes").startswith("Forgotten.")
    assert run("notes").startswith("There are no notes yet.")


@pytest.mark.parametrize("command", ["/why 2", "/more rail", " /STOP", "/hours"])
def test_a_command_of_the_chat_is_no_question_and_it_is_said_where_it_belongs(data: Path, command: str) -> None:
    done = CliRunner().invoke(app, ["ask", command])
    name = command.strip().split(" ")[0].lower()
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.strip() == (
        f"magpie: “{name}” is a command of the chat: say it where your digests come, or in magpie chat."
    )


@pytest.mark.parametrize(
    ("command", "here"),
    [("/status", "status"), ("/digest", "digest"), ("/notes", "notes"), ("/remember the key", "note “…”")],
)
def test_of_a_command_of_the_chat_it_is_said_what_does_the_same_here(data: Path, command: str, here: str) -> None:
    done = CliRunner().invoke(app, ["ask", command])
    assert done.exit_code == 2 and done.stderr.strip().endswith(f"; here, magpie {here} does the same.")
    assert run("notes").startswith("There are no notes yet.")


def test_what_only_looks_like_a_command_of_the_chat_is_told_so(data: Path) -> None:
    done = CliRunner().invoke(app, ["ask", "/statsu"])
    assert done.exit_code == 2 and "I do not know /statsu" in done.stderr


@pytest.mark.parametrize("question", ["/taste bees", "/etc/hosts", "/ bees in the bell tower"])
def test_a_path_and_what_is_asked_with_a_slash_are_questions(data: Path, question: str) -> None:
    run("ask", question)


@pytest.mark.parametrize("words", [("ask", "hello"), ("ask", "/taste"), ("ask", "do I like bees?"), ("taste",)])
def test_before_anything_was_collected_that_is_said_in_one_sentence(tmp_path: Path, words: tuple[str, ...]) -> None:
    config = tmp_path / "magpie.toml"
    config.write_text(f'data = "{tmp_path / "data"}"\n[owner]\nhandle = "me@home.example"\n')  # and no [model]
    done = CliRunner().invoke(app, [*words, "--config", str(config)])
    assert isinstance(done.exception, StoreError) and str(done.exception).startswith("Nothing was collected yet: ")
