"""Lets the kernel pace what a server sends, per connection: pace.py <pid> <port> <bytes per second>.

The rate is set on the server's listening socket, which every connection inherits it from (SO_MAX_PACING_RATE), and taken off again
when this program is asked to end. It costs no processor time of its own, as a process in between would. Needs the right to take a descriptor
of the server (pidfd_getfd), which root has.
"""

import ctypes
import os
import signal
import socket
import struct
import sys

SYS_PIDFD_GETFD = 438
SO_MAX_PACING_RATE = 47
UNLIMITED = 2**64 - 1

libc = ctypes.CDLL(None, use_errno=True)


def sockets_of(pid):
    process = os.pidfd_open(pid)
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            if not os.readlink(f"/proc/{pid}/fd/{name}").startswith("socket:"):
                continue
        except FileNotFoundError:
            continue
        descriptor = libc.syscall(SYS_PIDFD_GETFD, process, int(name), 0)
        if descriptor < 0:
            raise OSError(ctypes.get_errno(), "the server's sockets cannot be reached")
        yield socket.socket(fileno=descriptor)


def listens_on(candidate, port):
    if candidate.family not in (socket.AF_INET, socket.AF_INET6):
        return False
    return bool(candidate.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)) and candidate.getsockname()[1] == port


def main(pid, port, rate):
    listening = [each for each in sockets_of(pid) if listens_on(each, port)]
    if not listening:
        raise SystemExit(f"no socket of process {pid} listens on {port}")

    def pace(bytes_per_second):
        for each in listening:
            each.setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, struct.pack("Q", bytes_per_second))

    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    pace(rate)
    try:
        print(port, flush=True)
        signal.pause()
    finally:
        pace(UNLIMITED)


main(*(int(argument) for argument in sys.argv[1:]))
