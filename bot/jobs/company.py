"""Who talks in the chats of an export: an archive of a chat seldom tells which of them is the owner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.channels.rendering import clean
from config.errors import SourceError
from memory.records import Fetched, Kind
from tools.importers import Importer

_MOST = 1000
"""Names that are kept of an export."""


@dataclass
class Company:
    """Those whose messages were read. ``own``: some of them are known to be the owner's."""

    own: bool = False
    _names: dict[str, str] = field(default_factory=dict)  # by Account.uri
    _said: Counter[str] = field(default_factory=Counter)  # messages, by Account.uri

    def around(self, reader: Importer) -> Importer:
        """The same reader, of which nothing goes unseen."""
        return replace(reader, rows=lambda: self._seen(reader.rows()))

    @property
    def names(self) -> tuple[str, ...]:
        """Whoever may be the owner, the most talkative first; nobody where that is known, or where nobody talks."""
        return () if self.own else tuple(self._names.get(uri, "") for uri, _ in self._said.most_common(_MOST))

    def _seen(self, rows: Iterator[Fetched | SourceError]) -> Iterator[Fetched | SourceError]:
        for row in rows:
            if isinstance(row, Fetched):
                self._see(row)
            yield row

    def _see(self, row: Fetched) -> None:
        self._names |= {account.uri: " ".join(clean(account.name).split()) for account in row.accounts}
        self.own |= any(deed.kind is Kind.AUTHORED for deed in row.reactions)
        if row.item is not None and row.item.kind == "chat":
            self._said[row.item.author] += 1
