"""Sparkplug B 3.0: topics, payloads, and the sessions of an edge node and of a host application, free of I/O.

README.md beside this file shows how the two sessions are driven; docs/sparkplug.md lists the conformance tests.
The modules ``payload_pb2.py`` and ``payload_pb2.pyi`` are generated from ``payload.proto`` (`make proto`)::

    python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. plant/sparkplug/payload.proto
"""
