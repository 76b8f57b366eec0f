"""Nell asks her archive by direct message, on a running mastodon_mock: everything is real but the people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from bot.build import Magpie
from memory.embedding import Embedder
from memory.store.questions import WAITING
from tests.scenarios.town import BOT, OWNER, Person, Town, town, words

CHANNEL = "mastodon"
PEOPLE = (Person("ana"), Person("tomasz"), Person("vance", stranger=True))
MARCH, APRIL, MAY = (datetime(2026, month, 12, 18, 0, tzinfo=UTC) for month in (3, 4, 5))
SAID = {
    "march": ("ana", "Our heat pump ran all through the frost and the old radiators were warm enough after all."),
    "march too": ("tomasz", "A heat pump in every stairwell of the old town, the council has promised once more."),
    "tram": ("tomasz", "The tram to the harbour runs again after eleven months of digging and nobody can believe it."),
    "april": ("ana", "The bill for the heat pump has come: a third of what the gas would have cost us this winter."),
    "soup": ("ana", "Nettle soup again, the whole kitchen smells of it and the neighbours are asking questions."),
}
_LINK = re.compile(r"https?://[^\s)]+")


@dataclass
class Walk:
    """One evening of asking, and what it leaves behind."""

    town: Town
    folder: Path
    embedder: Embedder
    asked: dict[str, str] = field(default_factory=dict)  # what was said → the id of that post

    def magpie(self) -> Magpie:
        """Magpie, started anew."""
        return self.town.magpie(self.folder / "data", self.embedder)

    def says(self, text: str, reply_to: str | None = None, heard: bool = True) -> str:
        """Nell writes; a minute later Magpie has heard, and answered. Returns the id of her post."""
        self.asked[text] = self.town.say(text, reply_to=reply_to)
        if heard:
            self.hears()
        return self.asked[text]

    def hears(self) -> None:
        magpie = self.magpie()
        magpie.hear()
        magpie.close()

    def posts(self, to: str) -> list[Any]:
        """What Magpie has posted in answer to a post, and in answer to that."""
        found = [status for status in self.town.said() if str(status["in_reply_to_id"]) == to]
        return [one for status in found for one in (status, *self.posts(str(status["id"])))]

    def answer(self, text: str) -> str:
        """All words with which something was answered."""
        return "\n".join(words(status) for status in self.posts(self.asked[text]))


FILTERED = "what did @ana say about the heat pump in March?"
FOLLOWED = "and in April?"
PLAIN = "when does the tram to the harbour run?"
NOTED = "remember that the spare key is with Tomasz"
ASKED = "who has the spare key?"
FORGET = "forget what I said about the spare key"
KILLED = "what about nettle soup?"


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory, minilm: Embedder) -> Iterator[Walk]:
    folder = tmp_path_factory.mktemp("town")
    with town(folder, PEOPLE) as running:
        walk = Walk(running, folder, minilm)
        for moment, names in ((MARCH, ("march", "march too", "tram")), (APRIL, ("april", "soup"))):
            running.it_is(moment)
            running.posts({name: SAID[name] for name in names})
        for name in SAID:
            running.client(OWNER).status_favourite(running.ids[name])
        running.it_is(MAY)
        magpie = walk.magpie()
        magpie.collector.collect(magpie.sources)
        magpie.close()
        yield walk


@pytest.fixture(scope="module")
def asked(walk: Walk) -> Walk:
    """The whole evening."""
    first = walk.says(FILTERED)
    walk.says(FOLLOWED, reply_to=str(walk.posts(first)[-1]["id"]))
    walk.town.it_is(MAY + timedelta(hours=3))  # long enough for another conversation
    walk.says(PLAIN)
    walk.says(NOTED)
    walk.says(ASKED)
    return walk


def test_a_question_as_a_direct_message_is_answered_from_the_archive(asked: Walk) -> None:
    assert "The tram to the harbour runs again" in asked.answer(PLAIN)


def test_a_person_and_a_time_are_true_filters_and_are_said(asked: Walk) -> None:
    told = asked.answer(FILTERED)
    assert "old radiators were warm enough" in told
    assert "stairwell" not in told and "the gas would have" not in told
    assert re.search(r"Looked at: .*ana.*March 2026", told), told


def test_a_follow_up_goes_on_from_the_question_before(asked: Walk) -> None:
    told = asked.answer(FOLLOWED)
    assert "a third of what the gas would have cost" in told
    assert "old radiators" not in told and "nettle" not in told.lower().split("[2]")[0]


def test_every_answer_is_for_nell_alone(asked: Walk) -> None:
    assert asked.town.said()
    for status in asked.town.said():
        assert status["visibility"] == "direct"
        assert {mention["username"] for mention in status["mentions"]} == {OWNER}


def test_what_is_cited_can_be_opened_and_says_what_is_quoted(asked: Walk) -> None:
    answers = [asked.answer(text) for text in (FILTERED, FOLLOWED, PLAIN, NOTED, ASKED)]
    links = [link for told in answers for link in _LINK.findall(told)]
    assert len(links) >= 3
    nell = asked.town.client(OWNER)
    for link in links:
        opened = nell.status(link.rsplit("/", 1)[-1])
        assert opened["url"] == unquote(link)
        around = next(told for told in answers if link in told)
        assert " ".join(words(opened).split())[:40] in " ".join(around.split())


def test_a_stranger_is_not_answered(asked: Walk) -> None:
    before = len(asked.town.said())
    asked.town.client("vance").status_post(f"@{BOT} {PLAIN}", visibility="direct")
    asked.hears()
    assert len(asked.town.said()) == before


def test_a_note_is_kept_found_and_forgotten_after_it_was_shown(asked: Walk) -> None:
    assert "Note 1: “the spare key is with Tomasz”" in asked.answer(NOTED)
    assert "the spare key is with Tomasz" in asked.answer(ASKED) and "a note of yours" in asked.answer(ASKED)
    shown = asked.says(FORGET)
    assert "the spare key is with Tomasz" in asked.answer(FORGET)
    asked.says("yes", reply_to=str(asked.posts(shown)[-1]["id"]))
    assert "Forgotten." in asked.answer("yes")
    asked.says("who has the spare key now?")
    assert "with Tomasz" not in asked.answer("who has the spare key now?")
    magpie = asked.magpie()
    with magpie.store.begin() as memory:
        assert memory.notes.all() == []
    magpie.close()


def test_whoever_is_killed_between_hearing_and_answering_answers_once(asked: Walk) -> None:
    asked.says(KILLED, heard=False)
    killed = asked.magpie()
    assert killed.home.listen() == 1  # and then the power goes
    with killed.store.begin() as memory:
        assert [question.state for question in memory.questions.waiting(CHANNEL)] == [WAITING]
    queued = asked.magpie()
    assert queued.home.answerer.answer_next()  # and goes once more before anything is said
    assert asked.answer(KILLED) == ""
    for _ in range(3):
        asked.hears()
    heads = [status for status in asked.town.said() if str(status["in_reply_to_id"]) == asked.asked[KILLED]]
    assert len(heads) == 1 and "Nettle soup again" in asked.answer(KILLED)
    assert asked.answer(KILLED).count("Nettle soup again") == 1


def test_a_post_that_is_deleted_is_cited_no_more(asked: Walk) -> None:
    asked.town.post("kiosk", "tomasz", "The kiosk at the ferry has sold nothing but felt hats since Tuesday.")
    magpie = asked.magpie()
    magpie.collector.collect(magpie.sources)
    asked.says("what does the kiosk at the ferry sell?")
    assert "felt hats" in asked.answer("what does the kiosk at the ferry sell?")
    asked.town.client("tomasz").status_delete(asked.town.ids["kiosk"])
    kiosk = f"{asked.town.server.base_url}#{asked.town.ids['kiosk']}"
    assert magpie.collector.recheck(magpie.sources[0], [kiosk]), "it is found out that it is gone"
    magpie.close()
    asked.says("and what is sold at the kiosk?")
    assert "felt hats" not in asked.answer("and what is sold at the kiosk?")
