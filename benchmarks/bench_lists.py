"""Lists: the p95 of every list page and endpoint with 100,000 plans, divided by its p95 with 1,000, at any depth.

Both databases are in one cluster and are queried alternately, request by request, through Django's whole stack in this process: the same
code, the same browser, the same page; only the number of rows differs. If a page is slower in the first round, three or seven rounds are
run, and the percentiles are of all their requests: that of a dozen is little else than the slowest one. The figure is that of the worst
page; each page's figures are printed.
"""

import gc
import statistics
import time
from collections.abc import Callable

from benchmarks.harness import Figure, copy, run, server, stack

SMALL, LARGE = 1_000, 100_000
ROUNDS, MORE_ROUNDS, REQUESTS = 3, 4, 12
GROWN, SUSPECT = 1.05, 1.15


def measure() -> list[Figure]:
    """Fill two databases, request every page of both alternately, and return the worst growth."""
    with stack():
        from django.core.management import call_command

        call_command("collectstatic", interactive=False, verbosity=0)
        small, large = (_database(plans) for plans in (SMALL, LARGE))
        growths = [_growth(one, other) for one, other in zip(small, large, strict=True)]
    growths.sort(reverse=True)
    for ratio, name, one, other in growths:
        print(f"{ratio:6.2f}  {one:7.2f} ms {other:7.2f} ms  {name}", flush=True)
    worst = growths[0]
    detail = f"{len(growths)} pages; the worst is {worst[1]}; the median grows {statistics.median(g[0] for g in growths):.2f} times"
    return [Figure("lists_p95_growth", worst[0], 1.3, 1.1, "lower", detail)]


class Asked:
    """A page of one of the databases, with the connection to that database."""

    def __init__(self, wrapper: object, name: str, ask: Callable[[], object]) -> None:
        self.wrapper, self.name, self._ask = wrapper, name, ask

    def seconds(self) -> float:
        """Request it once, and return how long it took."""
        from django.db import connections

        connections["default"] = self.wrapper  # type: ignore[assignment]
        start = time.perf_counter()
        self._ask()
        return time.perf_counter() - start


def _database(plans: int) -> list[Asked]:
    """Make a database of this many plans and return its pages."""
    from django.conf import settings
    from django.db import connections

    from benchmarks.lists.cast import populate
    from benchmarks.lists.pages import Page, pages

    name = f"lists_{plans}"
    copy(name)
    settings.DATABASES["default"]["NAME"] = name
    wrapper = connections.create_connection("default")
    wrapper.settings_dict = {**wrapper.settings_dict, "NAME": name}
    connections["default"] = wrapper
    start = time.perf_counter()
    cast = populate(plans)
    print(f"{plans} plans in {time.perf_counter() - start:.1f} s", flush=True)
    server("VACUUM ANALYZE", "CHECKPOINT", database=name)

    def asking(page: Page) -> Callable[[], object]:
        def ask() -> object:
            answer = page.client.get(page.path)
            if answer.status_code != 200:
                raise RuntimeError(f"{page.name}: {answer.status_code} {page.path}")
            return answer.content

        return ask

    return [Asked(wrapper, page.name, asking(page)) for page in pages(cast)]


def _growth(small: Asked, large: Asked) -> tuple[float, str, float, float]:
    """Return the ratio of the large database's page to the small one's, its name, and both p95 in ms, over all rounds."""
    for one in (small, large) * 2:
        one.seconds()
    times: tuple[list[float], list[float]] = ([], [])
    _ask(small, large, times, 1)
    if _ratio(times) > GROWN:
        _ask(small, large, times, ROUNDS - 1)
    if _ratio(times) > SUSPECT:
        _ask(small, large, times, MORE_ROUNDS)
    return _ratio(times), large.name, _p95(times[0]) * 1000, _p95(times[1]) * 1000


def _ratio(times: tuple[list[float], list[float]]) -> float:
    return _p95(times[1]) / _p95(times[0])


def _ask(small: Asked, large: Asked, times: tuple[list[float], list[float]], rounds: int) -> None:
    """Request both pages in turn for some rounds, and add how long each request took."""
    for _round in range(rounds):
        # The collector's pauses have nothing to do with the number of rows, and in strict turn they would always meet the same database.
        gc.collect()
        gc.disable()
        for _ in range(REQUESTS):
            times[0].append(small.seconds())
            times[1].append(large.seconds())
        gc.enable()


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[-1]


if __name__ == "__main__":
    run(measure)
