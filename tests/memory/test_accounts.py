"""Accounts: how they looked last; what a sighting does not say stays as it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from memory.records import Account, Consent
from memory.store import Store
from tests.fakes import NOW, account, post


def test_an_account_comes_back_as_it_was_seen_last(store: Store) -> None:
    ann = replace(
        account("ann", Consent.NOAI, Consent.NOINDEX), name="Ann", bot=True, followers=7, url="https://a.example"
    )
    with store.begin() as memory:
        memory.accounts.keep([replace(ann, name="Anna", followers=3, asks=frozenset()), ann])
        assert memory.accounts.get(ann.uri) == ann
        assert memory.accounts.get("nobody") is None


@pytest.mark.parametrize("followed", [True, False])
def test_a_sighting_that_does_not_say_whether_it_is_followed_changes_nothing(store: Store, followed: bool) -> None:
    with store.begin() as memory:
        memory.accounts.keep([account("ann", followed=followed), account("ann", followed=None)])
        kept = memory.accounts.get(account("ann").uri)
        assert kept is not None
        assert kept.followed is followed


def test_whom_the_owner_follows_is_told_as_a_whole(store: Store) -> None:
    with store.begin() as memory:
        memory.accounts.keep([account("ann"), account("bob"), account("cat", followed=False)])
        memory.accounts.set_followed({account("bob").uri, account("cat").uri, "not seen yet"})
        followed = [known.handle for known in memory.accounts.all().values() if known.followed]
    assert followed == ["bob@fedi.example", "cat@fedi.example"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("ann@fedi.example", "ann@fedi.example"),
        ("@Ann@FEDI.example", "ann@fedi.example"),
        ("ann", "ann@fedi.example"),
        ("bob", None),
        ("bob@two.example", "bob@two.example"),
        ("nobody", None),
        ("", None),
    ],
)
def test_a_name_means_an_account_where_only_one_bears_it(store: Store, name: str, found: str | None) -> None:
    with store.begin() as memory:
        memory.accounts.keep([account("ann"), account("bob"), Account("https://two.example/bob", "bob@two.example")])
        known = memory.accounts.by_handle(name)
    assert (known.handle if known else None) == found


def test_a_chat_is_nobody_who_writes(store: Store) -> None:
    mira, chat = Account("whatsapp:person/mira", "mira@whatsapp", "Mira"), Account("whatsapp:mira", "mira@whatsapp")
    said = post("said", uri="whatsapp:mira/1", ref="whatsapp:mira/1", author=mira.uri)
    with store.begin() as memory:
        memory.accounts.keep([mira, chat, account("ann")])
        memory.items.keep(replace(said, reply_to=chat.uri), NOW)
        assert set(memory.accounts.people()) == {mira.uri, account("ann").uri}
        assert chat.uri in memory.accounts.all()
        assert memory.accounts.by_handle("mira@whatsapp") == replace(mira, followed=False)
