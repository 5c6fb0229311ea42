"""`make bench`: what counterwatch costs beside a bare poll loop on this machine, as ratios. Prints, judges nothing.

Each side runs in a process of its own against the same origin; CPU seconds of the whole process are the unit, medians
of four passes. The origin listens on one loopback address a feed, as strangers' servers would.
"""
import argparse, asyncio, json, os, statistics as st, subprocess, sys, tempfile, time
from pathlib import Path

PORT = 18199


def urls(n):
    return [f"http://127.0.{i // 250}.{i % 250 + 1}:{PORT}/feed/{i}.xml" for i in range(n)]


async def control(what):
    import aiohttp
    async with aiohttp.ClientSession() as s:
        async with s.get(f"http://127.0.0.1:{PORT}/_/{what}") as r:
            return await r.json()


async def side(name, n, changed):
    async def before(k):
        if changed and k: await control("tick")
    if name == "floor":
        from tests.bench import loop
        spent, _ = await loop.passes(urls(n), 32, before)
        return spent, {}
    from tests.bench import ours
    return await ours.passes(urls(n), before)


def child(*words):
    out = subprocess.run([sys.executable, "-m", "tests.bench.run", *words], capture_output=True, text=True)
    if out.returncode: raise SystemExit(out.stderr[-3000:])
    return json.loads(out.stdout.strip().splitlines()[-1])


class origin:
    def __init__(self, n, **opts):
        words = [w for k, v in opts.items() for w in (f"--{k}", str(v))]
        self.cmd = [sys.executable, "-m", "tests.bench.origin", "--port", str(PORT), "--feeds", str(n), "--hosts", str(n), "--rate", "1.0", *words]
    def __enter__(self):
        self.p = subprocess.Popen(self.cmd, stdout=subprocess.PIPE, text=True); self.p.stdout.readline(); return self
    def __exit__(self, *_):
        self.p.kill(); self.p.wait()


def polls(n, changed):
    rows = {}
    for name in ("floor", "ours"):
        with origin(n):
            spent, outcomes = child("--side", name, "--feeds", str(n), *(["--changed"] if changed else []))
        rows[name] = n / st.median(c for c, _ in spent)
    print(f"{'changed 35-item feeds' if changed else 'unchanged polls':26} floor {rows['floor']:7.0f}   ours {rows['ours']:7.0f}   polls per CPU second   ratio {rows['ours'] / rows['floor']:.2f}   {outcomes}", flush=True)


async def hanging(n, slow):
    """How late healthy feeds are answered while the first `slow` feeds hang, against none hanging; after one pass to learn."""
    from tests.bench import ours
    done, start = [], 0.0
    fast = {u.split("//")[1] for u in urls(n)[slow:]}
    def told(turn, look):
        if turn.url.split("//")[1] in fast: done.append(time.monotonic() - start)
    async def before(k):
        nonlocal start
        done.clear(); start = time.monotonic()
    # One pass to learn who hangs, one to measure; a pass ends when the healthy are through.
    home = Path(tempfile.mkdtemp())
    desk = ours.desk_for(urls(n), home)
    from monitor.app import wiring
    from monitor.app.engine import Engine
    from monitor.edge.store import turns
    now = desk.clock.now()
    await desk.store.write(lambda conn: wiring.settle_plan(conn, desk, now, window=0.0))
    engine = Engine(desk, concurrency=64, told=told)
    work = asyncio.create_task(engine.run())
    found = []
    for _ in range(4):
        await before(0)
        await desk.store.write(lambda conn: turns.mark_due(conn, desk.clock.now()))
        engine.wake()
        while len(done) < len(fast) and time.monotonic() - start < 60: engine.wake(); await asyncio.sleep(0.02)
        found.append((st.median(done), max(done)))
    await engine.stop(0.1); work.cancel()
    await desk.client.close(); desk.store.close()
    return found


def lateness(n):
    rows = {}
    for slow in (0, n // 5):
        with origin(n, slow=slow, **{"slow-s": 30, "latency": 0.05}):
            rows[slow] = child("--hang", str(slow), "--feeds", str(n))
    quiet, hung = rows[0], rows[n // 5]
    pick = lambda r, i: st.median(x[i] for x in r[1:])
    print(f"{'a fifth of sources hang':26} healthy median {pick(hung, 0) / pick(quiet, 0):.2f} times, last {pick(hung, 1) / pick(quiet, 1):.2f} times as late; "
          f"while it learns who hangs: {hung[0][0] / quiet[0][0]:.2f} and {hung[0][1] / quiet[0][1]:.2f}", flush=True)


def alone(count):
    """From the answer that shows a critical change to Slack, one at a time, amid unchanged polls of a real daemon."""
    from datetime import UTC, datetime
    from monitor.app.demo.world import Servers
    from tests.house import ended, house, lei, watchlist
    shown = {}

    class Timed(Servers):
        async def _gleif(self, request):
            answer = await super()._gleif(request)
            key = request.path.rsplit("/", 1)[-1]
            known = self.world.entities.get(key)
            if known and known.status == "INACTIVE": shown.setdefault(key, time.time())
            return answer

    channels = [f"C{i:03d}=chan{i}" for i in range(count)] + ["C0ALERTS=customer-watch", "C0OPS=counterwatch-ops"]
    with tempfile.TemporaryDirectory() as home, house(Path(home), range(count), servers_type=Timed, channels=channels) as h:
        text = watchlist(range(count), channel='"#chan{n}"')
        h.configure(text)
        process = h.start("--log", "error")
        h.wait(lambda: h.messages("Now watching"), 60)
        time.sleep(2)
        took = []
        for i in range(count):
            h.world.change(lei(i), status="INACTIVE", events=(("DISSOLUTION", datetime.now(UTC).date()),))
            name = f"Tested Company {i:03d} Ltd"
            h.wait(lambda: h.messages(name + " (UK)"), 20)
            took.append((h.messages(name + " (UK)")[0]["t"] - shown[lei(i)]) * 1000)
            time.sleep(0.05)
        ended(process)
    took.sort()
    print(f"{'a lone critical change':26} answer to Slack: median {st.median(took):.0f} ms, p99 {took[min(len(took) - 1, int(len(took) * 0.99))]:.0f} ms, most {took[-1]:.0f} ms (n={len(took)})", flush=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--feeds", type=int, default=400); p.add_argument("--side"); p.add_argument("--changed", action="store_true"); p.add_argument("--hang", type=int)
    p.add_argument("--only", default="")
    a = p.parse_args()
    from monitor.edge import observe
    observe.configure(level="error", pretty=False)
    if a.side or a.hang is not None:
        import uvloop
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as r:
            found = r.run(hanging(a.feeds, a.hang) if a.hang is not None else side(a.side, a.feeds, a.changed))
        return print(json.dumps(found))
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {a.feeds} feeds")
    if a.only in ("", "polls"):
        polls(a.feeds, False); polls(a.feeds, True)
    if a.only in ("", "hang"): lateness(a.feeds)
    if a.only in ("", "alone"): alone(100)


if __name__ == "__main__":
    main()
