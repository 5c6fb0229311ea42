"""What a headline reports."""

from __future__ import annotations

import copy
import re
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.judge.classify import Lexicon, LexiconError, phrase
from monitor.judge.taxonomy import STAGES, Named, Taxonomy

CONFIG = Path(__file__).parents[2] / "config"
DOC: dict[str, Any] = yaml.safe_load((CONFIG / "lexicon.yaml").read_text("utf-8"))
LEXICON = Lexicon.from_mapping(DOC)
TAXONOMY = Taxonomy.from_mapping(yaml.safe_load((CONFIG / "events.yaml").read_text("utf-8")))


def read(title: str, language: str | None = "en", *, about: str = "", summary: str = "") -> Named:
    found = LEXICON.classify(title, summary, language, about=about)
    assert found is not None, title
    return found


# The companies and headlines are made up.
@pytest.mark.parametrize(
    "language, title, event",
    [
        ("en", "Zelkova Foods files for Chapter 11 bankruptcy protection", "ins.rescue_opened"),
        ("en", "Zelkova Foods enters administration", "ins.rescue_opened"),
        ("en", "Court names liquidator for Zelkova Foods", "ins.proceeding_opened"),
        ("en", "Supplier presents winding-up petition against Zelkova", "ins.petition_filed"),
        ("en", "Zelkova struggles to pay suppliers", "med.distress_rumour"),
        ("en", "Zelkova defaults on bond", "pay.default_reported"),
        ("en", "Zelkova chief charged with fraud", "lit.criminal"),
        ("en", "Zelkova accused of bribery", "med.fraud_corruption"),
        ("en", "Zelkova said to launder money", "med.financial_crime"),
        ("en", "Zelkova accused of evading sanctions", "med.evasion"),
        ("en", "Regulator fines Zelkova over labels", "rgl.action"),
        ("en", "Moody's downgrades Zelkova to junk", "fin.rating_cut"),
        ("en", "Zelkova cuts 400 jobs", "med.shrinking"),
        ("en", "Hackers steal data at Zelkova", "ctx.cyber_incident"),
        ("en", "Zelkova recalls frozen peas", "med.harm"),
        ("en", "Zelkova finance chief resigns", "gov.director_left"),
        ("en", "Zelkova appoints new chief executive", "gov.director_joined"),
        ("en", "Zelkova profit falls by a third", "fin.ratios_worse"),
        ("en", "Ortolan completes takeover of Zelkova", "gov.owner_changed"),
        ("en", "Zelkova wins order from Ortolan", "med.growth"),
        ("de", "Kettelbach stellt Insolvenzantrag", "ins.proceeding_opened"),
        ("de", "Kettelbach baut 200 Stellen ab", "med.shrinking"),
        ("fr", "Lumiere placée en redressement judiciaire", "ins.rescue_opened"),
        ("fr", "Lumiere en liquidation judiciaire", "ins.proceeding_opened"),
        ("es", "Andes entra en concurso de acreedores", "ins.rescue_opened"),
        ("pt", "Costa Azul pede recuperação judicial", "ins.rescue_opened"),
        ("zh", "某某机械公司宣告破产", "ins.proceeding_opened"),
        ("zh", "某某机械公司被列入实体清单", "san.possible_match"),
        ("ja", "某社、民事再生法の適用を申請", "ins.rescue_opened"),
    ],
)
def test_a_headline_becomes_its_event(language: str, title: str, event: str) -> None:
    assert read(title, language).type == event


@pytest.mark.parametrize(
    "title",
    [
        "Recall vote in the town of Zelkova",
        "Zelkova settles higher in late trade",
        "Broker: buy Zelkova with a target of 40",
        "Bank cuts price target for Zelkova",
        "Zelkova shuts down rumours",
        "Ten years after the collapse of Ortolan",
        "Zelkova wins prize for fraud prevention",
        "Cod quotas unchanged for next season",
        "",
    ],
)
def test_words_that_only_look_grave_are_nothing(title: str) -> None:
    found = LEXICON.classify(title, "", "en")

    assert found is None or found.polarity == "positive"


def test_the_gravest_of_two_facts_names_the_headline() -> None:
    assert read("Zelkova chief resigns as firm files for bankruptcy").type == "ins.proceeding_opened"


