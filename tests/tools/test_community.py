"""Any document loader of langchain-community as a source, with a loader that stands in for them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from langchain_core.document_loaders import BaseLoader
from langchain_core.documents import Document

from config.errors import ConfigError
from memory.records import Fetched
from tests.tools.recorded import NOW, fetched, items, source
from tools.sources import SourceError
from tools.sources.community import CommunitySource, build


class ShelfLoader(BaseLoader):
    def __init__(self, shelf: str) -> None:
        self.shelf = shelf

    def lazy_load(self) -> Iterator[Document]:
        yield Document(page_content=f"On {self.shelf}.", metadata={"source": f"https://shelf.example/{self.shelf}"})
        if self.shelf == "rotten":
            raise RuntimeError("the board broke")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    package, loaders = ModuleType("langchain_community"), ModuleType("langchain_community.document_loaders")
    loaders.ShelfLoader, loaders.__all__ = ShelfLoader, ["ShelfLoader"]  # type: ignore[attr-defined]
    package.document_loaders = loaders  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "langchain_community", package)
    monkeypatch.setitem(sys.modules, "langchain_community.document_loaders", loaders)


def brought(**settings: Any) -> list[Fetched | SourceError]:
    return list(build(settings, {}).fetch(None))


def test_a_document_is_kept_under_where_it_came_from() -> None:
    first, second = items(fetched(source("community")))
    assert (first.uri, first.title, first.kind) == ("https://bees.example/2026/swarm", "A swarm", "document")
    assert second.uri.startswith("community:ShelfLoader#") and second.uri.endswith("#2")
    assert second.created_at == NOW


@pytest.mark.usefixtures("installed")
def test_a_loader_is_built_by_its_name_with_its_arguments() -> None:
    (item,) = items(
        [step for step in brought(loader="ShelfLoader", arguments={"shelf": "top"}) if isinstance(step, Fetched)]
    )
    assert (item.text, item.source) == ("On top.", "community ShelfLoader")


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"loader": "ShelfLoader"}, "broke off: TypeError"),
        ({"loader": "ShelfLoader", "arguments": {"shelf": "rotten"}}, "the board broke"),
        ({"loader": "NoSuchLoader"}, "has no loader 'NoSuchLoader'"),
    ],
)
def test_what_a_loader_raises_is_one_sentence(settings: dict[str, Any], sentence: str) -> None:
    (told,) = [str(step) for step in brought(**settings) if isinstance(step, SourceError)]
    assert sentence in told and "\n" not in told


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langchain_community", None)
    (told,) = [str(step) for step in brought(loader="WikipediaLoader") if isinstance(step, SourceError)]
    assert "magpie-agent[community]" in told


def test_a_loader_without_end_is_stopped() -> None:
    def endless() -> Iterator[Document]:
        number = 0
        while True:
            number += 1
            yield Document(page_content=f"number {number}", metadata={"source": str(number)})

    assert len(items(fetched(CommunitySource("c", "ShelfLoader", 7, endless, lambda: NOW)))) == 7


@pytest.mark.parametrize("settings", [{}, {"loader": "os.system"}, {"loader": "ShelfLoader", "arguments": 3}])
def test_what_is_no_loader_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        build(settings, {})
