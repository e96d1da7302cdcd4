"""A real SMTP server for tests: says its port, keeps each mail it takes as a file, and refuses while told so.

    smtp_server.py FOLDER [PORT]     a file `refuse` in FOLDER makes it answer 550 to every recipient
"""

import pathlib
import sys
import threading

from aiosmtpd.controller import Controller

folder = pathlib.Path(sys.argv[1])
port = int(sys.argv[2]) if len(sys.argv) > 2 else 0


class Handler:
    def __init__(self):
        self.taken = len(list(folder.glob("*.eml")))

    async def handle_RCPT(self, server, session, envelope, address, options):
        if (folder / "refuse").exists():
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.taken += 1
        unfinished = folder / f"{self.taken}.tmp"
        unfinished.write_bytes(envelope.content)
        unfinished.rename(folder / f"{self.taken:04}-{envelope.rcpt_tos[0]}.eml")
        return "250 taken"


class Server(Controller):
    # The controller's own first connection needs to know the port, which the system chooses.
    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


server = Server(Handler(), hostname="127.0.0.1", port=port)
server.start()
print(server.port, flush=True)
threading.Event().wait()
