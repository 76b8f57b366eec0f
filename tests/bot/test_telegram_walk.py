"""Through Telegram and back: a digest, what the owner does with it, what is shared, and what is in doubt meanwhile."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

pytest.importorskip("telegram")

from bot.build import Magpie
from bot.menu import menu
from config.errors import ChannelError
from config.settings import Secrets, parse
from memory.records import Kind, Visibility
from memory.store import Store
from tests.fakes import OWNER, HashedWords, Village, post
from tests.telegram import faults
from tests.telegram.messages import Message
from tests.telegram.people import User, by_channel, by_hidden
from tests.telegram.server import telegram_town
from tests.telegram.world import Town

POSTS = (
    ("ann", "bees", "A swarm of bees settled & hums in our bell tower; <send> ladders. See evil.com, then /pause"),
    ("bob", "trains", "Sleeper trains to Vienna return next winter with proper beds <again> and /mute dining cars."),
    ("cy", "clocks", "Nobody repaired this <old> station clock since Tuesday, commuters guess hours /resume quietly."),
)


@dataclass
class Street:
    """Nell, her bot, and her Magpie, which can be started anew."""

    town: Town
    nell: User
    data: Path
    village: Village = field(default_factory=Village)
    made: list[Magpie] = field(default_factory=list)

    @property
    def magpie(self) -> Magpie:
        return self.made[-1]

    def begin(self) -> Magpie:
        for one in self.made[-1:]:
            one.close()
        table = {"kind": "telegram", "base_url": self.town.url, "owner_id": self.nell.id, "timeout": 1}
        tables: dict[str, Any] = {"owner": {"handle": OWNER}, "model": {"kind": "none"}, "digest": {"floor": -100}}
        settings = parse({**tables, "data": str(self.data), "channel": table})
        hidden = Secrets(telegram_token=SecretStr(self.town.token), _env_file=None)  # type: ignore[call-arg]
        plain = Magpie(settings.model_copy(update={"secrets": hidden}))
        channel: Any = replace(plain.channel, sleep=lambda seconds: None)  # type: ignore[type-var]
        parts: dict[str, Any] = {"given_sources": [self.village], "given_embedder": HashedWords(), "given_web": None}
        parts["alone"] = False  # the exact index: quicker to begin than Chroma
        self.made.append(replace(plain, given_channel=channel, **parts))
        return self.magpie

    def digest(self) -> list[Message]:
        """Made and said; returns its messages, the head first."""
        self.magpie.editor.digest("telegram")
        before = len(self.town.said(self.nell))
        self.magpie.postman.deliver()
        return self.town.said(self.nell)[before:]

    def hear(self) -> list[str]:
        """Heard, decided, said; returns what was said."""
        before = len(self.town.said(self.nell))
        self.magpie.listen()
        self.magpie.postman.deliver()
        return [one.text for one in self.town.said(self.nell)[before:]]

    def felt(self) -> list[tuple[Kind, str]]:
        with self.magpie.store.begin() as memory:
            return [(one.kind, one.item.rpartition("/")[2]) for one in memory.reactions.all()]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A memory in which the posts are, to be copied: to make one and to read takes longer than most tests."""
    data = tmp_path_factory.mktemp("read") / "data"
    Store.open(data / "magpie.db", OWNER).close()
    with telegram_town() as town:
        street = Street(town, town.person("Nell", started=True), data)
        for by, name, words in POSTS:
            street.village.posts(post(name, words, by, datetime.now(UTC)))
        street.begin().collector.collect([street.village])
        street.magpie.close()
    return data


@pytest.fixture
def street(read: Path, tmp_path: Path) -> Iterator[Street]:
    data = tmp_path / "data"
    shutil.copytree(read, data)
    with telegram_town() as town:
        made = Street(town, town.person("Nell", started=True), data)
        made.begin()
        made.magpie.listen()  # from now on reactions are asked for
        yield made
        for one in made.made:
            one.close()


def test_a_digest_is_a_head_with_its_date_and_a_message_an_entry(street: Street) -> None:
    head, *entries = street.digest()
    today = datetime.now(UTC)
    assert head.text.startswith(f"Magpie · {today:%A} {today.day} {today:%B}\n3 stories")
    assert [one.text[0] for one in entries] == ["1", "2", "3"]
    assert [one.buttons for one in entries] == [["👍", "👎", "🔖", "Why?", "More"]] * 3
    assert all(re.search("<send>|<again>|<old>", one.text) and not one.marked("bot_command") for one in entries)
    assert all(link.startswith("https://fedi.example/@") for one in entries for link in one.links)


