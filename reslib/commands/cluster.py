"""The options of a command that may have its documents read by a cluster."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from reslib.engines import Engine

__all__ = ["cluster_options"]

C = TypeVar("C", bound=Callable[..., Any])

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_TLS = ("tls_ca", "tls_cert", "tls_key")


def cluster_options(command: C) -> C:
    """Have a command take the options of a cluster; it is given ``engine``, None without one."""
    for option in (
        _part("--tls-key"),
        _part("--tls-cert"),
        _part(
            "--tls-ca",
            help="For a cluster that speaks TLS: the certificate of its authority, and with "
            "--tls-cert and --tls-key your own.",
        ),
        _part(
            "--documents",
            type=click.Choice(["auto", "path", "bytes"]),
            metavar=None,
            help="How documents reach the cluster: by their paths where its workers see them, by "
            "their bytes where not (auto), or only one of these.",
        ),
        _part(
            "--scheduler-file",
            help="The file that the scheduler of the cluster has written, instead of its address.",
        ),
        click.option(
            "--cluster",
            "engine",
            metavar="ADDRESS",
            callback=_engine,
            help="Have the documents read by the workers of a Dask cluster, such as "
            "tcp://head:8786. See docs/cluster.md.",
        ),
    ):
        command = option(command)
    return command


def _part(name: str, **settings: Any) -> Callable[[C], C]:
    """Return an option that is a part of ``engine``: looked at before that, and by that alone."""
    settings = {"type": _FILE, "metavar": "FILE", **settings}
    return click.option(name, is_eager=True, expose_value=False, callback=_keep, **settings)


def _keep(ctx: click.Context, option: click.Parameter, value: object) -> object:
    ctx.meta[f"reslib.{option.name}"] = value
    return value


def _engine(ctx: click.Context, _option: click.Parameter, address: str | None) -> Engine | None:
    """Return the engine; an option that is of no use without a cluster is refused."""
    names = ("scheduler_file", "documents", *_TLS)
    given = {name: ctx.meta.get(f"reslib.{name}") for name in names}
    file = given["scheduler_file"]
    if address is None and file is None:
        for name, value in given.items():
            if value is not None:
                option = f"--{name.replace('_', '-')}"
                raise click.UsageError(f"{option} is for a cluster: give --cluster ADDRESS as well")
        return None
    if address is not None and file is not None:
        raise click.UsageError("give --cluster or --scheduler-file, not both")
    # Here: it takes a moment, and few have a cluster.
    from reslib.engines.cluster.engine import DaskEngine, security_of

    try:
        return DaskEngine(
            address,
            documents=given["documents"] or "auto",
            scheduler_file=file,
            security=security_of(*(given[name] for name in _TLS)),
        )
    except ImportError as error:
        raise click.UsageError(str(error)) from None
