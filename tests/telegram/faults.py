"""What goes wrong between a bot and Telegram: by method, after so many calls, so many times."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from threading import Lock

GATEWAY = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>"


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of trouble. ``acts``: the server does what was asked, and only then the trouble begins."""

    name: str
    acts: bool = False
    wait: float = 0.0  # seconds before the answer
    status: int = 0
    description: str = ""
    body: str = ""  # instead of JSON
    retry_after: int = 0
    resets: bool = False  # the connection is torn
    silent: bool = False  # nothing is ever answered
    late: bool = False  # the wait is before the server acts
    cuts: bool = False  # the answer is right and breaks off in the middle of its JSON


def status(code: int, description: str = "", body: str = "", acts: bool = False) -> Fault:
    """An answer with that status; HTML if there is a body."""
    words = description or {500: "Internal Server Error", 502: "Bad Gateway"}.get(code, "Something is wrong")
    return Fault(f"status {code}{' after acting' * acts}", acts=acts, status=code, description=words, body=body)


def gateway(acts: bool = False) -> Fault:
    """502 with a page of HTML, of a proxy that has lost its server."""
    return status(502, body=GATEWAY, acts=acts)


def too_many(retry_after: int = 1) -> Fault:
    """429, with the seconds to wait."""
    words = f"Too Many Requests: retry after {retry_after}"
    return Fault("429", status=429, description=words, retry_after=retry_after)


def reset(acts: bool) -> Fault:
    """The connection is torn, before or after the server acted."""
    return Fault(f"reset {'after' if acts else 'before'} acting", acts=acts, resets=True)


def silence(seconds: float, acts: bool = True) -> Fault:
    """No answer: the caller's patience ends first. After so many seconds the connection is torn."""
    return Fault(f"silence {'after' if acts else 'before'} acting", acts=acts, wait=seconds, silent=True)


def late(seconds: float) -> Fault:
    """The server acts so many seconds later, when nobody waits for its answer any more."""
    return Fault("late", acts=True, wait=seconds, silent=True, late=True)


def slow(seconds: float) -> Fault:
    """All is well, but late."""
    return Fault("slow", acts=True, wait=seconds)


def malformed() -> Fault:
    """The server acted, and its answer breaks off in the middle."""
    return Fault("malformed JSON", acts=True, cuts=True)


@dataclass
class _Due:
    methods: str
    fault: Fault
    skip: int
    times: int


@dataclass
class Faults:
    """The trouble that is still to come, and what has struck."""

    due: list[_Due] = field(default_factory=list)
    struck: list[tuple[str, str]] = field(default_factory=list)  # method, name of the fault
    underway: int = 0  # how many calls are in trouble now
    _counting: Lock = field(default_factory=Lock, repr=False)

    def add(self, methods: str, fault: Fault, times: int = 1, skip: int = 0) -> None:
        """Calls of these methods (a pattern such as ``send*``) fail so, so many times, after so many that do not."""
        self.due.append(_Due(methods, fault, skip, times))

    def take(self, method: str) -> Fault | None:
        """What happens to this call."""
        for due in self.due:
            if due.times <= 0 or not fnmatchcase(method.lower(), due.methods.lower()):
                continue
            if due.skip > 0:
                due.skip -= 1
                continue
            due.times -= 1
            self.struck.append((method, due.fault.name))
            return due.fault
        return None

    @contextmanager
    def striking(self) -> Iterator[None]:
        """A call is in trouble."""
        with self._counting:
            self.underway += 1
        try:
            yield
        finally:
            with self._counting:
                self.underway -= 1

    def clear(self) -> None:
        """All is well from now on."""
        self.due.clear()
