"""Words that tell no company from another, folded, in Latin letters: trades in many languages, numbers, names of everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from monitor.judge import forms, places, scripts


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

# --------------------------------------------------------------------------- one meaning in several words

_SAME_MEANING = """
international intl internatl internacional internazionale internationale internationaal mezhdunarodnyi guoji kokusai gukje 国际 国際 국제 インターナショナル العالمية الدولية
manufacturing mfg manuf manufacture manufacturers manufacturer manufactory manufactoring zhizao
company co comp cia compania compagnie cie companhia kompaniya kompania sharikat sharika 公司 شركة شركه شركت
corporation corp korporatsiya
government govt gov
brothers bros bro hermanos hnos gebruder gebrueder gebr fratelli flli irmaos freres brat adelfoi afoi broers gebroeders
sons son fils hijos hnos filhos figli sohne zonen synove sonner awlad أولاده وأولاده اولاد أولاد
associates assoc assocs associados asociados associes
association assn verband
engineering eng engg engr engrg engineers ingenieria engenharia ingegneria ingenierie gongcheng 工程 엔지니어링 エンジニアリング engrs engineer الهندسية الهندسة
industries inds ind industry industria industrias industrie industrial industriale industrielle gongye kogyo saneop sanayi 工业 工業 산업 sinaat صناعات صناعة صناعه الصناعية 实业 gongmao
technology technologies tech tecnologia tecnologias technologie technologien tekhnologii teknoloji keji 科技 テクノロジー 테크
electronics electronic electron elektronik electronica elektronika dianzi denshi jeonja 电子 電子 전자 エレクトロニクス الإلكترونيات
electric electrical elec elektrik electrica elektro denki jeongi dianqi 电气 電気 電機 电器 전기 elect الكهربائية
services service svc svcs svce servicios servicos servizi khadamat 服务 サービス 서비스 الخدمات خدمات
systems system sys sistemas systeme sistemi システムズ システム 系统 시스템
management mgmt mgt
national natl nacional nationale nazionale الوطنية وطنية
development dev develop developments desarrollo razvitie fazhan 开发 kaihatsu gaebal devt dvlpt dev
distribution dist distributors distributor distribuidora distribuzione distribucion distribs distrib distr dystrybucja
equipment equip equipments equipos shebei 设备 設備 المعدات معدات
machinery mach machine machines maquinaria maschinen macchine machineries makina jixie kikai gigye 机械 機械 기계 kikaku 机电 jidian
maschinenbau machinebuilding
chemical chemicals chem quimica chimica chimie chemie chemische khimiya kimya huagong huaxue kagaku hwahak 化工 化学 화학 ケミカル 化学品 化工品 himicheskii
pharmaceutical pharmaceuticals pharma pharm farma farmaceutica pharmazeutika ilac zhiyao seiyaku jeyak 制药 製薬 제약 医药 药业 ファーマ
fertilizer fertilizers fertiliser fertilisers fert
transport transports transportation transporte transportes trasporti transporty tpt nakliyat naklyat yunshu unyu unsong 运输 運輸 운송 transp nql نقل ترانسپورت perevozki karetta
trading trade trdg trader traders tradings torgovyi torgovaya torgovy ticaret tijara littijara handel handels handelsgesellschaft commerce commercial comercial comercializadora commerciale maoyi boeki muyeok 贸易 貿易 무역 商贸 トレーディング التجارة للتجارة تجارة التجارية
house dom maison
import imp importing imports importacion importadora
export exp exporting exports exportacion exportadora
importexport impex exim 进出口
group grp gpo grupo gruppe groupe gruppo groep gruppa jituan majmuat 集团 集団 グループ 그룹 مجموعة
holding holdings hldg hldgs hldings konggu horudingusu 控股 ホールディングス 홀딩스 القابضة qabida
investment investments invest inversiones investimentos touzi 投资 投資
building bldg buildings البناء
construction constr const constructions construcciones construcoes costruzioni stroitelnaya insaat jianshe jianzhu kensetsu geonseol 建设 建筑 建設 건설
contracting contractors contractor muqawalat lilmuqawalat المقاولات للمقاولات مقاولات للمقاولات
department dept
university univ universidad universite universitat
saint st san santo sint sankt sveti
mount mt
fort ft
center ctr zentrum centro
laboratories laboratory lab labs laboratorio laboratorios laboratoires
general gen generale genel al-amma العامة gle
foods food foodstuff foodstuffs alimentos alimentari alimentaire gida shipin shokuhin sikpum 食品 식품 フーズ غذائية الغذائية اغذية اغذيه pishchevoi pischevoy
products product prods goods wares produkte productos produits zhipin 制品 製品 产品
plastic plastics plast plastik plastika suliao 塑料 塑胶 플라스틱 البلاستيك بلاستيك
textile textiles textil tekstil tessuti fangzhi seni seomyu 纺织 섬유 繊維 纺织品 针织
garment garments clothing apparel fuzhuang 服装 制衣 製衣 成衣 服饰 服装店
furniture mobel muebles mobili meuble mebel meble mobilya jiaju gagu 家具 가구 athath أثاث 家居 家私 mebleva meblevyi mebelnyi namestaja
steel stal acero aceros acier aciers stahl celik gangtie tekko gangcheol 钢铁 钢 鉄鋼 제강 철강 製鋼 steels 钢材 钢管
metal metals metall metales metalli jinshu kinzoku geumsok 金属 금속 metallo
hardware wujin 五金
rubber caucho gomma kauchuk xiangjiao gomu 橡胶 고무 ゴム
paper papel papier carta kagit zhiye zhipin seishi 纸业 纸品 製紙 제지 الورق
glass glas vetro vidrio vidro steklo cam boli garasu yuri 玻璃 硝子 유리 زجاج الزجاج 玻璃制品
bearing bearings zhoucheng 轴承
stationery wenju 文具
logistics logistik logistica logistique logistika lojistik wuliu mullyu butsuryu 物流 물류 ロジスティクス
shipping shpg denizcilik haiyun kaiun haeun 海运 海運 해운 korabna parohodstvo shpg الشحن الملاحة 轮船 船运
marine maritime deniz البحرية
motorcycle motorcycles motuoche 摩托车
motor motors moto qiche jidosha jadongcha 汽车 自動車 자동차 モーター
automotive automobile automobiles auto autos السيارات للسيارات sayarat
precision jingmi seimitsu jeongmil 精密 정밀 精机
optical optics kogaku guangxue 光学 광학
trust trustees
bank banco banque banca yinhang ginko eunhaeng trapeza 银行 銀行 은행
insurance versicherung seguros assurance assicurazioni sigorta baoxian hoken boheom 保险 保険 보험
securities zhengquan shoken jeunggwon 证券 証券 증권
real-estate fudosan budongsan 不動産 房地产 地产 부동산
sales hanbai xiaoshou panmae 销售 販売 판매
factory factories fabrica fabrik fabrique fabbrica fabrika zavod plant works usine gongchang seisakusho kojo gongjang masnaa 厂 工厂 製作所 制作所 工場 공장 مصنع kombinat 制造 制造厂 mill mills fabryka tovarna gyar tehdas fabbriche officine officina zaklad zaklady fty
cable cables kabel kabelnyi kabelny kabelna
dates tumur lilttumur تمور للتمور التمور
fruit fruits frukt frutta fruta frutas obst
juice juices
beer brewery brauerei
seafood seafoods
timber wood holz madera legno les
cement cemento ciment zement cimento الأسمنت الاسمنت
cotton algodon coton
ceramic ceramics ceramica ceramiche keramik keramika taoci 陶瓷
leather cuero cuir pelle 皮革 pige hikaku
shoe shoes calzado calzaturificio calcados footwear obuv obuvki 鞋业 制鞋 xieye
oil petrol petroleum petroleo shiyou 石油 النفط
gas
mining minera miniere mineraria madencilik kuangye 矿业
energy energia energie enerji energiya nengyuan 能源 エネルギー 에너지
power
agro agri agricultural agriculture agricola
dairy laiterie lacteos molochnyi molochny mlekara mleczarnia
cooperative coop cooperativa cooperative kooperativ cooperativas kooperatif co-op
factoryworks
packing packers packaging packer
printing druck imprenta yinshua insatsu insoe 印刷 인쇄 print
tools tool werkzeug werkzeuge
medical med medico medica الطبية طبية
software sofuto 软件 ソフトウェア 소프트웨어
network networks
communication communications comm comms tongxin tsushin tongsin 通信 통신
supply supplies sply
parts
resin resins jushi 树脂 樹脂
jewelry jewellery joyeria yuvelirnyi yuvelirny jewellers jewelers
toys toy
lighting 灯饰 照明 灯具 dengshi zhaoming shomei
solar taiyangneng 太阳能
material materials cailiao 材料 مواد
decoration zhuangshi 装饰
garden
hotel hotels
hospital mustashfa المستشفى
pharmacy
consulting consultants consultancy consultores
contracting
travel
establishment est ets establishments etablissement etablissements muassasat mouassasat 商会 مؤسسة
limited
societe ste sociedad sociedade societa
partners
southern southn
northern nothern
american amer
nigeria nig
center centre
defense defence
organization organisation
jewelry jewellery
tire tyre tires tyres
fiber fibre fibres fibers
color colour colors colours
mold mould moulds molds moulding molding
gray grey
program programme
theater theatre
harbor harbour
labor labour
plow plough
catalog catalogue
analyze analyse
warehouse whse warehousing warehouses bodega cangchu soko 仓储 倉庫 whsg
society soc
nouvelle nlle
meat myaso myasnoi myasnoy miesne carne carnes
bread hleb
confectionery konditerskii konditersky konditerska konditerskaya
polymer polymers polimer polimery
seiki 精機
shoji sangsa 商事 상사
bussan 物産
seiko 精工
sangyo 産業
jujitsu 重工 重工業 중공업 jukogyo junggongeop
koki 工機
kogei 工芸
kaihatsu 開発
kanzai 管財
gomu
dyeing yinran 印染 染整
bamboo zhu 竹 竹制品 竹业
flowers flower huahui 花卉 鲜花
gifts gift lipin 礼品
crafts craft handicraft handicrafts gongyipin 工艺品 工艺
toys wanju 玩具
packaging baozhuang hoso pojang 包装 包裝 포장
umbrella yusan 雨伞
bicycle bicycles zixingche 自行车
battery batteries dianchi 电池
valve valves famen 阀门 バルブ 밸브
pump pumps beng 泵 泵业 ポンプ
mold muju 模具 金型
cable dianlan 电缆
wire
instrument instruments yiqi 仪器 仪表
tea chaye 茶叶 茶业
wine jiuye 酒业
rice
grain liangshi 粮食
aquatic shuichan 水产
feed siliao 饲料
seed zhongzi 种子
pesticide nongyao 农药
fertilizer huafei 化肥 肥料
optoelectronics guangdian 光电
semiconductor bandaoti handotai bandoche 半导体 半導体 반도체
network wangluo 网络
culture wenhua 文化
education jiaoyu 教育
media chuanmei 传媒
advertising guanggao 广告
environmental huanbao 环保
medicalinstrument yiliaoqixie 医疗器械
shipping-agency chuandai 船务 船代
shipyard shipbuilding zaochuan zosen joseon 造船 조선
refrigeration zhileng 制冷
kitchenware chuju 厨具
door menye 门业
window menchuang 门窗
stone shicai seokjae 石材 석재
tile cizhuan 瓷砖
paint tuliao toryo 涂料 塗料
ink youmo 油墨
timber muye 木业
bag bags xiangbao 箱包
knitting zhenzhi
silk sichou 丝绸
towel maojin 毛巾
jewel zhubao 珠宝
watch zhongbiao 钟表
glasses yanjing 眼镜
sugar zucker azucar acucar sucre السكر سكر seker sahar
aluminium aluminum الألمنيوم المنيوم alyuminii lvye 铝业 铝
copper tongye 铜业 med
marble الرخام marmol marmo mermer
united المتحدة
modern الحديثة
emirates الإمارات الاماراتية
egypt egyptian misr المصرية مصر
saudi السعودية
kuwait الكويتية الكويت
qatar القطرية قطر
jordan الأردنية
gulf الخليج
arabia arabian العربية arabiya
fisheries fishery suisan susan 수산 水産
confection seika 製菓
screw neji ネジ ねじ
spring-part bane バネ ばね
shop store shangdian shoten 商店 商行 商会 店 商店 สโตร์ sangjeom 상점
"""
MEANINGS: dict[str, str] = {}
for _line in _SAME_MEANING.split("\n"):
    _first, *_others = _line.split() or [""]
    for _one in (_first, *_others):
        if _one:
            MEANINGS.setdefault(_one, MEANINGS.get(_first, _first))

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
