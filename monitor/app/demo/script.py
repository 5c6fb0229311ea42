"""The demo's story: a made-up portfolio and a scripted fortnight, dated in the thirteen days before today."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitor.app.demo.world import Entity, Notice, Story, World, at
from monitor.watcher import discover

DAYS = 13

_WATCHLIST = """\
# A made-up portfolio. None of these companies exists.
version: 1
defaults: {tier: B, review: {every: 180d}}
customers:
  - name: Hartwell Components Ltd
    id: hartwell
    country: GB
    ids: {lei: 2138COUNTWATCHD00189, gb_company: "09990001"}
    tier: A
    owner: li
    terms: OA60
    exposure: {open: 84000, overdue: 0, in_transit: 26000, on_order: 48000, limit: 120000, currency: USD, as_of: LEDGER}
    insured: {by: sinosure, limit: 60000, share: 0.9}
    watch: {feeds: ["https://news.example/engineering-wire.rss"], exclude: ["football club"]}
  - name: Brook & Sons Tableware Limited
    id: brook
    country: GB
    ids: {lei: 2138COUNTWATCHD00286, gb_company: "09990002"}
    tier: A
    owner: li
    terms: DP
    exposure: {open: 0, in_transit: 41000, currency: GBP, as_of: LEDGER}
  - name: Tarn Valley Outdoor PLC
    id: tarn
    country: GB
    ids: {lei: 2138COUNTWATCHD00383, gb_company: "09990003"}
    tier: C
    terms: prepaid
  - name: Nordlys Sjømat AS
    id: nordlys
    country: "NO"
    ids: {lei: 2138COUNTWATCHD00480, orgnr: "923609016"}
    aliases: [Nordlys Sjømat]
    tier: A
    owner: wang
    terms: OA60
    exposure: {open: 61000, currency: EUR, limit: 90000, as_of: LEDGER}
    watch: {feeds: ["https://news.example/seafood-daily.rss"]}
  - name: Kettelbach Maschinenbau GmbH
    id: kettelbach
    country: DE
    ids: {lei: 2138COUNTWATCHD00577}
    terms: OA30
    exposure: {open: 38500, currency: EUR, as_of: LEDGER}
  - name: Lumiere Luminaires SARL
    id: lumiere
    country: FR
    ids: {lei: 2138COUNTWATCHD00674}
    terms: LC
    exposure: {open: 0, on_order: 22000, currency: EUR, as_of: LEDGER}
  - name: Andes Maquinaria SAC
    id: andes
    country: PE
    ids: {lei: 2138COUNTWATCHD00771}
    tier: A
    owner: wang
    terms: OA90
    exposure: {open: 31500, overdue: 8000, on_order: 48000, currency: USD, as_of: LEDGER}
  - name: Gulf Crescent Trading LLC
    id: gulfcrescent
    country: AE
    ids: {lei: 2138COUNTWATCHD00868}
    terms: TT
    exposure: {open: 12500, currency: USD, as_of: LEDGER}
  - name: Merlion Retail Pte Ltd
    id: merlion
    country: SG
    ids: {lei: 2138COUNTWATCHD00965}
    terms: OA45
    exposure: {open: 57300, in_transit: 9800, currency: USD, as_of: LEDGER}
    insured: {by: sinosure, limit: 80000, share: 0.9}
  - name: Prairie Fastener Supply Inc
    id: prairie
    country: US
    ids: {lei: 2138COUNTWATCHD01062}
    terms: OA60
    exposure: {open: 19200, currency: USD, as_of: LEDGER}
    watch: {feeds: ["https://news.example/engineering-wire.rss"]}
  - name: Costa Azul Ceramica Lda
    id: costaazul
    country: PT
    ids: {lei: 2138COUNTWATCHD01159}
    terms: DA
    exposure: {open: 15400, currency: EUR, as_of: LEDGER}
  - name: Savanna Agro Imports Ltd
    id: savanna
    country: KE
    ids: {lei: 2138COUNTWATCHD01256}
    tier: C
    terms: prepaid
    watch: {feeds: ["https://news.example/seafood-daily.rss"]}
"""

SETTINGS = """\
language: {language}
timezone: Asia/Shanghai
currency: EUR
rates: {{USD: "0.92", GBP: "1.17"}}
tiers: {{A: {{pace: 1.0, limit: 60000}}, B: {{pace: 1.0, limit: 60000}}, C: {{pace: 1.0, limit: 60000}}}}
people:
  li: {{mail: li.wei@example.com, timezone: Asia/Shanghai}}
  wang: {{mail: wang.fang@example.com, timezone: Asia/Shanghai}}
