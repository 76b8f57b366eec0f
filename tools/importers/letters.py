"""The words of a letter: its own, without what it quotes, how it is signed, and what is only for machines. Pure."""

from __future__ import annotations

import re
from email.message import Message
from typing import Final

from memory.records import Media
from tools.charsets import named
from tools.importers.words import from_html

_WROTE: Final = re.compile(
    r"^(?:On|Am|Le|El|Il|Op|Em|Den|Dne|W dniu)\b[^\n]{5,200}?(?:\n[^\n]{0,120})?"
    r"(?:wrote|schrieb|écrit|escribió|ha scritto|schreef|escreveu|skrev|napsal|napisał)[^\n]{0,60}:[ \t]*$",
    re.MULTILINE,
)
_FORWARDS: Final = re.compile(
    r"^(?:-{2,}\s*(?:Original Message|Ursprüngliche Nachricht|Message d'origine|Mensaje original|Messaggio originale"
    r"|Original-Nachricht)\s*-{2,}|_{20,})[ \t]*$"
    r"|^\*?(?:From|Von|De|Da|Van):\*? [^\n]+\n\*?(?:Sent|Gesendet|Date|Datum|Envoyé|Enviado|Inviato|Verzonden):",
    re.MULTILINE,
)
_SIGNATURE: Final = re.compile(r"^-- ?$", re.MULTILINE)
_QUOTED: Final = re.compile(r"(?:^[ \t]*>[^\n]*\n?)+", re.MULTILINE)
_HTML_QUOTE: Final = re.compile(
    r"<(blockquote|div[^>]{0,200}class=[\"'][^\"']{0,100}(?:gmail_quote|yahoo_quoted|moz-cite)[^>]{0,200})",
    re.IGNORECASE,
)
_MOST: Final = 2_000_000  # signs of one part


def words_of(message: Message[str, str]) -> tuple[str, tuple[str, ...], tuple[Media, ...]]:
    """The text of a letter (of its HTML where it has no other), the links in its HTML, and its attachments' names.

    Raises ValueError for what cannot be taken apart.
    """
    plain, html, files = list[str](), list[str](), list[Media]()
    for part in message.walk():
        if part.is_multipart():
            continue
        name = part.get_filename()
        kind = part.get_content_type()
        if name or part.get_content_disposition() == "attachment":
            files.append(Media(part.get_content_maintype(), url=" ".join((name or "").split())[:200]))
        elif kind == "text/plain":
            plain.append(_decoded(part))
        elif kind == "text/html":
            html.append(_decoded(part))
    if any(text.strip() for text in plain):
        return without_history("\n\n".join(plain)), (), tuple(files)
    found = [from_html(_unquoted(page)) for page in html]
    links = tuple(link for _, some in found for link in some)
    return without_history("\n\n".join(text for text, _ in found)), links, tuple(files)


def without_history(text: str) -> str:
    """What the writer added: nothing below "On … wrote:", nothing after a >, no signature; answers in between stay."""
    text = text.replace("\r\n", "\n")
    for mark in (_FORWARDS, _SIGNATURE):
        if match := mark.search(text):
            above = text[: match.start()]
            text = above if above.strip() else text
    wrote = _WROTE.search(text)
    if wrote and not _QUOTED.sub("", text[wrote.end() :]).strip():
        text = text[: wrote.start()]
    elif wrote and ">" not in text[wrote.end() : wrote.end() + 40]:
        above = text[: wrote.start()]
        text = above if above.strip() else text
    own = _QUOTED.sub("", text)
    own = _WROTE.sub("", own) if own != text else own
    return own if own.strip() else text


def _unquoted(page: str) -> str:
    match = _HTML_QUOTE.search(page)
    above = page[: match.start()] if match else page
    return above if from_html(above)[0].strip() else page


def _decoded(part: Message[str, str]) -> str:
    """The text of a part, in the charset it names or in what it is; signs that cannot be read become �."""
    data = part.get_payload(decode=True)
    data = data[: _MOST * 4] if isinstance(data, bytes) else str(data).encode("utf-8", "replace")
    for charset in (named(part.get_content_charset() or "utf-8"), "utf-8", "cp1252"):
        try:
            return data.decode(charset)[:_MOST]
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode("utf-8", "replace")[:_MOST]
