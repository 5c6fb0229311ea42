"""The denominator: fetch, hash, parse what is new, store. The loop of floor_poller.py, run pass by pass in one process."""
import asyncio, os, tempfile, time

import aiohttp

from tests.bench import floor_poller as floor


async def passes(urls, conc, before_each, count=7):
    """Poll all urls once per pass; `before_each(n)` prepares the origin. Returns CPU seconds of each pass."""
    work = tempfile.mkdtemp()
    with open(os.path.join(work, "paths"), "w") as f:
        f.write("\n".join(urls))
    st = floor.Store(f"{work}/floor.db")
    st.db.execute("BEGIN"); st.db.executemany("INSERT INTO watch(path,due) VALUES(?,0)", [(u,) for u in urls]); st.db.execute("COMMIT")
    spent, out = [], []
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=conc)) as s:
        for n in range(count):  # the first is the baseline
            await before_each(n)
            cpu, t0 = time.process_time(), time.monotonic()
            ws = iter(st.db.execute("SELECT id,path,etag,hash,state FROM watch").fetchall()); k = 0

            async def work_():
                nonlocal k
                for w in ws:
                    async with s.get(w[1], headers={"If-None-Match": w[2]} if w[2] else None) as r:
                        body = await r.read()
                        path = "/" + w[1].split("/", 3)[3]
                        floor.handle(st, (w[0], path, w[2], w[3], w[4]), r.status, r.headers.get("ETag"), body, out)
                    k += 1
                    if k % 200 == 0: st.flush()
            await asyncio.gather(*[work_() for _ in range(conc)])
            st.flush()
            if n: spent.append((time.process_time() - cpu, time.monotonic() - t0))
    return spent, len(out)
