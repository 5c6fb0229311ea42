"""Find the watchlist's names in running text: a headline, a lead. A name alone is never more than possible."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ahocorasick_rs import AhoCorasick
from rigour.names import extract_org_types

from monitor.judge import names, textwords, wordlists
from monitor.model import Customer, Match, Reason, Record

LEAST = 0.5  # a weaker likeness is no match


class Texts:
    """All names to look for, in one automaton. Built once, never changed."""

    def __init__(self, customers: Sequence[Customer]) -> None:
        self._customers = {customer.id: customer for customer in customers}
        patterns: dict[str, list[_Pattern]] = {}
        for customer in customers:
            for pattern in _patterns(customer):
                patterns.setdefault(pattern.words, []).append(pattern)
        self._patterns = list(patterns.values())
        # Latin words are matched whole, blanks included; in Chinese, Japanese and Korean text no blanks set words apart.
        self._automaton = AhoCorasick([words if names.has_cjk(words) else f" {words} " for words in patterns])

    def find(self, record: Record) -> Iterator[Match]:
        fields = record.fields
        title, lead = str(fields.get("title") or ""), str(fields.get("summary") or fields.get("text") or "")[:_LONGEST]
        found: list[tuple[_Hit, _Text, str]] = []
        others: set[str] = set()
        for place, source in (("title", title), ("lead", lead)):
            if source:
                text = _Text(source[:_LONGEST])
                hits, meant = self._hits(text)
                others |= meant
                found += [(hit, text, place) for hit in hits]
        # The lead often says in full who the headline's short name is.
        others |= {
            hit.pattern.customer
            for hit, text, place in found
            if place == "lead" and hit.end - hit.start == 1 and not hit.pattern.bare and self._is_another(hit, text)
        }
        for hit, text, place in found:
            if hit.pattern.customer not in others or (
                hit.end - hit.start > 1 and hit.pattern.strength in (_FULL, _ALIAS)
            ):
                match = _judged(hit, text, self._customers[hit.pattern.customer], place, f"{title} {lead}")
                if match is not None:
                    yield match

    def _is_another(self, hit: _Hit, text: _Text) -> bool:
        if names.has_cjk(hit.pattern.words):
            return False
        return _another_follows(hit, text, self._customers[hit.pattern.customer])

    def _hits(self, text: _Text) -> tuple[list[_Hit], set[str]]:
        """Return the names found in a text, longest first choice, and the customers whose exclude phrases it holds."""
        found = self._automaton.find_matches_as_indexes(text.folded, overlapping=True)
        if not found:
            return [], set()
        hits = [_Hit(pattern, *text.words_at(start, end)) for at, start, end in found for pattern in self._patterns[at]]
        meant_others = {hit.pattern.customer for hit in hits if hit.pattern.strength == _EXCLUDED}
        kept = _longest([hit for hit in hits if hit.pattern.strength != _EXCLUDED])
        return [hit for hit in kept if hit.pattern.customer not in meant_others], meant_others


_BRACKETED = re.compile(r"^(.{3,}?)\s*[(（]([^()（）]{2,40})[)）]\s*(.*)$")


# --------------------------------------------------------------------------- what to look for in texts


_LONGEST = 2000  # characters of a lead worth reading
_FULL, _ALIAS, _SHORT, _FIRST, _ACRONYM, _EXCLUDED = "full", "alias", "short", "first", "acronym", "excluded"
_SCORES = {_FULL: 0.75, _ALIAS: 0.7, _SHORT: 0.65, _FIRST: 0.55, _ACRONYM: 0.5}


@dataclass(frozen=True, slots=True)
class _Pattern:
    words: str  # folded, single blanks
    customer: str
    strength: str
    written: str  # as a person wrote it; says how short names use capitals
    rest: tuple[str, ...] = ()  # the words of the full core that the pattern leaves out

    @property
    def bare(self) -> bool:
        """Whether the person wrote just this, without a legal form: then the brand is meant, in every firm of it."""
        return names.fold(self.written) == self.words


def _patterns(customer: Customer) -> Iterator[_Pattern]:
    seen: set[str] = set()
    for pattern in _all_patterns(customer):
        if pattern.words and pattern.words not in seen and _long_enough(pattern):
            seen.add(pattern.words)
            yield pattern


def _all_patterns(customer: Customer) -> Iterator[_Pattern]:
    for phrase in customer.exclude:
        yield _Pattern(_Text(phrase).folded.strip(), customer.id, _EXCLUDED, phrase)
    for strength, name in ((_FULL, customer.name), *((_ALIAS, alias) for alias in customer.aliases)):
        outer = _BRACKETED.match(name)
        for written in (name, *(outer.group(1, 2) if outer and not outer[3] else ())):
            words = tuple(_Text(written).folded.split())
            core = names.core(written)
            plain = _within(words, core)
            yield _Pattern(plain, customer.id, strength, written)
            yield _Pattern(" ".join(words), customer.id, strength, written)
            if not names.has_cjk(plain):
                yield from _shorter(customer, written, plain)
            elif strength == _FULL:
                yield from _shorter_cjk(customer, written, plain)


def _within(words: tuple[str, ...], core: tuple[str, ...]) -> str:
    """Return the stretch of the written words that the core spans: `brook and sons tableware` without `limited`."""
    wanted = set(core)
    places = [at for at, word in enumerate(words) if word in wanted]
    return " ".join(words[places[0] : places[-1] + 1]) if places else " ".join(core)


def _shorter(customer: Customer, written: str, plain: str) -> Iterator[_Pattern]:
    words = tuple(plain.split())
    if not words:
        return  # signs only
    short = words
    while len(short) > 1 and short[-1] in textwords.TAILS:
        short = short[:-1]
    if short[0] == "the" and len(short) > 1:
        short = short[1:]
    if short != words and _own_word(short):
        yield _Pattern(" ".join(short), customer.id, _SHORT, written, words[len(short) :])
    for first in {words[:1], words[:2]} if len(words) > 2 else {words[:1]} if len(words) == 2 else ():
        if _own_word(first):
            yield _Pattern(" ".join(first), customer.id, _FIRST, written, words[len(first) :])
    yield from (_Pattern(other, customer.id, _SHORT, written) for other in _respelt(written, words))
    # Three letters are borne by too many; a person who knows the short name lists it as an alias.
    acronym = "".join(word[0] for word in words if word not in textwords.SMALL)
    if len(acronym) >= 4:
        yield _Pattern(acronym, customer.id, _ACRONYM, acronym.upper())


def _respelt(written: str, words: tuple[str, ...]) -> Iterator[str]:
    """Yield other spellings in common use: Divis for Divi's, Pharma for Pharmaceutical, Motors for Motor."""
    if "'" in written or "’" in written:
        yield " ".join(names.core(re.sub("['’]", "", written)))
    for at, word in enumerate(words[1:], start=1):
        if word in textwords.CUT_SHORT:
            yield " ".join((*words[:at], textwords.CUT_SHORT[word]))
    if len(words) > 1 and len(words[-1]) > 3:
        yield " ".join((*words[:-1], words[-1][:-1] if words[-1].endswith("s") else f"{words[-1]}s"))


