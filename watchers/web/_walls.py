"""Tell a page from what stands in its place with status 200: a robot check, a log-in, an error, a parked domain."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from monitor.watcher import SourceBlocked
from watchers.web._letters import clean

_SHORT = 1_500  # characters of text; what stands in a page's place is short
_TINY = 500
_NOTHING = 60


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in patterns), re.IGNORECASE)


# ---- the address no longer belongs to a working site

_FOR_SALE = _any(
    r"(?:this|the|your)?\s?(?:premium\s)?domain(?: name)?(?: [\w.-]+\.[a-z]{2,})?,? (?:is|may be|could be|might be)\s?(?:still |now )?(?:listed )?(?:for sale|available for purchase)",
    r"\bbuy this domain\b|\b(?:make an offer|inquire) (?:on|about) this domain",
    r"domain(?:name)?(?: [\w.-]+\.[a-z]{2,})? (?:steht|ist) (?:zum verkauf|zu verkaufen|käuflich)|diese domain (?:kaufen|erwerben)",
    r"(?:ce|le) (?:nom de )?domaine (?:[\w.-]+ )?est (?:peut-être )?(?:à|en) vent?e|(?:este|el) dominio (?:[\w.-]+ )?(?:está|puede estar) (?:en|a la) venta",
    r"este domínio (?:[\w.-]+ )?está à venda|(?:questo )?dominio (?:[\w.-]+ )?è in vendita|deze domeinnaam (?:[\w.-]+ )?(?:is|staat) te koop",
    r"(?:此|该|本)?域名(?:正在)?(?:出售|转让|待售)|домен (?:[\w.-]+ )?продается",
)
_PARKED = _any(
    r"(?:this|the) domain(?: name)?(?: [\w.-]+)? (?:is|has been) (?:parked|registered (?:with|by|at|via|through))",
    r"parked (?:free|domain|page|by|at)|domain parking|parking page|(?:diese )?domain (?:[\w.-]+ )?(?:ist|wurde) (?:geparkt|registriert|reserviert)|domaine (?:parqué|réservé)|dominio (?:aparcado|parcheggiato)",
    r"future home of something|site (?:is )?not (?:yet )?(?:published|configured|connected)|域名已被注册",
)
_EXPIRED = _any(
    r"(?:this |the |your )?domain(?: name)?(?: [\w.-]+\.[a-z]{2,})? (?:has |is |registration has )?(?:expired|lapsed)|domain (?:ist )?abgelaufen|domaine expiré|dominio (?:ha )?(?:expirado|caducado|scaduto)|域名已(?:过期|到期)",
)
_SUSPENDED = _any(
    r"(?:this |the |your )?(?:account|web\s?site|hosting(?: account)?|domain) (?:has been |is |was )(?:temporarily )?(?:suspended|deactivated|disabled|terminated)",
    r"^account suspended|webseite gesperrt|site suspendu|(?:cuenta|sitio) suspendid[oa]|网站(?:已)?(?:暂停|关闭|停用)",
)
_PARKING_PLACES = _any(
    r"sedoparking\.com|parkingcrew\.net|\bbodis\.com|parklogic\.com|hugedomains\.com/domain_profile|afternic\.com/forsale|dan\.com/buy-domain|above\.com/marketplace"
    r"|domainmarket\.com|/cgi-sys/suspendedpage|parking\.godaddy|d38psrni17bvxu\.cloudfront",
)

# ---- somebody stands before the page

_CHALLENGES = _any(
    r"cf[-_]chl[-_]|/cdn-cgi/challenge-platform/h/|id=[\"']challenge-form|_Incapsula_Resource|px-captcha|captcha-delivery\.com|geo\.captcha|ddos-guard/js-challenge"
    r"|sgcaptcha|aws-waf-token|awswaf\.com/|perimeterx|distil_r_captcha|/_sec/cp_challenge|akamai-challenge|sucuri_cloudproxy_js",
)
_ROBOT = _any(
    r"checking (?:your|if the site) (?:browser|connection)|just a moment|attention required|are you (?:a )?(?:human|robot)|verify (?:that )?you(?:'re| are) (?:a )?(?:human|not a robot)",
    r"i'?m not a robot|unusual (?:traffic|activity)|automated (?:access|requests|queries)|pardon our interruption|security (?:check|verification)|bot (?:detection|protection)",
    r"please (?:complete|solve) the (?:captcha|security check)|enter the characters you see|ddos protection by|access (?:to this page has been |is )?(?:denied|blocked|restricted)",
    r"sind sie ein (?:mensch|roboter)|êtes-vous un (?:humain|robot)|no soy un robot|人机验证|安全验证|请完成(?:安全)?验证|访问(?:被拒绝|过于频繁)|requested url was rejected",
    r"your (?:ip|request) (?:address )?(?:has been|was|is) blocked|too many requests|rate limit(?:ed)? exceeded|sorry, you have been blocked",
)
_LOGIN = _any(
    r"(?:please )?(?:log|sign) ?in(?: to (?:continue|your account|[\w .]{2,40}))?|member login|login|customer login|session (?:has )?expired|you must be logged in.*|authentication required|single sign[- ]on",
    r"anmelden|anmeldung|einloggen|bitte melden sie sich an.*|connexion|se connecter|identifiez-vous|iniciar sesi[oó]n|inicia sesi[oó]n|acceder|entrar|fazer login|accedi|inloggen|logga in|logg inn",
    r"登录|登入|用户登录|请登录|ログイン|войти|вход|авторизация|zaloguj(?: się)?|logowanie",
)
_ERROR = _any(
    r"(?:request )?rate (?:limit|threshold) exceeded|too many requests|you.{0,3}ve exceeded the .{0,40}limit.*",
    r"(?:http |error |erreur |fehler )?(?:status |code )?(?:40[0-9]|410|429|50[0-9]|52[0-9])(?: ?[:-]? ?(?:error|(?:page |file |resource )?not found|forbidden|unauthorized|bad request|gone|internal server error|bad gateway|service (?:temporarily )?unavailable|gateway time-?out|page|web server is down|origin is unreachable))?",
    r"(?:oops!? ?|sorry,? ?)?(?:the )?(?:requested )?(?:page|file|document|site|url|resource) (?:you (?:requested|are looking for) )?(?:was |is |could |can|cannot|can't|does|doesn't)? ?(?:not )?(?:be )?(?:found|not found|exist)|not found|page not found.*",
    r"internal server error|bad gateway|service (?:temporarily )?unavailable|gateway time-?out|forbidden|bad request|error establishing a database connection|database error|application error|runtime error|server error.*|an error (?:has )?occurred.*|something went wrong.*|unexpected error",
    r"seite (?:wurde )?nicht gefunden|seite existiert nicht|page (?:non trouvée|introuvable)|p[aá]gina n[ãa]o encontrada|p[aá]gina no encontrada|pagina non trovata|pagina niet gevonden|sidan (?:kunde inte hittas|hittades inte)|siden (?:ble|blev) ikke funnet|strona nie (?:została )?znaleziona|страница не найдена|页面(?:不存在|未找到|找不到)|ページが見つかりません",
)
_MAINTENANCE = _any(
    r"(?:site |website |we(?:'re| are) |currently |down for |scheduled |under |temporarily )+(?:maintenance|offline|unavailable|down for maintenance)|maintenance mode|(?:be|back) (?:right )?back soon|we'll be (?:right )?back(?: soon)?",
    r"wartungs(?:arbeiten|modus)|wegen wartung|site en maintenance|en mantenimiento|em manuten[cç][aã]o|in manutenzione|in onderhoud|系统维护|网站维护|メンテナンス中|технические работы",
    r"(?:coming soon|under construction|baustelle|en construction|en construcción|网站建设中)",
)
_CONSENT = _any(
    r"before you continue|cookie (?:consent|wall|notice|settings)|we value your privacy|privacy (?:gate|settings|choices)|consent (?:required|management)|your privacy choices"
)
_SERVER = _any(
    r"apache2? (?:\w+ )?default page.*|welcome to nginx!?|iis windows server|test page for the .*|it works!?|index of /.*|welcome to (?:centos|openresty|caddy).*|default web ?site page|plesk.*default page.*|web server's default page|default page"
)
_SCRIPTED = _any(
    r"(?:please )?(?:enable|turn on|activate) javascript|javascript (?:is )?(?:required|disabled|must be enabled)|requires javascript|javascript aktivieren|activer javascript|habilit[ae] javascript|启用javascript"
)
_PARTS = re.compile(r"\s[|·»:–—-]\s|\s?[|»·]\s?|:\s")


def lost(title: str, text: str, source: str) -> str | None:
    """Return what became of the address (for_sale, parked, expired, suspended) if the page plainly says so, else None.

    Only a page that says little else is believed: a trader in domains writes such sentences too.
    """
    if len(text) > _SHORT:
        return None
    told = f"{title}\n{text}"
    for word, pattern in (("for_sale", _FOR_SALE), ("expired", _EXPIRED), ("suspended", _SUSPENDED)):
        if pattern.search(told):
            return word
    if _PARKED.search(told) or (_PARKING_PLACES.search(source) and len(text) <= _TINY):
        return "parked"
    return None


def refuse(tree: LexborHTMLParser, title: str, text: str, source: str, host: str, *, found: str) -> None:
    """Raise SourceBlocked if this is not the page but something in its place. `found`: the text that was asked for."""
    heading = tree.css_first("h1")
    heads = [*_PARTS.split(title), *([clean(heading.text(deep=True))] if heading is not None else []), title]
    names = [one.strip(" .!?…*") for one in heads if one and len(one) <= 120]
    short = len(text) <= _SHORT
    # What stands in a page's place says so in its title; in the text only if there is hardly any other.
    for what, pattern, plain in (
        ("an error page", _ERROR, True),
        ("a maintenance page", _MAINTENANCE, short),
        ("its server's default page", _SERVER, short),
        ("a consent page", _CONSENT, short and len(found) <= _TINY),
    ):
        if plain and any(pattern.fullmatch(one) for one in names):
            raise SourceBlocked(f"{host} sent {what} instead of the page")
    if len(text) <= _TINY and (_ROBOT.search(f"{title}\n{text}")):
        raise SourceBlocked(f"{host} sent a robot check instead of the page")
    if short and (_CHALLENGES.search(source) or any(_ROBOT.search(one) for one in names)) and len(found) <= _TINY:
        raise SourceBlocked(f"{host} sent a robot check instead of the page")
    if len(text) <= _TINY and (
        _MAINTENANCE.search(text) or any(_ERROR.fullmatch(line.strip(" .!")) for line in text.splitlines())
    ):
        raise SourceBlocked(f"{host} sent an error or maintenance page instead of the page")
    asks = tree.css_first('input[type="password"]') is not None
    if asks and len(found) <= _SHORT and (len(text) <= _TINY or any(_LOGIN.fullmatch(one) for one in names)):
        raise SourceBlocked(f"{host} sent a log-in page instead of the page")


def needs_script(text: str, source: str) -> bool:
    """Return whether the page shows nothing until a browser runs its scripts."""
    return len(text) <= _TINY and ((len(text) < _NOTHING and "<script" in source) or bool(_SCRIPTED.search(text)))
