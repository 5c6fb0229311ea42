"""What words of trade mean, in many languages: one mark for Mfg, Manufacture and 制造. Latin words are folded; others as written."""

from __future__ import annotations

from collections.abc import Iterator

# A line is one meaning, named by its first word; several lines may speak of one. What comes first, counts.
_TRADES = """
international intl internatl internacional internazionale internationale internationaal mezhdunarodnyi guoji kokusai gukje 国际 国際 국제 インターナショナル العالمية الدولية
manufacturing mfg manuf manufacture manufacturers manufacturer manufactory manufactoring zhizao
company co comp cia compania compagnie cie companhia kompaniya kompania sharikat sharika 公司 شركة شركه شركت חברת חברה कंपनी कम्पनी কোম্পানি
corporation corp korporatsiya コーポレーション
government govt gov
brothers bros bro hermanos hnos gebruder gebrueder gebr fratelli flli irmaos freres brat adelfoi afoi broers gebroeders إخوان اخوان الاخوة الإخوة اخوة اخوه freres frere
sons son fils hijos hnos filhos figli sohne zonen synove sonner awlad abna ابناء أبناء وأبناء أبناؤه أولاده وأولاده اولاد أولاد ובניו בניו ابناوه syny sini sinovi
associates assoc assocs associados asociados associes
association assn verband
engineering eng engg engr engrg engineers ingenieria engenharia ingegneria ingenierie gongcheng 工程 엔지니어링 エンジニアリング engrs engineer الهندسية الهندسة
industries inds ind industry industria industrias industrie industrial industriale industrielle gongye kogyo saneop sanayi 工业 工業 산업 sinaat صناعات صناعة صناعه الصناعية 实业 gongmao תעשיות תעשיית उद्योग ইন্ডাস্ট্রিজ 실업
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
machinery mach machine machines maquinaria maschinen macchine machineries makina jixie kikai gigye 机械 機械 기계 kikaku 机电 jidian マシナリー
maschinenbau machinebuilding
chemical chemicals chem quimica chimica chimie chemie chemische khimiya kimya huagong huaxue kagaku hwahak 化工 化学 화학 ケミカル 化学品 化工品 himicheskii kasei 化成 케미칼
pharmaceutical pharmaceuticals pharma pharm farma farmaceutica pharmazeutika ilac zhiyao seiyaku jeyak 制药 製薬 제약 医药 药业 ファーマ أدوية الأدوية للأدوية ادوية 케미칼제약
fertilizer fertilizers fertiliser fertilisers fert
transport transports transportation transporte transportes trasporti transporty tpt nakliyat naklyat yunshu unyu unsong 运输 運輸 운송 transp nql نقل ترانسپورت perevozki karetta نقليات للنقليات النقليات
trading trade trdg trader traders tradings torgovyi torgovaya torgovy ticaret tijara littijara handel handels handelsgesellschaft commerce commercial comercial comercializadora commerciale maoyi boeki muyeok 贸易 貿易 무역 商贸 トレーディング التجارة للتجارة تجارة التجارية סחר ট্রেডিং ट्रेडिंग 교역
house dom maison
import imp importing imports importacion importadora استيراد الاستيراد للاستيراد
export exp exporting exports exportacion exportadora تصدير والتصدير التصدير
importexport impex exim 进出口
group grp gpo grupo gruppe groupe gruppo groep gruppa jituan majmuat 集团 集団 グループ 그룹 مجموعة
holding holdings hldg hldgs hldings konggu horudingusu 控股 ホールディングス 홀딩스 القابضة qabida
investment investments invest inversiones investimentos touzi 投资 投資 استثمار للاستثمار الاستثمار
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
foods food foodstuff foodstuffs alimentos alimentari alimentaire gida shipin shokuhin sikpum 食品 식품 フーズ غذائية الغذائية اغذية اغذيه pishchevoi pischevoy מזון フード 푸드
products product prods goods wares produkte productos produits zhipin 制品 製品 产品
plastic plastics plast plastik plastika suliao 塑料 塑胶 플라스틱 البلاستيك بلاستيك פלסטיק プラスチック 플라스틱
textile textiles textil tekstil tessuti fangzhi seni seomyu 纺织 섬유 繊維 纺织品 针织 टेक्सटाइल वस्त्र টেক্সটাইল نسيج النسيج للنسيج weaving weavers weaver weberei tissage tejidos tecelagem tkalnia tkalnice yfantourgia dokuma tesatoria 织造
garment garments clothing apparel fuzhuang 服装 制衣 製衣 成衣 服饰 服装店
furniture mobel muebles mobili meuble mebel meble mobilya jiaju gagu 家具 가구 athath أثاث 家居 家私 mebleva meblevyi mebelnyi namestaja
steel stal acero aceros acier aciers stahl celik gangtie tekko gangcheol 钢铁 钢 鉄鋼 제강 철강 製鋼 steels 钢材 钢管 حديد الحديد للحديد スチール 스틸
metal metals metall metales metalli jinshu kinzoku geumsok 金属 금속 metallo メタル 메탈
hardware wujin 五金
rubber caucho gomma kauchuk xiangjiao gomu 橡胶 고무 ゴム
paper papel papier carta kagit zhiye zhipin seishi 纸业 纸品 製紙 제지 الورق
glass glas vetro vidrio vidro steklo boli garasu yuri 玻璃 硝子 유리 زجاج الزجاج 玻璃制品 ガラス 글라스
bearing bearings zhoucheng 轴承
stationery wenju 文具
logistics logistik logistica logistique logistika lojistik wuliu mullyu butsuryu 物流 물류 ロジスティクス
shipping shpg denizcilik haiyun kaiun haeun 海运 海運 해운 korabna parohodstvo shpg الشحن الملاحة 轮船 船运
marine maritime deniz البحرية
motorcycle motorcycles motuoche 摩托车
motor motors moto qiche jidosha jadongcha 汽车 自動車 자동차 モーター automotive automobile automobiles auto autos السيارات للسيارات sayarat モータース 모터스
precision jingmi seimitsu jeongmil 精密 정밀 精机
optical optics kogaku guangxue 光学 광학
trust trustees
bank banco banque banca yinhang ginko eunhaeng trapeza 银行 銀行 은행
insurance versicherung seguros assurance assicurazioni sigorta baoxian hoken boheom 保险 保険 보험
securities zhengquan shoken jeunggwon 证券 証券 증권
real-estate fudosan budongsan 不動産 房地产 地产 부동산
sales hanbai xiaoshou panmae 销售 販売 판매
factory factories fabrica fabrik fabrique fabbrica fabrika zavod plant works usine gongchang seisakusho kojo gongjang masnaa 厂 工厂 製作所 制作所 工場 공장 مصنع kombinat 制造 制造厂 mill mills fabryka tovarna gyar tehdas fabbriche officine officina zaklad zaklady fty combine combinat מפעלי מפעל मिल्स মিলস
cable cables kabel kabelnyi kabelny kabelna
dates tumur lilttumur تمور للتمور التمور
fruit fruits frukt frutta fruta frutas obst
juice juices
beer brewery brauerei
seafood seafoods
timber wood holz madera legno עץ
cement cemento ciment zement cimento الأسمنت الاسمنت tsimento tsimenta tsimenton セメント 시멘트
cotton algodon coton
ceramic ceramics ceramica ceramiche keramik keramika taoci 陶瓷 سيراميك السيراميك ceramique ceramiques
leather cuero cuir pelle 皮革 pige hikaku
shoe shoes calzado calzaturificio calcados footwear obuv obuvki 鞋业 制鞋 xieye
oil petrol petroleum petroleo shiyou 石油 النفط オイル 오일
gas ガス 가스
mining minera miniere mineraria madencilik kuangye 矿业
energy energia energie enerji energiya nengyuan 能源 エネルギー 에너지
power
agro agri agricultural agriculture agricola
dairy laiterie lacteos molochnyi molochny mlekara mleczarnia
cooperative coop cooperativa cooperative kooperativ cooperativas kooperatif co-op
packing packers packaging packer
printing druck imprenta yinshua insatsu insoe 印刷 인쇄 print
tools tool werkzeug werkzeuge
medical medico medica الطبية طبية med
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
hotel hotels 호텔
hospital mustashfa المستشفى
pharmacy
consulting consultants consultancy consultores
travel
establishment est ets establishments etablissement etablissements muassasat mouassasat 商会 مؤسسة
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
tire tyre tires tyres タイヤ
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
warehouse whse warehousing warehouses bodega cangchu soko 仓储 倉庫 whsg مخازن المخازن للمخازن
society soc
nouvelle nlle
meat myaso myasnoi myasnoy miesne carne carnes
bread hleb
confectionery konditerskii konditersky konditerska konditerskaya seika 製菓 제과
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
stone shicai seokjae 石材 석재 حجر الحجر والحجر
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
copper tongye 铜业
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
screw neji ネジ ねじ
spring-part bane バネ ばね
shop store shangdian shoten 商店 商行 商会 店 商店 สโตร์ sangjeom 상점
bakery baeckerei backerei boulangerie panaderia panificio padaria piekarnia pekarna pekara pekarnya bakkerij bageri bakeri firin brutarie pekseg hlebopekarnya artopoieio مخبز المخابز 烘焙 パン
winery weingut weinkellerei cantina cantine bodegas vinicola vinarstvi vinaria vinarija vinarna vinzavod winnica chateau oinopoiia 葡萄酒
beer brewery brouwerij bryggeri brasserie cerveceria cervejaria birrificio browar pivovar pivovara panimo bira 啤酒 ビール 맥주
quarry quarries steinbruch carriere cantera cava pedreira karer kamieniolom tasocagi كسارة محاجر 采石
gravel kies gravier grava ghiaia sljunak shcheben grus
foundry casting castings giesserei fonderie fonderia fundicion fundicao slevarna odlewnia livarna lejereskt liteinyi gjuteri gieterij dokum ontode turnatorie 铸造 鋳造 주물 مسبك
forge forging forgings schmiede forja kuznia kovarna 锻造 鍛造 단조
iron eisen ferro hierro zelazo zelezo jern demir tekkosho 鉄工所 鉄工 铁
knitwear knitting dziewiarskie trikotazh trikotaj triko maglificio bonneterie 针织
hosiery bonneteria calzificio cizme
spinning spinners spinnerei filature hilados fiacao filatura przedzalnia pradelna klostiria iplik fonoda الغزل غزل للغزل 纺纱
garment clothing bekleidung confection confezioni confeccoes odziez odevy shveinaya shveynaya ruha giyim konfeksiyon ملابس الملابس
carpet carpets teppich tapis alfombras tappeti tapetes dywany koberce kovry hali سجاد السجاد 地毯
brush brushes buersten brosse cepillos spazzole pedzli pedzle
rope ropes seile corderie cuerdas cordami rebslageri liny kanat
bolt bolts screws schrauben visserie tornilleria bulloneria viterie sruby
pipe pipes tube tubes rohre tuyaux tubos tubi rury trubki trubnyi boru cso الأنابيب انابيب للأنابيب 管业 管道 파이프
appliances appliance geraete electrodomesticos electromenager elettrodomestici agd الأجهزة اجهزة للأجهزة 家电
tools outils herramientas utensili ferramentas narzedzia naradi instrumentalnyi alet الأدوات ادوات للأدوات 工具 공구
paint paints paint farben peintures pinturas vernici tintas farby barvy kraski lako festek الدهانات دهانات للدهانات 油漆
cosmetics cosmetic kosmetik cosmetiques cosmeticos cosmetici kosmetyki kosmetika kozmetika kozmetik kallyntika مستحضرات 化妆品 化粧品 화장품
soap soaps seife savonnerie jabones saponificio mydlo sabun savon الصابون صابون
glass glassworks glashuette glasfabrik glashutte verrerie vidrieria vetreria vidraria huta sklarna staklara glasvaerk
pottery toepferei poterie alfareria olaria garncarstwo hrncirstvi
brick bricks ziegel briques ladrillos mattoni tijolos cegly cihelna kirpich tugla tegla kiegelis الطوب
sheet chapas tole lamiera blech plech
diecasting pressofusioni druckguss
stamping stanzwerk estampados
scales waagenfabrik waagen basculas bilance wagi vahy vesy terazi
measuring messtechnik
spring federn ressorts muelles molas sprezyny pruziny
lock locks schloss serrurerie cerraduras serrature zamky kilit
sawmill saegewerk sagewerk scierie aserradero segheria serraria tartak lesopilka sagbruk saha saghala kereste lentpjuve gater
timber wood bois madeira drewno drevo drevesina ahsap puu tra trae xylo الأخشاب اخشاب خشب 木业 木材
forest forestry forst foret forestal forestale florestal lesnoi skog
paperboard karton cartonnage carton cartone papelao tektura kartonaza kartonnyi
printing printinghouse druckerei imprimerie imprenta tipografia drukarnia tiskarna tipografiya trykkeri drukkerij matbaa nyomda typografeio مطبعة المطبعة للطباعة
publishing verlag editions editorial editora casaeditrice wydawnictwo izdatelstvo forlag yayin ekdoseis النشر للنشر 出版
bookshop bookstore buchhandlung librairie libreria livraria ksiegarnia knihkupectvi 书店
hotel hotelier xenodocheio xenodocheiakes otel gostinitsa فندق الفنادق فنادق للفنادق 酒店 宾馆 ホテル 호텔
restaurant gaststatten ristorante restaurante restauracja الطعام مطعم 餐饮
tourism tourist turismo turystyka turizm touristiki السياحة للسياحة 旅游 観光 관광
enterprise enterprises enterprise epicheiriseis epixeiriseis isletmeleri predpriyatiya
construction constructions kataskeves kataskevastiki stavby budowlane budownictwo budivelna stroitelna stroitelstvo gradevinsko epitesi constructii byg bygg bouw bau rakennus yapi الإنشاءات انشاءات للإنشاءات التعمير 건축
metallurgy metalwork metallikes metallbau metalurgica metallurgie metallurgia metalurgia metalurgiczny metallurgical metallurgy metallurgicheskii metalurgija metalurji 冶金
combine kombinat combinat kombinats
apparatus apparatnyi electroapparatus elektroapparatnyi
airconditioner kondicioner klima klimatyzacja kondytsioneriv
household bytovyi pobutovyi haushalt
cheese kaese fromagerie queseria caseificio queijaria syrarna syrzavod kaas peynir sajt tyrokomeio الجبن اجبان
dairy milk milch lait leche latte leite mleko mlieko moloko melk mjolk maito tej gala الألبان البان للألبان حليب 乳业 乳品 우유
meat meatpacking fleisch fleischwaren viande carnicas salumificio mieso miaso maso mjaso kjott kott vlees liha hus kreas اللحوم لحوم للحوم 肉类 肉食 정육
fisheries fish fisch poisson pescado pesce peixe ryba ryb fisk kala balik hal psari pesca pescas pesquera الأسماك اسماك للأسماك 渔业 鱼
poultry gefluegel volaille avicola pollame drob ptitsefabrika kanatli الدواجن دواجن للدواجن 禽业
eggs eier oeufs huevos uova jajka
flour mill muehle muhle moulin molino mulino moinho mlyn mlin minoterie harinera alevromyloi مطاحن المطاحن 面粉 製粉 제분
olive oliven olive olio elaiolada elaiourgeio huilerie oleificio almazara lagar zeytinyagi زيتون الزيتون معصرة
oilseeds oilmill maslozavod olmuhle maslo زيوت الزيوت للزيوت 油脂
vegetables vegetable gemuese legumes verduras verdure warzywa zelenina ovoshchi groente gronsaker sebze zoldseg الخضروات خضروات 蔬菜
fruit fruitveg fruechte owoce ovoce frukty vocni voce voca hedelma meyve gyumolcs fruct الفواكه فواكه للفواكه 水果 果业
canned canning conserve conserves conservas conserveria konserven konservy przetworstwo konzervarna konserve kansoku المعلبات معلبات 罐头
coffee kaffee cafe caffe kawa kofe kahvi kahve kave kafes kaffeekontor roastery rosterei torrefaction torrefazione tostadero البن بن للبن محمصة محامص 咖啡 コーヒー 커피
tea tee herbata chai cay ceai tsai الشاي شاي للشاي 茶
cocoa kakao cacao
spice spices gewuerze epices especias spezie przyprawy koreni specii baharat البهارات بهارات 香料
salt salz tuz alat الملح 盐业
water wtr wasser eau agua acqua woda voda vatten vann vesi viz المياه مياه للمياه 水业
ice eis glace hielo ghiaccio lod buz jeg
tobacco tabak tabac tabaco tabacco tyton tutun tutunski التبغ تبغ 烟草
grain getreide cereales granos cereali zboze obili zerno zhito astyk tahil gabona sitari الحبوب حبوب للحبوب 谷物
livestock vieh elevage ganaderia allevamento bydlo skot zivocisna hayvancilik المواشي مواشي للمواشي 畜牧
irrigation bewaesserung riego irrigazione sulama الري 灌溉 השקיה
nursery baumschule pepiniere vivero vivaio skolka
flowers blumen fleurs flores fiori kwiaty kvetiny tsvety bloemen blommor blomster kukka cicek virag anthi
jute جوت জুট
paper tissue
leather leatherworks gerberei tannerie curtiduria conceria curtume garbarnia kozeluzna tabakhane byrsodepseio جلود الجلود للجلود 制革
fur furs pelz fourrure pieles pellicce futra
shoe shoes schuhe schuhhaus schuhfabrik chaussures zapatos calzature obuwie obuvna skor sko kengat ayakkabi cipo papoutsia أحذية الأحذية للأحذية 鞋 靴 신발
gloves glove handschuh gants guantes guanti eldiven
sports sport sportartikel 体育 스포츠
music musical musik musique
toys spielwaren jouets juguetes giocattoli brinquedos zabawki hracky igrushki oyuncak ألعاب
clock uhren horlogerie relojeria orologi zegarki hodinky chasy uhrenfabrik saat
jewelry goldschmied bijouterie orfebreria gioielleria ourivesaria bizuteria zlatarstvi zlatara kuyumculuk المجوهرات مجوهرات للمجوهرات ذهب
exchange cambio kantor dovizburosu الصرافة صرافة للصرافة
remittance remittances transfers تحويلات التحويلات والتحويلات
bank مصرف المصرف بنك البنك
insurance ubezpieczenia pojistovna strahovanie strahovaya ins osiguranje osiguruvanje biztosito asigurari forsikring forsakring vakuutus asfalistiki التأمين تامين للتأمين
agency agcy agentur agence agencia agenzia agentstvo ajans وكالة الوكالات
freight cargo fracht fret flete spedition spedycja spedice expedition gruz 货运 货代 화물
forwarding forwarders forwarder spediteur transitaire
truck trucks lkw camions camiones autocarri ciezarowki
bus buses autobus autobusy avtobus otobus
rail railway railways bahn ferrocarril ferroviaria kolej zeleznice demiryolu السكك
airline airlines luftfahrt aerienne aerolineas aviacompania aviakompaniya havayollari الطيران طيران للطيران 航空 항공
shipyard werft chantier astillero cantiere estaleiro stocznia lodenice verf sudostroitelnyi navpigeia tersane 船厂 船舶
port hafen puerto porto liman ميناء الموانئ 港口 港务
fish fischerei peche
mining bergbau mines minas gornictwo gorno rudnik madenleri maden cevher التعدين تعدين للتعدين 矿产 광업
coal kohle charbon carbon carbone wegiel uhli ugol komur الفحم 煤炭 煤业
gas gaz plyn الغاز غاز للغاز 燃气
electricity strom electricite electricidad elettricita energetyka elektrarna sahkco الكهرباء كهرباء للكهرباء 电力 전력
solar solaire fotovoltaico الطاقة الشمسية
petrochemical petrochemicals petrochem petroquimica petrolchimica petrochimie neftehim البتروكيماويات 石化
asphalt bitumen asfalt
concrete beton betong hormigon calcestruzzo zelezobeton beton-2 خرسانة الخرسانة 混凝土 콘크리트
tile tiles fliesen carrelage azulejos piastrelle plytki kakel بلاط البلاط 瓷业
plumbing sanitaer sanitaire sanitari سباكة 卫浴 洁具
window windows fenster fenetres ventanas infissi janelas okna ikkuna pencere ablak
door doors tueren portes puertas porte drzwi dvere dveri kapi
lifts aufzuege ascenseurs ascensores ascensori windy vytahy lifty asansor مصاعد المصاعد 电梯
welding schweiss soudage soldadura saldatura spawalnia svarka kaynak
tractor tractors traktor traktoren tracteurs tractores trattori traktory traktornyi 拖拉机
battery batteries akku bateria akumulatory baterie aku بطاريات البطاريات
lighting lamp lamps leuchten luminaires lampadas lampy svitidla svetilniki aydinlatma الإنارة انارة للإنارة 灯
cable cavi cablerie conductores przewody dratovna telovi kablo كابلات الكابلات للكابلات
computer computers informatik informatique informatica informatyka pocitace bilgisayar szamitastechnika الحاسبات حاسوب 电脑 计算机 컴퓨터
telecommunications telecom telekom telecomunicaciones telecomunicazioni telekomunikacja الاتصالات اتصالات للاتصالات 电信
clinic klinik clinique clinica klinika عيادة
hospital krankenhaus spital hopital ospedale szpital nemocnice bolnitsa hastane مستشفى المستشفى 医院 병원
pharmacy apotheke pharmacie farmacia apteka lekarna eczane farmakeio الصيدلية صيدلية صيدليات 药房
school schule ecole escuela scuola szkola skola okul مدرسة المدارس
perfume parfum perfumeria profumeria perfumaria perfumy العطور عطور للعطور 香水
sewing naehmaschinen
umbrella schirme
accessories accessory zubehoer accesorios accessori akcesoria dodatki aksesuar إكسسوارات 饰品 配件
wiremesh siwang 丝网
mesh
sign signs schilder
enamel emaille email emalia
candle candles kerzen bougies candele swiece svicky
fireworks feuerwerk
plywood sperrholz contreplaque sklejka preklizka faner
panel panels platten
adhesive adhesives klebstoffe colles adhesivos adesivi kleje lepidla tutkal yapistirici
abrasive abrasives schleifmittel abrasivos 磨具 磨料
bearing rodamientos roulements cuscinetti lozyska loziska podshipnik rulman المحامل
hydraulic hydraulics hydraulik hydraulique hidraulica idraulica hydraulika gidravlika hidrolik 液压 유압
pneumatic pneumatics pneumatik
pump pumpen pompes bombas pompe pompy cerpadla nasosy pompa szivattyu مضخات المضخات
valve armaturen robinetterie valvulas valvole armatura zawory armatury vana
compressor compressors kompressoren
boiler boilers kessel chaudieres calderas caldaie kotly kazan
turbine turbines turbinen
crane cranes krane grues gruas zurawie jeraby vinc
forklift forklift
weapon
garage werkstatt
parts autoparts autoteile ersatzteile spares spare
motor autohaus
real-estate nieruchomosci nemovitosti nedvizhimost emlak ingatlan nekretnine akinita العقارية العقارات عقارات للعقارات
cleaning reinigung nettoyage limpieza pulizie limpeza sprzatanie uklid klining temizlik التنظيف تنظيف للتنظيف 清洁
security sicherheit securite seguridad sicurezza seguranca ochrona ostraha ohrana guvenlik الأمن امن الحراسة
recycling recyclage reciclaje riciclaggio reciclagem recykling recyklace geri donusum 再生 回收
waste abfall dechets residuos rifiuti odpady othody atik
plastic kunststoffe kunststoff plasturgie materieplastiche tworzywa plasty plastmass muanyag muovi plastikler بلاستيكية البلاستيكية 塑业 塑胶制品
moulding spritzguss injection
foil folie film films folii
bottle bottles flaschen bouteilles botellas bottiglie butelki lahve sise bottlers bottling
crate crates
bag sacks saecke sacs sacos sacchi worki pytle mesok cuval torba 袋
rattan
teak
cork kork liege corcho sughero cortica
tire reifen pneus neumaticos llantas pneumatici opony pneumatiky shiny lastik gumi الإطارات اطارات للإطارات 轮胎 타이어
machine-tools werkzeugmaschinen machinesoutils 机床 工作機械 공작기계
robot robotics robots
steelpipe stahlrohr
stainless edelstahl inox inoxydable inoxidable nierdzewna nerez nerzhaveyushchaya paslanmaz 不锈钢
galvanizing verzinkerei
wirerope drahtseil
chain chains ketten chaines cadenas catene
nail nails naegel
chemical chemia chemicke kemia kimyevi vegyi himiya himikat الكيماويات كيماويات للكيماويات الكيميائية
fertilizer duenger engrais fertilizantes fertilizzanti adubos nawozy hnojiva udobreniya gubre الأسمدة اسمدة
detergent detergents waschmittel detersivi المنظفات منظفات
veterinary
optical optik optique optica ottica optyka بصريات البصريات
photo
carpentry tischlerei schreinerei menuiserie carpinteria falegnameria carpintaria stolarka stolarstwo truhlarstvi stolarska snickeri النجارة
garden gartenbau
dredging
textile hometextile heimtextil 家纺
embroidery stickerei broderie bordados ricamificio hafty nakis 绣品
lace spitzen dentelle
yarn garne hilo filati przedza prize
towel frottee
flooring bodenbelag parquet parkett
roofing toiture cubiertas
insulation isolierung izolacja izolace yalitim
shelving regale
kitchen kuechen cuisines cocinas cucine kuchnie kuchyne mutfak
factory wks wrks
general genl gnl
mining mng
equipment equipt eqpt
hardware hdwe hdw
supply supp suppls
brothers irs
insurance ins
agro agric
products prods
engineering eng
manufacturing mnfg
national nat
distribution distrs
petroleum petrol
association assocn assn
beverage beverages drinks drink getraenke bebidas bevande napoje napitki icecek المشروبات مشروبات للمشروبات 饮料 飲料 음료
dyestuff dyestuffs dyes colorants colorantes 染料
biological biotech biotechnology biotechnologies 生物
zipper zippers 拉链
woodwork woodworking joinery mokko 木工
machine-tool 机床
nuestra ntra
senora sra
mountain mtn
furniture furn
consolidated consol
amalgamated amalg
central cent
"""

