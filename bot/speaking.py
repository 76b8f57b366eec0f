"""What Magpie says, as neutral spans: digests, entries, explanations. Pure; links come from stored items alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from agents.clips import LONG, clips
from agents.extract import lead_sentence
from bot.channels.rendering import safe_url
from bot.places import by_owner, place_of
from memory.query import Hit
from memory.records import Account, Digest, Entry, Item, Offer, Outgoing, Span
from memory.store.notes import HANDED, NOTE, SOURCE
from tools.articles import place_in
from tools.links import canonical, is_short

BREAK = Span("break")
LONGEST_QUOTE = 280
CHOICES = tuple(Offer(sign, sign) for sign in ("👍", "👎", "🔖"))
FOR_FOLLOWERS = "For followers only: open it to read it."
STAYS_HERE = "Private: its words stay on your machine, where “magpie ask” and “magpie search” show them."
_AMP = re.compile(r"[/.?&=_]amp(?:$|[/.?&=_])|://amp\.")
_COMMAND = re.compile(r"(?<![\w/])(/[a-z]+)\b")
_QUOTED = re.compile(r"(“.*”)")
_EMOJI_CODE = re.compile(r":\w+:")  # a server's own emoji, which nobody else can show


def say(
    key: str,
    *spans: Span | str,
    reply_to: str = "",
    warning: str = "",
    language: str = "",
    about: Iterable[str] = (),
) -> Outgoing:
    """A message; plain strings are text, their line ends are line ends. ``about`` are the Item.uris it has words of."""
    flat: list[Span] = []
    for span in spans:
        if isinstance(span, Span):
            flat.append(span)
            continue
        for place, line in enumerate(span.split("\n")):
            flat += [BREAK] * bool(place) + [Span("text", line)] * bool(line)
    return Outgoing(key, tuple(flat), warning, reply_to, language, tuple(about))


def own(sentence: str) -> list[Span | str]:
    """A sentence of Magpie's own, without a word of anybody else's: the commands that it names can be tapped."""
    parts = enumerate(_COMMAND.split(sentence))  # what is between commands, and every other one a command
    return [Span("command", part) if place % 2 else part for place, part in parts if part]


def hinted(sentences: str) -> list[Span | str]:
    """The same where words of the owner's stand between them in “…”: what is quoted stays what it is."""
    parts = enumerate(_QUOTED.split(sentences))
    return [span for place, part in parts for span in ([part] if place % 2 else own(part))]


def _bare(link: Span) -> Span:
    return replace(link, text="") if link.kind == "link" else link


def _warnings(items: Iterable[Item]) -> str:
    return ", ".join(dict.fromkeys(item.warning for item in items if item.warning))


