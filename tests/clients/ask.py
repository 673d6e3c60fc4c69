"""Asks a server through reflection alone: nothing of the contract is known here.

Reads questions from the standard input, one a line: a JSON object with "method" (such as
"standing.v1.RollService/GetParty") and "request" (canonical protobuf JSON). Prints for each a line
with the response in canonical protobuf JSON, or {"code": ..., "message": ...}.

    python ask.py 127.0.0.1:7420 < questions.jsonl
"""

import json
import sys

import grpc
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)


def main() -> None:
    with grpc.insecure_channel(sys.argv[1]) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        pool = DescriptorPool(database)
        services = sorted(database.get_services())
        print(json.dumps({"services": services}))
        for line in sys.stdin:
            question = json.loads(line)
            answer = ask(channel, pool, question["method"], question["request"])
            print(json.dumps(answer, ensure_ascii=False))


def ask(channel: grpc.Channel, pool: DescriptorPool, path: str, request: dict) -> dict:
    service, name = path.split("/")
    method = pool.FindServiceByName(service).methods_by_name[name]
    asked = message_factory.GetMessageClass(method.input_type)
    answered = message_factory.GetMessageClass(method.output_type)
    call = channel.unary_unary(
        f"/{path}",
        request_serializer=asked.SerializeToString,
        response_deserializer=answered.FromString,
    )
    try:
        response = call(json_format.ParseDict(request, asked()), timeout=60)
    except grpc.RpcError as error:
        return {"code": error.code().name, "message": error.details()}
    return json_format.MessageToDict(response)


main()