insurers: {{sinosure: {{report_insolvency_workdays: 5, calendar: CN}}}}
# Waits are shortened for the demo; everything else is as in life.
waits: {{spread: 0s, group: 1s, settle: 2s, opening: 3s, stale_floor: 1h, stale_cap: 12h}}
sources:
  gleif: {{base_url: "http://127.0.0.1:{gleif}", allow_private: true, pace: 0}}
  gb_gazette: {{base_url: "http://127.0.0.1:{gb_gazette}", allow_private: true, pace: 0}}
  feed: {{base_url: "http://127.0.0.1:{feed}", allow_private: true, pace: 0}}
"""


def settings(language: str, ports: Mapping[str, int]) -> str:
    """Return counterwatch.yaml for servers at these ports; sources the demo does not serve are off."""
    served = SETTINGS.format(language=language, **ports)
    return served + "".join(f"  {name}: {{enabled: false}}\n" for name in discover() if name not in ports)


_LEI = {
    name: f"2138COUNTWATCHD{number}"
    for name, number in (
        ("hartwell", "00189"),
        ("brook", "00286"),
        ("tarn", "00383"),
        ("nordlys", "00480"),
        ("kettelbach", "00577"),
        ("lumiere", "00674"),
        ("andes", "00771"),
        ("gulfcrescent", "00868"),
        ("merlion", "00965"),
        ("prairie", "01062"),
        ("costaazul", "01159"),
        ("savanna", "01256"),
    )
}
_PARENT = "2138COUNTWATCHP00176"


def watchlist(today: datetime) -> str:
    """Return the portfolio; its amounts are of the day before the script begins."""
    return _WATCHLIST.replace("LEDGER", f"{today - timedelta(days=DAYS):%Y-%m-%d}")


Happening = Callable[[World, datetime], None]


@dataclass(frozen=True, slots=True)
class Planted:
    """Something the demo expects to be told: an event type about a customer (None: about a source)."""

    type: str
    customer: str | None


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the script: what happens in the world, and what a good watch must and must not say of it."""

    number: int
    story: str
    story_zh: str
    happens: Happening | None = None
    planted: tuple[Planted, ...] = ()


def opening(today: datetime) -> World:
    """Return the world of the first morning: twelve sound companies, an ordinary Gazette, two trade feeds."""
    first = today - timedelta(days=DAYS)
    world = World(today=first)

    def company(key: str, name: str, country: str, city: str, street: str, postcode: str, ra: str, number: str) -> None:
        founded = date(1994 + len(name) % 17, 1 + len(city) % 12, 3 + len(key))
        world.entities[_LEI[key]] = Entity(_LEI[key], name, country, city, street, postcode, (ra, number), founded)

    company("hartwell", "HARTWELL COMPONENTS LTD", "GB", "COVENTRY", "4 FORGE LANE", "CV1 4PX", "RA000585", "09990001")
    company(
        "brook",
        "BROOK & SONS TABLEWARE LIMITED",
        "GB",
        "STOKE-ON-TRENT",
        "17 KILN ROAD",
        "ST1 5QB",
        "RA000585",
        "09990002",
    )
    company("tarn", "TARN VALLEY OUTDOOR PLC", "GB", "KENDAL", "MILL HOUSE", "LA9 4DL", "RA000585", "09990003")
    company("nordlys", "NORDLYS SJØMAT AS", "NO", "TROMSØ", "STORGATA 12", "9008", "RA000472", "923609016")
    company(
        "kettelbach",
        "Kettelbach Maschinenbau GmbH",
        "DE",
        "Chemnitz",
        "Werkstrasse 8",
        "09111",
        "RA000242",
        "HRB 90417",
    )
    company("lumiere", "LUMIERE LUMINAIRES", "FR", "LYON", "22 RUE DES ATELIERS", "69003", "RA000189", "999000123")
    company("andes", "ANDES MAQUINARIA S.A.C.", "PE", "LIMA", "AV. ARGENTINA 2210", "15079", "RA000496", "20990000123")
    company(
        "gulfcrescent", "GULF CRESCENT TRADING L.L.C", "AE", "DUBAI", "AL QUSAIS IND. 2", "00000", "RA000009", "990123"
    )
    company(
        "merlion", "MERLION RETAIL PTE. LTD.", "SG", "SINGAPORE", "8 TAI SENG LINK", "534158", "RA000523", "201599999K"
    )
    company("prairie", "PRAIRIE FASTENER SUPPLY INC.", "US", "OMAHA", "1200 DODGE ST", "68102", "RA000622", "10199999")
    company(
        "costaazul", "COSTA AZUL CERAMICA, LDA", "PT", "AVEIRO", "RUA DO FORNO 5", "3800-120", "RA000487", "509999990"
    )
    company(
        "savanna", "SAVANNA AGRO IMPORTS LIMITED", "KE", "NAIROBI", "ENTERPRISE ROAD 30", "00500", "RA000437", "C.99123"
    )
    world.entities[_PARENT] = Entity(
        _PARENT, "ORCHARD POINT HOLDINGS PTE. LTD.", "SG", "SINGAPORE", "1 ORCHARD BOULEVARD", "248649",
        ("RA000523", "201299998Z"), date(2012, 4, 2),
    )  # fmt: skip

    # The Gazette of an ordinary fortnight: every day others fail, never a customer of ours.
    for n in range(DAYS + 2):
        for m, (title, number) in enumerate(
            (("ASHGROVE JOINERY LIMITED", 9991000), ("PENNINE PRINTWORKS LTD", 9992000))
        ):
            day, other = at(first, 24 * (n - 1) + 1 + m), f"{number + n:08d}"
            world.notices.append(_notice(5180001 + 10 * n + m, "2443", "Appointment of Liquidators", title, other, day))
    world.feeds["/engineering-wire.rss"] = [
        Story(
            "ew-101",
            "Machine tool orders rise for third month",
            "Order books are filling, the trade body said.",
            at(first, 2),
        ),
        Story(
            "ew-100",
            "Prairie Fastener Supply opens second warehouse in Omaha",
            "The distributor doubles its space.",
            at(first, 1),
        ),
    ]
    world.feeds["/seafood-daily.rss"] = [
        Story("sd-201", "Cod quotas unchanged for next season", "Ministers agreed on the catch.", at(first, 3)),
    ]
    return world


