"""Say of whom a record speaks: an identifier decides, a name alone is never more than possible."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock

from ahocorasick_rs import AhoCorasick
from rigour.names import extract_org_types

from monitor.judge import names
from monitor.judge.compare import Rarity
from monitor.judge.party import Known, Relative, judge_party
from monitor.model import Customer, Match, Party, Reason, Record

__all__ = ["Index", "Known", "Rarity", "Relative", "judge_party"]

LEAST = 0.5  # a weaker likeness is no match
_VERDICTS = {"same": 3, "possible": 2, "related": 1, "no": 0}


class Index:
    """The whole watchlist, to be asked about one record after another. Built once, never changed."""

    def __init__(self, customers: Sequence[Customer]) -> None:
        self._all = tuple(customers)
        self._lock = Lock()
        self._ready = False

    def warm(self) -> None:
        """Build it now, on whatever thread this is; else the first question does. A list of thousands takes a second."""
        with self._lock:
            if not self._ready:
                self._build(self._all)
                self._ready = True

    def _build(self, customers: Sequence[Customer]) -> None:
        self._customers = {customer.id: customer for customer in customers}
        self._ids: dict[tuple[str, str], list[Customer]] = {}
        self._names: dict[tuple[str, ...], list[Customer]] = {}
        patterns: dict[str, list[_Pattern]] = {}
        for customer in customers:
            for scheme, number in customer.ids.items():
                self._ids.setdefault((scheme, names.number(number)), []).append(customer)
            for name in (customer.name, *customer.aliases):
                for core in _cores(name):
                    listed = self._names.setdefault(tuple(sorted(core)), [])
                    if customer not in listed[-1:]:
                        listed.append(customer)
            for pattern in _patterns(customer):
                patterns.setdefault(pattern.words, []).append(pattern)
        self._patterns = list(patterns.values())
        # Latin words are matched whole, blanks included; in Chinese, Japanese and Korean text no blanks set words apart.
        self._automaton = AhoCorasick([words if names.has_cjk(words) else f" {words} " for words in patterns])

    def find(self, record: Record) -> tuple[Match, ...]:
        """Return whom the record speaks of, the surest first, one match a customer: same, possible or related."""
        if not self._ready:
            self.warm()
        parties = record.parties or _implied_parties(record)
        found = self._by_parties(parties, record) if parties else self._by_text(record)
        best: dict[str, Match] = {}
        for match in found:
            known = best.get(match.customer)
            if known is None or _strength(match) > _strength(known):
                best[match.customer] = match
        return tuple(sorted(best.values(), key=lambda match: (*(-part for part in _strength(match)), match.customer)))

    # ----------------------------------------------------------------------- parties

    def _by_parties(self, parties: Iterable[Party], record: Record) -> Iterator[Match]:
        for party in parties:
            decided: set[str] = set()
            for scheme, number in party.ids.items():
                for customer in self._ids.get((scheme, names.number(number)), ()):
                    decided.add(customer.id)
                    reason = Reason("identifier_agrees", {"scheme": scheme, "number": number})
                    yield Match(customer.id, "same", 1.0, party.role, reasons=(reason,))
            for core in _cores(party.name):
                for customer in self._names.get(tuple(sorted(core)), ()):
                    if customer.id not in decided and not _disagreeing(party.ids, customer.ids):
                        decided.add(customer.id)
                        if match := _named_alike(party, core, customer, record):
                            yield match

    # ----------------------------------------------------------------------- text

    def _by_text(self, record: Record) -> Iterator[Match]:
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


def _strength(match: Match) -> tuple[int, float]:
    return _VERDICTS[match.verdict], match.score


# --------------------------------------------------------------------------- identifiers and names


def _disagreeing(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return any(
        scheme in other and names.number(other[scheme]) != names.number(number) for scheme, number in one.items()
    )


def _implied_parties(record: Record) -> tuple[Party, ...]:
    """Return the parties of a record that states none but is about a name: a list entry, a company."""
    fields = record.fields
    if record.kind in _TEXTS or not (fields.get("name") or fields.get("names")):
        return ()
    listed = fields.get("names") or ()
    told = [fields.get("name"), *(listed if isinstance(listed, list | tuple) else [listed])]
    ids = fields.get("ids")
    stated = {str(scheme): str(number) for scheme, number in ids.items()} if isinstance(ids, Mapping) else {}
    country = fields.get("country")
    return tuple(Party(str(name), "mentioned", stated, str(country) if country else None) for name in told if name)


_TEXTS = frozenset(("article", "docket_entry", "page", "case", "notice"))
_BRACKETED = re.compile(r"^(.{3,}?)\s*[(（]([^()（）]{2,40})[)）]\s*(.*)$")


def _cores(name: str) -> Iterator[tuple[str, ...]]:
    """Yield the core of a name; of `Long Name (SHORT)` the long one too."""
    yield names.core(name)
    if (found := _BRACKETED.match(name)) and not found[3]:
        yield names.core(found[1])


def _named_alike(party: Party, core: tuple[str, ...], customer: Customer, record: Record) -> Match | None:
    """Weigh a name that agrees word for word. A name alone is at most possible."""
    country = party.country or record.fields.get("country")
    agrees = country == customer.country
    if not _telling(core) and not (agrees and _distinct_word(core)):
        return None
    reasons = [Reason("name_agrees", {"name": party.name, "as": customer.name})]
    score = 0.7
    if country:
        score += 0.1 if agrees else -0.2
        reasons.append(Reason("country_agrees" if agrees else "other_country", {"country": country}))
    theirs, ours = names.split(party.name)[1], names.split(customer.name)[1]
    if theirs and ours:
        same = set(theirs) & set(ours)
        score += 0.05 if same else -0.1
        reasons.append(Reason("form_agrees" if same else "other_form", {"form": " ".join(theirs)}))
    return Match(customer.id, "possible", round(score, 2), party.role, reasons=tuple(reasons))


def _telling(core: tuple[str, ...]) -> bool:
    """Return whether the words tell a company apart by themselves: two that are not everybody's, or three signs of CJK."""
    if any(names.has_cjk(word) for word in core):
        return sum(map(len, core)) >= 3
    return len(core) >= 2 and len(names.distinctive(core)) >= 1 and sum(map(len, core)) >= 6


