"""Which days a question asks for, and which of its words say so. What is only talked about is no filter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from agents.understanding.datewords import Mention, mentions
from agents.understanding.question import Asked, Stretch
from agents.understanding.spans import DAY, Days, Named, resolve
from agents.understanding.tongues import Tongue

_RELATIONS = ("since", "before", "after", "until", "within")
_ARTICLED = ("season", "decade", "weekend", "year")
_NAMED_WIDELY = ("last", "this", "before", "year", "ago", "lately")
_CONTENT_BEHIND = re.compile(r" [^\W\d_]")


@dataclass(frozen=True, slots=True)
class Times:
    """The days asked for, None for none, and where the words stand that say so."""

    days: Days | None = None
    cuts: tuple[Stretch, ...] = ()
    loose: bool = False  # before or after an event of which only the year or month is named


@dataclass(frozen=True)
class Reader:
    """One question in one language. ``names`` are where people are named."""

    asked: Asked
    tongue: Tongue
    today: date
    south: bool
    names: Sequence[Stretch] = ()
    led: bool = False  # it goes on from a question before
    _cuts: list[Stretch] = field(default_factory=list)
    _events: list[Mention] = field(default_factory=list)

    def read(self) -> Times:
        """All stretches of time of the question, met."""
        found = self._merged(mentions(self.asked, self.tongue, self.today, list(self.names)))
        days: list[Days] = []
        place = 0
        while place < len(found):
            pair = self._range(found[place], found[place + 1]) if place + 1 < len(found) else None
            single = None if pair else self._single(found[place])
            place += 2 if pair else 1
            days += [one for one in (pair, single) if one]
        if not days:
            return Times()
        met = days[0]
        for other in days[1:]:
            met = met.meet(other)
        return Times(met, tuple(self._cuts), bool(self._events))

    def _merged(self, found: list[Mention]) -> list[Mention]:
        """A narrow name beside a wide one is meant within it: "March last year", "Monday of last week"."""
        merged: list[Mention] = []
        for one in found:
            joined = self._joined(merged[-1], one) if merged else None
            merged[-1:] = [joined] if joined else [*merged[-1:], one]
        return merged

    def _joined(self, left: Mention, right: Mention) -> Mention | None:
        glue = self.asked.folded[left.end : right.begin]
        inside = self._words("inside")
        if not re.fullmatch(rf" ?(?:(?:{inside})(?: |(?<='))?)*", glue):
            return None
        for narrow, wide in ((left, right), (right, left)):
            free = narrow.last.days is None and narrow.last.year is None and not narrow.last.which
            if free and wide.kind in _NAMED_WIDELY and not (wide.last.month or wide.last.season or wide.last.weekday):
                within = resolve(wide.last, self.today, self.south)
                days = resolve(narrow.last, self.today, self.south, within)
                if days:
                    return Mention(left.begin, right.end, narrow.kind, Named(days=days), weak=False)
        return None

    def _range(self, left: Mention, right: Mention) -> Days | None:
        joins = self._words("join")
        if not re.fullmatch(rf" ?(?:{joins}) ?", self.asked.folded[left.end : right.begin]):
            return None
        opening = self._in_front(left.begin, "open") or self._in_front(left.begin, "open", "article")
        if self._about(left) or not (opening or (left.weak <= right.weak and not right.weak)):
            return None
        last = resolve(right.last, self.today, self.south)
        if not (last and last.end and last.first and last.first <= self.today):
            return None
        first = self._begun_before(left.last, last.first)
        if not (first and first.first and first.first < last.end):
            return None
        self._cuts.append((opening[0] if opening else left.begin, right.end))
        return Days(first.first, last.end)

    def _begun_before(self, named: Named, day: date) -> Days | None:
        """The latest such days that began by then; with a day alone, it is that of the same month."""
        return resolve(named, day + DAY if named.weekday is not None else day, self.south)

    def _single(self, one: Mention) -> Days | None:
        days = resolve(one.last, self.today, self.south)
        if one.first and days:
            opened = resolve(one.first, days.first or self.today, self.south)
            days = Days(opened.first, days.end) if opened else days
        future = bool(days and days.first and days.first > self.today)
        if not days or future or self._about(one) or self._holiday(one) or self._owns(one):
            return None
        return self._event(one, days) or self._related(one, days)

    def _related(self, one: Mention, days: Days) -> Days | None:
        onward = self._whole("onward").match(self.asked.folded, one.end + 1)
        if onward:
            begin = self._anchor(one, "within") or (one.begin,)
            return self._taken((begin[0], onward.end()), "since", days)
        for relation in _RELATIONS:
            place = self._anchor(one, relation)
            adjective = one.kind == "year" and self._adjective(one, relation)
            if place and not adjective and not (one.weak and self._something_else(one, relation)):
                return self._taken((place[0], one.end), relation, days)
        if one.weak and not (one.kind == "year" and self._year_alone(one)):
            return None
        opening = self._in_front(one.begin, "open") if one.first else None
        return self._taken((opening[0] if opening else one.begin, one.end), "within", days)

    def _anchor(self, one: Mention, relation: str) -> Stretch | None:
        """Where the word stands that says how the time is meant, with an article perhaps."""
        plain = self._in_front(one.begin, relation)
        articled = not one.weak or one.kind in _ARTICLED or self.tongue.code != "en"
        return plain or (self._in_front(one.begin, relation, "article") if articled else None)

    def _taken(self, cut: Stretch, relation: str, days: Days) -> Days:
        owning = 2 if self.asked.folded[cut[1] :].startswith("'s ") else 0
        self._cuts.append((cut[0], cut[1] + owning))
        related = {
            "since": Days(days.first, None),
            "after": Days(days.end, None),
            "before": Days(None, days.first),
            "until": Days(None, days.end),
        }
        return related.get(relation, days)

    def _event(self, one: Mention, days: Days) -> Days | None:
        """Before or after something of which only the year or month is known: that bounds it."""
        anchor = self._in_front(one.begin, "within") or self._in_front(one.begin, "within", "article")
        if not anchor and one.kind != "year":
            return None
        begin = anchor[0] if anchor else one.begin
        for relation in ("before", "after"):
            word = self._event_in_front(begin, relation)
            if not word:
                continue
            between = self.asked.folded[word[1] : begin].strip()
            adjective = between in self._words("article").split("|")  # "before the 2024 election"
            if adjective and not self._content_behind(one):
                continue
            self._cuts.extend([word] if adjective else [word, (begin, one.end)])
            self._events.append(one)
            return Days(None, days.end) if relation == "before" else Days(days.first, None)
        return None

    def _event_in_front(self, begin: int, relation: str) -> Stretch | None:
        """Where "before" stands, if only an event with its article and a few words lie between it and that place."""
        start = max(begin - 120, 0)
        event = rf"(?:{self._words('event')})(?:[ ']?[^\W_]+){{0,6}} ?$"
        match = re.search(rf"(?<!\w)({self._words(relation)})(?: |(?<=')){event}", self.asked.folded[start:begin])
        if not match or self._whole("about").search(match.group()):
            return None
        return start + match.start(1), start + match.end(1)

    def _words(self, key: str) -> str:
        return str(self.tongue.words["around"][key])

    def _whole(self, key: str) -> re.Pattern[str]:
        return self.tongue.whole(self._words(key))

    def _content_behind(self, one: Mention) -> bool:
        rest = self.asked.folded[one.end :]
        word = re.match(r" ([^\W\d_]+)", rest)
        return bool(word and word.group(1) not in self.tongue.function)

    def _about(self, one: Mention) -> bool:
        return bool(self._in_front(one.begin, "about") or self._in_front(one.begin, "about", "article"))

    def _in_front(self, begin: int, *keys: str) -> Stretch | None:
        """Where such a word stands directly in front, followed by one of the next key if there are two."""
        words = [self._words(key) for key in keys]
        if not all(words):
            return None
        pattern = "(?: |(?<='))".join(f"(?:{word})" for word in words)
        front = self.asked.folded[max(begin - 60, 0) : begin]
        match = self.tongue.ending(pattern).search(front)
        return (max(begin - 60, 0) + match.start(), begin) if match else None

    def _something_else(self, one: Mention, relation: str) -> bool:
        """Whether a season, month or weekday begins a longer name: "in Summer Walker songs", "in spring boot"."""
        if relation == "within" and self._part_of_name(one):
            return True
        if one.kind not in ("month", "season", "weekday") or self.tongue.code == "de":
            return False
        behind = one.end + 1
        if any(begin == behind for begin, _ in self.names) or not _CONTENT_BEHIND.match(self.asked.folded, one.end):
            return False
        word = re.split(r"[\W\d]", self.asked.folded[behind:])[0]
        if word in self.tongue.function or self.tongue.whole(self.tongue.words["people"]["says"]).fullmatch(word):
            return False
        return self.asked.capital(behind) or one.kind in ("season", "weekday")

    def _owns(self, one: Mention) -> bool:
        """Whether something other than posts belongs to it: "last year's report"."""
        behind = self.asked.folded[one.end :]
        kept = f"{self.tongue.words['people']['items']}|{self.tongue.words['found']['chats']}|notes|digests?"
        return behind.startswith("'s ") and not re.match(rf"'s (?:{kept})(?!\w)", behind)

    def _holiday(self, one: Mention) -> bool:
        """Whether it has a capital where its language writes none: "le 14 Juillet", "Primo Maggio"."""
        begin = next((begin for begin, end in reversed(self.asked.words) if end <= one.end and begin >= one.begin), 0)
        unyeared = one.last.days is None and one.last.year is None
        return self.tongue.code in ("fr", "es", "it") and unyeared and begin > 0 and self.asked.capital(begin)

    def _part_of_name(self, one: Mention) -> bool:
        """Whether it ends a longer name: "Primero de Mayo", "the twelve days of winter"."""
        anchor = self._in_front(one.begin, "within") or self._in_front(one.begin, "within", "article")
        if anchor and anchor[0] > 0 and self.asked.capital(anchor[0]) and self.asked.text[anchor[0] - 2] not in ".?!:":
            return True
        front = self.asked.folded[: one.begin]
        of = self.tongue.ending(self.tongue.words["people"]["of"] or "(?!)").search(front)
        if not of:
            return False
        before = [begin for begin, end in self.asked.words if end <= of.start()]
        named = len(before) > 1 and self.asked.capital(before[-1]) and self.asked.capital(one.begin)
        written = (
            f"{self.tongue.words['people']['items']}|{self.tongue.words['found']['chats']}|not\\w+|anota\\w+|apunt\\w+"
        )
        listed = self.tongue.ending(rf"(?:{written}) (?:{self.tongue.words['people']['of']})").search(front)
        return named or (one.kind != "month" and not listed)

    def _adjective(self, one: Mention, relation: str) -> bool:
        """Whether a year with an article says which one it is: "in the 2024 election"."""
        return self._content_behind(one) and not self._in_front(one.begin, relation)

    def _year_alone(self, one: Mention) -> bool:
        """A year without a preposition: "posts 2024", and in German "was hat Ana 2024 geschrieben"."""
        front = self.asked.folded[: one.begin].rstrip()
        if self.led and not front and not self.asked.folded[one.end :].strip(" ?.!"):
            return True
        if self.tongue.ending(self.tongue.words["people"]["items"]).search(front + " "):
            return True
        last = re.split(r"[\W\d]", front)[-1]
        named = any(end == len(front) for _, end in self.names)
        verb = self.tongue.whole(self.tongue.either("people", "in_front", "says")).fullmatch(last)
        return self.tongue.code == "de" and bool(named or verb or last in self.tongue.function - {"die", "der", "das"})
