"""`init` writes what `check` accepts; `check` tells mistakes, warnings, and who is watched by what."""

import json
from pathlib import Path

import pytest

from monitor.app import speech
from monitor.app.check import Report, check, init, lines, rows
from monitor.app.refused import Refused
from monitor.watcher import Ask, Findings, Target, Watcher, duration


async def _poll(ask: Ask) -> Findings:
    return Findings()


def _watcher(name: str, **more: object) -> Watcher:
    declared: dict[str, object] = {
        "name": name,
        "family": "registry",
        "title": name.title(),
        "poll": _poll,
        "scope": "customer",
        "mode": "state",
        "kinds": ("company",),
        "duties": (1,),
        "needs": (),
        "jurisdictions": ("*",),
        "hosts": ("a.example",),
        "every": duration("1d"),
        "pace": 1.0,
        "credentials": (),
        "optional_credentials": (),
        "version": 1,
        "official": True,
        "default_on": True,
        "experimental": False,
        "needs_agreement": False,
        "targets": None,
        "max_bytes": 1,
        "max_seconds": 1.0,
        "terms": "",
        "docs": "",
        "about": "",
    }
    return Watcher(**(declared | more))  # type: ignore[arg-type]


WATCHERS = {
    "gleif": _watcher("gleif", needs=("lei",)),
    "paid": _watcher("paid", credentials=("key",)),
    "sweep": _watcher("sweep", scope="stream", targets=lambda customers, block: [Target("all", "https://b.example/")]),
}


def _lines(report: Report) -> str:
    return "\n".join(lines(report))


