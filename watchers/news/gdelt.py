"""GDELT: the world's news of the last days that name a customer, asked by its name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from rigour.names import remove_org_types

from monitor.model import Customer, Record
from monitor.strict import json_of
from monitor.watcher import Answer, Ask, Findings, SourceBlocked, SourceDown, SourceDrifted, watcher
from watchers.news import _text

ADDRESS = "https://api.gdeltproject.org/api/v2/doc/doc"

_MOST = 250  # articles of one answer
_LONGEST = 200  # characters of a query; 213 were accepted, 290 refused
_PHRASE = 90  # characters of one name
_SHORTEST = 5  # letters of a name; GDELT refuses shorter phrases
_WINDOW = timedelta(days=3)
_FURTHEST = timedelta(days=14)  # what is older is history to a news event
_PAUSE = 900.0  # seconds; what GDELT's refusals cost grows with every request that follows soon
_DAY = 86_400.0
_SLOW_DOWN = re.compile(r"limit requests|too many requests|rate limit|high-traffic|try again later", re.IGNORECASE)
_BAD_QUERY = re.compile(r"\bquery\b|\bphrase\b|\btimespan\b|\bkeyword|\bparenthes|\binvalid\b", re.IGNORECASE)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Words that many firms bear, or that mean something else: alone they find the news of the whole world.
_GENERIC = _set(
    "the and of for group groupe gruppe grupo holding holdings international global world worldwide national general industries"
    " industrial industry enterprise enterprises trading trade trader traders import export company companies corporation corp"
    " service services solution solutions system systems technology technologies tech product products partner partners"
    " associates venture ventures capital investment investments management consulting logistics transport shipping marine energy"
    " power electric electronics engineering construction building materials steel metal metals chemical chemicals plastics"
    " textile textiles fashion food foods beverage beverages seafood fish meat fruit agro farm farms paper packaging print"
    " medical health healthcare pharma care home house media digital data network networks online market markets retail store"
    " stores shop supply supplies sales bank finance financial insurance property estate real auto automotive motors motor"
    " machine machinery tools equipment parts components design studio europe asia africa america china india germany france"
    " north south east west northern southern eastern western pacific atlantic central united first premier prime star"
)
_ORDINARY = _set(
    "apple amazon orange target shell visa square delta united galaxy sprint oracle alphabet meta zoom slack snap match block"
    " nexus vertex summit pioneer frontier horizon phoenix eagle falcon tiger dragon lion bear wolf titan atlas apollo aurora"
    " liberty victory freedom heritage legacy unity harmony fortune empire imperial royal crown diamond silver golden gold"
    " sunrise sunset ocean river mountain valley forest garden island harbour harbor bridge castle tower gateway compass"
    " anchor beacon bright clear smart swift rapid quick fresh green white black brown young modern future dream vision"
    " spirit genesis matrix vector signal element carbon quartz cobalt nickel copper cedar maple olive lotus cherry peach"
    " constellation enterprise universal metropolitan continental standard classic elite ultra alpha omega sigma gamma"
)
_TAIL = _set("and co company corp corporation public limited")
_LANGUAGES = {
    "afrikaans": "af", "albanian": "sq", "arabic": "ar", "armenian": "hy", "azerbaijani": "az", "bengali": "bn", "bosnian": "bs",
    "bulgarian": "bg", "catalan": "ca", "chinese": "zh", "croatian": "hr", "czech": "cs", "danish": "da", "dutch": "nl", "english": "en",
    "estonian": "et", "finnish": "fi", "french": "fr", "galician": "gl", "georgian": "ka", "german": "de", "greek": "el", "gujarati": "gu",
    "hebrew": "he", "hindi": "hi", "hungarian": "hu", "icelandic": "is", "indonesian": "id", "italian": "it", "japanese": "ja",
    "kannada": "kn", "kazakh": "kk", "korean": "ko", "latvian": "lv", "lithuanian": "lt", "macedonian": "mk", "malay": "ms",
    "malayalam": "ml", "marathi": "mr", "mongolian": "mn", "nepali": "ne", "norwegian": "no", "norwegianbokmal": "nb",
    "norwegiannynorsk": "nn", "persian": "fa", "polish": "pl", "portuguese": "pt", "punjabi": "pa", "romanian": "ro", "russian": "ru",
    "serbian": "sr", "sinhalese": "si", "slovak": "sk", "slovenian": "sl", "somali": "so", "spanish": "es", "swahili": "sw",
    "swedish": "sv", "tamil": "ta", "telugu": "te", "thai": "th", "tibetan": "bo", "turkish": "tr", "ukrainian": "uk", "urdu": "ur",
    "vietnamese": "vi",
}  # fmt: skip


@watcher(
    title="GDELT",
    scope="customer",
    mode="log",
    kinds=("article",),
    duties=(2, 6),
    hosts=("api.gdeltproject.org",),
    every="1d",
    pace=20.0,
    max_bytes=5_000_000,
    max_seconds=60,
    terms="https://www.gdeltproject.org/about.html#termsofuse",
    docs="https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/",
)
async def gdelt(ask: Ask) -> Findings:
    """Asks GDELT for articles that name the customer, as many days back as were not seen yet.

    The name is all it is asked by, so every article is judged by its own words like one of a feed. A refusal, which
    GDELT sends as plain text with status 200, is no look. Quality: silver, best effort.
    """
    assert ask.customer is not None
    params = {
        "query": query(ask.customer),
        "mode": "artlist",
        "format": "json",
        "maxrecords": str(_MOST),
        "sort": "datedesc",
        "timespan": f"{_days(ask)}d",
    }
    answer = await ask.get(ADDRESS, params=params)
    seen = ask.now.date().isoformat()
    if answer.unchanged and not ask.full:
        return Findings(unchanged=True, memory=ask.memory, cursor=seen)
    articles = _articles(answer)
    records = _records(articles, ask.now)
    if not records:
        # No news is what most looks find; a log that had some before has not lost them.
        return Findings(unchanged=True, memory=ask.memory, cursor=seen, reason="no article names it")
    full = len(articles) >= _MOST
    return Findings(
        records=records,
        total=len(articles),
        cursor=seen,
        reason=f"the newest {_MOST} articles only; the name finds too many" if full else "",
    )


def _days(ask: Ask) -> int:
    """Return how many days to ask for: three, more after a gap, and never what is history already."""
    try:
        since = datetime.fromisoformat(ask.cursor or "").replace(tzinfo=UTC)
    except ValueError:
        return _FURTHEST.days  # the first look
    gap = ask.now - since + timedelta(days=1)
    return max(_WINDOW, min(gap, _FURTHEST)).days


# --------------------------------------------------------------------------- the question


def query(customer: Customer) -> str:
    """Return the question: the customer's names as exact phrases, as many as fit.

    Raises SourceBlocked if no name is telling enough to be searched for: that customer is not covered here.
    """
    phrases = list(dict.fromkeys(phrase for name in (customer.name, *customer.aliases) for phrase in _phrases(name)))
    if not phrases:
        raise SourceBlocked(
            f"the name {customer.name!r} is too general for a search of the world's news: add a longer alias, or switch"
            f" gdelt off for this customer",
            retry_after=_DAY,
        )
    chosen: list[str] = []
    for phrase in phrases:
        if len(_asked([*chosen, phrase])) <= _LONGEST:
            chosen.append(phrase)
    return _asked(chosen)


def _asked(phrases: list[str]) -> str:
    quoted = [f'"{phrase}"' for phrase in phrases]
    return quoted[0] if len(quoted) == 1 else f"({' OR '.join(quoted)})"


def _phrases(name: str) -> Iterator[str]:
    """Yield the ways to ask for a name: without its legal form, as written and without accents.

    GDELT searches a translation into English: names in other scripts find nothing there.
    """
    inner = re.match(r"^(.{3,}?)\s*[(（]([^()（）]{2,60})[)）]\s*$", name)
    for written in inner.groups() if inner else (name,):
        spelt = (written, written.replace("&", " and ")) if "&" in written else (written,)
        for words in map(_words, spelt):
            if not _telling(words):
                continue
            phrase = " ".join(words)
            while len(phrase) > _PHRASE and " " in phrase:
                phrase = phrase.rpartition(" ")[0]
            phrase = phrase[:_PHRASE]
            yield phrase
            if (plain := _plain(phrase)) != phrase:
                yield plain


def _words(name: str) -> list[str]:
    text = unicodedata.normalize("NFKC", name).casefold()
    shorter = remove_org_types(re.sub(r"(?<=\w)\.(?=\w\.|\W|$)", "", text)).strip()
    kept = re.sub(r"(?<=\w)['’](?=\w)", "", shorter if re.search(r"\w{2}", shorter) else text)
    words = re.findall(r"\w+", kept)
    while len(words) > 1 and (len(words[-1]) == 1 or words[-1] in _TAIL):  # what is left of A/S, or of & Co.
        words.pop()
    return words


def _telling(words: list[str]) -> bool:
    """Return whether the words name one company rather than a trade, a place or a thing."""
    letters = "".join(words)
    if len(letters) < _SHORTEST or not all(_latin(char) for char in letters if char.isalpha()):
        return False
    if len(words) == 1:
        return words[0] not in _GENERIC | _ORDINARY and not words[0].isdigit()
    return any(word not in _GENERIC and not word.isdigit() and len(word) > 1 for word in words)


def _latin(char: str) -> bool:
    return char.isascii() or unicodedata.name(char, "").startswith("LATIN")


def _plain(text: str) -> str:
    spread = "".join(_SPELT.get(char, char) for char in text)
    return "".join(char for char in unicodedata.normalize("NFD", spread) if not unicodedata.combining(char))


_SPELT = {"ø": "o", "æ": "ae", "å": "a", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "œ": "oe", "ı": "i"}


# --------------------------------------------------------------------------- the answer


def _articles(answer: Answer) -> list[Any]:
    """Return the articles of a sound answer. Raises SourceBlocked, SourceDown or SourceDrifted for any other."""
    document = _document(answer)
    if not isinstance(document, dict):
        raise SourceDrifted("GDELT's answer is a list, not an object")
    if not document:
        return []
    articles = document.get("articles")
    if "articles" not in document:
        raise SourceDrifted(
            f"articles is gone from GDELT's answer, which holds {', '.join(sorted(map(str, document)))[:80]}"
        )
    if not isinstance(articles, list):
        raise SourceDrifted(f"articles is a {type(articles).__name__} in GDELT's answer, not a list")
    return articles


def _document(answer: Answer) -> Any:
    body = answer.body.removeprefix(b"\xef\xbb\xbf").strip()
    if not body:
        raise SourceDown("empty answer from GDELT")
    if body[:1] not in b"{[<":
        _refused(body)
    said = answer.headers.get("content-type", "")
    try:
        return json_of(body, answer.url, said)
    except SourceDrifted:
        # Titles may hold raw control characters, odd escapes and halves of letters.
        return json_of(_mended(body), answer.url, said)


def _refused(body: bytes) -> None:
    """Raise what GDELT says in plain text. The same question would be refused again, so it waits for a day."""
    text = _text.clean(body[:1_000].decode("utf-8", "replace"), 120)
    if _SLOW_DOWN.search(text):
        raise SourceBlocked("GDELT asks for fewer requests", retry_after=_PAUSE)
    wait = _DAY if _BAD_QUERY.search(text) else _PAUSE
    raise SourceBlocked(f"GDELT refused the question: {text!r}", retry_after=wait)


_ESCAPE = re.compile(rb'\\(?:(["\\/bfnrt]|u[0-9a-fA-F]{4})|)')
_HALF = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


def _mended(body: bytes) -> bytes:
    body = body.decode("utf-8", "replace").encode("utf-8")
    body = re.sub(rb"[\x00-\x1f\x7f]", b" ", body)
    body = _ESCAPE.sub(lambda found: found[0] if found[1] else rb"\\", body)
    return _HALF.sub(rb"\\ufffd", body)


# --------------------------------------------------------------------------- articles


def _records(articles: list[Any], now: datetime) -> tuple[Record, ...]:
    """Return the articles, each once; one outlet's several addresses of one headline are one article."""
    made: dict[str, Record] = {}
    told: set[tuple[str, str]] = set()
    for article in articles:
        record = _record(article)
        if record is None:
            continue
        headline = (str(record.fields["outlet"]), re.sub(r"\W+", " ", str(record.fields["title"]).casefold()).strip())
        if record.key not in made and headline not in told:
            told.add(headline)
            made[record.key] = record
    return tuple(made.values())


