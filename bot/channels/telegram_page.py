"""Neutral spans → Telegram's HTML, in parts that it takes. Pure.

Telegram counts UTF-16 units after the markup is taken away. So a text is cut before it becomes markup, and while it is
cut, each styled run is one private sign that nothing can go through.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from typing import Final

from bot.channels.rendering import SHORTEST_QUOTE, clean, quiet, quoted, safe_url, shorten, split, unlinked
from memory.records import Outgoing, Span

__all__ = ["LIMIT", "ROOM", "pages", "units"]

LIMIT: Final = 4096
ROOM: Final = LIMIT - 96
"""Units of a part; what is left is for a line before it."""
_SIGN: Final = re.compile("([\ue000-\uf8ff])")
_MOST_SIGNS: Final = 6400
_JOINER: Final = "\u2060"
# Telegram makes links and commands of what looks like one; a joiner that nobody sees keeps it from that.
_LOOKS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<=[\w\ue000-\uf8ff])\.(?=[^\W\d_]|[\ue000-\uf8ff])|(?<=[\ue000-\uf8ff])\.(?=\w)",  # a site
        r"(?<=\d)\.(?=\d+\.\d+\.\d)",  # an address of numbers
        r"(?<![\w/])/(?=[\w\ue000-\uf8ff])",  # a command
        r":(?=//|[\ue000-\uf8ff])",  # what is left of a scheme
    )
)
_COMMAND: Final = re.compile(r"/[a-z_]{1,32}")
_OPEN_ENDS: Final = ("/", ".", ":")
"""What could go on in the run that follows."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Text of one style. ``tag``: b, i, pre, a (``url``), warning, which is bold and never hidden, or command."""

    text: str
    tag: str
    url: str = ""

    def html(self, hidden: bool) -> str:
        words = escape(self.text, quote=False)
        if self.tag == "a":
            return f'<a href="{escape(self.url)}">{words}</a>'
        if self.tag == "command":  # Telegram makes one of it by itself
            return words
        if self.tag == "pre":  # within a spoiler Telegram allows none
            return words if hidden else f"<pre>{words}</pre>"
        return f"<b>{words}</b>" if self.tag == "warning" else f"<{self.tag}>{words}</{self.tag}>"


