"""Two evenings of Nell's Magpie on a running mastodon_mock: everything is real but the people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.speaking import FOR_FOLLOWERS
from memory.embedding import Embedder
from memory.records import Entry, Kind
from tests.scenarios.evenings import LONG, SHORT, Evenings
from tests.scenarios.town import BOT, OWNER, town, words
from tests.scenarios.two_days import FIRST_DAY, LIKED, PEOPLE, SECOND_DAY


@dataclass
class Walk(Evenings):
    """The two days on Mastodon."""

    acts: dict[str, str] = field(default_factory=dict)  # what Nell did → the id of the post that it was done with or to
    channel = "mastodon"

    def told(self) -> list[Any]:
        """All that the bot has posted."""
        return self.town.said()

    def text(self, message: Any) -> str:
        """Without its markup."""
        return words(message)

    def away(self) -> AbstractContextManager[object]:
        """The server takes no posts."""
        fault: AbstractContextManager[object] = self.town.server.fault(
            path="/api/v1/statuses", methods=["POST"], status=503
        )
        return fault

    def entry_post(self, entry: Entry) -> str:
        """The id of the message that tells of an entry."""
        return next(str(s["id"]) for s in self.told() if words(s).startswith(f"@{OWNER} {entry.number} · "))

    def answers(self) -> None:
        """As one does with any client."""
        nell, vance = self.town.client(OWNER), self.town.client("vance")
        vance.status_post(f"@{BOT} 👎 1", visibility="direct")
        vance.status_post(f"@{BOT} /mute @odile", visibility="direct")
        vance.status_post(f"@{BOT} /digest", visibility="direct", in_reply_to_id=self.told()[0]["id"])
        liked = self.entry_post(self.first["swarm"])
        self.town.client("stella").status_favourite(self.entry_post(self.first["tide"]))
        nell.status_favourite(liked)
        self.acts = {
            "⭐": liked,
            "👎": self.town.say("👎", reply_to=self.entry_post(self.first["coin"])),
            "🔖": self.town.say(f"{self.first['ward'].number} 🔖"),
            "/why": self.town.say("/why 1"),
        }
        self.hear()


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory, minilm: Embedder) -> Iterator[Walk]:
    folder = tmp_path_factory.mktemp("town")
    with town(folder, PEOPLE) as running:
        walk = Walk(running, folder, minilm)
        walk.walk()
        yield walk


def change(answer: str, of: str) -> tuple[float, float]:
    """The two numbers that an answer gives: before and after."""
    found = re.search(rf"{of}[^+-]* ([+-]\d+\.\d+) → ([+-]\d+\.\d+)", answer)
    assert found, answer
    return float(found[1]), float(found[2])


def told_of(walk: Walk, name: str) -> list[str]:
    """The messages in which a digest tells of a post."""
    _, text = {**LIKED, **FIRST_DAY, **SECOND_DAY}[name]
    return [said for said in map(words, walk.said) if text[:40] in said and "\nPost: " in said]


def test_each_day_has_a_digest_of_a_head_and_a_message_for_every_entry(walk: Walk) -> None:
    said = [name for name in walk.first if name != walk.unsaid]
    assert (len(walk.first), len(walk.second)) == (LONG["entries"], SHORT["entries"])
    assert walk.heads[0] != walk.heads[1] and all(head.startswith(f"@{OWNER} Magpie · ") for head in walk.heads)
    quoted = [name for name in (*said, *walk.second) if name != "studio"]  # which is for followers only
    assert [len(told_of(walk, name)) for name in quoted] == [1] * len(quoted)


def test_a_post_for_followers_is_told_without_its_words(walk: Walk) -> None:
    _, text = FIRST_DAY["studio"]
    assert "studio" in walk.first
    assert not any(text[:20] in words(one) for one in walk.said if "Post: " in words(one))
    assert sum(FOR_FOLLOWERS in words(one) for one in walk.said) == 1


def test_one_link_under_three_addresses_is_one_story(walk: Walk) -> None:
    train = walk.first["train 1"]
    assert {walk.town.names[uri] for uri in train.items} == {"train 1", "train 2", "train 3"}
    assert train.reasons[0] == "3 people you follow shared it (@tomasz, @ines, @henrik)"


def test_nothing_told_on_the_first_day_is_in_the_second_by_item_link_or_thread(walk: Walk) -> None:
    said = [entry for name, entry in walk.first.items() if name != walk.unsaid]
    for keys in ("items", "links", "threads"):
        known, new = ({key for e in part for key in getattr(e, keys)} for part in (said, walk.second.values()))
        assert known.isdisjoint(new), keys
    assert walk.with_feedback and not {"train 4", "swarm 3", "swarm 4", "swarm", "tide"} & {*walk.with_feedback}


def test_what_came_back_by_boost_link_and_thread_was_really_there_to_be_told(walk: Walk) -> None:
    magpie = walk.magpie()
    with magpie.store.begin() as memory:
        items = memory.items.all(walk.town.names)
        named = {name: items[uri] for uri, name in walk.town.names.items() if uri in items}
        boosters = {s.account for s in memory.shares.of([named["tide"].uri, named["swarm"].uri])}
    assert named["train 4"].canonical == named["train 1"].canonical == named["train 3"].canonical
    assert named["swarm 4"].thread == named["swarm"].ref
    assert {"https://mock.local/@barnaby", "https://mock.local/@ines"} <= boosters


def test_a_thumb_up_on_a_topic_and_a_thumb_down_on_an_author_move_the_ranks(walk: Walk) -> None:
    assert set(walk.with_feedback) == set(walk.without)
    assert walk.with_feedback.index("hives") < walk.without.index("hives")
    assert walk.with_feedback.index("race") > walk.without.index("race")


def test_the_next_digest_says_what_the_feedback_has_changed(walk: Walk) -> None:
    first, second = ({*re.findall(r"@(?!nell)\w+", head)} for head in walk.heads)
    assert first == set()
    assert second & {"@barnaby", "@juno"}


def test_every_feedback_is_answered_once_with_what_it_changes(walk: Walk) -> None:
    answers = [words(status) for status in walk.said if "In the next digest" in words(status)]
    odile = [answer for answer in answers if "⭐ More like" in answer]
    juno = [answer for answer in answers if "👎 Less like" in answer]
    saved = [answer for answer in answers if "🔖 Saved" in answer]
    assert len(odile) == len(juno) == len(saved) == 1
    before, after = change(odile[0].partition("⭐")[2], "@odile@mock.local")
    assert before < after, odile[0]
    before, after = change(juno[0].partition("👎")[2], "@juno@mock.local")
    assert before > after, juno[0]
    assert "illness and death, 1847" in saved[0]


def test_why_lists_what_made_up_the_score(walk: Walk) -> None:
    (answer,) = walk.town.answers(walk.acts["/why"])
    (entry,) = (entry for entry in walk.first.values() if entry.number == 1)
    weighing = [factor for factor in entry.factors if abs(factor.points) >= 0.005]
    assert {"network", "taste"} <= {factor.name for factor in weighing}
    assert f"scored {entry.score:+.2f} points" in answer
    for factor in weighing:
        assert f"{factor.points:+.2f} {factor.name} = {factor.value:.2f}" in answer


def test_hearing_again_and_starting_again_says_nothing_twice(walk: Walk) -> None:
    assert walk.heard == [4, 0, 0]
    with walk.magpie().store.begin() as memory:
        felt = [r for r in memory.reactions.all() if r.kind in (Kind.MORE, Kind.LESS, Kind.SAVE)]
    assert sorted(r.kind for r in felt) == [Kind.LESS, Kind.MORE, Kind.SAVE]


def test_nobody_but_the_owner_is_heard_or_answered(walk: Walk) -> None:
    magpie = walk.magpie()
    with magpie.store.begin() as memory:
        assert not [
            rule for rule in memory.rules.active(walk.town.now()) if rule.kind == "mute" and "odile" in rule.key
        ]
        assert not [r for r in memory.reactions.all() if r.item.endswith(walk.town.ids["train 1"])]
    for stranger in ("vance", "stella", "rhea"):
        assert [n for n in walk.town.told(stranger, "mention") if n["account"]["acct"] == BOT] == []


def test_all_that_is_said_is_private_to_the_owner_and_short_enough(walk: Walk) -> None:
    bot = walk.town.client(BOT)
    assert {status["visibility"] for status in walk.said} == {"direct"}
    assert {mention["acct"] for status in walk.said for mention in status["mentions"]} == {OWNER}
    assert all(len(status["mentions"]) == 1 for status in walk.said)
    assert max(len(bot.status_source(status["id"])["text"]) for status in walk.said) <= 500
    assert "@stella" in "".join(told_of(walk, "benchmark")).replace("\u200b", "")


def test_what_was_deleted_while_its_message_waited_is_not_said(walk: Walk) -> None:
    assert walk.unsaid and told_of(walk, walk.unsaid) == []
    with walk.magpie().store.begin() as memory:
        assert memory.items.get(walk.first[walk.unsaid].lead) is None


def test_an_edit_is_told_as_it_is_now(walk: Walk) -> None:
    assert ["29 megawatt" in message for message in told_of(walk, "tide")] == [True]


def test_what_people_hide_and_what_is_hidden_from_people_stays_so(walk: Walk) -> None:
    said = "\n".join(map(words, walk.said))
    assert not {"secret", "stars", "shouting", "weaving"} & {*walk.first, *walk.without, *walk.with_feedback}
    for hidden in ("horoscope", "fountain", "great loom", "leaving the paper"):
        assert hidden not in said, hidden
    with walk.magpie().store.begin() as memory:
        kept = " ".join(item.text for item in memory.items.all(walk.town.names).values())
    assert "great loom" not in kept and "fountain" in kept
    assert [s["spoiler_text"] for s in walk.said if "fever ward" in words(s)] == ["illness and death, 1847"]