def _distinct_word(core: tuple[str, ...]) -> bool:
    return len(core) == 1 and len(core[0]) >= 6 and core[0] not in _ORDINARY


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
    short = words
    while len(short) > 1 and short[-1] in names.GENERIC | _TRADES:
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
    acronym = "".join(word[0] for word in words if word not in _SMALL)
    if len(acronym) >= 4:
        yield _Pattern(acronym, customer.id, _ACRONYM, acronym.upper())


def _respelt(written: str, words: tuple[str, ...]) -> Iterator[str]:
    """Yield other spellings in common use: Divis for Divi's, Pharma for Pharmaceutical, Motors for Motor."""
    if "'" in written or "’" in written:
        yield " ".join(names.core(re.sub("['’]", "", written)))
    for at, word in enumerate(words[1:], start=1):
        if word in _CUT_SHORT:
            yield " ".join((*words[:at], _CUT_SHORT[word]))
    if len(words) > 1 and len(words[-1]) > 3:
        yield " ".join((*words[:-1], words[-1][:-1] if words[-1].endswith("s") else f"{words[-1]}s"))


def _shorter_cjk(customer: Customer, written: str, plain: str) -> Iterator[_Pattern]:
    short = _CJK_TRADES.sub("", plain)
    if len(short) >= 3 and short != plain:
        yield _Pattern(short, customer.id, _SHORT, written)


def _own_word(words: tuple[str, ...]) -> bool:
    """Return whether a shortened name may stand alone: long, and no word of ordinary language or geography."""
    if len(words) > 1:
        return not all(word in _COMMON for word in words)
    return len(words[0]) >= 4 and words[0] not in _COMMON


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
        " " not in pattern.words and (len(pattern.words) < 4 or pattern.words in _ORDINARY)
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
    if _CJK_RIVAL.match(behind) and pattern.strength != _ALIAS:
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
        return word not in _KNOWN_CAPITALS and not text.gap(hit.end).strip(" ")
    if hit.end - hit.start == 1 and 2 <= len(following) <= 4 and following.isupper() and not text.shouts():
        return (
            following.isalpha() and word not in _KNOWN_CAPITALS
        )  # another firm of the group: it bears its own letters
    if word in _TRADES and hit.end - hit.start > 1:
        return False  # Cathay Pacific Airways is Cathay Pacific
    return word in _NAME_WORDS and word not in names.core(customer.name)


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
    return before[0].isupper() and names.fold(before) in _LEADING_NAMES and hit.end - hit.start == 1


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
    if folded & _BUSINESS:
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


