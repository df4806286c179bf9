"""Applicants, documents, live photos, checks and reports of Onfido's API, version 3.6. Pictures are looked at and not kept."""

import json
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from email.policy import HTTP
from sqlite3 import Row
from typing import Any, NoReturn

from sandbox.clock import iso
from sandbox.message import Answer, Refused, Request, json_answer
from sandbox.personas import parts_of
from sandbox.world import World

SLOW_MS = 5 * 60 * 1000
VALID = timedelta(days=5 * 365)
MOST_BYTES = 10 * 1024 * 1024
TYPES = frozenset({"passport", "national_identity_card", "driving_licence"})
REPORTS = frozenset({"document", "facial_similarity_photo"})
API = "/onfido/v3.6"


def create_applicant(world: World, request: Request) -> Answer:
    """Keep a person; nothing is checked yet."""
    body = request.json()
    missing = {name: ["can't be blank"] for name in ("first_name", "last_name") if not isinstance(body.get(name), str) or not body[name]}
    if missing:
        _invalid(missing)
    seq = world.store.next_seq("onfido_applicants")
    kept = {name: body.get(name) for name in ("first_name", "last_name", "dob", "email", "external_id")}
    told = {"id": world.store.id_of("app", seq), "created_at": iso(world.clock.now_ms()), "sandbox": True, **kept}
    world.store.run("INSERT INTO onfido_applicants VALUES (?, ?)", (seq, json.dumps(told)))
    return json_answer(told, 201)


def list_applicants(world: World, _request: Request) -> Answer:
    """The newest applicants."""
    rows = world.store.all("SELECT body FROM onfido_applicants ORDER BY seq DESC LIMIT 20")
    return json_answer({"applicants": [json.loads(row["body"]) for row in rows]})


def upload_document(world: World, request: Request) -> Answer:
    """Take one side of a document."""
    fields, picture = _uploaded(request)
    side, kind = fields.get("side", "front"), fields.get("type", "")
    if kind not in TYPES or side not in ("front", "back"):
        _invalid({"type" if kind not in TYPES else "side": ["is not included in the list"]})
    return _keep(world, fields.get("applicant_id", ""), "document", side, kind, picture)


def upload_photo(world: World, request: Request) -> Answer:
    """Take a picture of the person."""
    fields, picture = _uploaded(request)
    return _keep(world, fields.get("applicant_id", ""), "live_photo", "", "", picture)


def list_documents(world: World, request: Request) -> Answer:
    """The documents of an applicant."""
    return json_answer({"documents": [_picture(world, row) for row in _pictures(world, request, "document")]})


def list_photos(world: World, request: Request) -> Answer:
    """The pictures of an applicant."""
    return json_answer({"live_photos": [_picture(world, row) for row in _pictures(world, request, "live_photo")]})


def create_check(world: World, request: Request) -> Answer:
    """Begin a check of what was uploaded."""
    body = request.json()
    applicant = _applicant(world, str(body.get("applicant_id", "")))
    wanted = body.get("report_names")
    if not isinstance(wanted, list) or not wanted or not REPORTS.issuperset(wanted):
        _invalid({"report_names": ["is invalid"]})
    have = {row["kind"] for row in world.store.all("SELECT kind FROM onfido_pictures WHERE applicant = ?", applicant["id"])}
    needed = {"document", *(["live_photo"] if "facial_similarity_photo" in wanted else [])}
    if not needed <= have:
        _invalid({"applicant": [f"has no {' or '.join(sorted(needed - have))}"]})
    seq = world.store.next_seq("onfido_checks")
    world.store.run("INSERT INTO onfido_checks VALUES (?, ?, ?, ?)", (seq, applicant["id"], json.dumps(wanted), world.clock.now_ms()))
    row = world.store.one("SELECT * FROM onfido_checks WHERE seq = ?", seq)
    assert row is not None
    return json_answer(_check(world, row), 201)


def list_checks(world: World, request: Request) -> Answer:
    """The checks of an applicant, newest first."""
    applicant = _applicant(world, request.query.get("applicant_id", ""))
    rows = world.store.all("SELECT * FROM onfido_checks WHERE applicant = ? ORDER BY seq DESC", applicant["id"])
    return json_answer({"checks": [_check(world, row) for row in rows]})


def list_reports(world: World, request: Request) -> Answer:
    """The reports of a check."""
    seq = world.store.seq_of("chk", request.query.get("check_id", ""))
    row = world.store.one("SELECT * FROM onfido_checks WHERE seq = ?", seq)
    if row is None:
        _fail(404, "resource_not_found", "Could not find the requested resource")
    return json_answer({"reports": _reports(world, row)})


