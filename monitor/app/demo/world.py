"""The demo's outside world: servers on loopback that speak the sources' true formats and can change."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

import orjson
from aiohttp import web

LONDON = ZoneInfo("Europe/London")
GLEIF = "https://api.gleif.org/api/v1/lei-records"


@dataclass(frozen=True, slots=True)
class Entity:
    """A company as GLEIF holds it."""

    lei: str
    name: str
    country: str
    city: str
    street: str
    postcode: str
    register: tuple[str, str]  # registration authority and local number
    founded: date
    status: str = "ACTIVE"
    registration: str = "ISSUED"
    renewal: date = date(2027, 9, 30)
    events: tuple[tuple[str, date], ...] = ()  # completed entity events
    parent: str | None = None  # LEI of the direct and ultimate parent
    updated: str = "2026-05-06T15:51:56Z"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice of The Gazette's insolvency feed."""

    number: int
    code: str
    category: str
    title: str
    content: str
    published: datetime  # aware


@dataclass(frozen=True, slots=True)
class Story:
    """An item of a news feed."""

    guid: str
    title: str
    text: str
    published: datetime


@dataclass
class World:
    """What is true today. The script edits it; the servers read it."""

    today: datetime
    entities: dict[str, Entity] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    feeds: dict[str, list[Story]] = field(default_factory=dict)  # path -> stories, newest first
    gleif_down: bool = False
    gleif_drifted: bool = False
    seen: int = 0  # requests answered

    def change(self, lei: str, **fields: Any) -> None:
        """Change an entity; its record was updated just before now."""
        updated = (self.today - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.entities[lei] = replace(self.entities[lei], updated=updated, **fields)


# --------------------------------------------------------------------------- GLEIF (JSON:API)


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _address(entity: Entity) -> dict[str, Any]:
    return {
        "language": "en",
        "addressLines": [entity.street],
        "addressNumber": None,
        "addressNumberWithinBuilding": None,
        "mailRouting": None,
        "city": entity.city,
        "region": None,
        "country": entity.country,
        "postalCode": entity.postcode,
    }


def lei_record(entity: Entity) -> dict[str, Any]:
    """Return the `data` object of GET /lei-records/{lei}."""
    link = f"{GLEIF}/{entity.lei}"

    def parent(which: str) -> dict[str, Any]:
        if entity.parent is None:
            return {"links": {"reporting-exception": f"{link}/{which}-reporting-exception"}}
        return {"links": {"relationship-record": f"{link}/{which}-relationship", "lei-record": f"{link}/{which}"}}

    groups = [
        {
            "groupType": "STANDALONE",
            "events": [
                {
                    "validationDocuments": "SUPPORTING_DOCUMENTS",
                    "effectiveDate": _midnight(day),
                    "recordedDate": _midnight(day),
                    "type": kind,
                    "status": "COMPLETED",
                }
            ],
        }
        for kind, day in entity.events
    ]
    return {
        "type": "lei-records",
        "id": entity.lei,
        "attributes": {
            "lei": entity.lei,
            "entity": {
                "legalName": {"name": entity.name, "language": "en"},
                "otherNames": [],
                "transliteratedOtherNames": [],
                "legalAddress": _address(entity),
                "headquartersAddress": _address(entity),
                "registeredAt": {"id": entity.register[0], "other": None},
                "registeredAs": entity.register[1],
                "jurisdiction": entity.country,
                "category": "GENERAL",
                "legalForm": {"id": "8888", "other": "LIMITED"},
                "associatedEntity": {"lei": None, "name": None},
                "status": entity.status,
                "expiration": {"date": None, "reason": None},
                "successorEntity": {"lei": None, "name": None},
                "successorEntities": [],
                "creationDate": _midnight(entity.founded),
                "subCategory": None,
                "otherAddresses": [],
                "eventGroups": groups,
            },
            "registration": {
                "initialRegistrationDate": "2016-06-30T00:00:00Z",
                "lastUpdateDate": entity.updated,
                "status": entity.registration,
                "nextRenewalDate": _midnight(entity.renewal),
                "managingLou": "213800WAVVOPS85N2205",
                "corroborationLevel": "FULLY_CORROBORATED",
                "validatedAt": {"id": entity.register[0], "other": None},
                "validatedAs": entity.register[1],
                "otherValidationAuthorities": [],
            },
            "bic": None,
            "mic": None,
            "ocid": None,
            "spglobal": [],
            "conformityFlag": "CONFORMING",
        },
        "relationships": {
            "managing-lou": {"links": {"related": f"{link}/managing-lou"}},
            "lei-issuer": {"links": {"related": f"{link}/lei-issuer"}},
            "field-modifications": {"links": {"related": f"{link}/field-modifications"}},
            "direct-parent": parent("direct-parent"),
            "ultimate-parent": parent("ultimate-parent"),
        },
        "links": {"self": link},
    }


def _exception(entity: Entity, which: str) -> dict[str, Any]:
    kind = which.split("-", maxsplit=1)[0].upper()
    return {
        "type": "reporting-exceptions",
        "id": f"{entity.lei}|0|{kind}",
        "attributes": {
            "validFrom": None,
            "validTo": None,
            "lei": entity.lei,
            "category": f"{kind}_ACCOUNTING_CONSOLIDATION_PARENT",
            "reason": "NATURAL_PERSONS",
            "reference": None,
        },
        "relationships": {"lei-record": {"links": {"related": f"{GLEIF}/{entity.lei}"}}},
    }


def _relationship(entity: Entity, which: str) -> dict[str, Any]:
    kind = "IS_DIRECTLY_CONSOLIDATED_BY" if which.startswith("direct") else "IS_ULTIMATELY_CONSOLIDATED_BY"
    return {
        "type": "relationship-records",
        "id": f"{entity.lei}|LEI|{kind}|1|",
        "attributes": {
            "validFrom": "2026-03-05T00:00:00Z",
            "validTo": None,
            "relationship": {
                "startNode": {"id": entity.lei, "type": "LEI"},
                "endNode": {"id": entity.parent, "type": "LEI"},
                "type": kind,
                "status": "ACTIVE",
                "periods": [{"startDate": "2026-01-01T00:00:00Z", "type": "RELATIONSHIP_PERIOD"}],
            },
            "registration": {
                "initialRegistrationDate": "2026-03-04T15:30:00Z",
                "lastUpdateDate": "2026-03-04T16:01:46Z",
                "status": "PUBLISHED",
                "nextRenewalDate": "2027-03-08T17:20:49Z",
                "managingLou": "213800WAVVOPS85N2205",
                "corroborationLevel": "FULLY_CORROBORATED",
                "corroborationDocuments": "ACCOUNTS_FILING",
                "corroborationReference": None,
            },
            "extension": {"deletedAt": None},
        },
        "relationships": {},
    }


def gleif_answer(world: World, lei: str, rest: str) -> dict[str, Any] | None:
    """Return the whole document for `/lei-records/{lei}[/rest]`, or None where GLEIF answers 404."""
    entity = world.entities.get(lei)
    if entity is None:
        return None
    data: dict[str, Any]
    which = "direct-parent" if rest.startswith("direct-parent") else "ultimate-parent"
    if not rest:
        data = lei_record(entity)
    elif rest.endswith("-reporting-exception") and entity.parent is None:
        data = _exception(entity, which)
    elif rest.endswith("-relationship") and entity.parent:
        data = _relationship(entity, which)
    elif rest in ("direct-parent", "ultimate-parent") and entity.parent:
        data = lei_record(world.entities[entity.parent])
    else:
        return None
    if world.gleif_drifted and not rest:
        # The day the format changes: the status moves to another name.
        data["attributes"]["entity"]["entityStatus"] = data["attributes"]["entity"].pop("status")
    # The golden copy comes out three times a day; here every half day of the script.
    copy = world.today.replace(hour=world.today.hour // 12 * 8, minute=0, second=0, microsecond=0)
    return {"meta": {"goldenCopy": {"publishDate": copy.strftime("%Y-%m-%dT%H:%M:%SZ")}}, "data": data}


# --------------------------------------------------------------------------- The Gazette (JSON feed)


def gazette_answer(world: World, query: dict[str, str]) -> dict[str, Any]:
    """Return one page of the insolvency feed: date window and paging as the real feed honours them."""
    start, end = query.get("start-publish-date", ""), query.get("end-publish-date", "9999")
    found = [
        n
        for n in sorted(world.notices, key=lambda n: n.published, reverse=True)
        if n.published <= world.today and start <= n.published.astimezone(LONDON).date().isoformat() <= end
    ]
    size, page = int(query.get("results-page-size", "10")), int(query.get("results-page", "1"))
    part = found[(page - 1) * size : page * size]
    base = "https://www.thegazette.co.uk/insolvency/notice/data.json"
    links = [{"@href": f"{base}?results-page=1", "@rel": "first", "@type": "application/json"}]
    if page * size < len(found):
        links.append({"@href": f"{base}?results-page={page + 1}", "@rel": "next", "@type": "application/json"})
    answer: dict[str, Any] = {
        "id": f"https://www.thegazette.co.uk/insolvency/notice/data.feed?results-page-size={size}&results-page={page}",
        "link": links,
        "title": "Search Result",
        "updated": world.today.strftime("%Y-%m-%dT%H:%M:%S.000000Z"),
        "openSearch:Query": {"@role": "request"},
        "f:page-number": str(page),
        "f:page-size": str(size),
        "f:page-start": str((page - 1) * size + 1),
        "f:page-stop": str((page - 1) * size + len(part)),
        "f:total": str(len(found)),
        "f:total-errors": "0",
        "f:facets": None,
    }
    entries = [_entry(n) for n in part]
    if entries:  # one notice comes as an object, none as no key at all
        answer["entry"] = entries if len(entries) > 1 else entries[0]
    return answer


def _entry(notice: Notice) -> dict[str, Any]:
    page = f"https://www.thegazette.co.uk/notice/{notice.number}"
    return {
        "id": f"https://www.thegazette.co.uk/id/notice/{notice.number}",
        "f:status": "published",
        "f:notice-code": notice.code,
        "f:name": "London",
        "f:familyName": "Gazette",
        "title": notice.title,
        "link": [
            {"@href": f"https://www.thegazette.co.uk/id/notice/{notice.number}", "@rel": "self"},
            {"@href": page},
            {"@href": f"{page}/data.jsonld", "@rel": "alternate", "@title": "JSON-LD", "@type": "application/json"},
        ],
        "author": {"name": "tso"},
        "updated": notice.published.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "published": notice.published.astimezone(LONDON).strftime("%Y-%m-%dT%H:%M:%S"),
        "category": {"@term": notice.category},
        "content": f"<div><p>{escape(notice.content)}</p></div>",
    }


# --------------------------------------------------------------------------- news (RSS 2.0)


def rss(world: World, path: str) -> bytes:
    """Return the feed at `path` as an outlet would publish it today."""
    title = path.strip("/").removesuffix(".rss").replace("-", " ").title()
    items = "".join(
        f"<item><title>{escape(s.title)}</title><link>https://news.example{path}/{s.guid}</link>"
        f'<guid isPermaLink="false">{s.guid}</guid><pubDate>{format_datetime(s.published)}</pubDate>'
        f"<description>{escape(s.text)}</description></item>\n"
        for s in world.feeds[path]
        if s.published <= world.today
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>{escape(title)}</title><link>https://news.example/</link><language>en</language>"
        f"<description>{escape(title)}</description>\n{items}</channel></rss>"
    ).encode()


# --------------------------------------------------------------------------- the servers


class Servers:
    """One loopback server per source, in a thread of their own, as strangers on the net would be."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ports: dict[str, int] = {}
        self.hang = threading.Event()  # set: GLEIF takes the question and does not answer
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._serve, name="demo-world", daemon=True)

    def __enter__(self) -> Servers:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        if self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)

    def _serve(self) -> None:
        self._loop.run_until_complete(self._run())
        self._loop.close()

    async def _run(self) -> None:
        self._stop = asyncio.Event()
        runners = []
        for name, handler in (("gleif", self._gleif), ("gb_gazette", self._gazette), ("feed", self._feed)):
            app = web.Application()
            app.router.add_get("/{path:.*}", handler)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)  # whoever hangs is cut off
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.ports[name] = runner.addresses[0][1]
            runners.append(runner)
        self._ready.set()
        await self._stop.wait()
        for runner in runners:
            await runner.cleanup()

    async def _gleif(self, request: web.Request) -> web.StreamResponse:
        self.world.seen += 1
        if self.hang.is_set():
            await asyncio.sleep(3600)
        if self.world.gleif_down:
            return web.Response(
                status=503, text="<html><title>Service Unavailable</title></html>", content_type="text/html"
            )
        parts = request.path.removeprefix("/api/v1/lei-records/").split("/", 1)
        answer = gleif_answer(self.world, parts[0], parts[1] if len(parts) > 1 else "")
        if answer is None:
            error = {"errors": [{"status": "404", "title": "Resource not found"}]}
            return web.Response(status=404, body=orjson.dumps(error), content_type="application/vnd.api+json")
        return web.Response(body=orjson.dumps(answer), content_type="application/vnd.api+json")

    async def _gazette(self, request: web.Request) -> web.StreamResponse:
        self.world.seen += 1
        body = orjson.dumps(gazette_answer(self.world, dict(request.query)))
        return web.Response(body=body, content_type="application/json")

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        self.world.seen += 1
        if request.path not in self.world.feeds:
            return web.Response(status=404, text="no such feed")
        body = rss(self.world, request.path)
        etag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(body=body, content_type="application/rss+xml", headers={"ETag": etag})


def at(day: datetime, hours: float) -> datetime:
    """Return the moment `hours` after the midnight that began `day`."""
    return day.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(hours=hours)
