"""The shop of the tests of payments, for what follows from a purchase."""

from tests.payments.conftest import sandbox, sandbox_process, selling, shop

__all__ = ["sandbox", "sandbox_process", "selling", "shop"]
