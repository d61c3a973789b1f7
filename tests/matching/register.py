"""Languages of Norway's register and others asked for there: tag, Norwegian, English, their own.

Spelled from OsloMet's tests and language plans 2018–2025 and from IMDi's statistics, not from the
table under test.
"""

# A language's own name is written as its speakers do, in their script.
SPOKEN = """
sq|albansk|Albanian|shqip
am|amharisk|Amharic|አማርኛ
hy|armensk|Armenian|հայերեն
az|aserbajdsjansk|Azerbaijani|azərbaycan dili
be|belarusisk|Belarusian|беларуская
bn|bengali|Bengali|বাংলা
byn|bilen|Bilen|ብሊን
bs|bosnisk|Bosnian|bosanski
bg|bulgarsk|Bulgarian|български
my|burmesisk|Burmese|မြန်မာ
ceb|cebuano|Cebuano|Sinugboanon
da|dansk|Danish|dansk
prs|dari|Dari|دری
en|engelsk|English|English
et|estisk|Estonian|eesti
fil|filipino|Filipino|Filipino
fi|finsk|Finnish|suomi
fr|fransk|French|français
ka|georgisk|Georgian|ქართული
el|gresk|Greek|Ελληνικά
gu|gujarati|Gujarati|ગુજરાતી
haz|hazaragi|Hazaragi|هزارگی
he|hebraisk|Hebrew|עברית
hi|hindi|Hindi|हिन्दी
id|indonesisk|Indonesian|bahasa Indonesia
is|islandsk|Icelandic|íslenska
it|italiensk|Italian|italiano
ja|japansk|Japanese|日本語
yo|joruba|Yoruba|Yorùbá
yue|kantonesisk|Cantonese|粵語
kk|kasakhisk|Kazakh|қазақ тілі
km|khmer|Khmer|ខ្មែរ
ko|koreansk|Korean|한국어
hr|kroatisk|Croatian|hrvatski
kmr|kurmanji|Kurmanji|kurmancî
lo|laotisk|Lao|ລາວ
lv|latvisk|Latvian|latviešu
ln|lingala|Lingala|lingála
lt|litauisk|Lithuanian|lietuvių
lg|luganda|Luganda|Luganda
smj|lulesamisk|Lule Sami|julevsámegiella
mk|makedonsk|Macedonian|македонски
ml|malayalam|Malayalam|മലയാളം
cmn|mandarin|Mandarin|普通话
mnk|mandinka|Mandinka|Mandinka
mn|mongolsk|Mongolian|монгол
cnr|montenegrinsk|Montenegrin|crnogorski
nl|nederlandsk|Dutch|Nederlands
ne|nepalesisk|Nepali|नेपाली
rw|njaruanda|Kinyarwanda|Ikinyarwanda
se|nordsamisk|Northern Sami|davvisámegiella
no|norsk|Norwegian|norsk
nus|nuer|Nuer|Thok Naath
om|oromo|Oromo|Afaan Oromoo
pa|panjabi|Punjabi|ਪੰਜਾਬੀ
ps|pashto|Pashto|پښتو
pes|persisk|Persian|فارسی
pl|polsk|Polish|polski
pt|portugisisk|Portuguese|português
rhg|rohingya|Rohingya|Ruáingga
ro|rumensk|Romanian|română
rn|rundi|Kirundi|Ikirundi
ru|russisk|Russian|русский
ssy|saho|Saho|Saaho
sr|serbisk|Serbian|српски
si|singalesisk|Sinhala|සිංහල
sk|slovakisk|Slovak|slovenčina
sl|slovensk|Slovenian|slovenščina
so|somali|Somali|Soomaali
ckb|sorani|Sorani|سۆرانی
es|spansk|Spanish|español
sv|svensk|Swedish|svenska
sw|swahili|Swahili|Kiswahili
sma|sørsamisk|Southern Sami|Åarjelsaemien gïele
tg|tadsjikisk|Tajik|тоҷикӣ
ta|tamil|Tamil|தமிழ்
th|thai|Thai|ไทย
bo|tibetansk|Tibetan|བོད་སྐད་
tig|tigre|Tigre|ትግራይት
ti|tigrinja|Tigrinya|ትግርኛ
cs|tsjekkisk|Czech|čeština
ce|tsjetsjensk|Chechen|нохчийн мотт
tw|twi|Twi|Twi
tr|tyrkisk|Turkish|Türkçe
de|tysk|German|Deutsch
ug|uigurisk|Uyghur|ئۇيغۇرچە
uk|ukrainsk|Ukrainian|українська
hu|ungarsk|Hungarian|magyar
ur|urdu|Urdu|اردو
vi|vietnamesisk|Vietnamese|Tiếng Việt
wo|wolof|Wolof|Wolof
apc|levantinsk arabisk|Levantine Arabic|شامي
acm|irakisk arabisk|Mesopotamian Arabic|عراقي
ary|marokkansk arabisk|Moroccan Arabic|الدارجة
cnh|hakha chin|Hakha Chin|Lai holh
tru|turoyo|Turoyo|Ṣurayt
fkv|kvensk|Kven|kvääni
"""
SIGNED = """
nsl|norsk tegnspråk|Norwegian Sign Language|norsk tegnspråk
swl|svensk tegnspråk|Swedish Sign Language|svenskt teckenspråk
dsl|dansk tegnspråk|Danish Sign Language|dansk tegnsprog
fse|finsk tegnspråk|Finnish Sign Language|suomalainen viittomakieli
pso|polsk tegnspråk|Polish Sign Language|polski język migowy
ukl|ukrainsk tegnspråk|Ukrainian Sign Language|українська жестова мова
asf|australsk tegnspråk|Auslan|Auslan
ils|internasjonale tegn|International Sign|International Sign
"""
ROWS = [tuple(row.split("|")) for row in (SPOKEN + SIGNED).split("\n") if row]
