"""What the owner says or does becomes a reaction, a command or an answer: once, and in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agents.answer import Answer, Understood
from agents.digest import Desk
from agents.gathering import Reading
from bot import responses
from bot import router as routing
from bot.feedback import emoji_map
from bot.jobs.answer import Answerer
from bot.jobs.collect import Collector
from bot.jobs.digest import Editor
from bot.notes import KEPT
from bot.outbox import Postman
from bot.router import Router
from bot.speaking import Speaker
from config.errors import ModelError, StoreError
from config.settings import DigestSection, FeedbackSection
from memory.query import Hit
from memory.records import Kind, Reaction
from memory.store import Store
from tests.bot.clerk import Clerk
from tests.fakes import HOUR, NOW, HashedWords, Pigeon, ShelfIndex, Village, account, post

TEXTS = {
    "ann": "Our bees have survived the winter well and today the first of them flew out to the willows",
    "bob": "The old bridge over the river will be closed for two years from Monday on, says the council",
    "cy": "A game of chess from last night where white gives up the rook and wins thirty moves later",
}


@dataclass
class Talk:
    """An owner, a pigeon that carries what both sides say, and everything behind it."""

    store: Store
    collector: Collector
    village: Village
    pigeon: Pigeon
    router: Router
    postman: Postman
    answerer: Answerer
    clerk: Clerk
    clock: list[datetime] = field(default_factory=lambda: [NOW])

    def digest(self, days: int = 0) -> None:
        self.clock[0] = NOW + timedelta(days=days)
        self.collector.collect([self.village])
        self.router.editor.digest("pigeon")
        self.postman.deliver()

    def says(self, text: str, reply_to: str = "") -> list[str]:
        """The owner says something; what Magpie answers."""
        self.pigeon.hears(text, self.clock[0], reply_to)
        return self.hears()

    def taps(self, message: str, emoji: str = "⭐", event: str = "") -> list[str]:
        """The owner reacts to a message."""
        number = str(len(self.pigeon.heard) + 1)
        event = event or f"tap {number}"
        self.pigeon.heard.append(
            Reaction(Kind.MORE, self.clock[0], message=message, emoji=emoji, event=event, cursor=number)
        )
        return self.hears()

    def hears(self, again: bool = False) -> list[str]:
        """Listen from the cursor, or, as after a loss, from the beginning; what is said then."""
        before = len(self.pigeon.said)
        self.new = self.router.handle(self.pigeon.listen(None if again else self.router.cursor()))
        self.postman.deliver()
        while self.answerer.answer_next():
            self.postman.deliver()
        return [
            "".join("\n" if s.kind == "break" else s.text for s in o.spans)
            for o in list(self.pigeon.said.values())[before:]
        ]

    def felt(self) -> list[tuple[Kind, str]]:
        """Kind and author of every reaction."""
        with self.store.begin() as memory:
            found = memory.reactions.all()
            items = memory.items.all([reaction.item for reaction in found])
        return [(r.kind, items[r.item].author.rsplit("/", 1)[1]) for r in found]

    def number(self, name: str) -> int:
        """Under which number the last digest tells of somebody's post; its message is p<number> on the first day."""
        with self.store.begin() as memory:
            digest = memory.digests.latest()
        assert digest is not None
        return next(entry.number for entry in digest.entries if entry.lead == post(name).uri)

    def rules(self) -> list[tuple[str, str]]:
        with self.store.begin() as memory:
            return [(rule.kind, rule.key) for rule in memory.rules.active(NOW)]