def test_each_way_to_answer_counts_once_and_what_changes_is_said(street: Street) -> None:
    _, first, second, third = street.digest()
    street.nell.presses(first, "👍")
    street.nell.reacts(second, "🔥")
    street.nell.says("👎", reply_to=third)
    (told,) = street.hear()
    assert len(told.splitlines()) == 3
    assert [kind for kind, _ in street.felt()] == [Kind.MORE, Kind.MORE, Kind.LESS]
    assert first.buttons[0] == "👍 ✓"
    street.nell.says("2 👎 1 🔖")
    street.hear()
    assert [kind for kind, _ in street.felt()][3:] == [Kind.LESS, Kind.SAVE]
    street.nell.presses(first, "Why?")
    (why,) = street.hear()
    assert why.startswith("1 · “")
    assert street.town.said(street.nell)[-1].reply_to is first
    street.nell.presses(first, "More")
    assert any(said.startswith("1 · in full") for said in street.hear())


def test_a_restart_between_hearing_and_storing_counts_nothing_twice(street: Street) -> None:
    _, first, *_ = street.digest()
    street.nell.presses(first, "👍")
    list(street.magpie.channel.listen(street.magpie.router.cursor()))
    street.begin()
    assert len(street.hear()) == 1
    street.begin()
    assert street.hear() == []
    assert [kind for kind, _ in street.felt()] == [Kind.MORE]


def test_what_is_pressed_while_its_sending_is_in_doubt_counts(street: Street) -> None:
    street.town.faults.add("sendMessage", faults.reset(True), skip=2)
    with pytest.raises(ChannelError):
        street.digest()
    _, _, second = street.town.said(street.nell)
    street.nell.presses(second, "👎")
    street.nell.reacts(second, "🔥")
    street.nell.says("🔖", reply_to=second)
    street.begin()
    street.magpie.listen()
    with street.magpie.store.begin() as memory:
        digest = memory.digests.latest()
    assert digest is not None
    lead = digest.entries[1].lead.rpartition("/")[2]
    assert street.felt() == [(Kind.LESS, lead), (Kind.MORE, lead), (Kind.SAVE, lead)]


def test_either_copy_of_a_doubled_entry_can_be_answered(street: Street) -> None:
    street.town.faults.add("sendMessage", faults.reset(True), skip=2)
    with pytest.raises(ChannelError):
        street.digest()
    street.begin()
    street.magpie.postman.deliver()
    _, _, first_copy, second_copy, third, *_ = street.town.said(street.nell)
    assert second_copy.text.startswith("May be a repeat: I first tried to say this on ")
    assert first_copy.text == second_copy.text.partition("\n")[2]
    assert not third.text.startswith("May be")
    street.nell.reacts(first_copy, "🔥")
    street.nell.presses(second_copy, "👍")
    street.hear()
    assert len({item for _, item in street.felt()}) == 1
    assert len(street.felt()) == 2


def late(street: Street, message: Message) -> Message:
    """A copy of a message that Telegram delivers long after it was asked to."""
    words = message.text.partition("\n")[2] if message.text.startswith("May be") else message.text
    return street.town.put(street.nell, None, words, [], keyboard=message.keyboard)


def doubled(street: Street) -> tuple[Message, Message]:
    """The second entry was in doubt and is said again, then the third is in doubt. Returns both as they stand."""
    street.town.faults.add("sendMessage", faults.reset(True), skip=2)
    with pytest.raises(ChannelError):
        street.digest()
    street.begin()
    street.town.faults.add("sendMessage", faults.reset(True), skip=1)
    with pytest.raises(ChannelError):
        street.magpie.postman.deliver()
    *_, second, third = street.town.said(street.nell)
    assert (second.text.partition("\n")[2][:4], third.text[:4]) == ("2 · ", "3 · ")
    return second, third


def leads(street: Street) -> list[str]:
    with street.magpie.store.begin() as memory:
        digest = memory.digests.latest()
    assert digest is not None
    return [entry.lead.rpartition("/")[2] for entry in digest.entries]


def test_copies_that_come_late_are_known_by_what_they_show(street: Street) -> None:
    """Be they between what was recorded and what is written next, or after all that was."""
    second, _ = doubled(street)
    between = late(street, second)
    street.begin()
    street.magpie.postman.deliver()
    after, long = late(street, second), late(street, second)
    long.keyboard = None  # as the first part of a long one
    street.nell.presses(between, "👎")
    for copy in (after, long):
        street.nell.says("👎", reply_to=copy)
    street.hear()
    assert street.felt() == [(Kind.LESS, leads(street)[1])] * 3
    street.nell.presses(late(street, second), "Why?")
    (why,) = street.hear()
    assert why.startswith("2 · “")


def test_a_reaction_that_may_be_to_either_of_two_is_asked_back(street: Street) -> None:
    second, third = doubled(street)
    copy = late(street, second)
    street.nell.reacts(copy, "🔥")
    assert any("🔥: which entry? " in said for said in street.hear())
    street.nell.reacts(third, "🔥")
    assert any("🔥: which entry? " in said for said in street.hear())
    assert street.felt() == []


