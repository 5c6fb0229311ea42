"""Which names are one company's, as a specification: pairs a person would decide without thinking, all made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge.match import judge_party
from monitor.model import Customer, Match, Party

HITS = ("same", "possible")


def judged(ours: str, theirs: str, country: str = "GB", found: str | None = "", **more: object) -> Match:
    """Judge a name at home; `found` is the party's country where it is another, None where it is not told."""
    return judge_party(Customer("c", ours, country), Party(theirs, country=country if found == "" else found), **more)  # type: ignore[arg-type]


SAME = [
    # legal forms of the world
    ("GB", "Tarnholt Fixings Ltd", "TARNHOLT FIXINGS LIMITED"),
    ("HU", "Kárpáthegyi Bútor Kft.", "KARPATHEGYI BUTOR KORLATOLT FELELOSSEGU TARSASAG"),
    ("LV", "SIA Zemgalova Koks", "Zemgalova Koks, Sabiedrība ar ierobežotu atbildību"),
    ("LT", "UAB Vilkonda", "Vilkonda, UAB"),
    ("EE", "Harjukivi OÜ", "Harjukivi Osaühing"),
    ("RO", "S.C. Dealvinca Lemn S.R.L.", "DEALVINCA LEMN SRL"),
    ("BR", "Fundição Itaguará Ltda - ME", "FUNDICAO ITAGUARA LTDA"),
    ("MX", "Empacadora Tlaxmil, S. de R.L. de C.V.", "EMPACADORA TLAXMIL S DE RL DE CV"),
    ("TR", "Karabağlı Mobilya San. ve Tic. Ltd. Şti.", "KARABAGLI MOBILYA SANAYI VE TICARET LIMITED SIRKETI"),
    ("VN", "Công ty Cổ phần Gỗ Tân Mỹ Lâm", "GO TAN MY LAM JSC"),
    ("IN", "Vadhavkar Castings Pvt. Ltd.", "VADHAVKAR CASTINGS PRIVATE LIMITED"),
    ("TH", "Phraewong Ceramics Co., Ltd.", "Phraewong Ceramics Company Limited"),
    ("BE", "Meulenaers Diepvries BVBA", "Meulenaers Diepvries B.V."),
    ("SE", "Aktiebolaget Stenkulla Mek", "Stenkulla Mek AB"),
    ("DE", "Brennecke & Stahl GmbH & Co. KG", "Brennecke und Stahl GmbH u. Co. KG"),
    ("US", "Ossabaw Crate Company, LLC", "OSSABAW CRATE CO LLC"),
    ("KW", "Zamradi Metals Co. W.L.L.", "Zamradi Metals Company WLL"),
    # the state it is in, captions of courts, owners
    ("DE", "Ottersfurt Druck GmbH", "Ottersfurt Druck GmbH i.L."),
    ("PL", "Zbigniewicz Stolarka Sp. z o.o.", "ZBIGNIEWICZ STOLARKA SP. Z O.O. W UPADŁOŚCI"),
    ("US", "Cataloochee Hosiery Inc.", "In re: CATALOOCHEE HOSIERY, INC., Debtor."),
    ("US", "Cataloochee Hosiery Manufacturers Corporation", "CATALOOCHEE HOSIERY MANUFACTUR…"),
    ("US", "Southern Pamlico Freight Forwarding Services LLC", "SOUTHERN PAMLICO FREIGHT FORWARDING SER"),
    ("FR", "Tuilerie Vaugrenant SARL", "Redressement judiciaire de la SARL Tuilerie Vaugrenant"),
    ("IT", "Oleificio Sgarbossi S.r.l.", "Fallimento Oleificio Sgarbossi S.r.l. in liquidazione"),
    # second names
    ("US", "Pocomoke Brewing LLC", "Delmarva Drinks Inc. dba Pocomoke Brewing"),
    ("GB", "Skelwith Paints Ltd", "Lakeland Coatings Ltd (formerly Skelwith Paints Ltd)"),
    ("GB", "Skelwith Paints Ltd", "SKELWITH PAINTS LTD, previously known as Brathay Varnish Ltd"),
    ("FR", "Cordonnier Vexois SA", "Groupe Marchand (anciennement Cordonnier Vexois SA)"),
    # abbreviations, ampersands, saints, order, words together
    ("US", "Wapsie International Manufacturing Co", "Wapsie Int'l Mfg Co"),
    ("GB", "Ollerenshaw Brothers & Sons Ltd", "Ollerenshaw Bros and Sons Limited"),
    ("FR", "Saint-Vulbas Emballages SAS", "ST VULBAS EMBALLAGES"),
    ("ES", "Hermanos Zubiaurreta S.L.", "Hnos. Zubiaurreta SL"),
    ("US", "Klickitat Building Supply Inc", "Klickitat Bldg Supply"),
    ("IT", "Ceramiche Valdottavo S.p.A.", "Valdottavo Ceramiche SPA"),
    ("GB", "Broadwheel Haulage Ltd", "Broad Wheel Haulage Ltd"),
    ("GB", "Windlestraw Mills No. 2 Ltd", "Windlestraw Mills Number Two Ltd"),
    ("CA", "B & K Narrowboat Chandlers Ltd", "B and K Narrowboat Chandlers Ltd."),
    ("GB", "Kettlethwaite Engineering Ltd", "Kettlethwiate Engineering Ltd"),
    ("GB", "Kettlethwaite Engineering Ltd", "Kettlethwaite Enginering Ltd"),
    # scripts
    ("RU", "ООО «Щегловский комбинат»", "Shcheglovskiy Kombinat OOO"),
    ("RU", "ООО «Щегловский комбинат»", "LLC Scheglovsky Kombinat"),
    ("UA", "ТОВ «Черкасохліб»", "Cherkasokhlib LLC"),
    ("BG", "Странджа Мебел ЕООД", "Strandzha Furniture Ltd"),
    ("GR", "Υφαντουργία Καλαμπόκας Α.Ε.", "Yfantourgia Kalampokas S.A."),
    ("AE", "شركة الصقور الزرقاء للمقاولات ذ.م.م", "Al Suqoor Al Zarqa Contracting LLC"),
    ("SA", "Al Ghubaiwi & Sons Est.", "Alghubaiwi and Sons Establishment"),
    ("CN", "温州市鹿城泰隆鞋业有限公司", "Wenzhou Lucheng Tailong Shoes Co., Ltd."),
    ("CN", "Wenzhou Lucheng Tailong Shoes Co., Ltd.", "温州鹿城泰隆鞋业有限公司"),
    ("CN", "東莞市銘崴電子有限公司", "东莞市铭崴电子有限公司"),
    ("CN", "Jiaxing Shuntaifeng Textile Co Ltd", "嘉兴顺泰丰纺织有限公司"),
    ("JP", "株式会社ミナトヤ工業", "Minatoya Kogyo Co., Ltd."),
    ("JP", "ミナトヤ工業株式会社", "㈱ミナトヤ工業"),
    ("KR", "주식회사 동림화학", "Dongrim Chemical Co., Ltd."),
    ("KR", "Hansung Muyeok Co., Ltd.", "한성무역(주)"),
    ("IL", 'מפעלי כרמית בע"מ', "מפעלי כרמית"),
    # everybody's words: only the very same name in the same country with the same form
    ("AE", "Golden Falcon General Trading LLC", "GOLDEN FALCON GENERAL TRADING L.L.C."),
    ("PA", "Comercializadora San José S.A.", "Comercializadora San Jose, S.A."),
]  # fmt: skip

