"""Servers that speak the protocols of Experian, Equifax and TransUnion, and accounts with them.

An answer is made of one `Case`, so that all three tell the same of a person in their own words.
"""

import base64
import json
import threading
import time
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from core.providers import Account, Capability
from credit.gateways import equifax, experian, transunion

ON = date(2026, 11, 22)
SECRETS = {
    "experian": {"client_id": "cid", "client_secret": "cs", "username": "user", "password": "pw"},
    "equifax": {"client_id": "cid", "client_secret": "cs", "member_number": "999XX12345", "security_code": "@U2"},
    "transunion": {"client_id": "cid", "client_secret": "cs", "member_password": "mp"},
}
MORE = {
    "experian": {"company_id": "comp", "subscriber_code": "2222222"},
    "equifax": {},
    "transunion": {"industry_code": "F", "member_code": "05082333", "prefix_code": "06TR"},
}
SETTINGS = {"experian": experian.SETTINGS, "equifax": equifax.SETTINGS, "transunion": transunion.SETTINGS}
FILES = {"frozen", "deceased", "none"}


@dataclass(frozen=True)
class Trade:
    """An account of a file; `late` months of the last 24 are late, the newest first."""

    open: bool = True
    revolving: bool = True
    balance: int = 500
    limit: int = 5_000
    monthly: int = 50
    opened: tuple[int, int] = (2016, 11)
    late: int = 0


@dataclass(frozen=True)
class Case:
    """What an agency knows of a person; `income` in thousands of dollars a year."""

    file: str = ""
    score: int | None = 742
    income: int | None = 60
    alert: str = ""
    trades: tuple[Trade, ...] = (Trade(), Trade(revolving=False, limit=0, monthly=250, balance=9_000), Trade(open=False, monthly=99))
    inquiries: tuple[date, ...] = (date(2026, 10, 1), date(2026, 1, 1))
    factors: tuple[str, ...] = ("32", "14")


@dataclass
class State:
    """What a server does with reports (`does`: hang, hang up, late, wrong, twice, error), and what it was asked."""

    case: Case = field(default_factory=Case)
    change: Any = None
    status: int = 200
    tokens: int = 0
    expired: set[str] = field(default_factory=set)
    asked: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    does: str = ""
    late_s: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)


def experian_answer(case: Case, _body: dict[str, Any]) -> dict[str, Any]:
    """The answer of Consumer Credit Profile."""

    def trade(one: Trade) -> dict[str, Any]:
        month = f"{one.opened[1]:02}01{one.opened[0]}"
        return {
            "openOrClosed": "O" if one.open else "C",
            "revolvingOrInstallment": "R" if one.revolving else "I",
            "balanceAmount": f"{one.balance:08}",
            "monthlyPaymentAmount": str(one.monthly),
            "openDate": month,
            "enhancedPaymentData": {"creditLimitAmount": str(one.limit) if one.limit else "UNKNOWN"},
            "paymentHistory": ("1" * one.late + "C" * 25)[:25],
        }

    statements = {"frozen": "25", "fraud": "26", "active_duty": "31"}
    profile: dict[str, Any] = {
        "headerRecord": [{"y2kReportedDate": ON.strftime("%m%d%Y")}],
        "riskModel": [],
        "statement": [{"type": statements[one]} for one in (case.file, case.alert) if one in statements],
        "fraudShield": [{"fraudShieldIndicators": {"indicator": ["25"] if case.file == "deceased" else ["07"]}}],
        "informationalMessage": [{"messageNumber": "07", "messageText": "NO RECORD FOUND"}] if case.file == "none" else [],
        "tradeline": [trade(one) for one in case.trades],
        "inquiry": [{"date": day.strftime("%m%d%Y")} for day in case.inquiries],
    }
    if case.score is not None:
        factors = [{"importance": str(n), "code": code} for n, code in enumerate(case.factors)]
        profile["riskModel"].append({"modelIndicator": "V4", "score": f"{case.score:04}", "scoreFactors": factors})
    else:
        profile["riskModel"].append({"modelIndicator": "V4", "score": "9003"})
    if case.income is not None:
        profile["riskModel"].append({"modelIndicator": "II", "score": f"{case.income:04}"})
    return {"creditProfile": [profile]}