# Towns and lands that bear several names.
_EXONYMS = """
vienna wien wiener vienne viena
munich munchen muenchen munchner muenchner
cologne koln koeln kolner koelner
berlin berliner
hamburg hamburger
frankfurt frankfurter
zurich zuerich zuricher zurcher zuercher
basel basler basle bale
geneva geneve genf ginevra ginebra genfer
bern berner berne
nuremberg nurnberg nuernberg
hanover hannover
brunswick braunschweig
prague praha prag prazska prazske
warsaw warszawa warszawska warszawski warszawskie varsovie warschau
krakow cracow krakau krakowska krakowskie
lodz lodzka lodzkie lodzki
gdansk danzig
wroclaw breslau
turin torino
milan milano mailand
rome roma rom
florence firenze florenz
venice venezia venedig
naples napoli neapel
genoa genova genua
lisbon lisboa lissabon
oporto porto
seville sevilla sevilha
saragossa zaragoza
copenhagen kobenhavn kobenhavns kopenhagen
gothenburg goteborg goteborgs
antwerp antwerpen anvers
brussels bruxelles brussel brussels
ghent gent gand
bruges brugge
hague denhaag
moscow moskva moskau moskovskii moskovsky
petersburg peterburg sanktpeterburg
kyiv kiev kiiv
lviv lvov lwow lemberg
kharkiv kharkov harkov harkiv
odesa odessa
dnipro dnepr
chisinau kishinev
minsk
vilnius wilno vilna
riga rigas
tallinn reval
helsinki helsingfors
turku abo
bucharest bucuresti bukarest
belgrade beograd belgrad
athens athina athinon
thessaloniki salonica
istanbul constantinople
izmir smyrna
cairo القاهرة kahire
alexandria الإسكندرية الاسكندرية
beirut beyrouth بيروت
damascus دمشق
baghdad بغداد
riyadh الرياض
jeddah jidda jidda جدة
dubai دبي
sharjah الشارقة
tehran teheran
algiers alger الجزائر
tunis تونس
casablanca
tripoli طرابلس
mumbai bombay
kolkata calcutta
chennai madras
bengaluru bangalore
pune poona
yangon rangoon
hochiminh saigon
beijing peking
guangzhou canton
qingdao tsingtao
nanjing nanking
xiamen amoy
tianjin tientsin
chongqing chungking
astana nursultan
almaty almaata
tbilisi tiflis
macedonia makedonija
bosnia bosna
hungary magyarorszag
kazakhstan kazakh kazak qazaq
germany deutschland allemagne alemania germania
france frankreich francia
spain espana
italy italia italie
switzerland schweiz suisse svizzera
austria osterreich oesterreich
belgium belgie belgique
poland polska
turkey turkiye
greece ellada hellas ellados
siberia siberian sibir sibirskii sibirsky
ural uralskii uralsky urals
danube dunav dunavska dunavski dunai donau
thrace thraki thrakis
crete kriti kritis
epirus ipeirou ipeiros
attica attiki attikis
petersburg saintpetersburg stpetersburg
caucasus kavkaz kavkazskii
crimea krym krymskii
baltic baltiiskii baltiysky
"""