def _shorter_cjk(customer: Customer, written: str, plain: str) -> Iterator[_Pattern]:
    short = textwords.CJK_TRADES.sub("", plain)
    if len(short) >= 3 and short != plain:
        yield _Pattern(short, customer.id, _SHORT, written)


def _own_word(words: tuple[str, ...]) -> bool:
    """Return whether a shortened name may stand alone: long, and no word of ordinary language or geography."""
    if len(words) > 1:
        return not all(word in textwords.COMMON for word in words)
    return len(words[0]) >= 4 and words[0] not in textwords.COMMON


def _long_enough(pattern: _Pattern) -> bool:
    if pattern.strength == _EXCLUDED:
        return True
    if names.has_cjk(pattern.words):
        return len(pattern.words) >= (2 if pattern.strength in (_ALIAS, _FULL) else 3)
    return len(pattern.words) >= 2


# --------------------------------------------------------------------------- reading a text


_CJK_RUN = "\u2e80-\u2fdf\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
_TOKEN = re.compile(rf"[{_CJK_RUN}]+|[^\W_{_CJK_RUN}]+")


# What _TOKEN and `fold` make of plain letters, in one pass: digits and small letters stay, all else is a blank.
_FOREIGN = re.compile(r"[^\W\x00-\x7f]")  # a letter or digit of more than seven bits; signs and dashes are none
_ASCII_FOLDED = bytes(ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else 32 for code in range(256))