def equifax_answer(case: Case, body: dict[str, Any]) -> dict[str, Any]:
    """The answer of OneView."""

    def trade(one: Trade) -> dict[str, Any]:
        history = [{"code": "2"}] * one.late + [{"code": "1"}] * 24
        found = {
            "portfolioTypeCode": {"code": "R" if one.revolving else "I"},
            "balance": one.balance,
            "creditLimit": one.limit,
            "scheduledPaymentAmount": one.monthly,
            "dateOpened": f"{one.opened[1]:02}00{one.opened[0]}",
            "paymentHistory1to24": [*history[:12], {"code": "/"}, *history[12:24]],
        }
        return found if one.open else found | {"dateClosed": "01002020"}

    hits = {"none": ("2", "No-Hit"), "frozen": ("1", "Hit - security freeze")}
    code, words = hits.get(case.file, ("1", "Hit"))
    alerts = {
        "fraud": {"code": "V", "description": "Fraud Victim Initial Alert"},
        "active_duty": {"code": "A", "description": "Active Duty"},
    }
    models: list[dict[str, Any]] = [
        {
            "modelNumber": "05483",
            "score": case.score,
            "reasons": [{"code": one, "description": f"The words of {one}"} for one in case.factors],
        }
    ]
    if case.score is None:
        models = [{"modelNumber": "05483", "rejects": [{"code": "1", "description": "Insufficient file"}]}]
    report = {
        "customerReferenceNumber": body["customerReferenceIdentifier"],
        "hitCode": {"code": code, "description": words},
        "reportDate": ON.strftime("%m%d%Y"),
        "trades": [trade(one) for one in case.trades],
        "inquiries": [{"inquiryDate": day.strftime("%m%d%Y")} for day in case.inquiries],
        "models": models + ([] if case.income is None else [{"modelNumber": "05489", "score": case.income}]),
    }
    if case.alert:
        report["fraudVictimIndicator"] = alerts[case.alert]
    if case.file == "deceased":
        report["fraudSocialNumAlertCode"] = {"code": "A", "description": "Social reported as deceased"}
    return {"status": "completed", "consumers": {"equifaxUSConsumerCreditReport": [report]}}


def transunion_answer(case: Case, body: dict[str, Any]) -> dict[str, Any]:
    """The answer of product 07000."""

    def trade(one: Trade) -> dict[str, Any]:
        found = {
            "portfolioType": "revolving" if one.revolving else "installment",
            "currentBalance": f"{one.balance:09}",
            "creditLimit": f"{one.limit:09}",
            "terms": {"scheduledMonthlyPayment": f"{one.monthly:09}"},
            "dateOpened": {"estimatedDay": True, "value": f"{one.opened[0]}-{one.opened[1]:02}-01T00:00:00"},
            "paymentHistory": {"paymentPattern": {"text": ("2" * one.late + "1" * 48)[:48]}},
        }
        return found if one.open else found | {"dateClosed": {"value": "2020-01-01T00:00:00"}}

    ranks = [{"rank": number + 1, "code": code, "description": f"The words of {code}"} for number, code in enumerate(case.factors)]
    products: list[dict[str, Any]] = [
        {"code": "06500", "highRiskFraudAlert": {"decease": {"source": "file"}} if case.file == "deceased" else {}}
    ]
    scored = {"results": f"+{case.score}", "factors": {"factor": ranks[::-1]}} if case.score is not None else None
    products.append({"code": "00V60", "status": "defaultDelivered", "scoreModel": {"score": scored}})
    if case.income is not None:
        products.append({"code": "00N94", "scoreModel": {"score": {"results": f"+{case.income:03}"}}})
    statements = {"fraud": "initialFraudAlert", "active_duty": "activeDutyAlert"}
    record = {
        "fileSummary": {
            "fileHitIndicator": "regularNoHit" if case.file == "none" else "regularHit",
            "creditDataStatus": {"freeze": {"indicator": case.file == "frozen"}},
        },
        "custom": {
            "credit": {"trade": [trade(one) for one in case.trades], "inquiry": [{"date": {"value": str(day)}} for day in case.inquiries]}
        },
        "consumerStatement": [{"contentType": statements[case.alert]}] if case.alert else None,
        "addOnProduct": products,
    }
    control = {
        "userRefNumber": body["creditBureau"]["transactionControl"]["userRefNumber"],
        "tracking": {"transactionTimeStamp": f"{ON}T10:00:00"},
    }
    product = {"code": "07000", "subject": {"number": 1, "subjectRecord": record}}
    return {"creditBureau": {"document": "response", "transactionControl": control, "product": product}}


