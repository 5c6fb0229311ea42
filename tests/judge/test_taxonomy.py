"""What changes are called, and that the shipped taxonomy is whole."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.judge import diff
from monitor.judge.taxonomy import Named, Taxonomy, TaxonomyError, event_id, event_key, spell_name
from monitor.model import Change, Record, Severity, Signal
from monitor.watcher import Unknown

SHIPPED = Path(__file__).parents[2] / "config" / "events.yaml"
DOC: dict[str, Any] = yaml.safe_load(SHIPPED.read_text("utf-8"))
TAXONOMY = Taxonomy.from_mapping(DOC)

# Every id of the design: families of 9, 10, 8, 10, 11, 5, 6, 2, 9, 4 and 5.
DESIGNED = """
ins: petition_filed proceeding_opened rescue_opened receiver_appointed solvent_windup converted claims_deadline ended reversed
reg: strike_off_proposed dissolved revived name_changed restructured address_changed address_defaulted activity_changed
     id_lapsed record_vanished
gov: director_joined director_left board_exodus owner_changed owner_undisclosed auditor_left director_barred
fin: accounts_filed accounts_overdue audit_alarm disclosure_shrunk capital_cut ratios_worse charge_registered
     debt_accelerated rating_cut assets_sold
pay: own_overdue slower default_reported judgment_debt tax_lien dp_unpaid promise_broken third_party_payer order_gap
     order_surge insurer_cut
