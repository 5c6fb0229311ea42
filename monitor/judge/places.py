"""Places as names of companies bear them, and what is read at home in another way than in Mandarin."""

from __future__ import annotations


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Country by how it is written in names: English, itself, its people's adjective, its larger towns.
_PLACES = {
    "AE": "uae emirates dubai sharjah ajman abudhabi fujairah rak", "AR": "argentina argentino buenosaires rosario cordoba mendoza",
    "AT": "austria osterreich oesterreich austrian vienna wien graz linz salzburg", "AU": "australia australian australasia sydney melbourne brisbane perth adelaide queensland",
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
    "KE": "kenya kenyan nairobi mombasa", "KR": "korea korean hanguk seoul busan incheon daegu", "KW": "kuwait", "KZ": "kazakhstan almaty astana nursultan", "LB": "lebanon beirut",
    "LK": "lanka ceylon colombo", "LT": "lithuania lietuva vilnius", "LV": "latvia latvija riga", "MA": "morocco maroc casablanca", "MU": "mauritius", "MX": "mexico mexicana mexicano monterrey guadalajara",
    "MY": "malaysia malaysian kualalumpur penang johor", "MT": "malta", "NG": "nigeria nigerian lagos kano abuja", "NL": "netherlands nederland nederlandse holland dutch amsterdam rotterdam utrecht eindhoven",
    "NO": "norway norge norsk norske norwegian oslo bergen trondheim stavanger", "NZ": "newzealand auckland", "OM": "oman muscat", "PE": "peru peruana lima", "PH": "philippines manila cebu",
    "PK": "pakistan karachi lahore faisalabad sialkot", "PL": "poland polska polski polish warszawa warsaw krakow gdansk poznan wroclaw lodz", "PT": "portugal portuguesa lisboa porto",
    "QA": "qatar doha", "RO": "romania bucuresti bucharest cluj", "RS": "serbia srbija beograd belgrade novisad nis", "RU": "russia rossiya russian moskva moscow petersburg perm volgograd ural",
    "SA": "saudi arabia riyadh jeddah dammam", "SE": "sweden sverige svenska swedish stockholm goteborg gothenburg malmo", "SG": "singapore", "SI": "slovenia ljubljana", "SK": "slovakia slovensko bratislava",
    "TH": "thailand thai bangkok siam", "TN": "tunisia tunisie tunis sfax", "TR": "turkey turkiye turk turkish istanbul ankara izmir bursa", "TW": "taiwan taipei kaohsiung",
    "UA": "ukraine ukraina ukrainian kyiv kiev kharkiv odesa odessa lviv zaporizhzhia", "US": "usa us america american texas california florida newyork chicago delaware ohio houston kansas",
    "AL": "albania albanian tirana", "AM": "armenia armenian yerevan", "AO": "angola angolan luanda", "AZ": "azerbaijan baku", "BA": "bosnia sarajevo", "BH": "bahrain manama",
    "BO": "bolivia boliviana", "BW": "botswana", "BY": "belarus belarusian minsk", "CD": "congo kinshasa", "CM": "cameroon cameroun camerounaise douala yaounde", "CU": "cuba cubana havana",
    "CY": "cyprus kypros limassol nicosia", "DO": "dominicana", "EC": "ecuador ecuatoriana quito guayaquil", "EE": "estonia eesti tallinn", "GE": "georgia georgian tbilisi",
    "GT": "guatemala guatemalteca", "HN": "honduras", "IS": "iceland island islensk reykjavik", "KG": "kyrgyz kyrgyzstan bishkek", "KH": "cambodia cambodian", "LA": "lao laos",
    "LU": "luxembourg luxembourgeoise", "LY": "libya libyan tripoli benghazi", "MD": "moldova chisinau", "ME": "montenegro podgorica", "MG": "madagascar", "MK": "macedonia makedonija skopje",
    "ML": "mali bamako", "MM": "myanmar burma yangon", "MN": "mongolia", "MZ": "mozambique mocambique maputo", "NA": "namibia", "NI": "nicaragua", "NP": "nepal kathmandu",
    "PA": "panama panamena", "PY": "paraguay", "RW": "rwanda", "SD": "sudan khartoum", "SN": "senegal dakar", "SV": "salvador", "SY": "syria syrian damascus aleppo",
    "TJ": "tajikistan tajik dushanbe", "TM": "turkmenistan", "TZ": "tanzania daressalaam", "UG": "uganda kampala", "UY": "uruguay montevideo", "VE": "venezuela caracas",
    "YE": "yemen sanaa aden", "ZM": "zambia lusaka", "ZW": "zimbabwe harare", "UZ": "uzbekistan tashkent", "VN": "vietnam vietnamese hanoi saigon hochiminh danang haiphong", "ZA": "southafrica africa johannesburg durban",
}  # fmt: skip
PLACES: dict[str, str] = {word: country for country, written in _PLACES.items() for word in written.split()}
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
    "大和田 owada 広沢 hirosawa 広瀬 hirose 大野 ono 大谷 otani 大川 okawa 小池 koike 小島 kojima 松井 matsui 松尾 matsuo 野村 nomura 中川 nakagawa 中西 nakanishi 西田 nishida 西川 nishikawa "
    "東山 higashiyama 北村 kitamura 南部 nanbu 高木 takagi 高田 takada 高山 takayama 竹中 takenaka 武田 takeda 内田 uchida 永田 nagata 長野 nagano 平野 hirano 藤本 fujimoto 堀内 horiuchi "
    "増田 masuda 丸山 maruyama 宮崎 miyazaki 宮本 miyamoto 森永 morinaga 安田 yasuda 山中 yamanaka 横山 yokoyama 吉川 yoshikawa 和田 wada 川口 kawaguchi 川村 kawamura 河合 kawai "
    "光洋 koyo 大洋 taiyo 太陽 taiyo 中央 chuo 西原 nishihara 北川 kitagawa 黒田 kuroda 安川 yasukawa 島津 shimadzu 堀場 horiba 村田 murata 古河 furukawa "
    "神鋼 shinko 帝人 teijin 旭 asahi 王子 oji 豊田 toyota 本田 honda 関西 kansai 横河 yokogawa 桜 sakura 栄光 eiko 双葉 futaba 若葉 wakaba 大阪 osaka"
)