ANSWERS = {experian.REPORT: experian_answer, equifax.REPORT: equifax_answer, transunion.REPORT: transunion_answer}


class Server(ThreadingHTTPServer):
    """All three agencies under one address; `state` is what it does from now on."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.state = State()
        threading.Thread(target=self.serve_forever, args=[0.02], daemon=True).start()

    def account(self, name: str, **values: str) -> Account:
        """Return an account with an agency at this server."""
        kept = {one.name: one.default for one in SETTINGS[name]} | SECRETS[name] | MORE[name]
        kept |= {"api_base": f"http://127.0.0.1:{self.server_address[1]}", **values}
        return Account(code=name, provider=name, capabilities=frozenset({Capability.BUREAU}), priority=1, values=kept)


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        state, raw = self.server.state, self.rfile.read(int(self.headers["Content-Length"]))
        if self.path in {experian.TOKEN, equifax.TOKEN, transunion.TOKEN}:
            self._token(state, raw)
            return
        body, token = json.loads(raw), self.headers["Authorization"].removeprefix("Bearer ")
        if token in state.expired or not token.startswith("token-"):
            self._send(401, {"errors": [{"errorCode": "401", "message": "token expired"}]})
            return
        state.asked.append((dict(self.headers), body))
        if state.does == "hang":
            state.over.wait(20)
            return
        if state.does == "hang up":
            return
        answer = ANSWERS[self.path](state.case, body)
        if state.change is not None:
            answer = state.change(answer)
        if state.does == "late":
            time.sleep(state.late_s)
        if state.does == "wrong":
            answer = {"answer": answer}
        self._send(500 if state.does == "error" else state.status, answer, times=2 if state.does == "twice" else 1)

    def _token(self, state: State, raw: bytes) -> None:
        """Give a token to who names the right secrets, as each agency wants them."""
        if self.path == experian.TOKEN:
            head = {name: self.headers[name] for name in ("client_id", "client_secret", "grant_type")}
            right = head == {"client_id": "cid", "client_secret": "cs", "grant_type": "password"}
            right = right and json.loads(raw) == {"username": "user", "password": "pw"}
        else:
            form = {name: values[0] for name, values in parse_qs(raw.decode()).items()}
            pair = "Basic " + base64.b64encode(b"cid:cs").decode()
            by_form = {"grant_type": "client_credentials", "client_id": "cid", "client_secret": "cs"}
            right = (
                form == by_form
                if self.path == transunion.TOKEN
                else self.headers["Authorization"] == pair and form["scope"] == equifax.SCOPE
            )
        if not right:
            self._send(401, {"error": "invalid_client"})
            return
        state.tokens += 1
        self._send(200, {"access_token": f"token-{state.tokens}", "token_type": "Bearer", "expires_in": "1800"})

    def _send(self, status: int, body: Any, times: int = 1) -> None:
        text = json.dumps(body).encode() * times
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""
