"""What on a page changes by itself and tells nobody anything: clocks, counters, build dates, request ids, consent."""

from __future__ import annotations

import re
from datetime import datetime, timedelta


def _either(words: str) -> frozenset[str]:
    return frozenset(words.split("|"))


_MONTH = (
    r"(?:jan|feb|m[aä]r|apr|ma[iyj]|juni?|juli?|aug|sept?|o[ck]t|nov|de[czs]|ene|abr|ago|dic|janv|f[eé]v|avr|juin|juil|ao[uû]t"
    r"|gen|mag|giu|lug|set|ott|out)[a-zéûç]*\.?"
)
_DATE = (
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.)?\s(?:de\s)?{_MONTH},?\s(?:de\s)?\d{{4}}|{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}}"
    r"|\d{4}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日)"
)
_TIME = r"(?:\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?:\s?[ap]\.?m\.?)?(?:\s?(?:utc|gmt|z|ces?t|[ecmp][sd]t|[+-]\d\d:?\d\d)\b)?(?:\s?uhr)?)"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|星期.|周.)"
_WHEN = rf"(?:(?:{_WEEKDAY},?\s)?{_DATE}(?:[\sT,]{{0,3}}(?:at|um|à|a las|-)?\s?{_TIME})?|{_TIME}(?:,?\s{_DATE})?)"

_UNIT = (
    r"(?:sec(?:ond)?|min(?:ute)?|hour|hr|day|week|month|year|sekunde|minute|stunde|tag|woche|monat|jahr|seconde|heure|jour"
    r"|semaine|mois|segundo|minuto|hora|d[ií]a|semana|mes|a[ñn]o|secondo|ora|giorno|settimana|dag|uur|uge|måned)[a-z]{0,5}"
)
_SEVERAL = r"(?:\d{1,4}|an?|one|eine?[mnr]?|une?|uma?|un)"

