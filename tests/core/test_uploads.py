"""Files that are too large for memory wait encrypted, and are read as they were sent."""

import hashlib
import io

from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http.multipartparser import MultiPartParser

from core.uploads import SealedUploadHandler


def test_what_waits_on_the_disk_is_not_what_was_sent(settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000
    whole = b"income,name\n" + b"1200,Anna Smith\n" * 20_000
    body = b'--x\r\nContent-Disposition: form-data; name="table"; filename="cases.csv"\r\n\r\n' + whole + b"\r\n--x--\r\n"
    meta = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": str(len(body))}
    _sent, files = MultiPartParser(meta, io.BytesIO(body), [MemoryFileUploadHandler(), SealedUploadHandler()]).parse()
    file = files["table"]
    assert (file.name, file.size) == ("cases.csv", len(whole))
    for _twice in range(2):
        assert hashlib.sha256(b"".join(file.chunks())).digest() == hashlib.sha256(whole).digest()
    file.file.file.seek(0)
    kept = file.file.file.read()
    assert (len(kept), b"Anna" in kept) == (len(whole), False)
    file.close()
    assert file.file.file.closed
