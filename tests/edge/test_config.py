"""Both files become one Config, or every mistake of both is told at once, each at its place."""

import time
from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.edge.config import Config, ConfigMistakes, load
from monitor.edge.yamldoc import Mistake
from monitor.model import Claim, Exposure, Insured, Page, Severity, Terms
from monitor.policy import Matcher, Person, Route, Rule, Tier

SOURCES = ("gdelt", "gleif", "gb_gazette", "opencorporates")
ONE = "customers:\n- {name: Acme Ltd, country: GB}\n"


class Folder:
    """A configuration folder: write the two files, then load them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self, watchlist: str | bytes = ONE, counterwatch: str | bytes | None = None) -> Config:
        for name, text in (("watchlist.yaml", watchlist), ("counterwatch.yaml", counterwatch)):
            if text is not None:
                (self.path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(self.path, sources=SOURCES)

    def mistakes(self, watchlist: str | bytes = ONE, counterwatch: str | bytes | None = None) -> list[Mistake]:
        with pytest.raises(ConfigMistakes) as raised:
            self.load(watchlist, counterwatch)
        return list(raised.value.mistakes)

    def mistake(self, watchlist: str | bytes = ONE, counterwatch: str | bytes | None = None) -> Mistake:
        errors = [one for one in self.mistakes(watchlist, counterwatch) if one.severity == "error"]
        assert len(errors) == 1, [str(one) for one in errors]
        return errors[0]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def _customer(more: str) -> str:
    return f"customers:\n- name: Acme Ltd\n  country: GB\n  {more}\n"


# --------------------------------------------------------------------------- what is read


def test_a_whole_customer_is_read_as_written(folder: Folder) -> None:
    watchlist = """
version: 1
defaults: {tier: C, channel: "#customer-watch", review: {every: 180d}}
customers:
  - name: Nordlys Sjømat AS
    id: nordlys
    country: NO
    ids: {orgnr: 923 609 016, gb_company: 445790, cik: "320193", mx.rfc: GODE561231GR8, ico: 25596641, krs: 28860}
    aliases: [Nordlys, 北光海产]
    website: https://www.nordlys.example
    tier: A
    owner: li.wei@example.com
    channel: "#buyers-nordic"
    terms: OA60
    exposure: {open: 84000, in_transit: 26000.50, limit: 120000 USD, as_of: 2026-11-01}
    insured: {by: sinosure, limit: 60000 USD, share: 0.9, until: 2027-03-31}
    claims:
      founded: 1998
      address: {value: Oslo, said_by: buyer, on: 2026-03-03, file: q.pdf}
      officers: [Kari Nordmann]
    contacts: {mail_domains: [nordlys.example], bank: {country: NO, holder: Nordlys}, ship_to: [Oslo]}
    documents: {trade_licence: {expires: 2027-01-31}}
    industry: {nace: "03.21", keywords: [salmon], feeds: ["https://feeds.example/a"]}
    watch: {feeds: ["https://feeds.example/b"], pages: [{url: "https://x.example/", select: main}], exclude: club}
    sources: {off: [gdelt], on: [opencorporates]}
    review: {every: 90d, last: 2026-05-01}
  - {name: 北光海产, country: CN, terms: LC}