@dataclass(frozen=True)
class Speaker:
    """Turns a digest into messages. It knows the items and accounts that the digest speaks of.

    Where what is said leaves this machine, ``private_words`` is off: of posts for followers only their authors and
    addresses are told, not their words.
    """

    known: Mapping[str, Item]
    accounts: Mapping[str, Account]
    zone: ZoneInfo
    form: Literal["thread", "compact"] = "thread"
    private_words: bool = True

    @cached_property
    def items(self) -> dict[str, Item]:
        """The items as they may be told."""
        return {uri: self.told(item) for uri, item in self.known.items()}

    def told(self, item: Item) -> Item:
        """The item as it may be told; what the owner said or handed to Magpie itself may always be."""
        own = item.source == SOURCE or item.uri.startswith(HANDED)
        if self.private_words or item.visibility.open or own:
            return item
        text = FOR_FOLLOWERS if safe_url(item.url or item.uri) else STAYS_HERE
        return replace(item, text=text, title="", warning="", media=(), poll=(), links=(), canonical=())

    def digest(self, digest: Digest) -> list[tuple[Outgoing, Entry | None]]:
        """The messages of a digest in order, each with the entry that it tells of; the first is the head."""
        key = f"digest/{digest.channel}/{digest.date}{f'+{digest.slot}' if digest.slot else ''}"
        told = [entry for entry in digest.entries if entry.lead in self.items]
        if self.form == "thread":
            entries = [(self.entry(entry, f"{key}/{entry.number}"), entry) for entry in told]
            contents = [Span("contents", f"{entry.number}. {self._title(entry)}") for entry in told]
            return [(say(key, *self._head(digest, len(told)), *contents), None), *entries]
        spans = self._head(digest, len(told))
        for entry in told:
            spans += [BREAK, BREAK, *self._short(entry)]
        warning = _warnings(self.items[entry.lead] for entry in told)
        return [(say(f"{key}/compact", *spans, warning=warning), None)]

    def entry(self, entry: Entry, key: str) -> Outgoing:
        """One entry: who, what, where, why."""
        lead = self.items[entry.lead]
        spans = [Span("strong", f"{entry.number} · "), *self.author(lead), BREAK]
        if self._summary(entry):
            spans += [Span("text", entry.summary), BREAK]
        if text := self.quotable(lead):
            spans += [Span("quote", text), BREAK]
        spans += self._media(lead)
        for link in self._links(entry, lead):
            spans += [link, BREAK]
        spans.append(Span("text", f"Why: {'; '.join(entry.reasons)}."))
        about = entry.items if self._summary(entry) else (entry.lead,)
        said = say(key, *spans, warning=lead.warning, language=lead.language, about=about)
        return replace(said, offers=(*CHOICES, Offer("Why?", f"/why {entry.number}"), Offer("More", "🧵")))

    def headline(self, entry: Entry, limit: int = 90) -> str:
        """A few words by which an entry is recognised."""
        lead = self.items.get(entry.lead)
        if lead is None:
            return "a post that is deleted"
        return lead.warning or lead_sentence(self._words(lead), limit) or f"a post of @{self.handle(lead.author)}"

    def _title(self, entry: Entry) -> str:
        """How a list of contents calls an entry; one whose words may not be told by its author."""
        hidden = self.items[entry.lead] is not self.known[entry.lead]
        return f"a post of @{self.handle(self.items[entry.lead].author)}" if hidden else self.headline(entry, 60)

    def story(self, entry: Entry, key: str, reply_to: str = "") -> Outgoing:
        """All that is known of a story, in the words of those who told it."""
        spans: list[Span | str] = [Span("strong", f"{entry.number} · in full")]
        told = [self.items[uri] for uri in entry.items if uri in self.items]
        for item in told:
            spans += [BREAK, BREAK, *self.author(item), f": {self._words(item)}", BREAK, *self._media(item)]
            spans.append(place_of(item, self.accounts))
        return say(key, *spans, reply_to=reply_to, warning=_warnings(told), about=entry.items)

    def why(self, entry: Entry, key: str, reply_to: str = "") -> Outgoing:
        """Every factor of an entry with its number, the heaviest first."""
        lines = [f"{entry.number} · “{self.headline(entry, 60)}” scored {entry.score:+.2f} points:"]
        for factor in sorted(entry.factors, key=lambda f: -abs(f.points)):
            if abs(factor.points) >= 0.005 or (factor.name == "alike" and factor.value):
                tail = f" ({factor.words})" if factor.words else ""
                lines.append(f"{factor.points:+.2f} {factor.name} = {factor.value:.2f}{tail}")
        lines.append(f"Why: {'; '.join(entry.reasons)}.")
        return say(key, "\n".join(lines), reply_to=reply_to, about=(entry.lead,))

    def hits(
        self, query: str, hits: Sequence[Hit], key: str, reply_to: str = "", behind_warnings: bool = False
    ) -> Outgoing:
        """What the archive holds on a query: quoted, dated, with the place of each.

        Of what bears a content warning the warning is told, and the words only if those ``behind_warnings`` are wanted.
        """
        if not hits:
            about = f" about “{query}”" if query.strip() else ""
            return say(key, f"I found nothing{about} in your archive.", reply_to=reply_to)
        spans: list[Span | str] = [f"From your archive on “{query}”:" if query.strip() else "From your archive:"]
        for number, hit in enumerate(hits, 1):
            item = self.told(hit.item)
            spans += [BREAK, BREAK, f"[{number}] {item.created_at.astimezone(self.zone):%d %b %Y}, "]
            spans += self.author(item)
            spans += [BREAK, f"Content warning: {item.warning}"] if item.warning else []
            spans += [BREAK, Span("quote", self.quotable(item))] if behind_warnings or not item.warning else []
            spans += [BREAK, place_of(item, self.accounts)] if item.source != SOURCE else []
        return say(key, *spans, reply_to=reply_to, about=[hit.item.uri for hit in hits])

    def _head(self, digest: Digest, count: int) -> list[Span]:
        day = Span("strong", f"Magpie · {digest.date:%A} {digest.date.day} {digest.date:%B}")
        if not digest.entries and digest.notes:  # one line: the last note says why there is nothing to tell
            *notes, why = digest.notes
            spans = [day, Span("text", f" · {why}")]
        else:
            told = f"{count} {'story' if count == 1 else 'stories'} you have not seen." if count else "A quiet day."
            notes, spans = list(digest.notes), [day, BREAK, Span("text", told)]
        for note in notes:
            spans += [BREAK, Span("text", note)]
        return spans

    def _short(self, entry: Entry) -> list[Span]:
        lead = self.items[entry.lead]
        links = self._links(entry, lead)
        words = self._summary(entry) or ("" if lead.warning else self.headline(entry, 120))
        head = [Span("strong", f"{entry.number} · "), Span("handle", self.handle(lead.author)), Span("text", ": ")]
        return [*head, Span("quote", words), BREAK, _bare(links[0]), Span("text", f" {entry.reasons[0]}")]

    def _summary(self, entry: Entry) -> str:
        """A model's sentence, unless it may hold words that must not be told."""
        read = (self.known[uri] for uri in entry.items if uri in self.known)
        return entry.summary if self.private_words or all(item.visibility.open for item in read) else ""

    def author(self, item: Item) -> list[Span]:
        """Name and handle of who wrote it."""
        if item.source == SOURCE:
            return [Span("text", "a note of yours" if item.kind == NOTE else "you to me")]
        if by_owner(item):
            return [Span("text", "you")]
        account = self.accounts.get(item.author)
        name = _EMOJI_CODE.sub("", account.name).strip() if account else ""
        handle = Span("handle", self.handle(item.author))
        if account and name == account.handle:  # that is all that is known of them
            return [Span("strong", name)]
        return [Span("strong", name), Span("text", " "), handle] if name else [handle]

    def handle(self, uri: str) -> str:
        """name@host of an account."""
        account = self.accounts.get(uri)
        return account.handle if account else uri

    def _words(self, item: Item) -> str:
        return " / ".join(part for part in (item.title, item.text) if part)

    def quotable(self, item: Item, longest: int = LONGEST_QUOTE) -> str:
        """Its words in one line without links, at most about ``longest`` characters; of a long article the best."""
        words = " … ".join(self._clips(item, longest)) or self._words(item)
        for link in sorted(item.links, key=len, reverse=True):  # they are shown as links, below
            words = words.replace(link, "")
        words = " ".join(words.split())
        if len(words) > longest:
            words = words[: words.rfind(" ", 0, longest) if " " in words[:longest] else longest] + "…"
        return words

    def _clips(self, item: Item, longest: int = LONGEST_QUOTE) -> list[str]:
        if item.kind != "article" or len(item.text) < LONG:
            return []
        room = max((longest - len(item.title)) // 2 - 4, 80)
        return [part for part in (item.title, *clips(item.text, 2, room)) if part]

    def _address(self, item: Item) -> str:
        """Where it can be read; of a long article, where the first of its best passages stands."""
        url, passages = item.url or item.uri, self._clips(item)[bool(item.title) :]
        return place_in(url, passages[0]) if passages else url

    def _media(self, item: Item) -> list[Span]:
        spans: list[Span] = []
        for media in item.media[:2]:
            spans += [
                Span("text", f"[{media.kind}] "),
                Span("quote", media.alt) if media.alt else Span("text", "without a description"),
                BREAK,
            ]
        if item.poll:
            spans += [Span("text", "[poll] "), Span("quote", " / ".join(item.poll)), BREAK]
        return spans

    def _links(self, entry: Entry, lead: Item) -> list[Span]:
        """The link that the story is about, if there is one, and the post itself; as their authors wrote them."""
        links = [place_of(lead, self.accounts, "Post", self._address(lead))]
        wanted = entry.links[0] if entry.links else ""
        written = [
            url for uri in entry.items if uri in self.items for url in self.items[uri].links if not is_short(url)
        ]
        same = [url for url in written if canonical(url) == wanted]
        same.sort(key=lambda url: (bool(_AMP.search(url)), len(url)))
        told = canonical(lead.url or lead.uri) == wanted  # an article is itself what it links to
        if not told and any(wanted in self.items[uri].canonical for uri in entry.items if uri in self.items):
            links.insert(0, Span("link", "Link", same[0] if same else wanted))
        return links
