"""The kinds of text that stand in both files: durations, dates, money, countries, channels, addresses.

Each is read from the text a person wrote, never from what YAML would guess, and says in plain words what
it expects. `shaped` puts a whole mapping into its model and reports every mistake with its place.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails, PydanticCustomError

from monitor.edge.identifiers import nearest, nearest_of, odd_characters
from monitor.edge.yamldoc import Mistake, Node
from monitor.watcher import duration


class Strict(BaseModel):
    """A mapping of known keys only; nothing is changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount, and its currency if one was written with it."""

    amount: Decimal
    currency: str | None = None


def wrong(message: str, hint: str = "") -> PydanticCustomError:
    """Return the error that a reader of text raises: what is wrong, and what to write instead."""
    # The texts travel as context: pydantic would read braces in the message as a template.
    return PydanticCustomError("wrong", "{said}", {"said": message, "hint": hint})


# --------------------------------------------------------------------------- readers of text

# ISO 3166-1 alpha-2, and XK, which registers and banks use for Kosovo.
_ISO_3166 = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC
    CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD
    GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH
    KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW
    MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC
    SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY
    UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW XK
"""
COUNTRIES = frozenset(_ISO_3166.split())
_OTHER_COUNTRIES = {"UK": "GB", "EL": "GR", "EN": "GB", "EU": ""}

_AMOUNT = re.compile(r"^(\d{1,15}(?:\.\d{1,6})?)(?: ([A-Z]{3}))?$")
_NUMBER = re.compile(r"^\d{1,9}(?:\.\d{1,9})?$")
_WHOLE = re.compile(r"^\d{1,9}$")
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_CHANNEL = re.compile(r"^(?:#[^\s#,@]{1,80}|[CG][A-Z0-9]{7,})$")
_MILLIS = re.compile(r"^\d{1,6}ms$")
_YES, _NO = frozenset(("true", "yes", "on")), frozenset(("false", "no", "off"))


def _text(value: object, expected: str) -> str:
    if not isinstance(value, str):
        raise wrong(f"{expected} is expected here, not {_kind(value)}")
    return value


def _kind(value: object) -> str:
    return {dict: "a mapping", list: "a list", type(None): "nothing"}.get(type(value), "something else")


def _duration(value: object) -> timedelta:
    text = _text(value, "a duration")
    try:
        return duration(text)
    except (ValueError, OverflowError):
        raise wrong(f"not a duration: {shown(text)}", "write 30s, 15m, 8h or 90d") from None


def _wait(value: object) -> float:
    text = _text(value, "a duration")
    if _MILLIS.match(text):
        return int(text[:-2]) / 1000
    if re.fullmatch(r"\d*\.\d+s", text):
        raise wrong(f"not a duration: {shown(text)}", f"write {round(float(text[:-1]) * 1000)}ms")
    return 0.0 if text in ("0", "0s") else _duration(text).total_seconds()


def _pace(value: object) -> float:
    text = _text(value, "seconds between two requests")
    return float(text) if _NUMBER.match(text) else _wait(text)


