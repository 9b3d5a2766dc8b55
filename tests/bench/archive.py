"""Pages on disk, served as some news sites would, by a process of its own: what the part `engines` fetches.

    python -m tests.bench.archive FOLDER HOSTS

Serves FOLDER/*.html over so many addresses of this machine (127.0.0.21, …; Linux only), prints the addresses of the
feeds as JSON, and appends time and address of each request for a page to FOLDER/requests, until it is killed.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape

from aiohttp import web

from tests.bench.pages import ROOT

FEED = "/feed.xml"


class Archive:
    """The sites while they are served.

    Attributes:
        feeds: Addresses of the feeds.
        pages: How many pages they name.
    """

    def __init__(self, folder: Path, feeds: list[str]) -> None:
        self.feeds = feeds
        self.pages = len(list(folder.glob("*.html")))
        self._log = folder / "requests"

    def asked(self) -> list[tuple[float, str]]:
        """When which page was asked for, in seconds since 1970."""
        lines = (line.split() for line in self._log.read_text().splitlines())
        return [(float(when), url) for when, url in lines]


@contextmanager
def archive(folder: Path, hosts: int) -> Iterator[Archive]:
    """Serves the pages of a folder for the time of a `with` block."""
    command = [sys.executable, "-m", "tests.bench.archive", str(folder), str(hosts)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Archive(folder, json.loads(process.stdout.readline()))
        finally:
            process.kill()


async def _serve(folder: Path, hosts: int) -> None:
    pages = sorted(folder.glob("*.html"))
    feeds = []
    with (folder / "requests").open("w", buffering=1) as log:
        for number in range(hosts):
            feeds.append(await _start(f"127.0.0.{21 + number}", pages[number::hosts], log.write))
        print(json.dumps(feeds), flush=True)
        await asyncio.Event().wait()


async def _start(address: str, pages: list[Path], log: object) -> str:
    bodies = {page.name: page.read_bytes() for page in pages}
    base = ""

    async def feed(_: web.Request) -> web.Response:
        return web.Response(text=_feed(base, list(bodies)), content_type="application/rss+xml")

    async def page(request: web.Request) -> web.Response:
        assert callable(log)
        log(f"{time.time()} {request.url}\n")
        return web.Response(body=bodies[request.match_info["name"]], content_type="text/html")

    site = web.Application()
    site.add_routes([web.get(FEED, feed), web.get("/news/{name}", page)])
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, address, 0).start()
    base = f"http://{address}:{runner.addresses[0][1]}"
    return base + FEED


def _feed(base: str, names: list[str]) -> str:
    items = "".join(
        f"<item><title>Report {escape(name)}</title><link>{link}</link><guid>{link}</guid></item>"
        for name in names
        for link in [f"{base}/news/{name}"]
    )
    return f"<rss version='2.0'><channel><title>Archive</title>{items}</channel></rss>"


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2])))