class _Text:
    """A text as it was written, and folded for the automaton; words are found again by their place."""

    __slots__ = ("_starts", "_tokens", "folded", "source")

    def __init__(self, text: str) -> None:
        self.source = text if text.isascii() else unicodedata.normalize("NFKC", text)
        if text.isascii() or not _FOREIGN.search(self.source):
            plain = self.source.encode("ascii", "replace").translate(_ASCII_FOLDED)
            self.folded = f" {b' '.join(plain.split()).decode()} "
        else:
            self.folded = f" {names.fold(' '.join(_TOKEN.findall(self.source)))} "
        self._tokens: list[re.Match[str]] | None = None
        self._starts: dict[int, int] | None = None

    @property
    def tokens(self) -> list[re.Match[str]]:
        if self._tokens is None:
            self._tokens = list(_TOKEN.finditer(self.source))
        return self._tokens

    def words_at(self, start: int, end: int) -> tuple[int, int]:
        """Return the first word of a stretch of the folded text, and the one behind its last."""
        before = self.folded.count(" ", 0, start + 1) - 1
        inner = self.folded[start:end].strip()
        return before, before + inner.count(" ") + 1

    def word(self, at: int) -> str:
        return self.tokens[at].group() if 0 <= at < len(self.tokens) else ""

    def gap(self, at: int) -> str:
        """Return what stands between a word and the one before."""
        if 0 < at < len(self.tokens):
            return self.source[self.tokens[at - 1].end() : self.tokens[at].start()]
        return "."

    def shouts(self) -> bool:
        return self.source.isupper()

    def title_case(self) -> bool:
        """Return whether nearly every longer word begins with a capital: then capitals tell nothing."""
        longer = [token.group() for token in self.tokens if len(token.group()) > 3 and token.group()[0].isalpha()]
        return bool(longer) and sum(word[0].isupper() for word in longer) >= 0.7 * len(longer)


@dataclass(frozen=True, slots=True)
class _Hit:
    pattern: _Pattern
    start: int
    end: int


def _longest(hits: Sequence[_Hit]) -> list[_Hit]:
    """Drop hits that lie inside a longer one of another customer: `Reliance Power` is not `Reliance`."""
    return [
        hit
        for hit in hits
        if not any(
            other.start <= hit.start
            and hit.end <= other.end
            and (other.end - other.start, len(other.pattern.words)) > (hit.end - hit.start, len(hit.pattern.words))
            for other in hits
        )
    ]


def _judged(hit: _Hit, text: _Text, customer: Customer, place: str, whole: str) -> Match | None:
    pattern = hit.pattern
    if names.has_cjk(pattern.words):
        return _judged_cjk(hit, text, customer, place)
    if not _written_alike(hit, text) or _another_follows(hit, text, customer) or _another_leads(hit, text):
        return None
    if _only_a_voice(hit, text):
        return None
    hints = _hints(whole, customer, hit, text)
    weak = pattern.strength == _ACRONYM or (
        " " not in pattern.words and (len(pattern.words) < 4 or pattern.words in textwords.ORDINARY)
    )
    if (weak or (pattern.strength == _FIRST and hit.end - hit.start == 1)) and not hints:
        return None
    score = _SCORES[pattern.strength] + min(0.1, 0.05 * len(hints)) - (0.1 if place == "lead" else 0)
    reasons = [Reason("name_in_title" if place == "title" else "name_in_lead", {"name": pattern.words})]
    reasons += [Reason(hint, {}) for hint in hints]
    return _related(hit, text, _match(customer, score, reasons))


