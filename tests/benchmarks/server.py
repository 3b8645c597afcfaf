"""A real server for a benchmark: waitress with the application; `/cpu` answers the processor time it has spent.

Run as `python -m tests.benchmarks.server DATABASE`, a SQLite file or the URL of a PostgreSQL; prints its port.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import waitress

from station.core.settings import Settings
from station.web.factory import create_app
from tests.conftest import TEST_KEYS


def main(database: str) -> None:
    is_file = "://" not in database
    url = f"sqlite:///{database}" if is_file else database
    app = create_app(Settings(Path(database if is_file else "/tmp/benchmark").parent, url, TEST_KEYS))

    def with_cpu(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] != "/cpu":
            return app(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(time.process_time()).encode()]

    server = waitress.create_server(with_cpu, host="127.0.0.1", port=0, threads=4, ident=None)
    print(server.effective_port, flush=True)
    server.run()


if __name__ == "__main__":
    main(sys.argv[1])