"""

    found = folder.load(watchlist, "rates: {USD: 0.92}\n")

    one, two = found.customers
    assert one.ids == {
        "no.orgnr": "923609016",
        "gb_company": "00445790",
        "cik": "0000320193",
        "mx.rfc": "GODE561231GR8",
        "cz.ico": "25596641",
        "krs": "0000028860",
    }
    assert (one.id, one.name, one.country, one.tier) == ("nordlys", "Nordlys Sjømat AS", "NO", "A")
    assert one.aliases == ("Nordlys", "北光海产")
    assert one.terms == Terms("OA", 60, "OA60")
    assert one.exposure == Exposure(
        open=Decimal(84000),
        in_transit=Decimal("26000.50"),
        limit=Decimal(120000),
        currency="USD",
        as_of=date(2026, 11, 1),
    )
    assert one.insured == Insured("sinosure", Decimal(60000), Decimal("0.9"), date(2027, 3, 31), "USD")
    assert one.claims == (
        Claim("founded", "1998"),
        Claim("address", "Oslo", "buyer", date(2026, 3, 3), "q.pdf"),
        Claim("officers", ["Kari Nordmann"]),
    )
    assert (one.feeds, one.industry_feeds) == (("https://feeds.example/b",), ("https://feeds.example/a",))
    assert (one.pages, one.exclude) == ((Page("https://x.example/", "main"),), ("club",))
    assert (one.off, one.on, one.line) == (frozenset({"gdelt"}), frozenset({"opencorporates"}), 5)
    assert (two.id, two.tier, two.channel, two.line) == ("c-8a7bb370", "C", "#customer-watch", 27)
    assert found.warnings == ()


def test_defaults_hold_wherever_they_stand_in_the_file(folder: Folder) -> None:
    found = folder.load(ONE + "defaults: {tier: A, owner: a@example.com, terms: DP30, channel: C0123456789}\n")

    one = found.customers[0]
    assert (one.tier, one.owner, one.channel, one.terms) == (
        "A",
        "a@example.com",
        "C0123456789",
        Terms("DP", 30, "DP30"),
    )


def test_an_absent_or_empty_counterwatch_yaml_means_the_defaults(folder: Folder) -> None:
    absent = folder.load()
    empty = folder.load(counterwatch="# nothing yet\n")

    assert absent.settings == empty.settings
    assert absent.settings.store == "sqlite:///counterwatch.db"
    assert absent.settings.http.concurrency == 64
    assert absent.settings.waits.settle == 15
    assert absent.policy.tiers["C"] == Tier(6.0)


def test_the_settings_become_the_policy(folder: Folder) -> None:
    counterwatch = """
language: zh
timezone: Asia/Shanghai
currency: USD
rates: {EUR: 1.09}
slack: {channel: "#a", ops_channel: "#b"}
people: {li: {mail: li@example.com, slack: U012ABCDEF, deputy: wang}, wang: {}}
insurers: {sinosure: {report_insolvency_workdays: 5}}
tiers: {A: {limit: 50000 EUR}, B: {pace: 3}}
rules:
  - {when: {types: reg.*, tiers: [B, C]}, set: low}
  - {name: quiet, when: {customers: acme}, mute: true, reason: known, until: 2027-01-01}
routes: [{when: {severities: high}, channel: "#law", mention: li}]
waits: {group: 500ms, second_look: 2s, opening: 0s}
self: {names: Us Ltd}
"""

    found = folder.load(counterwatch=counterwatch)

    policy = found.policy
    assert (policy.language, policy.timezone, policy.currency) == ("zh", "Asia/Shanghai", "USD")
    assert policy.rates == {"EUR": Decimal("1.09")}
    assert policy.tiers == {"A": Tier(1.0, Decimal(50000), "EUR"), "B": Tier(3.0), "C": Tier(6.0)}
    assert policy.people["li"] == Person("li", "li@example.com", "U012ABCDEF", deputy="wang")
    assert policy.insurers["sinosure"].report_insolvency_workdays == 5
    assert policy.rules == (
        Rule("rule 1", Matcher(types=("reg.*",), tiers=("B", "C")), set=Severity.LOW),
        Rule("quiet", Matcher(customers=("acme",)), mute=True, reason="known", until=date(2027, 1, 1)),
    )
    assert policy.routes == (Route("route 1", Matcher(severities=("high",)), "#law", "li"),)
    assert (policy.group_wait, policy.second_look, policy.opening_wait) == (0.5, 2.0, 0.0)
    assert found.settings.ourselves.names == ("Us Ltd",)


def test_a_source_has_its_own_block(folder: Folder) -> None:
    counterwatch = """
sources:
  gleif: {base_url: "http://127.0.0.1:9000", every: 1d, pace: 0.5, enabled: no, allow_private: true}
  gdelt: {allow_private: [127.0.0.1:9001], ports: [8443], urls: ["https://a.example/"], options: {courts: [a, b]}}
  opencorporates: {agreement: {accepted_by: Li Wei, on: 2026-05-01}}
