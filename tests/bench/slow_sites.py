"""News sites that take their time, served by a process of its own: what the part `fetch` asks.

    python -m tests.bench.slow_sites HOSTS DELAY_MS

Serves any address over so many hosts of this machine (127.0.1.1, 127.0.1.2, …; Linux only), each answer after the
delay, prints the hosts' addresses as JSON, and runs until it is killed. There is no robots.txt, which is said as late.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from tests.bench.pages import ROOT

_PARAGRAPH = "<p>The ferry company said on Monday that two of its vessels would be taken out of service.</p>"
_PAGE = f"<html><head><title>Ferries</title></head><body>{_PARAGRAPH * 300}</body></html>".encode()


@contextmanager
def slow_sites(hosts: int, delay_ms: int) -> Iterator[list[str]]:
    """Addresses of the hosts, served for the time of a `with` block."""
    command = [sys.executable, "-m", "tests.bench.slow_sites", str(hosts), str(delay_ms)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.kill()


async def _serve(hosts: int, delay_s: float) -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        await asyncio.sleep(delay_s)
        if request.path == "/robots.txt":
            return web.Response(status=404)
        return web.Response(body=_PAGE, content_type="text/html")

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    bases = []
    for number in range(hosts):
        await web.TCPSite(runner, f"127.0.1.{1 + number}", 0, backlog=1024).start()
        address, port = runner.addresses[-1][:2]
        bases.append(f"http://{address}:{port}")
    print(json.dumps(bases), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2]) / 1000))
