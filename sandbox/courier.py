"""The courier: sends signed events in the background, and retries until they are accepted.

Rows are read and marked on the event loop's thread; only the HTTP calls run in separate threads, so no request ever waits.
"""

import asyncio
import base64
import hashlib
import hmac
import http.client
import json
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from sqlite3 import Row
from typing import Any
from urllib.parse import SplitResult, urlsplit

from sandbox.world import Company, World

log = logging.getLogger("sandbox")
SENDERS = 4
BATCH = 200
MAX_TRIES = 24
TIMEOUT_S = 20
MAX_READ_BYTES = 65536


@dataclass(frozen=True, slots=True)
class Parcel:
    """An event that is being sent; `seq` names its row."""

    seq: int
    url: str
    body: bytes
    headers: dict[str, str]
    copies: int


class Courier:
    """Records events and delivers them."""

    def __init__(self, world: World, flush: Callable[[], None]) -> None:
        self.world = world
        self.flush = flush
        self._news = False
        self._wake = asyncio.Event()
        self._threads = ThreadPoolExecutor(SENDERS, thread_name_prefix="courier")
        self._local = threading.local()
        self._task: asyncio.Task[None] | None = None

    def record(self, stream: str, kind: str, body: dict[str, Any]) -> None:
        """Store an event in the same transaction as its object; it is sent after the commit."""
        values = [self.world.store.next_seq("events"), stream, kind, json.dumps(body, separators=(",", ":")), self.world.clock.now_ms()]
        self.world.store.run("INSERT INTO events (seq, stream, type, body, at, next_try) VALUES (?, ?, ?, ?, ?, ?)", [*values, time.time()])
        self._news = True

    def look(self) -> None:
        """Check for events at the next `wake`, because an address changed."""
        self._news = True

    def wake(self) -> None:
        """Check for events after a commit, if one was recorded."""
        if self._news:
            self._news = False
            self._wake.set()

    def start(self) -> None:
        """Start delivering."""
        self._wake.set()
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Stop; events not accepted yet are sent after the next start."""
        if self._task:
            self._task.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                if not await self._round():
                    await asyncio.wait_for(self._wake.wait(), self._rest_s())
            except TimeoutError:
                continue
            except Exception:
                log.exception("a round of the courier failed")
                await asyncio.sleep(1)

    def _rest_s(self) -> float:
        soonest = self.world.store.one_value("SELECT min(next_try) FROM events WHERE next_try IS NOT NULL")
        return 30.0 if soonest is None else min(30.0, max(0.05, soonest - time.time()))

    async def _round(self) -> int:
        """Send one batch of due events; return how many were tried."""
        rows = self.world.store.all(
            "SELECT * FROM events WHERE next_try IS NOT NULL AND next_try <= ? ORDER BY next_try, seq LIMIT ?", time.time(), BATCH
        )
        parcels = [parcel for row in rows if (parcel := self._parcel(row))]
        if self.world.chaos.shuffles():
            self.world.chaos.shuffle(parcels)
        loop = asyncio.get_running_loop()
        shares = [parcels[start::SENDERS] for start in range(SENDERS)]
        done = await asyncio.gather(*(loop.run_in_executor(self._threads, self._deliver, share) for share in shares if share))
        self._mark(rows, {parcel.seq for parcel in parcels}, {seq for share in done for seq in share})
        return len(rows)

    def _parcel(self, row: Row) -> Parcel | None:
        company = self._sender(row["stream"])
        address = company.events.address(self.world, row["stream"]) if company and company.events else None
        if company is None or company.events is None or address is None or self.world.chaos.loses_events(company.name):
            return None
        body = row["body"].encode()
        headers = company.events.headers(address.secret, self.world.store.id_of("evt", row["seq"]), body)
        return Parcel(row["seq"], address.url, body, headers, self.world.chaos.event_copies(company.name))

    def _sender(self, stream: str) -> Company | None:
        """The company that a stream belongs to."""
        companies = self.world.companies.values()
        return next((company for company in companies if company.events and stream.startswith(company.events.streams)), None)

    def _deliver(self, parcels: list[Parcel]) -> list[int]:
        """Send some events in order; return the numbers of those accepted. Stops at the first that cannot be sent at all."""
        accepted = []
        for parcel in parcels:
            try:
                statuses = [self._post(parcel) for _ in range(parcel.copies)]
            except (OSError, http.client.HTTPException, ValueError):
                self._local.connection = None
                break
            if 200 <= statuses[0] < 300:
                accepted.append(parcel.seq)
        return accepted

    def _post(self, parcel: Parcel) -> int:
        target = urlsplit(parcel.url)
        path = target.path or "/"
        path = f"{path}?{target.query}" if target.query else path
        try:
            return self._post_once(parcel, target, path)
        except (OSError, http.client.HTTPException):
            # The kept-alive connection may have been closed: try once more on a new one.
            return self._post_once(parcel, target, path)

    def _post_once(self, parcel: Parcel, target: SplitResult, path: str) -> int:
        connection = self._connection(target.scheme, target.netloc)
        try:
            connection.request("POST", path, parcel.body, parcel.headers)
            response = connection.getresponse()
            response.read(MAX_READ_BYTES)
        except (OSError, http.client.HTTPException):
            connection.close()
            raise
        if response.will_close or not response.isclosed():
            connection.close()
        return response.status

    def _connection(self, scheme: str, netloc: str) -> http.client.HTTPConnection:
        current = getattr(self._local, "connection", None)
        if current is None or self._local.place != (scheme, netloc):
            maker = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
            current = self._local.connection = maker(netloc, timeout=TIMEOUT_S)
            self._local.place = (scheme, netloc)
        connection: http.client.HTTPConnection = current
        return connection

    def _mark(self, rows: list[Row], wanted: set[int], accepted: set[int]) -> None:
        """Mark accepted events; others wait longer each time, or are dropped if they are to be lost or no longer have a receiver."""
        store = self.world.store
        if not rows:
            return
        store.begin_request()
        for row in rows:
            tries = row["attempts"] + 1
            over = row["seq"] in accepted or row["seq"] not in wanted or tries >= MAX_TRIES
            later = None if over else time.time() + min(300, 2 ** (tries - 1))
            store.run(
                "UPDATE events SET attempts = ?, next_try = ?, delivered = ? WHERE seq = ?",
                [tries, later, row["seq"] in accepted, row["seq"]],
            )
        store.end_request(keep=True)
        self.flush()


def standard_headers(secret: str, event_id: str, body: bytes) -> dict[str, str]:
    """Headers of Standard Webhooks: id, timestamp, and `v1,` base64 HMAC-SHA256 of `id.timestamp.body`."""
    stamp = str(int(time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, f"{event_id}.{stamp}.".encode() + body, hashlib.sha256)).decode()
    return {"Content-Type": "application/json", "webhook-id": event_id, "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}
