"""Company numbers as people write them: which scheme is meant, the compact number, and whether it can be right."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType

from rapidfuzz import fuzz, process
from stdnum import get_cc_module
from stdnum.exceptions import InvalidChecksum, ValidationError

ALIASES = {"orgnr": "no.orgnr", "siren": "fr.siren", "ico": "cz.ico", "vat": "eu.vat", "cnpj": "br.cnpj"}
OWN = ("lei", "cik", "gb_company", "krs", "kvk", "nzbn")
# A wrong check digit here is a typing error. Elsewhere registers themselves break the rule
# (a real Ecuadorian RUC fails), so it is only worth a warning.
STRICT = frozenset(("lei", "no.orgnr", "fr.siren", "eu.vat", "br.cnpj"))

_COUNTRY_SCHEME = re.compile(r"^([a-z]{2})_?\.([a-z][a-z0-9_]*)$")
_SEPARATORS = re.compile(r"[\s.\-\u2010-\u2014]+")
_GB_COMPANY = re.compile(r"^(?:[A-Z]{2}|[A-Z]\d|\d{2})\d{5}[\dA-Z]$")


@dataclass(frozen=True, slots=True)
class Number:
    """A number under its canonical scheme. `trouble` says what is wrong with it; `fatal` if it cannot be used."""

    scheme: str
    number: str
    trouble: str = ""
    hint: str = ""
    fatal: bool = False


def scheme_of(written: str) -> str | None:
    """Return the canonical scheme a person means (`orgnr` -> `no.orgnr`), or None if there is none."""
    if written in OWN:
        return written
    name = ALIASES.get(written, written)
    if name == "cz.ico":  # python-stdnum 2.2 knows it only as a part of cz.dic
        return name
    found = _COUNTRY_SCHEME.match(name)
    if found and _module(found[1], found[2]) is not None:
        return f"{found[1]}.{found[2]}"
    return None


_USUAL = {
    "GB": "gb_company", "NO": "orgnr", "FR": "siren", "CZ": "ico", "BR": "cnpj", "US": "cik", "PL": "krs", "NL": "kvk", "NZ": "nzbn",
}  # fmt: skip


def nearest_scheme(written: str, country: str) -> str:
    """Return a hint: the nearest known scheme, or where the names come from."""
    near = nearest(written, (*ALIASES, *OWN, *_schemes_of(country.lower())))
    if near:
        return near
    if (usual := _USUAL.get(country.upper())) is not None:
        return f"the register's number is written {usual} there; tax numbers as python-stdnum names them"
    return f"known are {', '.join((*ALIASES, *OWN))}, and python-stdnum's names such as mx.rfc"


def read_number(scheme: str, written: str) -> Number:
    """Compact and check a number of a canonical scheme. Never raises: what is wrong stands in the result."""
    if scheme in _OWN_CHECKS:
        return _OWN_CHECKS[scheme](scheme, _SEPARATORS.sub("", written).upper())
    if scheme == "cz.ico":
        return _czech(_SEPARATORS.sub("", written))
    country, _, name = scheme.partition(".")
    module = _module(country, name)
    assert module is not None, scheme
    strict = scheme in STRICT
    hint = "EU VAT numbers begin with the country: DE123456789" if scheme == "eu.vat" else "compare it with the source"
    try:
        return Number(scheme, module.validate(written))
    except InvalidChecksum:
        return Number(scheme, _compact(module, written), "the check digit is wrong", "a digit is mistyped", strict)
    except ValidationError as error:
        trouble = f"this is no number of that scheme: {str(error).rstrip('.').lower()}"
        return Number(scheme, _compact(module, written), trouble, hint, strict)


def _compact(module: ModuleType, written: str) -> str:
    try:
        return str(module.compact(written))
    except ValidationError:
        return _SEPARATORS.sub("", written).upper()


def _lei(scheme: str, number: str) -> Number:
    from stdnum import lei

    if not re.fullmatch(r"[A-Z0-9]{18}\d{2}", number):
        return Number(scheme, number, "an LEI has 18 letters or digits and two check digits", "copy it whole", True)
    if not lei.is_valid(number):
        return Number(scheme, number, "the check digits of this LEI are wrong", "a character is mistyped", True)
    return Number(scheme, number)


def _gb_company(scheme: str, number: str) -> Number:
    # Companies House answers a wrong length with 500, not 404, so zeros are filled in here.
    found = re.fullmatch(r"([A-Z]{0,2})(\d{1,8}[A-Z]?)", number)
    padded = found[1] + found[2].zfill(8 - len(found[1])) if found else number
    if not _GB_COMPANY.fullmatch(padded):
        trouble = "a UK company number has 8 characters"
        return Number(scheme, number, trouble, "as 00445790, SC095000 or OC301540", True)
    return Number(scheme, padded)


def _digits(length: int, title: str) -> Callable[[str, str], Number]:
    def check(scheme: str, number: str) -> Number:
        if not number.isascii() or not number.isdigit() or len(number) > length:
            return Number(scheme, number, f"{title} has {length} digits", "leading zeros may be left out", True)
        return Number(scheme, number.zfill(length))

    return check


def _nzbn(scheme: str, number: str) -> Number:
    from stdnum import ean

    if not re.fullmatch(r"94\d{11}", number):
        return Number(scheme, number, "an NZBN has 13 digits and begins with 94", "copy it whole", True)
    trouble = "" if ean.is_valid(number) else "the check digit is wrong"
    return Number(scheme, number, trouble, "a digit is mistyped" if trouble else "")


def _czech(number: str) -> Number:
    from stdnum.cz import dic

    if not number.isascii() or not number.isdigit() or len(number) > 8:
        return Number("cz.ico", number, "an IČO has 8 digits", "leading zeros may be left out", True)
    padded = number.zfill(8)
    trouble = "" if dic.is_valid(padded) else "the check digit is wrong"
    return Number("cz.ico", padded, trouble, "a digit is mistyped" if trouble else "")


_OWN_CHECKS: dict[str, Callable[[str, str], Number]] = {
    "lei": _lei,
    "gb_company": _gb_company,
    "nzbn": _nzbn,
    "cik": _digits(10, "a CIK"),
    "krs": _digits(10, "a KRS number"),
    "kvk": _digits(8, "a KVK number"),
}


@lru_cache(maxsize=512)
def _module(country: str, name: str) -> ModuleType | None:
    try:
        found = get_cc_module(country, name)
    except (ImportError, ValueError, AttributeError):
        return None
    return found if isinstance(found, ModuleType) and hasattr(found, "validate") else None


def _schemes_of(country: str) -> tuple[str, ...]:
    """Return python-stdnum's names for one country, as `mx.rfc`."""
    import importlib
    import pkgutil

    for package in (country, f"{country}_"):  # `in` and `is` are words of Python
        try:
            found = importlib.import_module(f"stdnum.{package}")
        except ImportError:
            continue
        return tuple(f"{country}.{module.name}" for module in pkgutil.iter_modules(getattr(found, "__path__", ())))
    return ()


