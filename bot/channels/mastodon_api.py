"""Mastodon's API, asked politely: errors in one sentence, retries with pauses, and what the server says of itself.

Nothing here repeats what the library says: its errors quote whole answers, and answers are private.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, Final, ParamSpec, TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from bot.channels.rendering import clean, shorten
from config.errors import ChannelError

P = ParamSpec("P")
T = TypeVar("T")

LONGEST_PAUSE: Final = 300.0
"""Seconds, also when the server asks for more: then the next round tries again."""

_ADVICE: Final = {
    401: "make a new token for the bot's account with 'magpie login --bot'",
    403: "give the bot's token the scopes profile, read:statuses, read:notifications and write:statuses",
    404: "check the instance in magpie.toml",
}
_SECRET: Final = re.compile(r"[\w+/.~-]{24,}")
"""What may be a token: a server that repeats what it was sent is not repeated."""

_log = logging.getLogger(__name__)


class RefusedError(ChannelError):
    """The server has understood and said no: nothing was done."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class AgainError(ChannelError):
    """Worth another try, after ``seconds`` if the server says so. ``doubtful``: it may have been done all the same."""

    def __init__(self, message: str, *, doubtful: bool, seconds: float = 0.0) -> None:
        super().__init__(message)
        self.doubtful, self.seconds = doubtful, seconds


@dataclass(frozen=True, slots=True)
class Instance:
    """What a server says of itself: its domain, the length of a post, what a link counts for."""

    domain: str
    limit: int = 500
    per_link: int = 23
    is_mastodon: bool = False  # takes no /@name within a link for a mention, and honours an Idempotency-Key


