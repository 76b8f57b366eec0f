"""The nouns of Magpie, as frozen values. Instants are time zone aware and in UTC."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

Cursor = Mapping[str, str]
"""How far a source has been read: feed name → an opaque mark of that feed."""


class Visibility(StrEnum):
    """Who may see an item at its origin. It travels with the item wherever it goes."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    FOLLOWERS = "followers"
    DIRECT = "direct"

    @property
    def open(self) -> bool:
        """Whether anybody on the web may read it."""
        return self in (Visibility.PUBLIC, Visibility.UNLISTED)


class How(StrEnum):
    """How an account put an item before the owner."""

    POSTED = "posted"
    BOOSTED = "boosted"
    QUOTED = "quoted"
    REPLIED = "replied"
    LINKED = "linked"


class Kind(StrEnum):
    """What the owner did with an item, as a reaction."""

    LIKE = "like"
    BOOST = "boost"
    BOOKMARK = "bookmark"
    REPLY = "reply"
    AUTHORED = "authored"
    MORE = "more"  # feedback on a digest's entry, from here on
    LESS = "less"
    SAVE = "save"
    SEEN = "seen"
    MUTE = "mute"
    TELL = "tell"


class Evidence(StrEnum):
    """Why Magpie believes that the owner knows something."""

    DELIVERED = "delivered"
    REACTED = "reacted"
    REPLIED = "replied"
    AUTHORED = "authored"
    DISMISSED = "dismissed"
    MARKER = "home marker"

    @property
    def strength(self) -> float:
        """Probability, in [0, 1], that the owner has really seen it."""
        return 0.5 if self is Evidence.MARKER else 1.0


class Consent(StrEnum):
    """What an account asks of machines that read it."""

    NOBOT = "nobot"  # is not stored at all
    NOINDEX = "noindex"  # is not put into the searchable archive
    NOAI = "noai"  # is not shown to a chat model


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody, or some feed, in the owner's network."""

    uri: str
    handle: str  # name@host
    name: str = ""
    url: str = ""
    bot: bool = False
    followers: int = 0
    followed: bool | None = None  # None: this sighting does not say
    asks: frozenset[Consent] = frozenset()


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, film or sound that belongs to an item; its description is text like any other."""

    kind: str
    alt: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How popular an item is where it lives."""

    replies: int = 0
    boosts: int = 0
    likes: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """Something published or written, known by its canonical URI.

    ``ref`` is how the source names it (for example ``https://host#id``), and ``reply_to`` the ref of what it answers.
    ``thread`` is set by the store: the ref of the earliest ancestor known.
    """

    uri: str
    ref: str
    author: str  # Account.uri
    created_at: datetime
    text: str = ""
    url: str = ""
    source: str = ""
    kind: str = "post"
    title: str = ""
    warning: str = ""
    language: str = ""
    visibility: Visibility = Visibility.PUBLIC
    edited_at: datetime | None = None
    reply_to: str = ""
    quotes: str = ""  # Item.uri
    thread: str = ""
    links: tuple[str, ...] = ()  # as written
    canonical: tuple[str, ...] = ()  # the same links, known by one name each
    tags: tuple[str, ...] = ()  # lower case, without #
    mentions: tuple[str, ...] = ()  # handles
    media: tuple[Media, ...] = ()
    poll: tuple[str, ...] = ()
    counts: Counts = Counts()
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    id: int = 0  # given by the store

    @property
    def searchable(self) -> str:
        """All words of the item, for full text and embedding: title, warning, text, descriptions, poll options."""
        alts = [m.alt for m in self.media if m.alt]
        return "\n".join(part for part in (self.title, self.warning, self.text, *alts, *self.poll) if part)


