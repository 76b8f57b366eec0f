"""Pages that were kept for later, whatever kept them: known by the one spelling of their address. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from memory.records import Account, Fetched, Item, Kind, Visibility
from tools.canonical import canonical, parse
from tools.importers.deeds import done
from tools.importers.fields import web
from tools.importers.words import clean, said

LONGEST_ADDRESS = 8000  # signs


def page(
    source: str,
    address: str,
    at: datetime,
    *,
    title: str = "",
    text: str = "",
    tags: Iterable[str] = (),
    deeds: Iterable[Kind] = (Kind.BOOKMARK,),
) -> Fetched:
    """A page with what the owner did with it. Raises ValueError for what is no address of the web.

    That it was kept, and under what words, is the owner's alone, so it never leaves this machine.
    """
    written, link = web(address), parse(web(address))
    if link is None or len(written) > LONGEST_ADDRESS:
        raise ValueError("it leads to no page of the web")
    name, site = canonical(written), f"https://{link.host}/"
    item = Item(
        uri=name,
        ref=name,
        author=site,
        created_at=at,
        text=said(text),
        url=written,
        source=source,
        kind="page",
        title=" ".join(clean(title[:2000]).split())[:500] or name[:500],
        visibility=Visibility.DIRECT,
        links=(written,),
        tags=tuple(dict.fromkeys(filter(None, (tag_of(tag) for tag in tags)))),
    )
    return done(item, [Account(site, f"{link.host}@web", link.host, site)], *((deed, at) for deed in deeds))


def tag_of(name: str) -> str:
    """A tag, or the name of a folder, as tags are kept."""
    return " ".join(clean(name[:200]).split()).lstrip("#").lower()
