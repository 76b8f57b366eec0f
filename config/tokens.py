"""The logins of Magpie and their tokens, kept where nobody else reads them.

``tokens.json`` in the data folder says who is logged in where. The secrets lie in the system's keyring, or, where there
is none that can be used, in that same file, which is the owner's alone (0600) from the moment it is made.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Protocol, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from config.errors import ConfigError

Role = Literal["owner", "bot", "telegram"]
"""The owner's token reads, the bot's speaks, and so does that of a bot on Telegram."""

SERVICE: Final = "magpie"
"""What the entries in the keyring are called."""

FILE: Final = "tokens.json"
VARIABLES: Final[dict[Role, str]] = {
    "owner": "MAGPIE_OWNER_TOKEN",
    "bot": "MAGPIE_BOT_TOKEN",
    "telegram": "MAGPIE_TELEGRAM_TOKEN",
}
_COMMANDS: Final[dict[Role, str]] = {
    "owner": "magpie login",
    "bot": "magpie login --bot",
    "telegram": "magpie login --telegram",
}
_USELESS: Final = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt.file")
_HIDDEN: Final = ("token", "client_secret")
_T = TypeVar("_T")


class Keyring(Protocol):
    """What is used of the package keyring."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


class Login(BaseModel):
    """One account, the server it is on, what its token allows, and the application that the token was given to."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    role: Role
    handle: str
    base_url: str
    scopes: tuple[str, ...]
    client_id: str
    client_secret: SecretStr
    token: SecretStr
    owner_id: int = 0  # whom a bot talks with, where people are known by numbers


def system_keyring() -> Keyring | None:
    """The keyring of this system; None where there is none, or one that keeps nothing or keeps it in the open."""
    try:
        import keyring

        found = keyring.get_keyring()
        usable = float(found.priority) >= 1 and not type(found).__module__.startswith(_USELESS)
    except Exception:  # whatever a foreign backend raises, it cannot be used
        return None
    return found if usable else None


@dataclass(frozen=True)
class Tokens:
    """The logins of one owner. Nothing is read before it is asked for. Everything raises ConfigError."""

    folder: Path
    owner: str  # name@host, so that the Magpies of two owners can share a keyring
    keyring: Callable[[], Keyring | None] = field(default=system_keyring, repr=False)

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / FILE

    def token(self, role: Role, instance: str = "") -> SecretStr:
        """The token; empty where nobody has logged in. It is not given out for another ``instance`` than its own."""
        login = self.login(role)
        if login is None:
            return SecretStr("")
        if instance and _host(instance) != _host(login.base_url):
            raise ConfigError(
                f"magpie.toml says {instance!r}, and the {role} is logged in at {_host(login.base_url)}: correct it, "
                f"or log in there with {command(role)!r}."
            )
        return login.token

    def known(self) -> dict[Role, str]:
        """Whose logins there are: role → handle. The keyring is not asked."""
        rows = self._read()
        return {role: str(rows[role].get("handle", "")) for role in VARIABLES if role in rows}

    def login(self, role: Role) -> Login | None:
        """Who is logged in."""
        row = self._read().get(role)
        if row is None:
            return None
        try:
            row = dict(row)
            hidden = self._in_keyring(role) if row.pop("kept") == "keyring" else {}
            return Login(role=role, **{**row, **hidden})
        except (ValidationError, TypeError, ValueError, KeyError):
            raise self._unreadable() from None

    def keep(self, login: Login, *, in_file: bool = False) -> str:
        """Keep a login in place of the one before; returns where its secrets lie, in words."""
        row = login.model_dump(mode="json", exclude={"role", *_HIDDEN})
        hidden = {name: getattr(login, name).get_secret_value() for name in _HIDDEN}
        rows = self._read()
        if not in_file and self._to_keyring(login.role, json.dumps(hidden)):
            self._write({**rows, login.role: {**row, "kept": "keyring"}})
            return "the keyring of this system"
        with suppress(ConfigError):  # no older token shall stay behind in the keyring
            self.forget(login.role)
        self._write({**rows, login.role: {**row, "kept": "file", **hidden}})
        return f"{self.path}, which only you can read"

    def forget(self, role: Role) -> None:
        """Forget a login here; its server is not told."""
        rows = self._read()
        row = rows.pop(role, None)
        if row is None:
            return
        self._write(rows)
        if row.get("kept") == "keyring":
            self._with_keyring(lambda ring: ring.delete_password(SERVICE, self._name(role)))

    def _name(self, role: Role) -> str:
        return f"{role} of {self.owner}"

    def _to_keyring(self, role: Role, secret: str) -> bool:
        ring = self.keyring()
        if ring is None:
            return False
        with suppress(Exception):  # a keyring that is locked, or takes nothing: the file does
            ring.set_password(SERVICE, self._name(role), secret)
            return ring.get_password(SERVICE, self._name(role)) == secret
        return False

    def _in_keyring(self, role: Role) -> dict[str, str]:
        secret = self._with_keyring(lambda ring: ring.get_password(SERVICE, self._name(role)))
        if secret is None:
            raise ConfigError(f"The keyring has lost the {role}'s token: log in again with {command(role)!r}.")
        return dict(json.loads(secret))

    def _with_keyring(self, use: Callable[[Keyring], _T]) -> _T:
        ring = self.keyring()
        if ring is None:
            raise ConfigError(
                f"By {self.path} the token lies in the keyring of this system, and none can be used here: open it, or "
                "log in again with --file."
            )
        try:
            return use(ring)
        except Exception:
            raise ConfigError("The keyring of this system does not answer: unlock it, then try again.") from None

    def _read(self) -> dict[str, Any]:
        try:
            with self.path.open(encoding="utf-8") as file:
                if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                    raise ConfigError(f"Others can read the tokens in {self.path}: run 'chmod 600 {self.path}'.")
                rows = json.load(file)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            raise self._unreadable() from None
        if not isinstance(rows, dict) or not all(isinstance(row, dict) for row in rows.values()):
            raise self._unreadable()
        return rows

    def _unreadable(self) -> ConfigError:
        return ConfigError(f"{self.path} cannot be read: delete it, then log in again with 'magpie login'.")

    def _write(self, rows: dict[str, Any]) -> None:
        """A new file takes the place of the old one, so that there is always a whole one."""
        beside = self.path.with_name(f".{FILE}.{secrets.token_hex(4)}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                json.dump(rows, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path)
            for killed in self.folder.glob(f".{FILE}.*"):  # of whoever did not come to this point
                killed.unlink(missing_ok=True)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise ConfigError(
                f"{self.path} cannot be written: {error.strerror}; check the folder's permissions and free space."
            ) from None


def _host(instance: str) -> str:
    return urlsplit(instance if "://" in instance else f"https://{instance}").netloc.lower()


def command(role: Role) -> str:
    """What logs it in."""
    return _COMMANDS[role]
