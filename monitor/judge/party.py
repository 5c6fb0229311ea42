"""Say whether a party that a source names is the customer, somebody near it, or somebody else; and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from monitor.judge import compare as comparing
from monitor.judge import forms, names, places, reading, wordlists
from monitor.judge.compare import Likeness, Rarity
from monitor.judge.known import Known, Told, addresses, borne_out, claimed
from monitor.judge.reading import Name, Word
from monitor.model import Customer, Match, Party, Reason

LEAST = 0.5  # a weaker likeness is no match
_BASE = 0.7
_RANK = {"possible": 2, "related": 1, "no": 0}
Verdict = Literal["possible", "related", "no"]


_NOTHING = Known()


def judge_party(
    customer: Customer,
    party: Party,
    *,
    known: Known | None = None,
    city: str | None = None,
    address: str | None = None,
    activity: str | None = None,
    officers: Sequence[str] = (),
    rarity: Rarity | None = None,
) -> Match:
    """Return whether the party is the customer, with every reason that counted; verdict "no" when it is not.

    An identifier decides: agreement is "same", another number of the same scheme is "no", both at once is left to a
    person ("possible"). Names alone are at most "possible", and only by a rare word, or by a whole name of ordinary
    words in the same country with the same form, city, address or officer. Parents, subsidiaries, sisters and branches
    are "related".

    `city`, `address`, `activity` and `officers` are what the source tells of the party; what the party itself carries
    is used where they are left out. `rarity`: how often words are borne in the list that is searched.
    """
    told = Told(city or party.city, address or party.address, activity or party.activity, tuple(officers))
    return _Seen(customer, party, known or _NOTHING, told, rarity).match()


# --------------------------------------------------------------------------- one party before one customer


@dataclass(frozen=True, slots=True)
class _Said:
    """What the comparison of one pair of names comes to."""

    verdict: Verdict
    score: float
    reasons: tuple[Reason, ...] = ()
    relation: str = "self"

    @property
    def rank(self) -> tuple[int, float]:
        return _RANK[self.verdict], self.score


@dataclass(frozen=True, slots=True)
class _Seen:
    customer: Customer
    party: Party
    known: Known
    told: Told
    rarity: Rarity | None

    def match(self) -> Match:
        agreeing, differing = _by_number(self.customer.ids, self.party.ids)
        if agreeing and differing:
            facts = {
                "name": self.party.name[:200],
                "agrees": agreeing[0].facts["scheme"],
                "differs": differing[0].facts["scheme"],
            }
            return self._match("possible", 0.6, (Reason("identifiers_contradict", facts),))
        if agreeing:
            return self._match("same", 1.0, agreeing)
        if near := self._relative_by_number():
            return near
        if phrase := self._excluded():
            return self._match("no", 0.0, (Reason("excluded_in_watchlist", {"phrase": phrase}),))
        said = self._by_name()
        if (relative := self._relative_by_name(said)) is not None:
            said = relative
        if differing and said.verdict != "related":
            said = _Said("no", 0.0, (*differing, *said.reasons))
        return self._match(said.verdict, said.score, said.reasons, said.relation)

    def _match(self, verdict: Literal["same", "possible", "related", "no"], score: float, reasons: Sequence[Reason], relation: str = "self") -> Match:  # fmt: skip
        return Match(self.customer.id, verdict, round(score, 2), self.party.role, relation, tuple(reasons))

    # ----------------------------------------------------------------------- who is near

    def _relative_by_number(self) -> Match | None:
        for relative in self.known.relatives:
            agreeing, differing = _by_number(relative.ids, self.party.ids)
            if agreeing and not differing:
                facts = {"name": relative.name, "relation": relative.relation, **agreeing[0].facts}
                return self._match("related", 0.9, (Reason("number_of_relative", facts),), relative.relation)
        return None

    def _relative_by_name(self, said: _Said) -> _Said | None:
        """Return the match as a relative that registers name, unless the name is the customer's own word for word."""
        if any(reason.name == "name_agrees" for reason in said.reasons):
            return None
        for relative in self.known.relatives:
            for ours in reading.read(relative.name):
                for theirs in reading.read(self.party.name):
                    like = comparing.compare(ours, theirs, rarity=self.rarity)
                    if like.whole and (like.rare or len(like.shared) > 1):
                        facts = {"name": self.party.name[:200], "relation": relative.relation, "as": relative.name}
                        return _Said("related", 0.7, (Reason("name_of_relative", facts),), relative.relation)
        return None

    def _excluded(self) -> str | None:
        if not self.customer.exclude:
            return None
        folded = f" {names.fold(self.party.name[:2000])} "
        return next((phrase for phrase in self.customer.exclude if f" {names.fold(phrase)} " in folded), None)

    # ----------------------------------------------------------------------- names

    def _by_name(self) -> _Said:
        best = _Said("no", 0.0)
        theirs = reading.read(self.party.name)
        lands = frozenset(land for land in (self.customer.country, self.party.country) if land)
        read = reading.read(self.customer.name)
        form, own = next(((one.form, one.script) for one in read if one.form), ("", ""))
        for written, how in self._names():
            for ours in reading.read(written):
                formed = ours if ours.forms or not form or ours.script != own else replace(ours, forms=(form,))
                for other in theirs:
                    said = self._weighed(formed, other, written, how, lands)
                    if said.rank > best.rank or (not best.reasons and said.rank == best.rank):
                        best = said
        return best

    def _names(self) -> Iterator[tuple[str, str]]:
        yield self.customer.name, "name"
        yield from ((alias, "alias") for alias in self.customer.aliases)
        yield from ((former, "former") for former in self.known.former_names)
        yield from ((one, "former") for one in claimed(self.customer, "former_name", "former_names"))
        yield from ((one, "alias") for one in claimed(self.customer, "trading_name", "trading_names"))

    def _weighed(self, ours: Name, theirs: Name, written: str, how: str, lands: frozenset[str]) -> _Said:
        like = comparing.compare(ours, theirs, rarity=self.rarity, lands=lands)
        if not like.shared:
            return self._acronym(ours, theirs)
        left = self._unexcused(like)
        if theirs.branch and not ours.branch and like.rare and not like.ours_left:
            return self._near("branch_of_the_name", like, 0.7)
        if left.conflict:
            return self._apart(like, left)
        return self._alike(like, left, written, how)

    # ----------------------------------------------------------------------- words left over

    def _unexcused(self, like: Likeness) -> _Left:
        ours, ours_why = self._excused(like.ours_left, like.ours, like)
        theirs, theirs_why = self._excused(like.theirs_left, like.theirs, like)
        if ours and not like.theirs_left and like.theirs.cut and _begins(like):
            ours, ours_why = (), ours_why | {"cut"}
        if (ours or theirs) and _untranslated(like):
            return _Left((), (), ours_why | theirs_why | {"untranslated"}, False)
        both = bool(like.ours_left and like.theirs_left)
        if (
            both
            and not ours
            and not theirs
            and ours_why | theirs_why == {"filler"}
            and like.ours.script != like.theirs.script
        ):
            both = False  # of two words that any firm bears one may be the other's translation
        return _Left(ours, theirs, ours_why | theirs_why, both or bool(ours or theirs))

    def _excused(self, words: tuple[Word, ...], name: Name, like: Likeness) -> tuple[tuple[Word, ...], frozenset[str]]:
        """Return the words that make another company, and why others do not: a place of its own, a word for any firm."""
        why: set[str] = set()
        kept: list[Word] = []
        # In Chinese a firm with import and export in its name is the group's other firm.
        eastern = like.ours.script == like.theirs.script == "han"
        told = names.fold(
            f"{self.told.city or ''} {self.told.address or ''} {' '.join(addresses(self.customer, self.known))}"
        )
        city = {*told.split(), names.fold(self.told.city or "").replace(" ", "")}
        for at, word in enumerate(words):
            pair = word.latin + (words[at + 1].latin if at + 1 < len(words) else "")
            before = words[at - 1].latin + word.latin if at else ""
            land = next((places.PLACES[one] for one in (word.latin, pair, before) if one in places.PLACES), None)
            if word.latin in city:
                why.add("city")
            elif ({word.latin, word.mark} & wordlists.FILLERS and not (eastern and word.mark in _TRADING)) or (
                word.mark == "group" and word is name.words[0] and not name.forms
            ):
                why.add("filler")
            elif (
                self._own(land)
                and self.party.country in (None, self.customer.country)
                and len(name.words) - len(words) > 1
            ) or (not land and self._at_home() and _located(word, name)):
                why.add("place")
            else:
                kept.append(word)
        return tuple(kept), frozenset(why)

    def _own(self, land: str | None) -> bool:
        return land is not None and (land == self.customer.country or {land, self.customer.country} == {"KR", "KP"})

    def _at_home(self) -> bool:
        return self.party.country == self.customer.country

    def _apart(self, like: Likeness, left: _Left) -> _Said:
        """Return what differing words come to: another company, or one of the group."""
        if like.numbers_differ:
            return _Said("no", 0.0, (Reason("numbers_differ", {"name": self.party.name[:200]}),))
        extra = {word.latin for word in like.theirs_left}
        if like.rare and extra and like.ours.words[0] in like.shared[:1] + like.shared[-1:]:
            towns = {word for word in extra if word in places.PLACES or word in places.WIDE_PLACES}
            marks = {word.latin for word in like.theirs_left if {word.latin, word.mark} & wordlists.MARKS}
            if not like.ours_left and extra == towns | marks:
                return self._near("elsewhere_in_the_group" if towns else "another_firm_of_the_group", like, 0.6)
            if extra & wordlists.GROUPS and extra == towns | marks:
                return self._near("group_of_the_name", like, 0.5)
        words = " ".join(word.latin for word in (*left.ours, *left.theirs) or (*like.ours_left, *like.theirs_left))
        return _Said("no", 0.0, (Reason("other_words", {"words": words[:200]}),))

    def _near(self, name: str, like: Likeness, score: float) -> _Said:
        facts = {"name": self.party.name[:200], "words": " ".join(word.latin for word in like.theirs_left)[:200]}
        return _Said("related", score, (Reason(name, facts),), "other")

    def _acronym(self, ours: Name, theirs: Name) -> _Said:
        """A lone word of capitals that is the first letters of the name; only at home, and with the same form."""
        for short, long in ((theirs, ours), (ours, theirs)):
            letters = "".join(word.latin[0] for word in long.words if not word.small)
            fits = len(short.words) == 1 and len(letters) >= 4 and short.joined == letters
            if fits and self._at_home() and _forms(ours, theirs) == "agree":
                facts = {"name": self.party.name[:200], "as": " ".join(word.latin for word in long.words)}
                at_home = Reason("country_agrees", {"country": self.party.country})
                return _Said("possible", 0.55, (Reason("first_letters_agree", facts), at_home))
        return _Said("no", 0.0)

    # ----------------------------------------------------------------------- equal names, weighed

    def _alike(self, like: Likeness, left: _Left, written: str, how: str) -> _Said:
        exact = like.whole and not like.hows
        name = "name_agrees" if exact else "name_similar"
        reasons = [Reason(name, {"name": self.party.name[:200], "as": written[:200]})]
        score = _BASE - like.cost - 0.05 * len(left.excused)
        reasons += [Reason(f"word_{one}") for one in sorted(like.hows - {"equal"})]
        reasons += [Reason(f"left_out_{one}") for one in sorted(left.excused)]
        if how == "former" or like.theirs.how == "former":
            reasons.append(Reason("former_name"))
            score -= 0.05
        elif like.theirs.how == "trading":
            reasons.append(Reason("trading_name"))
        if like.theirs.masked or like.ours.masked:
            reasons.append(Reason("look_alike_letters"))
            score -= 0.1
        told = self._circumstances(like)
        reasons += told.reasons
        score = min(0.95, score + told.score)
        if (why := self._too_little(like, left, told, how)) is not None:
            verdict: Verdict = "related" if why == "sister_by_form" and like.rare else "no"
            return _Said(verdict, 0.5 if verdict == "related" else 0.0, (*reasons, Reason(why)), "other" if verdict == "related" else "self")  # fmt: skip
        if round(score, 2) < LEAST:
            return _Said("no", score, (*reasons, Reason("too_weak")))
        return _Said("possible", score, tuple(reasons))

    def _too_little(self, like: Likeness, left: _Left, told: _Told, how: str) -> str | None:
        """Return why equal names are not enough here; None if they are."""
        if told.against >= 2:
            return "circumstances_differ"
        if told.country == "differ" and told.form == "differ":
            return "sister_by_form"
        if left.excused & {"filler", "place"} and "differ" in (told.form, told.country) and not told.supports:
            return "sister_by_form"
        if len(like.shared) == 1 and "filler" in left.excused and not told.supports and not _firm_words(like):
            return "one_word_name"
        if like.rare:
            if told.country == "differ" and not told.supports and max(map(len, like.rare)) < 6:
                return "other_country_for_a_short_name"
            lone = len(like.shared) == 1 and told.country != "agree" and not told.supports
            # Where no country is told, a long word with the same legal form is enough to be asked about.
            if lone and not (told.country == "" and told.form == "agree" and len(like.ours.joined) >= 6):
                return "one_word_name"
            return None
        if (
            how == "alias"
            and like.whole
            and not like.hows
            and told.country == "agree"
            and told.form != "differ"
            and not told.against
        ):
            return None  # a person wrote that it is called so
        if not (told.country == "agree" and not told.against and self._word_for_word(like, left, told)):
            return "generic_name"
        if len(like.shared) == 1 and len(like.ours.joined) < 5 and not told.supports:
            return "one_word_name"
        return None

    def _word_for_word(self, like: Likeness, left: _Left, told: _Told) -> bool:
        """Return whether a name of ordinary words is the very same: each word, their order, and the legal form."""
        foreign = like.ours.script != like.theirs.script
        # Iran Air, Geneva Glassworks: the trade of a place, in its own country.
        town = len(like.shared) >= 2 and any(map(self._of_own_place, like.shared)) and told.form != "differ"
        excusable = {"city", "filler", "untranslated"} if foreign or town else {"city"}
        hows = {"spelling", "script", "joined", "short"} if town else {"spelling", "script"}
        if len(like.shared) >= 4:
            hows = hows | {"short"}
        if not ((like.in_order or foreign or town) and like.hows <= hows and left.excused <= excusable):
            return False
        if not (foreign or town or left.excused or like.literal):
            return False
        # One has no form: three words in their order are as much as two with one.
        bare = not (like.ours.forms and like.theirs.forms) and len(like.shared) >= 3
        form = told.form == "agree" if foreign else bool(like.ours.form) and like.ours.form == like.theirs.form
        return form or bare or town or bool(told.supports)

    def _of_own_place(self, word: Word) -> bool:
        return any(self._own(places.PLACES.get(spelt)) for spelt in (word.latin, word.mark))

    def _circumstances(self, like: Likeness) -> _Told:
        reasons: list[Reason] = []
        country, form = "", _forms(like.ours, like.theirs, abroad=not self._at_home())
        if self.party.country:
            country = "agree" if self._at_home() else "differ"
            name = "country_agrees" if country == "agree" else "other_country"
            reasons.append(Reason(name, {"country": self.party.country}))
        if form:
            reasons.append(
                Reason("form_agrees" if form == "agree" else "other_form", {"form": " ".join(like.theirs.forms)})
            )
        score = {"agree": 0.1, "differ": -0.2, "": 0.0}[country] + {"agree": 0.05, "differ": -0.05, "": 0.0}[form]
        supports, against = 0, int(country == "differ")
        for fact, agrees in borne_out(self.customer, self.known, self.told):
            reasons.append(Reason(f"{fact}_agrees" if agrees else f"other_{fact}"))
            supports += agrees
            against += not agrees
            score += 0.05 if agrees else -0.1
        return _Told(tuple(reasons), score, country, form, supports, against)


