"""Hearing a figure's message while a cell computes.

The kernel reads what the browser sends when the running cell is through; a training's stop button can't
wait that long. JupyterLab 4.4 and ipykernel 7 hand a figure's messages to a thread of its own, and nothing is
needed. For all others (Colab has ipykernel 6.17, VS Code asks for no such thread) there would be no Stop, and
so: whoever computes calls ``look`` now and then. It lets the kernel *receive* what has
come, into the queue where it would go anyway, and shows each message to ``heard`` on its way. Nothing is
taken out, answered or run, so cells that wait keep their order.
"""

import json
import threading
from collections.abc import Callable

from .. import frontend

DELIMITER = b"<IDS|MSG>"


class EarlyNews:
    """Shows the custom messages for one comm to ``heard``, whenever ``look`` is called.

    Where there is no kernel, or one of another kind, ``look`` does nothing.
    """

    def __init__(self, comm_id: str, heard: Callable[[dict], object]) -> None:
        self.comm_id, self.heard = comm_id, heard
        self.kernel = frontend.running_kernel()
        self.stream = self._stream()
        self.before = getattr(self.stream, "_recv_callback", None)
        if self.before is None:
            self.stream = None
        else:
            self.stream.on_recv(self._passing, copy=False)

    def look(self) -> None:
        """Receive what has come by now; for the main thread, which owns the stream."""
        if self.stream is not None and threading.current_thread() is threading.main_thread():
            self.stream.flush()

    def close(self) -> None:
        """Leave the kernel as it was."""
        if self.stream is not None:
            self.stream.on_recv(self.before, copy=False)
            self.stream = None

    def _stream(self) -> object:
        thread = getattr(self.kernel, "shell_channel_thread", None)
        if thread is None:  # ipykernel 6
            return getattr(self.kernel, "shell_stream", None)
        pair = getattr(thread.manager, "_shell_channel_to_main", None)  # ipykernel 7
        return getattr(pair, "to_stream", None)

    def _passing(self, frames: list) -> object:
        try:
            self._peek([bytes(getattr(frame, "buffer", frame)) for frame in frames])
        except (ValueError, KeyError, AttributeError, TypeError):
            pass  # not for us: the kernel will say what is wrong with it
        return self.before(frames)

    def _peek(self, parts: list[bytes]) -> None:
        signature, *signed = parts[parts.index(DELIMITER) + 1 :][:5]
        header, content = json.loads(signed[0]), signed[3]
        if header["msg_type"] != "comm_msg" or self.comm_id.encode() not in content:
            return
        message, session = json.loads(content), self.kernel.session
        genuine = session.auth is None or session.sign(signed) == signature
        if genuine and message["comm_id"] == self.comm_id and message["data"].get("method") == "custom":
            self.heard(message["data"]["content"])
