"""What the machine gives: folders, the environment, systemd credentials and the data files shipped with the program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.watcher import Watcher


class Secret:
    """A text that never shows itself: print, repr, format, logs and tracebacks give `***`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the text itself; call this only where it is handed to its receiver."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format("***", spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a secret is never written down")


# --------------------------------------------------------------------------- places


@dataclass(frozen=True, slots=True)
class Places:
    """Where the files a person edits are, where the daemon keeps its own, and where systemd puts credentials."""

    config: Path
    state: Path
    credentials: Path | None = None

    @classmethod
    def find(cls, environ: Mapping[str, str], config: Path | None = None) -> Places:
        """Find them: --config, $CONFIGURATION_DIRECTORY or ./config; $STATE_DIRECTORY or ~/.local/state/counterwatch."""
        given, state = _folder(environ, "CONFIGURATION_DIRECTORY"), _folder(environ, "STATE_DIRECTORY")
        home = Path(environ["HOME"]) if environ.get("HOME") else Path.home()
        return cls(
            config=(config or given or Path("config")).absolute(),
            state=(state or home / ".local" / "state" / "counterwatch").absolute(),
            credentials=_folder(environ, "CREDENTIALS_DIRECTORY"),
        )

    def beside_config(self, path: str) -> Path:
        """Return a ledger or list path; a relative one counts from the configuration folder."""
        return self.config / path

    def store_url(self, url: str, password: Secret | None = None) -> Secret:
        """Return the store's address as SQLAlchemy wants it: relative SQLite files in the state folder, password filled in."""
        from sqlalchemy.engine import make_url  # late: it is heavy, and `check` does not need it

        parts = make_url(url)
        if parts.get_backend_name() == "sqlite":
            if not parts.database or parts.database == ":memory:" or parts.database.startswith(("/", "file:")):
                return Secret(url)
            parts = parts.set(database=str(self.state / parts.database))
        elif password is not None:
            parts = parts.set(password=password.reveal())
        return Secret(parts.render_as_string(hide_password=False))


def _folder(environ: Mapping[str, str], name: str) -> Path | None:
    # systemd joins several folders with colons; the first is ours.
    first = environ.get(name, "").split(":", 1)[0]
    return Path(first) if first else None


# --------------------------------------------------------------------------- credentials

_SLACK = {
    "bot_token": "SLACK_BOT_TOKEN",
    "app_token": "SLACK_APP_TOKEN",
    "webhook_url": "SLACK_WEBHOOK_URL",
}
_API_URL = "SLACK_API_URL"  # an address, not a secret


class CredentialUnreadable(Exception):  # noqa: N818 - it says what happened
    """A credential file is there but cannot be read."""


def environment_name(source: str, field: str) -> str:
    return f"COUNTERWATCH_{source}_{field}".upper()


def credential(
    source: str, field: str, environ: Mapping[str, str], credentials_dir: Path | None = None
) -> Secret | None:
    """Return a credential: the systemd file `<source>-<field>`, else COUNTERWATCH_<SOURCE>_<FIELD>, else None.

    Raises CredentialUnreadable if the file is there but cannot be read as text.
    """
    return _from(f"{source}-{field}", environment_name(source, field), environ, credentials_dir)


def _from(file: str, name: str, environ: Mapping[str, str], folder: Path | None) -> Secret | None:
    written = _file(folder / file) if folder is not None else ""
    value = written or environ.get(name, "").strip()
    return Secret(value) if value else None


def _file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise CredentialUnreadable(f"the credential {path.name} cannot be read: {type(error).__name__}") from None


@dataclass(frozen=True, slots=True)
class SlackAccess:
    """How Slack is reached. Without a bot token and a webhook, alerts go to the console."""

    bot_token: Secret | None = None
    app_token: Secret | None = None
    webhook_url: Secret | None = None
    api_url: str | None = None  # a test server


