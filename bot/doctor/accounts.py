"""The sources and the channel: what each needs, and for Mastodon the server, the account and what its token may do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

from agents.numbers import span
from bot.channels.mastodon_api import Api, Owner
from bot.connecting.bot_account import changes
from bot.connecting.instance import Handle, parse_handle, resolve
from bot.connecting.login import SCOPES, excess, lacking
from bot.doctor import telegram
from bot.doctor.findings import Check, Finding, Health, fault, warning, well
from bot.doctor.mastodon_look import CLOCKS_APART, PATIENCE, Instance, Look
from bot.doctor.patient import Patient
from bot.parlour import Parlour
from config.errors import ConfigError, MagpieError
from config.tokens import VARIABLES, Login, Role

_NEEDED = ("read:accounts", "read:statuses")
"""Without these a source reads nothing; without another, one feed less."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit to one account: ``handle`` is whose it should be."""

    patient: Patient
    role: Role
    handle: Handle
    look: Look
    instance: Instance
    login: Login | None  # whose token it is; None for one from the environment, which comes before a login

    @property
    def renew(self) -> str:
        """How to come to a new token."""
        command = "'magpie login --bot'" if self.role == "bot" else "'magpie login'"
        return f"run {command}" if self.login else f"take {VARIABLES[self.role]} away and run {command}"


def sources(patient: Patient) -> Iterator[Finding]:
    """Each by itself, so that one that is wrong hides no other."""
    magpie = patient.magpie
    tables: list[Any] = list(magpie.settings.sources)
    if magpie.given_sources is None and not tables:
        raise ConfigError("magpie.toml names no [[sources]]: add one, as the README shows.")
    for number, table in enumerate(tables):
        name = str(table.options.get("name", table.kind))
        try:
            alone = magpie.settings.model_copy(update={"sources": (table,)})
            given = magpie.given_sources
            source: Any = given[number] if given is not None else replace(magpie, settings=alone).sources[0]
            if table.kind == "mastodon":
                yield from _account(patient, "owner", patient.owner, source)
            else:
                yield well(name, "its settings are right")
        except MagpieError as error:
            yield fault(name, str(error))


def channels(patient: Patient) -> Iterator[Finding]:
    """Where Magpie and its owner talk; of several each by itself, and by its name."""
    parlours = patient.magpie.parlours
    if len(parlours) == 1:
        yield from _channel(patient, parlours[0])
        return
    for parlour in parlours:
        try:
            for finding in _channel(patient, parlour):
                yield replace(finding, name=f"{parlour.name} {finding.name}")
        except MagpieError as error:
            yield fault(parlour.name, str(error))


def _channel(patient: Patient, parlour: Parlour) -> Iterator[Finding]:
    table, speaker = parlour.table, cast("Any", parlour.channel)
    if table.kind == "mastodon":
        yield from _account(patient, "bot", str(table.options.get("handle", "")), speaker)
    elif table.kind == "telegram":
        yield from telegram.look(speaker)
    else:
        found = "here, with 'magpie chat'" if table.kind == "terminal" else "its settings are right"
        yield well(table.kind, found)


def _account(patient: Patient, role: Role, handle: str, part: Any) -> Iterator[Finding]:
    token = part.token() if callable(part.token) else part.token
    look = Look(part.base_url, token, patient.magpie.now)
    known = patient.servers.get(look.base_url)
    login = patient.magpie.tokens.login(role)
    own = login if login is not None and login.token == token else None
    visit = Visit(patient, role, parse_handle(handle), look, known or look.instance(), own)
    if known is None:
        patient.servers[look.base_url] = visit.instance
        yield from _server(visit)
    account = look.get("/api/v1/accounts/verify_credentials")
    if account.status != 200:
        yield _refused(visit, account.status)
        return
    person = _person(visit, account.said)
    yield person
    if person.health is Health.FAULT:
        return
    yield _scopes(visit)
    if role == "bot":
        yield _marked(visit, account.said)
        yield _hears(visit)


