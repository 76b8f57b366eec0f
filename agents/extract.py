"""The sentence of a text that best stands for it, in the author's own words: what is shown without a model."""

from __future__ import annotations

import re
import unicodedata

from agents.words import sentences, spaceless

_URL = r"[(\[<]?(?:https?://|www\.)\S+"
_TAG = r"#[\w·]+"
_HANDLE = r"@[\w.-]+(?:@[\w.-]+\w)?"
_UNSAID = re.compile(rf"{_URL}|(?<!\w):\w{{2,}}:(?!\w)")
"""Addresses, and the names of emoji that only the author's server knows."""
_MARKER = re.compile(
    r"^\s*(?:(?:🧵|🚨|‼️|⚠️|👉|👇|➡️|📢|📣|🔥|✨|📌|🆕)\s*|(?:thread|rt|re|update)\b\s*:+\s*|[-–—*•>]\s+)+",
    re.IGNORECASE,
)
_COUNT = re.compile(r"^\s*\(?(\d{1,2})\s*/\s*(\d{1,2}|n|x)?\)?(?=[\s:.🧵]|$)[:.\s🧵]*")
_CALLED = re.compile(rf"^(?:\s*{_HANDLE}[,:]?\s*)+")
_UNTOLD = re.compile(rf"(?<!\s)\s*+(?:{_URL}|{_TAG}|\(\d{{1,2}}/(?:\d{{1,2}}|n)?\)|\b\d{{1,2}}/(?=\s|$)|🧵|👇|⬇️|➡️|→)")
"""With the blanks in front of it, what a line may end with and tell nothing."""
_GREETING = re.compile(
    r"^(?:(?:hi|hello|hey|good|happy|morning|evening|night|moin|hallo|guten|gute|tag|abend|servus|grüß|morgen|bonjour|bonsoir|salut|hola|buenos|"
    r"buenas|días|tardes|noches|ciao|dear|all|everyone|everybody|folks|friends|there|fedi\w*|mastodon|world|to|you|und|zusammen|alle|"
    r"leute|à|tous|toutes|a|todos|todas|amigos|monday|tuesday|wednesday|thursday|friday|saturday|sunday|weekend)\b[\s,!.👋☕🌞☀️🙂😀❤️]*)+$",
    re.IGNORECASE,
)


def lead_sentence(text: str, limit: int = 200) -> str:
    """The best lead sentence of ``text`` in ``limit`` characters, cut at a word with "…"; "" when it has no words.

    Greetings, thread markers, leading mentions, and lines or tails of nothing but tags and addresses are left out.
    """
    lines = [line for line in map(_bare, text.splitlines()) if _tells(line)]
    parts = [line[begin:end].strip() for line in lines for begin, end in sentences(line)]
    parts = [part for part in parts if _tells(part)]
    return shorten(_lead(parts, limit) or _remains(text), limit)


def _lead(parts: list[str], limit: int) -> str:
    """The first sentence; with the next one where it is too short to say much by itself."""
    if not parts:
        return ""
    lead = parts[0]
    for part in parts[1:]:
        if len(lead) >= (10 if spaceless(lead) else 30) or len(lead) + 1 + len(part) > limit:
            break
        lead += ("" if spaceless(lead) else " ") + part
    return lead


def _bare(line: str) -> str:
    head = _CALLED.sub("", _MARKER.sub("", line))
    stripped = _without_tail(_MARKER.sub("", _uncounted(_MARKER.sub("", head))))
    return " ".join(_UNSAID.sub(" ", stripped).split())


def _without_tail(line: str) -> str:
    """The line up to where nothing but tags, addresses and the like follows; it is read once, whatever is in it."""
    line = line.rstrip()
    begin = end = 0
    for found in _UNTOLD.finditer(line):
        begin = begin if found.start() == end else found.start()
        end = found.end()
    return line[:begin] if end == len(line) else line


def _uncounted(line: str) -> str:
    """Without the place in a thread ("2/5"); 24/7 and 12/10 are none."""
    found = _COUNT.match(line)
    if found is None or ((found[2] or "").isdecimal() and int(found[1]) > int(found[2])) or found[0].strip() == "9/11":
        return line
    return line[found.end() :]


def _tells(line: str) -> bool:
    plain = re.sub(f"{_TAG}|{_HANDLE}", "", line)
    return sum(map(str.isalpha, plain)) >= 2 and not _GREETING.match(line)


def _remains(text: str) -> str:
    """All that there is, on one line and without addresses and markers: tags, a greeting, an emoji."""
    return " ".join(_UNSAID.sub(" ", "\n".join(_MARKER.sub("", line) for line in text.splitlines())).split())


def shorten(text: str, limit: int) -> str:
    """The text in at most ``limit`` characters; cut at a word, or between signs in scripts without spaces, with "…"."""
    if len(text) <= limit:
        return text
    kept = text[: max(limit - 1, 0)]
    if text[len(kept)].isalnum() and not spaceless(kept[-8:]):
        kept = _to_space(kept)
    while kept and _clings(text[len(kept)], kept[-1]):
        kept = kept[:-1]
    return (kept.rstrip(" \t\n,;:–—-.") + "…")[: max(limit, 0)]


def _to_space(kept: str) -> str:
    space = kept.rfind(" ")
    return kept[:space] if space > len(kept) // 2 else kept


def _clings(following: str, last: str) -> bool:
    """Whether a cut between the two would split what is seen as one sign."""
    joiners = "\u200d\ufe0f"
    return following in joiners or last == "\u200d" or bool(unicodedata.combining(following)) or _is_skin(following)


def _is_skin(sign: str) -> bool:
    return "\U0001f3fb" <= sign <= "\U0001f3ff"
