"""The clock rings its bells, each hand one at a time, also when the machine's clock is set back."""

from __future__ import annotations

import time
from collections import Counter
from threading import Event, Lock, Thread

from bot.clock import Bell, Clock


def wait_for(done: Event) -> None:
    assert done.wait(20), "the bell did not ring"


def test_every_bell_rings_at_once_and_again() -> None:
    rung, twice = Counter[str](), Event()

    def ring(name: str) -> None:
        rung[name] += 1
        if min(rung["desk"], rung["ear"]) >= 2:
            twice.set()

    clock = Clock({name: Bell(name, 0.05, lambda name=name: ring(name)) for name in ("desk", "ear")})
    clock.start()
    wait_for(twice)
    clock.stop()
    before = rung.copy()
    time.sleep(0.2)
    assert rung == before, "a clock that was stopped rings no more"


def test_bells_of_one_hand_never_ring_at_the_same_time() -> None:
    busy, overlaps, rung, enough = Lock(), [], Counter[str](), Event()

    def ring(name: str) -> None:
        if not busy.acquire(blocking=False):
            overlaps.append(name)
            return
        time.sleep(0.01)
        busy.release()
        rung[name] += 1
        if min(rung["collect"], rung["look"]) >= 3:
            enough.set()

    clock = Clock({name: Bell("desk", 0.02, lambda name=name: ring(name)) for name in ("collect", "look")})
    clock.start()
    wait_for(enough)
    clock.stop()
    assert not overlaps


def test_a_bell_can_be_rung_before_its_time_and_one_that_breaks_rings_again() -> None:
    first, second = Event(), Event()

    def ring() -> None:
        if not first.is_set():
            first.set()
            raise ValueError("the first time it breaks")
        second.set()

    clock = Clock({"listen": Bell("ear", 3600, ring)})
    clock.start()
    wait_for(first)
    clock.ring("listen")
    wait_for(second)
    clock.stop()


def test_a_machine_whose_clock_is_set_back_is_not_silent_until_it_has_caught_up() -> None:
    looks, stopped, rung = iter([5000.0, 5000.0, -90000.0, -90000.0]), Event(), []

    class Told(Clock):
        def ring(self, name: str) -> None:
            rung.append(name)
            stopped.set()

    clock = Told({"collect": Bell("desk", 900, lambda: None)}, wall=lambda: next(looks), steady=lambda: 0.0)
    clock.look = 0.01
    clock.watch(stopped)
    assert rung == ["collect"]


def test_a_bell_that_rings_another_while_the_clock_is_stopped_does_not_hold_it_up() -> None:
    swinging = Event()

    def swing() -> None:
        swinging.set()
        time.sleep(0.3)
        clock.ring("other")

    clock = Clock({"one": Bell("ear", 3600, swing), "other": Bell("study", 3600, lambda: None)})
    clock.start()
    wait_for(swinging)
    stopping = Thread(target=clock.stop, daemon=True)
    stopping.start()
    stopping.join(20)
    assert not stopping.is_alive()
