"""YouTube as a source: the feeds of channels and playlists; with an optional extra, what is said in the films."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from pydantic import SecretStr

from config.errors import ConfigError
from memory.records import Counts, Cursor, Fetched, Media
from tools.sources.answers import count
from tools.sources.feed_items import Sighting, item_of, posted
from tools.sources.feed_walk import FeedWalk, Step, Subscription, now
from tools.sources.options import Options
from tools.sources.prose import plain
from tools.sources.unseen import tidy
from tools.web import Api, GuardedWeb

log = logging.getLogger(__name__)

_FEED: Final = "https://www.youtube.com/feeds/videos.xml"
_CHANNEL: Final = re.compile(r"UC[\w-]{22}")
_PLAYLIST: Final = re.compile(r"(?:PL|UU|FL|OL)[\w-]{10,60}")
_FILM: Final = re.compile(r"[\w-]{11}")

Transcribe = Callable[[str], str]
"""The id of a film → what is said in it; nothing where there is no transcript."""


def build(settings: Mapping[str, Any], secrets: Mapping[str, SecretStr]) -> YoutubeSource:
    """``channels`` (ids, UC…) and ``playlists`` (PL…). Raises ConfigError.

    With ``transcripts`` what is said is read, too, in the first of ``languages`` that there is; it needs the extra.
    """
    options = Options.of("youtube", settings, "channels", "playlists", "transcripts", "languages")
    options.need("channels", "playlists")
    feeds = []
    for key, asked, shape in (("channels", "channel_id", _CHANNEL), ("playlists", "playlist_id", _PLAYLIST)):
        for given in options.words(key):
            found = shape.search(given)
            if found is None:
                raise ConfigError(
                    f"The source youtube cannot use {given!r} in {key}: give the id "
                    f"({'UC' if key == 'channels' else 'PL'}…), which the page's “Share” menu copies."
                )
            feeds.append(f"{_FEED}?{asked}={found[0]}")
    languages = options.words("languages") or ("en",)
    transcribe = transcriber(languages) if options.one("transcripts", False) else None
    return YoutubeSource(options.name, tuple(feeds), transcribe, GuardedWeb(options.allow))


def transcriber(languages: tuple[str, ...]) -> Transcribe:
    """What asks YouTube for transcripts. Raises ConfigError when the extra is missing."""
    try:
        from youtube_transcript_api import YouTubeTranscriptApi
    except ImportError:
        raise ConfigError(
            "The source youtube needs its extra for transcripts: run pip install 'magpie-agent[youtube]', or take "
            "transcripts out."
        ) from None

    def transcript(film: str) -> str:
        try:
            told = YouTubeTranscriptApi().fetch(film, languages=languages)
            return tidy(" ".join(part.text for part in told))
        except Exception as error:  # there may be none, or YouTube may refuse: the film goes without
            log.info("event=no_transcript film=%s error=%s", film, type(error).__name__)
            return ""

    return transcript


@dataclass(frozen=True)
class YoutubeSource:
    """Each channel is an account that is followed."""

    name: str
    feeds: tuple[str, ...]
    transcribe: Transcribe | None = None
    web: Api = field(default_factory=GuardedWeb, repr=False)
    now: Callable[[], datetime] = field(default=now, repr=False)

    def fetch(self, cursor: Cursor | None) -> Iterator[Step]:
        """What is new in each of them."""
        feeds = (Subscription(url, shape=self._film) for url in self.feeds)
        yield from FeedWalk(self.name, self.web, self.now).read(feeds, cursor)

    def _film(self, sighting: Sighting) -> Fetched:
        raw = sighting.entry.raw
        film = str(raw.get("yt_videoid", ""))
        if not _FILM.fullmatch(film):
            raise ValueError("it is no film")
        page = f"https://www.youtube.com/watch?v={film}"
        said = self.transcribe(film) if self.transcribe else ""
        words = plain(sighting.entry.html).text
        item = replace(
            item_of(sighting),
            uri=page,
            ref=page,
            url=page,
            kind="video",
            text="\n\n".join(part for part in (words, said) if part),
            links=(page,),
            media=(Media("video", "", page),),
            counts=Counts(likes=count(raw.get("media_starrating"), "count")),
        )
        return posted(item, sighting.account)
