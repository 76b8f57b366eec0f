"""What the owner chooses in the chat about when Magpie speaks, and what is answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.commands import COMMANDS, Asked
from bot.schedule import NOT_HERE, NOT_RUNNING, Schedule
from bot.speaking import Speaker
from bot.timetable import Timetable, chosen
from config.settings import ScheduleSection
from memory.records import Occasion, Outgoing, State
from memory.store import Store
from tests.fakes import NOW

Ask = Callable[..., str]
BERLIN = ZoneInfo("Europe/Berlin")  # NOW is Friday 20 November, 13:00 there
TODAY = NOW.date()
SATURDAY = "The next digest comes on Saturday 21 November at 08:00."


@pytest.fixture
def ask(store: Store) -> Ask:
    """Says a command on a day that had its digest; returns the answer."""
    with store.begin() as memory:
        memory.occasions.settle(Occasion("pigeon", TODAY, 0, State.TOLD, NOW))

    def asked(said: str, now: datetime = NOW, **written: object) -> str:
        name, _, words = said.partition(" ")
        timetable = Timetable("pigeon", ScheduleSection.model_validate(written), BERLIN)
        with store.begin() as memory:
            speaker = Speaker({}, {}, BERLIN)
            answer = COMMANDS[name](Asked(memory, speaker, words.strip(), None, now, "key", "in7", "none", timetable))
        assert isinstance(answer, Outgoing) and (answer.key, answer.reply_to) == ("key", "in7")
        return "".join("\n" if span.kind == "break" else span.text for span in answer.spans)

    return asked


def schedule(store: Store, **written: object) -> Schedule:
    with store.begin() as memory:
        return chosen(memory.preferences.all(), ScheduleSection.model_validate(written), BERLIN)


def test_without_choices_the_settings_hold(store: Store) -> None:
    written = {
        "hours": ["18:30", "8"],
        "days": ["sun", "mon"],
        "quiet": "22:30-7",
        "vacations": ["2026-12-24/2026-12-26"],
    }
    plain = schedule(store, **written)
    assert (plain.zone, plain.hours, plain.days) == (BERLIN, (time(8), time(18, 30)), {0, 6})
    assert plain.is_quiet(datetime(2026, 1, 1, 22, 30)) and not plain.is_quiet(datetime(2026, 1, 1, 7))
    away = [day for day in range(20, 30) if plain.break_at(datetime(2026, 12, day, 8))]
    assert away == [24, 25, 26]


# -- /hours


@pytest.mark.parametrize("words", ["8 18:30", "18:30 8:00", "08:00, 18:30", "8, 18:30 18:30"])
def test_hours_are_chosen_in_any_order(ask: Ask, store: Store, words: str) -> None:
    today = "The next digest comes on Friday 20 November at 18:30."
    assert ask(f"hours {words}") == f"Digests are due at 08:00 and 18:30 (Europe/Berlin). {today}"
    assert schedule(store).hours == (time(8), time(18, 30))


def test_hours_can_be_given_back_to_the_settings(ask: Ask, store: Store) -> None:
    ask("hours 9")
    assert ask("hours").startswith("Digests are due at 09:00 (Europe/Berlin).")
    assert ask("hours off") == f"Digests are due at 08:00 (Europe/Berlin). {SATURDAY}"


def test_new_hours_hold_from_now_on_and_the_next_one_is_still_today(ask: Ask) -> None:
    assert ask("hours 13:01").endswith("The next digest comes on Friday 20 November at 13:01.")
    assert ask("hours 7 8 23").endswith("The next digest comes on Friday 20 November at 23:00.")
    assert ask("hours 7 8").endswith(SATURDAY.replace("08:00", "07:00"))
    assert ask("hours off").endswith(SATURDAY)


@pytest.mark.parametrize("words", ["25", "8:60", "eight", "8 pm", "-1", "8:5", " ".join(map(str, range(13))), "off 8"])
def test_hours_that_no_day_has_are_answered_with_an_example(ask: Ask, store: Store, words: str) -> None:
    assert ask(f"hours {words}") == "I did not understand that. For example: /hours 8 18:30, or /hours off"
    assert schedule(store).hours == (time(8),)


# -- /quiet


def test_quiet_hours_are_chosen_told_and_lifted(ask: Ask, store: Store) -> None:
    said = f"From 22:30 to 07:00 I only answer you; what is due then waits. {SATURDAY}"
    assert ask("quiet 22:30 – 7") == ask("quiet") == said
    assert schedule(store).is_quiet(datetime(2026, 1, 1, 3))
    assert ask("quiet OFF") == ask("quiet") == "No hours are quiet."
    assert schedule(store, quiet="22-7").quiet is None


@pytest.mark.parametrize("words", ["22", "25-7", "22-7:61", "7-7", "22-7-8", "tonight", "22–", "-"])
def test_quiet_hours_that_are_none_are_answered_with_an_example(ask: Ask, store: Store, words: str) -> None:
    assert ask(f"quiet {words}") == "I did not understand that. For example: /quiet 22-7, or /quiet off"
    assert schedule(store).quiet is None


# -- /pause and /resume


@pytest.mark.parametrize(
    ("words", "until", "coming"),
    [
        ("3 days", "Monday 23 November, 13:00", "Tuesday 24 November at 08:00"),
        ("1 Week", "Friday 27 November, 13:00", "Saturday 28 November at 08:00"),
        ("until 2026-12-24", "Thursday 24 December, 00:00", "Thursday 24 December at 08:00"),
        ("2026-12-24", "Thursday 24 December, 00:00", "Thursday 24 December at 08:00"),
    ],
)
def test_a_pause_says_when_it_ends_and_what_comes_then(
    ask: Ask, store: Store, words: str, until: str, coming: str
) -> None:
    told = f"Paused until {until}; I still answer you. /resume ends it. The next digest comes on {coming}."
    assert ask(f"pause {words}") == told


def test_a_pause_without_an_end_lasts_until_it_is_ended(ask: Ask, store: Store) -> None:
    none = "No digest is planned; /resume ends a pause."
    assert ask("pause") == f"Paused; I still answer you. /resume ends it. {none}"
    later = NOW + timedelta(days=40)
    assert ask("resume", later) == "Here I am again. The next digest comes on Thursday 31 December at 08:00."
    inside, after = datetime(2026, 12, 1, 8), datetime(2026, 12, 31, 8)
    assert schedule(store).break_at(inside) and not schedule(store).break_at(after)
    assert ask("resume", later).startswith("There is no pause.")


def test_a_pause_that_is_made_longer_began_when_it_began(ask: Ask, store: Store) -> None:
    ask("pause 3 days")
    ask("pause 3 days", NOW + timedelta(days=2))
    (pause,) = schedule(store).breaks
    assert (pause.since, pause.until) == (datetime(2026, 11, 20, 13), datetime(2026, 11, 25, 13))


@pytest.mark.parametrize("words", ["tomorrow", "3", "days", "2026-02-30", "until", "3 years", "9999 days", "-3 days"])
def test_a_pause_that_is_not_understood_is_none(ask: Ask, store: Store, words: str) -> None:
    example = "/pause 3 days, /pause until 2026-12-24, or /pause"
    assert ask(f"pause {words}") == f"I did not understand that. For example: {example}"
    assert schedule(store).breaks == ()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("2026-11-20", "2026-11-20 is no day to come"),
        ("until 1999-01-01", "1999-01-01 is no day to come"),
        ("0 days", "That is no time at all"),
    ],
)
def test_a_pause_that_would_be_over_is_none(ask: Ask, store: Store, words: str, told: str) -> None:
    assert ask(f"pause {words}") == f"{told}, so nothing is paused. For example: /pause 3 days"
    assert schedule(store).breaks == ()


def test_of_another_year_the_year_is_told(ask: Ask) -> None:
    assert ask("pause 999 weeks").startswith("Paused until Friday 12 January 2046, 13:00; ")
    assert ask("status").split("\n")[1].startswith("Paused until Fri 12 Jan 2046 13:00.")
    ask("pause until 2027-01-02")
    assert ask("pause until 2027-01-02").endswith("The next digest comes on Saturday 2 January 2027 at 08:00.")


def test_a_vacation_is_ended_where_it_was_written(ask: Ask) -> None:
    told = ask("resume", vacations=["2026-11-01/2026-11-30"])
    assert told.startswith("There is no pause, but a vacation until 2026-11-30 (magpie.toml). The next digest comes")


# -- /zone


@pytest.mark.parametrize("words", ["Asia/Tokyo", "asia/tokyo", "tokyo", "Tokyo"])
def test_a_zone_is_known_by_its_name_or_its_city(ask: Ask, store: Store, words: str) -> None:
    assert ask(f"zone {words}") == f"I go by Asia/Tokyo, where it is Friday, 21:00. {SATURDAY}"
    assert schedule(store).zone == ZoneInfo("Asia/Tokyo")
    assert schedule(store).leap == (datetime(2026, 11, 20, 13), datetime(2026, 11, 20, 21))


def test_at_home_again_the_zone_of_the_settings_holds(ask: Ask, store: Store) -> None:
    ask("zone America/St Johns")
    assert ask("zone").startswith("I go by America/St_Johns, where it is Friday, 08:30.")
    assert ask("zone off") == f"I go by Europe/Berlin, where it is Friday, 13:00. {SATURDAY}"


@pytest.mark.parametrize(
    ("words", "near"),
    [("Europe/Lissabon", "Europe/Lisbon"), ("lisbonn", "Europe/Lisbon"), ("Europe/Berln", "Europe/Berlin")],
)
def test_for_a_zone_that_is_misspelt_the_nearest_are_offered(ask: Ask, store: Store, words: str, near: str) -> None:
    told = ask(f"zone {words}")
    assert told.startswith(f"I know no time zone “{words}”; did you mean ") and near in told
    assert schedule(store).zone == BERLIN


@pytest.mark.parametrize("words", ["../../etc/passwd", "5", "x" * 500, "\x00"])
def test_what_is_no_zone_at_all_is_answered_with_an_example(ask: Ask, store: Store, words: str) -> None:
    assert "write it for example so: /zone Europe/Lisbon" in ask(f"zone {words}") and schedule(store).zone == BERLIN


def test_a_city_that_several_zones_bear_is_asked_back(ask: Ask, store: Store) -> None:
    told = ask("zone Louisville")
    assert "America/Kentucky/Louisville or America/Louisville?" in told and schedule(store).zone == BERLIN


# -- /status


def test_status_tells_what_comes_and_when_it_is_paused(ask: Ask) -> None:
    assert ask("status").split("\n")[1] == "Next digest: Sat 21 Nov 08:00 (Europe/Berlin). Last digest: none yet."
    ask("pause until 2026-12-24")
    assert ask("status").split("\n")[1].startswith("Paused until Thu 24 Dec 00:00. Next digest: Thu 24 Dec 08:00 ")
    ask("pause")
    assert ask("status").split("\n")[1].startswith("Paused until you say /resume. Next digest: none ")


@pytest.mark.parametrize(
    ("state", "reason", "second", "fourth"),
    [
        (State.SKIPPED, NOT_RUNNING, "That of 2026-11-21 was skipped: Magpie was not running.", "No trouble lately."),
        (
            State.TOLD,
            NOT_RUNNING,
            "That of 2026-11-21 was told late, because Magpie was not running.",
            "No trouble lately.",
        ),
        (State.TOLD, "", "Last digest: none yet.", "No trouble lately."),
        (State.TOLD, NOT_HERE, "Last digest: none yet.", "No trouble lately."),
        (State.SKIPPED, NOT_HERE, "Last digest: none yet.", "No trouble lately."),
        (State.QUIET, "Nothing to tell.", "On 2026-11-21: Nothing to tell.", "No trouble lately."),
        (State.FAILED, "The model is away.", "That of 2026-11-21 has failed so far.", "Trouble: The model is away."),
    ],
)
def test_status_tells_what_became_of_the_last_hour(
    ask: Ask, store: Store, state: State, reason: str, second: str, fourth: str
) -> None:
    later = NOW + timedelta(days=1)
    with store.begin() as memory:
        run = memory.runs.begin("digest", later)
        memory.runs.end(run, later, "failed", {}, [reason] if state is State.FAILED else [])
        memory.occasions.settle(Occasion("pigeon", TODAY + timedelta(1), 0, state, later, reason))
    lines = ask("status", later).split("\n")
    assert len(lines) == 4 and lines[1].endswith(second) and lines[3] == fourth
