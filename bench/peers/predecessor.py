"""A tick server as the predecessor had it: a thread for each connection, the tick parsed, the JSON file rewritten.

Kinder than the original: HTTP/1.1 with keep-alive, and no delay on small writes. Prints its port.
"""

import json
import os
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FOLDER = sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()
PATH = os.path.join(FOLDER, "tick.json")


class TickHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536

    def do_POST(self):
        tick = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        fresh = f"{PATH}.{threading.get_ident()}"
        with open(fresh, "w", encoding="utf-8") as file:
            json.dump(tick, file)
        os.replace(fresh, PATH)
        body = b'{"ok":true}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), TickHandler)
server.daemon_threads = True
print(server.server_port, flush=True)
server.serve_forever()
