"""What the doors see of an upload."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class UploadView:
    """A file that is there: its size in bytes, its SHA-256 in hex, when it goes."""

    upload_id: UUID
    name: str
    size: int
    sha256: str
    expires_at: datetime
