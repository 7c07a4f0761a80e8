"""Running the studio: the launcher behind `make run`, and what the command line asks of it.

Owns the life of the processes (embedded database, build of the pages, web server) and the checks before them. Owns no table and no
rule of the product. A room of the top floor beside `credit_studio.py` and `__main__.py`: see docs/decisions/0001-operate-is-a-room.md.
Invariant: whatever `run` started is gone when `run` is gone, however it ended; only the embedded server outlives a SIGKILL, to be
found and used by the next start.
"""
