"""Words that tell, in a running text, whether a name is meant: trades, capitals that carry a name on, business talk."""

from __future__ import annotations

import re

from monitor.judge import names


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


CUT_SHORT = {"pharmaceutical": "pharma", "pharmaceuticals": "pharma", "laboratories": "labs", "technologies": "tech"}
SMALL = _set("of the and for de da do la le du des del")
# Words of ordinary language that companies bear: they need a second hint.
ORDINARY = _set(
    "sun galaxy delta apple orange target gap block crown visa metro shell orient platinum amazon meta alphabet oracle "
    "gold silver star north south east west pacific atlantic summit vertex horizon phoenix eagle falcon lion tiger "
    "bison dove next first united general national standard premier prime royal imperial capital union alliance "
    "liberty freedom heritage legacy pioneer frontier vision insight focus spark square stripe snap match zoom slack "
    "wish box dish ring nest bolt wise chase discover express progress compass cardinal monarch regent sterling diamond "
    "crystal pearl ruby jade amber coral ivory ebony kakao virgin subway corona sprint dollar family signal pilot "
    "best total mars nova terra luna sol aqua arctic polar tropical global marsh crane bell stone wood hill lake river "
    "gulf prairie savanna savannah costa brook tarn moor glen dale fjord canyon desert valley meadow forest grove orchard "
    "cliff cape bay harbour harbor haven port beach shore reef delta oasis tundra plateau ridge peak glacier volcano "
    "sunrise sunset dawn dusk midnight winter summer spring autumn storm thunder lightning rainbow cloud breeze wind "
    "rose lily lotus maple cedar oak pine elm ash willow birch palm olive laurel ivy clover thistle bamboo "
    "wolf bear fox hawk owl swan crow raven robin dragon panther leopard jaguar cobra viper python shark whale dolphin "
    "salmon trout tuna camel elephant buffalo bull stallion mustang kangaroo koala panda merlion phoenix unicorn "
    "iron copper bronze steel granite marble quartz topaz sapphire emerald opal onyx "
    "king queen prince princess duke knight crusader viking pirate captain admiral general ranger guardian sentinel "
    "champion victory triumph glory honour honor noble grand majestic supreme elite classic modern century millennium "
    "anchor beacon lighthouse gateway portal bridge arch pillar column fortress citadel palace mansion villa cottage "
    "market plaza metro urban rural village town county borough parish district province republic empire kingdom "
    "bridge tower castle abbey chapel garden green blue red black white brown grey sky sea ocean island coast"
)
# Words that many companies of one place or group share: never enough alone.
COMMON = (
    ORDINARY
    | names.GENERIC
    | _set(
        "bank banco banque bankers insurance motor motors steel power energy electric electronics oil gas petroleum air "
        "airlines airways airport flughafen royal american british german deutsche french italian spanish indian china "
        "chinese japan japanese korea korean hong kong singapore malaysia thai taiwan brazil brasil mexico canada india "
        "russia russian africa african europe european asia asian america hindustan bharat bharti tata reliance adani "
        "mahindra godrej jindal essar bajaj kotak hdfc icici samsung hyundai lotte hanwha doosan kumho mitsubishi mitsui "
        "sumitomo new old great big city state federal central northern southern eastern western san los las "
        "international south north united first general bank berlin london paris york zurich saint banque credit life "
        "health care medical media press news times post radio tele telecom mobile digital data cloud smart max micro "
        "mega super ultra auto car cars sports sport music film studio studios pictures games food foods fresh home house "
        "real estate land property properties construction engineering building materials chemical chemicals pharma "
        "pharmaceutical pharmaceuticals bio biotech laboratories labs research science sciences water solar wind hydro "
        "coal mining metal metals copper zinc iron aluminium aluminum paper packaging plastics rubber tyres textile "
        "textiles fashion shipping marine ports port rail railway railways road transport logistics aviation space defence "
        "defense security securities finance financial finserv fund funds asset assets trust mutual equity venture angel "
        "retail store stores mart market markets super shop online internet network networks wireless communications "
        "semiconductor semiconductors software hardware computer computers systems data"
    )
)
# What a firm does, at the end of its name: may be left out when people speak of it.
TRADES = _set(
    "motors automotive entertainment communications networks pharmaceuticals pharmaceutical pharma laboratories labs "
    "airlines airways bank bancorp electronics semiconductor software computer computers chemicals foods beverages "
    "stores retail resources mining energy petroleum oil gas ag corp asa plc"
)
TAILS = TRADES | names.GENERIC
# Words that, with a capital, carry a name on: then it is another's.
NAME_WORDS = _set(
    "power steel bank motors motor industries capital finance financial finserv energy electric electronics chemical "
    "chemicals pharma pharmaceuticals laboratories infratel infotech telecom telekom telekommunikation mobile airways "
    "airlines airtel insurance life securities asset aerospace ocean solutions solution biologics heavy "
    "display chem logistics holidays holiday holdings entertainment studios foods "
    "beverages retail stores mart cement paper sugar oil gas petroleum ports port shipping stainless construction "
    "infrastructure properties estate consumer energia hospitality reit football fc club united city "
    "university college school hospital foundation museum stadium arena oval prize award trophy cup india uk usa us "
    "china japan korea europe deutschland france italia brasil thailand africa america americas canada australia "
    "tyres resorts packaging brands bottling enterprises services helicopters defence defense networks network marine "
    "cloud technologies technology tech systems international music pictures television tv radio health healthcare "
    "medical sciences diagnostics trading exports imports agro fertilizers fertilisers textiles realty housing "
    "consultancy software zinc copper gold silver platinum aluminium mining metals minerals "
    "square street road avenue park island islands rocket war force airport station tower building centre "
    "center cars trucks bus batteries battery cells reinsurance broking wealth ventures partners group"
)
LEADING_NAMES = _set(
    "verlag hd bank dr mr mrs ms san saint st mount lake port fort new north south east west tata operation hurricane"
)
KNOWN_CAPITALS = _set(
    "ceo cfo coo cto ipo us usa uk eu un ai ev evs it hr pr tv fda fcc sec ftc doj epa nyse q1 q2 q3 q4 h1 h2 gdp esg rss via and for to"
)
BUSINESS = _set(
    "company companies firm business shares share stock stocks profit profits revenue revenues sales sale sells ceo cfo "
    "coo chairman executive executives director directors board plant plants factory factories customers employees "
    "employee workers staff union unions jobs job layoffs deal stake acquisition acquires takeover merger merge bid ipo "
    "lawsuit lawsuits court sued sues suit trial testifies testify settlement arrest arrested charged charges scam fraud "
    "bank bankruptcy bankrupt insolvency insolvent liquidator creditors debt debts loan loans bonds rights issue rating "
    "quarter quarterly results earnings loss losses net supplier suppliers contract orders market markets investors "
    "investor probe probes investigation investigates inquiry regulator regulators watchdog sebi sec ftc fine fined "
    "fines hackers hack breach ransomware malware recall recalls recalled strike shutdown closes closure production "
    "billion million crore bn mn group maker manufacturer retailer carmaker plunges surges rallies slips tumbles "
    "gewinn umsatz verlust insolvenz werk werke mitarbeiter aktie aktien konzern unternehmen tochter streik streiks "
    "stellenabbau entlassungen rückruf ruckruf übernahme ubernahme fusion abspaltung proteste kauft verkauft "
    "bénéfice benefice usine salariés salaries entreprise rachat greve fusion lucro prejuizo empresa falencia fusao "
    "acoes fabrica aquisicao investe empleados quiebra acciones beneficio huelga compra venta opa"
)
CJK_TRADES = re.compile("(银行|集团|科技|电子|汽车|医药|制药|股份|控股|实业|能源|电力|保险|证券|地产|置业|矿业|重工)$")
CJK_RIVAL = re.compile(
    "(集团|电气|汽车|银行|证券|保险|科技|制药|医药|生物|地产|置业|物业|港口|矿业|重工|控股|发展银行)"
)
