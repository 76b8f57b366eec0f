"""What is not worth searching or telling, in several languages; and how that moves with what the owner does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.chaff import DEFAULT, DELETED, MOST_AT_ONCE, Case, Sieve, features, learnt, note_deleted, sieve
from memory.records import Account, Item, Kind, Media, Reaction
from memory.store import Memory, Store
from tests.fakes import NOW, OWNER, account, digest, post

GREETINGS = (
    "Good morning everyone! ☀️",
    "Guten Morgen zusammen!",
    "Bonjour à tous et bonne journée",
    "Buenos días a todos",
    "Bom dia, pessoal!",
    "Buongiorno a tutti",
    "Goedemorgen allemaal",
    "Доброе утро всем",
    "おはようございます！",
    "大家好，早安",
    "صباح الخير للجميع",
)
GIVEAWAYS = (
    "GIVEAWAY! Follow me and boost this post to win a mechanical keyboard https://shop.example",
    "Gewinnspiel: Folge uns und teile diesen Beitrag, um ein Fahrrad zu gewinnen!",
    "Jeu concours : suivez-nous et partagez pour gagner un vélo",
    "¡Sorteo! Sigue esta cuenta y comparte para ganar una bicicleta",
    "Sorteio: siga a página e comente para concorrer a um livro",
    "抽奖：关注并转发，送出三个键盘",
)
WORTH_IT = (
    "Good morning from the pass, where the road is closed until noon because of the snow",
    "The city's compost giveaway for gardeners is back on Saturday at the depot by the canal",
    "She won the raffle at the county fair and gave the ham to the fire brigade",
    "I love how the new bridge looks at night. Posted via Tusky",
    "The library now sends the overdue notices automatically, and nobody is happier than the librarians",
    "Bridge closed.",
    "Zug fällt aus, Ersatzbus ab Gleis drei",
    "La bibliothèque ouvre enfin le dimanche, avec une salle pour les enfants",
    "Hoy cierran el puente viejo y el autobús da la vuelta por el río",
    "今日は川の水位が高いので橋が閉まっています",
    "Thank you letters from 1912 found in the wall of the old post office",
    "happy birthday to the oldest tortoise of the zoo, 120 today",
    "Congratulations are in order: the swifts are back under the eaves of number nine",
)


def odds(judge: Sieve, item: Item) -> float:
    """Log odds that it is not worth it."""
    return float(features(item) @ judge.weights)


@pytest.fixture
def memory(store: Store) -> Iterator[Memory]:
    with store.begin() as memory:
        yield memory


def kept(memory: Memory, item: Item) -> Item:
    memory.items.keep(item, NOW)
    return item


@pytest.mark.parametrize("text", GREETINGS)
def test_a_greeting_is_laid_aside_in_any_language(memory: Memory, text: str) -> None:
    assert Sieve().why_not(memory, post("a", text)) == "a greeting"


@pytest.mark.parametrize("text", GIVEAWAYS)
def test_a_giveaway_is_laid_aside_in_any_language(memory: Memory, text: str) -> None:
    assert Sieve().why_not(memory, post("a", text, links=("https://shop.example",))) == "a giveaway"


@pytest.mark.parametrize("text", ["Yes", "Genau!", "Exactement.", "Claro", "да", "lol"])
def test_a_one_word_reply_is_laid_aside_and_the_same_word_by_itself_is_not(memory: Memory, text: str) -> None:
    assert Sieve().why_not(memory, post("a", text, reply_to="b")) in ("a one-word reply", "very short")
    assert Sieve().why_not(memory, post("a", text)) == ""


@pytest.mark.parametrize("text", ["👍👍👍", "...", "42", "@bea@fedi.example #mood", "https://x.example/only"])
def test_what_has_no_words_and_nothing_with_it_is_laid_aside(memory: Memory, text: str) -> None:
    assert Sieve().why_not(memory, post("a", text)) == "no words"


@pytest.mark.parametrize(
    "more", [{"media": (Media("image", ""),)}, {"poll": ("tea", "coffee")}, {"quotes": "https://fedi.example/posts/q"}]
)
def test_what_brings_a_picture_a_poll_or_a_quote_is_worth_it(memory: Memory, more: dict[str, Any]) -> None:
    for text in ("Good morning!", "Look", "Yes"):
        assert Sieve().why_not(memory, post("a", text, **more)) == ""


@pytest.mark.parametrize("text", WORTH_IT)
def test_what_says_something_stays(memory: Memory, text: str) -> None:
    for bot in (False, True):
        assert Sieve().why_not(memory, post("a", text), replace(account("ann"), bot=bot)) == "" or bot
    assert Sieve().why_not(memory, post("a", text, reply_to="b"), account("ann")) == "" or len(text) < 20


def test_a_bot_that_says_the_same_with_other_numbers_is_laid_aside_and_a_person_who_says_it_once_is_not(
    memory: Memory,
) -> None:
    bot = replace(account("wx"), bot=True)
    first = kept(memory, post("w0", "Harbour: 12 degrees, wind 3 from the west, tide at 14:02", by="wx"))
    assert Sieve().why_not(memory, first, bot) == ""
    for number in range(2):
        kept(
            memory,
            post(f"w{number + 1}", f"Harbour: 1{number} degrees, wind 4 from the west, tide at 15:0{number}", by="wx"),
        )
    again = post("w9", "Harbour: 9 degrees, wind 7 from the west, tide at 16:20", by="wx")
    assert Sieve().why_not(memory, again, bot) == "said before by its author"
    other = post("w8", "The harbour master retires after forty years at the tide table", by="wx")
    assert Sieve().why_not(memory, other, bot) == ""


@pytest.mark.parametrize(
    "text",
    [
        "This is an automated message: backup done",
        "Diese Nachricht wurde automatisch erstellt: alles läuft",
        "Message automatique : sauvegarde terminée",
        "Publicado automáticamente: copia terminada",
    ],
)
def test_what_says_that_it_was_posted_by_itself_is_laid_aside(memory: Memory, text: str) -> None:
    assert Sieve().why_not(memory, post("a", text)) == "posted automatically"


def test_the_owners_own_words_and_what_is_said_to_the_owner_are_never_laid_aside(memory: Memory) -> None:
    me = Account("https://home.example/users/me", OWNER)
    for sieving in (Sieve(OWNER), Sieve(OWNER, learnt([Case(features(post("a", "Yes")), chaff=True)] * 50))):
        assert sieving.why_not(memory, post("a", "Good morning!"), me) == ""
        assert sieving.why_not(memory, post("a", "Yes", reply_to="b", mentions=(OWNER,)), account("ann")) == ""
        assert sieving.why_not(memory, post("a", "Yes", reply_to="b", mentions=("bea@x.example",)), account("ann"))


def test_what_the_owner_reacted_to_is_never_laid_aside(memory: Memory) -> None:
    item = kept(memory, post("a", "Good morning!"))
    assert Sieve(OWNER).why_not(memory, item)
    memory.reactions.add(Reaction(Kind.LIKE, NOW, item.uri))
    assert Sieve(OWNER).why_not(memory, item) == ""


@pytest.mark.parametrize("kind", ["chat", "message", "note", "article", "mail", "page"])
def test_only_posts_are_looked_at(memory: Memory, kind: str) -> None:
    assert Sieve().why_not(memory, post("a", "ok", reply_to="b", kind=kind)) == ""


def test_whoever_likes_greetings_keeps_them_and_whoever_marks_them_loses_more(memory: Memory) -> None:
    borderline = post("z", "Good morning Lisbon and Porto")
    before = odds(Sieve(OWNER), borderline)
    for number, text in enumerate(GREETINGS[:8]):
        item = kept(memory, post(f"g{number}", text))
        memory.reactions.add(Reaction(Kind.LIKE, NOW, item.uri, event=f"l{number}"))
    liking = sieve(memory, NOW)
    assert odds(liking, borderline) < before and liking.why_not(memory, post("y", "Guten Abend zusammen")) == ""
    for number, _ in enumerate(GREETINGS[:8]):
        memory.reactions.add(Reaction(Kind.LESS, NOW + timedelta(hours=1), post(f"g{number}").uri, event=f"m{number}"))
    marking = sieve(memory, NOW + timedelta(hours=2))
    assert odds(marking, borderline) > before
    assert marking.why_not(memory, post("y", "Guten Abend zusammen")) == "a greeting"


def test_what_was_told_and_passed_over_says_a_little(memory: Memory) -> None:
    item = kept(memory, post("a", "Nice view"))
    memory.digests.add(digest(item, day=-4))
    assert odds(Sieve(OWNER), item) < odds(sieve(memory, NOW), item) < 0


def test_what_the_owner_deletes_teaches_without_a_word_of_it_being_kept(memory: Memory) -> None:
    memory.accounts.keep([account("ann"), Account("https://home.example/users/me", OWNER)])
    mine = post("mine", "Hm", by="me", author="https://home.example/users/me")
    curt = [kept(memory, post(f"c{number}", f"curt{number} word")) for number in range(9)]
    note_deleted(memory, [*curt[:5], mine], NOW)
    note_deleted(memory, curt[5:], NOW)
    held = memory.preferences.get(DELETED)
    assert sum(held.values()) == 9 and "curt" not in str(held)
    assert odds(sieve(memory, NOW), curt[0]) > odds(Sieve(OWNER), curt[0])


def test_deleting_many_at_once_is_about_a_topic_and_teaches_nothing(memory: Memory) -> None:
    note_deleted(memory, [post(f"c{number}") for number in range(MOST_AT_ONCE + 1)], NOW)
    assert memory.preferences.get(DELETED) is None


def test_without_a_case_the_weights_are_the_default() -> None:
    assert learnt([]).tolist() == list(DEFAULT.values()) == Sieve().weights.tolist()


@given(st.lists(st.tuples(st.sampled_from([*GREETINGS, *WORTH_IT]), st.booleans()), max_size=60))
def test_whatever_is_learnt_is_finite_and_no_further_than_the_cases_carry(cases: list[tuple[str, bool]]) -> None:
    weights = learnt([Case(features(post("a", text)), chaff) for text, chaff in cases])
    assert np.isfinite(weights).all()
    assert np.abs(weights - learnt([])).max() <= 0.5 * len(cases) + 1e-9


@given(st.text(max_size=80), st.booleans(), st.integers(0, 9))
def test_any_text_has_features_within_their_bounds(text: str, bot: bool, repeats: int) -> None:
    row = features(post("a", text, reply_to="b"), bot, repeats)
    assert len(row) == len(DEFAULT) and (row >= 0).all() and (row <= 2).all()