@dataclass
class _Sheet:
    """A message as text in which each styled run is a sign."""

    limit: int
    runs: list[_Run] = field(default_factory=list)

    def text(self, spans: Iterable[Span], warning: str, longest_quote: int) -> str:
        """All of it, quotes cut to that many characters."""
        head = f"{self._sign(_Run(_inert(f'⚠ {warning}'), 'warning'))}\n" if warning else ""
        told = "".join(self._of(span, longest_quote) for span in spans)
        return head + re.sub(r"\n{3,}", "\n\n", re.sub(r"[ ]+\n", "\n", _still(unlinked(told)))).strip()

    def shown(self, text: str) -> str:
        """As it is read."""
        return _SIGN.sub(lambda sign: self._run(sign[0]).text, text)

    def html(self, text: str, hidden: bool) -> str:
        """As Telegram wants it; ``hidden`` behind a spoiler, but for warnings."""
        pieces = [piece for piece in _SIGN.split(text) if piece]
        told, covered = "", ""
        for piece in pieces:
            run = self._run(piece) if _SIGN.fullmatch(piece) else None
            if run is not None and run.tag == "warning":
                told += _covered(covered, hidden) + run.html(hidden)
                covered = ""
            else:
                covered += run.html(hidden) if run else escape(piece, quote=False)
        return told + _covered(covered, hidden)

    def _run(self, sign: str) -> _Run:
        return self.runs[ord(sign) - 0xE000]

    def _of(self, span: Span, longest_quote: int) -> str:
        if span.kind in ("break", "contents"):
            return f"\n{_inert(' '.join(span.text.split()))}"
        if span.kind == "link":
            return self._link(span)
        if span.kind == "quote":
            words = shorten(" ".join(quiet(span.text).split()), longest_quote)
            return self._styled(_closed(_inert(quoted(words))), "i")
        if span.kind == "strong":
            return self._styled(_closed(_inert(span.text)), "b")
        if span.kind == "code" or (span.kind == "command" and _COMMAND.fullmatch(span.text)):
            return self._styled(clean(span.text).strip("\n"), "pre" if span.kind == "code" else "command")
        return _inert(f"@{span.text.lstrip('@')}" if span.kind == "handle" else span.text)

    def _link(self, span: Span) -> str:
        url, label = safe_url(span.url or span.text), clean(span.text).strip()
        if not url or units(url) > self.limit:
            return _inert(shorten(unlinked(clean(span.text or span.url)), SHORTEST_QUOTE))
        if not label or unlinked(label) in (unlinked(clean(span.url)), unlinked(url)):
            return self._styled(url, "a", url)
        return self._styled(_closed(_inert(label)), "a", url)

    def _styled(self, words: str, tag: str, url: str = "") -> str:
        """Signs for a run; one that no part could hold is several runs. White space at its ends stays outside."""
        bare = words.strip(" \n") if tag != "pre" else words
        if not bare.strip():
            return words
        before, after = words[: words.index(bare)], words[words.index(bare) + len(bare) :]
        inner = [bare] if units(bare) <= self.limit else split(bare, self.limit, units)
        between = "\n" if tag == "pre" else " "
        return before + between.join(self._sign(_Run(part, tag, url)) for part in inner) + after

    def _sign(self, run: _Run) -> str:
        if len(self.runs) >= _MOST_SIGNS:
            return run.text
        self.runs.append(run)
        return chr(0xE000 + len(self.runs) - 1)


def pages(out: Outgoing, limit: int = ROOM) -> list[str]:
    """The message in Telegram's HTML, in as few parts as hold it, each at most ``limit`` units long.

    Quotes are shortened first. What is still too long is cut at a blank line, else at a line, a sentence or a word;
    never within a styled run, unless that is longer than a part, and never within a grapheme cluster that fits one.
    """
    longest = max((len(span.text) for span in out.spans if span.kind == "quote"), default=0)
    sizes = range(SHORTEST_QUOTE, max(SHORTEST_QUOTE, longest) + 1)
    warning = shorten(" ".join(quiet(out.warning).split()), limit // 3)

    def drawn(size: int) -> tuple[_Sheet, str]:
        sheet = _Sheet(limit)
        return sheet, sheet.text(out.spans, warning, size)

    def length(size: int) -> int:
        sheet, text = drawn(size)
        return units(sheet.shown(text))

    fitting = len(sizes) if length(sizes[-1]) <= limit else bisect_right(sizes, limit, key=length)
    sheet, text = drawn(sizes[max(0, fitting - 1)])
    parts = split(text, limit, lambda part: units(sheet.shown(part)))
    return [sheet.html(part, hidden=bool(warning)) for part in parts]


def units(text: str) -> int:
    """How long Telegram finds a text: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _inert(text: str) -> str:
    """Text that mentions nobody, links to nothing and commands nothing, whatever Telegram reads into it."""
    return _still(quiet(text))


def _closed(text: str) -> str:
    return f"{text}{_JOINER}" if text.rstrip().endswith(_OPEN_ENDS) else text


def _still(text: str) -> str:
    """The same where runs meet; twice is once."""
    for looks in _LOOKS:
        text = looks.sub(lambda found: f"{found[0]}{_JOINER}", text)
    return text


def _covered(html: str, hidden: bool) -> str:
    bare = html.strip()
    if not (hidden and bare):
        return html
    before, after = html[: html.index(bare)], html[html.index(bare) + len(bare) :]
    return f"{before}<tg-spoiler>{bare}</tg-spoiler>{after}"