def _notice(
    number: int, code: str, category: str, title: str, company: str, published: datetime, more: str = ""
) -> Notice:
    content = f"Name of Company: {title} Company Number: {company} {more}".strip()
    return Notice(number, code, category, title, content, published)


def _lapse(world: World, day: datetime) -> None:
    world.change(_LEI["gulfcrescent"], registration="LAPSED", renewal=(day - timedelta(days=2)).date())


def _petition(world: World, day: datetime) -> None:
    hearing = (day + timedelta(days=37)).strftime("%d %B %Y").lstrip("0")
    world.notices.append(
        _notice(
            5185001, "2450", "Petitions to Wind Up (Companies)", "HARTWELL COMPONENTS LTD", "09990001", at(day, 1),
            "In the High Court of Justice, Business and Property Courts of England and Wales No CR-2026-004321 "
            "A Petition to wind up the above-named company presented by THORNLEY ALLOYS LIMITED, claiming to be a creditor, "
            f"will be heard at 7 Rolls Building, Fetter Lane, London on {hearing} at 10.30 hours.",
        )
    )  # fmt: skip


def _namesakes(world: World, day: datetime) -> None:
    world.feeds["/engineering-wire.rss"].insert(
        0,
        Story(
            "ew-103", "Hartwell Football Club enters administration", "The club could not pay its players.", at(day, 2)
        ),
    )
    world.notices.append(
        _notice(
            5185002,
            "2450",
            "Petitions to Wind Up (Companies)",
            "HARTWELL COMPONENTS (NORTHERN) LIMITED",
            "09994444",
            at(day, 1),
        )
    )


def _registry_goes(world: World, day: datetime) -> None:
    world.gleif_down = True


def _rumour(world: World, day: datetime) -> None:
    world.feeds["/seafood-daily.rss"].insert(
        0,
        Story("sd-205", "Nordlys Sjømat in talks with banks as it struggles to pay suppliers",
              "The exporter is considering creditor protection, two people said.", at(day, 2)),
    )  # fmt: skip


def _registry_returns(world: World, day: datetime) -> None:
    world.gleif_down = False
    world.change(_LEI["kettelbach"], city="Plauen", street="Bahnhofstrasse 61", postcode="08523")


def _drift(world: World, day: datetime) -> None:
    world.gleif_drifted = True


def _undrift(world: World, day: datetime) -> None:
    world.gleif_drifted = False


