"""Getting connected: init, login, logout."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.app import CONFIG, Config, app, beside, echo
from config.errors import ChannelError, ConfigError, MagpieError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.build import Magpie
    from bot.connecting.instance import Handle
    from bot.connecting.login import Connected, Way
    from config.tokens import Role, Tokens

Bot = Annotated[bool, typer.Option("--bot", help="The account that Magpie speaks from.")]
Telegram = Annotated[bool, typer.Option("--telegram", help="The bot on Telegram.")]
Paste = Annotated[bool, typer.Option("--paste", help="No browser here: open an address anywhere, paste the code.")]
InFile = Annotated[bool, typer.Option("--file", help="Keep the token in the data folder, not in the keyring.")]

SPEAKERS: dict[str, tuple[Role, ...]] = {"mastodon": ("bot",), "telegram": ("telegram",), "both": ("bot", "telegram")}
"""Channel → the accounts that Magpie speaks from in it."""


@app.command()
def init(
    handle: Annotated[str, typer.Option(help="Your handle, such as @me@example.social.")] = "",
    instance: Annotated[str, typer.Option(help="Your server.")] = "",
    channel: Annotated[
        str, typer.Option(help="Where Magpie talks with you: mastodon, telegram, both or terminal.")
    ] = "",
    bot_handle: Annotated[str, typer.Option(help="The account that Magpie speaks from.")] = "",
    bot_instance: Annotated[str, typer.Option(help="The server of that account.")] = "",
    hour: Annotated[str, typer.Option(help="When a digest is due: 8:00, or several with commas.")] = "",
    time_zone: Annotated[str, typer.Option(help="Such as Europe/Berlin.")] = "",
    languages: Annotated[str, typer.Option(help="Those you read: en,de.")] = "",
    interests: Annotated[str, typer.Option(help="In plain words.")] = "",
    model: Annotated[str, typer.Option(help="none, local, mlx or openai.")] = "",
    model_base_url: Annotated[str, typer.Option(help="For openai: the server's address.")] = "",
    model_name: Annotated[str, typer.Option(help="For openai: the model's name there.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing: take what is likely.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a magpie.toml that is there.")] = False,
    config: Config = CONFIG,
) -> None:
    """Write magpie.toml, question by question, and connect your accounts."""
    given = {key: value for key, value in locals().items() if isinstance(value, str) and value}
    from bot.connecting.interview import Interview
    from bot.connecting.wizard import settings_file, write
    from config.tokens import command

    _make_room(config, yes=yes, overwrite=overwrite)
    if yes and not bot_handle:
        given.setdefault("channel", "terminal")
    answers = Interview(given, _likely if yes else _prompt, _find).answers()
    write(config, settings_file(answers))
    echo(f"{config} is written.")
    magpie = beside(config)
    roles: tuple[Role, ...] = ("owner", *SPEAKERS.get(answers.channel, ()))
    left = [role for role in roles if yes or not _offer(magpie, role)]
    commands = [command(role) for role in left]
    echo("Next: " + ", then ".join([*commands, "magpie run"]) + ".")


@app.command()
def login(
    handle: Annotated[str, typer.Argument(help="@me@example.social; as magpie.toml says if left out.")] = "",
    bot: Bot = False,
    instance: Annotated[str, typer.Option(help="The server, where the handle does not lead to it.")] = "",
    paste: Paste = False,
    in_file: InFile = False,
    profile: Annotated[bool, typer.Option("--profile/--no-profile", help="Mark the bot's account as one.")] = True,
    telegram: Telegram = False,
    config: Config = CONFIG,
) -> None:
    """Connect your account, to read; or, with --bot or --telegram, what Magpie speaks from."""
    if telegram:
        from bot.cli.connect_telegram import log_in

        if handle or bot or instance or paste:
            raise typer.BadParameter("--telegram logs in a bot by its token alone: leave out what is said beside it")
        log_in(beside(config), in_file=in_file)
        return
    _login(beside(config), "bot" if bot else "owner", handle, instance, _way(paste), in_file=in_file, profile=profile)


@app.command()
def logout(
    handle: Annotated[str, typer.Argument(help="@me@example.social; your own if left out.")] = "",
    bot: Bot = False,
    telegram: Telegram = False,
    everybody: Annotated[bool, typer.Option("--all", help="All there are.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Forget the token here even if its server is away.")] = False,
    config: Config = CONFIG,
) -> None:
    """Make a token worthless on its server, and forget it here."""
    tokens = beside(config).tokens
    roles: tuple[Role, ...] = ("owner", "bot") if everybody else ("bot",) if bot else () if telegram else ("owner",)
    for role in (_role_of(tokens, handle),) if handle else roles:
        _logout(tokens, role, force=force)
    if telegram or (everybody and "telegram" in tokens.known()):
        from bot.cli.connect_telegram import log_out

        log_out(tokens)


def _login(
    magpie: Magpie, role: Role, text: str, instance: str, way: Way, *, in_file: bool = False, profile: bool = True
) -> None:
    from bot.connecting.instance import resolve
    from bot.connecting.login import connect, excess, log_out
    from memory.lock import in_use

    tokens, handle = magpie.tokens, _handle(magpie, role, text)
    tokens.known()  # a file that cannot be used is told before the owner goes through it all
    connected = connect(role, handle, resolve(handle, instance or _instance(magpie, role)), way)
    before = None
    with suppress(ConfigError):
        before = tokens.login(role)
    try:
        where = tokens.keep(connected.login, in_file=in_file)
    except ConfigError:
        with suppress(MagpieError):
            log_out(connected.login)
        raise
    if before:
        with suppress(MagpieError):
            log_out(before)
    echo(f"{handle} is connected. The token is kept in {where}.")
    if more := excess(role, connected.login.scopes):
        echo(f"Its server has granted more than is needed: {', '.join(more)}.")
    _mention_environment(role, "and comes before the login")
    if role == "bot" and profile:
        _mark(magpie.settings.owner.handle, connected, way)
    if in_use(magpie.settings.data):
        echo("A Magpie is running: start it anew to use this login.")


def _mark(owner_handle: str, connected: Connected, way: Way) -> None:
    from bot.connecting.bot_account import changes, line, mark
    from bot.connecting.instance import parse_handle

    bot, owner = parse_handle(connected.login.handle), parse_handle(owner_handle)
    if not changes(connected.account, owner):
        return
    echo("Its profile does not yet say that it is a bot, and whose. For that its server asks once more;")
    echo("this second permission is used once and handed back.")
    try:
        mark(bot, connected.login.base_url, owner, way)
    except MagpieError as error:
        echo(f"magpie: {error}", err=True)
        echo(f"Please mark {bot} as an automated account yourself, and add to its bio: {line(owner)}", err=True)
        raise typer.Exit(1) from None
    echo(f"{bot} is marked as a bot, and its bio says that it is the Magpie of {owner}.")


def _logout(tokens: Tokens, role: Role, *, force: bool) -> None:
    from bot.connecting.login import log_out

    known = tokens.known().get(role)
    if known is None:
        echo(f"The {role} is not logged in.")
    else:
        try:
            login = tokens.login(role)
            if login:
                log_out(login)
            echo(f"@{known} is logged out: the token is revoked and forgotten.")
        except (ChannelError, ConfigError) as error:
            if not force:
                hint = "with --force the token is forgotten here, and good there until you revoke it"
                raise type(error)(f"{str(error).rstrip('.')}; {hint}.") from None
            echo(f"The token of @{known} is forgotten here. Revoke it on its server: {error}")
        tokens.forget(role)
    _mention_environment(role, "and stays there")


def _mention_environment(role: Role, what: str) -> None:
    from config.tokens import VARIABLES

    if os.environ.get(VARIABLES[role]):
        echo(f"{VARIABLES[role]} is in the environment, {what}.")


def _way(paste: bool) -> Way:
    import webbrowser

    from bot.connecting.landing import browser_at_hand
    from bot.connecting.login import Way

    browse = None if paste or not browser_at_hand() else webbrowser.open
    return Way(echo, lambda: str(typer.prompt("Code")), browse)


def _handle(magpie: Magpie, role: Role, text: str) -> Handle:
    """The handle that was meant. Raises ConfigError when magpie.toml says another."""
    from bot.connecting.instance import parse_handle

    said = magpie.settings.owner.handle
    if role == "bot":
        spoken = (table.options.get("handle", "") for table in magpie.settings.places if table.kind == "mastodon")
        said = str(next(spoken, ""))
    if not (text or said):
        raise ConfigError(
            "magpie.toml names no account to speak from: say which, as in --bot @my_magpie@example.social."
        )
    handle = parse_handle(text or said)
    if said and handle.bare.lower() != parse_handle(said).bare.lower():
        raise ConfigError(f"magpie.toml says {parse_handle(said)}, and not {handle}: correct one of them.")
    return handle


def _instance(magpie: Magpie, role: Role) -> str:
    tables = magpie.settings.sources if role == "owner" else magpie.settings.places
    return next((str(t.options["instance"]) for t in tables if t.kind == "mastodon" and "instance" in t.options), "")


def _role_of(tokens: Tokens, text: str) -> Role:
    from bot.connecting.instance import parse_handle

    wanted = parse_handle(text)
    for role, handle in tokens.known().items():
        if handle.lower() == wanted.bare.lower():
            return role
    raise ConfigError(f"Nobody is logged in as {wanted}: 'magpie logout --all' logs out all there are.")


def _make_room(config: Path, *, yes: bool, overwrite: bool) -> None:
    if not config.exists() or overwrite:
        return
    if yes or not typer.confirm(f"There is a {config} already. Replace it?", default=False):
        raise ConfigError(f"{config} stays as it is: use --overwrite to replace it.")


def _offer(magpie: Magpie, role: Role) -> bool:
    """Whether the owner is through with this login."""
    whom = "your bot on Telegram" if role == "telegram" else str(_handle(magpie, role, ""))
    if not typer.confirm(f"Connect {whom} now?", default=True):
        return False
    try:
        if role == "telegram":
            from bot.cli.connect_telegram import log_in

            log_in(magpie)
        else:
            _login(magpie, role, "", "", _way(paste=False))
    except MagpieError as error:
        echo(f"magpie: {error}", err=True)
        return False
    return True


def _find(handle: Handle) -> str:
    """Its server, or what the handle says where nobody can be asked."""
    from bot.connecting.instance import resolve

    try:
        return resolve(handle)
    except MagpieError as error:
        echo(f"magpie: {error}", err=True)
        return handle.host


def _prompt(words: str, likely: str, check: Callable[[str], object]) -> str:
    def checked(text: str) -> str:
        try:
            check(text)
        except ConfigError as error:
            raise typer.BadParameter(str(error)) from None
        return text

    answer: Any = typer.prompt(words, default=likely, show_default=bool(likely), value_proc=checked)
    return str(answer)


def _likely(words: str, likely: str, check: Callable[[str], object]) -> str:
    check(likely)
    return likely