# Ages: `3 minutes ago`, in the languages of the pages we meet.
_AGO = re.compile(
    rf"(?:(?:about|over|almost|around)\s)?\b{_SEVERAL}\s?{_UNIT}\s(?:ago|fa|geleden|sedan|siden)\b"
    rf"|\bvor\s(?:etwa\s)?{_SEVERAL}\s?{_UNIT}\b|\bil y a\s(?:environ\s)?{_SEVERAL}\s?{_UNIT}\b|\b(?:hace|há|for)\s{_SEVERAL}\s?{_UNIT}(?:\ssiden)?\b(?=\s*(?:$|[·|•,;()]))"
    r"|\b\d{1,4}\s?(?:секунд|минут|час|дн|недел|месяц)\w{0,3}\sназад|\bjust now\b|\bgerade eben\b|刚刚"
    r"|\d{1,4}\s?(?:秒|分钟|分|小时|時間|天|日|周|週間|个月|か月)前|\d{1,4}\s?(?:초|분|시간|일)\s?전",
    re.IGNORECASE,
)
_TODAY = re.compile(
    rf"\b(?:today|yesterday|heute|gestern|aujourd'hui|hier|hoy|ayer),?\s(?:at\s|um\s|à\s|a las\s)?{_TIME}",
    re.IGNORECASE,
)
# When the page was made or what day it is; the word that says so must stand before the date.
_STAMP = re.compile(
    r"(?:\b(?:this\s)?(?:page|site|website|data|seite|document)\s(?:was\s|wurde\s)?)?\b"
    r"(?:last\s|zuletzt\s|letzte\s|dernière\s|última\s|ultimo\s)?"
    r"(?:updated?|modified|changed|refreshed|generated|rendered|built|cached|aktualisiert|aktualisierung|geändert|änderung|erzeugt|mise à jour"
    r"|actualizad[oa]|actualización|atualizad[oa]|aggiornat[oa]|aggiornamento|build date|current (?:date|time)|local time|server time|time now"
    rf"|today(?: is)?|heute ist|stand|stan na)(?:\s(?:on|at|am|le|el|em|il|is))?\s?[:：]?\s?{_WHEN}"
    rf"|(?:最后)?(?:更新|生成|修改)(?:时间|日期|于)?\s?[:：]?\s?{_WHEN}|(?:今天是|当前时间|最終更新日?)\s?[:：]?\s?{_WHEN}",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(
    r"((?:©|\(c\)|copyright|版权所有|著作権)[^\d\n]{0,30}?)\b(?:19|20)\d\d(?:\s?[-–—/]\s?(?:(?:19|20)?\d\d|present|today|heute))?",
    re.IGNORECASE,
)
_COPYRIGHT_BEHIND = re.compile(
    r"\b(?:19|20)\d\d(?:\s?[-–—/]\s?(?:19|20)?\d\d)?(?=\s?(?:©|\(c\)|copyright))", re.IGNORECASE
)
_NUMBER = r"\d[\d.,\u00a0\u202f ]{0,15}(?:[km]\b)?"
_COUNTED = (
    r"(?:page\s?)?(?:views?|visits?|visitors?|hits|likes?|shares?|followers?|subscribers?|downloads?|reads?|comments?|replies|clicks?|plays?"
    r"|aufrufe|besucher|zugriffe|kommentare?|vues?|visites?|visiteurs|commentaires?|visitas|vistas|comentarios|visualizzazioni|visualizaç(?:ões|ão)"
    r"|просмотр\w*|комментари\w*)"
)
_COUNTER = re.compile(
    rf"(?:^|(?<=[\s·|•(]))(?:{_NUMBER}\s?{_COUNTED}(?=\s*(?:$|[·|•/)\]–—-]))|{_COUNTED}\s?[:：]\s?{_NUMBER})"
    rf"|{_NUMBER}\s?(?:次(?:浏览|阅读|播放|访问|点击)|人(?:浏览|阅读|访问|在线)|条评论|回視聴)|(?:浏览|阅读|访问|点击)(?:量|次数|数)?\s?[:：]\s?{_NUMBER}"
    rf"|{_NUMBER}\s(?:people|users|guests|visitors|members|others)\s(?:are\s)?(?:currently\s)?(?:online|viewing|watching|looking)\b[^.·|]{{0,30}}"
    rf"|\b(?:users|visitors|guests)?\s?online\s?(?:now)?\s?[:：]\s?{_NUMBER}",
    re.IGNORECASE,
)
_REVIEWS = re.compile(
    rf"\b(?:based on\s|basierend auf\s)?{_NUMBER}\s?(?:customer\s|google\s|verified\s)?(?:reviews?|ratings?|votes|bewertungen|rezensionen|avis|reseñas|opiniones"
    r"|valoraciones|recensioni|avaliações|beoordelingen|отзыв\w*|条评价|件のレビュー)|\b\d{1,2}[.,]\d{1,2}\s?(?:/|out of|von|sur|de|su|van)\s?(?:5|10|100)\b",
    re.IGNORECASE,
)
_COUNTDOWN = re.compile(
    r"\b\d+\s?(?:days?|d|tage?)\b[\s,:]{0,3}\d+\s?(?:hours?|hrs?|h|std)\b(?:[\s,:]{0,3}\d+\s?(?:minutes?|mins?|m)\b)?(?:[\s,:]{0,3}\d+\s?(?:seconds?|secs?|s)\b)?"
    r"|\b\d+\s?h\b[\s,:]{0,3}\d+\s?m(?:in)?\b(?:[\s,:]{0,3}\d+\s?s(?:ec)?\b)?",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"\b(?:cloudflare\s)?(?:request|trace|correlation|session|ray|visitor|event|error)[ _-]?id\b\s?[:#=]?\s?[\w.-]{5,}"
    r"|\b(?:csrf|xsrf|nonce|token)\b\s?[:=]\s?[\w.+/=-]{6,}|\breference\s#[\d.a-f]{8,}"
    r"|\b(?:served by|server|node|instance|pod)\s?[:=]\s?[\w.-]*\d[\w.-]*"
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
    re.IGNORECASE,
)
_HASH = re.compile(
    r"\b(?=[0-9]*[a-f])[0-9a-f]{32,128}\b"
)  # small letters only: account numbers are written in capitals
_TOOK = re.compile(
    r"\b(?:page\s)?(?:generated|rendered|loaded|executed|created|queries|query|took|erzeugt)\b[^.;|·]{0,40}?\b\d+(?:[.,]\d+)?\s?(?:ms|s|secs?|seconds?|sekunden)\b",
    re.IGNORECASE,
)
_BUILD = re.compile(
    r"\b(?:build|revision|commit|rev)\b\s?[:#]?\s?v?(?=[\w.+-]*\d)[\w.+-]{3,60}(?:\s?\([^)]{0,40}\))?", re.IGNORECASE
)
_LONELY_TIME = re.compile(_TIME, re.IGNORECASE)
_ANY_WHEN = re.compile(rf"(?:{_WEEKDAY},?\s)?{_WHEN}", re.IGNORECASE)
_AS_OF = re.compile(
    r"\b(?:as of|as at|today|now|current|currently|date|datum|fecha|data|per|le|am)\b|[:：]\s*$", re.IGNORECASE
)
_DIGIT = re.compile(r"\d")
_CART = re.compile(
    r"(?:my |your )?(?:shopping )?(?:cart|basket|bag|warenkorb|panier|carrito|carrello|购物车)\b.{0,20}", re.IGNORECASE
)
_CONSENT = re.compile(
    r"\bcookies?\b.{0,200}(?:accept|consent|agree|settings|prefer|we use|uses|improve|experience|akzeptier|zustimm|nutz|verwend|accepte|utilis"
    r"|acept|usamos|utiliza|accett|samtykke|godta)|(?:accept|we use|uses|use of|nutz\w*|verwend\w*|utilis\w*|usamos|utiliza\w*|使用).{0,80}\bcookies?\b"
    r"|we value your privacy|wir schätzen ihre privatsphäre|before you continue to",
    re.IGNORECASE,
)
_CHOICES = _either(
    "accept|accept all|accept cookies|accept all cookies|reject|reject all|decline|allow all|i agree|agree|ok|got it|dismiss|close|cookie settings|cookies"
    "|manage preferences|manage cookies|customize|only necessary|necessary only|alle akzeptieren|akzeptieren|ablehnen|alle ablehnen|nur notwendige|cookie einstellungen"
    "|tout accepter|accepter|refuser|tout refuser|aceptar|aceptar todo|rechazar|accetta|accetta tutti|rifiuta|同意|接受|接受全部|拒绝|skip to content|skip to main content"
    "|loading|please enable javascript|back to top|top|share|print|read more|more|learn more|next|previous|weiter|zurück|mehr erfahren|mehr|suivant|précédent"
)
_TAILS = re.compile(r"^[\s·|•,;:/()\[\]–—-]+|[\s·|•,;:/(\[–—-]+$")
_HOLES = re.compile(r"\(\s*\)|\[\s*\]|(?:\s*[·|•]\s*){2,}")
_MARK = re.compile(r"\d|©|\(c\)|copyright|just now|gerade eben|刚刚", re.IGNORECASE)


# A word each of which a text must hold to be worth the slower patterns; none: always worth it.
_AGO_HINTS = _either("ago| fa|geleden|sedan|siden|vor |il y a|hace |há |for |назад|just now|gerade eben|刚刚|前|전")
_STAMP_HINTS = _either(
    "updat|modif|chang|refresh|generat|render|built|cached|aktualis|änder|erzeugt|mise à jour|actualiz|atualiz|aggiorn|build date"
    "|current|local time|server time|time now|today|heute|stan|更新|生成|修改|今天|当前时间"
)
_RESTLESS: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (_TOOK, frozenset()),
    (_STAMP, _STAMP_HINTS),
    (_TODAY, frozenset()),
    (_AGO, _AGO_HINTS),
    (_COUNTDOWN, frozenset()),
    (_REQUEST, frozenset()),
    (_HASH, frozenset()),
    (_COUNTER, frozenset()),
)
_REMARK = 25  # letters that may stand beside figures of reviews without saying more than they do


