"""Ends what readers of the local endpoint run for longer than they may, whatever their session has set.

The pooler closes the connection of a query that takes too long. The server process behind it goes on until it
looks at that connection, and a session may tell it never to look. So the owner looks.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from orchestration.serving.roles import READERS

_EVERY_S = 1.0
_OVERDUE = """
select pg_terminate_backend(activity.pid)
from pg_stat_activity as activity
join pg_auth_members as belongs on belongs.member = activity.usesysid
join pg_roles as grp on grp.oid = belongs.roleid
where grp.rolname = %s and (
    activity.state = 'active' and activity.query_start < clock_timestamp() - make_interval(secs => %s)
    or activity.state like 'idle in transaction%%'
    and activity.state_change < clock_timestamp() - make_interval(secs => %s)
)
"""


@contextmanager
def watched(url: str, active_s: float, idle_s: float) -> Iterator[None]:
    """While the block runs, queries end after `active_s` and transactions that do nothing after `idle_s`."""
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(url, active_s, idle_s, over), name="watch", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _watch(url: str, active_s: float, idle_s: float, over: threading.Event) -> None:
    while not over.wait(_EVERY_S):
        # A server that is away for a moment is asked again.
        with suppress(psycopg.Error), psycopg.connect(url, autocommit=True, connect_timeout=5) as server:
            while not over.wait(_EVERY_S):
                server.execute(_OVERDUE, [READERS, active_s, idle_s])
