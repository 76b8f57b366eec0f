"""Neutral spans → plain text that calls nobody, links only on purpose, and fits. Pure.

Most of the words come from strangers. So whatever a span says, its text carries no hidden signs, no ``@`` that a server
could take for a mention and no scheme that it could take for a link; only link spans become links.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from memory.records import Outgoing, Span

__all__ = ["clean", "parts", "quiet", "quoted", "safe_url", "shorten", "split", "unlinked"]

SHORTEST_QUOTE = 60
"""Characters that are left of a quote, however little room there is."""

_ZERO_WIDTH_SPACE = "\u200b"
_NEWLINES = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
# Control, direction and other unseen signs. Joiners stay (Persian and emoji need them), and so do flags made of tags.
_HIDDEN = re.compile(
    "(\U0001f3f4[\U000e0030-\U000e007a]{2,6}\U000e007f)"
    "|[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.\-]{0,30}://|\b(?:magnet|mailto|xmpp):(?=\S)", re.IGNORECASE)
# While the text is measured and cut, a link is one private sign that nothing can go through.
_LINK_SIGN = re.compile("[\ue000-\uf8ff]")
_GLUED_BEFORE = re.compile(r"(?<=[^\s(\[])(?=[\ue000-\uf8ff])")
_GLUED_AFTER = re.compile(r"(?<=[\ue000-\uf8ff])(?!\s|$|[)\].,;:!?]+(?:\s|$))")
_BLANK_LINE, _LINE, _WORD = re.compile(r"\n\n"), re.compile(r"\n"), re.compile(r"\s")
_SENTENCE = re.compile(r"(?<=[.!?…])(?=\s)|(?<=[.!?…][\"'”’»)])(?=\s)|(?<=[。！？])")


def parts(out: Outgoing, limit: int, length: Callable[[str], int], link: Callable[[str], str] = str) -> list[str]:
    """Render the message to one text, or to several where one does not hold it, each at most ``limit`` by ``length``.

    Quotes are shortened first, the longest most. What then is still too long is split at a blank line, else at a line,
    a sentence or a word, and never within a link or a grapheme cluster. ``link`` may rewrite the URLs that are shown.
    """
    page = _Page(out.spans, link, lambda url: length(url) <= limit)

    def measured(text: str) -> int:
        return length(page.filled(text))

    sizes = range(SHORTEST_QUOTE, max(SHORTEST_QUOTE, page.longest_quote) + 1)
    fitting = bisect_right(sizes, limit, key=lambda size: measured(page.text(size)))
    text = page.text(sizes[max(0, fitting - 1)])
    return [page.filled(part) for part in split(text, limit, measured)]


class _Page:
    """The runs of a message, ready to be joined with quotes of any length."""

    def __init__(self, spans: Iterable[Span], link: Callable[[str], str], fits: Callable[[str], bool]) -> None:
        self._links: list[str] = []
        self._link, self._fits = link, fits
        self._runs = [(span.kind, self._run(span)) for span in spans]

    @property
    def longest_quote(self) -> int:
        return max((len(text) for kind, text in self._runs if kind == "quote"), default=0)

    def text(self, quote_size: int) -> str:
        """The whole message, quotes cut to ``quote_size`` characters, links as private signs."""
        joined = "".join(quoted(shorten(text, quote_size)) if kind == "quote" else text for kind, text in self._runs)
        spaced = _GLUED_AFTER.sub(" ", _GLUED_BEFORE.sub(" ", unlinked(joined)))
        return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ ]+\n", "\n", spaced)).strip()

    def filled(self, text: str) -> str:
        """The text with its links in their places."""
        return _LINK_SIGN.sub(lambda sign: self._links[ord(sign[0]) - 0xE000], text)

    def _run(self, span: Span) -> str:
        if span.kind == "break":
            return "\n"
        if span.kind == "link":
            return self._linked(span)
        if span.kind == "contents":  # there is no room for it
            return ""
        if span.kind == "quote":
            return " ".join(quiet(span.text).split())
        return quiet(f"@{span.text.lstrip('@')}" if span.kind == "handle" else span.text)

    def _linked(self, span: Span) -> str:
        url, label = safe_url(span.url or span.text), quiet(span.text).strip()
        shown = self._link(url)
        if not url or not self._fits(shown):
            return quiet(shorten(unlinked(clean(span.url or span.text)), SHORTEST_QUOTE))
        self._links.append(shown)
        sign = chr(0xE000 + len(self._links) - 1)
        if not label or label in (quiet(span.url), quiet(url)):
            return sign
        return f"{label}{': ' if label[-1].isalnum() else ' '}{sign}"


def clean(text: str) -> str:
    """The text without control, direction and other hidden signs; every kind of line end becomes a newline."""
    return _HIDDEN.sub(lambda found: found[1] or "", _NEWLINES.sub("\n", text).replace("\t", " "))


def quiet(text: str) -> str:
    """Clean text that mentions nobody and links to nothing, wherever it is posted."""
    return unlinked(clean(text)).replace("@", f"@{_ZERO_WIDTH_SPACE}")


def unlinked(text: str) -> str:
    """``https://example.org/…`` becomes ``example.org/…``; again and again, for what falls together afterwards."""
    while (less := _SCHEME.sub("", text)) != text:
        text = less
    return text