@dataclass(frozen=True, slots=True)
class Keyring:
    """Every credential, read once at start so that the environment can be cleaned afterwards."""

    slack: SlackAccess = SlackAccess()
    store_password: Secret | None = None
    proxy_password: Secret | None = None
    sources: Mapping[str, Mapping[str, Secret]] = field(default_factory=dict)  # source -> field -> secret

    @classmethod
    def read(
        cls, watchers: Iterable[Watcher], environ: Mapping[str, str], credentials_dir: Path | None = None
    ) -> Keyring:
        """Read what the watchers declare, and Slack's, the store's and the proxy's own."""
        found: dict[str, dict[str, Secret]] = {}
        for watcher in watchers:
            for name in (*watcher.credentials, *watcher.optional_credentials):
                secret = credential(watcher.name, name, environ, credentials_dir)
                if secret is not None:
                    found.setdefault(watcher.name, {})[name] = secret
        return cls(
            slack=_slack(environ, credentials_dir),
            store_password=credential("store", "password", environ, credentials_dir),
            proxy_password=credential("proxy", "password", environ, credentials_dir),
            sources=found,
        )

    def over(self, fresh: Keyring) -> Keyring:
        """Return these credentials with fresh ones in their place where there are any."""
        mine = {source: {**self.sources.get(source, {}), **fresh.sources.get(source, {})} for source in self.sources}
        return Keyring(
            slack=SlackAccess(
                fresh.slack.bot_token or self.slack.bot_token,
                fresh.slack.app_token or self.slack.app_token,
                fresh.slack.webhook_url or self.slack.webhook_url,
                self.slack.api_url,
            ),
            store_password=fresh.store_password or self.store_password,
            proxy_password=fresh.proxy_password or self.proxy_password,
            sources={**fresh.sources, **mine},
        )

    def of(self, source: str) -> Mapping[str, Secret]:
        return self.sources.get(source, {})

    def revealed(self) -> dict[str, dict[str, str]]:
        """Return the sources' credentials as the texts that watchers are handed."""
        return {source: {name: one.reveal() for name, one in fields.items()} for source, fields in self.sources.items()}

    def values(self) -> frozenset[str]:
        """Return every secret text, for the filter that masks them in logs."""
        own = (
            self.slack.bot_token,
            self.slack.app_token,
            self.slack.webhook_url,
            self.store_password,
            self.proxy_password,
        )
        all_of_them = (*own, *(secret for fields in self.sources.values() for secret in fields.values()))
        return frozenset(secret.reveal() for secret in all_of_them if secret is not None)


def _slack(environ: Mapping[str, str], folder: Path | None) -> SlackAccess:
    secrets = {
        key: _from(name.lower().replace("_", "-"), name, environ, folder) for key, name in _SLACK.items()
    }  # SLACK_BOT_TOKEN is the systemd credential slack-bot-token
    return SlackAccess(**secrets, api_url=environ.get(_API_URL) or None)


def scrub(environ: MutableMapping[str, str], watchers: Iterable[Watcher]) -> None:
    """Take every credential out of the environment: it shows in /proc and children inherit it."""
    names = {*_SLACK.values(), environment_name("store", "password"), environment_name("proxy", "password")}
    for watcher in watchers:
        names.update(environment_name(watcher.name, f) for f in (*watcher.credentials, *watcher.optional_credentials))
    for name in names & environ.keys():
        del environ[name]


# --------------------------------------------------------------------------- shipped files

_PACKAGE = Path(__file__).parents[1]


def shipped(name: str) -> Path:
    """Return a data file of the program (`events.yaml`, `text/en.yaml`, `schema/…`).

    In an installed wheel it is package data (setup.py maps the folder config/ onto monitor/shipped), in a
    checkout it is the folder config/ itself. Raises FileNotFoundError.
    """
    for folder in (_PACKAGE / "shipped", _PACKAGE.parent / "config"):
        if (found := folder / name).is_file():
            return found
    raise FileNotFoundError(f"the program was installed without {name}; install it again")