@dataclass(frozen=True, slots=True)
class Share:
    """Account A put item I before the owner at time T. A boost is a share, not an item."""

    account: str  # Account.uri
    item: str  # Item.uri
    at: datetime
    how: How = How.POSTED
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """The owner knows something since T. ``scope``: item (Item.uri), link (canonical URL), thread (root ref), feed."""

    scope: str
    key: str
    since: datetime
    evidence: Evidence
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Reaction:
    """What the owner did with an item.

    From a channel it arrives without an item: ``message`` is then the platform id of the message that was reacted to,
    and the router finds out which entry that was.
    """

    kind: Kind
    at: datetime
    item: str = ""  # Item.uri
    source: str = ""
    message: str = ""
    emoji: str = ""
    event: str = ""  # the platform's own id of this reaction: the same event twice counts once
    cursor: str = ""
    own: str = ""  # platform id of a message of the owner's to which it may be instead, if there is one
    imprint: Imprint | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that the owner has decided about the feed, at the source or here.

    kind: mute, block (key: Account.uri); word (a phrase); thread (a root ref); tag (followed hashtag).
    """

    kind: str
    key: str
    until: datetime | None = None
    whole_word: bool = True


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of a feed that could not be read any more."""

    feed: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Fetched:
    """One step of a source: what it brings, and the cursor after it. All of it is stored in one transaction."""

    cursor: Cursor = field(default_factory=dict)
    item: Item | None = None
    quoted: Item | None = None  # the quoted item, if it came along
    accounts: tuple[Account, ...] = ()
    shares: tuple[Share, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    seen: tuple[Seen, ...] = ()
    read_up_to: tuple[str, datetime] | None = None  # (feed, instant): the owner's read marker
    rules: tuple[Rule, ...] | None = None  # the complete set at the source, replacing the one before
    followed: frozenset[str] | None = None  # the complete set of followed Account.uri
    gone: tuple[str, ...] = ()  # refs that exist no longer: items, or boosts
    gap: Gap | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One utterance in a channel, in or out."""

    channel: str
    text: str
    at: datetime
    platform_id: str = ""
    reply_to: str = ""
    incoming: bool = True
    cursor: str = ""
    shared: Shared | None = None  # then it has no words of its own
    imprint: Imprint | None = None


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a message of Magpie's own shows of itself: by that it is known where its platform id is not.

    ``key``: the Outgoing.key, if it bears that; ``number``: of the entry that it tells of; ``at``: when it was said.
    """

    key: str = ""
    number: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    """What the owner hands to Magpie: mostly words of others, which are kept and never obeyed.

    kind: post, link, file; or what cannot be taken in: voice, picture, other. ``note`` is what the owner adds.
    """

    kind: str
    text: str = ""
    url: str = ""
    links: tuple[str, ...] = ()
    author: str = ""  # as the platform shows them
    handle: str = ""  # name@host, where they have one
    open: bool = False  # whether anybody on the web may read it
    at: datetime | None = None
    note: str = ""
    after: str = ""  # the platform's id of the owner's message right before, of which the words may be meant as a note
    name: str = ""  # of a file
    size: int = 0  # of a file, in bytes
    ref: str = ""  # of a file: what the platform calls it


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in an outgoing message. Channels render it; nothing in ``text`` is ever markup.

    kind: text, strong, quote (may be shortened to fit), link (``url``), handle (shown without calling anybody), code
    (as it is, in one piece where that can be), command (a command of Magpie's own, with its slash; where a channel lets
    one tap commands, only these can be tapped), contents (a line on what follows in a message of its own, for channels
    that have the room), break.
    """

    kind: str
    text: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A short way to answer a message: choosing it is as if the owner had answered ``says``.

    One that shows what it says is a choice, which a channel may show as made; others ask for something.
    """

    label: str
    says: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to the owner, neutral of any platform. ``key`` is what makes saying it twice saying it once.

    ``offers`` are for channels that have buttons; what they say can be said in words anywhere.
    """

    key: str
    spans: tuple[Span, ...]
    warning: str = ""
    reply_to: str = ""  # platform id
    language: str = ""
    about: tuple[str, ...] = ()  # Item.uri of what it quotes: when one is deleted, the message goes too
    offers: tuple[Offer, ...] = ()

    @property
    def text(self) -> str:
        """Its words, plain, without what other messages say."""
        spans = (span for span in self.spans if span.kind != "contents")
        return "".join("\n" if span.kind == "break" else span.text for span in spans)


@dataclass(frozen=True, slots=True)
class Story:
    """Items that tell of the same thing, with the shares that put them before the owner.

    ``key`` is the canonical link or else the thread of what began it, and stays so from digest to digest.
    """

    key: str
    lead: str  # Item.uri of the text that stands for the story
    items: tuple[str, ...]  # Item.uri, oldest first
    sharers: tuple[str, ...]  # Account.uri of distinct accounts, in the order of their first share
    links: tuple[str, ...] = ()  # canonical
    threads: tuple[str, ...] = ()
    grown_by: int = 0  # further sharers since the story was told last; 0: it is told for the first time


@dataclass(frozen=True, slots=True)
class Factor:
    """One number in the score of a story: what was measured, and how many points that gives."""

    name: str
    value: float
    points: float
    words: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A numbered story of a digest, with its reasons and evidence."""

    number: int
    lead: str
    items: tuple[str, ...]
    sharers: tuple[str, ...]
    factors: tuple[Factor, ...] = ()
    reasons: tuple[str, ...] = ()
    summary: str = ""
    grown_by: int = 0
    explores: bool = False
    links: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    id: int = 0  # given by the store

    @property
    def score(self) -> float:
        """The sum of all factors' points."""
        return sum(factor.points for factor in self.factors)


@dataclass(frozen=True, slots=True)
class Digest:
    """Ordered stories for one owner and one local date. ``notes`` are lines about the digest itself, such as gaps."""

    date: date
    channel: str
    made_at: datetime
    since: datetime
    entries: tuple[Entry, ...]
    notes: tuple[str, ...] = ()
    run: str = ""
    slot: int = 0  # the how manieth of that date's hours, from 0
    id: int = 0


class State(StrEnum):
    """What became of an occasion."""

    TOLD = "told"
    QUIET = "quiet"  # there was nothing worth telling
    SKIPPED = "skipped"
    FAILED = "failed"  # it is tried again as long as its date lasts


@dataclass(frozen=True, slots=True)
class Occasion:
    """A local date and hour at which a digest was due, and what became of it."""

    channel: str
    date: date
    slot: int
    state: State
    at: datetime
    reason: str = ""
    run: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One node of a graph as a run went through it. ``given`` and ``made`` count what went in and came out."""

    run: str
    node: str
    began: datetime
    seconds: float
    given: Mapping[str, int] = field(default_factory=dict)
    made: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far memory reached at an instant: the highest numbers then given, and the read markers by feed.

    A memory that is read with a horizon does not know what was learnt later, whatever instant that tells of.
    """

    shares: int
    seen: int
    reactions: int
    digests: int
    markers: Mapping[str, datetime] = field(default_factory=dict)


def fingerprint(words: str) -> str:
    """What tells one text from another, in 32 characters."""
    return hashlib.blake2b(words.encode(), digest_size=16).hexdigest()
