"""OPML, the list of feeds that readers hand to each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree  # for writing; what is read goes through defusedxml

from config.errors import SourceError, why
from tools.sources.answers import web_link
from tools.sources.unseen import tidy

LARGEST: Final = 5_000_000  # bytes
MOST: Final = 5_000  # feeds


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed of a list."""

    url: str
    title: str = ""
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a file lists: feeds, each once, and how many lines name something else as one, or are too many."""

    feeds: tuple[Outline, ...]
    left_out: int = 0


def read_opml(path: Path) -> list[Outline]:
    """The feeds of a file, each once, whatever folders they lie in. Raises SourceError."""
    return list(listing(path).feeds)


def listing(path: Path) -> Listing:
    """The same, with the count of what was left out. Raises SourceError."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        if path.stat().st_size > LARGEST:
            raise SourceError(f"{path.name} is larger than a list of feeds can be ({LARGEST // 1_000_000} MB).")
        root = fromstring(path.read_bytes())
    except OSError as error:
        raise SourceError(f"{path} cannot be read, because {why(error)}: check its path.") from error
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise SourceError(f"{path.name} is no OPML that can be read ({type(error).__name__}).") from error
    found: dict[str, Outline] = {}
    strange = 0
    for outline in _outlines(root):
        if outline is None:
            strange += 1
        else:
            found.setdefault(outline.url, outline)
    feeds = tuple(found.values())
    return Listing(feeds[:MOST], strange + len(feeds[MOST:]))


def written(feeds: Iterable[Outline], title: str = "Feeds") -> str:
    """The feeds as OPML 2.0, folder by folder."""
    root = ElementTree.Element("opml", version="2.0")
    ElementTree.SubElement(ElementTree.SubElement(root, "head"), "title").text = title
    body = ElementTree.SubElement(root, "body")
    folders: dict[str, Any] = {"": body}
    for feed in feeds:
        if feed.folder not in folders:
            folders[feed.folder] = ElementTree.SubElement(body, "outline", text=feed.folder)
        told = {"type": "rss", "text": feed.title or feed.url, "xmlUrl": feed.url}
        ElementTree.SubElement(folders[feed.folder], "outline", told)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _outlines(root: Any) -> Iterator[Outline | None]:
    """All that name a feed (None: at no address of the web), without recursion: folders nest as deep as one likes."""
    stack = [(child, "") for child in reversed(list(root))]
    while stack:
        node, folder = stack.pop()
        names = {name.lower(): value for name, value in node.attrib.items()}
        title = " ".join(tidy(names.get("title") or names.get("text") or "").split())
        named = names.get("xmlurl", "").strip()
        url = web_link(named.removeprefix("feed:"))
        if named:
            yield Outline(url, title, folder) if url else None
        inside = title if node.tag == "outline" and not url else folder
        stack.extend((child, inside) for child in reversed(list(node)))
