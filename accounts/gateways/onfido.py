"""Onfido's API, version 3.6, by `docs/gateways/onfido.md`: an applicant, pictures of a document and a face, and a check of both."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from accounts.gateways.base import Person, ProviderUnavailable
from accounts.gateways.pictures import Judged, Seen
from core.providers import Account
from core.remote import Remote, understood
from core.remote import sandbox as sandbox_world

VERSION = "/v3.6"
TYPES = {"passport": "passport", "card": "national_identity_card", "licence": "driving_licence"}
REPORTS = {"front": "document", "selfie": "facial_similarity_photo"}
OPEN = frozenset({"in_progress", "awaiting_applicant", "paused", "reopened"})
REASONS = {"document": "document_doubtful", "facial_similarity_photo": "face_differs"}
T = TypeVar("T")


class Onfido:
    """One account with Onfido."""

    def __init__(self, name: str, remote: Callable[[], Remote], prefix: str = "") -> None:
        self.name, self._remote, self._prefix = name, remote, prefix

    def begin(self, person: Person, *, reference: str) -> str:
        """Make an applicant, who costs nothing and may be left unused; ProviderUnavailable."""
        first, _, last = person.name.strip().rpartition(" ")
        told = {
            "first_name": first or last,
            "last_name": last,
            "dob": person.birth_date.isoformat(),
            "email": person.email,
            "external_id": reference,
        }
        return str(_asked(lambda: self._post("/applicants", told)["id"]))

    def check(self, ref: str, pictures: Mapping[str, bytes], *, document: str, reference: str) -> Judged:
        """Upload what was not uploaded yet, and ask for the check unless there is one; ProviderUnavailable."""
        return _asked(lambda: self._checked(ref, pictures, document, reference))

    def find(self, ref: str) -> Judged | None:
        """Look an applicant's check up; ProviderUnavailable."""
        return _asked(lambda: self._found(ref))

    def health(self) -> None:
        """List no applicant's checks; ProviderUnavailable."""
        _asked(lambda: self._get("/applicants", per_page="1")["applicants"])

    def _checked(self, ref: str, pictures: Mapping[str, bytes], document: str, reference: str) -> Judged:
        if found := self._found(ref):
            return found
        have = {one["side"] for one in self._get("/documents", applicant_id=ref)["documents"]}
        faces = self._get("/live_photos", applicant_id=ref)["live_photos"]
        for side in ("front", "back"):
            if side in pictures and side not in have:
                self._upload("/documents", pictures[side], applicant_id=ref, type=TYPES[document], side=side)
        if "selfie" in pictures and not faces:
            self._upload("/live_photos", pictures["selfie"], applicant_id=ref)
        wanted = [name for part, name in REPORTS.items() if part in pictures]
        check = self._post("/checks", {"applicant_id": ref, "report_names": wanted, "tags": [reference]})
        return self._judged(check)

    def _found(self, ref: str) -> Judged | None:
        checks = self._get("/checks", applicant_id=ref)["checks"]
        return self._judged(checks[0]) if checks else None

    def _judged(self, check: Mapping[str, Any]) -> Judged:
        if check["status"] in OPEN:
            return Judged(Seen.PENDING)
        if check["status"] != "complete":
            # Withdrawn: nobody will look at it.
            return Judged(Seen.UNCLEAR, ["company_gave_up"], evidence={"check": dict(check)})
        reports = self._get("/reports", check_id=str(check["id"]))["reports"]
        evidence = {"check": check["id"], "reports": [_kept(one) for one in reports]}
        read: Mapping[str, Any] = next((one.get("properties") or {} for one in reports if one["name"] == "document"), {})
        reasons = [REASONS[one["name"]] for one in reports if one["result"] != "clear"]
        result = Seen.CLEAR if check["result"] == "clear" and not reasons else Seen.UNCLEAR
        if any(one.get("sub_result") == "rejected" for one in reports):
            # Onfido could not process the document: blurred, covered, or none that it knows.
            result, reasons = Seen.UNREADABLE, ["picture_unreadable"]
        return Judged(
            result,
            reasons or ([] if result is Seen.CLEAR else ["document_doubtful"]),
            name=f"{read.get('first_name') or ''} {read.get('last_name') or ''}".strip(),
            birth_date=_day(read.get("date_of_birth")),
            ends_on=_day(read.get("date_of_expiry")),
            evidence=evidence,
        )

    def _get(self, path: str, **params: str) -> dict[str, Any]:
        return self._remote().get(f"{self._prefix}{VERSION}{path}", params)

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._remote().post(f"{self._prefix}{VERSION}{path}", body)

    def _upload(self, path: str, picture: bytes, **fields: str) -> None:
        files = {"file": ("picture.jpg", picture, "image/jpeg")}
        self._remote().send("POST", f"{self._prefix}{VERSION}{path}", form=fields, files=files)


def of_account(account: Account) -> Onfido:
    """Return the client at the address of an account."""
    values = account.values
    remote = Remote(values["url"], "", account=account.code, timeout_s=30, headers={"Authorization": f"Token token={values['token']}"})
    return Onfido(account.code, lambda: remote)


def of_sandbox(account: Account) -> Onfido:
    """Return the client of the sandbox world, which speaks Onfido's protocol below `/onfido`."""
    return Onfido("sandbox-pictures", lambda: sandbox_world(account.code), "/onfido")


def _asked(call: Callable[[], T]) -> T:
    return understood(call, otherwise=ProviderUnavailable)


def _kept(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a report: its findings, and not once more what the document says of the person."""
    return {name: report.get(name) for name in ("name", "result", "sub_result", "breakdown")}


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
