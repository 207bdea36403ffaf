"""`trunkline queues` and `trunkline queues drain KIND`: how the work stands, and stopping those who do it."""

import argparse
import sys
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from console import queues, table
from console.asking import ask
from console.draining import drain, sentence
from console.figures import Spread
from console.queues import Queue, Worker
from shared.queues import KINDS
from shared.settings import Settings

_QUEUES: Final = (
    *("kind", "depth", "oldest", "in flight", "to send", "later", "dead", "workers"),
    *("wait p50", "wait p95", "run p50", "run p95"),
)
_WORKERS: Final = ("kind", "host", "pid", "version", "dialplan", "state", "last beat", "worker")


def add_commands(parser: argparse.ArgumentParser) -> None:
    """`trunkline queues` alone lists."""
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=show)
    verbs = parser.add_subparsers(metavar="VERB")
    stopping = verbs.add_parser("drain", help="let the workers of a kind finish what they have, and stop")
    stopping.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    stopping.add_argument("--json", action="store_true")
    stopping.set_defaults(run=stop)


def show(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    found = ask(Settings.for_console(env, required=("REDIS_URL",)), queues.look)
    if arguments.json:
        print(msgspec.json.encode(found).decode())
        return 0
    print(table.rows([_queue_row(queue) for queue in found], _QUEUES))
    print()
    print(table.rows([_worker_row(queue, one) for queue in found for one in queue.workers], _WORKERS))
    return 0


def stop(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """0 when all have stopped; 1 when there was none, or one is still there."""
    settings = Settings.for_console(env, required=("REDIS_URL",))
    done = ask(settings, lambda client: drain(client, arguments.kind))
    if arguments.json:
        print(msgspec.json.encode(done).decode())
    elif not done.asked:
        print(f"no live worker of kind {done.kind}: see trunkline queues", file=sys.stderr)
    else:
        print(sentence(done))
        for worker in done.left:
            print(f"still there: {worker}", file=sys.stderr)
    return 0 if done.stopped and not done.left else 1


def _queue_row(queue: Queue) -> dict[str, Any]:
    now = queue.now
    return {
        "kind": queue.kind,
        "depth": now.depth,
        "oldest": table.span(now.oldest_s) if now.depth else None,
        "in flight": now.in_flight,
        "to send": now.to_send,
        "later": now.scheduled,
        "dead": now.dead,
        "workers": now.live,
        **_spread_cells("wait", queue.wait),
        **_spread_cells("run", queue.run),
    }


def _spread_cells(name: str, spread: Spread) -> dict[str, str | None]:
    pairs = (("p50", spread.p50), ("p95", spread.p95))
    return {f"{name} {share}": None if s is None else table.span(s) for share, s in pairs}


def _worker_row(queue: Queue, worker: Worker) -> dict[str, Any]:
    silent = "" if worker.live else " (silent)"
    return {
        "kind": queue.kind,
        "host": worker.host,
        "pid": worker.pid,
        "version": worker.version,
        "dialplan": worker.dialplan,
        "state": worker.state,
        "last beat": f"{table.span(worker.beat_age_s)} ago{silent}",
        "worker": worker.name,
    }