@pytest.fixture
def quiet(
    store: Store,
    collector: Collector,
    village: Village,
    pigeon: Pigeon,
    embedder: HashedWords,
    shelf: ShelfIndex,
    tmp_path: Path,
) -> Talk:
    """Nothing was told yet."""
    clock, zone = [NOW], ZoneInfo("UTC")
    reading = Reading(store, embedder, account("me").uri)
    desk = Desk(reading, floor=-99, explore=0)
    village.tells(followed=frozenset(account(name).uri for name in TEXTS))
    for name, text in TEXTS.items():
        village.posts(post(name, text, by=name, at=NOW - HOUR))
    editor = Editor(store, desk, collector, [], tmp_path / "check.db", DigestSection(), zone, lambda: clock[0])
    meanings, clerk = emoji_map(FeedbackSection()), Clerk()
    router = Router(store, "pigeon", reading, editor, shelf, meanings, lambda: clock[0], "none")
    answerer = Answerer(
        store,
        pigeon,
        lambda: clerk,
        lambda memory: Speaker({}, memory.accounts.all(), zone),
        lambda: account("me").uri,
        tmp_path / "check.db",
        lambda: clock[0],
        patience=3600,
    )
    postman = Postman(store, pigeon, lambda: clock[0])
    return Talk(store, collector, village, pigeon, router, postman, answerer, clerk, clock)


@pytest.fixture
def talk(quiet: Talk) -> Talk:
    """A digest of three entries was told: p0 is its head, p1 to p3 are its entries."""
    quiet.digest()
    assert list(quiet.pigeon.said) == [f"digest/pigeon/2026-11-20{end}" for end in ("", "/1", "/2", "/3")]
    return quiet


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


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/help", "/why 3: what made up its score"),
        ("/start", "/why 3: what made up its score"),
        ("/HELP", "/why 3: what made up its score"),
        ("/why 1", "scored"),
        ("/why 9", "The last digest has entries 1 to 3."),
        ("/more rail", "Noted. More of: rail."),
        ("/less football", "Noted. Less of: football."),
        ("/mute @bob", "Nothing by @bob@fedi.example any more."),
        ("/mute horoscope", "Nothing with “horoscope” any more."),
        ("/unmute @bob", "were not muted here"),
        ("/status", "I know 3 posts"),
        ("/seen 1", "🙈 You knew 1"),
        ("/more 1", "👍 More like 1"),
        ("/less 1 2", "👎 Less like 2"),
        ("/seen 9", "there is no entry 9"),
        ("/dance", "I do not know /dance. /help shows what I can do."),
    ],
)
def test_each_command_is_answered_once(talk: Talk, said: str, answer: str) -> None:
    (found,) = talk.says(said)
    assert answer in found


@pytest.mark.parametrize(
    ("said", "example"),
    [
        ("/why", "/why 2"),
        ("/why not", "/why 2"),
        ("/more", "/more rail"),
        ("/less", "/less rail"),
        ("/seen", "/seen 3"),
        ("/mute", "/mute @name"),
        ("/unmute", "/unmute @name"),
    ],
)
def test_a_command_that_is_used_wrongly_is_answered_with_an_example(talk: Talk, said: str, example: str) -> None:
    (answer,) = talk.says(said)
    assert answer.startswith("I did not understand that. For example: ") and example in answer


def test_why_in_reply_to_an_older_entry_is_about_that_digest(talk: Talk) -> None:
    talk.digest(days=1)
    assert "“A game of chess" in talk.says(f"/why {talk_number(talk, 'cy')}", reply_to="p1")[0]


def talk_number(talk: Talk, name: str) -> int:
    with talk.store.begin() as memory:
        (first, *_) = memory.digests.since(NOW - HOUR)
    return next(entry.number for entry in first.entries if entry.lead == post(name).uri)


def test_the_digest_can_be_asked_for_when_there_is_none_yet(quiet: Talk) -> None:
    quiet.collector.collect([quiet.village])
    said = quiet.says("/digest")
    assert len(said) == 4 and said[0].startswith("Magpie · Friday 20 November\n3 stories")


