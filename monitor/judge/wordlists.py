"""Words that tell no company from another, folded, in Latin letters: trades in many languages, numbers, names of everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from monitor.judge import forms, places, scripts
from monitor.judge.meanings import EXONYM_WORDS, IN_ARABIC, IN_HAN, MEANINGS, TRADES

__all__ = [
    "EVERYDAY",
    "EXONYM_WORDS",
    "FILLERS",
    "GIVEN",
    "GROUPS",
    "HAN_ORDINAL",
    "IN_ARABIC",
    "IN_HAN",
    "LOCATIVE",
    "MARKS",
    "MEANINGS",
    "NUMBERS",
    "NUMBER_SIGNS",
    "SMALL",
    "TENS",
    "TRADES",
    "han_number",
    "han_parts",
    "together",
    "words",
]


def words(text: str) -> list[str]:
    """Return the words of a text, for lists that are kept as lines of words."""
    return text.split()


def _set(text: str) -> frozenset[str]:
    return frozenset(words(text))


SMALL = _set(
    "za lel lil li lal of the and und et y e i og och ve en un une a an do da de del della dello degli dei di du des d la le l les el los las der die das den "
    "dem van von het ten ter te for fur per para pour im in at by with zu zur zum to till till av o u w z v na po dla s "
    "al el ad as ash an ar az ul wa bin ben ibn bint abu the ja kai tis tou ton ki eta si iz of"
)
LOCATIVE = _set("in i a at of u v w aus en a de za bei")

# Words that say no more than that this is a firm: their absence on one side does not make another company.
FILLERS = _set(
    "co company companies corp corporation firm firma cia compania compagnie cie enterprise enterprises entreprise empresa empresas impresa "
    "est establishment establishments ets etablissements etablissement business businesses trade trading trader traders commerce commercial comercial "
    "comercio ticaret ticari tic sanayi sanayii ve import export imports exports importexport impex exim ithalat ihracat handel handels "
    "industry industries industria industrias industrie industrial industriale industriel industrielle indus "
    "societe ste sociedad societa sociedade spolecnost kompaniya kompania predpriyatie firm sharikat sharika tijara "
    "manufacturing mfg manufacturer manufacturers factory works plant products production "
    "general genel pravna ve"
)
# Words of a firm near the customer: a parent, a sister, its pension fund.
MARKS = _set(
    "holding holdings group groupe grupo gruppo gruppe gruppen groep grup gruppa grupa holdinggesellschaft holdingmaatschappij kholding "
    "beteiligungs beteiligungen beteiligungsgesellschaft verwaltungs verwaltung verwaltungsgesellschaft management beheer forvaltning invest "
    "investment investments inversiones inversora investimentos investissements participations participaciones participacoes partecipazioni "
    "capital ventures partners finance financial finanz financiere finanziaria financing treasury leasing properties property immobilien immobiliare "
    "immobiliere inmobiliaria imoveis kiinteistot fastigheter eiendom ejendomme vastgoed estate estates realty real trustees trustee pension "
    "pensions fund fundacion foundation stiftung fondation fundacao charity charitable employees employee retirement welfare "
    "international intl global worldwide europe european america americas asia pacific africa overseas north south east west "
    "sales distribution distributor services service logistics logistik transport marketing retail energy solutions systems technologies "
    "technology trading handel export import jituan jinchukou bhd sport club "
    "dom house torgovy torgovyi verkauf vertrieb vertriebs ventes ventas vendite vendas vermogensverwaltung grundstucks besitz nederland "
) | {"集团", "控股", "投资", "进出口", "销售", "贸易"}

# Of them, those that tell of a group even where the trade is another: Hartwell Holdings beside Hartwell Components.
GROUPS = _set(
    "holding holdings hldgs group groupe grupo gruppo gruppe gruppen groep gruppa holdinggesellschaft holdingmaatschappij kholding "
    "beteiligungs beteiligungen beteiligungsgesellschaft verwaltungs verwaltungsgesellschaft beheer forvaltning inversiones participations "
    "participaciones participacoes partecipazioni properties immobilien inmobiliaria kiinteistot fastigheter eiendom vastgoed trustees pension "
    "pensions foundation stiftung fundacion fondation jituan konggu"
)

# --------------------------------------------------------------------------- numbers

_NUMBERS = words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
)
_TENS = words("twenty thirty forty fifty sixty seventy eighty ninety")
_ORDINALS = words("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth")
_ROMANS = words("i ii iii iv v vi vii viii ix x xi xii")
_FOREIGN_NUMBERS = (
    "dos tres cuatro cinco seis siete ocho nueve diez",
    "dois tres quatro cinco seis sete oito nove dez",
    "deux trois quatre cinq six sept huit neuf dix",
    "zwei drei vier funf sechs sieben acht neun zehn",
    "due tre quattro cinque sei sette otto nove dieci",
)
NUMBERS = (
    {word: str(at) for at, word in enumerate(_NUMBERS)}
    | {word: str(10 * at) for at, word in enumerate(_TENS, start=2)}
    | {word: str(at) for at, word in enumerate(_ORDINALS, start=1)}
    | {word: str(at) for line in _FOREIGN_NUMBERS for at, word in enumerate(words(line), start=2)}
    | {word: str(at) for at, word in enumerate(_ROMANS, start=1) if len(word) > 1}
)
TENS = {word: 10 * at for at, word in enumerate(_TENS, start=2)}
NUMBER_SIGNS = _set("no nr num number nos nro n nummer numero")
_HAN_DIGITS = {sign: str(at) for at, sign in enumerate("〇一二三四五六七八九十")}
HAN_ORDINAL = re.compile("第([一二三四五六七八九十])")


def han_number(sign: str) -> str:
    """Return a Chinese digit as a number."""
    return _HAN_DIGITS[sign]


# One word of a language that writes together what others write apart.
_APART = {
    "myasokombinat": ("meat", "factory"), "hlebozavod": ("bread", "factory"), "khlebozavod": ("bread", "factory"),
    "molokozavod": ("dairy", "factory"), "rybokombinat": ("seafood", "factory"), "mashinostroitelny": ("machinery",),
    "elektroapparatny": ("electric", "apparatus"), "messtechnik": ("measuring", "technology"),
    "agrohimzavod": ("agro", "chemical", "factory"), "agrokhimzavod": ("agro", "chemical", "factory"),
}  # fmt: skip
_TOGETHER = {scripts.sounds(word): parts for word, parts in _APART.items()}


@lru_cache(maxsize=16384)
def together(word: str) -> tuple[str, ...]:
    """Return the words that one long word of a Slavic language is made of; none if it is not."""
    return _TOGETHER.get(scripts.sounds(word), ()) if len(word) > 8 else ()


# --------------------------------------------------------------------------- Chinese, Japanese, Korean

_PLACE_SIGN = re.compile("(?<=[\u4e00-\u9fff]{2})[市省县區区](?=[\u4e00-\u9fff]{2})")


@lru_cache(maxsize=1)
def _han() -> tuple[dict[str, str], re.Pattern[str]]:
    """Return what Chinese, Japanese and Korean trades mean, by their simplified signs, and a pattern of them and of places."""
    trades = {scripts.simplified(one): mark for one, mark in MEANINGS.items() if _EASTERN.fullmatch(one)}
    others = {
        scripts.simplified(one) for one in (*places.HAN_PLACES, *forms.BRANCHES, *MARKS) if _EASTERN.fullmatch(one)
    }
    trades |= {scripts.simplified(one): home for one, home in places.READ_AT_HOME.items()}
    return trades, re.compile("|".join(sorted({*trades, *others}, key=len, reverse=True)))


_EASTERN = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]+")


@lru_cache(maxsize=16384)
def han_parts(text: str) -> tuple[tuple[str, str], ...]:
    """Cut a run of simplified Chinese, Japanese or Korean into places, trades and what is left, which is the name proper.

    Each part comes with what it means, "" if it is no trade.
    """
    trades, pattern = _han()
    plain = _PLACE_SIGN.sub("", scripts.simplified(text))
    return tuple((part, trades.get(part, "")) for part in _cut(plain, pattern))


def _cut(text: str, pattern: re.Pattern[str]) -> Iterator[str]:
    end = 0
    for found in pattern.finditer(text):
        if found.start() < end:
            continue
        # One sign, as 厂 or 钢, is a trade only at the end.
        if len(found.group()) == 1 and found.end() < len(text):
            continue
        if found.start() > end:
            yield text[end : found.start()]
        yield found.group()
        end = found.end()
    if end < len(text):
        yield text[end:]


# --------------------------------------------------------------------------- names that many bear

GIVEN = _set(
    "john james william thomas david robert michael richard charles george peter paul henry edward joseph daniel mark andrew stephen "
    "mary anna maria elizabeth susan margaret sarah jane jose juan carlos luis antonio manuel francisco pedro jesus jorge miguel fernando "
    "giuseppe giovanni mario marco francesco luigi jean pierre michel jacques philippe hans klaus peter wolfgang jurgen ivan sergei "
    "vladimir dmitri alexander andrei nikolai igor oleg mohammed mohamed muhammad mohammad ahmed ahmad ali hassan hussein omar khalid "
    "abdullah abdul ibrahim yusuf fatima mehmet mustafa hasan li wang zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo lin he "
    "gao luo kim lee park choi jung kang cho yoon jang lim nguyen tran le pham hoang tanaka suzuki sato takahashi watanabe ito yamamoto "
    "smith jones williams brown taylor davies evans wilson johnson miller davis garcia rodriguez martinez hernandez lopez gonzalez perez "
    "sanchez ramirez silva santos oliveira souza costa ferreira pereira muller schmidt schneider fischer weber meyer wagner becker rossi "
    "russo ferrari bianchi martin bernard dubois durand singh kumar sharma gupta patel khan shah ahmed begum das ivanov petrov "
    "andersson johansson karlsson nilsson hansen johansen olsen larsen andersen jensen nielsen wei ming jun hong hua"
)
# Words that names of firms everywhere are made of: virtues, saints, beasts, stars, directions. With them, only the whole
# name in its place tells who is meant. In English, Romance languages, Arabic, Hindi, Russian, Turkish, Mandarin.
EVERYDAY = _set(
    "golden star universal united eastern western northern southern central modern royal great grand first choice super best quality "
    "professional creative smart digital advanced dynamic perfect excellent elite superior standard unique prime top direct express swift "
    "rapid fast quick speed fresh pure clear bright natural organic good better ideal total complete original genuine true real new old "
    "lucky fortune prosperity prosperous happy sunrise sunshine sunlight sunset sun moon stars suns eagles lions tigers wings wing leaf "
    "god gods grace divine favour favor blessing blessings blessed mercy glory hope peace joy victory faith trust wisdom heritage destiny "
    "success life light living love unity freedom liberty justice honour honor pride glory miracle covenant kingdom throne shield rock "
    "mama papa mother father brother sister baba kings queens crown royal imperial supreme ultimate premier leading leader leaders master "
    "trans inter euro omni multi techno agro petro hydro auto alpha beta gamma delta omega sigma zenith apex acme optimum maximum infinity "
    "eternal blue green white black silver crystal diamond emerald ruby sapphire pearl gold red yellow orange pink purple brown grey "
    "ocean river mountain valley forest garden city town house home farm field land water fire wind earth sky sea wave stream spring source "
    "root seed tree wood stone leaf flower lotus rose lily north south east west line lines link bridge gate gateway way road point zone hub "
    "core base edge peak summit world nation people citizen community society alliance allied associated consolidated federal general "
    "family friends power force vision dream planet globe galaxy cosmos universe horizon pioneer century millennium future progress "
    "sons brothers associates partners consultants contractors suppliers traders dealers agency agencies stores store shop resources ventures "
    "kilimanjaro everest himalaya sahara sahel nile congo niger zambezi victoria serengeti "
    # French
    "negoce comptoir mediterranee mediterraneen mediterraneenne palmier baobab soleil lion etoile unite progres avenir espoir atlantique maghreb "
    "nord sud est ouest centre paix fraternite liberte victoire renaissance prestige imperial moderne nouvelle nouveau petit belle bonne perle "
    "diamant argent aigle cheval tigre faucon colombe fleur jardin desert dune montagne riviere fleuve plage monde terre ciel lune "
    "maison foyer famille amis source fontaine moulin sahelienne afrique atlantide "
    # Spanish, Portuguese, Italian
    "comercializadora distribuidora importadora exportadora constructora construtora inmobiliaria transportes transportadora servicios soluciones "
    "ferreteria agropecuaria ganadera alimentos muebles materiales horizonte pacifico atlantico caribe andes norte sur este oeste sol luna estrella "
    "estrela lucero aurora amanecer progreso progresso futuro porvenir esperanza esperanca paz union uniao alianza alianca libertad liberdade "
    "vitoria triunfo gloria fortuna buena bueno bella rosa flor roble pino cedro palma palmera laurel olivo aguila condor halcon leon "
    "toro caballo delfin plata diamante perla cristal rubi esmeralda hierro santa santo sao miguel rita lucia barbara cruz trinidad carmen "
    "pilar dolores isabel teresa martin rafael gabriel latina latino americana americano nacional popular moderna nueva nuevo nova novo "
    "mundial optima primavera verano agua mar oceano rio lago montana sierra valle campo isla costa playa puerto puente castillo torre casa "
    "hogar familia amigos pueblo ciudad agricola jose juan maria pedro carlos antonio sagrada sagrado corazon virgen guadalupe lourdes stella sole "
    # Arabic
    "noor nour nur manar hilal najm qamar shams fajr salam amal amana amanah baraka barakah barakat rahma rahmah rahman reem burj haramain khaleej bahar bahr "
    "taqwa iman ihsan furqan tawheed hidaya huda nasr fath fateh falah najah saada lulu marjan yaqout dhahab fidda jawhara masa waha "
    "wadi jabal sahra nakhla nakheel ward yasmin yasmeen zahra rawda rawdah firdous jannah quds aqsa haram mina arafat zamzam safwa nokhba jazeera "
    "jazira mashriq maghrib sharq gharb shamal janoub wataniya arabia arabiya islamiya khaleejiya madina medina balad bait bayt manzil qasr saqr "
    "shaheen faris fares asad nimr malik malika sultan amir ameer emir sheikh wali habib karim rashid said salem saleh nasser jamal kamal bilal hamza "
    "petra makkah safa marwa dar "
    # India
    "shree shri sree sri shiv shiva ram rama hanuman ganesh laxmi lakshmi mahalaxmi mahalakshmi krishna balaji sai durga jai maruti vishal vijay raj raja rani "
    "hind surya chandra kiran jyoti deepak prakash ashoka mahavir gayatri saraswati annapurna vaishnavi shakti shanti anand ananda mangal shubh "
    "siddhi riddhi navkar arihant om ambika bhagwati vinayak venkateshwara "
    # Russian and its neighbours
    "alfa beta gamma delta omega orion sirius vega kvant impuls standart etalon start plus soyuz yug sever vostok zapad tsentr centr mir zarya rassvet "
    "progress avangard lider favorit garant partner profi ekspert master tekhno tehno prom stroi stroy snab torg treid treyd trade trans montazh "
    "plyus plius atlant atlantis market maksimum olimp titan spektr sfera mega forum start-up vektor kompas rubin almaz kristall grad dom stil "
    "servis invest resurs kapital kontakt region sibir volga neva baltika universal komplekt optima perspektiva "
    # Turkey, East Africa, South-East Asia
    "yildiz gunes deniz dogan guven birlik umut barış safari simba jaya maju makmur sentosa abadi mulia indah sejahtera "
    # Mandarin
    "hengda hengtong xinhua huaxia dongfang donghai jinxing jinlong yongxing zhongxing tiancheng heping guangming ruyi jixiang"
)