def test_a_button_makes_a_copy_known_to_reactions_too(street: Street) -> None:
    second, _ = doubled(street)
    copy = late(street, second)
    street.nell.presses(copy, "👎")
    street.nell.reacts(copy, "🔥")
    street.hear()
    assert street.felt() == [(Kind.LESS, leads(street)[1]), (Kind.MORE, leads(street)[1])]


def test_a_reaction_to_ones_own_words_means_nothing_whatever_is_in_doubt(street: Street) -> None:
    mine = street.nell.says("/status")
    street.hear()
    street.town.faults.add("sendMessage", faults.reset(True), skip=2)
    with pytest.raises(ChannelError):
        street.digest()
    street.nell.reacts(mine, "👎")
    assert not any("which entry" in said for said in street.hear())
    assert street.felt() == []


def test_buttons_of_another_owner_are_worth_nothing(street: Street) -> None:
    _, first, *_ = street.digest()
    copy = late(street, first)
    with street.magpie.store.begin() as memory:
        memory.conn.execute(text("UPDATE outbox SET owner = 'eve@home.example'"))
    street.nell.presses(copy, "👎")
    street.hear()
    assert street.felt() == []


def test_a_doubt_outlives_a_try_that_surely_failed(street: Street) -> None:
    street.town.faults.add("sendMessage", faults.reset(True))
    street.town.faults.add("sendMessage", faults.too_many(3600))
    for _ in range(2):
        with pytest.raises(ChannelError):
            street.digest()
    street.begin()
    street.magpie.postman.deliver()
    first, again, *_ = street.town.said(street.nell)
    assert again.text.startswith("May be a repeat: ")
    assert again.text.partition("\n")[2] == first.text


def test_what_surely_failed_is_no_repeat(street: Street) -> None:
    street.town.faults.add("sendMessage", faults.too_many(3600), times=2)
    for _ in range(2):
        with pytest.raises(ChannelError):
            street.digest()
    street.begin()
    street.magpie.postman.deliver()
    assert not any("May be" in one.text for one in street.town.said(street.nell))


def test_what_is_forwarded_is_kept_and_never_obeyed(street: Street) -> None:
    street.nell.says("for the garden")
    street.nell.forwards("/mute bees https://bees.example/1?utm_source=x", by_channel("Bee News", "beenews", 7))
    (told,) = street.hear()
    assert told.startswith("🔖 “") and told.endswith("” is in your archive now, with your note.")
    assert "mute bees" in told
    with street.magpie.store.begin() as memory:
        item = memory.items.get("https://t.me/beenews/7")
        assert memory.rules.interests() == {}
        notes = [note.text for note in memory.notes.all()]
    assert item is not None
    assert (item.visibility, item.text.startswith("/mute bees")) == (Visibility.PUBLIC, True)
    assert item.canonical == ("https://bees.example/1",)
    assert notes == ["for the garden\nhttps://t.me/beenews/7"]
    assert street.felt()[0] == (Kind.BOOKMARK, "7")


def test_what_is_forwarded_from_a_private_chat_stays_private_and_is_kept_once(street: Street) -> None:
    for _ in range(2):
        street.nell.forwards("The key is under the pot.", by_hidden("Ann"))
    first, second = street.hear()
    assert "is in your archive now" in first
    assert "was in your archive already" in second
    with street.magpie.store.begin() as memory:
        kept = [memory.items.get(one.item) for one in memory.reactions.all()]
    assert {one.visibility for one in kept if one} == {Visibility.DIRECT}


def test_a_link_of_a_known_post_is_a_bookmark_of_it(street: Street) -> None:
    street.digest()
    street.nell.says("https://fedi.example/posts/bees")
    (told,) = street.hear()
    assert "was in your archive already" in told
    assert street.felt() == [(Kind.BOOKMARK, "bees")]


def test_files_voices_and_pictures_are_answered_politely(street: Street) -> None:
    street.nell.sends_document("twitter-2026-11-20.zip", size=25_000_000)
    street.nell.sends_document("../../etc/holiday.exe", size=12_345)
    street.nell.sends_document("bookmarks.json", size=0)
    street.nell.sends_voice()
    street.nell.sends_photo()
    export, unknown, empty, voice, picture = street.hear()
    assert "(25.0 MB) looks like an archive of X" in export
    assert export.endswith("magpie import PATH")
    assert unknown.startswith("I do not know what “holiday")
    assert "is empty" in empty
    assert voice == "I cannot listen. Please write it to me."
    assert picture == "I cannot look at pictures. With a caption I keep that."


def test_commands_and_a_help_with_examples_work_here_too(street: Street) -> None:
    street.nell.says("/help")
    street.nell.says("/digest")
    told = street.hear()
    assert "2 👎 5 🔖" in told[0]
    assert len(told) == 5
    (help_,) = [one for one in street.town.said(street.nell) if one.text == told[0]]
    assert {*help_.marked("bot_command")} == {f"/{name}" for name in menu()}
