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
