"""Nell's Magpie, at home on Mastodon and on Telegram at once: one digest, told in both, and one owner who answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

pytest.importorskip("mastodon_mock")
pytest.importorskip("telegram")

from bot.build import Magpie
from bot.service import Service
from config.errors import ChannelError
from config.settings import Secrets, parse
from memory.records import Digest, Kind
from memory.store import Store
from tests.fakes import HashedWords
from tests.scenarios.town import BOT, HOST, OWNER, Person, Town, town, words
from tests.telegram.messages import Message
from tests.telegram.people import User
from tests.telegram.server import telegram_town
from tests.telegram.world import Town as TelegramTown

POSTS = {
    "bees": ("odile", "A swarm of bees has settled in the bell tower, right under the clock. I need a tall ladder."),
    "train": ("tomasz", "The sleeper to Vienna comes back in December: three cars, real beds, a dining car to Linz."),
    "coin": ("juno", "The town coin has doubled since breakfast and I have put the deposit of my flat into it."),
}
PEOPLE = tuple(Person(name) for name, _ in POSTS.values())


@dataclass
class Home:
    """The town, Telegram, and Magpies that begin anew on one folder."""

    town: Town
    telegram: TelegramTown
    nell: User
    folder: Path
    made: list[Magpie] = field(default_factory=list)

    def magpie(self, *order: str) -> Magpie:
        """From its settings on, with its channels in that order."""
        while self.made:
            self.made.pop().close()
        mastodon = {"kind": "mastodon", "instance": self.town.server.base_url}
        tables = {
            "mastodon": {**mastodon, "handle": f"{BOT}@{HOST}"},
            "telegram": {"kind": "telegram", "base_url": self.telegram.url, "owner_id": self.nell.id, "timeout": 2},
        }
        given: dict[str, Any] = {"owner": {"handle": f"{OWNER}@{HOST}"}, "data": str(self.folder)}
        given |= {"model": {"kind": "none"}, "digest": {"floor": -100}, "sources": [mastodon]}
        given["channels"] = [tables[name] for name in order or tables]
        tokens = {"owner_token": SecretStr(f"{OWNER}-token"), "bot_token": SecretStr(f"{BOT}-token")}
        secrets = Secrets(**tokens, telegram_token=SecretStr(self.telegram.token))
        settings = parse(given).model_copy(update={"secrets": secrets})
        magpie = Magpie(settings, given_embedder=HashedWords(dim=2048), given_web=None, alone=False)
        for parlour in magpie.parlours:
            parlour.channel = replace(parlour.channel, sleep=lambda seconds: None)  # type: ignore[type-var]
        self.made.append(magpie)
        return magpie

    @property
    def told(self) -> list[Message]:
        """What was said on Telegram."""
        return self.telegram.said(self.nell)

    @property
    def posted(self) -> list[str]:
        """What was said on Mastodon."""
        return [words(status) for status in self.town.said()]

    def felt(self) -> list[tuple[str, Kind]]:
        """All feedback that is kept, by the name of the post."""
        with self.made[-1].store.begin() as memory:
            return [(self.town.names[one.item], one.kind) for one in memory.reactions.all()]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with town(tmp_path, PEOPLE) as square, telegram_town() as telegram:
        square.posts(POSTS)
        nell = telegram.person("Nell", started=True)
        Store.open(tmp_path / "data" / "magpie.db", f"{OWNER}@{HOST}").close()
        made = Home(square, telegram, nell, tmp_path / "data")
        magpie = made.magpie()
        magpie.collector.collect(magpie.sources)
        magpie.hear()  # from now on reactions are asked for
        yield made
        for one in made.made:
            one.close()


def digest_of(home: Home) -> tuple[Digest, dict[str, int]]:
    """The digest of the day, made and said, and by the names of its posts their numbers."""
    digest = home.made[-1].editor.digest("telegram")
    home.made[-1].speak()
    return digest, {home.town.names[entry.lead]: entry.number for entry in digest.entries}


def quoting(texts: list[str], name: str) -> list[str]:
    return [text for text in texts if POSTS[name][1][:25] in text and "Why: " in text]


def test_one_digest_is_made_and_told_in_both(home: Home) -> None:
    magpie = home.made[-1]
    digest, numbers = digest_of(home)
    assert set(numbers) == set(POSTS)
    for name in POSTS:
        assert len(quoting(home.posted, name)) == len(quoting([one.text for one in home.told], name)) == 1
    assert {magpie.editor.digest(name).id for name in ("mastodon", "telegram")} == {digest.id}
    with magpie.store.begin() as memory:
        assert len(memory.runs.latest("digest")) == 1
        assert {memory.digests.latest(name) for name in ("mastodon", "telegram")} == {digest}


def test_feedback_counts_once_whichever_channel_it_comes_from(home: Home) -> None:
    _, numbers = digest_of(home)
    magpie = home.made[-1]
    home.town.say(f"{numbers['bees']} 👍 {numbers['coin']} 👎")
    magpie.hear()
    about_bees = next(one for one in home.told if POSTS["bees"][1][:25] in one.text and "Why: " in one.text)
    assert about_bees.buttons[:2] == ["👍 ✓", "👎"]  # it is shown where it was not said
    home.nell.says(f"{numbers['bees']} 👍")
    magpie.hear()
    assert home.told[-1].text == f"👍 {numbers['bees']} counts already: you have said so in mastodon."
    train = next(one for one in home.told if POSTS["train"][1][:25] in one.text and "Why: " in one.text)
    home.nell.presses(train, "🔖")
    home.nell.reacts(about_bees, "👎")  # the mind is changed
    magpie.hear()
    assert about_bees.buttons[:2] == ["👍", "👎 ✓"]
    wanted = [("bees", Kind.MORE), ("coin", Kind.LESS), ("train", Kind.SAVE), ("bees", Kind.LESS)]
    assert sorted(home.felt()) == sorted(wanted)
    assert any("Saved" in one.text for one in home.told) and not any("Saved" in text for text in home.posted)


def test_questions_and_commands_are_answered_where_they_were_asked(home: Home) -> None:
    _, numbers = digest_of(home)
    magpie = home.made[-1]
    asked = home.town.say("what did odile say about bees?")
    home.nell.says("what did tomasz say about the sleeper?")
    home.nell.says(f"/why {numbers['coin']}")
    magpie.hear()
    assert any("bell tower" in text for text in home.town.answers(asked))
    assert any("Vienna" in one.text for one in home.told[-2:])
    assert any("scored" in one.text for one in home.told) and not any("scored" in text for text in home.posted)
    why = home.town.say(f"/why {numbers['coin']}")
    magpie.hear()
    assert any("scored" in text for text in home.town.answers(why))


def test_asked_for_again_the_digest_is_told_where_it_was_asked_for(home: Home) -> None:
    digest_of(home)
    before, posted = len(home.told), len(home.posted)
    home.nell.says("/digest")
    home.made[-1].hear()
    assert len(home.told) - before == len(POSTS) + 1
    assert len(home.posted) == posted
    assert f"{datetime.now(UTC):%B}" in home.told[before].text


def test_started_anew_with_the_channels_the_other_way_round_nothing_is_made_twice(home: Home) -> None:
    digest, _ = digest_of(home)
    said = len(home.told), len(home.posted)
    again = home.magpie("telegram", "mastodon")
    assert again.home.name == "telegram" and again.editor.digest("telegram").id == digest.id
    again.due.look()
    again.hear()
    assert (len(home.told), len(home.posted)) == said


def test_a_channel_that_is_away_keeps_nothing_from_the_other_and_is_told_after_a_restart(home: Home) -> None:
    magpie = home.made[-1]
    away: Any = replace(magpie.parlours[1].channel, base_url="http://127.0.0.1:9/bot", attempts=1)  # type: ignore[type-var]
    magpie.parlours[1].channel = away
    magpie.editor.digest("mastodon")
    with pytest.raises(ChannelError):
        magpie.speak()
    assert len(home.posted) == len(POSTS) + 1 and home.told == []
    home.town.say("1 👍")
    home.magpie().hear()
    assert len([text for text in home.posted if "Why: " in text]) == len(POSTS)
    assert len([one for one in home.told if "Why: " in one.text]) == len(POSTS)
    assert len(home.felt()) == 1


def test_the_service_hears_and_speaks_in_both(home: Home) -> None:
    service = Service(home.made.pop())
    home.town.say("/status")
    home.nell.says("/status")
    service.once()
    assert service.failures == []
    assert len([one for one in home.told if "I know " in one.text]) == 1
    assert len([text for text in home.posted if "I know " in text]) == 1
    assert len([text for text in home.posted if "Why: " in text]) == len([o for o in home.told if "Why: " in o.text])
