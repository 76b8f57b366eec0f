"""What Magpie believes that Nell likes, asked for on Telegram: by a command, in words, and of one thing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

pytest.importorskip("telegram")

from bot.menu import menu
from memory.keeping.embedding import embed_missing
from memory.records import Kind, Reaction, Visibility
from tests.bot.street import Street
from tests.fakes import post


def felt(street: Street, kind: Kind, *names: str) -> None:
    """Some days ago Nell did that with the posts of these names."""
    at = datetime.now(UTC) - timedelta(days=3)
    with street.magpie.store.begin() as memory:
        for name in names:
            memory.reactions.add(Reaction(kind, at, post(name).uri, event=f"{kind} {name}"))


def test_a_command_and_the_question_in_words_are_answered_alike_in_one_message(street: Street) -> None:
    felt(street, Kind.LIKE, "bees", "clocks")
    felt(street, Kind.LESS, "trains")
    street.nell.says("/taste")
    (told,) = street.ask()
    message = street.town.said(street.nell)[-1]
    assert told.startswith("From 2 you liked, 0 of your own and 1 you did not like, since ")
    assert "“A swarm of bees settled & hums in our bell tower" in told and "👎 Sleeper trains to…: 1 post" in told
    assert {link.rpartition("/")[0] for link in message.links} == {
        f"https://fedi.example/@{by}" for by in ("ann", "cy", "bob")
    }
    assert message.marked("bot_command") == ["/taste", "/forget", "/more", "/less", "/mute"]
    for question in ("What do I like?", "what do you think I like", "Was mag ich?"):
        street.nell.says(question)
        assert street.ask() == [told]


def test_of_one_thing_it_says_what_that_rests_on(street: Street) -> None:
    felt(street, Kind.LIKE, "bees")
    street.nell.says("/taste bees")
    (told,) = street.ask()
    assert told.startswith("“bees”: you liked 1 post; ") and "👍 “A swarm of bees" in told
    street.nell.says("/taste @ann")
    (told,) = street.ask()
    assert told.startswith("@ann has +0.25, from -1 to +1: you liked 1 post; ")


@pytest.mark.parametrize("quoted", [False, True])
def test_words_of_posts_for_followers_are_told_only_where_the_settings_say_so(street: Street, quoted: bool) -> None:
    street.digests["quote_followers_only"] = quoted
    street.begin()
    now = datetime.now(UTC) - timedelta(days=2)
    with street.magpie.store.begin() as memory:
        for n in range(3):
            secret = post(f"s{n}", f"the vicar hides honey in loft {n}", by="ann", at=now)
            memory.items.keep(replace(secret, visibility=Visibility.FOLLOWERS), now)
    embed_missing(street.magpie.store, street.magpie.embedder)
    felt(street, Kind.LIKE, "s0", "s1", "s2")
    for said in ("/taste", "/taste honey", "what do you know about me?"):
        street.nell.says(said)
        (told,) = street.ask()
        assert ("vicar" in told) is quoted
    street.nell.says("/taste")
    assert ("👍 posts for followers only: 3 posts" in street.ask()[0]) is not quoted


def test_a_newcomer_is_told_what_is_gone_by_instead(street: Street) -> None:
    street.nell.says("/taste")
    (told,) = street.ask()
    assert told.startswith("I know of nothing yet that you like or dislike") and "how many of those you follow" in told


def test_it_is_nothing_that_was_said_of_oneself(street: Street) -> None:
    street.nell.says("/taste my bees")
    street.ask()
    with street.magpie.store.begin() as memory:
        assert [item.kind for item in memory.notes.said()] == ["question"]


def test_the_menu_offers_it() -> None:
    assert menu()["taste"] == "what I think you like, or why (/taste bees)"
