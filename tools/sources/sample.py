"""The sample network as a source: what its owner's server would answer by an injected clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from config.errors import SourceError
from config.settings import refuse_unknown
from memory.records import Cursor, Evidence, Fetched, Kind, Reaction, Rule, Seen
from tools.sources.sample_network import BASE_URL, Event, Network, Row
from tools.sources.statuses import parse_account, parse_status

_REACTIONS = {"like": Kind.LIKE, "bookmark": Kind.BOOKMARK, "boost": Kind.BOOST}


def build(settings: Mapping[str, Any], secrets: Mapping[str, SecretStr]) -> SampleSource:
    """The sample as it looks by the machine's clock: all of it lies in the past."""
    refuse_unknown(settings, set(), "The source sample")
    return SampleSource()


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class SampleSource:
    """Replays the sample up to ``now()``. The cursor is the number of events told so far."""

    now: Callable[[], datetime] = _now
    network: Network = field(default_factory=Network, repr=False)
    name: str = "sample"

    def fetch(self, cursor: Cursor | None) -> Iterator[Fetched | SourceError]:
        """Everything that happened since ``cursor``, in order."""
        told = int((cursor or {}).get("events", "0"))
        happened = [event for event in self.network.events if event.at <= self.now()]
        if told == 0:
            yield self._people()
        for number, event in enumerate(happened[told:], told + 1):
            try:
                yield replace(self._told(event), cursor={"events": str(number)})
            except SourceError:  # what it refers to is deleted by now, as a server would not show it either
                yield Fetched(cursor={"events": str(number)})

    def recheck(self, refs: Sequence[str]) -> Iterator[Fetched | SourceError]:
        """The posts behind refs as they are now."""
        for ref in refs:
            post = self.network.post_of(ref)
            if post is not None:
                try:
                    yield self._status(post)
                except SourceError:
                    yield Fetched(gone=(ref,))

    def _people(self) -> Fetched:
        rows = self.network.accounts
        accounts = tuple(
            parse_account(self.network.account(name), base_url=BASE_URL, followed=bool(row.get("follows")))
            for name, row in rows.items()
        )
        return Fetched(accounts=accounts)

    def _told(self, event: Event) -> Fetched:
        row = event.row
        if event.kind == "act":
            return self._act(row, event.at)
        if event.kind == "delete":
            return Fetched(gone=(self.network.ref(row["id"]),))
        if row["by"] == self.network.owner:
            return self._authored(row, event.at)
        return self._status(row["id"]) if self.network.visible(row) else Fetched()

    def _status(self, post: str) -> Fetched:
        return parse_status(self.network.status(post, self.now()), source=self.name, base_url=BASE_URL)

    def _authored(self, row: Row, at: datetime) -> Fetched:
        fetched, uri = self._status(row["id"]), self.network.uri(row["id"])
        reactions = [Reaction(Kind.AUTHORED, at, uri, self.name)]
        seen = [Seen("item", uri, at, Evidence.AUTHORED)]
        if "reply" in row:
            parent = self.network.uri(row["reply"])
            reactions.append(Reaction(Kind.REPLY, at, parent, self.name))
            seen.append(Seen("item", parent, at, Evidence.REPLIED))
        return replace(fetched, reactions=tuple(reactions), seen=tuple(seen))

    def _act(self, row: Row, at: datetime) -> Fetched:
        if row["act"] == "marker":
            return Fetched(read_up_to=("home", self._created(row["post"])))
        if row["act"] not in _REACTIONS:
            return Fetched(rules=tuple(self._rules(at)))
        uri = self.network.uri(row["post"])
        reaction = Reaction(_REACTIONS[row["act"]], at, uri, self.name)
        return replace(
            self._status(row["post"]), reactions=(reaction,), seen=(Seen("item", uri, at, Evidence.REACTED),)
        )

    def _created(self, post: str) -> datetime:
        return next(event.at for event in self.network.events if event.row.get("id") == post)

    def _rules(self, at: datetime) -> Iterator[Rule]:
        for event in self.network.events:
            if event.kind == "act" and event.at <= at:
                row = event.row
                if row["act"] == "mute_word":
                    yield Rule("word", row["word"])
                elif row["act"] in ("mute", "block"):
                    yield Rule(row["act"], self.network.uri_of(row["account"]))
                elif row["act"] == "follow_tag":
                    yield Rule("tag", row["tag"].lower())
