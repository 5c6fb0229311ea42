"""The firewall's list, and who is in the way: `sources --hosts`, `doctor --reach`."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.app import health, network, speech
from monitor.app.refused import Refused
from monitor.edge import config as configs
from monitor.edge.settings import Keyring, Places, Secret, SlackAccess
from monitor.watcher import discover
from tests.corporate import Proxy, authority
from tests.house import watchlist
from tests.httpserver import Server, says

OTHERS = sorted(discover().keys() - {"gleif", "gb_gazette", "feed"})
OFF = "".join(f"  {name}: {{enabled: false}}\n" for name in OTHERS)


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    for name in ("SLACK_BOT_TOKEN", "SLACK_API_URL", "SLACK_WEBHOOK_URL", "COUNTERWATCH_PROXY_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "etc").mkdir()
    return Places(tmp_path / "etc", tmp_path / "state")


def configure(places: Places, settings: str, **customers: str) -> None:
    (places.config / "watchlist.yaml").write_text(watchlist(range(1, 3), **customers), "utf-8")
    (places.config / "counterwatch.yaml").write_text(settings, "utf-8")


def needs(places: Places, slack: SlackAccess = SlackAccess()) -> dict[str, network.Need]:
    config = configs.load(places.config, sources=discover())
    found, _ = network.needs(config, Keyring(slack=slack), discover(), places)
    return {one.place: one for one in found}


# --------------------------------------------------------------------------- the list


def test_the_list_names_every_host_with_who_needs_it(places: Places) -> None:
    feeds = 'feeds: ["https://news.example.com/rss", "http://other.example.com:8080/rss"]'
    settings = "sources:\n  feed: {ports: [8080]}\n" + OFF
    configure(places, settings, watch=f"{{{{{feeds}}}}}")

    found = needs(places, SlackAccess(bot_token=Secret("xoxb-1"), app_token=Secret("xapp-1")))

    assert {place: one.sources for place, one in found.items()} == {
        "api.gleif.org:443": ("gleif",),
        "www.thegazette.co.uk:443": ("gb_gazette",),
        "news.example.com:443": ("feed",),
        "other.example.com:8080": ("feed",),
        "slack.com:443": ("slack",),
        "wss-primary.slack.com:443": ("slack",),
        "wss-backup.slack.com:443": ("slack",),
    }
    assert all(one.used and not one.by_proxy for one in found.values())


def test_the_list_follows_test_addresses_and_names_what_two_sources_share_once(places: Places) -> None:
    mirror = 'base_url: "https://mirror.example.com:8443/x"'
    settings = f"sources:\n  gleif: {{{mirror}}}\n  gb_gazette: {{{mirror}, enabled: true}}\n" + OFF
    configure(places, settings)

    found = needs(places)

    assert found["mirror.example.com:8443"].sources == ("gb_gazette", "gleif")
    assert "api.gleif.org:443" not in found


def test_what_is_switched_off_needs_no_hole_and_what_nobody_needs_yet_is_marked(places: Places) -> None:
    configure(places, "sources:\n  gleif: {enabled: false}\n" + OFF)

    found = needs(places)

    assert "api.gleif.org:443" not in found
    assert not found["slack.com:443"].used


def test_behind_a_proxy_the_firewall_needs_one_hole_and_the_proxy_the_rest(places: Places) -> None:
    private = 'base_url: "http://10.1.2.3:9000", allow_private: true'
    store = "store: postgresql://cw@db.example.com/cw\n"
    proxy = "http: {proxy: 'http://me@gate.example.com:3128'}\n"
    configure(places, f"{store}{proxy}sources:\n  gb_gazette: {{{private}}}\n{OFF}")

    found = needs(places)

    direct = {place: one.sources for place, one in found.items() if not one.by_proxy}
    assert direct == {
        "gate.example.com:3128": ("proxy",),
        "db.example.com:5432": ("store",),
        "10.1.2.3:9000": ("gb_gazette",),
    }
    assert found["api.gleif.org:443"].by_proxy


def test_the_list_is_one_host_a_line_for_scripts(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    configure(places, "sources:\n" + OFF)

    assert network.hosts(places, as_json=True) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert network.hosts(places, as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()

    assert {"host": "api.gleif.org", "port": 443, "sources": ["gleif"], "via": "direct", "used": True} in rows
    assert [line.split()[0] for line in lines[1:]] == [f"{row['host']}:{row['port']}" for row in rows]


# --------------------------------------------------------------------------- knocking


@contextmanager
def outside(tmp_path: Path) -> Iterator[tuple[Proxy, Path]]:
    """A proxy with one source behind it, in a thread of its own: the command has a loop of its own."""
    company = authority(tmp_path)
    tls = company.issue("gleif.example.com", "gazette.example.com")
    ready, stop = threading.Event(), threading.Event()
    made: list[Proxy] = []

    async def serve() -> None:
        async with Server({"/": says(b"hello")}, tls=tls) as well, Server({"/": says(b"", status=503)}, tls=tls) as ill:
            routes = {
                "gleif.example.com:443": ("127.0.0.1", well.port),
                "gazette.example.com:443": ("127.0.0.1", ill.port),
            }
            async with Proxy(routes) as proxy:
                made.append(proxy)
                ready.set()
                while not stop.is_set():
                    await asyncio.sleep(0.02)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert ready.wait(10)
        yield made[0], company.bundle
    finally:
        stop.set()
        thread.join()


SETTINGS = """\
http: {{proxy: "{proxy}"{more}}}
sources:
  gleif: {{base_url: "https://gleif.example.com"}}
  gb_gazette: {{base_url: "https://gazette.example.com"}}