def quoted(text: str) -> str:
    """The text in quotation marks, unless it brings its own."""
    return text if not text or text[0] in "\"'“„«‹‘‚「『" else f"“{text}”"


def safe_url(url: str) -> str:
    """The URL, if it is one of the web and clickable without surprises; else nothing.

    An ``@`` stays readable only at the start of a path segment, where profiles have it; elsewhere it is encoded, lest
    a server reads a mention into the middle of a link.
    """
    bare = re.sub(r"[\s<>\"]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), clean(url.strip()))
    try:
        found = urlsplit(bare)
    except ValueError:
        return ""
    return re.sub(r"(?<!/)@|(?<=://)@", "%40", bare) if found.scheme in ("http", "https") and found.netloc else ""


def shorten(text: str, size: int) -> str:
    """The text, or its beginning up to a word with an ellipsis: at most ``size`` characters."""
    if len(text) <= size:
        return text
    cut = _last(_WORD, text, size - 1, size // 2) or _whole_clusters(text, size - 1)
    return text[:cut].rstrip(" \n,;:.–—-") + "…"


def split(text: str, limit: int, length: Callable[[str], int]) -> list[str]:
    """Cut the text into parts of at most ``limit`` by ``length``, at the best place that the last two thirds offer."""
    found, rest = [], text.strip()
    while rest and length(rest) > limit:
        cut = _cut(rest, limit, length)
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*found, rest] if rest else found


def _cut(text: str, limit: int, length: Callable[[str], int]) -> int:
    widest = max(1, bisect_right(range(len(text) + 1), limit, key=lambda end: length(text[:end])) - 1)
    for ends in (_BLANK_LINE, _LINE, _SENTENCE, _WORD):
        if place := _last(ends, text, widest, widest // 3):
            return place
    return _last(_WORD, text, widest, 1) or _whole_clusters(text, widest)


def _last(ends: re.Pattern[str], text: str, widest: int, least: int) -> int:
    """Where the last match in [least, widest] begins; 0 if there is none."""
    places = [found.start() for found in ends.finditer(text, 0, widest + 2)]
    return max((place for place in places if max(1, least) <= place <= widest), default=0)


def _whole_clusters(text: str, widest: int) -> int:
    """The end of the last grapheme cluster within ``widest``; ``widest`` itself if the first is already longer."""
    import regex  # type: ignore[import-untyped, unused-ignore]

    end = 0
    for cluster in regex.finditer(r"\X", text):
        if cluster.end() > widest:
            break
        end = cluster.end()
    return end or widest
