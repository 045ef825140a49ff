"""A way to a server that can be cut: from then on, nothing that is sent through it gets an answer.

Not by a program that stops reading, whose kernel would go on confirming what it gets, but as if the
cable were out: the kernel drops what comes (Linux, socket(7): SO_ATTACH_FILTER, with a program that
keeps nothing). It needs no root.
"""

import ctypes
import select
import socket
import struct
import threading
from contextlib import suppress
from typing import Self

SO_ATTACH_FILTER, SO_DETACH_FILTER = 26, 27  # asm-generic/socket.h
KEEP_NOTHING = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))  # BPF_RET, 0 bytes
PROGRAM = struct.pack("HL", 1, ctypes.addressof(KEEP_NOTHING))  # struct sock_fprog
CHUNK = 64 * 1024


class Relay:
    """Passes on what comes to its `port`, to the server at another one of this machine."""

    def __init__(self, server: int) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._callers: set[socket.socket] = set()
        self._is_cut = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._take_calls, daemon=True).start()
        return self

    def __exit__(self, *details: object) -> None:
        self._listener.close()
        with self._lock:
            for caller in self._callers:
                with suppress(OSError):
                    caller.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Whoever calls, or has a connection, hears nothing any more."""
        self._set(cut=True)

    def join(self) -> None:
        self._set(cut=False)

    def _set(self, *, cut: bool) -> None:
        with self._lock:
            self._is_cut = cut
            for each in [self._listener, *self._callers]:
                with suppress(OSError):
                    self._rule(each)

    def _rule(self, each: socket.socket) -> None:
        option = SO_ATTACH_FILTER if self._is_cut else SO_DETACH_FILTER
        each.setsockopt(socket.SOL_SOCKET, option, PROGRAM)

    def _take_calls(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._pass_on, args=(caller,), daemon=True).start()

    def _pass_on(self, caller: socket.socket) -> None:
        with self._lock:
            self._callers.add(caller)
            with suppress(OSError):  # there is none to take away
                self._rule(caller)
        with (
            caller,
            suppress(OSError),
            socket.create_connection(("127.0.0.1", self._server)) as server,
        ):
            other = {caller: server, server: caller}
            while True:
                for one in select.select([caller, server], [], [])[0]:
                    if said := one.recv(CHUNK):
                        other[one].sendall(said)
                    else:
                        return
