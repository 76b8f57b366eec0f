"""What a stranger writes into a chat, or a long post, does not keep an import busy for hours."""

from __future__ import annotations

import pytest

from tests.clock import in_good_time
from tools.importers.twitter_notes import _CUT
from tools.importers.whatsapp_lines import head
from tools.importers.whatsapp_marks import files, unmarked

UNSEEN = "\u200f" * 60_000


@in_good_time
@pytest.mark.parametrize("line", ["1/1/20, 10:00 - ", "1/1/20", "1/1/20, 10:00", "1", "1/1/20, 10:00 - Ann", "[1"])
def test_a_line_of_unseen_signs(line: str) -> None:
    assert head(f"{line}{UNSEEN}") is None or head(f"{line}{UNSEEN}").author == ""  # type: ignore[union-attr]


@in_good_time
def test_unseen_signs_before_a_colon_are_no_part_of_a_name() -> None:
    found = head(f"1/1/20, 10:00 - Ann{UNSEEN}: hello")
    assert found is not None and (found.author, found.text) == ("Ann", "hello")


@in_good_time
@pytest.mark.parametrize("sign", [" ", "\n ", "\u200e", "\u200e ", "<"])
def test_a_message_of_blanks_or_marks_bears_no_mark_and_is_no_file(sign: str) -> None:
    words = sign * 60_000
    assert unmarked(f"{words}!") == f"{words}!"
    assert files(f"{words}!")[1] == ()


@in_good_time
def test_a_mark_at_the_end_is_found_behind_whatever_stands_before() -> None:
    assert unmarked(f"{'x ' * 60_000}\u200e<This message was edited>").rstrip() == ("x " * 60_000).rstrip()


@in_good_time
@pytest.mark.parametrize("sign", [" ", "https://t.co/a", " https://t.co/a ", "…", " …"])
def test_the_end_of_a_long_post(sign: str) -> None:
    assert _CUT.sub("", f"{sign * 300}!").endswith("!")
    assert _CUT.sub("", "words https://t.co/a… https://t.co/b ") == "words"


def test_the_clock_ends_what_goes_on() -> None:
    def for_ever() -> None:
        while True:
            pass

    with pytest.raises(TimeoutError, match="for_ever was not done after"):
        in_good_time(for_ever, 0.05)()
