"""Company names made from word lists, the same at every run: generic trading names of many countries, and telling ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

_Name = tuple[str, str]  # as written, and the country

_GULF_WORDS = (
    "Noor Amal Salam Barakah Rayan Safa Marwa Hilal Najm Nakheel Waha Khaleej Bahar Madina Haramain Fajr Zahra Yasmin "
    "Wadi Manar Burj Dana Lulu Hayat Rahma Tawfiq Ittihad Taqwa Falah Baraka Jazeera Sahara Diyar Bustan Reem Rabee"
).split()
_GULF_TRADES = (
    "Trading|General Trading|Contracting|Trading & Contracting|Foodstuff Trading|Building Materials Trading|Electronics|"
    "Textiles Trading|Auto Spare Parts Trading|Import & Export|International Trading|Enterprises|Transport|Medical Supplies"
).split("|")
_GULF = (
    ("AE", "LLC"), ("AE", "L.L.C"), ("AE", "FZE"), ("SA", "Est."), ("SA", "Co."), ("KW", "W.L.L."), ("QA", "W.L.L."),
    ("BH", "W.L.L."), ("OM", "LLC"), ("JO", "Co."), ("EG", "Co."), ("IQ", "Co. Ltd"), ("LB", "SARL"), ("YE", "Est."),
)  # fmt: skip
_ADJECTIVES = (
    "Golden Silver Blue Green Red Royal Grand Great New Modern Global Universal United National International Eastern "
    "Western Northern Southern Pacific Atlantic Premier First Prime Bright Diamond Crystal Imperial Elite Perfect Smart "
    "Super Best Top Star Sun Ocean Continental Central General Standard Classic Crown Eagle Lucky Happy Fortune"
).split()
_NOUNS = (
    "Star Sun Moon Gate Bridge Line Way Lake River Ocean Sea Sky Mountain Valley Tree Leaf Rose Lotus Lion Tiger Eagle "
    "Falcon Dragon Horse Crown Stone Pearl Diamond Globe World Horizon Sunrise Link Point Tower Wave Wings Dream Vision"
).split()
_ENGLISH_TRADES = (
    "Trading|Enterprises|Industries|Exports|Imports|Import Export|Logistics|Shipping|Foods|Textiles|Garments|Electronics|"
    "Motors|Engineering|Construction|Supplies|Services|Chemicals|Plastics|Furniture|Machinery|Agencies|Ventures|Resources"
).split("|")
_ENGLISH = (
    ("GB", "Ltd"), ("GB", "Limited"), ("US", "LLC"), ("US", "Inc."), ("HK", "Limited"), ("HK", "Co., Ltd."),
    ("IN", "Pvt Ltd"), ("IN", "Private Limited"), ("PK", "(Pvt) Ltd"), ("KE", "Ltd"), ("GH", "Ltd"), ("NG", "Limited"),
    ("ZA", "(Pty) Ltd"), ("AU", "Pty Ltd"), ("SG", "Pte. Ltd."), ("MY", "Sdn. Bhd."), ("CN", "Co., Ltd."),
    ("TH", "Co., Ltd."), ("BD", "Ltd."), ("LK", "(Pvt) Ltd"), ("CA", "Inc."), ("PH", "Corp."), ("CY", "Ltd"),
)  # fmt: skip
_LATIN_TRADES = "Comercializadora Distribuidora Importadora Exportadora Inversiones Transportes Constructora Alimentos Textiles Ferretería Agropecuaria".split()
_LATIN_NAMES = (
    "San José|San Juan|San Pedro|San Miguel|Santa María|Santa Rosa|Santa Cruz|La Esperanza|La Estrella|El Sol|El Progreso|"
    "Del Norte|Del Sur|Del Pacífico|Del Valle|Los Andes|La Unión|La Fortuna|El Águila|El Dorado|Buenos Aires|Central|"
    "Internacional|Nacional|Universal|América|Latina|Del Caribe|La Victoria|El Trébol|La Paz|San Antonio|San Francisco"
).split("|")
_LATIN = (
    ("MX", "S.A. de C.V."), ("CO", "S.A.S."), ("PE", "S.A.C."), ("CL", "Ltda."), ("CR", "S.A."), ("GT", "S.A."),
    ("EC", "Cía. Ltda."), ("BO", "S.R.L."), ("AR", "S.R.L."), ("ES", "S.L."), ("PA", "S.A."), ("DO", "S.R.L."),
)  # fmt: skip
_PORTUGUESE_NAMES = "São José|São Paulo|Santo Antônio|Boa Vista|Nova Era|Estrela|Horizonte|União|Brasil|Atlântico|Central|Progresso|Esperança|Sol Nascente".split("|")  # fmt: skip
_CHINESE = "金星|永利|宏达|华泰|新华|东方|大地|万达|长城|永兴|恒通|鑫源|富贵|吉祥|如意|顺达|天成|中兴|华美|盛世|德源|宏远|兴隆|广源|瑞丰|金龙|永丰|远大|百川|嘉华|宝丰|联合|和平|光明|红星|双喜".split(
    "|"
)
_CHINESE_CITIES = "上海 深圳 广州 宁波 杭州 青岛 厦门 天津 义乌 东莞".split()
_CHINESE_TRADES = "贸易 国际贸易 实业 进出口 商贸 物流 食品 纺织 电子 机械 五金 塑料 建材 化工".split()
_RUSSIAN = "Альфа Бета Омега Вектор Импульс Прогресс Восток Запад Север Юг Старт Гарант Лидер Мир Союз Стандарт Ресурс Феникс Сфера Глобал Евро Регион Титан Орион Атлант Эталон Актив Престиж".split()
_RUSSIAN_TRADES = "Трейд Строй Инвест Сервис Транс Торг Пром Снаб Групп Плюс Маркет Логистик Монтаж Агро".split()
_INDIAN = "Shree Ganesh|Shri Krishna|Sri Lakshmi|Om Sai|Jai Hind|Bharat|Mahalaxmi|Balaji|Durga|Shiv Shakti|Annapurna|Guru Nanak|Maruti|Radha Krishna|Jai Ambe|Saraswati|Vishal|Navyug".split(
    "|"
)
_INDIAN_TRADES = "Traders|Enterprises|Exports|Textiles|Industries|Steel Traders|Foods|Agro Industries|Trading Company|Chemicals|International|Overseas".split(
    "|"
)
_TURKISH = "Yıldız Güneş Anadolu Özgür Altın Birlik Marmara Ege Akdeniz Karadeniz Güven Kardeşler Hilal Bereket Yeni Doğuş Çınar Gül Deniz Öz Umut Star Zirve".split()
_TURKISH_TRADES = "Dış Ticaret|Gıda|Tekstil|İnşaat|Nakliyat|Otomotiv|Tarım|Plastik|Mobilya|Makina".split("|")
_MALAY = "Maju Jaya|Sinar Harapan|Mitra Abadi|Sumber Rejeki|Karya Mandiri|Bintang Timur|Cahaya Baru|Indo Makmur|Surya Kencana|Berkah Sejahtera|Anugerah Utama|Citra Nusantara|Mega Sentosa|Bumi Persada|Tunas Baru|Jaya Abadi".split(
    "|"
)
_MALAY_TRADES = "Trading|Perkasa|Lestari|Sukses|Sentosa|Utama|Tekstil|Logistik|Niaga|Pratama".split("|")
_AFRICAN = "God's Grace|Blessed Hands|Divine Favour|Good Hope|New Life|Peace|Unity|Victory|Providence|Glory|Mama Africa|Savannah|Sunrise|Kilimanjaro|Nile|Equator|Golden Coast|Royal Palm".split(
    "|"
)
_KOREAN = "대한 한국 신한 동양 삼성 우리 금성 태평양 동아 제일 세계 미래 한일 국제 대성 현대 영진 부산".split()
_KOREAN_TRADES = "무역 상사 산업 물산 통상 유통".split()
_JAPANESE = "第一 東洋 日本 大和 中央 太平洋 富士 朝日 三和 協和 大東 共栄 日進 丸一 国際 新日本 東亜 平和".split()
_JAPANESE_TRADES = "商事 物産 貿易 産業 商会 興業".split()
_FRENCH_TRADES = "Société Générale de Commerce|Comptoir|Établissements|Négoce|Import Export|Distribution|Commerce International".split(
    "|"
)
_FRENCH_NAMES = "Le Soleil|L'Étoile|La Paix|L'Espoir|Le Progrès|La Renaissance|Atlantique|Sahel|Le Palmier|L'Unité|Le Lion|Africa|Méditerranée|Le Baobab".split(
    "|"
)
_FRENCH = (("CI", "SARL"), ("SN", "SARL"), ("CM", "SARL"), ("MA", "SARL"), ("TN", "SARL"), ("DZ", "EURL"), ("FR", "SAS"), ("ML", "SARL"))  # fmt: skip


def _gulf(pick: random.Random) -> _Name:
    country, form = pick.choice(_GULF)
    word, trade = pick.choice(_GULF_WORDS), pick.choice(_GULF_TRADES)
    second = f" Al {pick.choice(_GULF_WORDS)}" if pick.random() < 0.3 else ""
    return f"Al {word}{second} {trade} {form}", country


def _english(pick: random.Random) -> _Name:
    country, form = pick.choice(_ENGLISH)
    trade = pick.choice(_ENGLISH_TRADES)
    ahead = f"{pick.choice(('International ', 'General ', 'Global ', ''))}" if pick.random() < 0.3 else ""
    return f"{pick.choice(_ADJECTIVES)} {pick.choice(_NOUNS)} {ahead}{trade} {form}", country


def _latin(pick: random.Random) -> _Name:
    country, form = pick.choice(_LATIN)
    return f"{pick.choice(_LATIN_TRADES)} {pick.choice(_LATIN_NAMES)} {form}", country


def _portuguese(pick: random.Random) -> _Name:
    trade = pick.choice(("Comercial", "Distribuidora", "Importadora", "Transportes", "Indústria e Comércio"))
    country, form = pick.choice((("BR", "Ltda"), ("BR", "S.A."), ("PT", "Lda"), ("AO", "Lda"), ("MZ", "Lda")))
    return f"{trade} {pick.choice(_PORTUGUESE_NAMES)} {form}", country


def _chinese(pick: random.Random) -> _Name:
    city = pick.choice(_CHINESE_CITIES) if pick.random() < 0.6 else ""
    return f"{city}{pick.choice(_CHINESE)}{pick.choice(_CHINESE_TRADES)}有限公司", pick.choice(("CN", "CN", "CN", "HK"))


def _russian(pick: random.Random) -> _Name:
    joined = pick.choice(("-", ""))
    trade = pick.choice(_RUSSIAN_TRADES)
    return f"ООО «{pick.choice(_RUSSIAN)}{joined}{trade if joined else trade.lower()}»", pick.choice(("RU", "RU", "BY"))


def _indian(pick: random.Random) -> _Name:
    return f"{pick.choice(_INDIAN)} {pick.choice(_INDIAN_TRADES)}{pick.choice((' Pvt Ltd', '', ' LLP'))}", "IN"


def _turkish(pick: random.Random) -> _Name:
    return f"{pick.choice(_TURKISH)} {pick.choice(_TURKISH_TRADES)} {pick.choice(('Ltd. Şti.', 'A.Ş.'))}", "TR"


def _malay(pick: random.Random) -> _Name:
    name, trade = pick.choice(_MALAY), pick.choice(_MALAY_TRADES)
    return (f"PT {name} {trade}", "ID") if pick.random() < 0.7 else (f"{name} {trade} Sdn Bhd", "MY")


def _african(pick: random.Random) -> _Name:
    return f"{pick.choice(_AFRICAN)} {pick.choice(_ENGLISH_TRADES)} Ltd", pick.choice(
        ("NG", "GH", "KE", "UG", "TZ", "ZM")
    )


def _korean(pick: random.Random) -> _Name:
    return f"{pick.choice(_KOREAN)}{pick.choice(_KOREAN_TRADES)} 주식회사", "KR"


def _japanese(pick: random.Random) -> _Name:
    return f"{pick.choice(_JAPANESE)}{pick.choice(_JAPANESE_TRADES)}株式会社", "JP"


def _french(pick: random.Random) -> _Name:
    country, form = pick.choice(_FRENCH)
    return f"{pick.choice(_FRENCH_TRADES)} {pick.choice(_FRENCH_NAMES)} {form}", country


_GENERIC: Sequence[Callable[[random.Random], _Name]] = (
    _gulf, _gulf, _english, _english, _english, _latin, _latin, _portuguese, _chinese, _chinese, _russian, _indian,
    _turkish, _malay, _african, _korean, _japanese, _french,
)  # fmt: skip


def generic(seed: int) -> Iterator[_Name]:
    """Yield generic trading names without end, each once: what a thousand unrelated firms are called."""
    pick, seen = random.Random(seed), set[_Name]()
    while True:
        made = pick.choice(_GENERIC)(pick)
        if made not in seen:
            seen.add(made)
            yield made


# --------------------------------------------------------------------------- names that tell a company apart

_STARTS = (
    "Aber Alb Ander Bal Ber Bland Bor Bren Brook Cal Car Clay Cor Dal Del Dor Dun El Esk Fal Far Fen Gar Glen Gor Hal Har "
    "Hol Ingle Jas Kal Kel Kor Lam Lang Lin Lor Mal Mar Mel Mor Nar Nor Old Os Pal Pem Pol Quar Ran Ros Sal Sel Stan Tal "
    "Ter Tor Ul Val Ver Wal War Wes Win Yar Zel Zor"
).split()
_MIDDLES = "a e i o en an er in on ar el im ov ul es ist und ema ori ani ek".split()
_ENDS = (
    "by berg dale den dorf feld field ford gard ham haus hurst ing kamp ley lund man mark mere more nik ova quist rath "
    "rup sen shaw sky son stad stein sted ström thal ton vik ville wald ward wick wood worth zak zano ini elli ero escu"
).split()
_TELLING_TRADES = (
    "Machinery|Foods|Steel|Tools|Bearings|Pumps|Valves|Ceramics|Textiles|Chemicals|Plastics|Packaging|Furniture|Optics|"
    "Seafood|Dairy|Timber|Paper|Glass|Cables|Lighting|Motors|Castings|Pharma|Cosmetics|Toys|Tyres|Garments|Leather|Marine|"
    "Fasteners|Filters|Compressors|Boilers|Instruments|Batteries|Electronics|Software|Logistics|Shipping"
).split("|")
FORMS = (
    ("GB", "Ltd"), ("DE", "GmbH"), ("DE", "GmbH & Co. KG"), ("FR", "SAS"), ("IT", "S.r.l."), ("ES", "S.L."),
    ("NL", "B.V."), ("SE", "AB"), ("NO", "AS"), ("DK", "ApS"), ("FI", "Oy"), ("PL", "Sp. z o.o."), ("CZ", "s.r.o."),
    ("RO", "SRL"), ("US", "Inc."), ("US", "LLC"), ("CA", "Inc."), ("AU", "Pty Ltd"), ("IN", "Pvt Ltd"), ("BR", "Ltda"),
    ("MX", "S.A. de C.V."), ("TR", "A.Ş."), ("ZA", "(Pty) Ltd"), ("CH", "AG"), ("AT", "GmbH"), ("BE", "NV"),
)  # fmt: skip


def word(pick: random.Random) -> str:
    """Return a made-up word of the kind families and places are called by."""
    middle = "".join(pick.choices(_MIDDLES, k=pick.choice((0, 1, 1, 2))))
    return pick.choice(_STARTS) + middle + pick.choice(_ENDS)


def telling(seed: int) -> Iterator[_Name]:
    """Yield names with a distinctive word, a trade and a legal form, without end, each once."""
    pick, seen = random.Random(seed), set[str]()
    while True:
        country, form = pick.choice(FORMS)
        first = word(pick)
        if pick.random() < 0.25:
            first = f"{first} {pick.choice(('&', 'and', '-'))} {word(pick)}".replace(" - ", "-")
        name = f"{first} {pick.choice(_TELLING_TRADES)} {form}"
        if name not in seen:
            seen.add(name)
            yield name, country
