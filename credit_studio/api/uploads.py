"""`/api/uploads`: files for a run."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, UploadFile

from credit_studio.api import auth
from credit_studio.api.bodies import UploadReply
from credit_studio.api.openapi import refusals
from credit_studio.api.route import PrivateRoute
from credit_studio.uploads import flow

router = APIRouter(prefix="/api/uploads", tags=["Tools"], route_class=PrivateRoute)
ROUTERS = (router,)

_CHUNK_BYTES = 256 * 1024


@router.post("", status_code=201, summary="Upload a text file for a run", responses=refusals("sign_in_required", "upload_quota", unsafe=True))
async def upload(file: UploadFile, caller: auth.Caller) -> UploadReply:
    """UTF-8 text up to 20 MB, yours only, deleted once a run has taken it, and after an hour. Give `{"uploadId": ...}` where a file input takes text."""
    view = await flow.save(caller, name=file.filename or "", chunks=_chunks(file))
    return UploadReply.model_validate(view)


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(_CHUNK_BYTES):
        yield chunk
