"""The way to a database, which a test can close or make silent."""

import contextlib
import socket
import threading
import urllib.parse


class Relay:
    """Listens on a port of its own and passes everything on, until it is closed: then it refuses."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self._target = (parts.hostname, parts.port)
        self._listener = None
        self._sockets = []
        self._port = 0
        self.open()
        address = f"{parts.username}@127.0.0.1:{self._port}"
        self.url = urllib.parse.urlunsplit(parts._replace(netloc=address)) + "?sslmode=disable&gssencmode=disable"

    def open(self):
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self):
        for one in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._sockets.clear()

    def _accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                pair = (listener.accept()[0], socket.create_connection(self._target))
                self._sockets += pair
                for source, sink in (pair, pair[::-1]):
                    threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    @staticmethod
    def _pass_on(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)


class SilentRelay:
    """A proxy that can stop passing anything on, and keep its connections to the database when clients are gone."""

    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.mute = False
        self._keeping = False
        self._sockets = [self.listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def keep_upstream(self):
        self._keeping = True

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                self._sockets.append(client)
                if self.mute:
                    continue
                server = socket.create_connection(self.target)
                self._sockets.append(server)
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            if not self._keeping:
                sink.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
