#!/usr/bin/python3
"""A service that can't be relied on: one call in three fails, one in seven hangs.

Prints its port."""

import http.server
import itertools
import sys
import time

calls = itertools.count(1)


class Rates(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        n = next(calls)
        if n % 7 == 1:
            time.sleep(5)
        if n % 3 == 2:
            self.send_error(503)
            return
        body = b'{"rate": 1.19}\n'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except BrokenPipeError:
            pass  # who asked did not wait so long

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Rates)
print(server.server_port, flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    sys.exit(0)