lit: case_filed judgment_against asset_freeze criminal docket_moved
san: listed owned linked export_listed possible_match entry_changed
rgl: action debarred
med: financial_crime fraud_corruption evasion exploitation distress_rumour shrinking harm reputation growth
ctx: cyber_incident web_lost sector_downturn country_regime
clm: mismatch sources_disagree unverifiable shipto_changed document_expired contact_takeover
sys: source_stale source_suspect review_due source_recovered config_rejected config_changed route_broken sender_broken new_baseline changes_held
"""


def designed() -> set[str]:
    found: set[str] = set()
    prefix = ""
    for word in DESIGNED.split():
        if word.endswith(":"):
            prefix = word[:-1]
            found |= {f"{prefix}.unclassified"} if prefix != "sys" else set()
        else:
            found.add(f"{prefix}.{word}")
    return found


def record(kind: str, /, **fields: Any) -> Record:
    return Record(kind, "1", fields)


def altered(before: Record, after: Record) -> Change:
    return Change("altered", before, after, diff.differing(before, after))


def names(change: Change, **more: Any) -> list[str]:
    return [named.type for named in named_of(change, **more)]


def named_of(change: Change, **more: Any) -> tuple[Named, ...]:
    return TAXONOMY.name(change, watcher_family="registry", source="any", mode=more.pop("mode", "state"), **more)


# --------------------------------------------------------------------------- the shipped file


def test_every_designed_event_is_there_and_no_other() -> None:
    assert set(TAXONOMY) == designed()
    assert len([id_ for id_ in TAXONOMY if not id_.startswith("sys.") and not id_.endswith(".unclassified")]) == 79


@pytest.mark.parametrize("id_", sorted(TAXONOMY))
def test_both_languages_say_the_same_facts(id_: str) -> None:
    info = TAXONOMY[id_]

    for language in ("en", "zh"):
        assert info.label[language]
        assert info.why[language]
        assert info.says[language].count("[") == info.says[language].count("]")
    places = {language: sorted(re.findall(r"\{(\w+)\}", info.says[language])) for language in ("en", "zh")}
    assert places["en"] == places["zh"]
    assert re.search("[\u4e00-\u9fff]", info.label["zh"] + info.says["zh"])
    assert not re.search("[\u4e00-\u9fff]", info.label["en"] + info.says["en"] + info.why["en"])


@pytest.mark.parametrize("id_", sorted(TAXONOMY))
def test_a_sentence_reads_without_any_fact(id_: str) -> None:
    said = re.sub(r"\[[^\]]*\]", "", TAXONOMY[id_].says["en"])

    assert said.strip()
    assert said[-1] not in ".:,"
    if not id_.startswith("sys."):
        assert "{" not in said


def test_what_an_event_inhibits_exists() -> None:
    assert {id_ for info in TAXONOMY.values() for id_ in info.inhibits} <= set(TAXONOMY)


def test_only_what_is_grave_today_alerts_at_the_first_look() -> None:
    alerting = {id_ for id_, info in TAXONOMY.items() if info.baseline == "alert"}

    assert {"san.listed", "reg.dissolved", "ins.proceeding_opened", "ins.petition_filed"} <= alerting
    assert {id_.split(".")[0] for id_ in alerting} == {"ins", "reg", "san"}


def test_gates_follow_the_kind_of_record() -> None:
    assert TAXONOMY.info("ins.rescue_opened", "article").age_gate == 14
    assert TAXONOMY.info("ins.rescue_opened", "notice").age_gate == 400
    assert TAXONOMY["san.listed"].age_gate is None
    assert TAXONOMY.info("lit.docket_moved", "docket_entry").age_gate == 30


# --------------------------------------------------------------------------- rules


@pytest.mark.parametrize(
    "before, after, expected",
    [
        ("active", "dissolved", ["reg.dissolved"]),
        ("active", "struck_off", ["reg.dissolved"]),
        ("active", "insolvent", ["ins.proceeding_opened"]),
        ("active", "in_rescue", ["ins.rescue_opened"]),
        ("in_rescue", "insolvent", ["ins.converted"]),
        ("active", "in_liquidation", ["ins.solvent_windup"]),
        ("active", "strike_off_pending", ["reg.strike_off_proposed"]),
        ("strike_off_pending", "active", ["reg.revived"]),
        ("insolvent", "active", ["ins.ended"]),
        ("active", "merged", ["reg.restructured"]),
        ("active", "dormant", ["reg.activity_changed"]),
        ("dormant", "active", []),
        ("dissolved", "struck_off", []),
        ("active", "unknown", ["reg.unclassified"]),
    ],
)
def test_a_status_becomes_its_event(before: str, after: str, expected: list[str]) -> None:
    change = altered(record("company", status=before), record("company", status=after, status_raw="Zzz"))

    assert names(change) == expected


@pytest.mark.parametrize(
    ("raw", "severity"),
    [("underTvangsavviklingEllerTvangsopplosning", "critical"), ("active-proposal-to-strike-off", None)],
)
def test_a_dissolution_by_force_is_the_graver_variant_of_a_strike_off(raw: str, severity: str | None) -> None:
    change = altered(record("company", status="active"), record("company", status="strike_off_pending", status_raw=raw))

    [named] = TAXONOMY.name(change, watcher_family="registry", source="x", mode="state")

    assert named.type == "reg.strike_off_proposed"
    assert named.facts.get("severity") == severity


@pytest.mark.parametrize(
    "before, after, expected",
    [
        (record("company", name="A Ltd"), record("company", name="B Ltd"), "reg.name_changed"),
        (record("company", address="1 Road, Leeds"), record("company", address="2 Road, York"), "reg.address_changed"),
        (record("company", legal_form="GmbH"), record("company", legal_form="AG"), "reg.restructured"),
        (record("company", activity="46.90"), record("company", activity="68.20"), "reg.activity_changed"),
        (
            record("company", capital="100000"),
            record("company", capital={"amount": "50000", "currency": "EUR"}),
            "fin.capital_cut",
        ),
        (record("registration", status="issued"), record("registration", status="lapsed"), "reg.id_lapsed"),
        (record("owner", share_band="25-50"), record("owner", share_band="50-75"), "gov.owner_changed"),
        (record("officer", name="K"), record("officer", name="K", until="2026-01-01"), "gov.director_left"),
        (record("account", overdue=False), record("account", overdue=True), "fin.accounts_overdue"),
        (
            record("account", period="2025", overdue=True, due="2026-01-01"),
            record("account", period="2026", overdue=True, due="2027-01-01"),
            "fin.accounts_overdue",
        ),
        (
            record("registration", status="registered"),
            record("registration", status="confirmation_overdue"),
            "fin.accounts_overdue",
        ),
        (record("account", type="full"), record("account", type="micro-entity"), "fin.disclosure_shrunk"),
        (record("charge", status="outstanding"), record("charge", status="fully-satisfied"), "fin.charge_registered"),
        (
            record("insolvency", type="moratorium"),
            record("insolvency", type="moratorium", ended="2026-01-01"),
            "ins.ended",
        ),
        (record("case", chapter="11"), record("case", chapter="7"), "ins.converted"),
        (record("rating", value=4.5), record("rating", value=3.9), "med.reputation"),
        (record("invoice", days_late=3), record("invoice", days_late=16), "pay.own_overdue"),
        (record("order", ship_to="Bremen"), record("order", ship_to="Dubai"), "clm.shipto_changed"),
        (record("listing", program="A"), record("listing", program="B"), "san.entry_changed"),
        (
            record("relation", kind="direct_parent", to="A", lei="1"),
            record("relation", kind="direct_parent", to="B", lei="2"),
            "gov.owner_changed",
        ),
    ],
)
def test_an_altered_record_becomes_its_event(before: Record, after: Record, expected: str) -> None:
    assert expected in names(altered(before, after))


@pytest.mark.parametrize(
    "found, expected",
    [
        (record("officer", name="Kari", role="director", since="2026-11-01"), ["gov.director_joined"]),
        (record("officer", name="Kari", until="2020-01-01"), []),
        (record("charge", status="outstanding", holder="Bank"), ["fin.charge_registered"]),
        (record("charge", status="fully-satisfied"), []),
        (record("relation", kind="ultimate_parent", to="Orchard"), ["gov.owner_changed"]),
        (record("relation", kind="branch", to="Orchard"), []),
        (record("statement", code="NATURAL_PERSONS"), []),
        (record("statement", code="NON_PUBLIC"), ["gov.owner_undisclosed"]),
        (record("statement", code="psc-exists-but-not-identified"), ["gov.owner_undisclosed"]),
        (record("insolvency", type="in-administration"), ["ins.rescue_opened"]),
        (record("insolvency", type="in-administration", ended="2012-11-20"), []),
        (record("insolvency", type="receiver-manager", lapsed=True), []),
        (record("insolvency", type="unknown", type_raw="new word"), ["ins.unclassified"]),
        (record("company", status="insolvent", status_raw="receivership"), ["ins.receiver_appointed"]),
        (record("company", status="insolvent", insolvency_cases=["1"]), []),
        (record("case", chapter="7", role="debtor"), ["ins.proceeding_opened"]),
        (record("case", chapter="11", role="creditor"), []),
        (record("case", number="1", role="defendant"), ["lit.case_filed"]),
        (record("listing", list="OFAC SDN"), ["san.listed"]),
        (record("docket_entry", number="1:26-bk-1"), ["lit.docket_moved"]),
        (record("shareholder_meeting", title="x"), []),
    ],
)
def test_an_added_record_becomes_its_event(found: Record, expected: list[str]) -> None:
    assert names(Change("added", None, found)) == expected


def test_the_first_look_names_states_and_not_happenings() -> None:
    dissolved = Change("added", None, record("company", status="dissolved", dissolved_on="2026-10-01"), first=True)
    director = Change("added", None, record("officer", name="Kari", since="2020-01-01"), first=True)
    listed = Change("added", None, record("listing", list="UN"), first=True)

    assert (names(dissolved), names(director), names(listed)) == (["reg.dissolved"], [], ["san.listed"])


def test_another_spelling_is_no_event() -> None:
    assert names(altered(record("company", name="A Ltd"), record("company", name="A LIMITED"))) == []


def test_a_vanished_record_and_a_removed_officer_are_events() -> None:
    assert names(Change("removed", record("company", name="A"), None)) == ["reg.record_vanished"]
    assert names(Change("removed", record("officer", name="Kari"), None)) == ["gov.director_left"]


def test_facts_tell_old_new_and_the_date() -> None:
    before, after = (
        record("company", address={"street": "1 Road", "city": "Leeds"}),
        record("company", address="York", address_since="2026-11-01"),
    )

    (named,) = named_of(altered(before, after))

    assert (named.facts["old"], named.facts["new"], named.facts["date"]) == ("1 Road, Leeds", "York", "2026-11-01")
    assert named.occurred_at == "2026-11-01"


# --------------------------------------------------------------------------- signals


def signalled(*signals: Signal, key: str = "n1", **fields: Any) -> Record:
    return Record("notice", key, fields, signals=signals)


def test_a_signal_wins_over_the_rules() -> None:
    found = Record(
        "company",
        "1",
        {"status": "dissolved"},
        signals=(Signal("ins.reversed", "reversed", "2026-11-01", {"case": "CR-1"}),),
    )

    (named,) = named_of(Change("added", None, found))

    assert (named.type, named.stage, named.natural_key, named.occurred_at) == (
        "ins.reversed",
        "reversed",
        ("cr 1",),
        "2026-11-01",
    )


def test_an_edit_without_a_new_signal_says_nothing_new() -> None:
    before = signalled(Signal("ins.petition_filed", "filed"), title="A")
    same = signalled(Signal("ins.petition_filed", "filed"), title="B")
    more = signalled(Signal("ins.petition_filed", "filed"), Signal("ins.proceeding_opened", "ordered"), title="B")

    assert names(altered(before, same), mode="log") == []
    assert names(altered(before, more), mode="log") == ["ins.proceeding_opened"]


def test_two_notices_without_number_or_date_are_two_events() -> None:
    one, other = (signalled(Signal("ins.petition_filed", "filed"), key=key) for key in ("n1", "n2"))

    keys = {event_key(named_of(Change("added", None, r), mode="log")[0], "c", 1) for r in (one, other)}

    assert len(keys) == 2


def test_an_unknown_value_is_told_once() -> None:
    found = record("statement", code="BRAND_NEW")
    unknown = (Unknown("code", "BRAND_NEW", found.id), Unknown("code", "other", ("statement", "2")))

    (named,) = named_of(Change("added", None, found), unknown=unknown)

    assert (named.type, named.facts["raw"]) == ("gov.unclassified", "BRAND_NEW")
    assert names(altered(found, record("statement", code="BRAND_NEW", text="x")), unknown=unknown) == []


# --------------------------------------------------------------------------- keys and spells


def test_a_second_source_with_the_same_date_is_the_same_event() -> None:
    registry = altered(
        record("company", status="active"), record("company", status="dissolved", dissolved_on="2026-11-01")
    )
    gazette = Change("added", None, signalled(Signal("reg.dissolved", "final", "2026-11-01T00:00:00Z")))

    keys = {
        event_key(named, "c", spell) for spell, change in enumerate((registry, gazette)) for named in named_of(change)
    }

    assert keys == {"reg.dissolved|c|2026-11-01"}


def test_without_a_date_each_spell_of_a_state_is_an_event_of_its_own() -> None:
    active, gone = record("company", status="active"), record("company", status="strike_off_pending")
    (named,) = named_of(altered(active, gone))

    left = TAXONOMY.left(altered(gone, active))

    assert left == (("reg.strike_off_proposed", ()),)
    assert event_key(named, "c", 1) != event_key(named, "c", 2)
    assert spell_name(*left[0]) == "reg.strike_off_proposed"


def test_a_name_that_comes_back_is_a_new_event() -> None:
    a, b = record("company", name="A Ltd"), record("company", name="B Ltd")
    (named,) = named_of(altered(a, b))

    assert (named.type, named.natural_key) in TAXONOMY.left(altered(b, a))


def test_foreign_text_cannot_forge_a_key() -> None:
    named = Named("reg.name_changed", "final", ("a|b",))

    assert event_key(named, "c", 1) == "reg.name_changed|c|a/b|#1"
    assert re.fullmatch("ev_[0-9a-f]{16}", event_id("x"))


# --------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    "path, value, sentence",
    [
        (("events", "reg.dissolved", "severity"), "grave", "severity"),
        (("events", "reg.dissolved", "sevrity"), "high", "sevrity"),
        (("events", "reg.dissolved", "duty"), 9, "duty"),
        (("events", "reg.dissolved", "stage"), "later", "stage"),
        (("events", "zzz.new"), {"duty": 1}, "no family zzz"),
        (("texts", "reg.dissolved", "zh", "why"), "", "no why"),
        (("texts", "reg.nothing"), {}, "reg.nothing"),
        (("events", "reg.dissolved", "from"), [{"what": "added"}], "names a kind"),
        (("events", "reg.dissolved", "from"), [{"kind": "company", "what": "state"}], "names a field"),
        (("events", "san.listed", "unidentified"), "san.nobody", "san.nobody"),
        (("gates", "article"), "soon", "soon"),
    ],
)
def test_a_mistake_is_named(path: tuple[str, ...], value: Any, sentence: str) -> None:
    doc = copy.deepcopy(DOC)
    place = doc
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value

    with pytest.raises(TaxonomyError, match=re.escape(sentence)):
        Taxonomy.from_mapping(doc)


def test_scalars_that_were_read_as_text_mean_the_same() -> None:
    def as_text(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: as_text(value) for key, value in node.items()}
        if isinstance(node, list):
            return [as_text(value) for value in node]
        return str(node).lower() if isinstance(node, bool) else str(node)

    read = Taxonomy.from_mapping(as_text(DOC))

    assert dict(read) == dict(TAXONOMY)
    assert read["reg.dissolved"].severity is Severity.CRITICAL


def test_a_second_record_of_the_same_new_owner_is_no_second_change_of_owner() -> None:
    parents = (
        record("relation", kind="direct_parent", to="LEI1", lei="LEI1"),
        record("relation", kind="ultimate_parent", to="LEI1", lei="LEI1"),
    )
    first, second = (Change("added", None, one) for one in parents)

    (one,), (other,) = named_of(first), named_of(second)

    assert one.type == "gov.owner_changed"
    assert (one.type, one.natural_key) == (other.type, other.natural_key)
    assert TAXONOMY.left(first) == ()


# --------------------------------------------------------------------------- web pages and ratings


def page(text: str, **fields: Any) -> Record:
    return Record("page", "k1", {"url": "https://www.hartwell.example/", "block": "Team", "text": text, **fields})


def test_what_a_page_says_anew_no_longer_or_otherwise_is_told_as_such() -> None:
    old, new = page("Managing director: Ann Lee"), page("Managing director: Bo Hart")

    (added,) = named_of(Change("added", None, new))
    (gone,) = named_of(Change("removed", old, None))
    (edited,) = named_of(altered(old, new))

    assert {added.type, gone.type, edited.type} == {"ctx.unclassified"}
    assert added.facts["added"] == "Managing director: Bo Hart" and "old" not in added.facts
    assert gone.facts["gone"] == "Managing director: Ann Lee" and "new" not in gone.facts
    assert (edited.facts["old"], edited.facts["new"]) == ("Managing director: Ann Lee", "Managing director: Bo Hart")


def test_what_stands_on_a_page_at_the_first_look_is_no_event() -> None:
    assert names(Change("added", None, page("Managing director: Ann Lee"), first=True)) == []


def test_a_page_that_moved_a_text_to_another_heading_says_nothing() -> None:
    assert names(altered(page("Welding"), page("Welding", block="Services"))) == []


def test_the_same_text_added_and_removed_are_two_events_and_added_again_is_a_third() -> None:
    text = page("We take no more orders")
    come, go = Change("added", None, text), Change("removed", text, None)

    (added,), (gone,) = named_of(come), named_of(go)

    assert event_key(added, "c1", 1) != event_key(gone, "c1", 1)
    assert TAXONOMY.left(go) == ((added.type, added.natural_key),)
    assert TAXONOMY.left(come) == ((gone.type, gone.natural_key),)


def test_of_a_long_paragraph_only_what_was_edited_is_told_and_its_key_stays_short() -> None:
    words = [f"word{n}" for n in range(300)]
    was, now = " ".join(words), " ".join([*words[:150], "insolvent", *words[151:]])

    (edited,) = named_of(altered(page(was), page(now)))

    assert edited.facts["new"] == "…word146 word147 word148 word149 insolvent word151 word152 word153 word154…"
    assert "word150" in edited.facts["old"]
    assert len(event_key(edited, "c1", 1)) < 100
    (other,) = named_of(altered(page(was), page(f"{now} more")))
    assert other.natural_key != edited.natural_key


def test_a_rating_that_falls_by_half_a_point_is_worse_reviews_and_a_new_count_is_nothing() -> None:
    assert names(altered(record("rating", value="4.5", count=80), record("rating", value="4", count=90))) == [
        "med.reputation"
    ]
    assert names(altered(record("rating", value="4.5", count=80), record("rating", value="4.1", count=90))) == []
    assert names(altered(record("rating", value="4.5", count=80), record("rating", value="4.5", count=90))) == []


def test_what_made_room_on_a_page_for_newer_items_ends_in_silence() -> None:
    assert names(Change("removed", page("Fair in Hanover", rolled="true"), None)) == []
    assert names(altered(page("Fair in Hanover"), page("Fair in Hanover", rolled="true"))) == []


def test_a_satisfied_charge_is_good_news_and_fuller_accounts_are_none_at_all() -> None:
    paid = altered(
        record("charge", status="outstanding", holder="Bank"),
        record("charge", status="fully-satisfied", holder="Bank", satisfied_on="2026-10-01"),
    )
    fuller = altered(record("account", type="micro-entity"), record("account", type="full"))

    [named] = named_of(paid)

    assert (named.polarity, named.occurred_at, named.facts["released"]) == ("positive", "2026-10-01", "Bank")
    assert "lender" not in named.facts
    assert names(fuller) == []


def test_a_rescue_that_became_a_liquidation_did_not_end_by_itself() -> None:
    began = record("insolvency", type="in-administration")
    turned = record("insolvency", type="in-administration", ended="2026-11-20", followed_by="2")

    assert names(altered(began, turned)) == []
