"""What Nell has kept and what she reads: an archive of X, a vault, a chat, two feeds. All of it is made here."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from zipfile import ZipFile

from bot.build import Magpie
from bot.jobs.importing import Importing, Taken
from tests.tools.recorded import Recorded
from tools.importers import importer, kind_of
from tools.importers.opening import opened
from tools.sources.feed import FeedSource

PAGE = "https://coast.example/tide-mill-reopens"
RAIL, COAST = "https://rail.example/rss.xml", "https://coast.example/feed.json"

TWEETS = (
    ("1100000000000000001", "Thu Mar 07 08:10:00 +0000 2019", "Spring tides lift the whole quay, I measured 6 metres."),
    ("1100000000000000002", "Fri Mar 08 19:30:00 +0000 2019", "Nobody plays the accordion on the ferry any more."),
)
NOTE = """---
created: 2020-02-11
---
The tide mill grinds for three hours after low water. Spring tides give it the most.
The miller's door is the green one.
"""
CHAT = """03/05/2021, 18:02 - Bea Invented: Whoever wants to see the tide mill must ring Mr Okoro first, he has the key.
03/05/2021, 18:04 - Nell Harbour: Good to know. Is he in on Sundays?
04/05/2021, 09:15 - Bea Invented: The soup recipe is the one with the leeks.
"""


def archive_of_x(folder: Path) -> Path:
    """A zip as X gives it."""
    path = folder / "twitter-2022.zip"
    rows = [{"tweet": {"id_str": key, "created_at": at, "full_text": text}} for key, at, text in TWEETS]
    owner = {"account": {"username": "nell_harbour", "accountId": "7", "accountDisplayName": "Nell Harbour"}}
    with ZipFile(path, "w") as archive:
        archive.writestr("data/account.js", f"window.YTD.account.part0 = {json.dumps([owner])}")
        archive.writestr("data/tweets.js", f"window.YTD.tweets.part0 = {json.dumps(rows)}")
    return path


def vault(folder: Path) -> Path:
    """A vault with a note."""
    path = folder / "Shore"
    (path / ".obsidian").mkdir(parents=True)
    (path / "Mills").mkdir()
    (path / "Mills" / "Tide mill.md").write_text(NOTE)
    (path / "Bread.md").write_text("Two loaves: 900 g of flour, and patience until the evening.")
    return path


def chat(folder: Path) -> Path:
    """A chat with Bea, as WhatsApp exports it."""
    path = folder / "WhatsApp Chat with Bea Invented.txt"
    path.write_text(CHAT)
    return path


def take_in(magpie: Magpie, path: Path, *me: str) -> Taken:
    """As ``magpie import`` does it."""
    with opened(path) as export:
        return Importing(magpie.collector).take_in(importer(kind_of(export), export, {"me": me}))


def feeds(now: datetime) -> FeedSource:
    """A feed on railways, and one of the coast that carries the page on the mill."""
    web, at = Recorded(), now - timedelta(hours=2)
    entry = (
        f"<item><title>A new bridge at Malmö</title><link>https://rail.example/malmo</link>"
        "<description>The old one has stood for ninety years.</description>"
        f"<pubDate>{format_datetime(at)}</pubDate></item>"
    )
    web.says(
        RAIL,
        f"<rss version='2.0'><channel><title>Rail News</title><link>https://rail.example/</link>{entry}</channel></rss>",
        "application/rss+xml",
    )
    words = "The tide mill of the old quay opens again in June after nine years, and grinds flour for the town."
    told = {
        "id": PAGE,
        "url": PAGE,
        "title": "Tide mill reopens",
        "content_text": words,
        "date_published": f"{at:%FT%TZ}",
    }
    page = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "The Coast",
        "home_page_url": "https://coast.example/",
    }
    web.says(COAST, json.dumps(page | {"feed_url": COAST, "items": [told]}), "application/feed+json")
    return FeedSource("feed", (RAIL, COAST), web=web, now=lambda: now)
