"""Who is in the owner's network."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from memory.records import Account, Consent
from memory.schema import accounts, items, shares, tombstones

_THESE = select(accounts).where(
    accounts.c.owner == bindparam("owner"), accounts.c.uri.in_(bindparam("uris", expanding=True))
)
_A_CHAT = select(items.c.id).where(items.c.owner == accounts.c.owner, items.c.thread == accounts.c.uri).exists()
_BURIED = select(tombstones.c.ref).where(
    tombstones.c.owner == bindparam("owner"), tombstones.c.ref.in_(bindparam("uris", expanding=True))
)
_LOOKS = ("handle", "name", "url", "bot", "followers", "asks")
_SEEN = insert(accounts)
_KEEP, _KEEP_FOLLOWED = (
    _SEEN.on_conflict_do_update(["owner", "uri"], set_={name: _SEEN.excluded[name] for name in changed})
    for changed in (_LOOKS, (*_LOOKS, "followed"))
)


@dataclass(frozen=True, slots=True)
class Accounts:
    """Questions and facts about accounts."""

    conn: Connection
    owner: str

    def keep(self, sightings: Iterable[Account]) -> None:
        """Remember how these accounts look now; what a sighting does not say stays as it was.

        Whoever was buried is not looked at.
        """
        given = list(sightings)
        buried = self._buried({account.uri for account in given})
        for account in given:
            if account.uri not in buried:
                row = {name: getattr(account, name) for name in _LOOKS} | {"asks": sorted(account.asks)}
                row |= {"owner": self.owner, "uri": account.uri, "followed": bool(account.followed)}
                self.conn.execute(_KEEP if account.followed is None else _KEEP_FOLLOWED, row)

    def set_followed(self, uris: Collection[str], source: str = "") -> None:
        """These, and no others, are followed; of another ``source`` than the one that says so, all stay as they are."""
        mine = accounts.c.owner == self.owner
        shared = select(shares.c.id).join(items, items.c.id == shares.c.item_id)
        shared = shared.where(shares.c.owner == self.owner, shares.c.account == accounts.c.uri)
        elsewhere = ~shared.where(items.c.source == source).exists() & shared.where(items.c.source != source).exists()
        others = [~elsewhere] if source else []
        self.conn.execute(update(accounts).where(mine, accounts.c.followed, *others).values(followed=False))
        if uris:
            now = update(accounts).where(mine, accounts.c.uri == bindparam("followee")).values(followed=True)
            self.conn.execute(now, [{"followee": uri} for uri in uris])

    def bury(self, uri: str, at: datetime) -> None:
        """Forget an account, and never take in anything of it again."""
        self.conn.execute(delete(accounts).where(accounts.c.owner == self.owner, accounts.c.uri == uri))
        self.conn.execute(insert(tombstones).values(owner=self.owner, ref=uri, at=at).on_conflict_do_nothing())

    def get(self, uri: str) -> Account | None:
        """The account of that URI."""
        return self.all([uri]).get(uri)

    def all(self, uris: Collection[str] | None = None) -> dict[str, Account]:
        """Accounts by URI; all of the network, or just those asked for."""
        if uris is None:
            rows = self.conn.execute(select(accounts).where(accounts.c.owner == self.owner))
        else:
            rows = self.conn.execute(_THESE, {"owner": self.owner, "uris": list(uris)})
        return {row.uri: _account(row) for row in rows}

    def people(self) -> dict[str, Account]:
        """Whoever may have written something, by URI; not the accounts that chats have, which bear their names."""
        rows = self.conn.execute(select(accounts).where(accounts.c.owner == self.owner, ~_A_CHAT))
        return {row.uri: _account(row) for row in rows}

    def by_handle(self, handle: str) -> Account | None:
        """The account that calls itself so, in whatever case; a bare name is enough where only one bears it."""
        wanted = handle.lstrip("@").lower()
        everybody = self.people().values()
        found = [a for a in everybody if a.handle.lower() == wanted]
        found = found or [a for a in everybody if a.handle.lower().split("@")[0] == wanted]
        return found[0] if len(found) == 1 else None

    def _buried(self, uris: Collection[str]) -> set[str]:
        return set(self.conn.scalars(_BURIED, {"owner": self.owner, "uris": list(uris)}))


def _account(row: Row[tuple[object, ...]]) -> Account:
    return Account(
        uri=row.uri,
        handle=row.handle,
        name=row.name,
        url=row.url,
        bot=row.bot,
        followers=row.followers,
        followed=row.followed,
        asks=frozenset(Consent(ask) for ask in row.asks),
    )
