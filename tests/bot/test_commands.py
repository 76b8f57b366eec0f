"""What the owner can ask with a slash, and what each answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.commands import COMMANDS, WAITS, Asked, wishes
from bot.menu import COMMANDS_TOLD, HELP, menu
from bot.speaking import Speaker
from memory.records import Account, Digest, Factor, Kind, Rule
from memory.store import Store
from tests.fakes import NOW, account, digest, post

Ask = Callable[..., str]
LEADS = (post("a", "The bees are back."), post("b", "The train is late."))
MADE = digest(*LEADS)
MADE = replace(MADE, entries=tuple(replace(e, factors=(Factor("network", 2, 1.5, "two"),)) for e in MADE.entries))


@pytest.fixture
def ask(store: Store) -> Ask:
    """Says a command in a network of ann, bob and two called ros; returns the words of the answer."""
    with store.begin() as memory:
        memory.accounts.keep([*map(account, ("ann", "bob", "ros")), Account("uri:ros", "ros@far.example")])

    def asked(said: str, about: Digest | None = MADE) -> str:
        name, _, words = said.partition(" ")
        speaker = Speaker({item.uri: item for item in LEADS}, {}, ZoneInfo("Europe/Berlin"))
        with store.begin() as memory:
            answer = COMMANDS[name](Asked(memory, speaker, words.strip(), about, NOW, "key", "in7", "none"))
        if isinstance(answer, list):
            return ", ".join(f"{wish.kind} {wish.number}" for wish in answer)
        assert (answer.key, answer.reply_to) == ("key", "in7")
        return "".join("\n" if span.kind == "break" else span.text for span in answer.spans)

    return asked


def rules(store: Store) -> list[tuple[str, str]]:
    with store.begin() as memory:
        return [(rule.kind, rule.key) for rule in memory.rules.active(NOW)]


def interests(store: Store) -> dict[str, float]:
    with store.begin() as memory:
        return memory.rules.interests()


def test_every_command_is_in_the_help_and_nothing_else_is() -> None:
    helped = {word.strip("/,:") for line in HELP.split("\n") for word in line.split() if word.startswith("/")}
    assert helped | {"help", "start"} == {*COMMANDS, *WAITS, "digest"}


def test_the_menu_has_every_command_and_telegram_would_take_it() -> None:
    assert {*menu()} == {*COMMANDS, *WAITS, "digest"} - {"start"}
    assert len(menu()) == len(COMMANDS_TOLD)
    assert all(3 <= len(words) <= 256 for words in menu().values())


def test_help_is_told_as_it_is(ask: Ask) -> None:
    assert ask("help") == ask("start") == HELP


def test_why_lists_the_factors_of_an_entry(ask: Ask) -> None:
    assert ask("why 2").startswith("2 · “The train is late.” scored +1.50 points:\n+1.50 network = 2.00 (two)")


@pytest.mark.parametrize(
    ("said", "about", "answer"),
    [
        ("why 9", MADE, "The last digest has entries 1 to 2."),
        ("why 1", None, "There was no digest yet."),
        ("why", MADE, "I did not understand that. For example: /why 2"),
        ("why two", MADE, "I did not understand that. For example: /why 2"),
    ],
)
def test_why_says_what_it_cannot_explain(ask: Ask, said: str, about: Digest | None, answer: str) -> None:
    assert ask(said, about) == answer


@pytest.mark.parametrize(
    ("said", "feedback"),
    [
        ("more 3", f"{Kind.MORE} 3"),
        ("less 1 2", f"{Kind.LESS} 1, {Kind.LESS} 2"),
        ("seen 2", f"{Kind.SEEN} 2"),
    ],
)
def test_with_numbers_wishes_are_feedback_on_entries(ask: Ask, store: Store, said: str, feedback: str) -> None:
    assert ask(said) == feedback and interests(store) == {}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("more rail", {"rail": 1}),
        ("more on rail and bees", {"rail": 1, "bees": 1}),
        ("less football", {"football": -1}),
        ("more rail, no crypto", {"rail": 1, "crypto": -1}),
        ("more rail, less football", {"rail": 1, "football": -0.5}),
        ("less crypto, no nfts", {"crypto": -1, "nfts": -1}),
        ("more über die Bahn", {"bahn": 1}),
    ],
)
def test_with_words_wishes_are_kept_as_interests(ask: Ask, store: Store, said: str, kept: dict[str, float]) -> None:
    assert ask(said).startswith("Noted. ") and interests(store) == kept


def test_a_later_wish_replaces_an_earlier_one_and_all_are_told(ask: Ask, store: Store) -> None:
    ask("more rail")
    assert ask("less rail, football") == "Noted. Less of: football, rail."
    assert ask("more rail") == "Noted. More of: rail. Less of: football."
    assert interests(store) == {"rail": 1, "football": -1}


@pytest.mark.parametrize("said", ["more", "more ,", "less", "less please"])
def test_a_wish_for_nothing_is_answered_with_an_example(ask: Ask, store: Store, said: str) -> None:
    assert ask(said) == f"I did not understand that. For example: /{said[:4]} rail" and interests(store) == {}


def test_no_wishes_are_no_words() -> None:
    assert wishes({}) == "" and wishes({"a": 0.0}) == ""


@pytest.mark.parametrize(
    ("said", "rule", "name"),
    [
        ("mute @bob", ("mute", account("bob").uri), "by @bob@fedi.example"),
        ("mute @BOB@fedi.example", ("mute", account("bob").uri), "by @bob@fedi.example"),
        ("mute @ros@far.example", ("mute", "uri:ros"), "by @ros@far.example"),
        ("mute Horoscope", ("word", "horoscope"), "with “Horoscope”"),
        ("mute #bees", ("word", "#bees"), "with “#bees”"),
        ("mute world cup", ("word", "world cup"), "with “world cup”"),
    ],
)
def test_people_words_and_tags_are_muted_and_unmuted(
    ask: Ask, store: Store, said: str, rule: tuple[str, str], name: str
) -> None:
    assert ask(said) == f"Nothing {name} any more. /unmute takes it back."
    assert rules(store) == [rule]
    assert ask(f"un{said}") == f"Posts {name} are welcome again." and rules(store) == []


def test_what_was_not_muted_here_stays_as_it_is_there(ask: Ask, store: Store) -> None:
    with store.begin() as memory:
        memory.rules.add(Rule("mute", account("bob").uri), origin="village")
    assert ask("unmute @bob") == "Posts by @bob@fedi.example were not muted here."
    assert rules(store) == [("mute", account("bob").uri)]


@pytest.mark.parametrize("name", ["@nobody", "@ros", "@"])
@pytest.mark.parametrize("command", ["mute", "unmute"])
def test_nobody_is_muted_by_a_name_that_none_or_several_bear(ask: Ask, store: Store, command: str, name: str) -> None:
    assert ask(f"{command} {name}") == f"I know nobody, or more than one, called {name}: write @name@host."
    assert rules(store) == []


@pytest.mark.parametrize(
    ("said", "example"),
    [
        ("seen", "/seen 3"),
        ("seen it", "/seen 3"),
        ("mute", "/mute @name or /mute horoscope"),
        ("unmute", "/unmute @name"),
    ],
)
def test_a_command_used_wrongly_shows_an_example(ask: Ask, said: str, example: str) -> None:
    assert ask(said) == f"I did not understand that. For example: {example}"


def test_status_on_the_first_day_has_little_to_say(ask: Ask) -> None:
    lines = ask("status").split("\n")
    assert lines == [
        "I know 0 posts by 4 accounts, last read never. Model: none.",
        "Next digest: Fri 20 Nov 12:00 (UTC). Last digest: none yet.",
        "You have told me no wishes yet.",
        "No trouble lately.",
    ]


def test_what_was_said_to_magpie_itself_is_no_post(ask: Ask, store: Store) -> None:
    with store.begin() as memory:
        memory.notes.add("the key is with Ana", account("me").uri, NOW)
    assert ask("status").startswith("I know 0 posts by ")


def test_what_a_clock_that_was_ahead_has_written_is_not_the_last_that_was_read(ask: Ask, store: Store) -> None:
    with store.begin() as memory:
        for hours in (-1, 900):
            run = memory.runs.begin("collect", NOW + timedelta(hours=hours))
            memory.runs.end(run, NOW + timedelta(hours=hours), "done", {}, [])
    assert "last read 20 Nov 11:00. " in ask("status")


def test_status_tells_when_what_and_what_went_wrong(ask: Ask, store: Store) -> None:
    with store.begin() as memory:
        run = memory.runs.begin("collect", NOW)
        memory.runs.end(run, NOW + timedelta(minutes=1), "done", {}, ["Fedi.example is away."])
        memory.digests.add(MADE)
        memory.rules.set_interest("rail", 1.0, NOW)
    lines = ask("status").split("\n")
    assert lines[0].endswith("last read 20 Nov 12:01. Model: none.")
    assert lines[1:] == [
        "Next digest: Fri 20 Nov 12:00 (UTC). Last digest: 2 entries on 2026-11-20.",
        "More of: rail.",
        "Trouble: Fedi.example is away.",
    ]
