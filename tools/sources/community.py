"""Any document loader of langchain-community as a source. That package is sunset: nobody mends it any more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pydantic import SecretStr

from config.errors import ConfigError, SourceError
from memory.records import Account, Cursor, Fetched, Item, fingerprint
from tools.sources.answers import dated, handle, line, moment, text, web_link
from tools.sources.feed_items import posted
from tools.sources.feed_walk import Step, now
from tools.sources.options import Options
from tools.sources.unseen import seen, tidied

_LOADER: Final = re.compile(r"[A-Z]\w*Loader")
_TITLES: Final = ("title", "Title", "name", "file_name")
_PLACES: Final = ("source", "url", "link", "entry_id", "path", "file_path")
_DATES: Final = ("published", "Published", "publish_date", "published_at", "date", "created_at", "last_modified")
_LONGEST: Final = 200_000
_KNOWN: Final = 2_000

Load = Callable[[], Iterator[Any]]


def build(settings: Mapping[str, Any], secrets: Mapping[str, SecretStr]) -> CommunitySource:
    """What the ``loader`` of that name gives, built with the table ``arguments``. Raises ConfigError.

    Loaders reach the network and the disk by themselves: nothing of Magpie guards them.
    """
    options = Options.of("community", settings, "loader", "arguments", "documents")
    loader, arguments = options.one("loader", ""), settings.get("arguments", {})
    if not _LOADER.fullmatch(loader):
        raise ConfigError(f"The source community knows no loader {loader!r}: give a name such as WikipediaLoader.")
    if not isinstance(arguments, Mapping):
        raise ConfigError(f"The setting arguments of the source community is {arguments!r}; make it a table.")
    name = options.one("name", f"community {loader}")
    return CommunitySource(name, loader, options.number("documents", 500, 1, 10_000), lambda: _load(loader, arguments))


def _load(loader: str, arguments: Mapping[str, Any]) -> Iterator[Any]:
    try:
        from langchain_community import document_loaders
    except ImportError:
        raise SourceError(
            "The source community needs its extra: run pip install 'magpie-agent[community]', or take it out."
        ) from None
    made = getattr(document_loaders, loader, None)
    if made is None or loader not in document_loaders.__all__:
        raise SourceError(f"langchain-community has no loader {loader!r}; correct it in magpie.toml.")
    documents: Iterator[Any] = made(**arguments).lazy_load()
    return documents


@dataclass(frozen=True)
class CommunitySource:
    """A loader is an account that is followed; it is read as a whole each time, and what is known is left out."""

    name: str
    loader: str
    documents: int = 500
    load: Load = field(default=lambda: iter(()), repr=False)
    now: Callable[[], datetime] = field(default=now, repr=False)

    def fetch(self, cursor: Cursor | None) -> Iterator[Step]:
        """The documents that are new, or that have changed."""
        known = (cursor or {}).get("documents", "").split()
        told: list[str] = []
        account = Account(
            f"community:{self.loader}", handle(self.loader, "community"), self.loader, bot=True, followed=True
        )
        for document in self._loaded():
            if isinstance(document, SourceError):
                yield document
                break
            mark = fingerprint(f"{getattr(document, 'page_content', '')}{getattr(document, 'metadata', '')}")[:12]
            told.append(mark)
            if mark not in known:
                yield self._told(document, account)
        yield Fetched(cursor={"documents": " ".join(dict.fromkeys([*told, *known][:_KNOWN]))})

    def _loaded(self) -> Iterator[Any]:
        """What the loader gives; whatever it raises is the last thing it gives, as a sentence."""
        try:
            for number, document in enumerate(self.load()):
                if number >= self.documents:
                    return
                yield document
        except SourceError as error:
            yield error
        except Exception as error:  # a loader may raise anything
            yield SourceError(f"The loader {self.loader} broke off: {type(error).__name__}: {str(error)[:120]!a}.")

    def _told(self, document: Any, account: Account) -> Step:
        words = getattr(document, "page_content", None)
        metadata = getattr(document, "metadata", None)
        if not isinstance(words, str) or not isinstance(metadata, Mapping) or not words.strip():
            return SourceError(f"A document of {self.loader} was left out: it has no words.")
        place = next((text(metadata, key) for key in _PLACES if text(metadata, key)), "")
        page = web_link(place)
        uri = page or f"{account.uri}#{fingerprint(place or words)}"
        part = next((text(metadata, key) for key in ("page", "chunk", "index", "row") if text(metadata, key)), "")
        at = next((found for key in _DATES if (found := moment(text(metadata, key)))), None)
        item = Item(
            uri=f"{uri}#{part}" if part.isalnum() else uri,
            ref=f"{uri}#{part}" if part.isalnum() else uri,
            author=account.uri,
            created_at=dated(at, self.now()),
            text=tidied(seen(words[:_LONGEST])),
            url=page,
            source=self.name,
            kind="document",
            title=next((line(metadata, key) for key in _TITLES if line(metadata, key)), ""),
            links=(page,) if page else (),
            raw=dict(metadata),
        )
        return posted(item, account)
