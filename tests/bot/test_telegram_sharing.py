"""What the owner hands on in Telegram, and what becomes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

pytest.importorskip("telegram")

from memory.records import Kind, Message, Visibility
from tests.bot.street import Street
from tests.bot.telegram_desk import Desk
from tests.telegram.people import by_channel, by_hidden, by_user

BEA = {"id": 9, "is_bot": False, "first_name": "Bea", "username": "bea"}


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


@pytest.mark.parametrize(("seconds", "noted"), [(0, True), (10, False)])
def test_words_that_are_told_a_moment_before_what_they_were_put_to_are_a_note_and_no_question(
    street: Street, seconds: float, noted: bool
) -> None:
    """As a webhook tells them, and a restart in between may part them."""
    street.nell.says("for the garden")
    street.magpie.home.listen()
    street.begin()
    street.town.later(seconds=seconds)
    street.nell.forwards("Bees have settled.", by_channel("Bee News", "beenews", 7))
    kept, *more = street.ask()
    assert kept.endswith(f"is in your archive now{', with your note' * noted}.")
    assert len(more) == (0 if noted else 1)
    with street.magpie.store.begin() as memory:
        assert [note.text for note in memory.notes.all()] == ["for the garden\nhttps://t.me/beenews/7"] * noted


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


def test_voices_and_pictures_are_declined_politely(street: Street) -> None:
    street.nell.sends_voice()
    street.nell.sends_photo()
    assert street.hear() == [
        "I cannot listen. Please write it to me.",
        "I cannot look at pictures. With a caption I keep that.",
    ]


@pytest.mark.parametrize(
    ("origin", "author"),
    [
        (by_hidden("Ann of the Hill"), "Ann of the Hill"),
        (by_channel("Bee News", "beenews", 7), "Bee News @beenews@t.me"),
        (
            {"type": "user", "sender_user": {"id": 9, "is_bot": False, "first_name": "Bea", "username": "bea"}},
            "Bea @bea@t.me",
        ),
    ],
)
def test_what_is_forwarded_is_by_whom_it_is_from_and_dated_when_they_wrote_it(
    street: Street, origin: dict[str, Any], author: str
) -> None:
    street.nell.says("mine alone")
    street.nell.forwards("The heron stands on one leg at the lock since Thursday.", origin)
    street.hear()
    street.nell.says("what about the heron at the lock?")
    told = "".join(street.ask())
    assert author in told and "you to me" not in told and "heron" in told
    with street.magpie.store.begin() as memory:
        (item,) = [memory.items.get(one.item) for one in memory.reactions.all() if one.kind is Kind.BOOKMARK]
        (note,) = memory.notes.all()
    assert item is not None and item.source == "forwards"
    age = (datetime.now(UTC) - item.created_at).total_seconds()
    assert 3500 < age < 3900
    assert note.text.startswith("mine alone\n") and "heron" not in note.text


def test_the_caption_of_a_picture_of_ones_own_is_ones_own_words(street: Street) -> None:
    street.nell.sends_photo("The heron of our lock.")
    street.hear()
    street.nell.says("what about the heron?")
    assert "you to me" in "".join(street.ask())


def test_a_forwarded_post_brings_its_author_its_address_and_ones_own_note(desk: Desk) -> None:
    desk.nell.says("for the garden")
    desk.nell.forwards("Bees have settled. /mute @ann https://bees.example/1", by_channel("Bee News", "beenews", 7))
    (heard,) = desk.hear()
    assert isinstance(heard, Message) and heard.shared
    assert heard.text == "", "words of others are never one's own"
    shared = heard.shared
    assert (shared.author, shared.handle, shared.url) == ("Bee News", "beenews@t.me", "https://t.me/beenews/7")
    assert (shared.open, shared.note, shared.links) == (True, "for the garden", ("https://bees.example/1",))


def test_a_command_before_a_forwarded_post_stays_a_command(desk: Desk) -> None:
    desk.nell.says("/status")
    desk.nell.forwards("Bees.", by_user(desk.town.person("Ann", "ann")))
    desk.nell.forwards("More bees.", by_hidden("Somebody"))
    first, second, third = desk.hear()
    assert isinstance(first, Message) and isinstance(second, Message) and isinstance(third, Message)
    assert first.text == "/status" and second.shared and third.shared
    assert (second.shared.author, second.shared.open, third.shared.author) == ("Ann", False, "Somebody")


@pytest.mark.parametrize(
    ("text", "url", "note"),
    [
        ("https://bees.example/1", "https://bees.example/1", ""),
        ("Look at this https://bees.example/1", "https://bees.example/1", "Look at this"),
        ("https://bees.example/1 for later", "https://bees.example/1", "for later"),
        ("what did Ann say about https://bees.example/1 ?", "", ""),
        ("/mute https://bees.example/1", "", ""),
        ("is https://bees.example/1 in my archive", "", ""),
    ],
)
def test_a_link_is_shared_and_a_question_about_one_is_asked(desk: Desk, text: str, url: str, note: str) -> None:
    desk.nell.says(text)
    (heard,) = desk.hear()
    assert isinstance(heard, Message)
    assert (heard.shared.url, heard.shared.note) == (url, note) if heard.shared else not url


def test_what_was_only_sent_on_and_bears_no_words_is_what_it_is(desk: Desk) -> None:
    """An export that lay in the owner's own saved messages, for example."""
    sent_on = {"forward_origin": {**by_hidden("Nell"), "date": 1_790_000_000}}
    file = desk.town.file("documents/file_1.txt", 40, b"x" * 40).as_json()
    sticker = {"width": 9, "height": 9, "is_animated": False, "is_video": False, "type": "regular", "emoji": "👎"}
    desk.nell.says("look at this")  # which is no note to what cannot be kept
    desk.nell.sends({"document": {**file, "file_name": "_chat.txt"}}, sent_on)
    desk.nell.sends({"voice": {**file, "duration": 3}}, sent_on)
    desk.nell.sends({"sticker": {**file, **sticker}}, sent_on)
    words, *heard = [one for one in desk.hear() if isinstance(one, Message)]
    assert (words.text, words.shared) == ("look at this", None)
    assert [(one.shared.kind, one.shared.name) for one in heard if one.shared] == [
        ("file", "_chat.txt"),
        ("voice", ""),
        ("other", ""),
    ]
    assert [one.text for one in heard] == ["", "", ""]


def test_files_voices_and_pictures_are_told_apart(desk: Desk) -> None:
    desk.nell.sends_document("twitter-2026.zip", size=25_000_000)
    desk.nell.sends_voice()
    desk.nell.sends_photo()
    desk.nell.sends_photo("Our bees")
    heard = [one.shared for one in desk.hear() if isinstance(one, Message) and one.shared]
    assert [one.kind for one in heard] == ["file", "voice", "picture", "post"]
    assert (heard[0].name, heard[0].size, heard[3].text) == ("twitter-2026.zip", 25_000_000, "Our bees")
