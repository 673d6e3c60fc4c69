"""Reads an association's streams, knowing nothing but the .proto files.

    watch.py --url URL --association near --proto proto entries --until 100
    watch.py --url URL --association near --proto proto rights --until 900 --on 2024-09-25

Prints each message up to a sequence as a line of JSON: "sequence", "subject", "headers", and the
"message" in canonical protobuf JSON. Of the changes of rights it keeps what they amount to, and at
the end prints a line for each day given with `--on` and each party, right and body it has heard of:
{"party", "right", "body", "on", "verdict"}.
"""

import argparse
import asyncio
import hashlib
import json
import subprocess
import sys
from bisect import bisect_right
from pathlib import Path

from google.protobuf import json_format, message_factory
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool

from connecting import add_arguments, connect, once_led

NOT_HELD = "VERDICT_NOT_HELD"


class Line:
    """The answers to one question on all days, as the days from which each holds."""

    def __init__(self) -> None:
        self.days = [""]
        self.verdicts = [NOT_HELD]

    def on(self, day: str) -> str:
        return self.verdicts[bisect_right(self.days, day) - 1]

    def set(self, start: str, end: str, verdict: str) -> None:
        """Answers so from a day to the day before another; an empty end is open."""
        after = self.on(end) if end else None
        kept = [(d, v) for d, v in zip(self.days, self.verdicts) if d < start or (end and d > end)]
        kept.append((start, verdict))
        if after is not None:
            kept.append((end, after))
        self.days, self.verdicts = map(list, zip(*sorted(kept)))


class Rights:
    """What all changes amount to."""

    def __init__(self) -> None:
        self.lines: dict[tuple[str, str, str], Line] = {}

    def apply(self, event: dict) -> None:
        change = event.get("change")
        if change is None:
            return
        for body in change["bodies"]:
            line = self.lines.setdefault((change["party"], change["right"], body), Line())
            line.set(change["startDate"], change.get("endDate", ""), change["after"])

    def answers(self, days: list[str]):
        for (party, right, body), line in sorted(self.lines.items()):
            for day in days:
                yield {"party": party, "right": right, "body": body, "on": day, "verdict": line.on(day)}


def message_class(folder: str, name: str):
    """Compiles the .proto files and finds a message in them."""
    buf = Path(sys.executable).with_name("buf")
    built = subprocess.run([buf, "build", folder, "-o", "-"], check=True, stdout=subprocess.PIPE)
    pool = DescriptorPool()
    for file in FileDescriptorSet.FromString(built.stdout).file:
        pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


async def main() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    parser.add_argument("--association", required=True)
    parser.add_argument("--proto", required=True, help="the folder of the .proto files")
    parser.add_argument("--until", type=int, required=True, help="the sequence of the last message")
    parser.add_argument("--on", action="append", default=[], help="a day to answer for")
    parser.add_argument("stream", choices=["entries", "rights"])
    arguments = parser.parse_args()
    name = {"entries": "standing.v1.Entry", "rights": "standing.v1.RightsEvent"}[arguments.stream]
    message_type = message_class(arguments.proto, name)
    rights = Rights()
    client = await connect(arguments)
    try:
        work = read(client, arguments, message_type, rights)
        await asyncio.wait_for(work, arguments.timeout)
    finally:
        await client.close()
    for answer in rights.answers(arguments.on):
        print(json.dumps(answer))


async def read(client, arguments: argparse.Namespace, message_type, rights: Rights) -> None:
    part = {"entries": "entry", "rights": "rights"}[arguments.stream]
    subscription = await once_led(
        lambda: client.jetstream().subscribe(
            f"standing.{arguments.association}.{part}.>",
            stream=f"standing-{arguments.association}-{arguments.stream}",
            ordered_consumer=True,
        )
    )
    async for message in subscription.messages:
        payload = message_type.FromString(message.data)
        sequence = message.metadata.sequence.stream
        headers = message.headers or {}
        signed = payload.stored if arguments.stream == "entries" else message.data
        if hashlib.sha256(signed).hexdigest() != headers.get("standing-sha256"):
            sys.exit(f"message {sequence} is damaged")
        decoded = json_format.MessageToDict(payload)
        if arguments.stream == "rights":
            rights.apply(decoded)
        row = {
            "sequence": sequence,
            "subject": message.subject,
            "headers": headers,
            "message": decoded,
        }
        print(json.dumps(row, ensure_ascii=False))
        if sequence >= arguments.until:
            return


asyncio.run(main())
