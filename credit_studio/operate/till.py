"""The process of the built-in Stripe sandbox. `python -m credit_studio.operate.till` is started by the launcher only, and ends with it."""

from credit_studio.operate.process import end_with_parent
from credit_studio.sandbox.__main__ import main

if __name__ == "__main__":
    end_with_parent()
    main()