@dataclass
class Api:
    """One account's view of one server. Nothing is asked before it is needed."""

    base_url: str
    token: SecretStr
    timeout: float
    attempts: int
    sleep: Callable[[float], None]
    _pause: float = 0.0
    _status: int = 0

    @cached_property
    def instance(self) -> Instance:
        """Asked once; a server that does not tell is taken for a plain Mastodon."""
        for version in ("instance_v2", "instance_v1"):
            try:
                return _instance(self.insist(self.ask, version), self.host)
            except RefusedError:
                continue
        return Instance(self.host)

    @cached_property
    def me(self) -> tuple[str, str]:
        """Id and name of the account that the token belongs to."""
        account = self.insist(self.ask, "account_verify_credentials")
        return str(account.get("id", "")), str(account.get("username", ""))

    def insist(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call until it raises no AgainError; the last one is raised when all attempts are used up."""
        patience = Retrying(
            retry=retry_if_exception_type(AgainError),
            stop=stop_after_attempt(self.attempts),
            wait=_seconds,
            sleep=self.sleep,
            reraise=True,
        )
        return patience(call, *args, **kwargs)

    def ask(self, verb: str, *args: Any, **kwargs: Any) -> Any:
        """Call one method of the library. Raises RefusedError, or AgainError where a second try may help."""
        from mastodon.errors import MastodonAPIError, MastodonNetworkError, MastodonRatelimitError, MastodonServerError

        self._status = 0
        try:
            answer = getattr(self._client, verb)(*args, **kwargs)
        except MastodonRatelimitError:
            # The library also raises it for limits that it cannot read, after a request that went well.
            raise self._again("has had too many requests", self._status != 429, self._pause) from None
        except MastodonNetworkError as error:
            raise self._again("cannot be reached", not _never_left(error)) from None
        except MastodonAPIError as error:
            if isinstance(error, MastodonServerError) or self._status >= 500:
                raise self._again(f"is in trouble (status {self._status})", True, self._pause) from None
            if self._status < 400:
                raise self._again("has sent an answer that cannot be read", True) from None
            raise _refusal(self.host, self._status, error.args) from None
        except (AttributeError, KeyError, TypeError, ValueError):
            raise self._again("has sent an answer that cannot be read", True) from None
        if not isinstance(answer, Mapping | list):
            raise self._again("has sent an answer that cannot be read", True)
        return answer

    def page(self, verb: str, *args: Any, **where: Any) -> tuple[list[Mapping[str, Any]], dict[str, Mapping[str, Any]]]:
        """One page, newest first, and where the server's Link header says that its neighbours are (prev, next)."""
        answer = self.ask(verb, *args, **where)
        links = {name: getattr(answer, f"_pagination_{name}", None) or {} for name in ("prev", "next")}
        return [row for row in answer if isinstance(row, Mapping) and row.get("id")], links

    @property
    def host(self) -> str:
        """Name and port of the server, as its addresses have them."""
        return urlsplit(self.base_url).netloc.lower()

    def _again(self, trouble: str, doubtful: bool, seconds: float = 0.0) -> AgainError:
        return AgainError(f"{self.host} {trouble}; try again later.", doubtful=doubtful, seconds=seconds)

    @cached_property
    def _client(self) -> Any:
        return self.client(self._note)

    def client(self, note: Callable[..., None]) -> Any:
        """The library's client, with a connection of its own; ``note`` is shown each answer."""
        import requests
        from mastodon import Mastodon

        session = requests.Session()
        session.hooks["response"].append(note)
        return Mastodon(
            access_token=self.token.get_secret_value(),
            api_base_url=self.base_url,
            ratelimit_method="throw",
            request_timeout=self.timeout,
            session=session,
            user_agent="magpie",
        )

    def _note(self, response: Any, *_: Any, **__: Any) -> None:
        self._status, self._pause = response.status_code, _asked_pause(response.headers)


@dataclass
class Owner:
    """The one person the bot talks with, known by the full handle (name@host, lower case) and by the id."""

    handle: str
    api: Api

    @property
    def hosts(self) -> tuple[str, str]:
        """Both names of the bot's own server: in handles, and in addresses."""
        return self.api.instance.domain, self.api.host

    @property
    def mention(self) -> str:
        """On the owner's own server the name is enough, and every server understands it."""
        name, _, host = self.handle.partition("@")
        return f"@{name}" if host in self.hosts else f"@{self.handle}"

    @cached_property
    def id(self) -> str:
        """The owner's id on this server; nothing where the token may not ask, or the server does not know."""
        acct = self.mention.removeprefix("@")
        for verb, options in (("account_lookup", {}), ("search_v2", {"result_type": "accounts"})):
            try:
                answer = self.api.insist(self.api.ask, verb, acct, **options)
            except RefusedError:
                continue
            for account in answer.get("accounts", [answer]):
                if self._full(account.get("acct")) == self._full(acct):
                    return str(account["id"])
        return ""

    def must_be_known(self) -> None:
        """Ask who the owner is before anything is said. One from elsewhere may become known by being mentioned.

        Raises ChannelError when the owner should live on this very server, and does not.
        """
        if self.id or self.handle.partition("@")[2] not in self.hosts:
            return
        try:
            self.api.insist(self.api.ask, "account_lookup", self.mention.removeprefix("@"))
        except RefusedError as refusal:
            if refusal.status == 404:
                self.__dict__.pop("id", None)  # asked anew the next time
                raise ChannelError(
                    f"{self.api.host} knows no account {self.handle!r}: correct [owner] handle in magpie.toml."
                ) from None

    def is_behind(self, account: Mapping[str, Any]) -> bool:
        """Whether an account is the owner. A namesake on another server is a stranger."""
        same = self._full(account.get("acct")) == self._full(self.mention.removeprefix("@"))
        return same and self.id in ("", str(account.get("id")))

    def _full(self, acct: object) -> str:
        known = str(acct or "").lower()
        return known if "@" in known else f"{known}@{self.api.instance.domain}"


def _instance(said: Mapping[str, Any], host: str) -> Instance:
    statuses = (said.get("configuration") or {}).get("statuses") or {}
    domain = str(said.get("domain") or said.get("uri") or host)
    return Instance(
        domain=(urlsplit(domain).netloc if "://" in domain else domain).lower(),
        limit=int(statuses.get("max_characters") or said.get("max_toot_chars") or 500),
        per_link=int(statuses.get("characters_reserved_per_url") or 23),
        is_mastodon=str(said.get("source_url") or "").lower().rstrip("/").endswith("/mastodon"),
    )


def _seconds(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.seconds if isinstance(error, AgainError) else 0.0
    seconds = min(LONGEST_PAUSE, max(asked, 2.0 ** (state.attempt_number - 1)))
    _log.warning("event=again channel=mastodon seconds=%.0f reason=%r", seconds, str(error))
    return seconds


def _asked_pause(headers: Mapping[str, str]) -> float:
    """Seconds that the server asks to wait (Retry-After, else X-RateLimit-Reset by the server's own clock)."""
    after, reset, date = (headers.get(name, "") for name in ("Retry-After", "X-RateLimit-Reset", "Date"))
    if after.isdigit():
        return float(after)
    try:
        until = datetime.fromtimestamp(int(reset), UTC) if reset.isdigit() else datetime.fromisoformat(reset)
        return max(0.0, (until - parsedate_to_datetime(date)).total_seconds())
    except (TypeError, ValueError, OverflowError, OSError):
        return 0.0


def _never_left(error: BaseException) -> bool:
    """Whether no connection came about at all, so that nothing can have been done."""
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    cause = error.__context__.args if error.__context__ else ()
    return isinstance(getattr(cause[0] if cause else None, "reason", None), NewConnectionError | ConnectTimeoutError)


def _refusal(where: str, status: int, said: tuple[Any, ...]) -> RefusedError:
    reason = shorten(_SECRET.sub("…", clean(str(said[3]))), 120) if len(said) > 3 and said[3] else "no reason given"
    advice = f"; {_ADVICE[status]}" if status in _ADVICE else ""
    return RefusedError(f"{where} has refused (status {status}: {reason}){advice}.", status)
