"""`make bench`: what counterwatch costs beside a bare poll loop on this machine, as ratios. Prints, judges nothing.

Each side runs in a process of its own, on the same event loop (uvloop), against an origin of its own that listens on
one loopback address a feed, as strangers' servers would. The unit is CPU seconds of the whole process, the median of
all passes after the first look.
"""
import argparse, asyncio, json, os, socket, statistics as st, subprocess, sys, tempfile, time
from pathlib import Path

ROUNDS = 3


def urls(n, port):
    return [f"http://127.0.{i // 250}.{i % 250 + 1}:{port}/feed/{i}.xml" for i in range(n)]


class origin:
    """The feeds' servers, one process, on a port nobody else uses."""

    def __init__(self, n, **opts):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        words = [w for k, v in opts.items() for w in (f"--{k}", str(v))]
        self.cmd = [sys.executable, "-m", "tests.bench.origin", "--port", str(self.port), "--feeds", str(n), "--hosts", str(n), "--rate", "1.0", *words]

    def __enter__(self):
        self.p = subprocess.Popen(self.cmd, stdout=subprocess.PIPE, text=True)
        if not self.p.stdout.readline().startswith("ready"): raise SystemExit("the bench's origin did not start")
        return self

    def __exit__(self, *_):
        self.p.kill(); self.p.wait()


def child(*words):
    out = subprocess.run([sys.executable, "-m", "tests.bench.run", *words], capture_output=True, text=True)
    if out.returncode: raise SystemExit(out.stderr[-3000:])
    return json.loads(out.stdout.strip().splitlines()[-1])


# --------------------------------------------------------------------------- polls beside the bare loop


async def side(name, n, port, changed):
    async def before(k):
        if changed and k: await control(port, "tick")
    if name == "floor":
        from tests.bench import loop
        spent, _ = await loop.passes(urls(n, port), 32, before)
        return spent, {}
    from tests.bench import ours
    return await ours.passes(urls(n, port), before)


async def control(port, what):
    import aiohttp
    async with aiohttp.ClientSession() as s:
        async with s.get(f"http://127.0.0.1:{port}/_/{what}") as r:
            return await r.json()


def polls(n, changed):
    spent, seen = {"floor": [], "ours": []}, {}
    for _ in range(ROUNDS):  # in turns, so that a busy minute of the machine meets both
        for name, passes in spent.items():
            with origin(n) as o:
                found, seen = child("--side", name, "--feeds", str(n), "--port", str(o.port), *(["--changed"] if changed else []))
            passes += [cpu for cpu, _ in found]
    rows = {name: n / st.median(passes) for name, passes in spent.items()}
    print(f"{'changed 35-item feeds' if changed else 'unchanged polls':26} floor {rows['floor']:7.0f}   ours {rows['ours']:7.0f}   polls per CPU second   ratio {rows['ours'] / rows['floor']:.2f}   {seen}", flush=True)
    return rows["ours"] / rows["floor"]


# --------------------------------------------------------------------------- a fifth of all sources hangs


async def hanging(n, port, slow, rounds=4):
    """Return (median, last) of the seconds after which healthy feeds were answered, for each round.

    The healthy are the same four fifths whether the others hang or not. A round ends when they are through; the
    first one learns who hangs.
    """
    from monitor.app import wiring
    from monitor.app.engine import Engine
    from monitor.edge.store import turns
    from tests.bench import ours
    done, start = [], 0.0
    healthy = set(urls(n, port)[n // 5:])

    def told(turn, look):
        if turn.url in healthy: done.append(time.monotonic() - start)

    with tempfile.TemporaryDirectory() as home:
        desk = ours.desk_for(urls(n, port), Path(home))
        now = desk.clock.now()
        await desk.store.write(lambda conn: wiring.settle_plan(conn, desk, now, window=0.0))
        engine = Engine(desk, concurrency=desk.config.settings.http.concurrency, told=told)
        work = asyncio.create_task(engine.run())
        found = []
        for _ in range(rounds):
            done.clear(); start = time.monotonic()
            await desk.store.write(lambda conn: turns.mark_due(conn, desk.clock.now()))
            while len(done) < len(healthy) and time.monotonic() - start < 60:
                engine.wake()  # as the daemon's tick does
                await asyncio.sleep(0.05)
            found.append((st.median(done), max(done)))
        await engine.stop(0.1); work.cancel()
        await desk.client.close(); desk.store.close()
    return found


def lateness(n):
    rows = {}
    for slow in (0, n // 5):
        with origin(n, slow=slow, **{"slow-s": 30, "latency": 0.05}) as o:
            rows[slow] = child("--hang", str(slow), "--feeds", str(n), "--port", str(o.port))
    quiet, hung = rows[0], rows[n // 5]
    pick = lambda r, i: st.median(x[i] for x in r[1:])
    print(f"{'a fifth of sources hang':26} healthy median {pick(hung, 0) / pick(quiet, 0):.2f} times, last {pick(hung, 1) / pick(quiet, 1):.2f} times as late; "
          f"while it learns who hangs: {hung[0][0] / quiet[0][0]:.2f} and {hung[0][1] / quiet[0][1]:.2f}", flush=True)


# --------------------------------------------------------------------------- one critical change, until Slack has it


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
    p.add_argument("--feeds", type=int, default=400); p.add_argument("--only", default="", choices=["", "polls", "hang", "alone"])
    p.add_argument("--side"); p.add_argument("--changed", action="store_true"); p.add_argument("--hang", type=int); p.add_argument("--port", type=int, default=0)
    a = p.parse_args()
    from monitor.edge import observe
    observe.configure(level="error", pretty=False)
    if a.side or a.hang is not None:
        import uvloop
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as r:
            found = r.run(hanging(a.feeds, a.port, a.hang) if a.hang is not None else side(a.side, a.feeds, a.port, a.changed))
        return print(json.dumps(found))
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {a.feeds} feeds")
    if a.only in ("", "polls"):
        polls(a.feeds, False); polls(a.feeds, True)
    if a.only in ("", "hang"): lateness(a.feeds)
    if a.only in ("", "alone"): alone(100)


if __name__ == "__main__":
    main()
