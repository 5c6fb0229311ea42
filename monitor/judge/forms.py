"""What stands around a name without naming: legal forms of the world, the state of a company, captions, `t/a` and its like."""

from __future__ import annotations

import re
import unicodedata


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# --------------------------------------------------------------------------- legal forms

# Kind of form: how it is written, one phrase between bars, run together when looked up. An English rendering of a
# foreign form is common, so forms of one kind agree within a country.
_FORMS = {
    "ltd": "uc | teo | teoranta | rf | unlimited liability company | unlimited liability co | sh p k | sh pk | bm | b m | unip lda | unip ltda | p ltd | co p ltd | private p ltd | pvt p ltd | private co limited | opc pvt ltd | opc private limited | smc pvt ltd | smc private limited | private limited company | unlimited | ulc | unlimited company | dac | designated activity company | clg | company limited by guarantee | cic | community interest company | cc | close corporation | npc | nl | cltda | unipessoal lda | unipessoal limitada | cia limitada | limited liability | ltd liability co | pte | pvt | propty ltd | nig ltd | ltd nig | tld | ltd | limited | co ltd | company limited | co limited | pvt ltd | private limited | pty ltd | pty limited | pty | "
    "proprietary limited | pte ltd | pte limited | private ltd | pvt limited | ltda | limitada | lda | limitee | ltee | "
    "limited company | ltd co | ltd company | lc | cia ltda | compania limitada | ltd sti | limited sirketi | sti",
    "llc": "llc spc | llc sp | llc opc | pllc | professional limited liability company | lc llc | jv llc | limited liability co | opc | one person company | sole proprietorship llc | pc llc | llc | limited liability company | limited liability co | lllc | wll | spc | dhmm | zmm | thmm | ldc | single owner llc",
    "fze": "fzc | free zone llc | fzllc | fze | fzco | fz co | fz llc | llc fz | fz | dmcc | free zone company | free zone establishment",
    "gmbh": "partg mbb | partg | gemeinnutzige gmbh | egmbh | gesellschaft mit beschr haftung | ges mbh | mit beschrankter haftung | gmbh | gesellschaft mit beschrankter haftung | gesellschaft mbh | mbh | gesmbh | ges m b h | ug | "
    "ug haftungsbeschrankt | ggmbh | unternehmergesellschaft",
    "sarl": "sagl | societa a garanzia limitata | sarlu | sarl u | s a r l | ste a responsabilite limitee | scp | sci | scea | earl | gaec | selarl | gie | scop | sarl | societe a responsabilite limitee | eurl | sasu | suarl | sarlau | sarl au",
    "sas": "sociedad por acciones | sas esp | sasu | s a s | sas | societe par actions simplifiee | sociedad por acciones simplificada | spa chile",
    "srl": "srl unipersonale | societa a responsabilita limitata semplificata | sc de rl | sc de rl de cv | spr de rl | sapi | srl cu | ltda srl | s r l | societate cu raspundere limitata debutant | sociedad de resp ltda | soc de resp ltda | slne | slp | sll | srl | srls | societa a responsabilita limitata | sociedad de responsabilidad limitada | s de rl | s de rl de cv | sl | slu | "
    "sociedad limitada | eirl | srl de cv | societate cu raspundere limitata | empresa individual de responsabilidad limitada | "
    "sociedad comercial de responsabilidad limitada | scrl | sprl | bvba | ltda me | eireli | sapi de cv",
    "bv": "cvba | cooperatieve vennootschap met beperkte aansprakelijkheid | comm v | commv | cooperatie ua | bv | besloten vennootschap | besloten vennootschap met beperkte aansprakelijkheid",
    "spzoo": "sp zoo | sp z o o | spzoo | spolka z oo | spolka z o o | spolka z ograniczona odpowiedzialnoscia",
    "sc": "sc | s c",
    "sro": "spol s ro | v o s | vos | sro | s r o | spol s r o | spol sro | spolecnost s rucenim omezenym | spolocnost s rucenim obmedzenym",
    "doo": "preduzece | privredno drustvo | jdoo | j d o o | drustvo sa ogranicenom odgovornoscu beograd | s p | sp doo | doo | d o o | drustvo s ogranicenom odgovornoscu | drustvo sa ogranicenom odgovornoscu | druzba z omejeno odgovornostjo",
    "ooo": "zhshs | zhauapkershiligi shekteuli seriktestigi | up | rup | kup | rupe | oudp | jshs | too jshs | hhk | xxk | tzov | tdv | dp | pp tov | tovarystvo z obmezenou vidpovidalnistu | tovarystvo z dodatkovoiu vidpovidalnistiu | osoo | unitary enterprise | ue | chup | odo | ano | fgup | gup | mup | fau | kp | tmi | ooo | obshchestvo s ogranichennoi otvetstvennostyu | obshchestvo s ogranichennoy otvetstvennostyu | "
    "obschestvo s ogranichennoy otvetstvennostyu | obshestvo s ogranichennoj otvetstvennostyu | tov | "
    "tovarystvo z obmezhenoiu vidpovidalnistiu | tovaristvo z obmezhenoyu vidpovidalnistyu | too | "
    "tovarishchestvo s ogranichennoi otvetstvennostyu | mchj | osoo | mmc | ocoo | eood | ood | druzhestvo s ogranichena otgovornost | dooel | "
    "tovarystvo z obmezhenoyu vidpovidalnistyu",
    "kft": "mb | mazoji bendrija | kft | korlatolt felelossegu tarsasag | uab | uzdaroji akcine bendrove | sia | ou | osauhing | "
    "sabiedriba ar ierobezotu atbildibu",
    "oy": "nuf | ivs | ivaerksaetterselskab | iverksetterselskap | ab publ | aktiebolag publ | publ | i s | p s | amba | slhf | ohf | tmi | osk | oy | osakeyhtio | aps | aktiebolaget | aktieselskabet | anpartsselskab | ehf | einkahlutafelag | ab | aktiebolag | as | a s | aksjeselskap | aktieselskab | "
    "ks | hf | oyj | abp",
    "epe": "mike | monoprosopi ike | monoprosopi epe | m ike | m epe | epe | etaireia periorismenis efthynis | ike | idiotiki kefalaiouchiki etaireia",
    "sdn": "plt | sdn bhd | sendirian berhad | s b | sdn berhad",
    "pt": "pt | perseroan terbatas | cv | tnhh | cong ty tnhh | cong ty trach nhiem huu han | trach nhiem huu han | tnhh mtv",
    "est": "est | establishment | muassasat | sole proprietorship | sole proprietor",
    "plc": "julkinen osakeyhtio | julkinen oy | plc | public limited company | public company limited | pcl | berhad | bhd | pt tbk | tbk | public co ltd",
    "inc": "corpn | pc | p c | professional corporation | na | national association | ltd inc | incorporation | co incorporated | statutory trust | business trust | inc | incorporated | corp | corporation | co inc | company inc | incorporee",
    "co": "coy | co | company | cia | compania | compagnie | cie | comp | and co | and company | et cie | y cia | y compania | kumpulan | c",
    "ag": "ca | c a | compania anonima | sgps | sgps sa | sapa | sa esp | spa con socio unico | saic y f | saicf | sacif | sacia | saiic | saicyf | s en ca | sal | sal offshore | s a l | s a u | sau | sociedad anonima unipersonal | sociedade anonima de capital aberto | sa ri | saspj | sa su | sca | scpa | societe anonyme simplifiee | sab | ag | aktiengesellschaft | se | societas europaea | sa | s a | societe anonyme | sociedad anonima | sociedade anonima | "
    "sociedad anonima de capital variable | sa de cv | sab de cv | sab | sac | sociedad anonima cerrada | saa | saic | saci | "
    "sociedad anonima cerrada | spa | societa per azioni | nv | naamloze vennootschap | societe par actions | sau | sca | "
    "societa cooperativa per azioni | sicav | s p a | a g | n v",
    "jsc": "psa | sh a | societate pe actiuni | privatne aktsionerne tovaristvo | publichne aktsionerne tovaristvo | aj | aksiyadorlik jamiyati | ctcp | ao jshs | hhk jsc | public shareholding company | private shareholding company | bsc closed | ksc closed | saoc | saog | sae | s a e | egyptian joint stock company | sahami khass | sahami khas | sahami aam | sherkat sahami | private joint stock co | public joint stock | prjsc | pt persero | persero | persero tbk | perusahaan perseroan | mono aee | monoprosopi ae | ik akciju sabiedriba | akciju sabiedriba | akciova spol | akc spol | a s spolecnost | spolka akcyjna w organizacji | jsc | joint stock company | ojsc | cjsc | pjsc | open joint stock company | closed joint stock company | "
    "public joint stock company | jsc co | psc | psjsc | saog | saoc | ksc | kscp | kscc | qpsc | bsc | private joint stock company | "
    "pjs | shps | ss ge | ao | oao | zao | pao | nao | aktsionernoe obshchestvo | "
    "publichnoe aktsionernoe obshchestvo | zakrytoe aktsionernoe obshchestvo | otkrytoe aktsionernoe obshchestvo | prat | pat | at | vat | "
    "aktsionerne tovarystvo | pryvatne aktsionerne tovarystvo | publichne aktsionerne tovarystvo | ad | ead | "
    "aktsionerno druzhestvo | dd | d d | akcionarsko drustvo | delnicka drustvo | a s cz | akciova spolecnost | "
    "akciova spolocnost | spolka akcyjna | prosta spolka akcyjna | zrt | nyrt | rt | reszvenytarsasag | zartkoruen mukodo reszvenytarsasag | "
    "anonim sirketi | anonim sirket | anonim ortakligi | ao tr | asc | ae | avee | aebe | abee | aee | anonymi etaireia | anonimi eteria | cong ty co phan | "
    "co phan | ctcp | jsc vn | aktsiaselts | akcine bendrove | asa | allmennaksjeselskap | qsc | saos | hc",
    "kg": "scsp | s en c | and cia s en c | y cia s en c | cia s en c | s en c por a | bt | beteti tarsasag | kozkereseti tarsasag | kkt | scs | gmbh and co ohg | ltd part | limited part | komanditni spolecnost | koll sti | kom sti | kollektif sirketi | sp p | k s | secs | kommandiittiyhtio | kommanditbolag | kommanditselskab | interessentskab | avoin yhtio | kg | kommanditgesellschaft | gmbh co kg | gmbh u co kg | gmbh und co kg | gmbh and co kg | gmbh co kommanditgesellschaft | "
    "ag co kg | ag and co kg | co kg | kgaa | gmbh co kgaa | se co kgaa | se co kg | ohg | offene handelsgesellschaft | "
    "gmbh co ohg | gbr | ek | e k | e kfm | eingetragener kaufmann | snc | societa in nome collettivo | sas di | "
    "societe en nom collectif | vof | v o f | vennootschap onder firma | cv nl | lp | limited partnership | llp | "
    "limited liability partnership | lllp | partnership | gp | sp k | spk | sp j | spj | spolka komandytowa | spolka jawna | sp zoo sp k | "
    "sp z o o sp k | kd | ky | ans | da | hb | kb | handelsbolag | oe | ee | omorrythmi etaireia",
    "ip": "e u | eu | eingetragenes einzelunternehmen | ip | fop | individualnyi predprinimatel | pp | chp | fhu | phu | pphu | sole trader | mei | me | epp",
    "coop": "s coop | s coop and | sociedad cooperativa | s c c l | sccl | asbl | vzw | societa consortile | scarl | consorzio | soc coop a rl | societa cooperativa a rl | coop a rl | sc coop | cooperativa de rl | ev | e v | eg | scarl | soc coop | societa cooperativa",
    "kk": "goshi kaisha | gomei kaisha | kk | k k | kabushiki kaisha | kabushikigaisha | kabushiki gaisha | yk | yugen kaisha | yugen gaisha | gk | godo kaisha",
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
    "ooo oao zao pao ao nao tov too prat pat ip fop jsc pjsc ojsc cjsc shps osoo ocoo ctcp pp pe ae oe ee epe ike jshs up rup kup chup eurl sia uab ou sc scs aktiebolaget aktieselskabet llc pt cv ud ab oy as sa sarl sas srl gmbh ek ad eood "
    "limitedliabilitycompany jointstockcompany publicjointstockcompany openjointstockcompany closedjointstockcompany "
    "congtytnhh congtycophan ctytnhh congtytrachnhiemhuuhan kabushikikaisha "
    "eurl uab sia fau fgup gup mup ano odo chup ue dp kp tzov tdv stes perusahaanperseroan asbl vzw srlcu obshchestvosogranichennoiotvetstvennostyu obshchestvosogranichennoyotvetstvennostyu obschestvosogranichennoyotvetstvennostyu "
    "tovarystvozobmezhenoiuvidpovidalnistiu tovarystvozobmezhenoyuvidpovidalnistyu aktsionernoeobshchestvo "
    "publichnoeaktsionernoeobshchestvo zakrytoeaktsionernoeobshchestvo otkrytoeaktsionernoeobshchestvo "
    "tovarishchestvosogranichennoiotvetstvennostyu individualnyipredprinimatel aktsionernetovarystvo "
    "societeanonyme jusikhoesa privatneaktsionernetovaristvo publichneaktsionernetovaristvo"
)  # fmt: skip


