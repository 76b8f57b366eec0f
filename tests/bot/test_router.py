"""What the owner says or does becomes a reaction: once, in one transaction, and for the entry that was meant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from memory.records import Kind
from tests.bot.talking import TEXTS, Talk
from tests.fakes import HOUR, NOW, account, post


def test_an_emoji_in_reply_to_an_entry_is_about_that_entry(talk: Talk) -> None:
    number = talk.number("bob")
    (answer,) = talk.says("👍", reply_to=f"p{number}")
    assert talk.felt() == [(Kind.MORE, "bob")]
    assert answer.startswith(f"👍 More like {number} “The old bridge")


def test_a_number_names_the_entry_wherever_it_is_said(talk: Talk) -> None:
    (answer,) = talk.says(f"{talk.number('cy')} 👎")
    assert talk.felt() == [(Kind.LESS, "cy")] and answer.startswith("👎 Less like")


def test_a_number_outranks_what_is_replied_to(talk: Talk) -> None:
    talk.says(f"{talk.number('cy')} 👎", reply_to=f"p{talk.number('ann')}")
    assert talk.felt() == [(Kind.LESS, "cy")]


@pytest.mark.parametrize(
    ("emoji", "kind"), [("⭐", Kind.MORE), ("", Kind.MORE), ("👎🏽", Kind.LESS), ("🔖", Kind.SAVE)]
)
def test_a_favourite_or_an_emoji_on_an_entry_is_about_it(talk: Talk, emoji: str, kind: Kind) -> None:
    assert len(talk.taps(f"p{talk.number('ann')}", emoji)) == 1
    assert talk.felt() == [(kind, "ann")]


def test_an_emoji_without_a_meaning_is_asked_back_and_never_taken_for_a_wish(talk: Talk) -> None:
    assert talk.taps("p1", "😡") == ["I do not know what 😡 means; /help shows the emoji that I know."]
    assert talk.says("2 🎉") == ["I do not know what 🎉 means; /help shows the emoji that I know."]
    assert talk.felt() == []


def test_a_favourite_on_the_head_of_a_digest_is_asked_back_and_one_on_nothing_means_nothing(talk: Talk) -> None:
    (answer,) = talk.taps("p0")
    assert "which entry?" in answer
    assert talk.taps("unknown") == [] == talk.felt()


def test_several_wishes_at_once_get_one_answer(talk: Talk) -> None:
    (answer,) = talk.says("1 👍 2 👎 3 🔖")
    assert [line[0] for line in answer.split("\n")] == ["👍", "👎", "🔖"] and len(talk.felt()) == 3


def test_several_events_in_one_pass_get_one_answer(talk: Talk) -> None:
    talk.pigeon.hears("👍", reply_to="p1")
    talk.pigeon.hears("👎", reply_to="p2")
    talk.pigeon.hears("👍")
    (answer,) = talk.hears()
    assert len(answer.split("\n")) == 3 and answer.count("which entry?") == 1 and talk.new == 3


def test_the_same_events_told_twice_count_once_and_are_answered_once(talk: Talk) -> None:
    talk.taps("p1")
    talk.says("2 👎")
    talk.says("/more rail")
    talk.says("the bees and the willows")
    before = talk.felt()
    assert talk.hears(again=True) == [] and talk.new == 0 and talk.felt() == before


def test_one_favourite_under_two_cursors_is_one(talk: Talk) -> None:
    talk.taps("p1", event="fav 7")
    assert talk.taps("p1", event="fav 7") == [] and len(talk.felt()) == 1


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("👍", "👍: which entry? Answer that entry, or write for example “2 👍”."),
        ("9 👍", "👍: there is no entry 9; the digest has 1 to 3."),
        ("0 👍", "👍: there is no entry 0; the digest has 1 to 3."),
        ("100 👍", "👍: there is no entry 100; the digest has 1 to 3."),
    ],
)
def test_what_is_unclear_is_asked_back(talk: Talk, said: str, asked: str) -> None:
    assert talk.says(said) == [asked] and talk.felt() == []


def test_a_number_that_is_no_entry_is_not_taken_for_the_entry_replied_to(talk: Talk) -> None:
    assert "no entry 0" in talk.says("0 👍", reply_to="p1")[0] and talk.felt() == []


def test_before_the_first_digest_there_is_nothing_to_be_about(quiet: Talk) -> None:
    assert quiet.says("2 👍") == ["👍: there is no digest yet that it could be about."]


def test_of_an_entry_that_was_deleted_the_owner_hears_so(talk: Talk) -> None:
    number = talk.number("ann")
    talk.village.deletes(post("ann").ref)
    talk.collector.collect([talk.village])
    deleted = f"👍 {number} was deleted by its author meanwhile; nothing changes."
    assert talk.says(f"{number} 👍") == [deleted] == [*talk.taps(f"p{number}", "👍")]
    assert talk.felt() == []


def test_silence_is_not_answered(talk: Talk) -> None:
    assert talk.says("  ") == [] and talk.new == 1


def test_the_whole_story_follows_and_may_be_answered_like_its_entry(talk: Talk) -> None:
    number = talk.number("ann")
    line, story = talk.says(f"{number} 🧵")
    assert line.endswith("in full follows.") and TEXTS["ann"] in story
    talk.says("👎", reply_to=f"p{len(talk.pigeon.said) - 1}")
    assert talk.felt() == [(Kind.TELL, "ann"), (Kind.LESS, "ann")]


def test_a_number_in_reply_to_an_older_digest_means_that_digest(talk: Talk) -> None:
    for name in ("dot", "eve"):
        talk.village.posts(
            post(name, f"{name} writes about soup for a whole week of rain", by=name, at=NOW + 20 * HOUR)
        )
    old = talk.number("ann")
    talk.digest(days=1)
    talk.says(f"{old} 👎", reply_to="p0")
    talk.says(f"{old} 🔖", reply_to=f"p{old % 3 + 1}")
    assert talk.felt() == [(Kind.LESS, "ann"), (Kind.SAVE, "ann")]
    talk.says("1 👍")
    assert talk.felt()[-1][1] in ("dot", "eve")


def test_feedback_is_answered_with_the_numbers_of_the_taste(talk: Talk) -> None:
    (answer,) = talk.says(f"{talk.number('ann')} 👎")
    with talk.store.begin() as memory:
        taste = talk.router.reading.taste(memory, talk.clock[0])
    assert f"@ann@fedi.example itself +0.00 → {taste.author(account('ann').uri):+.2f}" in answer


def test_feedback_from_a_clock_that_is_ahead_counts_at_once(talk: Talk) -> None:
    talk.pigeon.heard.append(replace(talk.pigeon.hears("1 👍"), at=NOW + 9 * HOUR, platform_id="late", cursor="2"))
    talk.pigeon.heard.pop(0)
    talk.router.handle(talk.pigeon.heard)
    with talk.store.begin() as memory:
        assert [reaction.at for reaction in memory.reactions.all()] == [NOW]


def test_a_favourite_on_an_answer_of_magpie_is_no_wish(talk: Talk) -> None:
    talk.says("👎", reply_to="p1")
    felt, answered = talk.felt(), list(talk.pigeon.said)
    assert talk.taps(f"p{len(answered) - 1}") == []
    assert talk.felt() == felt
