"""The command line: `python -m credit_studio <command>`. Thin: a command reads its words and calls one function of a room.

Rooms are imported inside the commands: `--help` answers at once, and a broken room does not take the other commands with it.
Status: 0 done; 1 refused, broken or not possible (one line on stderr says why); 2 the words were wrong.
"""
# ruff: noqa: PLC0415, T201 - see above; and the terminal is this door's page

import argparse
import asyncio
import sys
from pathlib import Path

from pydantic import ValidationError

from credit_studio import settings
from credit_studio.core.errors import StudioError
from credit_studio.operate.errors import CannotStart


def _run(_args: argparse.Namespace) -> int:
    from credit_studio.operate import launcher

    return launcher.run(settings.get())


def _worker(_args: argparse.Namespace) -> int:
    from credit_studio import wiring
    from credit_studio.jobs import worker

    wiring.install()
    worker.main()
    return 0


def _migrate(_args: argparse.Namespace) -> int:
    from credit_studio.db import migrations

    print(f"The database is at revision {migrations.migrate(settings.get()) or 'nothing'}.")
    return 0


def _grant(args: argparse.Namespace) -> int:
    from credit_studio.operate import accounts

    print(asyncio.run(accounts.grant(email=args.email, credits_=args.credits, source=args.source)))
    return 0


def _set_plan(args: argparse.Namespace) -> int:
    from credit_studio.operate import accounts

    print(asyncio.run(accounts.set_plan(email=args.email, plan_id=args.plan)))
    return 0


def _promo(args: argparse.Namespace) -> int:
    from credit_studio.operate import accounts

    print(asyncio.run(accounts.make_promo(credits_=args.credits, code=args.code, uses=args.uses, days=args.days, hours=args.lasts_hours, note=args.note)))
    return 0


def _make_admin(args: argparse.Namespace) -> int:
    from credit_studio.operate import accounts

    print(asyncio.run(accounts.make_admin(email=args.email)))
    return 0


def _doctor(args: argparse.Namespace) -> int:
    from credit_studio.operate import doctor

    checks = asyncio.run(doctor.examine())
    print(doctor.as_json(checks) if args.json else doctor.as_lines(checks))
    return 0 if all(check.holds for check in checks) else 1


def _verify(args: argparse.Namespace) -> int:
    from credit_studio.ledger import verify

    said, status = verify.report(args.file, args.earlier)
    print(said, file=sys.stderr if status else sys.stdout)
    return status


def _bench(args: argparse.Namespace) -> int:
    from credit_studio.operate.bench import command

    return command.main(as_json=args.json, with_growth=args.growth)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0")
    return number


def parser() -> argparse.ArgumentParser:
    """The words that are understood."""
    top = argparse.ArgumentParser(
        prog="python -m credit_studio",
        description="Credit Studio: run it, and look after it.",
        epilog="Settings come from the environment: see docs/guide/configuration.md.",
    )
    commands = top.add_subparsers(title="commands", metavar="<command>", required=True)

    def add(name: str, do: object, says: str, *emails: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=says, description=says)
        command.set_defaults(do=do)
        for flag in emails:
            command.add_argument(flag, required=True, help="the address that the person signs in with")
        return command

    add("run", _run, "Start everything and serve the studio; what `make run` calls. Ctrl-C stops it.")
    add("worker", _worker, "Take and run queued runs until stopped; start as many as there are machines.")
    add("migrate", _migrate, "Bring the database's schema up to date.")
    grant = add("grant", _grant, "Grant credits to a person.", "--email")
    grant.add_argument("--credits", required=True, type=_positive, help="whole credits, above 0")
    grant.add_argument("--source", required=True, help="why: promo, gift, goodwill, ...")
    add("set-plan", _set_plan, "Put a person on a plan.", "--email").add_argument(
        "--plan", required=True, help="the id of a plan in the catalogue, such as free or pro; also of one by agreement"
    )
    promo = add("promo", _promo, "Make a promo code.")
    promo.add_argument("--credits", required=True, type=_positive, help="whole credits that it brings, above 0")
    promo.add_argument("--code", help="4 to 24 letters and digits; one is made when left out")
    promo.add_argument("--uses", type=_positive, help="how many people may redeem it; without a limit when left out")
    promo.add_argument("--days", type=_positive, help="days until its credits end; they do not end when left out")
    promo.add_argument("--lasts-hours", type=_positive, help="hours until it can be redeemed no more; without an end when left out")
    promo.add_argument("--note", default="", help="what it is for; operators see it")
    add("make-admin", _make_admin, "Give a person the operator's role.", "--email")
    add("doctor", _doctor, "Check every invariant of the book in one snapshot; status 1 when one is broken.").add_argument(
        "--json", action="store_true", help="for a machine"
    )
    verify = add("verify", _verify, "Check a downloaded ledger offline; status 1 names the first bad entry.")
    verify.add_argument("file", type=Path, help="what GET /api/credits/proof gave")
    verify.add_argument("earlier", type=Path, nargs="?", help="one that was downloaded before: its entries must be there unchanged")
    bench = add("bench", _bench, "Measure the studio on this machine, beside what the machine gives; status 1 when a gate is missed.")
    bench.add_argument("--json", action="store_true", help="for a machine")
    bench.add_argument("--growth", action="store_true", help="measure a large book instead: some ten minutes, 20 GB of disk")
    return top


def main(argv: list[str] | None = None) -> int:
    """Do what the words say; returns the exit status."""
    args = parser().parse_args(argv)
    from credit_studio.db.embedded import NotRunning

    try:
        return args.do(args)
    except (CannotStart, NotRunning) as problem:
        return _refuse(str(problem))
    except StudioError as problem:
        return _refuse(f"{problem.message} {problem.action}".strip())
    except ValidationError as problem:
        return _refuse("\n".join(f"{'.'.join(map(str, error['loc'])).upper() or 'Settings'}: {error['msg']}" for error in problem.errors()))
    except KeyboardInterrupt:
        return _refuse("Stopped.")


def _refuse(line: str) -> int:
    print(line, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