def _record(article: Any) -> Record | None:
    """Return one article, or None for one without headline or address."""
    if not isinstance(article, Mapping):
        raise SourceDrifted(f"an article of GDELT is a {type(article).__name__}, not an object")
    link, raw, domain, day = (_field(article, name) for name in ("url", "title", "domain", "seendate"))
    title = joined(_text.clean(raw))
    if not title or not _text.web(link):
        return None
    outlet = _text.clean(domain, 100).lower().removeprefix("www.") or _text.host(link)
    fields = {
        "title": title,
        "outlet": outlet,
        "language": _LANGUAGES.get(re.sub(r"[^a-z]", "", _optional(article, "language").lower()), ""),
        "title_raw": raw[: _text.TITLE] if raw != title else "",
        # When GDELT came by, not when it was published: that stays unknown, and the first sight counts.
        "published_raw": day[:40],
    }
    return Record("article", _key(link), {name: value for name, value in fields.items() if value}, url=link)


def _field(article: Mapping[str, Any], name: str) -> str:
    value = article.get(name)
    if not isinstance(value, str):
        what = f"{name} is a {type(value).__name__}, not text," if name in article else f"{name} is gone"
        raise SourceDrifted(f"{what} in an article of GDELT")
    return value.strip()


def _optional(article: Mapping[str, Any], name: str) -> str:
    value = article.get(name)
    return value if isinstance(value, str) else ""