OTHER = [
    ("GB", "Tarnholt Fixings Ltd", "Tarnhope Fixings Ltd"),
    ("GB", "Tarnholt Fixings Ltd", "Tarnholt Bakeries Ltd"),
    ("DE", "Kellermann Optik GmbH", "Kellermeier Optik GmbH"),
    ("IT", "Bertolani Macchine Srl", "Bertolami Macchine Srl"),
    ("GB", "Wolston Alloys Ltd", "Walston Alloys Ltd"),
    ("PL", "Fabryka Mebli Brzozów S.A.", "Fabryka Mebli Brzostów S.A."),
    ("GB", "Windlestraw Mills No. 2 Ltd", "Windlestraw Mills No. 3 Ltd"),
    ("PA", "No. 7 Shipping Corp", "No. 9 Shipping Corp"),
    ("US", "Plant 2 Holdings of Ossabaw LLC", "Plant 3 Holdings of Ossabaw LLC"),
    ("AE", "Golden Falcon General Trading LLC", "Golden Falcon Foodstuff Trading LLC"),
    ("AE", "Golden Falcon General Trading LLC", "Golden Falcon General Trading Est"),
    ("AE", "Al Noor Trading LLC", "Al Noor Trading & Contracting LLC"),
    ("PA", "Comercializadora San José S.A.", "Comercializadora San Jorge S.A."),
    ("CN", "温州市鹿城泰隆鞋业有限公司", "温州市瓯海泰隆鞋业有限公司"),
    ("CN", "嘉兴顺泰丰纺织有限公司", "嘉兴顺泰丰化工有限公司"),
    ("CN", "宁波金星贸易有限公司", "绍兴金星贸易有限公司"),
    ("KR", "주식회사 동림화학", "주식회사 동원화학"),
    ("KR", "Sejin Precision Co., Ltd.", "Seojin Precision Co., Ltd."),
    ("JP", "株式会社ミナトヤ工業", "株式会社ミナトミ工業"),
    ("RU", "ООО «Щегловский комбинат»", "ООО «Щелковский комбинат»"),
    ("SA", "Al Ghubaiwi & Sons Est.", "Al Ghubaiwi Pharmacy"),
    ("US", "Fairmont Marine Products Inc", "Fairmont Medical Products Inc"),
    ("GB", "Harold Pemberley", "Harriet Pemberley"),
    ("ES", "Juan Pérez García", "Juan García Pérez Hermanos"),
    ("GB", "Smith Trading", "Smith Trading Solutions Group"),
]  # fmt: skip