def _date(value: object) -> date:
    text = _text(value, "a date")
    try:
        if not _DATE.match(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise wrong(f"not a date: {shown(text)}", "write year-month-day: 2026-03-31") from None


def _money(value: object) -> Money:
    text = _text(value, "an amount")
    found = _AMOUNT.match(text)
    if not found:
        thousands = re.fullmatch(r"(\d+(?:\.\d+)?) ?[kK]", text)
        plain = "digits and a point, no separators: 50000 or 50000.50 or 50000 EUR"
        hint = f"write {Decimal(thousands[1]) * 1000:f}" if thousands else plain
        raise wrong(f"not an amount: {shown(text)}", hint)
    return Money(Decimal(found[1]), found[2])


def _positive(value: object) -> Decimal:
    text = _text(value, "a number")
    if not _NUMBER.match(text) or not Decimal(text):
        raise wrong(f"not a number above 0: {shown(text)}", "digits and a point: 1.09")
    return Decimal(text)


def _share(value: object) -> Decimal:
    text = _text(value, "a share")
    if not _NUMBER.match(text) or Decimal(text) > 1:
        raise wrong(f"not a share between 0 and 1: {shown(text)}", "90 % is written 0.9")
    return Decimal(text)


def _whole(value: object) -> int:
    text = _text(value, "a whole number")
    if not _WHOLE.match(text):
        raise wrong(f"not a whole number: {shown(text)}", "digits only")
    return int(text)


def _count(value: object) -> int:
    if not (number := _whole(value)):
        raise wrong("at least 1 is needed")
    return number


def _flag(value: object) -> bool:
    text = _text(value, "true or false")
    if text.lower() not in _YES | _NO:
        raise wrong(f"neither true nor false: {shown(text)}", "write true or false")
    return text.lower() in _YES


def _country(value: object) -> str:
    text = _text(value, "a country code")
    if text in COUNTRIES:
        return text
    meant = _OTHER_COUNTRIES.get(text.upper(), text.upper())
    if meant not in COUNTRIES:
        meant = _called(text)
    hint = f"write {meant}" if meant in COUNTRIES else "two capital letters of ISO 3166, such as NO for Norway"
    raise wrong(f"not a country code: {shown(text)}", hint)


def _called(name: str) -> str:
    """Return the code of a country written out in English or Chinese, or nothing."""
    import icu  # late: only for a mistake

    for language in ("en", "zh"):
        for code in COUNTRIES:
            if str(icu.Locale("", code).getDisplayCountry(icu.Locale(language))).lower() == name.strip().lower():
                return code
    return ""


def _currency(value: object) -> str:
    text = _text(value, "a currency")
    if not re.fullmatch(r"[A-Z]{3}", text):
        meant = text.strip().upper()
        hint = f"write {meant}" if re.fullmatch(r"[A-Z]{3}", meant) else "three capital letters, such as EUR"
        raise wrong(f"not a currency: {shown(text)}", hint)
    return text


def _channel(value: object) -> str:
    text = _text(value, "a channel")
    if not _CHANNEL.match(text):
        hint = f'write "#{text}"' if re.fullmatch(r"[\w-]{1,80}", text) else 'write "#name" in quotes, or the id C…'
        raise wrong(f"not a Slack channel: {shown(text)}", hint)
    return text


def _url(value: object) -> str:
    text = _proxy_url(value)
    if urlsplit(text).username is not None:
        raise wrong("an address with a user name or password", _NO_USER)
    return text


def _proxy_url(value: object) -> str:
    text = _text(value, "an address")
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or re.search(r"[\s\\\x00-\x1f\x7f]", text):
        bare = re.fullmatch(r"[\w-]+(\.[\w-]+)+(/\S*)?", text)
        raise wrong(f"not a web address: {shown(text)}", f"write https://{text}" if bare else "it begins with https://")
    if urlsplit(text).password is not None:
        raise wrong("an address with a password", _NO_USER)
    return text


_NO_USER = "credentials come from the environment or systemd"


def _zone(value: object) -> str:
    text = _text(value, "a time zone")
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise wrong(f"not a time zone: {shown(text)}", "a name such as Europe/Oslo or Asia/Shanghai") from None
    return text


def _mail(value: object) -> str:
    text = _text(value, "a mail address")
    if not is_mail(text):
        raise wrong(f"not a mail address: {shown(text)}", "as li.wei@example.com")
    return text


def _time_of_day(value: object) -> str:
    text = _text(value, "a time of day")
    if not re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", text):
        raise wrong(f"not a time of day: {shown(text)}", "as 08:30")
    return text


def _host_port(value: object) -> str:
    text = _text(value, "an address")
    found = re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^\s:/@]+):(\d{1,5})", text)
    if not found or int(found[2]) > 65535:
        raise wrong(f"not a host and port: {shown(text)}", "as 127.0.0.1:9464")
    return text