def _key(link: str) -> str:
    """Return the address without what tells only how one came to it; pages for telephones are the page itself."""
    key = re.sub(r"(?:[?&](?:amp|outputType=amp|output=amp)(?:=1)?)$", "", _text.normalized(link))
    key = re.sub(r"^(?:m|mobile|amp)\.(?=[^/]+\.)", "", key).removesuffix("/amp").removesuffix(".amp").rstrip("/")
    return key if len(key) <= 300 else f"{key[:260]}#{_text.shortened(key[-39:], 39)}"


_BEFORE = re.compile(r"\s+([.,:;!?)\]}%’”])(?=\s|$|[.,:;!?)\]}%’”'\"])")
_BEHIND = re.compile(r"(?:(?<=^)|(?<=\s)|(?<=[(\[]))([(\[{$€£“‘#])\s+(?=\S)")
_FIGURE = re.compile(r"(?<=\d)\s([.,:])\s(?=\d)")


def joined(title: str) -> str:
    """Return a headline without the blanks that GDELT sets around its signs: `$3 . 2 billion` is $3.2 billion."""
    text = (
        _FIGURE.sub(r"\1", re.sub(r"(?<=\d)\s([.,:])\s(?=\d)", r"\1", title))
        if " . " in title or " , " in title or " : " in title
        else title
    )
    text = _BEHIND.sub(r"\1", _BEFORE.sub(r"\1", text))
    return " ".join(text.split())
