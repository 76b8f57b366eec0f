"""Forgetting reaches what is neither a post nor a message, and every copy in the data folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from memory.keeping.backup import back_up
from memory.keeping.choosing import about, choose
from memory.keeping.forgetting import forget_choice, would_forget
from memory.keeping.sweeping import begin, sweep
from memory.keeping.traces import ASKED, OFFERED
from memory.store import Store
from tests.fakes import NOW, OWNER, ShelfIndex, post

CANARY = "quokkafication"
SHORT, LONG = f"https://sho.rt/{CANARY}", f"https://news.example/{CANARY}"


@pytest.fixture
def store(data: Path) -> Store:
    return Store.open(data / "magpie.db", OWNER)


def test_where_links_led_what_failed_and_what_waits_for_a_yes_is_forgotten(store: Store) -> None:
    other = {"number": 2, "name": "recipes.zip", "people": ["Bo"]}
    with store.begin() as memory:
        memory.sources.keep_resolved({SHORT: LONG, "https://sho.rt/1": "https://news.example/bees"})
        run = memory.runs.begin("collect", NOW)
        memory.runs.end(run, NOW, "failed", {}, [f"{LONG} cannot be read.", "The village is away."])
        memory.preferences.choose(ASKED, {"what": CANARY, "uris": [], "at": NOW.isoformat()}, NOW)
        mine = {"number": 1, "name": f"{CANARY}.zip", "people": []}
        memory.preferences.choose(OFFERED, {"last": 2, "waiting": [mine, other]}, NOW)
        choice = choose(memory, CANARY, None, None)
        counts = would_forget(memory, choice, NOW)
        assert counts == {"links": 1, "failures": 1, "offers": 2}
        assert +forget_choice(memory, choice, NOW) == counts
        assert memory.sources.resolved() == {"https://sho.rt/1": "https://news.example/bees"}
        assert memory.runs.latest()[0].failures == ["The village is away."]
        assert memory.preferences.get(ASKED) is None
        assert memory.preferences.get(OFFERED) == {"last": 2, "waiting": [other]}
    store.close()


def test_where_the_links_of_a_post_led_goes_with_it_unless_another_links_there(store: Store) -> None:
    shared = "https://news.example/shared"
    with store.begin() as memory:
        memory.items.keep(post("c", links=(LONG, shared)), NOW)
        memory.items.keep(post("d", links=(shared,)), NOW)
        memory.sources.keep_resolved({SHORT: LONG, "https://sho.rt/2": shared})
        forget_choice(memory, choose(memory, post("c").uri, None, None), NOW)
        assert memory.sources.resolved() == {"https://sho.rt/2": shared}
    store.close()


def test_what_was_chosen_in_the_chat_stays_though_it_is_called_so(store: Store) -> None:
    with store.begin() as memory:
        memory.preferences.choose("zone", {"name": "Europe/London"}, NOW)
        forget_choice(memory, choose(memory, "london", None, None), NOW)
        assert memory.preferences.get("zone") == {"name": "Europe/London"}
        assert about("london")("Europe/London")
    store.close()


def test_every_copy_in_the_data_folder_is_swept_also_of_what_was_killed(store: Store, data: Path) -> None:
    with store.begin() as memory:
        memory.items.keep(post("c", CANARY), NOW)
    back_up(data, NOW, data / "backups" / "mine.db")
    for name in ("magpie.db.coming", "magpie.db.coming-journal", "backups/magpie-1.db.partial-journal"):
        shutil.copy(data / "backups" / "mine.db", data / name)
    begin(data)
    with store.begin() as memory:
        forget_choice(memory, choose(memory, CANARY, None, None), NOW)
    sweep(data, store, ShelfIndex(), "tiny", NOW)
    assert [path.name for path in data.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()] == []
    store.close()
    assert sorted(path.name for path in data.iterdir()) == ["backups", "magpie.db"]