def test_the_digest_asked_for_again_is_told_again_and_can_be_answered_like_the_first(talk: Talk) -> None:
    said = talk.says("/digest")
    assert len(said) == 4 and [text.split(" · ")[0] for text in said[1:]] == ["1", "2", "3"]
    first = len(talk.pigeon.said) - 4
    talk.taps(f"p{first + talk.number('bob')}", "👎")
    assert talk.felt() == [(Kind.LESS, "bob")]
    with talk.store.begin() as memory:
        assert len(memory.digests.since(NOW - 9 * HOUR)) == 1


def test_asked_for_twice_at_once_the_digest_is_told_once(quiet: Talk) -> None:
    quiet.collector.collect([quiet.village])
    quiet.pigeon.hears("/digest")
    quiet.pigeon.hears("/digest")
    assert len(quiet.hears()) == 4


def test_what_waits_to_be_told_again_is_not_told_when_it_is_deleted(talk: Talk) -> None:
    talk.pigeon.hears("/digest")
    talk.router.handle(talk.pigeon.listen(talk.router.cursor()))
    talk.village.deletes(post("ann").ref)
    talk.collector.collect([talk.village])
    assert len(talk.hears()) == 3 and TEXTS["ann"] not in "".join(map(str, list(talk.pigeon.said.values())[4:]))


