"""A device that makes and uses passkeys, as a browser does: by the structures of WebAuthn level 3, in software."""

import base64
import hashlib
import json
import os
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

VERIFIED, PRESENT, NEW = 4, 1, 64


def text(raw: bytes) -> str:
    """Return bytes as base64url."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Authenticator:
    """One passkey on one device; `flags` may leave out that the person was verified."""

    def __init__(self, origin: str = "http://testserver", *, counts: bool = True) -> None:
        self.origin, self.counts, self.uses = origin, counts, 0
        self.key, self.id, self.flags = ec.generate_private_key(ec.SECP256R1()), os.urandom(32), VERIFIED | PRESENT

    def make(self, options: dict[str, Any]) -> str:
        """Answer to what was asked for a new passkey."""
        numbers = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
        known = bytes(16) + len(self.id).to_bytes(2) + self.id + cose
        data = self._data(options["rp"]["id"], self.flags | NEW) + known
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer({"clientDataJSON": self._client("webauthn.create", options), "attestationObject": attested})

    def use(self, options: dict[str, Any]) -> str:
        """Answer to what was asked of a known passkey."""
        self.uses += self.counts
        data, client = self._data(options["rpId"], self.flags), self._client("webauthn.get", options)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer({"clientDataJSON": client, "authenticatorData": data, "signature": signature})

    def _client(self, what: str, options: dict[str, Any]) -> bytes:
        return json.dumps({"type": what, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}).encode()

    def _data(self, host: str, flags: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4)

    def _answer(self, response: dict[str, bytes]) -> str:
        told = {name: text(raw) for name, raw in response.items()}
        return json.dumps(
            {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": told, "clientExtensionResults": {}}
        )
