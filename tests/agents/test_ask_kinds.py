"""What was missed, what people say, why it was sent, what is known of the owner, and what a thread comes down to."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from agents.answer import Answer, Intent, Understood
from agents.answering import network
from bot.jobs.collect import Collector
from memory.query import Filters
from memory.records import Entry, Evidence, Factor, Item, Kind, Reaction, Rule
from tests.agents.asking import Town, filled
from tests.fakes import HOUR, NOW, Village, account, digest, post

ARTICLE = "https://news.example/ferries"


@pytest.fixture
def town(village: Village, collector: Collector, tmp_path: Path) -> Town:
    town = filled(Town(village, collector, tmp_path))
    ferry = post("ferry", "The ferry strike begins at noon", by="ann", at=NOW - 3 * HOUR)
    town.tells(ferry, post("crew", "Crews join the ferry strike in all ports", by="ben", at=NOW - 2 * HOUR))
    for somebody in ("ben", "cleo"):
        village.boosts(somebody, ferry, at=NOW - HOUR)
    town.tells()
    return town


def words(answer: Answer) -> str:
    return " ".join((*(claim.text for claim in answer.claims), *answer.notes))


def shown(answer: Answer) -> list[str]:
    return [hit.item.uri.rsplit("/", 1)[-1] for hit in answer.hits]


def asked(town: Town, intent: Intent, text: str = "", question: str = "?", **more: object) -> Answer:
    filters = more.pop("filters", Filters())
    assert isinstance(filters, Filters)
    return town.asks(question, Understood(text, filters, intent), **more)


# -- TALK


def test_talk_says_how_many_people_and_who_with_their_words(town: Town) -> None:
    answer = asked(town, Intent.TALK, "ferry strike")
    assert "3 people have shared 2 posts on “ferry strike” since 13 November 2026: @ann, @ben, @cleo." in words(answer)
    assert "Passed on by @ben, @cleo." in words(answer)
    assert shown(answer) == ["ferry", "crew"]
    assert answer.hits[0].passage and answer.hits[0].passage.text == "The ferry strike begins at noon"


def test_talk_counts_no_post_that_is_only_a_little_near(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "NEAR", -0.4)  # everything is a little near
    assert "2 posts on “ferry strike”" in words(asked(town, Intent.TALK, "ferry strike"))


def test_talk_keeps_to_the_span_and_the_people_that_are_asked_for(town: Town) -> None:
    assert shown(asked(town, Intent.TALK, "ferry strike", filters=Filters(until=NOW - 2.5 * HOUR))) == ["ferry"]
    by_ben = Filters(people=frozenset({account("ben").uri}))
    assert shown(asked(town, Intent.TALK, "ferry strike", filters=by_ben)) == ["crew"]


def test_talk_of_nothing_is_said_to_be_so(town: Town) -> None:
    answer = asked(town, Intent.TALK, "chess")
    assert (answer.hits, words(answer)) == ((), "Nobody has shared anything on “chess” since 13 November 2026.")


def test_a_span_that_is_over_is_told_with_its_end(town: Town) -> None:
    then = Filters(since=NOW - 48 * HOUR, until=NOW - 24 * HOUR)
    assert words(asked(town, Intent.TALK, "chess", filters=then)).startswith("I have collected nothing between 18 ")
    today = Filters(since=NOW - 4 * HOUR, until=NOW - 0.5 * HOUR)
    assert "2 posts on “ferry strike” on 20 November 2026: " in words(
        asked(town, Intent.TALK, "ferry strike", filters=today)
    )
    assert words(asked(town, Intent.MISSED, "chess", filters=today)).endswith("on “chess” on 20 November 2026.")


def test_who_is_muted_does_not_talk(town: Town) -> None:
    with town.collector.store.begin() as memory:
        memory.rules.add(Rule("mute", account("ben").uri))
    assert shown(asked(town, Intent.TALK, "ferry strike")) == ["ferry"]


# -- MISSED


def test_what_was_missed_is_what_the_network_told_and_the_owner_has_not_seen(town: Town) -> None:
    answer = asked(town, Intent.MISSED, "ferry strike")
    assert shown(answer) == ["crew"]  # one story with the ferry, told by the text that says more
    assert "Shared by @ann, @ben, @cleo." in words(answer)


def test_what_was_told_without_an_answer_may_have_been_missed_all_the_same(town: Town) -> None:
    ferry = kept(town, "ferry")
    with town.collector.store.begin() as memory:
        memory.digests.add(replace(digest(ferry), made_at=NOW - HOUR))
        memory.seen.add_item(ferry, NOW - HOUR, Evidence.DELIVERED)
    assert "I told you on 20 November 2026." in words(asked(town, Intent.MISSED, "ferry strike"))
    with town.collector.store.begin() as memory:
        memory.reactions.add(Reaction(Kind.LIKE, NOW, ferry.uri, event="e"))
        memory.seen.add_item(ferry, NOW, Evidence.REACTED)
    assert "ferry" not in shown(asked(town, Intent.MISSED, "ferry strike"))


def test_nothing_missed_is_said_to_be_so(town: Town) -> None:
    assert words(asked(town, Intent.MISSED, "chess")) == "You have missed nothing on “chess” since 13 November 2026."


def test_words_of_taste_are_no_function_words_and_what_takes_a_post_out_is_told(town: Town) -> None:
    for n in range(3):
        town.tells(post(f"eau{n}", f"j'ai nicht das kein turbines {n}", by="eve"))
        with town.collector.store.begin() as memory:
            memory.reactions.add(Reaction(Kind.LIKE, NOW, post(f"eau{n}").uri, event=f"e{n}"))
    said = words(asked(town, Intent.SELF))
    assert "turbines (3)" in said and "nicht (" not in said and "j'ai (" not in said
    assert "“magpie forget” takes out a post" in said


def test_all_that_was_missed_is_counted_though_only_some_is_shown(town: Town) -> None:
    for n, what in enumerate(("eels", "clocks", "looms", "kites", "tubas", "moss", "yeast")):
        town.tells(post(f"m{n}", f"harbour {what * 3} {what}", by=f"p{n}", at=NOW - HOUR))
    answer = asked(town, Intent.MISSED)
    told = re.search(r"missed (\d+) stories since .*; those that most people shared:", words(answer))
    assert told and int(told[1]) >= 7 and len(answer.hits) == 5


@pytest.mark.parametrize("intent", [Intent.MISSED, Intent.TALK])
def test_where_nothing_was_collected_nothing_is_said_of_it(
    intent: Intent, village: Village, collector: Collector, tmp_path: Path
) -> None:
    answer = asked(Town(village, collector, tmp_path), intent, "chess")
    assert words(answer).startswith("I have collected nothing since 13 November 2026")


def kept(town: Town, name: str) -> Item:
    with town.collector.store.begin() as memory:
        item = memory.items.get(post(name).uri)
    assert item is not None
    return item


# -- WHY


def told(town: Town, *names: str) -> tuple[Entry, ...]:
    """The entries of a digest on these posts."""
    made = digest(*(kept(town, name) for name in names))
    factor = Factor("network", 3.0, 1.5)
    entries = tuple(replace(e, factors=(factor,), reasons=("3 people shared it",)) for e in made.entries)
    with town.collector.store.begin() as memory:
        return memory.digests.add(replace(made, entries=entries)).entries


def test_why_is_answered_with_the_reasons_that_were_stored(town: Town) -> None:
    _, bees = told(town, "ferry", "bees")
    answer = asked(town, Intent.WHY, "why did you send me this?", entry=bees)
    assert shown(answer) == ["bees"]
    assert words(answer).startswith("I sent it because 3 people shared it. What counted most: network +1.5.")


@pytest.mark.parametrize(
    ("question", "meant"), [("why did I get number 2?", "bees"), ("why the ferry strike?", "ferry")]
)
def test_why_finds_the_entry_by_its_number_or_its_words(town: Town, question: str, meant: str) -> None:
    told(town, "ferry", "bees")
    assert shown(asked(town, Intent.WHY, question, question)) == [meant]


def test_why_without_a_story_asks_which_is_meant(town: Town) -> None:
    told(town, "ferry", "bees")
    assert "which story you mean" in words(asked(town, Intent.WHY, "why?"))


# -- SELF


def test_of_oneself_deeds_taste_wishes_and_facts_are_told_and_how_to_correct_them(town: Town) -> None:
    with town.collector.store.begin() as memory:
        for name in ("ferry", "crew"):
            memory.reactions.add(Reaction(Kind.LIKE, NOW, post(name).uri, event=name))
        memory.rules.set_interest("rail", 1.0, NOW)
    answer = asked(town, Intent.SELF, facts=lambda: ("I am vegetarian.",))
    said = words(answer)
    assert "2 likes" in said and "ferry (2)" in said and "@ann +0.25" in said and "rail +1.0" in said
    assert "I am vegetarian." in said and "/less" in said
    assert set(shown(answer)) == {"ferry", "crew"}


def test_where_nothing_came_in_lately_taste_is_told_by_what_was_before(town: Town) -> None:
    for n in range(2):
        town.tells(post(f"old{n}", f"turbines by the sea {n}", by="eve"))
        with town.collector.store.begin() as memory:
            memory.reactions.add(Reaction(Kind.LIKE, NOW, post(f"old{n}").uri, event=f"e{n}"))
    said = words(asked(town, Intent.SELF, now=lambda: NOW + 4000 * HOUR))
    assert "turbines (2)" in said and "2 likes" in said


def test_one_of_a_kind_is_not_told_as_several(town: Town) -> None:
    with town.collector.store.begin() as memory:
        for kind in (Kind.LIKE, Kind.SAVE, Kind.AUTHORED):
            memory.reactions.add(Reaction(kind, NOW, post("ferry").uri, event=str(kind)))
    said = words(asked(town, Intent.SELF))
    assert "Of you I know 1 like, 1 post or note of your own, 1 saved entry." in said


def test_of_a_newcomer_nothing_is_known(village: Village, collector: Collector, tmp_path: Path) -> None:
    assert "nothing yet" in words(asked(Town(village, collector, tmp_path), Intent.SELF))


# -- SUMMARISE


def test_a_thread_is_summed_up_by_the_posts_in_the_middle_of_it(town: Town) -> None:
    town.tells(
        post("t0", "The council plans a tram to the harbour", by="ann", at=NOW - 9 * HOUR),
        *(
            post(
                f"t{n}",
                f"The tram to the harbour needs money, item {n}",
                by="ben",
                at=NOW - (9 - n) * HOUR,
                reply_to="t0",
            )
            for n in range(1, 8)
        ),
        post("t8", "I had cheese today", by="cleo", reply_to="t0"),
    )
    answer = asked(town, Intent.SUMMARISE, "tram harbour")
    assert answer.claims[0].text == "9 posts by @ann, @ben, @cleo; the most telling are:"
    assert len(shown(answer)) == 5 and shown(answer)[0] == "t0" and "t8" not in shown(answer)
    assert shown(answer) == sorted(shown(answer))


def test_a_link_is_summed_up_by_what_was_fetched_from_there(town: Town) -> None:
    text = " ".join(f"Sentence number {n} tells of the ferries between two islands." for n in range(1, 9))
    town.tells(post("note", "Look here", by="ann", links=(ARTICLE,)))
    town.tells(post("article", text, by="press", kind="article", url=ARTICLE, title="Ferries"))
    answer = asked(town, Intent.SUMMARISE, "", f"summarise {ARTICLE}")
    assert shown(answer) == ["article"]
    assert 1 < len(answer.claims) <= 5 and all(claim.cites == (1,) for claim in answer.claims)


def test_this_is_the_entry_that_was_answered_to_or_what_was_told_last(town: Town) -> None:
    (bees,) = told(town, "bees")
    assert shown(asked(town, Intent.SUMMARISE, "", "summarise this", entry=bees)) == ["bees"]
    town.asks("ferry strike")
    assert shown(asked(town, Intent.SUMMARISE, "", "summarise it")) == ["ferry"]


def test_an_address_that_is_not_in_the_archive_is_said_to_be_so(town: Town) -> None:
    answer = asked(town, Intent.SUMMARISE, "the ferry strike", "summarise https://nowhere.example/abc about the ferry")
    assert answer.hits == () and words(answer).startswith("https://nowhere.example/abc is not in your archive")


def test_a_bare_address_is_no_sentence_of_a_summary(town: Town) -> None:
    more = (
        "The harbour was dredged for a whole winter. Nobody had expected so much mud in it. The bill comes in spring."
    )
    town.tells(post("dredged", f"{more} https://long.example/a/very/long/address/that/says/nothing/at/all"))
    answer = asked(town, Intent.SUMMARISE, "", f"summarise {post('dredged').uri}")
    assert "dredged" in words(answer) and "long.example" not in words(answer)


def test_a_topic_of_a_chat_is_summed_up_by_its_best_passages(town: Town) -> None:
    turns = ("The dredger is broken", "Then who dredges the harbour?", "Nobody, the dredger waits for a pump")
    chat = [
        post(f"turn{n}", text, kind="chat", at=NOW - (9 - n) * HOUR, reply_to="talk") for n, text in enumerate(turns)
    ]
    town.tells(*chat)
    answer = asked(town, Intent.SUMMARISE, "the dredger of the harbour", "summarise what was said on the dredger")
    assert {"turn0", "turn1", "turn2"} <= set(shown(answer)) and answer.claims == ()


def test_a_topic_that_nothing_is_about_is_answered_with_what_is_nearest(town: Town) -> None:
    answer = asked(town, Intent.SUMMARISE, "quantum chess", "summarise the talk on quantum chess")
    assert shown(answer) == [] and answer.nearest


def test_what_cannot_be_found_is_not_summed_up(village: Village, collector: Collector, tmp_path: Path) -> None:
    answer = asked(Town(village, collector, tmp_path), Intent.SUMMARISE, "", "summarise the strike")
    assert "I do not know what you mean" in words(answer)
