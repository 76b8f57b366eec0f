"""Who put which item before the owner, when and how."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from memory.parts import parts
from memory.records import Horizon, How, Share
from memory.schema import items, shares, tombstones

_TOLD = [bindparam(name, type_=shares.c[name].type) for name in ("owner", "account", "at", "how", "ref")]
_BURIED = tombstones.c.owner == bindparam("owner"), tombstones.c.ref == bindparam("account")
_OF_ITEM = select(items.c.id, *_TOLD).where(
    items.c.owner == bindparam("owner"),
    items.c.uri == bindparam("item"),
    ~select(tombstones.c.ref).where(*_BURIED).exists(),
)
_HOW = {str(how): how for how in How}  # sooner looked up than made, a share at a time
_ADD = insert(shares).from_select(["item_id", *(told.key for told in _TOLD)], _OF_ITEM).on_conflict_do_nothing()


@dataclass(frozen=True, slots=True)
class Shares:
    """Questions and facts about shares."""

    conn: Connection
    owner: str
    horizon: Horizon | None = None

    def add(self, share: Share) -> bool:
        """Remember a share of a stored item; False when the item is not known, the share is no news, or its
        account was buried.
        """
        how = {"account": share.account, "at": share.at, "how": str(share.how), "ref": share.ref}
        return self.conn.execute(_ADD, {"owner": self.owner, "item": share.item, **how}).rowcount > 0

    def remove(self, ref: str) -> bool:
        """A boost was taken back."""
        query = delete(shares).where(shares.c.owner == self.owner, shares.c.ref == ref, shares.c.ref != "")
        return self.conn.execute(query).rowcount > 0

    def between(self, since: datetime, until: datetime) -> list[Share]:
        """Shares with since < at ≤ until, oldest first."""
        return self._list(shares.c.at > since, shares.c.at <= until)

    def items_between(self, since: datetime, until: datetime, but_by: str = "") -> dict[str, int]:
        """URI → number, in the order of the URIs, of what was shared in that window; nothing that ``but_by`` wrote."""
        query = (
            select(items.c.uri, items.c.id)
            .join(shares, shares.c.item_id == items.c.id)
            .where(*self._mine, shares.c.at > since, shares.c.at <= until, items.c.author != but_by)
            .distinct()
            .order_by(items.c.uri)
        )
        return {uri: number for uri, number in self.conn.execute(query).all()}

    def of(self, uris: Iterable[str]) -> list[Share]:
        """All shares of these items, oldest first."""
        found = [share for part in parts(uris) for share in self._list(items.c.uri.in_(part))]
        return sorted(found, key=lambda share: share.at)

    def of_window(self, since: datetime, until: datetime) -> list[Share]:
        """All shares up to ``until`` of the items that were shared after ``since``, oldest first."""
        lately = select(shares.c.item_id).where(*self._mine, shares.c.at > since, shares.c.at <= until)
        return self._list(shares.c.item_id.in_(lately), shares.c.at <= until)

    def daily_rates(self, since: datetime, until: datetime) -> dict[str, float]:
        """Shares a day of each account, counted over the days in which anything was collected."""
        window = (*self._mine, shares.c.at > since, shares.c.at <= until)
        query = select(shares.c.account, func.count()).where(*window).group_by(shares.c.account)
        counts = {account: n for account, n in self.conn.execute(query)}
        first = self.conn.scalar(select(func.min(shares.c.at)).where(*self._mine, shares.c.at > since))
        days = max((until - first).total_seconds() / 86400, 1.0) if first else 1.0
        return {account: n / days for account, n in counts.items()}

    @property
    def _mine(self) -> tuple[ColumnElement[bool], ...]:
        later = () if self.horizon is None else (shares.c.id <= self.horizon.shares,)
        return (shares.c.owner == self.owner, *later)

    def _list(self, *where: ColumnElement[bool]) -> list[Share]:
        query = (
            select(shares, items.c.uri)
            .join(items, items.c.id == shares.c.item_id)
            .where(*self._mine, *where)
            .order_by(shares.c.at, shares.c.id)
        )
        return [
            Share(account=row.account, item=row.uri, at=row.at, how=_HOW[row.how], ref=row.ref)
            for row in self.conn.execute(query).all()
        ]
