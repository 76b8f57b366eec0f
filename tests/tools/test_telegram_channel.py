"""Public Telegram channels as a source."""

from __future__ import annotations

import pytest

from config.errors import ConfigError
from tests.tools.recorded import cursor_after, fetched, items, recorded_web, source
from tools.sources.telegram_channel import build

PAGE = "https://t.me/s/signalbox"


def post(number: int) -> str:
    return (
        f'<div class="tgme_widget_message" data-post="signalbox/{number}"><div class="tgme_widget_message_text">'
        f'Number {number}</div><time datetime="2026-11-19T08:00:00+00:00"></time></div>'
    )


def test_a_post_is_told_with_its_words_and_links() -> None:
    first, second = items(fetched(source("telegram_channel")))
    assert (first.uri, first.tags) == ("https://t.me/signalbox/41", ("bees",))
    assert first.text == "Eleven hives came through the winter.\n\nPhotos tonight #bees"
    assert first.media[0].url == "https://cdn4.example/file/abc.jpg"
    assert second.links == ("https://rail.example/malmo?fbclid=1", "https://rail.example/malmo")


def test_the_channel_is_an_account_that_is_followed() -> None:
    accounts = {a.uri: a for step in fetched(source("telegram_channel")) for a in step.accounts}
    account = accounts["https://t.me/signalbox"]
    assert (account.name, account.handle, account.followed) == ("Signal Box", "signalbox@t.me", True)


def test_it_is_read_backwards_to_where_it_was_read_before() -> None:
    web = recorded_web("telegram_channel")
    cursor = cursor_after(fetched(source("telegram_channel", web=web)))
    web.says(PAGE, "".join(map(post, range(50, 55))), "text/html")
    web.says(f"{PAGE}?before=50", "".join(map(post, range(40, 50))), "text/html")
    again = fetched(source("telegram_channel", web=web), cursor)
    assert [item.text for item in items(again)] == [f"Number {n}" for n in range(43, 55)]
    assert cursor_after(again) == {"signalbox": "54"}


def test_the_first_time_only_the_newest_page_is_read() -> None:
    web = recorded_web("telegram_channel")
    fetched(source("telegram_channel", web=web))
    assert web.urls == [PAGE]


def test_names_are_taken_as_people_write_them() -> None:
    given = ["@signalbox", "https://t.me/s/trains_daily", "t_bees"]
    assert build({"channels": given}, {}).channels == ("signalbox", "trains_daily", "t_bees")


@pytest.mark.parametrize("settings", [{}, {"channels": ["../x"]}, {"channels": ["+joinlink"]}])
def test_what_is_no_public_channel_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        build(settings, {})