def _reports(world: World, row: Row) -> list[dict[str, Any]]:
    applicant = _applicant(world, row["applicant"])
    parts = parts_of(str(applicant["email"] or ""))
    blurred, doubtful, other = ("document_blurred" in parts, "document_doubtful" in parts, "face_differs" in parts)
    ends = datetime.fromtimestamp(row["at"] / 1000, UTC) + VALID
    document = {
        "name": "document",
        "result": "consider" if blurred or doubtful else "clear",
        "sub_result": "rejected" if blurred else "suspected" if doubtful else "clear",
        "breakdown": {
            "image_integrity": {"result": "consider" if blurred else "clear"},
            "visual_authenticity": {"result": "consider" if doubtful else "clear"},
        },
        "properties": {
            "first_name": applicant["first_name"],
            "last_name": applicant["last_name"],
            "date_of_birth": applicant["dob"],
            "date_of_expiry": f"{ends:%Y-%m-%d}",
        },
    }
    face = {
        "name": "facial_similarity_photo",
        "result": "consider" if other else "clear",
        "breakdown": {"face_comparison": {"result": "consider" if other else "clear"}},
    }
    found = {"document": document, "facial_similarity_photo": face}
    check = world.store.id_of("chk", row["seq"])
    return [
        {"id": f"{check}_{name}", "check_id": check, "status": "complete", "properties": {}, **found[name]}
        for name in json.loads(row["reports"])
    ]


def _check(world: World, row: Row) -> dict[str, Any]:
    applicant = _applicant(world, row["applicant"])
    slow = "document_slow" in parts_of(str(applicant["email"] or ""))
    told = {"id": world.store.id_of("chk", row["seq"]), "applicant_id": row["applicant"], "sandbox": True, "created_at": iso(row["at"])}
    if slow and world.clock.now_ms() - row["at"] < SLOW_MS:
        return {**told, "status": "in_progress", "result": None}
    clear = all(one["result"] == "clear" for one in _reports(world, row))
    return {**told, "status": "complete", "result": "clear" if clear else "consider"}


def _applicant(world: World, public_id: str) -> dict[str, Any]:
    row = world.store.one("SELECT body FROM onfido_applicants WHERE seq = ?", world.store.seq_of("app", public_id))
    if row is None:
        _fail(404, "resource_not_found", "Could not find the requested resource")
    applicant: dict[str, Any] = json.loads(row["body"])
    return applicant


def _keep(world: World, public_id: str, kind: str, side: str, document: str, picture: bytes) -> Answer:
    applicant = _applicant(world, public_id)
    if not picture.startswith((b"\xff\xd8\xff", b"\x89PNG")) or len(picture) > MOST_BYTES:
        _invalid({"file": ["is not a picture of at most 10 MB"]})
    seq = world.store.next_seq("onfido_pictures")
    world.store.run("INSERT INTO onfido_pictures VALUES (?, ?, ?, ?, ?)", (seq, applicant["id"], kind, side, document))
    row = world.store.one("SELECT * FROM onfido_pictures WHERE seq = ?", seq)
    assert row is not None
    return json_answer(_picture(world, row), 201)


def _pictures(world: World, request: Request, kind: str) -> list[Row]:
    applicant = _applicant(world, request.query.get("applicant_id", ""))
    return world.store.all("SELECT * FROM onfido_pictures WHERE applicant = ? AND kind = ? ORDER BY seq", applicant["id"], kind)


def _picture(world: World, row: Row) -> dict[str, Any]:
    told = {"id": world.store.id_of("pic", row["seq"]), "applicant_id": row["applicant"], "file_type": "jpg"}
    return {**told, "side": row["side"], "type": row["type"]} if row["kind"] == "document" else told


def _uploaded(request: Request) -> tuple[dict[str, str], bytes]:
    """The fields of a form with a file, and the file."""
    head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n".encode("latin-1", "replace")
    form = BytesParser(policy=HTTP).parsebytes(head + request.body)
    if not form.is_multipart():
        _invalid({"file": ["can't be blank"]})
    fields: dict[str, str] = {}
    picture = b""
    for part in form.iter_parts():
        name, content = str(part.get_param("name", "", header="content-disposition")), part.get_payload(decode=True)
        if name == "file":
            picture = bytes(content or b"")
        else:
            fields[name] = bytes(content or b"").decode("utf-8", "replace")
    return fields, picture


def _invalid(fields: dict[str, list[str]]) -> NoReturn:
    _fail(422, "validation_error", "There was a validation error on this request", fields)


def _fail(status: int, kind: str, message: str, fields: dict[str, list[str]] | None = None) -> NoReturn:
    raise Refused(json_answer({"error": {"type": kind, "message": message, "fields": fields or {}}}, status))


ROUTES = [
    ("POST", f"{API}/applicants", create_applicant),
    ("GET", f"{API}/applicants", list_applicants),
    ("POST", f"{API}/documents", upload_document),
    ("GET", f"{API}/documents", list_documents),
    ("POST", f"{API}/live_photos", upload_photo),
    ("GET", f"{API}/live_photos", list_photos),
    ("POST", f"{API}/checks", create_check),
    ("GET", f"{API}/checks", list_checks),
    ("GET", f"{API}/reports", list_reports),
]