RELATED = [
    ("GB", "Hartwell Components Ltd", "Hartwell Holdings Ltd", "GB"),
    ("GB", "Hartwell Components Ltd", "Hartwell Components (Ireland) Ltd", "IE"),
    ("GB", "Hartwell Components Ltd", "Hartwell Components Group plc", "GB"),
    ("GB", "Hartwell Components Ltd", "Hartwell Components GmbH", "DE"),
    ("GB", "Hartwell Components Ltd", "Hartwell Components Pension Trustees Ltd", "GB"),
    ("CN", "Hartwell (Suzhou) Machinery Co., Ltd.", "Hartwell (Suzhou) Machinery Sales Co., Ltd.", "CN"),
    ("GB", "Hartwell Components Ltd", "Hartwell Components Ltd, Zweigniederlassung Deutschland", "DE"),
    ("CN", "上海恒翼达物流有限公司", "上海恒翼达物流有限公司北京分公司", "CN"),
    ("DE", "Brennecke Werkzeugbau GmbH", "Brennecke Beteiligungs GmbH", "DE"),
]  # fmt: skip


@pytest.mark.parametrize(("country", "ours", "theirs"), SAME)
def test_one_company_is_found_however_its_name_is_written(country: str, ours: str, theirs: str) -> None:
    assert judged(ours, theirs, country).verdict == "possible"


@pytest.mark.parametrize(("country", "ours", "theirs"), OTHER)
def test_another_company_is_not_taken_for_it(country: str, ours: str, theirs: str) -> None:
    assert judged(ours, theirs, country).verdict not in HITS


@pytest.mark.parametrize(("country", "ours", "theirs", "found"), RELATED)
def test_a_firm_of_the_group_is_related_with_its_reason(country: str, ours: str, theirs: str, found: str) -> None:
    match = judged(ours, theirs, country, found)

    assert (match.verdict, match.relation) == ("related", "other")
    assert match.reasons


@pytest.mark.parametrize(("country", "ours", "theirs"), [*SAME, *OTHER])
def test_the_likeness_of_two_names_does_not_depend_on_which_is_watched(country: str, ours: str, theirs: str) -> None:
    there, back = judged(ours, theirs, country), judged(theirs, ours, country)

    # What is cut off, left out or said beside the name is excused to the source, not to the watchlist.
    if {reason.name for reason in there.reasons} <= {"name_agrees", "country_agrees", "form_agrees"}:
        assert back.verdict == there.verdict


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_name_alone_is_never_the_same_and_a_score_is_one(ours: str, theirs: str) -> None:
    match = judged(ours or "X", theirs)

    assert match.verdict in ("possible", "related", "no")
    assert 0 <= match.score < 1