def nearest_of(written: str, known: Iterable[str]) -> str:
    """Return the known word nearest to what was written, or nothing if none is near."""
    found = process.extractOne(written.lower(), sorted(known), scorer=fuzz.ratio, score_cutoff=60)
    return str(found[0]) if found else ""


def nearest(written: str, known: Iterable[str]) -> str:
    """Return `did you mean x?` for the known word nearest to what was written, or nothing if none is near."""
    found = nearest_of(written, known)
    return f"did you mean {found}?" if found else ""


# --------------------------------------------------------------------------- names

# Letters that Unicode does not take apart into a plain letter and a mark.
_FOLD = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t"}
)


def slug(name: str, country: str) -> str:
    """Return the id of a customer that was given none: the name in plain ASCII, or a hash if nothing is left."""
    folded = unicodedata.normalize("NFKD", name.casefold().translate(_FOLD))
    plain = re.sub(r"[^a-z0-9]+", "-", folded.encode("ascii", "ignore").decode()).strip("-")[:64].strip("-")
    if plain:
        return plain
    written = unicodedata.normalize("NFC", name) + country
    return "c-" + hashlib.sha256(written.encode()).hexdigest()[:8]


_INVISIBLE = frozenset("\u00ad\u034f\u061c\u180e\u2060\u2061\u2062\u2063\u2064\ufeff") | frozenset(
    chr(n) for n in (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)
_ALIKE = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")  # scripts whose letters pass for each other


def odd_characters(name: str) -> str:
    """Say which characters of a name may deceive, with their code points; nothing if none does.

    Invisible and direction-changing characters, controls, and letters of scripts that look alike within one word.
    """
    if name.isascii() and name.isprintable():
        return ""
    odd = [c for c in name if c in _INVISIBLE or unicodedata.category(c) in ("Cc", "Cf", "Co", "Cn")]
    if odd:
        return f"invisible or direction-changing characters: {_points(odd)}"
    for word in re.findall(r"\w+", name):
        scripts: dict[str, list[str]] = {}
        for letter in word:
            script = unicodedata.name(letter, "").partition(" ")[0]
            if script in _ALIKE:
                scripts.setdefault(script, []).append(letter)
        if len(scripts) > 1:
            fewest = min(scripts, key=lambda script: len(scripts[script]))
            return f"letters of look-alike alphabets in one word: {_points(scripts[fewest])} ({fewest.title()})"
    return ""


def _points(characters: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(f"U+{ord(c):04X}" for c in characters))