# --------------------------------------------------------------------------- words


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CUT_SHORT = {"pharmaceutical": "pharma", "pharmaceuticals": "pharma", "laboratories": "labs", "technologies": "tech"}
_SMALL = _set("of the and for de da do la le du des del")
# Words of ordinary language that companies bear: they need a second hint.
_ORDINARY = _set(
    "sun galaxy delta apple orange target gap block crown visa metro shell orient platinum amazon meta alphabet oracle "
    "gold silver star north south east west pacific atlantic summit vertex horizon phoenix eagle falcon lion tiger "
    "bison dove next first united general national standard premier prime royal imperial capital union alliance "
    "liberty freedom heritage legacy pioneer frontier vision insight focus spark square stripe snap match zoom slack "
    "wish box dish ring nest bolt wise chase discover express progress compass cardinal monarch regent sterling diamond "
    "crystal pearl ruby jade amber coral ivory ebony kakao virgin subway corona sprint dollar family signal pilot "
    "best total mars nova terra luna sol aqua arctic polar tropical global marsh crane bell stone wood hill lake river "
    "gulf prairie savanna savannah costa brook tarn moor glen dale fjord canyon desert valley meadow forest grove orchard "
    "cliff cape bay harbour harbor haven port beach shore reef delta oasis tundra plateau ridge peak glacier volcano "
    "sunrise sunset dawn dusk midnight winter summer spring autumn storm thunder lightning rainbow cloud breeze wind "
    "rose lily lotus maple cedar oak pine elm ash willow birch palm olive laurel ivy clover thistle bamboo "
    "wolf bear fox hawk owl swan crow raven robin dragon panther leopard jaguar cobra viper python shark whale dolphin "
    "salmon trout tuna camel elephant buffalo bull stallion mustang kangaroo koala panda merlion phoenix unicorn "
    "iron copper bronze steel granite marble quartz topaz sapphire emerald opal onyx "
    "king queen prince princess duke knight crusader viking pirate captain admiral general ranger guardian sentinel "
    "champion victory triumph glory honour honor noble grand majestic supreme elite classic modern century millennium "
    "anchor beacon lighthouse gateway portal bridge arch pillar column fortress citadel palace mansion villa cottage "
    "market plaza metro urban rural village town county borough parish district province republic empire kingdom "
    "bridge tower castle abbey chapel garden green blue red black white brown grey sky sea ocean island coast"
)
# Words that many companies of one place or group share: never enough alone.
_COMMON = (
    _ORDINARY
    | names.GENERIC
    | _set(
        "bank banco banque bankers insurance motor motors steel power energy electric electronics oil gas petroleum air "
        "airlines airways airport flughafen royal american british german deutsche french italian spanish indian china "
        "chinese japan japanese korea korean hong kong singapore malaysia thai taiwan brazil brasil mexico canada india "
        "russia russian africa african europe european asia asian america hindustan bharat bharti tata reliance adani "
        "mahindra godrej jindal essar bajaj kotak hdfc icici samsung hyundai lotte hanwha doosan kumho mitsubishi mitsui "
        "sumitomo new old great big city state federal central northern southern eastern western san los las "
        "international south north united first general bank berlin london paris york zurich saint banque credit life "
        "health care medical media press news times post radio tele telecom mobile digital data cloud smart max micro "
        "mega super ultra auto car cars sports sport music film studio studios pictures games food foods fresh home house "
        "real estate land property properties construction engineering building materials chemical chemicals pharma "
        "pharmaceutical pharmaceuticals bio biotech laboratories labs research science sciences water solar wind hydro "
        "coal mining metal metals copper zinc iron aluminium aluminum paper packaging plastics rubber tyres textile "
        "textiles fashion shipping marine ports port rail railway railways road transport logistics aviation space defence "
        "defense security securities finance financial finserv fund funds asset assets trust mutual equity venture angel "
        "retail store stores mart market markets super shop online internet network networks wireless communications "
        "semiconductor semiconductors software hardware computer computers systems data"
    )
)
# What a firm does, at the end of its name: may be left out when people speak of it.
_TRADES = _set(
    "motors automotive entertainment communications networks pharmaceuticals pharmaceutical pharma laboratories labs "
    "airlines airways bank bancorp electronics semiconductor software computer computers chemicals foods beverages "
    "stores retail resources mining energy petroleum oil gas ag corp asa plc"
)
# Words that, with a capital, carry a name on: then it is another's.
_NAME_WORDS = _set(
    "power steel bank motors motor industries capital finance financial finserv energy electric electronics chemical "
    "chemicals pharma pharmaceuticals laboratories infratel infotech telecom telekom telekommunikation mobile airways "
    "airlines airtel insurance life securities asset aerospace ocean solutions solution biologics heavy "
    "display chem logistics holidays holiday holdings entertainment studios foods "
    "beverages retail stores mart cement paper sugar oil gas petroleum ports port shipping stainless construction "
    "infrastructure properties estate consumer energia hospitality reit football fc club united city "
    "university college school hospital foundation museum stadium arena oval prize award trophy cup india uk usa us "
    "china japan korea europe deutschland france italia brasil thailand africa america americas canada australia "
    "tyres resorts packaging brands bottling enterprises services helicopters defence defense networks network marine "
    "cloud technologies technology tech systems international music pictures television tv radio health healthcare "
    "medical sciences diagnostics trading exports imports agro fertilizers fertilisers textiles realty housing "
    "consultancy software zinc copper gold silver platinum aluminium mining metals minerals "
    "square street road avenue park island islands rocket war force airport station tower building centre "
    "center cars trucks bus batteries battery cells reinsurance broking wealth ventures partners group"
)
_LEADING_NAMES = _set(
    "verlag hd bank dr mr mrs ms san saint st mount lake port fort new north south east west tata operation hurricane"
)
_KNOWN_CAPITALS = _set(
    "ceo cfo coo cto ipo us usa uk eu un ai ev evs it hr pr tv fda fcc sec ftc doj epa nyse q1 q2 q3 q4 h1 h2 gdp esg rss via and for to"
)
_BUSINESS = _set(
    "company companies firm business shares share stock stocks profit profits revenue revenues sales sale sells ceo cfo "
    "coo chairman executive executives director directors board plant plants factory factories customers employees "
    "employee workers staff union unions jobs job layoffs deal stake acquisition acquires takeover merger merge bid ipo "
    "lawsuit lawsuits court sued sues suit trial testifies testify settlement arrest arrested charged charges scam fraud "
    "bank bankruptcy bankrupt insolvency insolvent liquidator creditors debt debts loan loans bonds rights issue rating "
    "quarter quarterly results earnings loss losses net supplier suppliers contract orders market markets investors "
    "investor probe probes investigation investigates inquiry regulator regulators watchdog sebi sec ftc fine fined "
    "fines hackers hack breach ransomware malware recall recalls recalled strike shutdown closes closure production "
    "billion million crore bn mn group maker manufacturer retailer carmaker plunges surges rallies slips tumbles "
    "gewinn umsatz verlust insolvenz werk werke mitarbeiter aktie aktien konzern unternehmen tochter streik streiks "
    "stellenabbau entlassungen rückruf ruckruf übernahme ubernahme fusion abspaltung proteste kauft verkauft "
    "bénéfice benefice usine salariés salaries entreprise rachat greve fusion lucro prejuizo empresa falencia fusao "
    "acoes fabrica aquisicao investe empleados quiebra acciones beneficio huelga compra venta opa"
)
_CJK_TRADES = re.compile("(银行|集团|科技|电子|汽车|医药|制药|股份|控股|实业|能源|电力|保险|证券|地产|置业|矿业|重工)$")
_CJK_RIVAL = re.compile(
    "(集团|电气|汽车|银行|证券|保险|科技|制药|医药|生物|地产|置业|物业|港口|矿业|重工|控股|发展银行)"
)