def _judged_cjk(hit: _Hit, text: _Text, customer: Customer, place: str) -> Match | None:
    pattern = hit.pattern
    run = text.word(hit.start)
    at = names.fold(run).find(pattern.words)
    behind = run[at + len(pattern.words) :]
    katakana = re.fullmatch("[\u30a0-\u30ff]+", pattern.words)
    if katakana and (re.match("[\u30a0-\u30ff]", behind) or re.search("[\u30a0-\u30ff]$", run[:at])):
        return None
    if len(pattern.words) < 3 and pattern.strength not in (_ALIAS, _FULL):
        return None
    if textwords.CJK_RIVAL.match(behind) and pattern.strength != _ALIAS:
        return None
    score = _SCORES[pattern.strength] - (0.1 if place == "lead" else 0)
    reason = Reason("name_in_title" if place == "title" else "name_in_lead", {"name": pattern.words})
    return _match(customer, score, [reason])


def _match(customer: Customer, score: float, reasons: Sequence[Reason]) -> Match | None:
    score = round(score, 2)
    return Match(customer.id, "possible", score, reasons=tuple(reasons)) if score >= LEAST - 0.1 else None


def _written_alike(hit: _Hit, text: _Text) -> bool:
    """Return whether a single word is written as a name: `Kia` is not KIA, and `sun` is not Sun."""
    pattern, word = hit.pattern, text.word(hit.start)
    if hit.end - hit.start > 1 or text.shouts():
        return True
    if pattern.strength == _ACRONYM:
        return word.isupper()
    if len(word) <= 4:
        wanted = {token for token in _TOKEN.findall(pattern.written) if names.fold(token) == pattern.words}
        return word in wanted or (word[:1].isupper() and bool(wanted & {word.upper()}))
    return not word[:1].isalpha() or word[:1].isupper() or "@" in text.gap(hit.start) or "#" in text.gap(hit.start)


def _another_follows(hit: _Hit, text: _Text, customer: Customer) -> bool:
    """Return whether the name goes on and becomes another's: `Hartwell Football Club`, `Merck KGaA`."""
    ours = hit.pattern.rest
    following = text.word(hit.end)
    if not following or _closes(text.gap(hit.end)):
        return False
    word = names.fold(following)
    if ours and (word == ours[0] or ours[0].startswith(word) or word.startswith(ours[0])) and len(word) > 2:
        return False  # our own name, written out or cut short: Surya Pharma for Surya Pharmaceutical
    if not following[0].isupper():
        return False  # what is no name cannot carry one on; `in` and `as` are legal forms somewhere
    theirs = _form_class(" ".join(text.word(at) for at in range(hit.end, hit.end + 3)), leading=True)
    ours_too = _form_class(customer.name)
    if theirs:
        return bool(ours_too) and theirs.isdisjoint(ours_too) and hit.pattern.strength != _ALIAS
    if hit.pattern.strength == _FIRST and hit.end - hit.start == 1 and not text.title_case():
        # One word of a longer name, and a capital behind it: `Costa Coffee` is not Costa Azul.
        return word not in textwords.KNOWN_CAPITALS and not text.gap(hit.end).strip(" ")
    if hit.end - hit.start == 1 and 2 <= len(following) <= 4 and following.isupper() and not text.shouts():
        return (
            following.isalpha() and word not in textwords.KNOWN_CAPITALS
        )  # another firm of the group: it bears its own letters
    if word in textwords.TRADES and hit.end - hit.start > 1:
        return False  # Cathay Pacific Airways is Cathay Pacific
    if word in names.core(customer.name):
        return False
    # A trade behind the first word of a longer name is another firm's, if it is not ours: Kalero Castings, Kalero Pharma.
    lone = bool(hit.pattern.rest) and hit.end - hit.start == 1
    return word in textwords.NAME_WORDS or (lone and wordlists.MEANINGS.get(word, word) in wordlists.TRADES)


def _form_class(text: str, *, leading: bool = False) -> frozenset[str]:
    """Return the kinds of legal form in a name (Ltd and Inc are one kind, AG and SA another); `leading`: right at its start."""
    folded = names.fold(text)
    found = extract_org_types(folded, generic=True)
    if leading:
        found = [(word, kind) for word, kind in found if folded.removeprefix("co ").startswith(word)]
    return frozenset(kind for _, kind in found)