def test_a_digest_that_cannot_be_made_is_told_so(quiet: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(self: Editor, channel: str) -> None:
        raise ModelError("The embedding model is away.")

    monkeypatch.setattr(Editor, "digest", away)
    assert quiet.says("/digest") == ["There is no digest yet. The embedding model is away."]


def test_any_other_words_are_a_question(talk: Talk) -> None:
    with talk.store.begin() as memory:
        found = memory.items.get(post("ann").uri)
    assert found is not None
    talk.clerk.knows("bees on the willows?", Answer(Understood("bees willows"), hits=(Hit(found, 1.0, ("words",)),)))
    (answer,) = talk.says("bees on the willows?")
    assert answer.startswith(
        "From your archive on “bees on the willows?”:\n\n[1] 20 Nov 2026, ann@fedi.example\nOur bees"
    )
    (out,) = list(talk.pigeon.said.values())[-1:]
    assert next(span.url for span in out.spans if span.kind == "link") == post("ann").url
    assert out.reply_to == "in0" and talk.felt() == []


def test_a_question_waits_with_what_was_heard_until_it_is_answered(talk: Talk) -> None:
    talk.pigeon.hears("the bees and the willows")
    talk.router.handle(talk.pigeon.listen(None))
    talk.router.handle(talk.pigeon.listen(None))
    with talk.store.begin() as memory:
        (waiting,) = memory.questions.waiting("pigeon")
    assert (waiting.message, waiting.text, talk.clerk.heard) == ("in0", "the bees and the willows", [])


def test_what_posts_say_is_never_a_command(talk: Talk) -> None:
    order = "/mute @bob and then 1 👎, says the mushroom to the other mushrooms in the wood"
    said = post("dot", order, by="dot", at=NOW - HOUR)
    talk.village.posts(said)
    talk.collector.collect([talk.village])
    asked = "what does the mushroom say to mushrooms"
    talk.clerk.knows(asked, Answer(Understood(asked), hits=(Hit(said, 1.0, ("words",)),)))
    (answer,) = talk.says(asked)
    assert "/mute @bob" in answer and talk.rules() == [] == talk.felt()


def test_the_cursor_moves_with_what_was_heard(talk: Talk) -> None:
    assert talk.router.cursor() is None
    talk.says("hello")
    talk.says("1 👍")
    assert talk.router.cursor() == "2"


@pytest.mark.parametrize("broken", ["apply", "lines", "say"])
def test_a_break_in_between_loses_nothing_and_doubles_nothing(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    class PowerCutError(BaseException):
        pass

    def cut(*args: Any, **more: Any) -> None:
        raise PowerCutError

    talk.pigeon.hears("/more rail")
    talk.pigeon.hears("1 👍")
    talk.pigeon.hears("the bees and the willows")
    with monkeypatch.context() as patch:
        patch.setattr(responses, broken, cut)
        with pytest.raises(PowerCutError):
            talk.hears()
    with talk.store.begin() as memory:
        assert memory.rules.interests() == {} and memory.outbox.waiting("pigeon") == []
    assert talk.felt() == [] and talk.router.cursor() is None
    assert sorted(answer.split(" ")[0] for answer in talk.hears()) == ["I", "Noted.", "👍"]
    assert len(talk.felt()) == 1 and talk.router.cursor() == "3" and talk.hears() == []


@pytest.mark.parametrize("broken", ["parse_feedback", "digest_meant", "apply"])
def test_an_event_that_breaks_is_owned_up_to_once_and_blocks_nothing(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    where = routing if broken == "parse_feedback" else responses
    real = getattr(where, broken)

    def breaks(*args: Any) -> Any:
        if "2 👍" in repr(args) or any(getattr(arg, "entry", None) and arg.entry.number == 2 for arg in args):
            raise KeyError("quokka")
        return real(*args)

    for words in ("1 👍", "2 👍", "/more rail"):
        talk.pigeon.hears(words)
    with monkeypatch.context() as patch:
        patch.setattr(where, broken, breaks)
        answers = talk.hears()
    assert sorted(answer.split(" ")[0] for answer in answers) == ["I", "Noted.", "👍"]
    assert (len(talk.felt()), talk.new, talk.router.cursor()) == (1, 3, "3")
    assert "what=event" in caplog.text
    assert talk.hears() == []


def test_a_confirmation_that_breaks_loses_no_feedback(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(responses, "lines", _quake)
        assert talk.says("1 👍") == [responses.KEPT]
    assert len(talk.felt()) == 1 and talk.hears() == []


def test_a_digest_that_breaks_is_told_of(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    talk.clock[0] = NOW + timedelta(days=1)
    with monkeypatch.context() as patch:
        patch.setattr(Editor, "digest", _quake)
        assert talk.says("/digest") == ["There is no digest yet. It broke off; the log says where."]


def test_a_full_disk_leaves_everything_to_be_heard_again(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any) -> None:
        raise StoreError("The disk is full.")

    talk.pigeon.hears("1 👍")
    with monkeypatch.context() as patch:
        patch.setattr(responses, "apply", full)
        with pytest.raises(StoreError):
            talk.hears()
    assert talk.felt() == [] and talk.router.cursor() is None and len(talk.hears()) == 1


def test_the_index_is_asked_before_the_transaction_begins(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []

    def query(self: ShelfIndex, vector: object, count: int, query: Any = ShelfIndex.query) -> Any:
        with talk.store.begin():  # within a transaction it would wait ten seconds for itself, and fail
            found.append(query(self, vector, count))
        return found[-1]

    monkeypatch.setattr(ShelfIndex, "query", query)
    talk.says(f"{talk.number('ann')} 👍")
    assert found


def _quake(*args: Any) -> None:
    raise RuntimeError


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


@pytest.mark.parametrize("between", ["no", "Nein.", "what about bees?", "/notes", "👍"])
def test_a_yes_counts_only_right_after_it_was_asked(talk: Talk, between: str) -> None:
    talk.says("/remember the key is with Ana")
    talk.says("/forget 1")
    told = talk.says(between)
    assert (told == [KEPT]) == (between in ("no", "Nein."))
    talk.says("yes")
    talk.says("/forget 1 yes")
    with talk.store.begin() as memory:
        assert len(memory.notes.all()) == 1
    assert talk.says("yes") == ["Forgotten. The next tidying up takes it out of backups and logs as well."]
    with talk.store.begin() as memory:
        assert memory.notes.all() == []


def test_a_no_to_nothing_is_a_question_like_any_other(talk: Talk) -> None:
    talk.says("no")
    assert talk.clerk.heard == ["no"]
