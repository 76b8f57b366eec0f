"""Folders of Markdown notes: frontmatter, wikilinks, embeds, tags, daily notes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from config.errors import SourceError
from memory.records import Fetched, Media
from tools.importers import Importer, Opened, RowError, Rows, Whose, empty
from tools.importers.frontmatter import parted
from tools.importers.homes import Homes
from tools.importers.notes import Leaf, too_long
from tools.importers.reading import text_of
from tools.importers.words import tags_in

KIND: Final = "markdown"
PATTERNS: Final = ("*.md", "*.markdown", "*.mdown")
_CODE: Final = re.compile(r"(^```.*?(?:^```|\Z)|^~~~.*?(?:^~~~|\Z)|`[^`\n]+`)", re.DOTALL | re.MULTILINE)
_COMMENT: Final = re.compile(r"%%.*?%%", re.DOTALL)
_WIKI: Final = re.compile(r"(!?)\[\[([^\[\]|\n]{1,400})(?:\|([^\[\]\n]{0,400}))?\]\]")
_IMAGE: Final = re.compile(r"!\[([^\]\n]{0,400})\]\(<?([^()\s>]{1,1000})>?[^()\n]{0,200}\)")
_BLOCK_ID: Final = re.compile(r"(?<![ \t])[ \t]+\^[\w-]+[ \t]*$", re.MULTILINE)
_DAY: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.]?(\d\d)[-_.]?(\d\d)(?!\d)")
_PICTURES: Final = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".bmp", ".avif", ".heic")
_FILES: Final = (*_PICTURES, ".pdf", ".mp3", ".mp4", ".m4a", ".wav", ".webm", ".mov", ".canvas")


def recognises(opened: Opened) -> bool:
    """Anything with Markdown in it."""
    return bool(opened.matching(*PATTERNS))


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """It takes no settings of its own."""
    return notes(opened, Whose.of(settings, "importer markdown"), KIND)


def notes(opened: Opened, whose: Whose, source: str) -> Importer:
    """An importer of notes, found under ``source``."""
    homes = Homes.of(opened, opened.matching(*PATTERNS))
    return Importer(source, opened, partial(rows, opened, whose, source, homes), leaf=partial(homes.uri, source))


def rows(opened: Opened, whose: Whose, source: str, homes: Homes) -> Rows:
    """A note a file. A file that cannot be read is left out, one whose frontmatter cannot be read is not."""
    wanted = set(opened.matching(*PATTERNS))
    for name in opened.fresh:
        if name not in wanted:
            continue
        try:
            text = text_of(opened, name)
            if fault := too_long(text):
                yield RowError(f"The end of {name}", fault, partly=True)
            front, body = parted(text)
            if front.fault:
                yield RowError(f"Part of {name}", "its frontmatter is no YAML", partly=True)
            if not body.strip():
                yield empty(name, "an empty note")
                continue
            yield _note(homes, name, text, whose, source, opened.modified(name))
        except RowError as error:
            yield error
        except (SourceError, ValueError) as error:
            yield RowError(name, str(error).rstrip("."))


def _note(homes: Homes, file: str, text: str, whose: Whose, source: str, modified: datetime) -> Fetched:
    front, body = parted(text)
    home, title = homes.home(file), file.rpartition("/")[2].rpartition(".")[0]
    found = Found(lambda link: homes.uri(source, there) if (there := home.target(link)) else None)
    plain = found.read(body)
    aliases = front.words("aliases", "alias")
    plain += f"\n\nAliases: {', '.join(aliases)}" if aliases else ""
    begun = front.begun or _day_in(title)
    return Leaf(
        source,
        homes.keys(file),
        whose.instant(begun or modified),
        plain,
        title=front.word("title") or title,
        url=_open(*homes.keys(file)) if home.vault and source == "obsidian" else "",
        edited_at=whose.instant(front.changed or modified) if begun else None,
        language=front.word("lang", "language"),
        links=found.links,
        tags=(*front.words("tags", "tag"), *found.tags),
        media=found.media,
    ).step()


def _open(vault: str, place: str) -> str:
    return f"obsidian://open?vault={quote(vault, safe='')}&file={quote(place.rpartition('.')[0], safe='')}"


def _day_in(title: str) -> datetime | None:
    """A daily note is called after its day."""
    try:
        return datetime(*(int(part) for part in match.groups())) if (match := _DAY.search(title)) else None  # type: ignore[arg-type]
    except ValueError:
        return None


class Found:
    """The plain text of a note, and what it points at; what stands in code is only code."""

    def __init__(self, target: Callable[[str], str | None]) -> None:
        self.target = target
        self.links: list[str] = []
        self.media: list[Media] = []
        self.tags: tuple[str, ...] = ()

    def read(self, body: str) -> str:
        """The text as it is kept: headings stay, comments and block names go, links say what they show."""
        parts = _CODE.split(body)
        parts[::2] = [self._prose(part) for part in parts[::2]]
        self.tags = tags_in("\n".join(parts[::2]))
        return "".join(parts)

    def _prose(self, text: str) -> str:
        text = _BLOCK_ID.sub("", _COMMENT.sub("", text))
        return _IMAGE.sub(self._image, _WIKI.sub(self._wiki, text))

    def _wiki(self, match: re.Match[str]) -> str:
        embeds, link, shown = match[1], match[2].strip(), (match[3] or "").strip()
        if embeds and link.lower().endswith(_FILES):
            kind = "image" if link.lower().endswith(_PICTURES) else "file"
            words = "" if re.fullmatch(r"\d+(?:x\d+)?|", shown) else shown
            self.media.append(Media(kind, words, link))
            return words
        if target := self.target(link):
            self.links.append(target)
        return shown or link.replace("#^", " ").replace("#", " › ")

    def _image(self, match: re.Match[str]) -> str:
        self.media.append(Media("image", match[1], match[2]))
        return match[1]
