"""Onfido's protocol: applicants, pictures of documents and faces, and checks decided by the applicant's persona."""

from pathlib import Path

from sandbox.page import code
from sandbox.world import Company, Persona

from . import api

ONFIDO = Company(
    name="onfido",
    api=("/onfido/",),
    routes=api.ROUTES,
    schema=(Path(__file__).parent / "schema.sql").read_text(),
    personas=(
        Persona("document_blurred", "Pictures of a document cannot be read"),
        Persona("document_doubtful", "A document is doubtful: people look at it"),
        Persona("face_differs", "The face is not that of the document: people look at it"),
        Persona("document_slow", "Pictures are judged five minutes later"),
    ),
    lines=lambda _world: [("Onfido's protocol", code("/onfido/v3.6"))],
)
