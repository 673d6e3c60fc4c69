"""What the programs here share: their arguments for a NATS server, the connection, and patience."""

import argparse
import asyncio
import ssl

import nats
from nats.aio.client import Client
from nats.errors import TimeoutError as NoAnswer
from nats.js.errors import ServiceUnavailableError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", required=True, help="one or several, with commas between")
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--ca", help="the certificate of the server's authority")
    parser.add_argument("--timeout", type=float, default=60, help="seconds, for all there is to do")


async def connect(arguments: argparse.Namespace) -> Client:
    options = {}
    if arguments.user:
        options.update(user=arguments.user, password=arguments.password)
    if arguments.ca:
        options["tls"] = ssl.create_default_context(cafile=arguments.ca)
    # A server that is not there is an error here, not something to wait for.
    return await nats.connect(
        servers=arguments.url.split(","), allow_reconnect=False, connect_timeout=5, **options
    )


async def once_led(ask):
    """Asks until somebody leads the stream again, as after its leader hung: nobody answers then, or
    a server says that it cannot yet. Who calls ends the waiting."""
    while True:
        try:
            return await ask()
        except (NoAnswer, ServiceUnavailableError):
            await asyncio.sleep(0.2)
