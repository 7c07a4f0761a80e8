"""The metered process: a warm fork a run, under limits, measured. Knows tools and bytes; knows no user, credit or table.

`Runner` (runner.py) is the one door, `Job` and `Outcome` (contract.py) go through it. A worker process has one fork server
(zygote.py, reached through forks.py) that holds all tools warm; each run is one child of it (child.py) under `limits.py`.
Invariants: a process does one run; no child outlives its run, its fork server or its worker; what a child sends is text with a
bound, never unpickled; a run sees no environment, no network (where the system allows) and no file it could write.
"""

from credit_studio.runs.runner.contract import Job, Measured, Outcome
from credit_studio.runs.runner.forks import RunnerDown
from credit_studio.runs.runner.runner import Runner

__all__ = ["Job", "Measured", "Outcome", "Runner", "RunnerDown"]