def _listen(value: object) -> str:
    text = _text(value, "an address")
    if text == "off" or re.fullmatch(r"unix:/[^\0]{1,100}", text):  # Linux takes 107 bytes
        return text
    try:
        return _host_port(text)
    except PydanticCustomError:
        raise wrong(
            f"not a place to listen: {shown(text)}", "as 127.0.0.1:9464, unix:/run/counterwatch/http.sock or off"
        ) from None


def _port(value: object) -> int:
    number = _whole(value)
    if not 0 < number < 65536:
        raise wrong(f"not a port: {number}", "1 to 65535")
    return number


def _word(value: object) -> str:
    text = _text(value, "a text")
    if not text.strip():
        raise wrong("an empty text", "write something or leave the line out")
    return text


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


def is_mail(text: str) -> bool:
    return re.fullmatch(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]{2,}", text) is not None


def _says(description: str, kind: str | list[str] = "string", **more: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": kind, "description": description, **more})


_LENGTH = r"^(\d+d)?(\d+h)?(\d+m)?(\d+s)?$"
Text = Annotated[str, BeforeValidator(_word), _says("Text.", ["string", "number"])]
Duration = Annotated[timedelta, BeforeValidator(_duration), _says("30s, 15m, 8h or 90d.", pattern=_LENGTH)]
Wait = Annotated[float, BeforeValidator(_wait), _says("A duration such as 30s, or 500ms.", ["string", "integer"])]
Pace = Annotated[float, BeforeValidator(_pace), _says("Seconds between two requests.", ["string", "number"])]
Day = Annotated[date, BeforeValidator(_date), _says("Year-month-day.", pattern=r"^\d{4}-\d{2}-\d{2}$")]
Amount = Annotated[Money, BeforeValidator(_money), _says("50000 or 50000 EUR.", ["string", "number"])]
Positive = Annotated[Decimal, BeforeValidator(_positive), _says("A number above 0.", ["string", "number"])]
Share = Annotated[Decimal, BeforeValidator(_share), _says("0.9 is 90 %.", ["string", "number"], minimum=0, maximum=1)]
Count = Annotated[int, BeforeValidator(_count), _says("A whole number, at least 1.", ["string", "integer"])]
Flag = Annotated[bool, BeforeValidator(_flag), _says("true or false.", "boolean")]
Country = Annotated[str, BeforeValidator(_country), _says("ISO 3166-1 alpha-2.", pattern="^[A-Z]{2}$")]
Currency = Annotated[str, BeforeValidator(_currency), _says("ISO 4217.", pattern="^[A-Z]{3}$")]
Channel = Annotated[str, BeforeValidator(_channel), _says('"#name" in quotes, or an id C… or G….', pattern="^[#CG]")]
Url = Annotated[str, BeforeValidator(_url), _says("A web address.", pattern="^https?://")]
ProxyUrl = Annotated[str, BeforeValidator(_proxy_url), _says("A proxy; no password.", pattern="^https?://")]
Zone = Annotated[str, BeforeValidator(_zone), _says("An IANA time zone such as Europe/Oslo.")]
Mail = Annotated[str, BeforeValidator(_mail), _says("A mail address.", pattern="@")]
TimeOfDay = Annotated[str, BeforeValidator(_time_of_day), _says("08:30", pattern=r"^\d{2}:\d{2}$")]
HostPort = Annotated[str, BeforeValidator(_host_port), _says("host:port", pattern=r":\d+$")]
Listen = Annotated[
    str, BeforeValidator(_listen), _says("host:port, unix:/path or off", pattern=r"^(off|unix:/.+|.+:\d+)$")
]
Port = Annotated[int, BeforeValidator(_port), _says("1 to 65535.", ["string", "integer"])]
Words = Annotated[
    tuple[Text, ...], BeforeValidator(_one_or_many), Field(json_schema_extra={"type": ["array", "string"]})
]

# --------------------------------------------------------------------------- secrets

# What every hit holds (looked for first: a plain search is ten times as fast), pattern, title, where it belongs.
_SECRETS = (
    ("xox", re.compile(r"\bxox[a-z](?:\.xox[a-z])?-[\w-]{6,}"), "a Slack token", "SLACK_BOT_TOKEN"),
    ("xapp-", re.compile(r"(?<!#)\bxapp-[\w-]{6,}"), "a Slack token", "SLACK_APP_TOKEN"),
    (
        "hooks.slack.com/",
        re.compile(r"hooks\.slack\.com/(?:services|workflows|triggers)/\S+"),
        "a Slack webhook address",
        "SLACK_WEBHOOK_URL",
    ),
    ("PRIVATE KEY", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"), "a private key", "a systemd credential"),
    ("@", re.compile(r"://[^\s/?#@:\"']*:[^\s/?#@\"']+@"), "an address with a password", ""),
)
_SECRET_KEYS = re.compile(r"(?:^|_)(?:token|password|passwd|secret|api_?key|key|webhook(?:_url)?)$", re.IGNORECASE)


def shown(text: str) -> str:
    """Return what was written, fit for a message: short, printable, and never a secret."""
    if any(pattern.search(text) for _, pattern, _, _ in _SECRETS):
        return "(not shown)"
    short = text if len(text) <= 60 else text[:59] + "…"
    return repr(short) if odd_characters(short) else f"“{short}”"


def secrets(text: str, file: str) -> list[Mistake]:
    """Find secrets anywhere in a file, comments included; their values are never part of the mistake."""
    found = []
    for needle, pattern, title, name in _SECRETS:
        for hit in pattern.finditer(text) if needle in text else ():
            line, column = text.count("\n", 0, hit.start()) + 1, hit.start() - text.rfind("\n", 0, hit.start())
            place = name or _credential_for(text, hit.start())
            hint = f"take it out, change it, and hand it over as {place}: see the notes on credentials"
            found.append(Mistake(file, line, column, f"{title} is written here", hint))
    return found


def _credential_for(text: str, at: int) -> str:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    if "store" in line:
        return "the credential store-password (COUNTERWATCH_STORE_PASSWORD)"
    if "proxy" in line:
        return "the credential proxy-password (COUNTERWATCH_PROXY_PASSWORD)"
    return "COUNTERWATCH_<SOURCE>_<FIELD> or a systemd credential"


# --------------------------------------------------------------------------- into models

M = TypeVar("M", bound=BaseModel)


def shaped(model: type[M], node: Node, file: str) -> tuple[M | None, list[Mistake]]:
    """Put a mapping into its model; return it, or None with every mistake at its place."""
    try:
        return model.model_validate(node.plain()), []
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
        misspelt = {(*path, near) for path, near in _misspelt(model, errors)}
        # A misspelt key is one mistake, not an unknown key and a missing one.
        told = [one for one in errors if one["type"] != "missing" or one["loc"] not in misspelt]
        return None, [_mistake(model, node, file, one) for one in told]


def _misspelt(model: type[BaseModel], errors: Sequence[ErrorDetails]) -> Iterator[tuple[tuple[int | str, ...], str]]:
    for one in errors:
        if one["type"] == "extra_forbidden" and (
            near := nearest_of(str(one["loc"][-1]), _keys(model, one["loc"][:-1]))
        ):
            yield one["loc"][:-1], near


def _mistake(model: type[BaseModel], root: Node, file: str, error: ErrorDetails) -> Mistake:
    path, kind = error["loc"], error["type"]
    name = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        line, column = _place(root, path, of_key=True)
        if _SECRET_KEYS.search(name):
            hint = "secrets come from the environment or systemd credentials, never from this file"
            return Mistake(file, line, column, f"{shown(name)} has no place here", hint)
        known = _keys(model, path[:-1])
        hint = nearest(name, known) or f"known here: {', '.join(known)}"
        return Mistake(file, line, column, f"unknown key {shown(name)}", hint)
    if kind == "missing":
        line, column = _place(root, path, of_key=True)
        return Mistake(file, line, column, f"{name} is missing", f"write {name}: …")
    line, column = _place(root, path, of_key=False)
    context = error.get("ctx", {})
    if kind == "wrong":
        return Mistake(file, line, column, str(context["said"]), str(context["hint"]))
    message, hint = _PLAIN.get(kind, ("", ""))
    if kind == "literal_error":
        message, hint = "not one of the known words", "write " + str(context["expected"]).replace("'", "")
    if kind == "string_pattern_mismatch":
        hint = _FORMS.get(name, hint)
    if kind in ("literal_error", "string_pattern_mismatch") and (written := _written(root, path)):
        message += f": {shown(written)}"
    return Mistake(file, line, column, message or error["msg"], hint)


_PLAIN = {
    "model_type": ("keys with values are expected here", "write key: value on lines of their own, or {key: value}"),
    "dict_type": ("keys with values are expected here", "write key: value on lines of their own, or {key: value}"),
    "model_attributes_type": ("keys with values are expected here", "write key: value on lines of their own"),
    "tuple_type": ("a list is expected here", "write [one, two], or one - entry a line"),
    "list_type": ("a list is expected here", "write [one, two], or one - entry a line"),
    "string_pattern_mismatch": ("this is not how it is written", "compare it with the example file"),
    "string_type": ("a text is expected here", ""),
}


_FORMS = {
    "slack": "a member id such as U012ABCDEF: in Slack, their profile, Copy member ID",
    "on_add": "an event type such as pay.tax_lien",
    "id": "a-z, 0-9 and underscore, beginning with a letter",
}


def _written(root: Node, path: Sequence[int | str]) -> str:
    """Return the text that stands where the path leads, or the key it ends at."""
    at: Node | None = root
    for step in path:
        if step == "[key]":
            return str(path[path.index(step) - 1])
        if at is None:
            return ""
        if isinstance(at.value, list) and isinstance(step, int):
            at = at.value[step] if step < len(at.value) else None
        else:
            at = at.get(str(step))
    return at.value if at is not None and isinstance(at.value, str) else ""


def _place(root: Node, path: Sequence[int | str], *, of_key: bool) -> tuple[int, int]:
    """Return where the path leads, or the deepest place on the way that was written at all."""
    at, place = root, root.place
    for depth, step in enumerate(path):
        if isinstance(at.value, dict):
            if isinstance(step, str) and step in at.value:
                last = depth == len(path) - 1
                wants_key = (of_key and last) or path[depth + 1 :] == ("[key]",)
                place = at.key_place(step) if wants_key or at.value[step].value is None else at.value[step].place
                at = at.value[step]
                continue
        elif isinstance(at.value, list) and isinstance(step, int) and step < len(at.value):
            at = at.value[step]
            place = at.place
            continue
        break
    return place


def _keys(model: type[BaseModel], path: Sequence[int | str]) -> list[str]:
    """Return the keys that are known where the path leads."""
    current: type[BaseModel] | None = model
    inside = 0  # steps that choose an entry of a list or mapping, not a key of the model
    for step in path:
        if inside:
            inside -= 1
            continue
        fields = current.model_fields.items() if current else ()
        field = next((field for name, field in fields if (field.alias or name) == step), None)
        current, inside = _inner(field.annotation) if field else (None, 0)
    return [field.alias or name for name, field in current.model_fields.items()] if current else []


def _inner(annotation: Any) -> tuple[type[BaseModel] | None, int]:
    """Return the model inside Optional, Annotated, tuple and dict, and how many of the last two are around it."""
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        return _inner(parts[0])
    if origin in (typing.Union, types.UnionType, tuple, dict):
        for part in parts:
            found, around = _inner(part)
            if found is not None:
                return found, around + (origin in (tuple, dict))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, 0
    return None, 0


def single(mistakes: Sequence[Mistake]) -> list[Mistake]:
    """Keep one error per place: what follows from a mistake already told is noise. Warnings stay."""
    kept: list[Mistake] = []
    seen: set[tuple[str, int, int]] = set()
    for mistake in mistakes:
        at = (mistake.file, mistake.line, mistake.column)
        if mistake.severity == "error" and mistake.line:
            if at in seen:
                continue
            seen.add(at)
        kept.append(mistake)
    return kept
