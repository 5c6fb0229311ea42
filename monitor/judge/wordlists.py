"""Words that tell no company from another: legal forms, trades in many languages, places, numbers. Folded, in Latin letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from monitor.judge import scripts


def words(text: str) -> list[str]:
    """Return the words of a text, for lists that are kept as lines of words."""
    return text.split()


def _set(text: str) -> frozenset[str]:
    return frozenset(words(text))


# --------------------------------------------------------------------------- legal forms

# Kind of form: how it is written, one phrase between bars, run together when looked up. An English rendering of a
# foreign form is common, so forms of one kind agree within a country.
_FORMS = {
    "ltd": "ltd | limited | co ltd | company limited | co limited | pvt ltd | private limited | pty ltd | pty limited | pty | "
    "proprietary limited | pte ltd | pte limited | private ltd | pvt limited | ltda | limitada | lda | limitee | ltee | "
    "limited company | ltd co | ltd company | lc | cia ltda | compania limitada | ltd sti | limited sirketi | sti",
    "llc": "llc | limited liability company | limited liability co | lllc | wll | spc | dhmm | zmm | thmm | ldc | single owner llc",
    "fze": "fze | fzco | fz co | fz llc | llc fz | fz | dmcc | free zone company | free zone establishment",
    "gmbh": "gmbh | gesellschaft mit beschrankter haftung | gesellschaft mbh | mbh | gesmbh | ges m b h | ug | "
    "ug haftungsbeschrankt | ggmbh | unternehmergesellschaft",
    "sarl": "sarl | societe a responsabilite limitee | eurl | sasu | suarl | sarlau | sarl au",
    "sas": "sas | societe par actions simplifiee | sociedad por acciones simplificada | spa chile",
    "srl": "srl | srls | societa a responsabilita limitata | sociedad de responsabilidad limitada | s de rl | s de rl de cv | sl | slu | "
    "sociedad limitada | eirl | srl de cv | societate cu raspundere limitata | empresa individual de responsabilidad limitada | "
    "sociedad comercial de responsabilidad limitada | scrl | sprl | bvba | ltda me | eireli | sapi de cv",
    "bv": "bv | besloten vennootschap | besloten vennootschap met beperkte aansprakelijkheid",
    "spzoo": "sp zoo | sp z o o | spzoo | spolka z oo | spolka z o o | spolka z ograniczona odpowiedzialnoscia",
    "sc": "sc | s c",
    "sro": "sro | s r o | spol s r o | spol sro | spolecnost s rucenim omezenym | spolocnost s rucenim obmedzenym",
    "doo": "doo | d o o | drustvo s ogranicenom odgovornoscu | drustvo sa ogranicenom odgovornoscu | druzba z omejeno odgovornostjo",
    "ooo": "ooo | obshchestvo s ogranichennoi otvetstvennostyu | obshchestvo s ogranichennoy otvetstvennostyu | "
    "obschestvo s ogranichennoy otvetstvennostyu | obshestvo s ogranichennoj otvetstvennostyu | tov | "
    "tovarystvo z obmezhenoiu vidpovidalnistiu | tovaristvo z obmezhenoyu vidpovidalnistyu | too | "
    "tovarishchestvo s ogranichennoi otvetstvennostyu | mchj | osoo | mmc | ocoo | eood | ood | druzhestvo s ogranichena otgovornost | dooel | "
    "tovarystvo z obmezhenoyu vidpovidalnistyu",
    "kft": "kft | korlatolt felelossegu tarsasag | uab | uzdaroji akcine bendrove | sia | ou | osauhing | "
    "sabiedriba ar ierobezotu atbildibu",
    "oy": "oy | osakeyhtio | aps | aktiebolaget | aktieselskabet | anpartsselskab | ehf | einkahlutafelag | ab | aktiebolag | as | a s | aksjeselskap | aktieselskab | "
    "ks | hf | oyj | abp",
    "epe": "epe | etaireia periorismenis efthynis | ike | idiotiki kefalaiouchiki etaireia",
    "sdn": "sdn bhd | sendirian berhad | s b | sdn berhad",
    "pt": "pt | perseroan terbatas | cv | tnhh | cong ty tnhh | cong ty trach nhiem huu han | trach nhiem huu han | tnhh mtv",
    "est": "est | establishment | muassasat | sole proprietorship | sole proprietor",
    "plc": "plc | public limited company | public company limited | pcl | berhad | bhd | pt tbk | tbk | public co ltd",
    "inc": "inc | incorporated | corp | corporation | co inc | company inc | incorporee",
    "co": "co | company | cia | compania | compagnie | cie | comp | and co | and company | et cie | y cia | y compania | kumpulan | c",
    "ag": "ag | aktiengesellschaft | se | societas europaea | sa | s a | societe anonyme | sociedad anonima | sociedade anonima | "
    "sociedad anonima de capital variable | sa de cv | sab de cv | sab | sac | sociedad anonima cerrada | saa | saic | saci | "
    "sociedad anonima cerrada | spa | societa per azioni | nv | naamloze vennootschap | societe par actions | sau | sca | "
    "societa cooperativa per azioni | sicav | s p a | a g | n v",
    "jsc": "jsc | joint stock company | ojsc | cjsc | pjsc | open joint stock company | closed joint stock company | "
    "public joint stock company | jsc co | psc | psjsc | saog | saoc | ksc | kscp | kscc | qpsc | bsc | private joint stock company | "
    "pjs | shps | ss ge | ao | oao | zao | pao | nao | aktsionernoe obshchestvo | "
    "publichnoe aktsionernoe obshchestvo | zakrytoe aktsionernoe obshchestvo | otkrytoe aktsionernoe obshchestvo | prat | pat | at | vat | "
    "aktsionerne tovarystvo | pryvatne aktsionerne tovarystvo | publichne aktsionerne tovarystvo | ad | ead | "
    "aktsionerno druzhestvo | dd | d d | akcionarsko drustvo | delnicka drustvo | a s cz | akciova spolecnost | "
    "akciova spolocnost | spolka akcyjna | prosta spolka akcyjna | zrt | nyrt | rt | reszvenytarsasag | zartkoruen mukodo reszvenytarsasag | "
    "anonim sirketi | anonim sirket | anonim ortakligi | ao tr | asc | ae | avee | aebe | abee | aee | anonymi etaireia | anonimi eteria | cong ty co phan | "
    "co phan | ctcp | jsc vn | aktsiaselts | akcine bendrove | asa | allmennaksjeselskap | qsc | saos | hc",
    "kg": "kg | kommanditgesellschaft | gmbh co kg | gmbh u co kg | gmbh und co kg | gmbh and co kg | gmbh co kommanditgesellschaft | "
    "ag co kg | ag and co kg | co kg | kgaa | gmbh co kgaa | se co kgaa | se co kg | ohg | offene handelsgesellschaft | "
    "gmbh co ohg | gbr | ek | e k | e kfm | eingetragener kaufmann | snc | societa in nome collettivo | sas di | "
    "societe en nom collectif | vof | v o f | vennootschap onder firma | cv nl | lp | limited partnership | llp | "
    "limited liability partnership | lllp | partnership | gp | sp k | spk | sp j | spj | spolka komandytowa | spolka jawna | sp zoo sp k | "
    "sp z o o sp k | kd | ky | ans | da | hb | kb | handelsbolag | oe | ee | omorrythmi etaireia",
    "ip": "ip | fop | individualnyi predprinimatel | pp | chp | fhu | phu | pphu | sole trader | mei | me | epp",
    "coop": "coop | ev | e v | eg | scarl | soc coop | societa cooperativa",
    "kk": "kk | k k | kabushiki kaisha | kabushikigaisha | kabushiki gaisha | yk | yugen kaisha | yugen gaisha | gk | godo kaisha",
    "chusik": "jusikhoesa | chusik hoesa | jusik hoesa | yuhanhoesa",
}  # fmt: skip
_JOINT = _set("ag plc jsc oy kk chusik inc")  # stock companies; the rest are closed ones
_PARTNERS = _set("kg ip coop est")
FORMS: dict[str, str] = {
    phrase.replace(" ", ""): name for name, phrases in _FORMS.items() for phrase in map(str.strip, phrases.split("|"))
}
FORM_WORDS = max(phrase.count(" ") + 1 for phrases in _FORMS.values() for phrase in map(str.strip, phrases.split("|")))
ENGLISH_FORMS = _set("ltd llc inc co plc jsc kg")  # what translators write for any country's form
# At the head of a name, where words are more than forms, only these.
LEADING_FORMS = _set(
    "ooo oao zao pao ao nao tov too prat pat ip fop jsc pjsc ojsc cjsc shps osoo ocoo sia uab ou sc scs aktiebolaget aktieselskabet llc pt cv ud ab oy as sa sarl sas srl gmbh ek ad eood "
    "limitedliabilitycompany jointstockcompany publicjointstockcompany openjointstockcompany closedjointstockcompany "
    "congtytnhh congtycophan ctytnhh congtytrachnhiemhuuhan kabushikikaisha "
    "obshchestvosogranichennoiotvetstvennostyu obshchestvosogranichennoyotvetstvennostyu obschestvosogranichennoyotvetstvennostyu "
    "tovarystvozobmezhenoiuvidpovidalnistiu tovarystvozobmezhenoyuvidpovidalnistyu aktsionernoeobshchestvo "
    "publichnoeaktsionernoeobshchestvo zakrytoeaktsionernoeobshchestvo otkrytoeaktsionernoeobshchestvo "
    "tovarishchestvosogranichennoiotvetstvennostyu individualnyipredprinimatel aktsionernetovarystvo "
    "societeanonyme jusikhoesa"
)  # fmt: skip


def kind_of_form(form: str) -> str:
    """Return whether a form is that of a stock company, of partners or a closed company; "" for `co`, which is any."""
    return "" if form == "co" else "stock" if form in _JOINT else "partners" if form in _PARTNERS else "closed"


# In scripts whose words carry no blanks, or whose letters no phrase of Latin letters spells.
_OTHER_FORMS = re.compile(
    unicodedata.normalize(
        "NFKC",
        "บริษัท|ห้างหุ้นส่วน(?:จำกัด)?|บจก\\.?|บมจ\\.?|หจก\\.?|จำกัด|[(]มหาชน[)]|בע[\"״'׳]{1,2}מ|שרכת|(?<!\\w)ش[.]?\\s?(?:ذ[.]?\\s?)?م[.]?\\s?(?:[عكلم](?:[.]?\\s?[عم])?[.]?)?(?!\\w)|(?<!\\w)ذ[.]?\\s?م[.]?\\s?م[.]?(?!\\w)",
    )
)


def without_other_forms(text: str) -> str:
    """Return the text without the legal forms of Thai and Hebrew."""
    return _OTHER_FORMS.sub(" ", text)


HAN_FORMS = re.compile(
    "股份有限公司|有限责任公司|有限公司|责任公司|株式会社|有限会社|合同会社|合資会社|合名会社|주식회사|유한회사|유한책임회사|"
    r"[(（]?[株有合][)）]|[㈱㈲]|[(（][주유][)）]|㈜|(?<=[\u4e00-\u9fff]{2})股份(?=$|[(（])|(?<=[\u4e00-\u9fff]{3})公司$"
)

# --------------------------------------------------------------------------- what is said around a name

# At the end of a name: the state it is in, its part in the case. Run together when looked up.
_NOTES = """
in liquidation | in voluntary liquidation | in compulsory liquidation | in members voluntary liquidation | in creditors voluntary liquidation |
in administration | in receivership | in administrative receivership | in provisional liquidation | under administration | in bankruptcy |
in examination | in dissolution | dissolved | struck off | in rehabilitation | under judicial management | in business rescue |
in liquidazione | in liquidazione giudiziale | in fallimento | in concordato preventivo | in concordato | in amministrazione straordinaria |
en liquidation | en liquidation judiciaire | en redressement judiciaire | en redressement | en sauvegarde | en cours de liquidation |
en liquidacion | en concurso | en concurso de acreedores | en quiebra | en reestructuracion | en reorganizacion | em liquidacao |
em recuperacao judicial | em rj | massa falida | massa insolvente | in liquidatie | in faillissement | in vereffening |
in liquidation il | i l | il | in liqu | in abwicklung | in insolvenz | in insolvenzverwaltung | in konkurs | i konkurs | i likvidation |
under konkurs | under konkursbehandling | under konkurs behandling | under avvikling | under tvangsavvikling | under tvangsoppløsning | i likvidasjon | under likvidation |
konkurssissa | konkurssipesa | konkursbo | i rekonstruktion | w likwidacji | w upadlosci | w restrukturyzacji | w upadlosci likwidacyjnej |
v likvidaci | v likvidacii | v konkurzu | v konkurze | v insolvenci | v stecaju | u stecaju | u likvidaciji | u likvidaciji | in likvidacija | v likvidatsii |
v nesostoyatelnost | v stadii likvidatsii | konkursnoe proizvodstvo | in lichidare | in faliment | in insolventa | in reorganizare | f a | fa | felszamolas alatt | vegelszamolas alatt |
tasfiye halinde | sanayi ve ticaret | san ve tic | sanayi ticaret | san tic | sanayi ve dis ticaret | ticaret ve sanayi | konkordato | debtor | debtors | debtor in possession | reorganized debtor | alleged debtor | et al | et alii | and others | and another | and anor | and ors | others | another | ors | anor |
defendant | defendants | plaintiff | plaintiffs | petitioner | respondent | appellant | appellee | the
"""
NOTES = frozenset("".join(re.findall("[a-z0-9]", phrase)) for phrase in _NOTES.split("|")) - {""}
NOTE_WORDS = 5
# At the head of a name.
HEADS = _set(
    "inre inthematterof matterof re bankruptcyof liquidationof insolvencyof windingupof mr mrs ms dr messrs messr herr frau monsieur madame sr sra "
    "fa firma firm firmy firmu the indeminsolvenzverfahren insolvenzverfahren insolvenzverfahrenuberdasvermogender "
    "indeminsolvenzverfahrenuberdasvermogender uberdasvermogender insolvenzsache liquidationjudiciairedela liquidationjudiciairede "
    "liquidationjudiciaire redressementjudiciairede redressementjudiciairedela redressementjudiciaire procedurecollective fallimento fallimentodella "
    "fallimentodi liquidazionegiudiziale liquidazionegiudizialedella concordatopreventivo concursodeacreedoresde concursode concursodeacreedores konkursbo "
    "konkursboet faillissementvan faillissement masaupadlosci upadlosc tasfiyehalinde massafalidade massafalidada recuperacaojudicialde "
    "recuperacaojudicialda konkursnoeproizvodstvo"
)
HEAD_WORDS = 6
# `X, a Delaware corporation`, where X may have said its form before.
AS_A_CORPORATION = re.compile(
    r",?\s+an?\s+(?:[A-Z]\w+\s+){0,3}?(corporation|company|limited liability company|limited partnership|partnership|entity)\W*$",
    re.I,
)
BRANCHES = _set(
    "branch zweigniederlassung niederlassung betriebsstatte succursale sucursal filial filiale oddzial pobocka pobocny fiotelep "
    "podruznica klon sivuliike filialas filiala podruzhnytsia filiya predstavnyshtvo predstavitelstvo "
    "fengongsi shiten shisha jijeom yingyebu"
) | {"分公司", "支店", "分行", "办事处", "代表处", "지점", "支社"}

# d/b/a and its like: what stands behind is a name borne now, or one of before.
_NOW = r"d\s?[/.]?\s?b\s?[/.]?\s?a\.?|t\s?/\s?a|t\.a\.|a\s?[/.]?\s?k\s?[/.]?\s?a\.?|n\s?/\s?k\s?/\s?a\.?|doing business as|trading as|trading under the name(?: of)?|also known as|now known as|operating as|o/a|c\.o\.b\.(?: as)?|nombre comercial|nome fantasia|exploitant sous l'enseigne|handelnd unter|alias"  # fmt: skip
_BEFORE = r"f\s?[/.]?\s?k\s?[/.]?\s?a\.?|formerly(?: known as| trading as| called)?|previously(?: known as)?|prev\.|late|n[ée]e|vormals|vorm\.|fr[üu]her|ehem(?:als|\.)|anciennement|ci-devant|gi[àa]|antes|anteriormente|antigua(?:mente)?|denominada anteriormente|dawniej|d[řr][íi]ve|voorheen|tidligere|f\.d\.|tidigare|f d|eski unvan[ıi]|ранее|бывш(?:ее|ий|ая)|ex"  # fmt: skip
OTHERWISE = re.compile(rf"(?:^|(?<=[\s(,;]))(?:(?P<now>{_NOW})|(?P<before>{_BEFORE}))(?=[\s:])[:\s]*", re.I)

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
center centre ctr zentrum centro
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
mould mold molds moulds muju 模具 金型
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


# --------------------------------------------------------------------------- places

# Country by how it is written in names: English, itself, its people's adjective, its larger towns.
_PLACES = {
    "AE": "uae emirates dubai sharjah ajman abudhabi fujairah rak", "AR": "argentina argentino buenosaires rosario cordoba mendoza",
    "AT": "austria osterreich oesterreich austrian wien vienna graz linz salzburg", "AU": "australia australian australasia sydney melbourne brisbane perth adelaide queensland",
    "BD": "bangladesh dhaka chittagong", "BE": "belgium belgie belgique belgian antwerp antwerpen brussels gent", "BG": "bulgaria bulgarian sofia plovdiv varna burgas",
    "BR": "brasil brazil brazilian brasileira brasileiro saopaulo riodejaneiro curitiba", "CA": "canada canadian toronto montreal vancouver ontario quebec calgary",
    "CH": "switzerland schweiz suisse svizzera swiss zurich geneva geneve basel bern", "CL": "chile chilena santiago valparaiso", "CO": "colombia colombiana bogota medellin cali",
    "CN": "china chinese zhongguo beijing shanghai tianjin chongqing guangzhou shenzhen ningbo hangzhou suzhou wuxi nanjing qingdao dalian xiamen "
    "foshan dongguan zhongshan wuhan chengdu xian jinan yantai weifang wenzhou taizhou shaoxing jiaxing huzhou jinhua yiwu fuzhou quanzhou "
    "zhuhai huizhou changzhou nantong zhenjiang yangzhou changsha zhengzhou shijiazhuang hefei kunming nanning harbin shenyang guangdong "
    "zhejiang jiangsu shandong fujian hebei henan hubei hunan sichuan liaoning anhui jiangxi shanxi shaanxi hainan cixi yuyao",
    "CI": "ivoire ivoirienne ivoirien abidjan", "CR": "costarica", "CZ": "czech czechia cesko ceska ceske praha prague brno ostrava", "DE": "germany german deutschland deutsche deutscher "
    "berlin hamburg hamburger munchen muenchen munich koln koeln frankfurt stuttgart dusseldorf bremen bremer leipzig dresden hannover bayern",
    "DK": "denmark danmark dansk danish copenhagen kobenhavn aarhus odense", "DZ": "algeria algerie algerienne alger oran", "EG": "egypt egyptian cairo alexandria misr",
    "ES": "spain espana espanola iberia iberica madrid barcelona valencia sevilla bilbao", "ET": "ethiopia ethiopian", "FI": "finland suomi suomen finnish helsinki tampere turku",
    "FR": "france francaise francais french paris lyon marseille bordeaux lille nantes toulouse", "GB": "uk gb britain british england english scotland scottish wales welsh london "
    "manchester birmingham leeds liverpool coventry teesside bristol sheffield glasgow edinburgh belfast cardiff",
    "GH": "ghana accra kumasi", "GR": "greece hellas hellenic greek athens athina thessaloniki piraeus", "HK": "hongkong kowloon xianggang", "HR": "croatia hrvatska zagreb split rijeka",
    "HU": "hungary magyar hungarian budapest", "ID": "indonesia indonesian jakarta surabaya", "IE": "ireland irish dublin cork", "IL": "israel israeli", "IN": "india indian bharat mumbai "
    "delhi chennai kolkata bangalore bengaluru hyderabad pune ahmedabad gujarat maharashtra punjab tamilnadu", "IR": "iran iranian tehran", "IQ": "iraq baghdad",
    "IT": "italy italia italiana italiano italian milano roma torino napoli bologna genova", "JO": "jordan amman", "JP": "japan japanese nippon nihon tokyo osaka nagoya kyoto yokohama kobe",
    "KE": "kenya kenyan nairobi mombasa", "KR": "korea korean hanguk seoul busan incheon daegu", "KW": "kuwait", "KZ": "kazakhstan almaty astana", "LB": "lebanon beirut",
    "LK": "lanka ceylon colombo", "LT": "lithuania lietuva vilnius", "LV": "latvia latvija riga", "MA": "morocco maroc casablanca", "MU": "mauritius", "MX": "mexico mexicana mexicano monterrey guadalajara",
    "MY": "malaysia malaysian kualalumpur penang johor", "MT": "malta", "NG": "nigeria nigerian lagos kano abuja", "NL": "netherlands nederland nederlandse holland dutch amsterdam rotterdam utrecht eindhoven",
    "NO": "norway norge norsk norske norwegian oslo bergen trondheim stavanger", "NZ": "newzealand auckland", "OM": "oman muscat", "PE": "peru peruana lima", "PH": "philippines manila cebu",
    "PK": "pakistan karachi lahore faisalabad sialkot", "PL": "poland polska polski polish warszawa warsaw krakow gdansk poznan wroclaw lodz", "PT": "portugal portuguesa lisboa porto",
    "QA": "qatar doha", "RO": "romania bucuresti bucharest cluj", "RS": "serbia srbija beograd belgrade", "RU": "russia rossiya russian moskva moscow petersburg perm volgograd ural",
    "SA": "saudi arabia riyadh jeddah dammam", "SE": "sweden sverige svenska swedish stockholm goteborg gothenburg malmo", "SG": "singapore", "SI": "slovenia ljubljana", "SK": "slovakia slovensko bratislava",
    "TH": "thailand thai bangkok siam", "TN": "tunisia tunisie tunis sfax", "TR": "turkey turkiye turk turkish istanbul ankara izmir bursa", "TW": "taiwan taipei kaohsiung",
    "UA": "ukraine ukraina ukrainian kyiv kiev kharkiv odesa odessa lviv zaporizhzhia", "US": "usa us america american texas california florida newyork chicago delaware ohio houston kansas",
    "UZ": "uzbekistan tashkent", "VN": "vietnam vietnamese hanoi saigon hochiminh", "ZA": "southafrica africa johannesburg durban",
}  # fmt: skip
PLACES: dict[str, str] = {word: country for country, words in _PLACES.items() for word in words.split()}
WIDE_PLACES = _set(
    "europe european asia asian africa african pacific atlantic america americas iberia scandinavia nordic baltic balkan gulf"
)
# Places of Japan and Taiwan as they are read there.
_READ_AT_HOME = (
    "東京 tokyo 大阪 osaka 名古屋 nagoya 横浜 yokohama 神戸 kobe 京都 kyoto 福岡 fukuoka 札幌 sapporo 広島 hiroshima 仙台 sendai 静岡 shizuoka 新潟 niigata "
    "岡山 okayama 熊本 kumamoto 長野 nagano 金沢 kanazawa 富山 toyama 北海道 hokkaido 九州 kyushu 日本 nippon 関西 kansai 関東 kanto 東海 tokai 中部 chubu "
    "新竹 hsinchu 台北 taipei 高雄 kaohsiung 台中 taichung 台南 tainan 桃園 taoyuan 彰化 changhua 香港 hongkong 九龍 kowloon"
)
# Names that firms of Japan bear, as they are read there.
_JAPANESE_NAMES = (
    "田中 tanaka 山本 yamamoto 鈴木 suzuki 佐藤 sato 中村 nakamura 小林 kobayashi 加藤 kato 吉田 yoshida 山田 yamada 佐々木 sasaki 山口 yamaguchi 松本 matsumoto "
    "井上 inoue 木村 kimura 清水 shimizu 山崎 yamazaki 池田 ikeda 橋本 hashimoto 阿部 abe 石川 ishikawa 山下 yamashita 中島 nakajima 石井 ishii 小川 ogawa "
    "前田 maeda 岡田 okada 長谷川 hasegawa 藤田 fujita 後藤 goto 近藤 kondo 村上 murakami 遠藤 endo 青木 aoki 坂本 sakamoto 斉藤 saito 斎藤 saito 福田 fukuda "
    "太田 ota 西村 nishimura 藤井 fujii 金子 kaneko 岡本 okamoto 藤原 fujiwara 三浦 miura 中野 nakano 原田 harada 松田 matsuda 竹内 takeuchi 小野 ono 中山 nakayama "
    "上田 ueda 石田 ishida 森田 morita 高橋 takahashi 渡辺 watanabe 伊藤 ito 三菱 mitsubishi 三井 mitsui 住友 sumitomo 富士 fuji 富士川 fujikawa 富士山 fujisan "
    "日立 hitachi 東芝 toshiba 松下 matsushita 川崎 kawasaki 大和 daiwa 昭和 showa 明治 meiji 大正 taisho 東邦 toho 東亜 toa 東和 towa 東洋 toyo 日東 nitto "
    "日新 nisshin 日清 nisshin 大同 daido 三和 sanwa 三協 sankyo 三洋 sanyo 丸紅 marubeni 伊藤忠 itochu 共同 kyodo 協和 kyowa 興和 kowa 信和 shinwa 新和 shinwa "
    "光洋 koyo 大洋 taiyo 太陽 taiyo 中央 chuo 西原 nishihara 北川 kitagawa 黒田 kuroda 安川 yasukawa 島津 shimadzu 堀場 horiba 村田 murata 古河 furukawa "
    "神鋼 shinko 帝人 teijin 旭 asahi 王子 oji 豊田 toyota 本田 honda 関西 kansai 横河 yokogawa 桜 sakura 栄光 eiko 双葉 futaba 若葉 wakaba 大阪 osaka"
)


def _readings(lines: str) -> dict[str, str]:
    read = words(lines)
    return dict(zip(read[::2], read[1::2], strict=True))


JAPANESE_NAMES = frozenset(_readings(_JAPANESE_NAMES).values())
READ_AT_HOME: dict[str, str] = _readings(_JAPANESE_NAMES) | _readings(_READ_AT_HOME)
_HAN_PLACES = words(
    "北京 上海 天津 重庆 广州 深圳 宁波 杭州 苏州 无锡 南京 青岛 大连 厦门 佛山 东莞 中山 武汉 成都 西安 济南 烟台 潍坊 温州 台州 绍兴 嘉兴 湖州 金华 义乌 福州 "
    "泉州 珠海 惠州 常州 南通 镇江 扬州 长沙 郑州 石家庄 合肥 昆明 南宁 哈尔滨 沈阳 广东 浙江 江苏 山东 福建 河北 河南 湖北 湖南 四川 辽宁 安徽 江西 山西 陕西 海南 慈溪 余姚 "
    "中国 香港 台湾 日本 东京 大阪 名古屋 横浜 神戸 서울 부산 인천 대구 한국"
)
ARABIC_LANDS = _set("AE SA EG KW QA BH OM JO LB IQ SY YE SD LY TN DZ MA MR PS IR PK AF")
OTHER_LETTERS = ARABIC_LANDS | _set("RU UA BY KZ KG TJ UZ BG RS MK ME BA GR CY GE AM MN IN BD LK NP IL")

_PLACE_SIGN = re.compile("(?<=[\u4e00-\u9fff]{2})[市省县區区](?=[\u4e00-\u9fff]{2})")


@lru_cache(maxsize=1)
def _han() -> tuple[dict[str, str], re.Pattern[str]]:
    """Return what Chinese, Japanese and Korean trades mean, by their simplified signs, and a pattern of them and of places."""
    trades = {scripts.simplified(one): mark for one, mark in MEANINGS.items() if _EASTERN.fullmatch(one)}
    others = {scripts.simplified(one) for one in (*_HAN_PLACES, *BRANCHES, *MARKS) if _EASTERN.fullmatch(one)}
    trades |= {scripts.simplified(one): home for one, home in READ_AT_HOME.items()}
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