def still(text: str, *, rated: bool = False) -> str:
    """Return the text without what changes by itself; empty if nothing else is in it.

    `rated`: the page's rating is a record of its own, so figures of reviews in the text say nothing more.
    """
    folded = text.casefold().strip(" .!:>»›→…")
    if folded in _CHOICES or _CART.fullmatch(text):
        return ""
    if (
        len(text) <= 800
        and ("ookie" in text or "rivac" in text or "rivat" in text or "before you" in folded)
        and _CONSENT.search(text)
    ):
        return ""
    if not _MARK.search(text):
        return text
    if _LONELY_TIME.fullmatch(text):
        return ""
    if rated and (reviewed := _REVIEWS.sub(" ", text)) != text:
        text = reviewed if sum(map(str.isalpha, reviewed)) > _REMARK else ""
    lowered = text.lower()
    for pattern, hints in _RESTLESS:
        if not hints or any(hint in lowered for hint in hints):
            text = pattern.sub(" ", text)
    text = _COPYRIGHT_BEHIND.sub(" ", _COPYRIGHT.sub(r"\1", text))
    if len(text) <= 80:
        text = _BUILD.sub(" ", text)
    text = _TAILS.sub("", _HOLES.sub(" · ", " ".join(text.split())))
    return text if any(char.isalnum() for char in text) else ""


def only_the_day_moved(old: str, new: str, now: datetime) -> bool:
    """Return whether both texts are the same but for a date that is always today's: a clock, not news.

    A date that stands alone, or behind words such as `as of`. Any other date may be what the page is about.
    """
    if len(new) > 200 or not _DIGIT.search(old):
        return False
    bare, was = _ANY_WHEN.sub(" ", new), _ANY_WHEN.sub(" ", old)
    if bare.split() != was.split() or not (_AS_OF.search(bare) or not any(char.isalnum() for char in bare)):
        return False
    figures = {int(one) for one in re.findall(r"\d{1,4}", new)}
    days = (now + timedelta(days=one) for one in (-1, 0, 1))
    return any({day.year, day.day} <= figures or {day.year % 100, day.day, day.month} <= figures for day in days)