@dataclass(frozen=True, slots=True)
class _Left:
    """Words of one name without their like in the other, after what excuses some of them."""

    ours: tuple[Word, ...]
    theirs: tuple[Word, ...]
    excused: frozenset[str]
    conflict: bool


@dataclass(frozen=True, slots=True)
class _Told:
    """What stands around the names: each of country and form is agree, differ or unknown ("")."""

    reasons: tuple[Reason, ...]
    score: float
    country: str
    form: str
    supports: int
    against: int


def _by_number(ours: Mapping[str, str], theirs: Mapping[str, str]) -> tuple[list[Reason], list[Reason]]:
    agreeing, differing = [], []
    for scheme, number in theirs.items():
        if (own := ours.get(scheme)) and number:
            facts = {"scheme": scheme, "number": number}
            if names.number(own) == names.number(number):
                agreeing.append(Reason("identifier_agrees", facts))
            else:
                differing.append(Reason("identifier_differs", {**facts, "ours": own}))
    return agreeing, differing


def _forms(ours: Name, theirs: Name, *, abroad: bool = False) -> str:
    """Return whether legal forms agree. At home a translated form is the same; abroad AG and Ltd are two firms of a group."""
    one, other = ours.form, theirs.form
    if not one or not other:
        return ""
    if one == other:
        return "agree"
    if ours.script != theirs.script and {one, other} & forms.ENGLISH_FORMS and not abroad:
        return "agree"  # a translator writes Co., Ltd. for any form
    if abroad:
        return "differ" if "co" not in (one, other) else ""
    kinds = forms.kind_of_form(one), forms.kind_of_form(other)
    return "agree" if not all(kinds) or kinds[0] == kinds[1] else "differ"