def _server(visit: Visit) -> Iterator[Finding]:
    found, instance = visit.look.host, visit.instance
    limits = f"{instance.characters} characters and {instance.media} pictures a post"
    live = "tells at once what comes in" if instance.streams else "has no stream, so it is asked from time to time"
    yield well("server", f"{found}: {instance.software}; {limits}; {live}")
    if instance.apart is not None and abs(instance.apart) > CLOCKS_APART:
        way = "behind" if instance.apart > timedelta() else "ahead of"
        said = f"this machine's clock is {span(instance.apart)} {way} that of {found}"
        yield warning("clock", said, "set it by network time, for example with 'timedatectl set-ntp true'")
    elif instance.apart is not None:
        yield well("clock", f"it agrees with that of {found}")


def _refused(visit: Visit, status: int) -> Finding:
    if status == 401:
        found = f"{visit.look.host} refuses the token: it is revoked, expired or copied wrongly"
        return fault("token", found, visit.renew)
    if status == 403:
        found = f"the token may not ask who it belongs to ({visit.look.host} answers 403)"
        return fault("token", found, f"{visit.renew}, and allow it all")
    found = f"{visit.look.host} does not say whose token it is (status {status})"
    return fault("token", found, "check the instance in magpie.toml")


def _person(visit: Visit, account: Mapping[str, Any]) -> Finding:
    name, hosts = str(account.get("username", "")), (visit.instance.domain, visit.look.host)
    same = name.lower() == visit.handle.name.lower()
    if same and (visit.handle.host in hosts or _leads_there(visit)):
        return well("account", f"the token is that of {visit.handle}")
    there = f"@{name}@{visit.instance.domain}"
    place = "[owner] handle" if visit.role == "owner" else "the handle of the channel"
    advice = f"{visit.renew} as {visit.handle}, or correct {place} in magpie.toml"
    return fault("account", f"the token is that of {there}, and magpie.toml says {visit.handle}", advice)


def _leads_there(visit: Visit) -> bool:
    with suppress(MagpieError):
        return resolve(visit.handle) == visit.look.base_url
    return False


def _scopes(visit: Visit) -> Finding:
    """By the login; for a token from elsewhere by what the server says, else by what it refuses."""
    granted = visit.login.scopes if visit.login else visit.look.scopes()
    less = lacking(visit.role, granted) if granted is not None else visit.look.refused(SCOPES[visit.role])
    more = excess(visit.role, granted) if granted is not None else []
    if more and visit.role == "owner":
        advice = f"{visit.renew}: that one can only read; then make this one worthless in your server's preferences"
        return fault("scopes", f"the owner's token could write for you ({', '.join(more)})", advice)
    if less:
        judged = fault if visit.role == "bot" or set(less) & set(_NEEDED) else warning
        found = f"the {visit.role}'s token lacks {', '.join(less)}"
        return judged("scopes", found, f"{visit.renew}, and allow it all")
    if more:
        return warning("scopes", f"the bot's token may do more than it needs ({', '.join(more)})", visit.renew)
    if granted is None:
        found = f"nothing needed is refused; whether the token could do more {visit.look.host} does not say"
        return warning("scopes", found, f"to be sure, {visit.renew}, which asks for no more")
    return well("scopes", "reading, and nothing else" if visit.role == "owner" else "hearing and speaking, no more")


def _marked(visit: Visit, account: Mapping[str, Any]) -> Finding:
    if not account.get("bot"):
        found = f"{visit.handle} is not marked as an automated account"
    elif changes(account, parse_handle(visit.patient.owner)):
        found = f"the bio of {visit.handle} does not say whose Magpie it is, or it can be found in directories"
    else:
        return well("profile", "marked as a bot, and its bio says whose it is")
    return warning("profile", found, "run 'magpie login --bot', or change it in the account's own preferences")


def _hears(visit: Visit) -> Finding:
    """Whether the bot's server knows the owner."""
    api = Api(visit.look.base_url, visit.look.token, PATIENCE, 1, lambda seconds: None)
    if Owner(visit.patient.owner.lower(), api).id:
        return well("owner", f"{visit.look.host} knows you")
    found = f"{visit.look.host} knows no account @{visit.patient.owner}"
    return fault("owner", found, "check [owner] handle, or let the bot's account search for you there once")


CHECKS = (
    Check("sources", "sources", sources),
    Check("channel", "channel", channels),
)
