"""From a request to its handler: routes, keys, chaos, and one savepoint for each request."""

import hmac
import logging
import re

from sandbox import control, faults, home
from sandbox.chaos import Plan
from sandbox.message import Answer, Refused, Request, problem, redirect
from sandbox.texts import CATALOGS, remembered, speak_to
from sandbox.world import Handler, Route, World

log = logging.getLogger("sandbox")
IN_LANGUAGE = re.compile(rf"/({'|'.join(CATALOGS)})(/[a-z]+/)")
"""The address of a page in a language, such as `/da/mailbox/`, by which the product leads to it."""


class Router:
    """Exact paths in a dictionary, paths with a `{name}` as patterns tried in order within the same first part."""

    def __init__(self, routes: list[Route]) -> None:
        self._exact: dict[str, dict[str, Handler]] = {}
        self._patterns: dict[str, dict[re.Pattern[str], dict[str, Handler]]] = {}
        for method, path, handler in routes:
            if "{" in path:
                pattern = re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+?)", re.escape(path)))
                self._patterns.setdefault(path.split("/")[1], {}).setdefault(pattern, {})[method] = handler
            else:
                self._exact.setdefault(path, {})[method] = handler

    def find(self, request: Request) -> Handler | Answer:
        """Return the handler, or a 404 or 405 answer; fills `request.params`."""
        methods = self._exact.get(request.path) or self._match(request)
        if methods is None:
            return problem(404, "not_found", "There is nothing at this address.")
        handler = methods.get(request.method)
        if handler is None:
            answer = problem(405, "method_not_allowed", "This address does not take that method.")
            answer.headers = (("Allow", ", ".join(sorted(methods))),)
            return answer
        return handler

    def _match(self, request: Request) -> dict[str, Handler] | None:
        first = request.path.split("/", 2)[1] if "/" in request.path else ""
        for pattern, methods in self._patterns.get(first, {}).items():
            found = pattern.fullmatch(request.path)
            if found:
                request.params = found.groupdict()
                return methods
        return None


class App:
    """Handles requests from the HTTP server, one after the other."""

    def __init__(self, world: World) -> None:
        self.world = world
        companies = world.companies.values()
        own = [*control.ROUTES, *faults.ROUTES, *home.ROUTES]
        self.router = Router([*(route for company in companies for route in company.routes), *own])
        self._keyed = tuple(prefix for company in companies for prefix in company.keyed)
        self._keyed_writes = ("/control/", *(prefix for company in companies for prefix in company.keyed_writes))
        self._bearer = f"Bearer {world.options.key}".encode()

    def handle(self, request: Request) -> Answer:
        """Answer a request; an error in a handler undoes its writes and becomes a 500."""
        if not self.world.chaos.rules:
            return self._answer(request)
        plan = self.world.chaos.plan(request.method, request.path)
        return self._troubled(request, plan)

    def commit(self) -> None:
        """Commit the handled requests and let the courier check for new events."""
        try:
            self.world.store.commit()
        except Exception:
            self.world.store.abandon()
            raise
        self.world.courier.wake()

    def tick(self) -> None:
        """Let the companies do what has come due by now; `commit` follows."""
        if not any(company.due for company in self.world.companies.values()):
            return
        self.world.store.begin_request()
        done = False
        try:
            self.world.do_due()
            done = True
        except Exception:
            log.exception("what came due was not done")
        self.world.store.end_request(done)

    def _troubled(self, request: Request, plan: Plan) -> Answer:
        if plan.hang_up_before:
            return Answer(500, hang_up=True, delay_s=plan.delay_s)
        answer = problem(503, "unavailable", "The service is not available now.") if plan.fail else self._answer(request)
        answer.hang_up, answer.silent = plan.hang_up_after, plan.silent
        answer.delay_s += plan.delay_s
        if plan.wrong:
            answer.body = b'{"unexpected": ' + (answer.body or b"null") + b"}"
        if plan.twice:
            answer.body *= 2
        return answer

    def _answer(self, request: Request) -> Answer:
        if found := IN_LANGUAGE.fullmatch(request.path):
            return _to_page(request, *found.groups())
        handler = self.router.find(request)
        if isinstance(handler, Answer):
            return handler
        if not self._may(request):
            return problem(401, "unauthorized", "Send the sandbox key as `Authorization: Bearer ...`.")
        speak_to(request)
        return self._read(handler, request) if request.method == "GET" else self._write(handler, request)

    def _may(self, request: Request) -> bool:
        path = request.path
        if not path.startswith(self._keyed) and not (request.method != "GET" and path.startswith(self._keyed_writes)):
            return True
        return hmac.compare_digest(request.headers.get("authorization", "").encode(), self._bearer)

    def _read(self, handler: Handler, request: Request) -> Answer:
        try:
            return handler(self.world, request)
        except Refused as refused:
            return refused.answer
        except Exception:
            log.exception("%s %s", request.method, request.path)
            return problem(500, "sandbox_error", "The sandbox has a fault. Its log says more.")

    def _write(self, handler: Handler, request: Request) -> Answer:
        store = self.world.store
        store.begin_request()
        keep = False
        try:
            answer = handler(self.world, request)
            keep = True
        except Refused as refused:
            answer = refused.answer
        except Exception:
            log.exception("%s %s", request.method, request.path)
            answer = problem(500, "sandbox_error", "The sandbox has a fault. Its log says more.")
        store.end_request(keep)
        return answer


def _to_page(request: Request, language: str, path: str) -> Answer:
    """Redirect to a page, and let the browser remember the language."""
    speak_to(request, language)
    answer = redirect(f"{path}?{request.query_string}" if request.query_string else path)
    answer.headers = (*answer.headers, remembered())
    return answer