def _readings(lines: str) -> dict[str, str]:
    read = lines.split()
    return dict(zip(read[::2], read[1::2], strict=True))


JAPANESE_NAMES = frozenset(_readings(_JAPANESE_NAMES).values())
READ_AT_HOME: dict[str, str] = _readings(_JAPANESE_NAMES) | _readings(_READ_AT_HOME)
HAN_PLACES = _set(
    "北京 上海 天津 重庆 广州 深圳 宁波 杭州 苏州 无锡 南京 青岛 大连 厦门 佛山 东莞 中山 武汉 成都 西安 济南 烟台 潍坊 温州 台州 绍兴 嘉兴 湖州 金华 义乌 福州 "
    "泉州 珠海 惠州 常州 南通 镇江 扬州 长沙 郑州 石家庄 合肥 昆明 南宁 哈尔滨 沈阳 广东 浙江 江苏 山东 福建 河北 河南 湖北 湖南 四川 辽宁 安徽 江西 山西 陕西 海南 慈溪 余姚 "
    "中国 香港 台湾 日本 东京 大阪 名古屋 横浜 神戸 서울 부산 인천 대구 한국"
)
ARABIC_LANDS = _set("AE SA EG KW QA BH OM JO LB IQ SY YE SD LY TN DZ MA MR PS IR PK AF")
OTHER_LETTERS = ARABIC_LANDS | _set("RU UA BY KZ KG TJ UZ BG RS MK ME BA GR CY GE AM MN IN BD LK NP IL")
# A country in brackets names another firm of a group, a town where the firm itself sits; but for the largest of trade.
LANDS = frozenset(word for written in _PLACES.values() for word in written.split()[:4]) | _set(
    "shanghai beijing shenzhen hongkong dubai"
)
