"""What the demo's population is drawn from: languages with their shares, credentials, names.

Shares follow Norway's public need (2017: ten languages are 80 %, Arabic a third of all); within
that they are estimates. Tags are those of config/languages.toml, never a name that several
languages share. Given names are common ones; family names are invented, so nobody is meant.
"""

from typing import Final

# One language: its people in per cent, and the culture their given names come from.
LANGUAGES: Final[dict[str, tuple[float, str]]] = {
    "apc": (14.0, "arabic"),
    "acm": (8.0, "arabic"),
    "arb": (4.0, "arabic"),
    "arz": (2.4, "arabic"),
    "apd": (2.0, "arabic"),
    "ary": (1.6, "maghreb"),
    "arq": (0.4, "maghreb"),
    "aeb": (0.3, "maghreb"),
    "ayl": (0.3, "maghreb"),
    "ti": (8.5, "habesha"),
    "so": (7.5, "somali"),
    "uk": (6.5, "east_slavic"),
    "pl": (6.0, "polish"),
    "prs": (5.0, "persian"),
    "ckb": (4.5, "kurdish"),
    "pes": (3.5, "persian"),
    "ru": (3.0, "east_slavic"),
    "kmr": (2.5, "kurdish"),
    "tr": (1.6, "turkic"),
    "vi": (1.2, "vietnamese"),
    "nsl": (1.2, "nordic"),
    "ur": (1.1, "south_asian"),
    "en": (0.9, "western"),
    "fr": (0.9, "central_african"),
    "es": (0.9, "iberian"),
    "th": (0.9, "south_east_asian"),
    "ps": (0.8, "persian"),
    "sq": (0.7, "balkan"),
    "am": (0.7, "habesha"),
    "lt": (0.7, "baltic"),
    "ro": (0.7, "balkan"),
    "cmn": (0.6, "chinese"),
    "sw": (0.6, "east_african"),
    "ta": (0.5, "south_asian"),
    "bs": (0.4, "balkan"),
    "sr": (0.4, "balkan"),
    "bg": (0.4, "balkan"),
    "om": (0.4, "habesha"),
    "pt": (0.3, "iberian"),
    "hr": (0.25, "balkan"),
    "my": (0.25, "south_east_asian"),
    "fil": (0.25, "iberian"),
    "yue": (0.2, "chinese"),
    "hi": (0.2, "south_asian"),
    "pa": (0.2, "south_asian"),
    "rw": (0.2, "east_african"),
    "hu": (0.2, "western"),
    "rn": (0.15, "east_african"),
    "ln": (0.15, "central_african"),
    "lv": (0.15, "baltic"),
    "ne": (0.15, "south_asian"),
    "bn": (0.15, "south_asian"),
    "cnh": (0.15, "south_east_asian"),
    "ksw": (0.1, "south_east_asian"),
    "rhg": (0.1, "south_asian"),
    "de": (0.1, "western"),
    "it": (0.1, "western"),
    "cs": (0.1, "polish"),
    "sk": (0.1, "polish"),
    "et": (0.1, "baltic"),
    "el": (0.1, "western"),
    "ka": (0.1, "caucasian"),
    "hy": (0.1, "caucasian"),
    "az": (0.1, "turkic"),
    "uz": (0.1, "turkic"),
    "mk": (0.1, "balkan"),
    "si": (0.1, "south_asian"),
    "ug": (0.1, "turkic"),
    "bo": (0.1, "chinese"),
    "mn": (0.1, "turkic"),
    "id": (0.1, "south_east_asian"),
}

SIGNED: Final = frozenset({"nsl"})

# What a speaker of one language often interprets too, and how often.
ALSO: Final[dict[str, tuple[tuple[str, float], ...]]] = {
    "apc": (("arb", 0.5), ("acm", 0.1)),
    "acm": (("arb", 0.5), ("ckb", 0.05)),
    "arz": (("arb", 0.6),),
    "apd": (("arb", 0.6),),
    "ary": (("arb", 0.4), ("fr", 0.4)),
    "arq": (("arb", 0.4), ("fr", 0.5)),
    "aeb": (("arb", 0.5), ("fr", 0.5)),
    "ayl": (("arb", 0.6),),
    "ti": (("am", 0.35),),
    "om": (("am", 0.5),),
    "so": (("en", 0.1), ("sw", 0.05)),
    "uk": (("ru", 0.55),),
    "ru": (("uk", 0.1),),
    "prs": (("pes", 0.5), ("ps", 0.25)),
    "ps": (("prs", 0.4), ("ur", 0.2)),
    "pes": (("prs", 0.25),),
    "ckb": (("pes", 0.2), ("acm", 0.2), ("kmr", 0.08)),
    "kmr": (("tr", 0.45), ("apc", 0.2), ("ckb", 0.08)),
    "az": (("ru", 0.4), ("tr", 0.4)),
    "uz": (("ru", 0.6),),
    "ka": (("ru", 0.6),),
    "hy": (("ru", 0.6),),
    "lt": (("ru", 0.4),),
    "lv": (("ru", 0.5),),
    "et": (("ru", 0.4),),
    "bs": (("hr", 0.5), ("sr", 0.5)),
    "hr": (("bs", 0.5), ("sr", 0.4)),
    "sr": (("bs", 0.5), ("hr", 0.4)),
    "sq": (("mk", 0.1),),
    "ur": (("pa", 0.4), ("hi", 0.3)),
    "hi": (("ur", 0.3), ("pa", 0.2)),
    "pa": (("ur", 0.3), ("hi", 0.4)),
    "ne": (("hi", 0.5),),
    "rhg": (("bn", 0.5), ("my", 0.3)),
    "cnh": (("my", 0.6),),
    "ksw": (("my", 0.5), ("th", 0.3)),
    "rw": (("rn", 0.6), ("sw", 0.4), ("fr", 0.4)),
    "rn": (("rw", 0.6), ("sw", 0.5), ("fr", 0.4)),
    "ln": (("fr", 0.8), ("sw", 0.4)),
    "cs": (("sk", 0.5),),
    "sk": (("cs", 0.5),),
    "yue": (("cmn", 0.5),),
    "bo": (("cmn", 0.3),),
}

