"""Telegram Desktop and Signal: who speaks, what is answered, what is hidden in a text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from memory.records import Fetched, Kind, Visibility
from tools.importers import importer, kind_of
from tools.importers.opening import opened
from tools.importers.telegram_export import flat

FIXTURES = Path(__file__).parent / "fixtures" / "importers"


def steps(path: Path, kind: str, **settings: object) -> list[Fetched]:
    with opened(path) as export:
        assert kind_of(export) == kind
        return [row for row in importer(kind, export, settings).fetch(None) if isinstance(row, Fetched)]


def test_an_export_of_everything_knows_the_owner() -> None:
    found = steps(FIXTURES / "telegram_export" / "export.json", "telegram_export")
    own = [step.item.text for step in found if step.item and step.reactions]
    assert own == ["The pier is closed."]
    by_text = {step.item.text: step.item for step in found if step.item}
    answer = by_text["The pier is closed."]
    assert (answer.uri, answer.reply_to) == ("telegram:22/3", "telegram:22/2")
    assert answer.edited_at is not None and answer.edited_at > answer.created_at
    assert by_text["Look at this map and tell me"].links == ("https://maps.example/pier",)
    assert "Pier reopens in May\n(forwarded from Harbour News)" in by_text
    channel = by_text["Pier reopens in May #harbour"]
    assert (channel.kind, channel.visibility, channel.tags) == ("post", Visibility.PUBLIC, ("harbour",))
    assert answer.visibility is Visibility.DIRECT
    assert {account.name for step in found for account in step.accounts} == {"Mira", "Olek", "Harbour News"}


def test_one_chat_knows_the_owner_by_name(tmp_path: Path) -> None:
    row: dict[str, Any] = {"type": "message", "date": "2024-03-01T09:00:00", "from": "Olek", "from_id": "user1"}
    chat = {"name": "Mira", "type": "personal_chat", "id": 5, "messages": [row | {"id": 1, "text": "hi"}]}
    (tmp_path / "result.json").write_text(json.dumps(chat))
    assert [step.reactions[0].kind for step in steps(tmp_path, "telegram_export", me="olek")] == [Kind.AUTHORED]
    (step,) = steps(tmp_path, "telegram_export", zone="Asia/Tokyo")
    assert step.item is not None and step.item.created_at.hour == 0
    assert step.reactions == ()


@pytest.mark.parametrize(
    ("text", "words", "links"),
    [
        ("plain", "plain", ()),
        (["a ", {"type": "bold", "text": "b"}], "a b", ()),
        ([{"type": "text_link", "text": "x", "href": "https://x.example"}], "x", ("https://x.example",)),
        ([{"type": "text_link", "text": "x", "href": "javascript:alert(1)"}], "x", ()),
        ([], "", ()),
    ],
)
def test_marked_text_is_read_as_one(text: Any, words: str, links: tuple[str, ...]) -> None:
    assert flat(text) == (words, links)


def test_signal_says_me() -> None:
    found = steps(FIXTURES / "signal" / "export", "signal")
    assert [(step.item.text[:5], len(step.reactions)) for step in found if step.item] == [("Shall", 0), ("Yes, ", 1)]
    assert {step.item.reply_to for step in found if step.item} == {"signal:Mira"}


def test_signal_desktop_has_rows_and_conversations(tmp_path: Path) -> None:
    rows = {
        "conversations": [{"id": "c1", "name": "Mira"}, {"id": "u2", "profileName": "Ken"}],
        "messages": [
            {
                "id": "m1",
                "conversationId": "c1",
                "type": "incoming",
                "sent_at": 1709283600000,
                "body": "row?",
                "sourceUuid": "u2",
            },
            {"id": "m2", "conversationId": "c1", "type": "outgoing", "sent_at": 1709283601000, "body": "yes"},
            {"id": "m3", "conversationId": "c1", "type": "call-history", "sent_at": 1709283602000},
            {"id": "m1", "conversationId": "c1", "type": "incoming", "deletedForEveryone": True},
        ],
    }
    (tmp_path / "signal.json").write_text(json.dumps(rows))
    found = steps(tmp_path / "signal.json", "signal")
    assert [step.item.uri for step in found if step.item] == ["signal:c1/m1", "signal:c1/m2"]
    assert [len(step.reactions) for step in found] == [0, 1, 0]
    assert found[2].gone == ("signal:c1/m1",)
    assert [account.name for step in found for account in step.accounts] == ["Mira", "Ken", "Me"]