def kind_of_form(form: str) -> str:
    """Return whether a form is that of a stock company, of partners or a closed company; "" for `co`, which is any."""
    return "" if form == "co" else "stock" if form in _JOINT else "partners" if form in _PARTNERS else "closed"


# In scripts whose words carry no blanks, or whose letters no phrase of Latin letters spells.
_OTHER_FORMS = re.compile(
    unicodedata.normalize(
        "NFKC",
        "บริษัท|ห้างหุ้นส่วน(?:จำกัด)?|บจก\\.?|บมจ\\.?|หจก\\.?|จำกัด|[(]มหาชน[)]|(?:ال)?شركة\\s+(?:ال)?ذات\\s+(?:ال)?مس(?:ؤ|و)ولية\\s+(?:ال)?محدودة|בע[\"״'׳]{1,2}מ|שרכת|(?<!\\w)ش[.]?\\s?(?:ذ[.]?\\s?)?م[.]?\\s?(?:[عكلم](?:[.]?\\s?[عم])?[.]?)?(?!\\w)|(?<!\\w)ذ[.]?\\s?م[.]?\\s?م[.]?(?!\\w)",
    )
)


def without_other_forms(text: str) -> str:
    """Return the text without the legal forms of Thai and Hebrew."""
    return _OTHER_FORMS.sub(" ", text)


HAN_FORMS = re.compile(
    "私人有限公司|股份有限公司|有限责任公司|有限公司|责任公司|株式会社|有限会社|合同会社|合資会社|合名会社|주식회사|유한회사|유한책임회사|"
    r"[(（]?[株有合][)）]|[㈱㈲]|[(（][주유][)）]|㈜|(?<=[\u4e00-\u9fff]{2})股份(?=$|[(（])|(?<=[\u4e00-\u9fff]{3})公司$"
)

# --------------------------------------------------------------------------- what is said around a name

# At the end of a name: the state it is in, its part in the case. Run together when looked up.
_NOTES = """
in liquidation | in voluntary liquidation | in compulsory liquidation | in members voluntary liquidation | in creditors voluntary liquidation |
in administration | in receivership | in administrative receivership | in provisional liquidation | under administration | in bankruptcy |
in examination | in dissolution | dissolved | struck off | administrators appointed | receivers appointed | receiver appointed | liquidators appointed | liquidator appointed | in examinership | under examinership | in external administration | subject to deed of company arrangement | in creditors voluntary | in cvl | in mvl | in receivership and liquidation | in rehabilitation | under judicial management | in business rescue |
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