# Dialects of config/languages.toml, and how many speak them.
DIALECTS: Final[dict[str, tuple[tuple[str, float], ...]]] = {
    "sq": (("gheg", 0.6), ("tosk", 0.3)),
    "ps": (("southern", 0.4), ("northern", 0.4)),
    "pt": (("br", 0.5), ("pt", 0.4)),
    "kmr": (("badini", 0.25),),
    "sw": (("congo", 0.5),),
    "om": (("borana", 0.15),),
}

# Norway's categories, best first, per cent of the people; Norwegian levels likewise.
CATEGORIES: Final[dict[str, float]] = {"A": 5, "B": 19, "C": 5, "D": 38, "E": 33}
NORWEGIAN: Final[dict[str, float]] = {"native": 12, "C2": 38, "C1": 50}
MOTHER_TONGUE: Final[dict[str, float]] = {"native": 85, "C2": 10, "C1": 5}
FURTHER: Final[dict[str, float]] = {"native": 15, "C2": 30, "C1": 40, "B2": 15}

SPECIALISMS: Final[dict[str, float]] = {
    "medical": 0.55,
    "legal": 0.3,
    "asylum": 0.35,
    "labour_welfare": 0.35,
    "education": 0.3,
    "child_welfare": 0.25,
    "police": 0.2,
    "mental_health": 0.18,
}
TRAVEL_KM: Final = (25, 50, 50, 100, 100, 200, 400)
PRICES_NOK: Final[dict[str, int]] = {"A": 980, "B": 880, "C": 820, "D": 720, "E": 620}

FAMILY_ROOTS: Final = (
    *("Prøve", "Eksempel", "Liksom", "Demo", "Tenkte"),
    *("Mønster", "Påfunn", "Skisse", "Utkast", "Kladde"),
)
FAMILY_ENDS: Final = (
    *("dal", "nes", "vik", "rud", "stad", "berg"),
    *("moen", "haug", "sund", "mark", "fjell", "bakken"),
)

# Given names by culture: women's, then men's.
GIVEN: Final[dict[str, tuple[str, str]]] = {
    "arabic": (
        "Rana Huda Layla Nour Samar Zainab Amal",
        "Omar Khalid Yousef Hassan Bassam Karim Ziad",
    ),
    "maghreb": ("Fatiha Naïma Salma Yasmine Khadija", "Rachid Hicham Driss Walid Nabil"),
    "habesha": (
        "Selam Hiwot Rahel Meron Bethlehem Almaz",
        "Dawit Yonas Tesfay Berhane Abel Kidane",
    ),
    "somali": ("Hodan Ayaan Fadumo Ifrah Sahra Ubah", "Abdi Liban Guled Warsame Mahad Jama"),
    "east_slavic": (
        "Olena Iryna Daria Svitlana Natalia Oksana",
        "Andrij Taras Dmytro Oleh Sergej Pavlo",
    ),
    "polish": ("Agnieszka Zofia Katarzyna Małgorzata Ewa", "Tomasz Piotr Łukasz Wojciech Jakub"),
    "persian": ("Shirin Parisa Zohra Nasrin Golnar Mina", "Reza Farid Navid Ehsan Jawad Kamran"),
    "kurdish": ("Berîvan Şîlan Nazdar Tara Hêvî Chnar", "Azad Rêbîn Dilşad Hiwa Şêrko Baran"),
    "turkic": ("Elif Aylin Gülnara Zeynep Altan", "Emre Murat Rustam Timur Kerem"),
    "vietnamese": ("Linh Hạnh Mai Thảo Ngọc", "Minh Dũng Tuấn Quang Hải"),
    "nordic": ("Ingrid Solveig Marit Astrid Tuva", "Håkon Sindre Eirik Øyvind Lars"),
    "south_asian": (
        "Ayesha Meena Saima Kavitha Priya Sunita",
        "Imran Arjun Tariq Rajan Bilal Suresh",
    ),
    "western": ("Charlotte Giulia Hannah Ágnes Eleni", "Oliver Matteo Jonas Gábor Nikos"),
    "central_african": (
        "Chantal Mireille Béatrice Divine Grâce",
        "Jean-Paul Héritier Patrice Dieudonné Fiston",
    ),
    "east_african": ("Neema Uwase Zawadi Claudine Rehema", "Juma Eric Baraka Innocent Amani"),
    "iberian": ("María Luísa Camila Rosario Inês", "Diego Tiago Rafael Joaquín Paulo"),
    "south_east_asian": ("Siriporn Thida Kanya Mya Dewi", "Somchai Aung Niran Kyaw Budi"),
    "balkan": ("Mirjeta Jelena Ioana Amra Elitsa", "Arben Goran Andrei Emir Stefan"),
    "baltic": ("Rūta Līga Kadri Eglė Ilze", "Jonas Andris Tõnu Mantas Jānis"),
    "chinese": ("Mei Xiulan Yan Dolma Fang", "Wei Jun Tenzin Ming Hao"),
    "caucasian": ("Nino Anahit Tamar Lusine Mariam", "Giorgi Aram Levan Tigran Davit"),
}
