"""What is believed that the owner likes, and why; without a word that may not be told."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from agents.answer import UNWANTED, Answer, Claim, Intent, Understood
from agents.answering.liking import CORRECTED
from agents.taste.beliefs import PRIVATE
from bot.jobs.collect import Collector
from memory.keeping.embedding import embed_missing
from memory.records import Item, Kind, Reaction, Rule, Visibility
from tests.agents.asking import Town, filled
from tests.agents.scripted import Scripted
from tests.fakes import HOUR, NOW, Village, account, post

BEES = ("bees swarm at the old tower", "bees of the tower swarm again", "the tower where bees swarm")
GOALS = "football results of the league"


@pytest.fixture
def town(village: Village, collector: Collector, tmp_path: Path) -> Town:
    """Three posts on bees were liked, a day apart, and one on football was not."""
    town = filled(Town(village, collector, tmp_path))
    for place, text in enumerate(BEES):
        felt(town, Kind.LIKE, post(f"b{place}", text, by="ann", at=NOW - 90 * HOUR), hours=24 * (3 - place))
    felt(town, Kind.LESS, post("goals", GOALS, by="bob", at=NOW - 90 * HOUR), hours=12)
    return town


def felt(town: Town, kind: Kind, item: Item, hours: float = 1) -> None:
    """It comes in, and so many hours ago the owner does that with it."""
    with town.collector.store.begin() as memory:
        memory.accounts.keep([account(name) for name in ("ann", "bob", "me")])
        memory.items.keep(item, NOW)
        memory.reactions.add(Reaction(kind, NOW - hours * HOUR, item.uri, event=f"{kind} {item.uri}"))
    embed_missing(town.collector.store, town.collector.embedder)


def taste(town: Town, about: str = "", **more: object) -> Answer:
    return town.asks(f"/taste {about}", Understood(about, intent=Intent.TASTE), **more)


def words(answer: Answer) -> str:
    return " ".join(claim.text for claim in answer.claims)


def shown(answer: Answer, claim: Claim) -> list[str]:
    return [answer.hits[number - 1].item.uri.rsplit("/", 1)[-1] for number in claim.cites]


def test_all_that_is_believed_is_told_with_how_sure_since_when_and_examples(town: Town) -> None:
    answer = taste(town)
    ground, liked, unwanted, *_ = answer.claims
    assert ground.text == "From 3 you liked, 0 of your own and 1 you did not like, since 17 November 2026:"
    assert liked.text.startswith("👍 ") and {*liked.text[2:].split(":")[0].split(", ")} == {"bees", "swarm", "tower"}
    assert liked.text.endswith(": 3 posts, 37% sure, since 17 Nov 2026.") and len(shown(answer, liked)) == 2
    assert unwanted.text == "👎 football results of…: 1 post, 37% sure, since 20 Nov 2026."
    assert shown(answer, unwanted) == ["goals"]
    assert "Authors (-1 to +1): @ann +0.50, @bob -0.50." in words(answer)
    assert "Words (log odds): " in words(answer) and "bees +" in words(answer)


def test_wishes_and_facts_are_told_and_last_how_to_correct_all(town: Town) -> None:
    with town.collector.store.begin() as memory:
        memory.rules.set_interest("rail", 1.0, NOW)
    answer = taste(town, facts=lambda: ("I keep bees.",))
    assert "from -1 to +1: rail +1.0." in words(answer) and "You want it to be known: I keep bees." in words(answer)
    assert answer.claims[-1].text == CORRECTED


def test_who_has_reacted_to_nothing_is_told_what_is_gone_by_instead(
    village: Village, collector: Collector, tmp_path: Path
) -> None:
    answer = taste(filled(Town(village, collector, tmp_path)))
    assert answer.claims[0].text.startswith("I know of nothing yet that you like or dislike")
    assert "Until then I go by how many of those you follow share something" in words(answer)
    assert (answer.claims[-1].text, answer.hits) == (CORRECTED, ())


def test_of_too_few_likes_it_is_said_that_they_are_too_few(
    village: Village, collector: Collector, tmp_path: Path
) -> None:
    town = Town(village, collector, tmp_path)
    felt(town, Kind.LIKE, post("one", BEES[0]))
    answer = taste(town)
    assert "From 1 you liked" in words(answer) and "too little to learn from: for now I go by" in words(answer)
    assert shown(answer, answer.claims[1]) == ["one"]


def test_who_has_only_written_is_known_by_that(village: Village, collector: Collector, tmp_path: Path) -> None:
    town = Town(village, collector, tmp_path)
    for place, text in enumerate(BEES):
        felt(town, Kind.AUTHORED, post(f"mine{place}", text, by="me"))
    answer = taste(town)
    assert answer.claims[0].text.startswith("From 0 you liked, 3 of your own and 0 you did not like")
    assert "Without a like I also go by" in words(answer) and "👍" not in words(answer).removesuffix(CORRECTED)


def test_of_what_is_not_liked_that_half_alone_is_told(town: Town) -> None:
    with town.collector.store.begin() as memory:
        memory.rules.set_interest("rail", 1.0, NOW)
        memory.rules.set_interest("crypto", -1.0, NOW)
        memory.rules.add(Rule("mute", account("ann").uri))
    answer = taste(town, UNWANTED)
    assert answer.claims[0].text == "From 1 post you did not like, since 20 November 2026:"
    assert answer.claims[1].text == "👎 football results of…: 1 post, 37% sure, since 20 Nov 2026."
    assert shown(answer, answer.claims[1]) == ["goals"]
    said = words(answer)
    assert "@bob -0.50" in said and "crypto -1.0" in said and "Muted, here or on a server: @ann." in said
    assert "👍" not in said.removesuffix(CORRECTED) and "bees" not in said and "rail +1.0" not in said


def test_who_dislikes_nothing_is_told_so(village: Village, collector: Collector, tmp_path: Path) -> None:
    town = Town(village, collector, tmp_path)
    felt(town, Kind.LIKE, post("one", BEES[0]))
    assert words(taste(town, UNWANTED)).startswith("I know of nothing yet that you do not like: ")


@pytest.mark.parametrize("about", ["the", "of the", "The"])
def test_a_function_word_says_nothing_of_a_taste(town: Town, about: str) -> None:
    answer = taste(town, about)
    assert words(answer) == f"“{about}” stands in posts on anything, so it says nothing of a taste: name a topic."


@pytest.mark.parametrize("about", ["war", "AI", "die"])
def test_what_is_a_function_word_only_in_a_language_that_is_not_read_is_a_topic(town: Town, about: str) -> None:
    assert words(taste(town, about)).startswith(f"You have neither liked nor disliked a post on “{about}” yet.")


@pytest.mark.parametrize("about", ["@me", "@me@fedi.example"])
def test_the_owner_is_no_author_to_be_muted(town: Town, about: str) -> None:
    felt(town, Kind.AUTHORED, post("mine", "our bees are fine", by="me"))
    assert words(taste(town, about)) == (
        "@me is your own account: what you write tells of your topics, which “/taste” shows."
    )


def test_of_a_topic_it_is_told_what_was_done_with_posts_on_it(town: Town) -> None:
    felt(town, Kind.AUTHORED, post("mine", "our bees are fine", by="me"))
    answer = taste(town, "Bees")
    assert answer.claims[0].text == (
        "“Bees”: you liked 3 posts and wrote or answered 1 post; 41% sure, since 17 November 2026."
    )
    assert {*shown(answer, answer.claims[1])} == {"b0", "b1", "b2"} and shown(answer, answer.claims[2]) == ["mine"]
    assert "It is part of 👍 " in words(answer) and "points for taste" not in words(answer)
    assert answer.claims[-1].text.startswith("“/more Bees” and “/less Bees” change that")


def test_what_the_taste_gives_others_on_a_topic_is_told(town: Town) -> None:
    town.tells(*(post(f"n{n}", f"news of bees {n}", by="cleo", at=NOW - HOUR) for n in range(2)))
    embed_missing(town.collector.store, town.collector.embedder)
    assert re.search(r"2 others on it that came lately get [+-]\d\.\d points for taste\.", words(taste(town, "bees")))


def test_of_a_topic_that_is_not_liked_that_is_told(town: Town) -> None:
    answer = taste(town, "football")
    assert answer.claims[0].text.startswith("“football”: you disliked 1 post; 37% sure") and (
        answer.claims[1].text,
        shown(answer, answer.claims[1]),
    ) == ("👎", ["goals"])


def test_what_was_asked_for_muted_or_told_of_a_topic_is_part_of_why(town: Town) -> None:
    with town.collector.store.begin() as memory:
        memory.rules.set_interest("bees", -1.0, NOW)
        memory.rules.set_interest("rail", 1.0, NOW)
        memory.rules.add(Rule("word", "bees"))
    said = words(taste(town, "bees", facts=lambda: ("I keep bees.", "I live in Ulm.")))
    assert "You asked for less of “bees” (-1.0)." in said and "rail" not in said
    assert "Posts with “bees” are muted: if you told me so, “/unmute bees” ends that." in said
    assert "You want it to be known: I keep bees." in said and "Ulm" not in said


@pytest.mark.parametrize("about", ["opera", "#", "?", "🐘", "(.*)", "“ ” /stop"])
def test_of_what_nothing_is_known_nothing_is_believed(town: Town, about: str) -> None:
    answer = taste(town, about)
    assert answer.claims[0].text == f"You have neither liked nor disliked a post on “{about}” yet."
    assert not answer.hits


@pytest.mark.parametrize("about", ["@ann", "@ANN@fedi.example"])
def test_of_an_author_the_leaning_is_told_and_what_it_rests_on(town: Town, about: str) -> None:
    answer = taste(town, about)
    assert answer.claims[0].text == (
        "@ann has +0.50, from -1 to +1: you liked 3 posts; 37% sure, since 17 November 2026."
    )
    assert {*shown(answer, answer.claims[1])} == {"b0", "b1", "b2"}
    assert "“/mute @ann” ends it" in answer.claims[-1].text


def test_of_an_author_who_is_muted_it_is_told_how_that_is_taken_back(town: Town) -> None:
    with town.collector.store.begin() as memory:
        memory.rules.add(Rule("mute", account("bob").uri))
    assert "“/unmute @bob” ends that" in words(taste(town, "@bob"))


def test_nobody_is_believed_anything_of_who_is_not_known(town: Town) -> None:
    answer = taste(town, "@zoe")
    assert words(answer) == "I know nobody, or more than one, called @zoe: write “/taste @name@host”."


def test_a_name_without_its_sign_is_a_topic_and_the_author_is_named(town: Town) -> None:
    said = words(taste(town, "ann"))
    assert "a post on “ann” yet" in said and "The author @ann has +0.50: “/taste @ann”." in said


@pytest.mark.parametrize("about", ["", "bees", "swarm", "@ann"])
@pytest.mark.parametrize("intent", [Intent.TASTE, Intent.SELF])
def test_no_word_of_a_post_that_may_not_be_told_is_told(
    village: Village, collector: Collector, tmp_path: Path, about: str, intent: Intent
) -> None:
    town = filled(Town(village, collector, tmp_path))
    for place, text in enumerate(("vicar hides honey", "honey of the vicar", "the vicar and honey")):
        felt(town, Kind.LIKE, replace(post(f"b{place}", text, by="ann"), visibility=Visibility.FOLLOWERS))
        felt(town, Kind.LESS, replace(post(f"c{place}", f"curate {place}", by="ann"), visibility=Visibility.DIRECT))
    answer = town.asks("?", Understood(about, intent=intent), may_tell=lambda item: item.visibility.open)
    assert not {"vicar", "honey", "curate"} & {*words(answer).replace(",", " ").replace(":", " ").split()}
    if intent is Intent.TASTE and not about:
        assert [claim.text.split(":")[0] for claim in answer.claims[1:3]] == [f"👍 {PRIVATE}", f"👎 {PRIVATE}"]


def test_no_model_reads_any_of_it(town: Town) -> None:
    model = Scripted()
    assert taste(town, model=model).claims and taste(town, "bees", model=model).claims
    assert (town.calls, model.history) == ([], [])