def test_the_lead_is_read_only_if_the_headline_says_nothing() -> None:
    assert read("A bad day for Zelkova", summary="The firm filed for bankruptcy.").type == "ins.proceeding_opened"
    assert read("Zelkova chief resigns", summary="The firm filed for bankruptcy.").type == "gov.director_left"


def test_what_is_only_considered_is_a_rumour_of_distress() -> None:
    found = read("Zelkova considers filing for bankruptcy")

    assert (found.type, found.stage) == ("med.distress_rumour", "rumour")


def test_a_denial_is_good_news() -> None:
    found = read("Zelkova denies bankruptcy rumours")

    assert (found.stage, found.polarity) == ("reversed", "positive")


@pytest.mark.parametrize(
    "title, about, event, role",
    [
        ("Zelkova sues Ortolan over patent", "Zelkova", "lit.case_filed", "plaintiff"),
        ("Zelkova sues Ortolan over patent", "Ortolan", "lit.case_filed", None),
        ("Ortolan sued by Zelkova", "Zelkova", "lit.case_filed", "plaintiff"),
        ("Ortolan sued by Zelkova", "Ortolan", "lit.case_filed", None),
        ("Zelkova sues Ortolan over unpaid bills", "Zelkova", "lit.case_filed", "plaintiff"),
        ("Zelkova to buy Ortolan", "Zelkova", "med.growth", "owner"),
        ("Zelkova to buy Ortolan", "Ortolan", "gov.owner_changed", None),
        ("Ortolan bought by Zelkova in rescue of brand", "Ortolan", "gov.owner_changed", None),
    ],
)
def test_the_part_the_customer_plays_is_seen(title: str, about: str, event: str, role: str | None) -> None:
    found = read(title, about=about)

    assert (found.type, found.role) == (event, role)


def test_without_a_stated_language_the_words_tell() -> None:
    assert read("Kettelbach muss nach dem Brand Insolvenz anmelden", None).type == "ins.proceeding_opened"
    assert read("Kettelbach to cut jobs", "xx").type == "med.shrinking"


def test_copies_of_one_text_have_one_key() -> None:
    one, other = read("Zelkova files for bankruptcy - The Daily Pea"), read("ZELKOVA FILES FOR BANKRUPTCY")

    assert one.natural_key == other.natural_key


def test_every_kind_has_an_event_and_is_never_final() -> None:
    for kind in LEXICON.kinds:
        assert {kind.event, kind.rumour or kind.event, (kind.acting or (kind.event,))[0]} <= set(TAXONOMY)
        assert kind.stage in STAGES
        assert kind.stage != "final"


@settings(max_examples=100, deadline=None)
@given(
    st.text(max_size=200),
    st.text(max_size=200),
    st.none() | st.sampled_from(["en", "de", "zh", "??"]),
    st.text(max_size=20),
)
def test_any_text_is_read_without_complaint(title: str, summary: str, language: str | None, about: str) -> None:
    found = LEXICON.classify(title, summary, language, about=about)

    assert found is None or (found.type in TAXONOMY and found.stage != "final" and found.natural_key[0])


def test_a_headline_of_any_length_takes_no_time() -> None:
    started = time.perf_counter()

    LEXICON.classify("bank of the " * 20_000, "a " * 100_000, "en")

    assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize("written", ["(open", "*", "", "a|", ")"])
def test_an_unsound_phrase_is_refused(written: str) -> None:
    with pytest.raises(LexiconError):
        phrase(written)


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"stage": "final"}, "never final"),
        ({"event": None}, "needs an id and an event"),
        ({"acting": {"event": "x", "role": "clown"}}, "role"),
        ({"colour": "red"}, "colour"),
        ({"words": {"en": 3}}, "list"),
    ],
)
def test_a_mistake_is_named(change: dict[str, Any], sentence: str) -> None:
    doc = copy.deepcopy(DOC)
    doc["kinds"][0] |= change

    with pytest.raises(LexiconError, match=re.escape(sentence)):
        Lexicon.from_mapping(doc).check()


def test_every_shipped_phrase_is_sound() -> None:
    LEXICON.check()
