"""Nell has kept an archive of X, a vault and a chat, and reads two feeds and Mastodon: all of it is one archive.

Mastodon is a running mastodon_mock, where she asks by direct message; the feeds are answered from memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.build import Magpie
from memory.embedding import Embedder
from memory.records import Digest
from tests.scenarios.five_sources import COAST, PAGE, archive_of_x, chat, feeds, take_in, vault
from tests.scenarios.town import BOT, Person, Town, town, words

CHANNEL = "mastodon"
TODAY = datetime(2026, 5, 12, 18, 0, tzinfo=UTC)
PEOPLE = (Person("ana"), Person("tomasz"))
POSTS = {
    "mill": ("ana", f"They have done it, the wheel turns again! {PAGE}?utm_source=mastodon"),
    "soup": ("tomasz", "Nettle soup again, the whole kitchen smells of it."),
}
TWO = "whom do I ring to see the tide mill, and when does the tide mill grind?"
MINE = "what did I write about tides?"


@dataclass
class Walk:
    """One evening, and what it leaves behind."""

    town: Town
    folder: Path
    embedder: Embedder
    told: list[str] = field(default_factory=list)  # with its digest

    def magpie(self, trusts: bool = True) -> Magpie:
        """Magpie, started anew, with the feeds beside Mastodon. ``trusts``: private words may be told there."""
        wishes = {"entries": 5, "explore": 0, "floor": -100, "quote_followers_only": trusts}
        magpie = self.town.magpie(self.folder / "data", self.embedder, digest=wishes)
        return replace(magpie, given_sources=[*magpie.sources, feeds(TODAY)])

    def asks(self, text: str, trusts: bool = True) -> str:
        """What Nell is answered."""
        asked = self.town.say(text)
        magpie = self.magpie(trusts)
        magpie.hear()
        magpie.close()
        return "\n".join(self._under(asked))

    def _under(self, post: str) -> Iterator[str]:
        for status in self.town.said():
            if str(status["in_reply_to_id"]) == post:
                yield words(status)
                yield from self._under(str(status["id"]))


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory, minilm: Embedder) -> Iterator[Walk]:
    folder = tmp_path_factory.mktemp("shore")
    with town(folder, PEOPLE) as running:
        walk = Walk(running, folder, minilm)
        running.it_is(TODAY)
        running.posts(POSTS)
        magpie = walk.magpie()
        for path in (archive_of_x(folder), vault(folder), chat(folder)):
            taken = take_in(magpie, path, "Nell Harbour")
            assert taken.counts["new"] >= 2 and taken.whole
        assert magpie.collector.collect(magpie.sources).failures == []
        magpie.close()
        yield walk


@pytest.fixture(scope="module")
def digest(walk: Walk) -> Digest:
    before = len(walk.town.said())
    magpie = walk.magpie()
    made = magpie.editor.digest(CHANNEL)
    magpie.speak()
    magpie.close()
    walk.told = [words(status) for status in walk.town.said()[before:]]
    return made


def test_a_feeds_article_and_a_followees_post_are_one_story(walk: Walk, digest: Digest) -> None:
    entry = next(entry for entry in digest.entries if PAGE in entry.links)
    assert COAST in entry.sharers and any("ana" in sharer for sharer in entry.sharers)
    assert {uri.split("/")[2] for uri in entry.items} == {"coast.example", "mock.local"}
    assert len([said for said in walk.told if PAGE in said]) == 1, "it is told once"


def test_nothing_that_was_imported_is_in_the_digest(digest: Digest) -> None:
    assert {uri.split(":")[0] for entry in digest.entries for uri in entry.items} == {"https"}


def test_a_question_that_needs_two_of_them_is_answered_from_both(walk: Walk) -> None:
    told = walk.asks(TWO)
    assert "must ring Mr Okoro first" in told and "chat with Bea Invented" in told
    assert "grinds for three hours after low water" in told and "note “Tide mill”" in told
    assert "obsidian:" not in told and "whatsapp:" not in told


def test_what_i_wrote_is_found_wherever_i_wrote_it(walk: Walk) -> None:
    told = walk.asks(MINE)
    assert "Looked at: by you." in told
    assert "Spring tides lift the whole quay" in told and "Spring tides give it the most" in told
    assert "Mr Okoro" not in told and "opens again" not in told, "that is by others"
    assert "https://x.com/i/status/1100000000000000001" in told


def test_private_words_stay_at_home_unless_nell_lets_them_go(walk: Walk) -> None:
    told = walk.asks("whom do I ring to see the tide mill?", trusts=False)
    assert "Okoro" not in told and "green one" not in told
    assert "chat with Bea Invented" in told and told.count("Private: its words stay on your machine") >= 2


def test_whoever_is_known_from_an_export_alone_can_be_asked_for(walk: Walk) -> None:
    told = walk.asks("what did Bea say about the mill in May 2021?")
    assert (
        "Mr Okoro" in told
        and "chat with Bea Invented" in told
        and "bea.invented@whatsapp" in told.replace("\u200b", "")
    )
    assert "may be any of them" not in told, "the chat of her name is nobody else"


def test_everything_is_said_to_nell_alone(walk: Walk, digest: Digest) -> None:
    assert {status["visibility"] for status in walk.town.said(BOT)} == {"direct"}
