"""A bus that authenticates whoever comes and never answers a message. silent_bus.py SOCKET"""
import socket
import sys
import threading


def serve(client):
    pending = b""
    while True:
        data = client.recv(4096)
        if not data:
            return
        pending += data
        *lines, pending = pending.split(b"\r\n")
        for line in lines:
            line = line.lstrip(b"\0")
            if line == b"AUTH":
                client.sendall(b"REJECTED EXTERNAL\r\n")
            elif line.startswith(b"AUTH"):
                client.sendall(b"OK 0123456789abcdef0123456789abcdef\r\n")
            elif line == b"NEGOTIATE_UNIX_FD":
                client.sendall(b"AGREE_UNIX_FD\r\n")


with socket.socket(socket.AF_UNIX) as server:
    server.bind(sys.argv[1])
    server.listen(16)
    print("ready", flush=True)
    while True:
        connection, _ = server.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()
