"""A tunnel as one buys it, on loopback: `python -m tests.fake_tunnel URL CERTIFICATE` leads https there.

What it prints is a page of help, an address that leads nowhere, and its own.
"""

import http.client
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


def handler(target):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            connection = http.client.HTTPConnection(target.hostname, target.port, timeout=10)
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            connection.close()

        def do_GET(self):
            self.forward()

        def do_POST(self):
            self.forward()

        def log_message(self, *_):
            pass

    return Handler


def main():
    target, certificate = urlsplit(sys.argv[1]), sys.argv[2]
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(target))
    server.daemon_threads = True
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    sys.stdout.write("Read https://127.0.0.1:1/docs first, or see https://127.0.0.1:1\n")
    sys.stdout.flush()
    sys.stderr.write(f"|  https://localhost:{server.server_port}  |\n")
    server.serve_forever(0.05)


if __name__ == "__main__":
    main()
