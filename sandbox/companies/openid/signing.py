"""RS256 (RFC 7518, 3.3) with one key that everybody may know: it signs pretended people alone."""

import hashlib
import json
from base64 import urlsafe_b64encode
from typing import Any

KEY_ID = "sandbox-1"
_MODULUS = int(
    "d572fd070d2ab99c50a304f107821e9be84261296aedd86fc677b66c599613833b9ae1bffb15d6e924a979cd8cef06777fbef1ba4c0932"
    "cedb2b88dcf6ff8cc538ddc8c86d97107437e37dadee2cf2d410fffddd55b5fe1f5a6c2103d5aebebdd388a72bd788e5592b939b9ac7d2"
    "0f4ad8222e09bc466e2e7a65cfffc6bef672832c66797529f62d91d2e78d9e0dd4c3c01ae299bffb7c7df86c4c053423dcb7d34cd32ac3"
    "93fb41c44bef3d9f12cc3d025ea70d3c306755bf8328060d3b2f323f07b28ac38820ba5faa9371bcc9fbbd500d962f47a28e60d48f401e"
    "c2b4b6292f21d4462651ef56e720b84b6791183040531d133c4c5dc889fcce622d5154eb",
    16,
)
_SECRET = int(
    "48d68079d3886ce666adfa95b5963593c662407dbdbb844c4051c1b29faf92e1098a04d75a7b4d6729d79b75054edbca1391b9337596fd"
    "fb90d6fe51490853a5498e8561bfe3f8fd6fc4f5b250c08decc81053352076864d74b1c962619ccc02431932d2c72e33f585e54d08387f"
    "fa2ff42955c484b7140a504246046671ebeef042352074173ba5eb063aaab3bb17fdf429c345249b85de94724375722f44e21a09459c13"
    "28e93e7f7c081e7b5b991c71109efe494954dc47b2ae39db37ca371372e4ea1be6986b040353412950ba57bf3435b9920a96e8aff24237"
    "623e23a2a2a283f307fddcb8d48ff3719c403b3fc800337664b9e4d40909e5dcc7c9be61",
    16,
)
_EXPONENT, _BYTES = 65537, 256
_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
"""What stands before a SHA-256 hash in a signature (RFC 8017, 9.2)."""


def key_set() -> dict[str, Any]:
    """The public key as a set of keys (RFC 7517)."""
    numbers = {"n": _text(_MODULUS.to_bytes(_BYTES, "big")), "e": _text(_EXPONENT.to_bytes(3, "big"))}
    return {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, **numbers}]}


def sign(claims: dict[str, Any]) -> str:
    """A signed token."""
    head = _text(json.dumps({"alg": "RS256", "kid": KEY_ID, "typ": "JWT"}).encode())
    said = f"{head}.{_text(json.dumps(claims).encode())}"
    hashed = _SHA256 + hashlib.sha256(said.encode()).digest()
    padded = b"\0\1" + b"\xff" * (_BYTES - 3 - len(hashed)) + b"\0" + hashed
    return f"{said}.{_text(pow(int.from_bytes(padded, 'big'), _SECRET, _MODULUS).to_bytes(_BYTES, 'big'))}"


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