"""

    found = folder.load(counterwatch=counterwatch).settings

    gleif, gdelt = found.source("gleif"), found.source("gdelt")
    assert (gleif.every, gleif.pace, gleif.enabled, gleif.allow_private.base) == (timedelta(days=1), 0.5, False, True)
    assert (gdelt.allow_private.hosts, gdelt.ports) == (("127.0.0.1:9001",), (8443,))
    assert found.block("gdelt") == {"courts": ["a", "b"], "urls": ["https://a.example/"]}
    assert found.source("gb_gazette").enabled is None
    assert found.source("opencorporates").agreement is not None


def test_a_proxy_may_name_its_user_and_a_channel_may_be_called_almost_anything(folder: Folder) -> None:
    found = folder.load(counterwatch='http: {proxy: "http://me@proxy:3128"}\nslack: {channel: "#xapp-customers"}\n')

    assert found.settings.http.proxy == "http://me@proxy:3128"
    assert found.policy.channel == "#xapp-customers"


def test_windows_files_read_like_any_other(folder: Folder) -> None:
    found = folder.load(b"\xef\xbb\xbf" + ONE.replace("\n", "\r\n").encode())

    assert found.customers[0].name == "Acme Ltd"


def test_unchanged_files_are_not_parsed_again(folder: Folder) -> None:
    first = folder.load()

    assert load(folder.path, sources=SOURCES, known=first) is first
    assert folder.load(ONE + "# a comment\n").digest != first.digest


def test_a_restart_takes_the_validated_list_of_an_unchanged_file(folder: Folder, tmp_path: Path) -> None:
    keep = tmp_path / "state" / "watchlist.kept"
    keep.parent.mkdir()
    folder.load(_customer("ids: {pe.ruc: 20512333798}\n  claims: {officers: [A, B]}\n  exposure: {open: 5.10}"))

    first = load(folder.path, sources=SOURCES, keep=keep)
    written = keep.read_bytes()
    keep.write_bytes(written.replace(b"Acme Ltd", b"Kept Ltd"))  # shows which of the two was taken
    second = load(folder.path, sources=SOURCES, keep=keep)

    assert [customer.name for customer in second.customers] == ["Kept Ltd"]
    assert replace(second.customers[0], name="Acme Ltd") == first.customers[0]
    assert second.warnings == first.warnings != ()
    assert keep.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("change", ["file", "people", "sources", "damage"])
def test_a_kept_list_is_left_aside_when_anything_it_rests_on_changed(
    folder: Folder, tmp_path: Path, change: str
) -> None:
    keep = tmp_path / "watchlist.kept"
    folder.load()
    load(folder.path, sources=SOURCES, keep=keep)
    kept = keep.read_bytes()
    keep.write_bytes(kept.replace(b"Acme Ltd", b"Kept Ltd") if change != "damage" else kept[:-20])
    if change == "file":
        folder.load(ONE + "# edited\n")
    if change == "people":
        folder.load(counterwatch="people: {li: {}}\n")

    found = load(folder.path, sources=SOURCES[1:] if change == "sources" else SOURCES, keep=keep)

    assert found.customers[0].name == "Acme Ltd"
    assert b"Acme Ltd" in keep.read_bytes()


def test_a_list_with_mistakes_is_never_kept(folder: Folder, tmp_path: Path) -> None:
    keep = tmp_path / "watchlist.kept"
    folder.mistakes("customers: [{name: A}]\n")

    with pytest.raises(ConfigMistakes):
        load(folder.path, sources=SOURCES, keep=keep)

    assert not keep.exists()


def test_a_folder_that_cannot_be_written_only_makes_the_start_slower(folder: Folder, tmp_path: Path) -> None:
    folder.load()

    assert load(folder.path, sources=SOURCES, keep=tmp_path / "nowhere" / "watchlist.kept").customers


# --------------------------------------------------------------------------- what is refused


def test_ten_mistakes_of_ten_kinds_are_told_at_once_each_at_its_line(folder: Folder) -> None:
    watchlist = """version: 1
customers:
  - name: One AS
    contry: "NO"
    ids: {orgnr: "923609017"}
  - name: Two Ltd
    country: UK
    exposure: {open: 12E5}
  - name: Three Ltd
    country: GB
    country: FR
    insured: {by: x, limit: 1, share: 0.9, until: 31.3.2027}
    sources: {off: [gdlet]}
  - name: !!str Four
    country: GB
