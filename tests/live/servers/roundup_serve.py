"""Runs inside Roundup's own environment: serves a tracker as a WSGI application, since Roundup's server refuses to run as root.

Usage: roundup_serve.py TRACKER PORT.
"""

import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from roundup.cgi.wsgi_handler import RequestDispatcher


class Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


make_server("127.0.0.1", int(sys.argv[2]), RequestDispatcher(sys.argv[1]), Threads, Quiet).serve_forever()
