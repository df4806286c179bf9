"""Files that a browser sends: what is too large for memory waits in a temporary file that nobody can read but this request."""

import io
import os
import tempfile
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class SealedFile(io.RawIOBase):
    """A nameless temporary file, encrypted with a key that exists only in this object: written once, then read from the start.

    AES in counter mode: the key is used for this file alone. Nothing is left when the process ends, however it ends.
    """

    def __init__(self) -> None:
        # Closed with this object.
        self.file = tempfile.TemporaryFile()  # noqa: SIM115
        self.cipher = Cipher(AES(os.urandom(32)), CTR(os.urandom(16)))
        self.turn: Any = self.cipher.encryptor()

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.file.write(self.turn.update(bytes(data)))
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to the start, to read; nowhere else."""
        if offset or whence != io.SEEK_SET:
            raise io.UnsupportedOperation
        self.turn = self.cipher.decryptor()
        return self.file.seek(0)

    def readinto(self, buffer: Any) -> int:
        data = self.turn.update(self.file.read(len(buffer)))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self.file.close()
        super().close()


class SealedUploadHandler(FileUploadHandler):
    """Keeps uploads that are too large for memory in a `SealedFile`."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self.sealed = SealedFile()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take the next bytes."""
        self.sealed.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[Any]":
        """Return the file, to be read from its start."""
        self.sealed.seek(0)
        made: Any = self.sealed
        return UploadedFile(made, self.file_name, self.content_type, file_size, self.charset, self.content_type_extra)

    def upload_interrupted(self) -> None:
        """Drop the file of a request that broke off."""
        if hasattr(self, "sealed"):
            self.sealed.close()
