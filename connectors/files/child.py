"""Reading a file in a child process with limits of its own, so that no file can take this one down.

The job goes in as JSON, chunks come back as Arrow streams over a pipe, each after a tag and its length. The child sees
none of our environment but where Python finds its modules. A child that dies is a refusal: the file is beyond the limits.
"""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import polars as pl

from connectors.files.frames import Chunk, Reading, Summary
from connectors.files.messages import ALL
from connectors.files.settings import Agreed, Limits, Settings
from hub.intake.port import Kind, Title, Warned, YibiaoError, invalid, refusals

__all__ = ["CHUNK", "END", "REFUSAL", "job_of", "packed_chunk", "packed_error", "packed_summary", "read_in_child", "send"]

CHUNK, END, REFUSAL = b"C", b"E", b"R"
_HEAD = struct.Struct(">cQ")
_VALUE, _KIND, _LINE, _FAULT, _RAW, _SYSTEM = "v:", "k:", "line", "fault", "raw", "system"
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT")


def read_in_child(kind: str, path: Path, agreed: Agreed, settings: Settings) -> Reading:
    """The chunks that ``child_main`` reads from the file. Raises what it refuses, and ``refused_limits`` if it dies."""
    job = {
        "kind": kind,
        "path": str(path),
        "names": agreed.names,
        "required": sorted(agreed.required),
        "settings": asdict(settings),
    }
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment |= {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONSAFEPATH": "1", "PYTHONUTF8": "1", "POLARS_MAX_THREADS": "1"}
    command = [sys.executable, "-m", "connectors.files.child_main"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as child:
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            _give(child.stdin, json.dumps(job).encode())
            while True:
                tag, payload = _receive(child.stdout)
                if tag == CHUNK:
                    yield _unpacked_chunk(payload)
                elif tag == END:
                    return _unpacked_summary(payload)
                elif tag == REFUSAL:
                    raise _unpacked_error(payload)
                else:
                    raise _died(child.wait(), path, settings.limits)
        finally:
            child.kill()


def _give(pipe: IO[bytes], job: bytes) -> None:
    try:
        pipe.write(job)
        pipe.close()
    except BrokenPipeError:
        pass  # it died at once: its silence is noticed when we listen


def send(pipe: IO[bytes], tag: bytes, payload: bytes) -> None:
    pipe.write(_HEAD.pack(tag, len(payload)))
    pipe.write(payload)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> tuple[bytes, bytes]:
    """A tag and its payload; an empty tag if the child is gone."""
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return b"", b""
    tag, length = _HEAD.unpack(head)
    payload = pipe.read(length)
    return (tag, payload) if len(payload) == length else (b"", b"")


def _died(status: int, path: Path, limits: Limits) -> YibiaoError:
    found = f"signal {-status}" if status < 0 else f"exit {status}"
    limit = f"{limits.memory_bytes // 2**20} MiB, {limits.cpu_seconds} s"
    return invalid(refusals.LIMITS, place=path.name, found=found, limit=limit)


def job_of(text: bytes) -> tuple[str, Path, Agreed, Settings]:
    """The job, in the child."""
    job = json.loads(text)
    options: dict[str, Any] = job["settings"]
    settings = Settings(**{**options, "footer": tuple(options["footer"]), "limits": Limits(**options["limits"])})
    return job["kind"], Path(job["path"]), Agreed(tuple(job["names"]), frozenset(job["required"])), settings


def packed_chunk(chunk: Chunk) -> bytes:
    columns = [
        *(column.alias(_VALUE + column.name) for column in chunk.values),
        *(column.alias(_KIND + column.name) for column in chunk.kinds),
        chunk.lines.alias(_LINE),
        pl.repeat(chunk.date_system, chunk.values.height, dtype=pl.Int64, eager=True).alias(_SYSTEM),
    ]
    if chunk.faults is not None:
        columns += [chunk.faults[_FAULT], chunk.faults[_RAW]]
    buffer = io.BytesIO()
    pl.DataFrame(columns).write_ipc_stream(buffer)
    return buffer.getvalue()


def _unpacked_chunk(payload: bytes) -> Chunk:
    table = pl.read_ipc_stream(io.BytesIO(payload))

    def part(prefix: str) -> pl.DataFrame:
        return pl.DataFrame([column.alias(column.name.removeprefix(prefix)) for column in table if column.name.startswith(prefix)])

    faults = table.select(_FAULT, _RAW) if _FAULT in table.columns else None
    return Chunk(part(_VALUE), table[_LINE], part(_KIND), faults, table[_SYSTEM][0] if table.height else None)


def packed_summary(summary: Summary) -> bytes:
    return json.dumps(asdict(summary)).encode()


def _unpacked_summary(payload: bytes) -> Summary:
    told: dict[str, Any] = json.loads(payload)
    return Summary(tuple(Warned(**warned) for warned in told["warnings"]), tuple(told["preamble"]), tuple(told["footer"]), told["empty"])


def packed_error(error: YibiaoError) -> bytes:
    return json.dumps({"kind": error.kind, "code": error.code, "values": error.values}, default=asdict).encode()


def _unpacked_error(payload: bytes) -> YibiaoError:
    told: Mapping[str, Any] = json.loads(payload)
    values: dict[str, Any] = {name: Title(**value) if isinstance(value, dict) else value for name, value in told["values"].items()}
    return YibiaoError(Kind(told["kind"]), ALL[told["code"]], **values)
