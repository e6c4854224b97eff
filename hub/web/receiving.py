"""A file in the body of a request, written to its place in pieces: memory does not grow with it.

The one thing here that is asynchronous: only the event loop can read a body as it comes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from hub.core.errors import invalid
from hub.forms.attachments import LARGEST, too_large
from hub.forms.working import check_filler
from hub.store.current import CurrentHub
from hub.web import messages as m
from hub.web.context import Ask, AskPage
from hub.web.shown.sending import Upload, may_send_to, place_for

_PIECE = 1 << 20
NAMES = {
    "text/csv": "upload.csv",
    "application/x-ndjson": "upload.ndjson",
    "application/vnd.apache.parquet": "upload.parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "upload.xlsx",
}


async def received(request: Request, who: Ask) -> AsyncIterator[Upload]:
    """The upload of a request of the API. Who may not send is told so before the body is read; what no job took is removed."""
    await run_in_threadpool(may_send_to, who, request.path_params["contract"])
    async for upload in _lent(request):
        yield upload


async def received_page(request: Request, who: AskPage) -> AsyncIterator[Upload]:
    """The same of a page's form."""
    await run_in_threadpool(may_send_to, who, request.path_params["name"])
    async for upload in _lent(request):
        yield upload


async def received_workbook(request: Request, who: Ask) -> AsyncIterator[Upload]:
    """A report's workbook that comes back, of a request of the API; nobody but who fills in reports is listened to."""
    check_filler(who.principal)
    async for upload in _lent(request):
        yield upload


async def received_workbook_page(request: Request, who: AskPage) -> AsyncIterator[Upload]:
    """The same of a page's form."""
    check_filler(who.principal)
    async for upload in _lent(request):
        yield upload


async def _lent(request: Request) -> AsyncIterator[Upload]:
    upload = await _read(request)
    try:
        yield upload
    finally:
        if not upload.taken:
            upload.path.unlink(missing_ok=True)
            upload.path.parent.rmdir()


async def _read(request: Request) -> Upload:
    """A form's field ``file``, or the body itself under ``?name=`` or the name that its Content-Type gives.

    Raises INVALID ``upload_without_file``, ``upload_name``, ``upload_too_large``.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        async with request.form() as form:
            file = form.get("file")
            if not isinstance(file, UploadFile) or not file.filename:
                raise invalid(m.NO_FILE)
            return await _kept(request, file.filename, file)
    return await _kept(request, request.query_params.get("name") or NAMES.get(kind) or "-", None)


async def _kept(request: Request, name: str, file: UploadFile | None) -> Upload:
    current: CurrentHub = request.app.state.current
    settings = current.settings
    place = place_for(settings.home, name)
    digest, size = sha256(), 0
    try:
        with place.open("wb") as target:
            async for piece in _pieces(request, file):
                size += len(piece)
                if size > settings.limits.upload_bytes:
                    raise invalid(m.TOO_LARGE, limit=settings.limits.upload_bytes)
                digest.update(piece)
                target.write(piece)
        if not size:
            raise invalid(m.NO_FILE)
    except BaseException:
        place.unlink(missing_ok=True)
        place.parent.rmdir()
        raise
    return Upload(place, place.name, digest.hexdigest())


@dataclass(frozen=True, slots=True)
class Sent:
    """A small file as it came, whole."""

    name: str
    content: bytes


async def received_evidence(request: Request, who: Ask) -> Sent:
    """A file of evidence: a form's field ``file``, or the body itself under ``?name=``. Raises INVALID ``evidence_too_large``."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form() as form:
            file = form.get("file")
            if not isinstance(file, UploadFile) or not file.filename:
                raise invalid(m.NO_FILE)
            return Sent(file.filename, await _small(request, file))
    return Sent(request.query_params.get("name") or "-", await _small(request, None))


async def _small(request: Request, file: UploadFile | None) -> bytes:
    found = bytearray()
    async for piece in _pieces(request, file):
        found += piece
        if len(found) > LARGEST:
            raise too_large()
    return bytes(found)


async def _pieces(request: Request, file: UploadFile | None) -> AsyncIterator[bytes]:
    if file is None:
        async for chunk in request.stream():
            yield chunk
    else:
        while piece := await file.read(_PIECE):
            yield piece


def file_body(texts: Mapping[str, str], binary: Iterable[str], name: str) -> dict[str, Any]:
    """A body that is a file, for the OpenAPI document: ``texts``, an example by media type, ``binary``, media types of which there is
    none to be read, or a form with the file, which is called ``name``."""
    form = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
    content: dict[str, Any] = {kind: {"schema": {"type": "string"}, "example": example} for kind, example in texts.items()}
    content |= {kind: {"schema": {"type": "string", "format": "binary"}} for kind in binary}
    return {"requestBody": {"required": True, "content": {**content, "multipart/form-data": {"schema": form, "example": {"file": name}}}}}


def file_answer(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """An answer that is a file, for the OpenAPI document."""
    schema = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"description": "The file", "content": dict.fromkeys(kinds, schema)}}


Received = Annotated[Upload, Depends(received)]
ReceivedWorkbook = Annotated[Upload, Depends(received_workbook)]
ReceivedWorkbookPage = Annotated[Upload, Depends(received_workbook_page)]
Evidence = Annotated[Sent, Depends(received_evidence)]
ReceivedPage = Annotated[Upload, Depends(received_page)]
