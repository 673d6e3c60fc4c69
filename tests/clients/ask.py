"""Asks a server through reflection alone: nothing of the contract is known here.

Reads questions from the standard input, one a line: a JSON object with "method" (such as
"standing.v1.RollService/GetParty") and "request" (canonical protobuf JSON). Prints for each a line
with the response in canonical protobuf JSON, or {"code": ..., "message": ...}. Of a method that takes
a stream the "request" is a list, and so are the "answers" that came before the code and the message.

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
    kind = channel.stream_stream if method.client_streaming else channel.unary_unary
    call = kind(
        f"/{path}",
        request_serializer=asked.SerializeToString,
        response_deserializer=answered.FromString,
    )
    if method.client_streaming:
        return converse(call, [json_format.ParseDict(one, asked()) for one in request])
    try:
        response = call(json_format.ParseDict(request, asked()), timeout=60)
    except grpc.RpcError as error:
        return {"code": error.code().name, "message": error.details()}
    return json_format.MessageToDict(response)


def converse(call: grpc.StreamStreamMultiCallable, requests: list) -> dict:
    answers, code, message = [], grpc.StatusCode.OK, ""
    try:
        for answer in call(iter(requests), timeout=60):
            answers.append(json_format.MessageToDict(answer))
    except grpc.RpcError as error:
        code, message = error.code(), error.details()
    return {"answers": answers, "code": code.name, "message": message}


main()
