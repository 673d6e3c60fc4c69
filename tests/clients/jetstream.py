"""Does to a JetStream server what a test asks.

    jetstream.py --url URL api SUBJECT      sends the JSON of the standard input to `$JS.API.SUBJECT`
                                            and prints the answer
    jetstream.py --url URL publish          publishes the messages of the standard input, a line each,
                                            and prints an acknowledgement or {"error": ...} for each
    jetstream.py --url URL read STREAM      prints the messages of a stream, a line each

A message is {"subject": ..., "headers": {...}, "payload": "hexadecimal"}; a read one also has its
"sequence".
"""

import argparse
import asyncio
import json
import sys

import nats.errors
import nats.js.errors
from nats.aio.client import Client

from connecting import add_arguments, connect, once_led


async def main() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("api").add_argument("subject")
    commands.add_parser("publish")
    commands.add_parser("read").add_argument("stream")
    arguments = parser.parse_args()
    client = await connect(arguments)
    try:
        if arguments.command == "api":
            work = ask(client, arguments.subject)
        elif arguments.command == "publish":
            work = publish(client)
        else:
            work = read(client, arguments.stream)
        await asyncio.wait_for(work, arguments.timeout)
    finally:
        await client.close()


async def ask(client: Client, subject: str) -> None:
    question = sys.stdin.buffer.read()
    answer = await client.request(f"$JS.API.{subject}", question, timeout=30)
    print(json.dumps(json.loads(answer.data)))


async def publish(client: Client) -> None:
    stream = client.jetstream(timeout=30)
    for line in sys.stdin:
        message = json.loads(line)
        payload = bytes.fromhex(message["payload"])
        try:
            ack = await stream.publish(message["subject"], payload, headers=message["headers"] or None)
            answer = {"stream": ack.stream, "sequence": ack.seq}
        except (nats.errors.Error, nats.js.errors.Error) as error:
            answer = {"error": str(error)}
        print(json.dumps(answer))


async def read(client: Client, name: str) -> None:
    stream = client.jetstream(timeout=30)
    state = (await once_led(lambda: stream.stream_info(name))).state
    for sequence in range(max(state.first_seq, 1), state.last_seq + 1):
        try:
            message = await once_led(lambda: stream.get_msg(name, sequence))
        except nats.js.errors.NotFoundError:
            # Deleted.
            continue
        row = {
            "sequence": sequence,
            "subject": message.subject,
            "headers": message.headers or {},
            "payload": (message.data or b"").hex(),
        }
        print(json.dumps(row))


asyncio.run(main())