def test_init_writes_files_that_check_accepts(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "config"

    written = init(folder)
    report = check(folder, WATCHERS, {})

    assert [path.relative_to(folder).as_posix() for path in written] == [
        "watchlist.yaml",
        "counterwatch.yaml",
        "schema/watchlist.schema.json",
        "schema/counterwatch.schema.json",
    ]
    assert report.exit_code == 0
    assert report.customers[0].watchers == ("gleif", "sweep")
    assert report.watches == 2
    first = (folder / "watchlist.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert (folder / first.rpartition("=")[2]).is_file()


@pytest.mark.parametrize("name", ["watchlist.yaml", "counterwatch.yaml"])
def test_init_never_writes_over_a_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")

    with pytest.raises(Refused) as refused:
        init(tmp_path)

    assert f"already holds {name}; nothing was written" in refused.value.told(speech.voice())
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_each_customer_is_told_what_it_gets_and_why_not_the_rest(tmp_path: Path) -> None:
    (tmp_path / "watchlist.yaml").write_text(
        "customers:\n"
        "- {name: Acme Ltd, country: GB, ids: {lei: OW6OFBNCKXC4US5C7523}}\n"
        "- {name: Beta Ltd, country: GB, sources: {off: [sweep]}}\n"
    )

    report = check(tmp_path, WATCHERS, {})
    told = _lines(report)

    assert list(rows(report)) == [
        {
            "customer": "acme-ltd",
            "name": "Acme Ltd",
            "line": 2,
            "watchers": ["gleif", "sweep"],
            "without": {"paid": "needs a credential: COUNTERWATCH_PAID_KEY"},
        },
        {
            "customer": "beta-ltd",
            "name": "Beta Ltd",
            "line": 3,
            "watchers": [],
            "without": {
                "gleif": "needs ids: lei",
                "paid": "needs a credential: COUNTERWATCH_PAID_KEY",
                "sweep": "switched off for this customer",
            },
        },
    ]
    assert told.count("COUNTERWATCH_PAID_KEY") == 1  # what holds for all is said once
    assert "not gleif: needs ids: lei" in told
    assert told.endswith("Both files are sound: 2 customers, 2 watches.")


def test_a_credential_in_the_environment_or_from_systemd_counts(tmp_path: Path) -> None:
    (tmp_path / "watchlist.yaml").write_text("customers: [{name: A, country: GB}]\n")
    (tmp_path / "paid-key").write_text("from systemd")

    by_environment = check(tmp_path, WATCHERS, {"COUNTERWATCH_PAID_KEY": "k-123"})
    by_systemd = check(tmp_path, WATCHERS, {"CREDENTIALS_DIRECTORY": str(tmp_path)})

    assert by_environment.customers[0].watchers == by_systemd.customers[0].watchers == ("paid", "sweep")
    assert "k-123" not in _lines(by_environment)


def test_mistakes_end_with_two_and_read_nothing(tmp_path: Path) -> None:
    (tmp_path / "watchlist.yaml").write_text("customers:\n- {name: Аcme, country: XX}\n- {name: B}\n")

    report = check(tmp_path, WATCHERS, {})

    assert report.exit_code == 2
    assert report.customers == ()
    assert [(m.line, m.message) for m in report.mistakes] == [
        (2, "not a country code: “XX”"),
        (3, "country is missing"),
    ]
    assert [row["severity"] for row in rows(report)] == ["error", "error", "warning"]
    assert _lines(report).endswith("2 mistakes. Nothing was changed.")


def test_warnings_alone_end_well(tmp_path: Path) -> None:
    (tmp_path / "watchlist.yaml").write_text(
        "customers: [{name: A, country: US, exposure: {open: 1, currency: USD}}]\n"
    )

    report = check(tmp_path, WATCHERS, {})

    assert (report.exit_code, len(report.warnings)) == (0, 1)
    assert "warning: watchlist.yaml:1:" in _lines(report)


def test_an_absent_folder_says_what_to_type(tmp_path: Path) -> None:
    report = check(tmp_path / "nowhere", WATCHERS, {})

    assert report.exit_code == 2
    assert "counterwatch init" in _lines(report)


def test_every_row_is_json(tmp_path: Path) -> None:
    init(tmp_path)

    for row in rows(check(tmp_path, WATCHERS, {})):
        assert json.loads(json.dumps(row)) == row


def test_a_long_list_is_cut_for_people_and_whole_for_scripts(tmp_path: Path) -> None:
    listed = "".join(f"- {{name: C{number}, country: GB}}\n" for number in range(60))
    (tmp_path / "watchlist.yaml").write_text(f"customers:\n{listed}")

    report = check(tmp_path, WATCHERS, {})

    assert "… and 10 more customers" in _lines(report)
    assert len(list(rows(report))) == 60


@pytest.mark.parametrize(
    ("settings", "place", "says"),
    [
        ("rules: [{when: {types: reg.filling}, set: high}]", "1:24", "no event is called “reg.filling”"),
        ("routes: [{when: {types: [reg.*, lit.*, lol.*]}, channel: '#x'}]", "1:40", "no event is called “lol.*”"),
        ("rules:\n- when: {customers: acne}\n  set: low", "2:21", "did you mean acme?"),
    ],
)
def test_a_rule_that_can_match_nothing_is_named(tmp_path: Path, settings: str, place: str, says: str) -> None:
    (tmp_path / "watchlist.yaml").write_text("customers: [{name: Acme, country: GB}]\n")
    (tmp_path / "counterwatch.yaml").write_text(settings + "\n")

    report = check(tmp_path, WATCHERS, {})

    assert report.exit_code == 0
    assert f"warning: counterwatch.yaml:{place}: " in _lines(report)
    assert says in _lines(report)


# --------------------------------------------------------------------------- mistakes as people make them

SLIPS = [  # (line of a customer, column, what is said, what to do)
    ("country: Norway", 12, "not a country code: “Norway”", "write NO"),
    ("country: 中国", 12, "not a country code: “中国”", "write CN"),
    ("tier: gold", 9, "not one of the known words: “gold”", "write A, B or C"),
    ("ids: {reg_number: 04366849}", 9, "unknown identifier scheme “reg_number”", "gb_company"),
    ("exposure: {open: 84,000, currency: USD}", 23, "a comma parts entries", "without commas"),
    ("exposure: {open: 84k, currency: USD}", 20, "not an amount: “84k”", "write 84000"),
    ("exposure: {open: 1, currency: usd}", 33, "not a currency: “usd”", "write USD"),
    ("terms: net 60", 10, "not payment terms: “net 60”", "OA60"),
    ("channel: #sales", 12, "what follows # is a comment", 'write "#sales" in quotes'),
    ("website: www.acme.example", 12, "not a web address", "write https://www.acme.example"),
    ("insured: {by: sinosure, limit: 60000, share: 90%}", 48, "not a share between 0 and 1: “90%”", "0.9"),
    ("review: {every: 6 months}", 19, "not a duration: “6 months”", "90d"),
    ("owner: zhang", 10, "nobody is called “zhang” under people", "people in counterwatch.yaml"),
    ("sources: {of: [gleif]}", 13, "unknown key “of”", "did you mean off?"),
]


@pytest.mark.parametrize(("line", "column", "says", "hint"), SLIPS, ids=[slip[0] for slip in SLIPS])
def test_a_slip_is_named_once_at_its_place_with_what_to_write(
    tmp_path: Path, line: str, column: int, says: str, hint: str
) -> None:
    country = "" if line.startswith("country") else "    country: GB\n"
    (tmp_path / "watchlist.yaml").write_text(f"customers:\n  - name: Acme Ltd\n{country}    {line}\n")

    report = check(tmp_path, WATCHERS, {})

    assert [(m.line, m.column) for m in report.mistakes] == [(3 + bool(country), column + 2)]
    assert says in report.mistakes[0].message
    assert hint in report.mistakes[0].hint


def test_all_slips_of_one_file_are_told_at_once(tmp_path: Path) -> None:
    wanted = [slip for slip in SLIPS if not slip[0].startswith("country")]
    entries = (f"  - name: Acme {n} Ltd\n    country: GB\n    {slip[0]}\n" for n, slip in enumerate(wanted))
    (tmp_path / "watchlist.yaml").write_text("customers:\n" + "".join(entries))

    report = check(tmp_path, WATCHERS, {})

    assert [m.line for m in report.mistakes] == [4 + 3 * n for n in range(len(wanted))]
    assert _lines(report).endswith(f"{len(wanted)} mistakes. Nothing was changed.")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("name,国家\n宁波,CN\n".encode("gbk"), "not UTF-8 text (save it again with the encoding UTF-8"),
        ("customers: []".encode("utf-16"), "UTF-16 text"),
        (b"PK\x03\x04rest of a workbook", "an Excel or zip file"),
    ],
)
def test_a_file_from_another_program_is_called_what_it_is(tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "watchlist.yaml").write_bytes(data)

    assert says in _lines(check(tmp_path, WATCHERS, {}))


def test_check_speaks_chinese_with_the_file_places_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "watchlist.yaml").write_text(
        "customers:\n- {name: Acme Ltd, country: GB, ids: {lei: OW6OFBNCKXC4US5C7523}, sources: {off: [sweep]}}\n"
    )

    told = "\n".join(lines(check(tmp_path, WATCHERS, {}), speech.voice("zh")))

    assert "acme-ltd（Acme Ltd）" in told
    assert "不含 sweep：已为该客户关闭" in told
    assert "不含 paid：需要密钥：COUNTERWATCH_PAID_KEY" in told
    assert told.endswith("两个文件都没有问题：1 家客户，2 个监控项。")


def test_init_can_write_for_a_chinese_reader(tmp_path: Path) -> None:
    init(tmp_path, "zh")

    assert speech.at(tmp_path).language == "zh"
    assert check(tmp_path, WATCHERS, {}).exit_code == 0