# English words of trade that no line translates.
_ENGLISH = """
abattoir accounting acrylic adhesives advisory aerospace agencies agro air alloys amusement analytics anodizing antique aquaculture architects arms artisan
auction audio aviation bags baking bakers balloon bamboo barrels bathroom bearings beauty bedding beef belts beverages bicycle binders biscuit blankets blinds
boats books boots bottling bows boxes bread bridge bristle broadcasting brokers buckets builders bulbs bullion buttons cabinets cables cameras candy canning
canvas caps caravans cards cargo cartons cases catering cereals charcoal charter chassis chips chocolate cider cigars cinema circuits citrus clay coaches coatings
cocoa coconut coils coins cold commodities components composites compressors condiments conditioner conditioning conductors connectors consumer containers control
controls cookies cooling cord corn cosmetic couplings crackers craft crates creamery crops crushed crystal curtains cushions cutlery cutting cycles dairies data
decor decorative defence dental depot design detergents diamonds diesel digital disposal distillers distillery dolls domestic doors drapery dredging drilling drums
dry duct dyes eggs elastic electrical electro elevators embroidery enamels engines envelopes essential estates events excavation exhibition explosives extracts
eyewear fabrics fabrication fabricators farms fashion fasteners fats feathers feeds felt fencing ferro fertilisers fibres fibre fiber film filters finishing fire fireworks
fishing fittings fixtures flags flooring flour flowers foam foil footwear forgings forwarding frames fresh frozen fuel fuels furnishing furnishings furs games
garages garden gardens gaskets gates gears gems generators ginger glass gloves gold grain granite graphite gravel grinding grocery guitars gypsum handbags handicrafts
handling hardwood harvest hats heating hemp herbal herbs hides home homes honey horticulture hose hosiery hydraulic ices inks inspection instruments insulation
interiors ironmongers irrigation ivory jams jeans jewels jute kernels kitchens kitchenware knives knitting labels lacquer lamps laundry laser lathes lawn lead leasing
leather lenses lights lime linen liquor livestock locks lubricants luggage lumber luxury machining magnets maintenance malt mango maps marina mats mattress measuring
meats mechanical medicine membranes mesh metals meters microphones mill millers milling mineral minerals mirrors models moulds music musical nails needles nets nickel nonwoven
novelty nuts office offset oilseed oilseeds olive onions optics orchards organic ornaments outdoor ovens packing paints palm panels pans paper pasta pastries pearls pencil pencils pens pepper
perfumes pesticides pet petfood phones photo pianos pickles piping pipes pistachio plants plaster plates playground plumbing plywood polish ports potatoes pottery poultry
powder preserves presses pressing pressure processing processors produce projects protein publishers pulp pumps quarries quilts radiators radio railway raisins rattan refiners refinery
refractories refrigerators rental repair research resin retail ribbon rice rings roasters robotics roofing rope rugs safety saffron sails salt sand sanitary sauces sausage
sawmills scaffolding scales scientific scrap screens seals seats seating seed seeds sheets shelters shelving shipbuilders shirts shoes showers shrimp signage signs silica silk silver skincare skins soap
soaps socks soft software soybean spares spices spinning sponges sporting springs stainless stamps starch stationers steam steels stitching stone stones storage stoves structures sugar suits
sunflower surgical surveying sweets switches switchgear tanks tanning tapes tea teas television tents terminals testing textiles thread tiles timber tin tissue titanium toffee tomato tools toys tractor tractors
transformers travel trays trimmings trucks tubes turbines umbrellas underwear uniforms upholstery utensils vans varnish vegetables vehicle vehicles vending veneer vessels video vinegar vineyards
vinyl walnut wardrobe waste watches water waterproof wax weaving weighing welding wheat wheel wheels windows wines wire wires wool woollen woods yachts yarn yarns yeast zinc zippers
"""


def _lines() -> Iterator[list[str]]:
    for text in (_TRADES, _EXONYMS):
        yield from (line.split() for line in text.splitlines() if line)


def _meanings() -> dict[str, str]:
    found: dict[str, str] = {}
    for first, *others in _lines():
        for word in (first, *others):
            found.setdefault(word, found.get(first, first))
    return found


MEANINGS: dict[str, str] = _meanings()
TRADES: frozenset[str] = frozenset(MEANINGS[line.split()[0]] for line in _TRADES.splitlines() if line) | frozenset(
    _ENGLISH.split()
)
# What has a word in Chinese, and what in Arabic: there it would have been known.
IN_HAN: frozenset[str] = frozenset(mark for word, mark in MEANINGS.items() if "\u4e00" <= word[0] <= "\u9fff")
IN_ARABIC: frozenset[str] = frozenset(mark for word, mark in MEANINGS.items() if "\u0600" <= word[0] <= "\u06ff")
EXONYMS: frozenset[str] = frozenset(MEANINGS[line.split()[0]] for line in _EXONYMS.splitlines() if line)
EXONYM_WORDS: frozenset[str] = frozenset(word for line in _EXONYMS.splitlines() for word in line.split())
