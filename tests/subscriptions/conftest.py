"""Plans are sold through the sandbox, as packs are."""

from tests.payments.conftest import sandbox, sandbox_process, selling, shop

__all__ = ["sandbox", "sandbox_process", "selling", "shop"]
