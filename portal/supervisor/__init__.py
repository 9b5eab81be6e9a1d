"""Run a whole portal with one command: Valkey, the database's schema, web server and workers."""

from portal.supervisor.up import run

__all__ = ["run"]
