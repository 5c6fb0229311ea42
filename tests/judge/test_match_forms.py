"""Legal forms of the world, abbreviations and accents: around the same words they make no other company."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import pytest

from monitor.judge.match import judge_party
from monitor.model import Customer, Party

NAME = "Zorvexa Kalmund"
# Country: its forms, written out and cut short, as registers and letterheads have them.
FORMS = """\
GB: Limited|Ltd|Ltd.|Public Limited Company|PLC|Limited Liability Partnership|LLP|Community Interest Company|CIC
IE: Designated Activity Company|DAC|Unlimited Company|UC|Company Limited by Guarantee|CLG|Teoranta|Teo
US: Inc.|Incorporated|Corporation|Corp.|L.L.C.|LLC|Limited Liability Company|L.P.|Limited Partnership|Co.|Company|P.C.|PLLC|N.A.
CA: Ltée|Limitée|Inc.|ULC|Unlimited Liability Company
AU: Pty Ltd|Pty Limited|Proprietary Limited|Pty. Ltd.|NL
NZ: Limited|Ltd
ZA: (Pty) Ltd|(Proprietary) Limited|CC|RF
DE: GmbH|Gesellschaft mit beschränkter Haftung|Gesellschaft m.b.H.|mbH|AG|Aktiengesellschaft|KG|Kommanditgesellschaft|GmbH & Co. KG|GmbH & Co KGaA|UG (haftungsbeschränkt)|OHG|e.K.|e.V.|eG|SE & Co. KGaA|KGaA
AT: GmbH|Ges.m.b.H.|GesmbH|AG|KG|OG|e.U.
CH: AG|SA|Sàrl|GmbH|Société anonyme|Société à responsabilité limitée|Sagl
FR: SA|S.A.|SAS|S.A.S.|SASU|SARL|S.à r.l.|EURL|SNC|SCS|SCA|Société anonyme|Société par actions simplifiée|Société à responsabilité limitée|SCI|SELARL
BE: NV|BV|BVBA|SPRL|SRL|SA|Naamloze Vennootschap|Besloten Vennootschap|CVBA|SCRL|VOF
NL: B.V.|BV|N.V.|NV|Besloten Vennootschap|Naamloze Vennootschap|V.O.F.|C.V.|Coöperatie U.A.
LU: S.à r.l.|SARL|S.A.|S.C.A.|SCSp|S.A R.L.
IT: S.p.A.|SpA|S.r.l.|Srl|S.r.l.s.|S.n.c.|S.a.s.|Società per Azioni|Società a responsabilità limitata|Soc. Coop.|S.c.a r.l.
ES: S.A.|SA|S.L.|SL|S.L.U.|S.A.U.|Sociedad Anónima|Sociedad Limitada|Sociedad de Responsabilidad Limitada|S.Coop.|SLL
PT: Lda|Lda.|Limitada|S.A.|Unipessoal Lda|Sociedade Anónima|SGPS SA
BR: Ltda|Ltda.|Limitada|S.A.|S/A|Sociedade Anônima|EIRELI|ME|EPP
MX: S.A. de C.V.|SA de CV|S. de R.L. de C.V.|S.A.B. de C.V.|Sociedad Anónima de Capital Variable|S.A.P.I. de C.V.|S.C.
AR: S.A.|S.R.L.|SRL|S.A.S.|SAIC|Sociedad Anónima|S.A.C.I.F.
CL: S.A.|SpA|Ltda.|Limitada|E.I.R.L.|Sociedad por Acciones
CO: S.A.S.|SAS|S.A.|Ltda.|& Cía. S. en C.|Sociedad por Acciones Simplificada
PE: S.A.C.|SAC|S.A.|S.R.L.|E.I.R.L.|S.A.A.|Sociedad Anónima Cerrada
EC: S.A.|Cía. Ltda.|C. Ltda.|Compañía Limitada
VE: C.A.|S.A.|Compañía Anónima
UY: S.A.|S.R.L.|S.A.S.
PY: S.A.|S.R.L.|E.I.R.L.
BO: S.R.L.|S.A.|Ltda.
GT: S.A.|Sociedad Anónima
CR: S.A.|S.R.L.|Limitada
DO: S.R.L.|S.A.S.|S.A.
PA: S.A.|Inc.|Corp.
PL: Sp. z o.o.|Sp z o o|Spółka z ograniczoną odpowiedzialnością|S.A.|Spółka Akcyjna|Sp. k.|Sp. j.|Spółka komandytowa|Spółka jawna|P.S.A.
CZ: s.r.o.|spol. s r.o.|společnost s ručením omezeným|a.s.|akciová společnost|v.o.s.|k.s.
SK: s.r.o.|spol. s r.o.|spoločnosť s ručením obmedzeným|a.s.|akciová spoločnosť
HU: Kft.|Korlátolt Felelősségű Társaság|Zrt.|Nyrt.|Zártkörűen Működő Részvénytársaság|Bt.|Betéti Társaság
RO: SRL|S.R.L.|S.C.|SA|Societate cu Răspundere Limitată|Societate pe Acțiuni
BG: EOOD|OOD|AD|EAD|ЕООД|ООД|АД|ЕАД
RS: d.o.o.|DOO|a.d.|društvo sa ograničenom odgovornošću|preduzeće
HR: d.o.o.|j.d.o.o.|d.d.|društvo s ograničenom odgovornošću
SI: d.o.o.|d.d.|družba z omejeno odgovornostjo
BA: d.o.o.|d.d.
MK: DOOEL|DOO|AD
AL: Sh.p.k.|Sh.a.
GR: A.E.|AE|S.A.|E.P.E.|EPE|I.K.E.|IKE|O.E.|E.E.|Ανώνυμη Εταιρεία|Α.Ε.|Ε.Π.Ε.|Ι.Κ.Ε.|Μονοπρόσωπη Ι.Κ.Ε.
CY: Ltd|Limited|Λτδ
MT: Ltd|p.l.c.|Limited
EE: OÜ|AS|Osaühing|Aktsiaselts
LV: SIA|AS|Sabiedrība ar ierobežotu atbildību|Akciju sabiedrība
LT: UAB|AB|Uždaroji akcinė bendrovė|MB|Akcinė bendrovė
FI: Oy|Oyj|Ab|Osakeyhtiö|Oy Ab|Julkinen osakeyhtiö|Ky|Tmi
SE: AB|Aktiebolag|AB (publ)|HB|KB|Handelsbolag
NO: AS|ASA|Aksjeselskap|ANS|DA|NUF|Allmennaksjeselskap
DK: A/S|ApS|Aktieselskab|Anpartsselskab|K/S|I/S|P/S|IVS
IS: ehf.|hf.|einkahlutafélag
RU: OOO|LLC|AO|PAO|ZAO|OAO|ООО|АО|ПАО|ЗАО|Общество с ограниченной ответственностью|Акционерное общество|Публичное акционерное общество
UA: TOV|LLC|ТОВ|ТзОВ|ПАТ|ПрАТ|Товариство з обмеженою відповідальністю|Приватне акціонерне товариство
BY: ООО|ОАО|ЗАО|ИП|ОДО
KZ: ТОО|LLP|TOO|АО|ЖШС
UZ: MCHJ|ООО|LLC|AJ
GE: LLC|JSC|შპს
AM: LLC|CJSC|ՍՊԸ
AZ: MMC|LLC|ASC
TR: A.Ş.|AS|Anonim Şirketi|Ltd. Şti.|Limited Şirketi|San. ve Tic. A.Ş.|Sanayi ve Ticaret Limited Şirketi|San. ve Tic. Ltd. Şti.
IL: Ltd|Ltd.|בע"מ|B.M.
AE: LLC|L.L.C.|L.L.C|FZE|FZCO|FZ-LLC|FZ LLC|DMCC|PJSC|P.S.C.|ذ.م.م|ش.ذ.م.م|L.L.C - S.O.C
SA: LLC|Co. Ltd.|Company Limited|CJSC|شركة ذات مسؤولية محدودة|Est.|Establishment
QA: W.L.L.|WLL|Q.P.S.C.|LLC
KW: W.L.L.|K.S.C.C.|K.S.C.P.|Co. W.L.L.
BH: W.L.L.|B.S.C.|B.S.C. (c)|S.P.C.
OM: LLC|SAOG|SAOC
JO: LLC|PSC|Ltd|Co.
LB: SAL|S.A.L.|SARL
EG: S.A.E.|SAE|LLC|ش.م.م
MA: SARL|SA|SARL AU
TN: SARL|SA|SUARL
DZ: SARL|EURL|SPA|Spa
IR: PJS Co.|Co.|Private Joint Stock Company
PK: (Pvt) Ltd|Private Limited|(Private) Limited|Pvt. Ltd.|Limited
IN: Pvt Ltd|Private Limited|Pvt. Ltd.|Limited|LLP|P. Ltd.|(P) Ltd
BD: Ltd.|Limited|Pvt. Ltd.
LK: (Pvt) Ltd|PLC|(Private) Limited
NP: Pvt. Ltd.|P. Ltd.
CN: Co., Ltd.|Co Ltd|Company Limited|Limited|有限公司|有限责任公司|股份有限公司|Co.,Ltd
HK: Limited|Company Limited|Co. Ltd|有限公司
TW: Co., Ltd.|Inc.|Corp.|股份有限公司|有限公司
JP: K.K.|KK|Co., Ltd.|Kabushiki Kaisha|Kabushiki Gaisha|株式会社|㈱|(株)|有限会社|合同会社|G.K.|Godo Kaisha|Y.K.
KR: Co., Ltd.|Inc.|주식회사|(주)|㈜|Corp.|유한회사
SG: Pte Ltd|Pte. Ltd.|Private Limited|Pte Limited|LLP
MY: Sdn Bhd|Sdn. Bhd.|Berhad|Bhd|Sendirian Berhad|PLT
ID: PT|Tbk|CV|Persero
TH: Co., Ltd.|Company Limited|Public Company Limited|PCL|Ltd., Part.|บริษัท จำกัด
VN: Co., Ltd.|JSC|Joint Stock Company|Công ty TNHH|Company Limited|Công ty Cổ phần|TNHH
PH: Inc.|Corporation|Corp.|OPC
KH: Co., Ltd.|Plc.
MM: Co., Ltd.|Company Limited
NG: Ltd|Limited|PLC|Nig. Ltd|Nigeria Limited
KE: Ltd|Limited|(K) Ltd|(Kenya) Limited
GH: Ltd|Company Limited|Ghana Limited
TZ: Ltd|Limited|(T) Ltd
ET: PLC|Private Limited Company|S.C.
SN: SARL|SA|SUARL
CI: SARL|SA|SASU
CM: SARL|SA
CD: SARL|SPRL
"""
PLAIN = str.maketrans("łıøđŁİØĐ", "liodLIOD")


def taken(country: str, watched: str, found: str) -> bool:
    """Return whether the party is taken for the customer."""
    match = judge_party(Customer("c", watched, country), Party(found, country=country))
    return match.verdict in ("same", "possible")


def ways(form: str) -> Iterator[str]:
    """Yield the ways a name is written with a form: behind it, in capitals, without accents."""
    yield f"{NAME} {form}"
    yield f"{NAME} {form}".upper()
    bare = "".join(char for char in unicodedata.normalize("NFD", form) if not unicodedata.combining(char))
    yield f"{NAME} {bare.translate(PLAIN)}"


@pytest.mark.parametrize("line", FORMS.splitlines(), ids=lambda line: line[:2])
def test_a_legal_form_is_no_part_of_the_name(line: str) -> None:
    country, forms = line.split(": ")
    lost = [
        written
        for form in forms.split("|")
        for written in ways(form)
        if not (taken(country, written, NAME) and taken(country, NAME, written))
    ]

    assert lost == []


AHEAD = {
    "RU": ("ООО", "АО", "ПАО", "OOO", "Общество с ограниченной ответственностью"),
    "UA": ("ТОВ", "ПрАТ", "TOV"),
    "LT": ("UAB",),
    "LV": ("SIA",),
    "ID": ("PT", "CV"),
    "JP": ("株式会社", "有限会社"),
    "KR": ("주식회사", "(주)"),
    "VN": ("Công ty TNHH", "Công ty Cổ phần"),
    "KZ": ("ТОО", "АО"),
    "GE": ("შპს",),
}


@pytest.mark.parametrize("country", AHEAD)
def test_a_form_that_stands_ahead_is_one_too(country: str) -> None:
    lost = [form for form in AHEAD[country] if not taken(country, NAME, f"{form} {NAME}")]

    assert lost == []


SHORT = {
    "Manufacturing": "Mfg Mfg. Manuf. Mfr",
    "International": "Intl Int'l Intl. Internat.",
    "Brothers": "Bros Bros.",
    "Industries": "Ind. Inds Inds. Indus.",
    "Engineering": "Engg Eng. Engr. Engrg",
    "Construction": "Constr. Const. Constn",
    "Services": "Svcs Svc. Serv. Srvs",
    "Holdings": "Hldgs Hldg.",
    "Chemicals": "Chem. Chems Chemls",
    "Pharmaceuticals": "Pharm. Pharma Pharms",
    "Laboratories": "Labs Lab. Labs.",
    "Electronics": "Elec. Electr. Elecs",
    "Transportation": "Transp. Transpt",
    "General Trading": "Gen.Trading",
    "Trading": "Trdg Trdg. Trad.",
    "Equipment": "Equip. Eqpt Eqpt.",
    "Machinery": "Mach. Mchy",
    "Enterprises": "Ent. Entps Enterpr.",
    "Development": "Dev. Devt Dvlpt",
    "Management": "Mgmt Mgt Mgmt.",
    "Distribution": "Distr. Dist. Distrib.",
    "Materials": "Matls Mat.",
    "Solutions": "Soln Solns Sol.",
    "Consultants": "Conslts Consult.",
    "Contractors": "Contrs Contr.",
    "Packaging": "Pkg Packg",
    "Shipping": "Shpg Shipg",
    "Corporation": "Corp Corpn",
    "Company": "Co Coy",
}


@pytest.mark.parametrize("word", SHORT)
def test_a_word_cut_short_is_the_word(word: str) -> None:
    whole = f"{NAME} {word} Inc"
    lost = [cut for cut in SHORT[word].split() if not taken("US", whole, f"{NAME} {cut} Inc")]

    assert lost == []


ACCENTS = [
    ("DE", "Müßendorfer Küchenbau GmbH", "Muessendorfer Kuechenbau GmbH | Mussendorfer Kuchenbau GmbH"),
    ("NO", "Bjørkåsen Sjømat AS", "Bjorkasen Sjomat AS | Bjoerkaasen Sjoemat AS"),
    ("DK", "Nørreskær Møbler A/S", "Norreskaer Mobler A/S | Noerreskaer Moebler A/S"),
    ("SE", "Åkerblöm Trävaror AB", "Akerblom Travaror AB | Aakerbloem Traevaror AB"),
    ("IS", "Þórshöfn Fiskverkun ehf.", "Thorshofn Fiskverkun ehf"),
    ("PL", "Zakład Ślusarski Łączyński Sp. z o.o.", "Zaklad Slusarski Laczynski Sp. z o.o."),
    ("CZ", "Dřevovýroba Křížkovský s.r.o.", "DREVOVYROBA KRIZKOVSKY SRO"),
    ("RO", "Țesătoria Brăduleț SRL", "Tesatoria Bradulet SRL | Ţesătoria Brăduleţ SRL"),
    ("TR", "Çağlıyan Dökümcülük A.Ş.", "Cagliyan Dokumculuk AS | ÇAĞLIYAN DÖKÜMCÜLÜK ANONİM ŞİRKETİ"),
    ("VN", "Công ty TNHH Đại Phước Thịnh", "Dai Phuoc Thinh Co Ltd | CONG TY TNHH DAI PHUOC THINH"),
    ("IT", "Società Agricola Niccolò S.r.l.", "SOCIETA' AGRICOLA NICCOLO' SRL"),
]


@pytest.mark.parametrize(("country", "name", "written"), ACCENTS, ids=[row[0] for row in ACCENTS])
def test_accents_are_a_matter_of_the_keyboard(country: str, name: str, written: str) -> None:
    lost = [one for one in written.split(" | ") if not (taken(country, name, one) and taken(country, one, name))]

    assert lost == []
