"""What many tests begin with: a real store in a temporary folder, and a collector over it with fakes at the ports."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

import memory.store
from bot.jobs.collect import Collector
from memory.embedding import SentenceEmbedder
from memory.store import Store
from tests.fakes import NOW, HashedWords, Pigeon, ShelfIndex, Village
from tests.stores import empty_store
from tools.links import LinkResolver

# No test pulls the plug: what is killed is the process, and what it has written the system has.
memory.store.SYNCHRONOUS = "OFF"

# A law depends neither on how busy the machine is nor on luck; `make laws` looks for new exceptions to it.
settings.register_profile("house", deadline=None, derandomize=True)
settings.register_profile("laws", deadline=None, max_examples=2000)
settings.load_profile("house")

COSTLY = (
    ("mastodon.types_base", "get_type_class", "real_issubclass"),
    ("httpx2._transports.default", "create_ssl_context"),
)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported for the tests stays to the end: nobody need look through it for garbage again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def worked_out_once() -> None:
    """What others work out anew each time: Mastodon.py what type a type is, httpx2 which certificates there are."""
    for module, *names in COSTLY:
        if find_spec(module.partition(".")[0]):
            known = import_module(module)
            for name in names:
                setattr(known, name, cache(getattr(known, name)))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty memory of one owner."""
    opened = empty_store(tmp_path / "magpie.db")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Store]]:
    """Gives an empty memory with every call: one more owner in one database. For laws with many examples."""
    opened, numbers = empty_store(tmp_path_factory.mktemp("shared") / "magpie.db"), count()
    yield lambda: Store(opened.engine, f"owner{next(numbers)}@home.example")
    opened.close()


@pytest.fixture
def village() -> Village:
    """A source in which nothing has happened."""
    return Village()


@pytest.fixture
def pigeon() -> Pigeon:
    """A channel that has said nothing."""
    return Pigeon()


@pytest.fixture
def embedder() -> HashedWords:
    """An embedder without a model."""
    return HashedWords()


@pytest.fixture(scope="session")
def minilm() -> SentenceEmbedder:
    """The embedding model that is shipped, loaded once."""
    return SentenceEmbedder(threads=1)


@pytest.fixture
def shelf() -> ShelfIndex:
    """A vector index without Chroma."""
    return ShelfIndex()


@pytest.fixture
def collector(store: Store, embedder: HashedWords, shelf: ShelfIndex) -> Collector:
    """The collect job at NOW, with no web to ask."""
    return Collector(store, embedder, shelf, LinkResolver(None), lambda: NOW)
