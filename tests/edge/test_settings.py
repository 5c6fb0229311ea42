"""Folders, credentials and shipped files: where they come from, and that secrets stay unseen."""

import copy
import json
import logging
import pickle
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from monitor.edge.settings import CredentialUnreadable, Keyring, Places, Secret, credential, scrub, shipped
from monitor.watcher import Ask, Findings, Watcher, duration


async def _poll(ask: Ask) -> Findings:
    return Findings()


def _watcher(name: str, credentials: tuple[str, ...] = (), optional: tuple[str, ...] = ()) -> Watcher:
    return Watcher(
        name=name,
        family="registry",
        title=name,
        poll=_poll,
        scope="customer",
        mode="state",
        kinds=("company",),
        duties=(1,),
        needs=(),
        jurisdictions=("*",),
        hosts=(),
        every=duration("1d"),
        pace=1,
        credentials=credentials,
        optional_credentials=optional,
        version=1,
        official=True,
        default_on=True,
        experimental=False,
        needs_agreement=False,
        targets=None,
        max_bytes=1,
        max_seconds=1,
        terms="",
        docs="",
        about="",
    )


# --------------------------------------------------------------------------- secrets


def test_a_secret_never_shows_itself(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret("hunter2")
    shown = [
        str(secret),
        repr(secret),
        f"{secret}",
        f"{secret!r:>10}",
        str([secret]),
        str({"a": secret}),
    ]

    logging.getLogger("test").warning("got %s and %r", secret, secret)

    assert all("hunter2" not in text and "***" in text for text in [*shown, caplog.text])
    assert secret.reveal() == "hunter2"
    assert secret == Secret("hunter2")
    assert secret != "hunter2"


@pytest.mark.parametrize("write", [pickle.dumps, copy.deepcopy, json.dumps])
def test_a_secret_is_never_written_down(write: object) -> None:
    with pytest.raises(TypeError):
        write(Secret("hunter2"))  # type: ignore[operator]


def test_a_systemd_credential_comes_before_the_environment(tmp_path: Path) -> None:
    environ = {"COUNTERWATCH_GB_COMPANIES_HOUSE_KEY": "from the environment"}
    (tmp_path / "gb_companies_house-key").write_text("from systemd\n")

    first = credential("gb_companies_house", "key", environ, tmp_path)
    second = credential("gb_companies_house", "key", environ)

    assert first == Secret("from systemd")
    assert second == Secret("from the environment")


@pytest.mark.parametrize("written", ["", "  \n"])
def test_an_empty_credential_is_none(tmp_path: Path, written: str) -> None:
    (tmp_path / "a-key").write_text(written)

    assert credential("a", "key", {"COUNTERWATCH_A_KEY": written}, tmp_path) is None


def test_a_credential_that_cannot_be_read_is_told_without_its_value(tmp_path: Path) -> None:
    (tmp_path / "a-key").write_bytes(b"\xff\xfehunter2")

    with pytest.raises(CredentialUnreadable, match="the credential a-key cannot be read") as raised:
        credential("a", "key", {}, tmp_path)

    assert "hunter2" not in str(raised.value)


def test_the_keyring_holds_what_is_declared_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "slack-bot-token").write_text("bot\n")
    (tmp_path / "store-password").write_text("pw")
    environ = {
        "SLACK_BOT_TOKEN": "older",
        "SLACK_WEBHOOK_URL": "hook",
        "SLACK_API_URL": "http://127.0.0.1:1/",
        "COUNTERWATCH_A_KEY": "k",
        "COUNTERWATCH_A_EXTRA": "x",
        "COUNTERWATCH_A_UNDECLARED": "u",
    }

    keys = Keyring.read([_watcher("a", ("key",), ("extra",)), _watcher("b", ("key",))], environ, tmp_path)

    assert keys.slack.bot_token == Secret("bot")
    assert keys.slack.app_token is None
    assert keys.slack.api_url == "http://127.0.0.1:1/"
    assert keys.store_password == Secret("pw")
    assert keys.revealed() == {"a": {"key": "k", "extra": "x"}}
    assert keys.of("b") == {}
    assert keys.values() == {"bot", "hook", "pw", "k", "x"}
    assert not any(value in repr(keys) for value in ("'bot'", "'hook'", "'pw'", "'k'"))


def test_scrubbing_takes_secrets_out_and_leaves_the_rest() -> None:
    environ = {
        "PATH": "/bin",
        "SLACK_BOT_TOKEN": "1",
        "SLACK_APP_TOKEN": "2",
        "SLACK_WEBHOOK_URL": "3",
        "SLACK_API_URL": "http://a",
        "COUNTERWATCH_A_KEY": "4",
        "COUNTERWATCH_STORE_PASSWORD": "5",
        "COUNTERWATCH_PROXY_PASSWORD": "6",
        "COUNTERWATCH_SHARED": "/x",
    }

    scrub(environ, [_watcher("a", (), ("key",))])

    assert environ == {"PATH": "/bin", "SLACK_API_URL": "http://a", "COUNTERWATCH_SHARED": "/x"}


# --------------------------------------------------------------------------- places


def test_places_come_from_the_option_then_systemd_then_the_working_folder(tmp_path: Path) -> None:
    systemd = {"CONFIGURATION_DIRECTORY": "/etc/cw:/etc/other", "STATE_DIRECTORY": "/var/lib/cw", "HOME": "/home/me"}

    option = Places.find(systemd, tmp_path)
    unit = Places.find(systemd)
    bare = Places.find({"HOME": "/home/me"})

    assert (option.config, option.state) == (tmp_path, Path("/var/lib/cw"))
    assert unit.config == Path("/etc/cw")
    assert bare.config == Path.cwd() / "config"
    assert bare.state == Path("/home/me/.local/state/counterwatch")
    assert unit.beside_config("ledger.csv") == Path("/etc/cw/ledger.csv")
    assert unit.beside_config("/srv/ledger.csv") == Path("/srv/ledger.csv")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///counterwatch.db", "sqlite:////state/counterwatch.db"),
        ("sqlite:///sub/x.db", "sqlite:////state/sub/x.db"),
        ("sqlite:////abs/x.db", "sqlite:////abs/x.db"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("postgresql+psycopg://me@db/x", "postgresql+psycopg://me:p%40ss@db/x"),
    ],
)
def test_the_store_lies_in_the_state_folder_and_gets_its_password(url: str, expected: str) -> None:
    places = Places(Path("/config"), Path("/state"))

    found = places.store_url(url, Secret("p@ss"))

    assert found.reveal() == expected
    assert "p%40ss" not in str(found)


def test_a_state_folder_with_odd_characters_is_found_again() -> None:
    places = Places(Path("/config"), Path("/home/me/a b?c%20"))

    found = make_url(places.store_url("sqlite:///x.db").reveal())

    assert found.database == "/home/me/a b?c%20/x.db"


# --------------------------------------------------------------------------- shipped files


def test_shipped_files_are_found_and_missing_ones_are_told() -> None:
    assert b"customers:" in shipped("watchlist.example.yaml").read_bytes()
    with pytest.raises(FileNotFoundError, match=r"without nothing\.yaml"):
        shipped("nothing.yaml")