def _edited_story(world: World, day: datetime) -> None:
    stories = world.feeds["/engineering-wire.rss"]
    stories.insert(
        0, Story("ew-110", "Prairie Fastener Supply reviews its options", "The board met on Monday.", at(day, 1))
    )


def _story_edited(world: World, day: datetime) -> None:
    stories = world.feeds["/engineering-wire.rss"]
    place = next(i for i, s in enumerate(stories) if s.guid == "ew-110")
    stories[place] = Story(
        "ew-110", "Prairie Fastener Supply files for Chapter 11 bankruptcy", "The distributor filed on Tuesday.",
        stories[place].published,
    )  # fmt: skip


def _dissolved(world: World, day: datetime) -> None:
    gone = (day - timedelta(days=1)).date()
    world.change(_LEI["costaazul"], status="INACTIVE", registration="RETIRED", events=(("DISSOLUTION", gone),))


def _order(world: World, day: datetime) -> None:
    world.notices.append(
        _notice(
            5185003, "2452", "Winding-Up Orders", "HARTWELL COMPONENTS LTD", "09990001", at(day, 1),
            "In the High Court of Justice No CR-2026-004321 Date of Winding-up Order: "
            f"{(day - timedelta(days=1)).strftime('%d %B %Y').lstrip('0')}",
        )
    )  # fmt: skip


def _new_parent(world: World, day: datetime) -> None:
    world.change(_LEI["merlion"], parent=_PARENT)


def _both(one: Happening, other: Happening) -> Happening:
    def happen(world: World, day: datetime) -> None:
        one(world, day)
        other(world, day)

    return happen


FORTNIGHT = (
    Day(1, "Twelve customers come in. Every source is looked at for the first time; what stands today goes into one report.",
        "十二家客户入库，各来源首次查询，现状汇总为一份报告。"),
    Day(2, "A quiet day: every source was asked again, and nothing was new.", "平静的一天：所有来源再次查询，没有新情况。"),
    Day(3, "Gulf Crescent lets its LEI lapse.", "Gulf Crescent 的 LEI 到期未续。", _lapse, (Planted("reg.id_lapsed", "gulfcrescent"),)),
    Day(4, "A creditor asks the court to wind up Hartwell, our largest debtor.", "债权人申请将 Hartwell 清盘，它是我们未收最多的客户。", _petition,
        (Planted("ins.petition_filed", "hartwell"),)),
    Day(5, "A football club named Hartwell fails, and a petition is filed against Hartwell Components (Northern). Neither is our customer.",
        "名为 Hartwell 的足球俱乐部倒闭，另一家 Hartwell Components (Northern) 被申请清盘。两者都不是我们的客户。", _namesakes),
    Day(6, "The register's server fails: GLEIF cannot be asked.", "登记数据服务器出现故障：GLEIF 查不到。", _registry_goes,
        (Planted("sys.source_stale", None),)),
    Day(7, "The trade press writes that Nordlys struggles to pay its suppliers.", "行业媒体称 Nordlys 难以支付供应商货款。", _rumour,
        (Planted("med.distress_rumour", "nordlys"),)),
    Day(8, "GLEIF answers again. Kettelbach has moved in the meantime.", "GLEIF 恢复。其间 Kettelbach 迁了地址。", _registry_returns,
        (Planted("sys.source_recovered", None), Planted("reg.address_changed", "kettelbach"))),
    Day(9, "GLEIF sends answers in which the status is missing. No company may seem to have changed.",
        "GLEIF 的答复缺了状态字段，不得因此误判任何客户。", _drift, (Planted("sys.source_suspect", None),)),
    Day(10, "The answers are sound again. A harmless story about Prairie appears.", "答复恢复正常。出现一则关于 Prairie 的普通消息。",
        _both(_undrift, _edited_story), (Planted("sys.source_recovered", None),)),
    Day(11, "The paper rewrites that story under the same address: Prairie files for Chapter 11.", "媒体在原地址改写了那则消息：Prairie 申请破产保护。", _story_edited,
        (Planted("ins.rescue_opened", "prairie"),)),
    Day(12, "Costa Azul is dissolved, and Merlion has a new owner.", "Costa Azul 注销；Merlion 换了东家。",
        _both(_dissolved, _new_parent),
        (Planted("reg.dissolved", "costaazul"), Planted("gov.owner_changed", "merlion"))),
    Day(13, "The court orders Hartwell to be wound up.", "法院裁定 Hartwell 清盘。", _order, (Planted("ins.proceeding_opened", "hartwell"),)),
)  # fmt: skip