"""
    counterwatch = "sources:\n  gleif: {every: 5}\nrules:\n  - {when: {types: x}, mute: true}\n"

    found = folder.mistakes(watchlist, counterwatch)

    assert [str(mistake) for mistake in found] == [
        "counterwatch.yaml:2:18: not a duration: “5” (write 30s, 15m, 8h or 90d)",
        "counterwatch.yaml:4:5: a mute needs a reason and an end (add reason: … and until: 2027-03-31)",
        "watchlist.yaml:4:5: unknown key “contry” (did you mean country?)",
        "watchlist.yaml:5:18: orgnr: the check digit is wrong: “923609017” (a digit is mistyped)",
        "watchlist.yaml:7:14: not a country code: “UK” (write GB)",
        "watchlist.yaml:8:22: not an amount: “12E5” "
        "(digits and a point, no separators: 50000 or 50000.50 or 50000 EUR)",
        "watchlist.yaml:11:5: the key country stands twice: here and in line 10 (keep one of the two)",
        "watchlist.yaml:12:51: not a date: “31.3.2027” (write year-month-day: 2026-03-31)",
        "watchlist.yaml:13:21: unknown source “gdlet” (did you mean gdelt?)",
        "watchlist.yaml:14:11: a tag is not allowed: !!str (write plain text, without !)",
    ]


@pytest.mark.parametrize(
    ("more", "line", "words"),
    [
        ("ids: {lei: 5493006MHB84DD0ZWV19}", 4, "the check digits of this LEI are wrong"),
        ("ids: {siren: 552100555}", 4, "the check digit is wrong"),
        ("ids: {vat: DE136695970}", 4, "the check digit is wrong"),
        ("ids: {cnpj: 16727230000198}", 4, "the check digit is wrong"),
        ("ids: {gb_company: 1234567890}", 4, "a UK company number has 8 characters"),
        ("ids: {mx.rcf: GODE561231GR8}", 4, "unknown identifier scheme"),
        ("ids: {orgnr: 923609016, no.orgnr: 974760673}", 4, "another key both give no.orgnr"),
        ("tier: D", 4, "not one of the known words"),
        ("terms: OA-60", 4, "not payment terms"),
        ("channel: buyers", 4, "not a Slack channel"),
        ("website: nordlys.example", 4, "not a web address"),
        ("website: javascript:alert(1)", 4, "not a web address"),
        ("owner: lee", 4, "nobody is called “lee” under people"),
        ("id: ../etc", 4, "not an id"),
        ("exposure: {open: 1_000}", 4, "not an amount"),
        ("exposure: {open: '12,500.00'}", 4, "not an amount"),
        ("exposure: {open: -5}", 4, "not an amount"),
        ("exposure: {open: 12:30:00}", 4, "not an amount"),
        ("exposure: {open: 5 EUR, limit: 5 USD}", 4, "amounts in EUR and USD"),
        ("exposure: 5", 4, "keys with values are expected here"),
        ("insured: {by: x, limit: 1, share: 90}", 4, "not a share between 0 and 1"),
        ("insured: {by: x, limit: 1}", 4, "share is missing"),
        ("documents: {licence: {expires: 2027-02-30}}", 4, "not a date"),
        ("review: {every: 1w}", 4, "not a duration"),
        ("watch: {pages: [{ulr: 'https://a.example/'}]}", 4, "unknown key “ulr”"),
        ("claims: {founded: {value: 1998, said_by: mother}}", 4, "not one of the known words"),
        ("aliases: {a: b}", 4, "a list is expected here"),
        ("claims: {a: {valu: 1, on: 2026-01-01}}", 4, "unknown key “valu”"),
        ("contacts: {bank: {hodler: x}}", 4, "unknown key “hodler”"),
        ("api_key: abcdef", 4, "“api_key” has no place here"),
    ],
)
def test_a_customer_with_a_mistake_is_refused(folder: Folder, more: str, line: int, words: str) -> None:
    mistake = folder.mistake(_customer(more), "people: {li: {mail: li@example.com}}\n")

    assert mistake.file == "watchlist.yaml"
    assert mistake.line == line
    assert words in mistake.message


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("sorces: {}", 1, "unknown key “sorces”"),
        ("sources: {glief: {}}", 1, "unknown source “glief”"),
        ("sources: {gleif: {every: -1h}}", 1, "not a duration"),
        ("sources: {gleif: {every: 0s}}", 1, "not a duration"),
        ("sources: {gleif: {every: '5'}}", 1, "not a duration"),
        ("sources: {gleif: {enabled: maybe}}", 1, "neither true nor false"),
        ("sources: {gleif: {allow_private: everything}}", 1, "neither true, false nor a list"),
        ("sources: {gleif: {allow_private: [127.0.0.1]}}", 1, "not a host and port"),
        ("sources: {gleif: {ports: [70000]}}", 1, "not a port"),
        ("store: mysql://x/y", 1, "not a store"),
        ("http: {proxy: 'socks5://p:1'}", 1, "not a web address"),
        ("sources: {gleif: {base_url: 'https://me@a.example/'}}", 1, "an address with a user name"),
        ("timezone: Mars/Olympus", 1, "not a time zone"),
        ("timezone: ../../etc/passwd", 1, "not a time zone"),
        ("language: fr", 1, "not one of the known words"),
        ("listen: 9464", 1, "not a place to listen"),
        ("listen: unix:http.sock", 1, "not a place to listen"),
        ("http: {concurrency: 0}", 1, "at least 1 is needed"),
        ("rates: {usd: 1}", 1, "not a currency"),
        ("rates: {USD: 0}", 1, "not a number above 0"),
        ("people: {li: {slack: li}}", 1, "this is not how it is written"),
        ("people: {li: {timezon: UTC}}", 1, "unknown key “timezon”"),
        ("people: {li: {deputy: wang}}", 1, "nobody is called “wang” under people"),
        ("tiers: {D: {pace: 1}}", 1, "not one of the known words"),
        (
            "lists: [{id: x, url: 'https://a.example/', match: {A: mx.rcf}, on_add: pay.x}]",
            1,
            "unknown identifier scheme",
        ),
        ("rules: [{when: {types: x}, mute: true, until: 2027-01-01}]", 1, "a mute needs a reason and an end"),
        ("rules: [{when: {types: x}}]", 1, "a rule sets a severity or mutes"),
        ("routes:\n- {when: {type: x}, channel: '#a'}", 2, "unknown key “type”"),
        ("routes: [{channel: '#a', mention: wang}]", 1, "nobody is called “wang” under people"),
        ("- a\n- b", 1, "keys with values are expected here"),
    ],
)
def test_settings_with_a_mistake_are_refused(folder: Folder, text: str, line: int, words: str) -> None:
    mistake = folder.mistake(counterwatch=text + "\n")

    assert (mistake.file, mistake.line) == ("counterwatch.yaml", line)
    assert words in mistake.message


def test_required_keys_are_named(folder: Folder) -> None:
    found = folder.mistakes("customers:\n- id: a\n- {name: , country: GB}\n- just text\n")

    assert [str(m) for m in found] == [
        "watchlist.yaml:2:3: name is missing (write name: …)",
        "watchlist.yaml:3:4: name is missing (write name: …)",
        "watchlist.yaml:4:3: a customer with name and country is expected here (write - name: …)",
    ]


def test_two_customers_with_one_id_are_told_with_both_lines(folder: Folder) -> None:
    given = folder.mistake("customers:\n- {name: A, country: GB, id: x}\n- {name: B, country: GB, id: x}\n")
    made = folder.mistake("customers: [{name: Ærø A/S, country: DK}, {name: aero a s, country: DK}]\n")

    assert (given.line, given.column) == (3, 30)
    assert given.message == "the customer in line 2 has the same id “x”"
    assert made.message == "the customer in line 1 has the same id “aero-a-s”"


@pytest.mark.parametrize("text", ["", "\n# later\n", "customers:\n", "customers: []\n", "version: 1\n"])
def test_an_empty_watchlist_never_means_no_customers(folder: Folder, text: str) -> None:
    mistake = folder.mistake(text)

    assert any(words in mistake.message for words in ("empty", "no customer is listed", "customers is missing"))


def test_an_absent_watchlist_says_what_to_type(folder: Folder) -> None:
    with pytest.raises(ConfigMistakes) as raised:
        load(folder.path, sources=SOURCES)

    assert "counterwatch init" in str(raised.value)
    assert len(raised.value.mistakes) == 1


def test_a_huge_file_is_refused_unopened(folder: Folder) -> None:
    path = folder.path / "watchlist.yaml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    begun = time.perf_counter()

    with pytest.raises(ConfigMistakes, match="larger than 20 MB"):
        load(folder.path, sources=SOURCES)

    assert time.perf_counter() - begun < 1


def test_a_broken_line_does_not_hide_the_mistakes_before_it(folder: Folder) -> None:
    found = folder.mistakes("customers:\n- {name: A, country: XX}\n- {name: B, country: [GB}\n")

    assert [m.line for m in found] == [2, 3]


# Put together here, so that no tool that looks for leaked secrets stops at this file.
_BOT = "xoxb-" + "1234567890-abcdefABCDEF"
_SECRETS = [
    (f"slack: {{token: {_BOT}}}", _BOT, "SLACK_BOT_TOKEN"),
    (f"# {_BOT}", _BOT, "SLACK_BOT_TOKEN"),
    ("slack: {channel: " + "xapp-" + "1-A02-345-abc}", "A02-345", "SLACK_APP_TOKEN"),
    ("slack: {webhook: https://hooks.slack" + ".com/services/T0/B0/abcdef}", "abcdef", "SLACK_WEBHOOK_URL"),
    ("store: postgresql+psycopg://me:hunter2@db/x", "hunter2", "store-password"),
    ("http: {proxy: 'http://me:hunter2@proxy:3128'}", "hunter2", "proxy-password"),
    ("sources: {gleif: {base_url: 'https://me:hunter2@a.example/'}}", "hunter2", "COUNTERWATCH_"),
]


@pytest.mark.parametrize(("text", "value", "advice"), _SECRETS)
def test_a_secret_in_the_file_is_refused_with_advice_and_never_shown(
    folder: Folder, text: str, value: str, advice: str
) -> None:
    mistake = folder.mistake(counterwatch=f"language: en\n{text}\n")

    assert mistake.line == 2
    assert advice in mistake.hint
    assert value not in str(mistake)


# --------------------------------------------------------------------------- warnings


def _warnings(folder: Folder, watchlist: str) -> list[str]:
    return [str(warning) for warning in folder.load(watchlist).warnings]


def test_a_failed_check_digit_elsewhere_is_only_a_warning(folder: Folder) -> None:
    found = folder.load(_customer("ids: {pe.ruc: 20512333798, nzbn: 9429000000001, ico: 25596640}"))

    assert [w.severity for w in found.warnings] == ["warning"] * 3
    assert found.customers[0].ids == {"pe.ruc": "20512333798", "nzbn": "9429000000001", "cz.ico": "25596640"}


def test_two_customers_with_one_number_are_a_warning(folder: Folder) -> None:
    listed = "customers:\n- {name: A, country: GB, ids: {gb_company: 445790}}\n"

    found = _warnings(folder, listed + "- {name: B, country: GB, ids: {gb_company: '00445790'}}\n")

    assert len(found) == 1
    assert found[0].startswith("watchlist.yaml:3:44: the customer in line 2 has the same gb_company “00445790”")


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("Асme Ltd", "U+0410, U+0441"),
        ("Acme\u200b Ltd", "U+200B"),
        ("Acme \u202eLtd", "U+202E"),
        ("Acme\u0007", "U+0007"),
    ],
)
def test_a_name_that_may_deceive_is_a_warning_with_code_points(folder: Folder, name: str, points: str) -> None:
    escaped = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in name)

    found = _warnings(folder, f'customers:\n- name: "{escaped}"\n  country: GB\n')

    assert len(found) == 1
    assert points in found[0]


@pytest.mark.parametrize(
    "name", ["北光海产 Nordlys", "Ærø A/S", "ООО Ромашка", "Ελλάδα AE", "Zürich Café", "株式会社ABC"]
)
def test_honest_names_of_many_alphabets_pass(folder: Folder, name: str) -> None:
    assert _warnings(folder, f"customers:\n- {{name: {name}, country: GB, id: x}}\n") == []


def test_a_currency_without_a_rate_is_told_once(folder: Folder) -> None:
    listed = "".join(f"- {{name: C{n}, country: US, exposure: {{open: 5, currency: USD}}}}\n" for n in range(3))

    found = _warnings(folder, f"customers:\n{listed}")

    assert len(found) == 1
    assert "amounts in USD cannot be weighed" in found[0]


# --------------------------------------------------------------------------- size


def test_ten_thousand_customers_are_read_in_seconds(folder: Folder) -> None:
    entry = '- {{name: Customer {0} Ltd, country: GB, ids: {{gb_company: "{0:08d}"}}, exposure: {{open: 5}}}}\n'
    watchlist = "customers:\n" + "".join(entry.format(number) for number in range(1, 10_001))
    begun = time.process_time()

    found = folder.load(watchlist)

    assert len(found.customers) == 10_000
    assert time.process_time() - begun < 5


_lines = st.sampled_from(
    [
        *ONE.splitlines(),
        "  ids: {lei: x}",
        "defaults: {tier: A}",
        "- name: B",
        "  country: FR",
        "tier: !x",
        "\t",
        "version: 2",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_lines, max_size=8))
def test_whatever_is_written_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, lines: Collection[str]) -> None:
    """Law: any watchlist gives customers or mistakes, never both, never another exception."""
    folder = Folder(tmp_path_factory.mktemp("config"))
    try:
        found = folder.load("\n".join(lines))
    except ConfigMistakes as refused:
        assert any(mistake.severity == "error" for mistake in refused.mistakes)
    else:
        assert found.customers
        assert all(warning.severity == "warning" for warning in found.warnings)