"""


def knocked(places: Places) -> dict[str, network.Knock]:
    """Knock as the command does, by host."""
    config = configs.load(places.config, sources=discover())
    return {one.need.host: one for one in network.knocks(config, Keyring(), discover(), places)}


def test_a_knock_tells_here_from_there(places: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with outside(tmp_path) as (proxy, ca):
        configure(places, SETTINGS.format(proxy=proxy.url, more=f", ca_bundle: {ca}") + OFF)

        found = knocked(places)
        proxy.refuses["gleif.example.com:443"] = 403
        barred = knocked(places)

    assert {host: (one.verdict, one.trouble) for host, one in found.items()} == {
        "gleif.example.com": ("reachable", False),
        "gazette.example.com": ("there", False),  # what is down there mends itself
    }
    assert (barred["gleif.example.com"].verdict, barred["gleif.example.com"].trouble) == ("here", True)
    network.tell(list(barred.values()), speech.voice(), as_json=False)
    assert "have the proxy let" in " ".join(capsys.readouterr().out.split())
    network.tell(list(barred.values()), speech.voice(), as_json=True)
    assert json.loads(capsys.readouterr().out.splitlines()[0])["status"] == 403


def test_a_knock_names_the_authority_that_is_missing(
    places: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with outside(tmp_path) as (proxy, _):
        configure(places, SETTINGS.format(proxy=proxy.url, more="") + OFF)

        found = knocked(places)

    one = found["gleif.example.com"]
    assert (one.verdict, one.found.issuer, one.trouble) == ("certificate", "Acme Inspection CA", True)
    network.tell([one], speech.voice(), as_json=False)
    assert "Acme Inspection CA" in " ".join(capsys.readouterr().out.split())


def test_a_proxy_that_is_down_is_refused_here(places: Places) -> None:
    configure(places, SETTINGS.format(proxy="http://127.0.0.1:9", more="") + OFF)

    assert {one.verdict for one in knocked(places).values()} == {"here"}


# --------------------------------------------------------------------------- what the others say


def test_an_unreadable_bundle_is_one_sentence_and_no_start(places: Places) -> None:
    configure(places, "http: {ca_bundle: none.pem}\n")

    with pytest.raises(Refused) as refused:
        knocked(places)

    assert refused.value.what == "ca_bundle"


def test_the_doctor_says_what_a_proxy_hides(places: Places) -> None:
    configure(places, SETTINGS.format(proxy="http://me@gate.example.com:3128", more="") + OFF)

    (said,) = health.hidden(configs.load(places.config, sources=discover()))

    row = said.row(speech.voice(), str)
    assert row["state"] == "note"
    assert "gate.example.com:3128" in row["says"]
    assert "not measurable" in row["says"]
    assert "me@" not in row["says"]