def _another_leads(hit: _Hit, text: _Text) -> bool:
    """Return whether a word before makes it another's name: `Verlag Weiss`, `HD Hyundai`."""
    before = text.word(hit.start - 1)
    if not before or _closes(text.gap(hit.start)) or hit.start == 0:
        return False
    return before[0].isupper() and names.fold(before) in textwords.LEADING_NAMES and hit.end - hit.start == 1


def _closes(gap: str) -> bool:
    return bool(gap.strip(" \t\n\u00a0-–&'’"))


_VOICE_BEFORE = re.compile(r"\b(?:according to|analysts? (?:at|from|with)|laut|selon|según|segundo)\s+$", re.I)
_VOICE_AFTER = re.compile(r"^(?:['’]s?)?\s+(?:analysts?|research|strategists?|economists?|securities)\b", re.I)
_SAYS_BEFORE = re.compile(r",\s+(?:says?|said)\s+$", re.I)
_FORMER_BEFORE = re.compile(r"\b(?:ex-|former(?:ly of)? |previously (?:at|of) )$", re.I)
_FORMER_AFTER = re.compile(r"^['’]s?\s+(?:fired|ousted|former|ex)\b", re.I)


def _only_a_voice(hit: _Hit, text: _Text) -> bool:
    """Return whether the name only says something, or is only where somebody once worked."""
    start, end = text.tokens[hit.start].start(), text.tokens[hit.end - 1].end()
    before, after = text.source[max(0, start - 40) : start], text.source[end : end + 40]
    if _VOICE_BEFORE.search(before) or _VOICE_AFTER.match(after):
        return True
    if _FORMER_BEFORE.search(before) or _FORMER_AFTER.match(after):
        return True
    if _SAYS_BEFORE.search(before) and re.match(r"\s*(?:[;:,.]|$)", after):
        return True
    # `Prices will fall: X` and `…: Jane Doe, X`: a headline that ends with who said it.
    return hit.end == len(text.tokens) and ":" in before[-30:] and bool(re.search(r"[:,]\s+$", before))


def _hints(whole: str, customer: Customer, hit: _Hit, text: _Text) -> list[str]:
    """Return what else in the text speaks for this company."""
    found = []
    form = names.same_form(text.word(hit.end))
    if form and form in names.split(customer.name)[1]:
        found.append("form_agrees")
    folded = set(names.fold(whole).split())
    if any(names.fold(word) in folded for word in customer.keywords):
        found.append("trade_agrees")
    if folded & textwords.BUSINESS:
        found.append("business_words")
    if (
        customer.website
        and customer.website.split("//")[-1].removeprefix("www.").split("/")[0].casefold() in whole.casefold()
    ):
        found.append("website_agrees")
    return found


_RELATIONS: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (relation, re.compile(before + r"\s*$", re.I), re.compile(r"^\s*" + after, re.I))
    for relation, before, after in (
        (
            "parent",
            r"\b(?:parent(?: company)?|owner) (?:of|company of)",
            r"(?:['’]s?)?\s?(?:parent|owner|holding company)\b",
        ),
        (
            "subsidiary",
            r"\b(?:subsidiary|unit|arm|division|affiliate) of",
            r"(?:['’]s?)?\s?-?(?:subsidiary|unit|affiliate|backed|owned)\b",
        ),
        ("supplier", r"\bsuppliers? (?:to|of|for)", r"(?:['’]s?)?\s?(?:supplier|vendor|contractor)s?\b"),
        ("key_customer", r"\b(?:customers?|clients?) of", r"(?:['’]s?)?\s?(?:customer|client)s?\b"),
        ("other", r"\brivals? (?:of|to)", r"(?:['’]s?)?\s?(?:rival|competitor)s?\b"),
    )
)


def _related(hit: _Hit, text: _Text, match: Match | None) -> Match | None:
    """Return the match as somebody near the customer, if the words say so: `supplier to X`, `X's parent`."""
    if match is None:
        return None
    before = text.source[: text.tokens[hit.start].start()][-40:]
    after = text.source[text.tokens[hit.end - 1].end() :][:30]
    for relation, ahead, behind in _RELATIONS:
        if ahead.search(before) or behind.match(after):
            reason = Reason("relation_in_text", {"relation": relation})
            return replace(match, verdict="related", relation=relation, reasons=(*match.reasons, reason))
    return match
