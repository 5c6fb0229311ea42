"""The titles of United States cases: who stands in them, in which part, and who of them is a person to leave out."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from monitor.model import Party


@dataclass(frozen=True, slots=True)
class Parties:
    title: str
    parties: tuple[Party, ...]


_VERSUS = re.compile(r"\s+v(?:s|ersus)?\.?\s+", re.IGNORECASE)
_ET_AL = re.compile(r",?\s+et\.?\s+al?l?\.?(?=\s|,|$),?", re.IGNORECASE)
_ALSO = re.compile(
    r",?\s+\(?(d/?b/?a|f/?k/?a|a/?k/?a|n/?k/?a|f/?d/?b/?a|doing business as|formerly known as|also known as)\)?\s+",
    re.IGNORECASE,
)
_IN_RE = re.compile(r"^(?:in\s+re:?|in the matter of|re:)\s+", re.IGNORECASE)
_ESTATE = re.compile(
    r"\b(?:trustee|receiver|liquidator|administrator|representative|plan administrator)\b.*?\b(?:for|of)\s+(?:the\s+)?"
    r"(?:(?:bankruptcy\s+)?estates?\s+of\s+|debtors?,?\s+)?(?P<name>.+)$",
    re.IGNORECASE,
)
PERSON = "[a person]"


def parties_of(name: str, kind: str, chapter: str, *, appeal: bool) -> Parties | None:
    """Return who a case is about, with the part each plays, and a title without people; None if no company is named."""
    name = squeezed(_IN_RE.sub("", plain(name)))
    if not name or kind == "gj" or (kind == "bk" and chapter == "13"):  # chapter 13 is for people alone
        return None
    sides = _VERSUS.split(name, maxsplit=1)
    if len(sides) == 2 and kind != "bk":
        roles = ("mentioned", "mentioned") if appeal else ("plaintiff", "defendant")
        read = [_side(side, role, "") for side, role in zip(sides, roles, strict=True)]
        title = " v. ".join(side.title for side in read)
    else:
        read = _debtors(name, chapter) if kind == "bk" else [_side(name, "mentioned", "")]
        title = " and ".join(side.title for side in read)
    parties = tuple(party for side in read for party in side.parties)
    if not any(not _government(party.name) for party in parties):
        return None
    return Parties(title, parties)


def _debtors(name: str, chapter: str) -> list[Parties]:
    """Return the debtors, and apart from them whoever a court hangs on the title behind `et al., and`."""
    found = re.split(r",?\s+et\.?\s+al\.?,?\s+and\s+", name, maxsplit=1, flags=re.IGNORECASE)
    debtors = re.split(r"\s+and\s+", found[0]) if _several(found[0]) else [found[0]]
    others = [_side(one, "mentioned", "") for one in found[1:]]
    return [*(_side(one, "debtor", chapter) for one in debtors), *others]


def _several(name: str) -> bool:
    """Return whether `and` stands between two names, each whole: both companies, or both people."""
    parts = re.split(r"\s+and\s+", name)
    if len(parts) < 2:
        return False
    return all(_FORM.search(part) for part in parts) or all(_like_person(part) for part in parts)


def _side(text: str, role: str, chapter: str) -> Parties:
    """Read one side of a title: its companies by all their names; people become a placeholder."""
    bare = _ET_AL.sub("", text).strip(" ,")
    more = " et al." if _ET_AL.search(text) else ""
    estate = _ESTATE.search(bare)
    if estate and _VERSUS.search(bare) is None:
        bare = estate["name"].strip(" ,")
        held = _held(bare, role, chapter)
        return Parties(f"trustee for {held.title}{more}", held.parties)
    held = _held(bare, role, chapter)
    return Parties(f"{held.title}{more}", held.parties)


def _held(bare: str, role: str, chapter: str) -> Parties:
    """Read one party by all its names: a company keeps them all, of a person only a trade name stays."""
    name, *others = _ALSO.split(bare)  # then by turns how it is called as well, and the other name
    name = name.strip(" ,()")
    firm = not _is_person(name, chapter, role)
    kept = [name] if firm and name else []
    for how, said in zip(others[::2], others[1::2], strict=True):
        other = said.strip(" ,()")
        trade = firm or how.lower().startswith(("d", "fd", "f/d"))
        if other and not _like_person(other) and (trade or not _is_person(other, chapter, role)):
            kept.append(other)
    shown = " d/b/a ".join(kept) if kept else PERSON
    return Parties(shown, tuple(Party(one, role) for one in dict.fromkeys(kept)))


# What only an organisation has in its name.
_FORM = re.compile(
    r"\b(?:inc(?:orporated)?|corp(?:oration)?|co|company|companies|l\.?\s?l\.?\s?c|l\.?\s?l\.?\s?p|l\.?\s?p|ltd|limited|plc|p\.?c|p\.?a|p\.?l\.?l\.?c|n\.?a|s\.?a\.?s?"
    r"|s\.?p\.?a|s\.?r\.?l|gmbh|a\.?g|k\.?g|b\.?v|n\.?v|a/s|as|asa|ab|oy|oyj|pte|pty|sdn|bhd|kk|s\.?a\.? de c\.?v|s\.? de r\.?l)\b\.?(?=[\s,.)]|$)",
    re.IGNORECASE,
)
_ORGANISATION = re.compile(
    r"\b(?:trust|bank|fund|holdings?|group|partners(?:hip)?|association|assoc|society|university|college|school|hospital|cent(?:er|re)|church|foundation"
    r"|institute|committee|commission|council|union|department|dept|district|board|bureau|authority|agency|city|county|town|village|state|states|republic"
    r"|ministry|government|services?|systems?|solutions?|technolog(?:y|ies)|tech|international|global|industries|industrial|enterprises?|ventures?|capital|financial|finance"
    r"|insurance|mutual|properties|realty|estates?|homes?|hotels?|resorts?|restaurants?|cafe|grill|foods?|farms?|stores?|markets?|shops?|motors?|auto(?:motive)?|airlines?|airways"
    r"|shipping|marine|logistics|transport(?:ation)?|trucking|freight|railroad|railway|energy|power|electric|oil|gas|petroleum|mining|resources|chemicals?|pharma\w*|medical|health(?:care)?"
    r"|labs?|laborator(?:y|ies)|engineering|construction|contractors?|builders?|manufactur\w+|mfg|mach(?:inery|ine|ines)?|steel|metals?|plastics?|textiles?|apparel|fashions?|electronics?"
    r"|semiconductors?|software|digital|media|networks?|communications?|telecom\w*|entertainment|studios?|productions?|music|records|press|publish\w+|news|sports?|club|league|team"
    r"|products?|supply|supplies|imports?|exports?|trading|traders|wholesale|retail|brands?|design|consulting|consultants|management|investments?|investors|equity|securities|advisors?|associates|agencies"
    r"|express|wireless|solar|wind|water|environmental|development|developers|american|national|federal|united|usa|u\.s\.a?\.?|china|japan|europe)\b\.?",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r",?\s+(?:jr|sr|ii|iii|iv|esq|m\.?d|ph\.?d|d\.?d\.?s)\.?$", re.IGNORECASE)
_INITIAL = re.compile(r"^[A-Z][\w'’-]+(?:\s[A-Z]\.?)+\s[A-Z][\w'’-]+$")
_NOBODY = re.compile(r"\b(?:debtor|estate of|john doe|jane doe|does? \d)", re.IGNORECASE)
_GIVEN_NAMES = """
aaron abdul abraham adam adrian agnes ahmed alan albert alejandro alex alexander alexandra alexis alfred ali alice
alicia allen allison alma amanda amber amy ana andre andrea andrew angel angela anita ann anna anne annette annie
anthony antonio april arlene arnold arthur ashley audrey barbara beatrice benjamin bernard bernice beth betty
beverly bill billy bobby bonnie brad bradley brandon brandy brenda brent brian brittany bruce bryan calvin carl
carla carlos carmen carol caroline carolyn carrie catherine cathy cecil chad charlene charles charlie charlotte
cheryl chester chris christian christina christine christopher cindy clara clarence claude claudia clifford clyde
colleen connie constance corey craig crystal curtis cynthia daisy dale dan dana daniel danielle danny darlene
darrell darren darryl dave david dawn dean deanna debbie deborah debra dennis derek derrick diana diane dolores don
donald donna dora doris dorothy douglas duane dustin dwayne earl eddie edgar edith edna eduardo edward edwin eileen
elaine eleanor elena elizabeth ella ellen elmer elsie emily emma eric erica erik erin ernest esther ethel eugene eva
evelyn felicia felix fernando florence floyd frances francis francisco frank franklin fred frederick gabriel gail
gary gene george gerald geraldine gilbert gina gladys glen glenda glenn gloria gordon grace greg gregory guy harold
harry harvey heather hector heidi helen henry herbert herman holly howard hugh ian ida irene isaac ivan jack jackie
jacob jacqueline jaime james jamie jane janet janice jared jason javier jay jean jeanette jeanne jeff jeffery
jeffrey jennifer jenny jeremy jerome jerry jesse jessica jesus jill jim jimmy joan joann joanne joe joel john
johnnie johnny jon jonathan jordan jorge jose joseph joshua joy joyce juan juanita judith judy julia julian julie
june justin karen karl katherine kathleen kathryn kathy katie kay keith kelly ken kenneth kevin kim kimberly kristen
kristin kurt kyle larry laura lauren laurie lawrence leah lee lena leo leon leonard leroy leslie lester lewis
lillian linda lisa lloyd lois lonnie lorenzo loretta lori lorraine louis louise lucille lucy luis luz lydia lynn
manuel marc marcia marcus margaret maria marie marilyn mario marion marjorie mark marlene marsha marshall martha
martin marvin mary mathew matthew maureen maurice max maxine megan melanie melinda melissa melvin michael micheal
michele michelle miguel mike mildred milton minnie miriam misty mitchell mohamed mohammed monica morris muhammad
myrtle nancy naomi natalie natasha nathan nathaniel neil nellie nelson nicholas nicole nina nora norma norman olga
oscar pamela patricia patrick patsy paul paula pauline pedro peggy penny perry peter phil philip phillip phyllis
priscilla rachel rafael ralph ramon ramona randall randy raul ray raymond rebecca regina reginald rene renee ricardo
richard rick ricky rita robert roberta roberto robin rodney roger roland ron ronald ronnie rosa rosalie rose
rosemary ross roy ruben ruby russell ruth ryan sally sam samantha samuel sandra sara sarah scott sean sergio seth
shane shannon sharon shaun shawn sheila shelly sheri sherry sheryl shirley sidney sonia sophia stacey stacy stanley
stella stephanie stephen steve steven sue susan suzanne sylvia tamara tammy tanya tara ted teresa terrance terri
terry thelma theodore theresa thomas tiffany tim timothy tina todd tom tommy toni tony tonya tracey traci tracy
travis troy tyler valerie vanessa velma vera vernon veronica vicki vickie victor victoria vincent viola violet
virginia vivian wade wallace walter wanda warren wayne wendy wesley wilfred willard william willie wilma yolanda
yvonne zachary
"""
_GIVEN = frozenset(_GIVEN_NAMES.split())


def _is_person(name: str, chapter: str, role: str) -> bool:
    """Return whether a name is a person's, as far as a name can tell.

    Civil titles call people by their surname alone; bankruptcy titles in full. Of those who are bankrupt under chapter 7
    and carry no word of a company, nearly all are people.
    """
    if _FORM.search(name) or (_ORGANISATION.search(name) and not _NOBODY.search(name)):
        return False
    if _like_person(name) or _NOBODY.search(name):
        return True
    words = name.split()
    if role != "debtor":
        return len(words) == 1 and not name.isupper()
    return chapter == "7" and 2 <= len(words) <= 4 and all(re.fullmatch(r"[^\W\d_][\w.'’-]*", word) for word in words)


def _like_person(name: str) -> bool:
    """Return whether a name has what only people's names have: a given name, an initial, Jr., `Surname, Given`."""
    if _FORM.search(name) or re.search(r"[\d&@/]", name):
        return False
    bare = _SUFFIX.sub("", name)
    if bare != name and len(bare.split()) <= 4:
        return True
    words = bare.replace(",", " ").split()
    if not 2 <= len(words) <= 4:
        return False
    first = words[0].casefold().strip(".'’")
    given = first in _GIVEN or ("," in bare and words[1].casefold().strip(".") in _GIVEN)
    return given or bool(_INITIAL.match(bare))


def _government(name: str) -> bool:
    """Return whether this is the United States itself, or a state of them, which nobody sells to on credit here."""
    return bool(
        re.fullmatch(
            r"(?:the\s+)?(?:USA?|U\.S\.(?:A\.)?|United States(?: of America)?|(?:State|People|Commonwealth) of [\w ]+)",
            name,
            re.IGNORECASE,
        )
    )


def plain(text: str) -> str:
    """Return one line of text; some courts escape twice, and a few three times."""
    for _ in range(3):
        further = html.unescape(text)
        if further == text:
            break
        text = further
    return squeezed(text)


def squeezed(text: str) -> str:
    return " ".join(text.split())