def _firm_words(like: Likeness) -> bool:
    """Return whether what is left over says `company` and no more: Etablissements Morvan, Morvan."""
    return all({word.latin, word.mark} & _FIRM for word in (*like.ours_left, *like.theirs_left))


_FIRM = frozenset(
    ("company", "societe", "establishment", "firma", "firm", "enterprise", "enterprises", "empresa", "entreprise")
)


_TRADING = frozenset(("import", "export", "importexport", "trading"))


def _located(word: Word, name: Name) -> bool:
    """Return whether a last word says where: `AB Norrgård Verktyg i Borås`."""
    return len(name.words) > 1 and word is name.words[-1] and name.words[-2].latin in wordlists.LOCATIVE


def _untranslated(like: Likeness) -> bool:
    """Return whether what is left of names in two scripts may be a trade that no list translates: 竹制品, Goods.

    Name and place, or name and another trade, must agree. What is left in Latin letters must be a word of trade, and what
    is left in others none that is known: it would mean something else.
    """
    if like.ours.script == like.theirs.script or not like.shared:
        return False
    latin, foreign = (
        (like.ours_left, like.theirs_left) if like.ours.script == "latin" else (like.theirs_left, like.ours_left)
    )
    eastern = {like.ours.script, like.theirs.script} & {"han", "kana", "hangul"}
    left = (*latin, *foreign)
    if len(latin) > 2 or len(foreign) > (1 if eastern else 2):
        return False
    if any(
        {word.latin, word.mark} & (wordlists.MARKS | forms.BRANCHES | places.PLACES.keys()) or word.number
        for word in left
    ):
        return False
    if any(word.mark in wordlists.TRADES for word in foreign):
        return False
    # In English, that is: a word of the country's own language would have been spelt alike.
    script = next((one for one in (like.ours.script, like.theirs.script) if one != "latin"), "latin")
    known = all(
        comparing.untranslated(word, script) and (script == "han" or word.latin[:4] == word.mark[:4]) for word in latin
    )
    if foreign:
        named = bool(like.rare) or len(like.shared) >= 3
        return bool(latin) and known and named
    return len(like.shared) >= 2 and bool(eastern) and len(latin) == 1 and (known or bool(like.rare))


def _begins(like: Likeness) -> bool:
    """Return whether their name is the beginning of ours, long enough to be a name cut off."""
    count = len(like.shared)
    front = tuple(word for word in like.ours.words if not word.small)[:count]
    return front == like.shared and (count >= 2 or len(like.theirs.joined) >= 12)
