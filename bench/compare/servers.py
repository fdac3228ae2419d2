"""The servers that are compared: how each is started with its limits lifted."""

import contextlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .process import Failed, started

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Server:
    name: str
    title: str
    package: str = ""  # Debian's, if it is not ours
    programs: tuple = ()  # what it may be called, the first one found is taken
    at_a_time: int = 500  # clients that may be on their way in at once: so many suit it best
    note: str = ""
    database: str = ""  # none, sqlite or postgresql, if it is ours
    io_threads: int | None = None  # if it is ours, and of a version that may be told
    before: str = ""  # the name of its like of the version before


DATABASES = {"none": "no database", "sqlite": "strict on SQLite", "postgresql": "strict on PostgreSQL"}


def _ours(database, threads):
    plural = "thread" if threads == 1 else "threads"
    return Server(f"troupe-{database}" + (f"-{threads}" if threads > 1 else ""),
                  f"Troupe, {DATABASES[database]}, {threads} I/O {plural}", database=database, io_threads=threads,
                  before=f"before-{database}",
                  note="CPU and memory are Troupe's own" if database == "postgresql" else "")


def of_before(commit):
    """The servers of the version of this commit."""
    return tuple(Server(f"before-{database}", f"Troupe of {commit[:8]}, {title}", database=database)
                 for database, title in DATABASES.items())


SERVERS = (
    Server("floor", "floor", note="a bare epoll loop without any rule: the least that a server can cost"),
    *(_ours(database, threads) for database in DATABASES for threads in (1, 2)),
    Server("inspircd", "InspIRCd", "inspircd", ("inspircd",), at_a_time=4000,
           note="it registers clients once a second, so that its joins per second depend on how many wait"),
    Server("ngircd", "ngIRCd", "ngircd", ("ngircd",), at_a_time=8,
           note="it limits a client's commands per second, which MaxPenaltyTime = 0 lifts since release 25; its queue "
                "of clients to accept holds ten, so that they come eight at a time"),
    Server("ergo", "Ergo", "ergochat", ("ergochat", "ergo")),
)


def program(server):
    """The path of a server of Debian's, or None."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
    return next(filter(None, (shutil.which(name, path=path) for name in server.programs)), None)


def version(server):
    """Debian's, or what the program itself says."""
    found = subprocess.run(["dpkg-query", "-W", "-f=${Version}", server.package], capture_output=True, text=True)
    if found.returncode == 0 and found.stdout:
        return f"Debian's {found.stdout}"
    said = subprocess.run([program(server), "--version"], capture_output=True, text=True)
    return (said.stdout + said.stderr).split("\n", 1)[0].strip()


INSPIRCD = """\
<server name="inspircd.bench" description="bench" network="bench">
<admin name="bench" nick="bench" email="bench@localhost">
<bind address="127.0.0.1" port="{port}" type="clients">
<connect name="main" allow="*" timeout="10m" pingfreq="10m" hardsendq="1G" softsendq="1G" recvq="1M"
         threshold="4000000" commandrate="1000000000" fakelag="off" localmax="1000000" globalmax="1000000"
         limit="1000000" maxconnwarn="no" resolvehostnames="no" useident="no">
<performance somaxconn="4096" softlimit="1000000" netbuffersize="65534" quietbursts="yes" clonesonconnect="no">
<options defaultmodes="n">
<path datadir="{directory}" logdir="{directory}" runtimedir="{directory}">
<pid file="{directory}/inspircd.pid">
<log method="file" type="*" level="sparse" target="{directory}/inspircd.log">
"""

NGIRCD = """\
[Global]
Name = ngircd.bench
Info = bench
AdminInfo1 = bench
Listen = 127.0.0.1
Ports = {port}
MotdPhrase = bench
{identity}
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxNickLength = 30
MaxPenaltyTime = 0
PingTimeout = 600
PongTimeout = 60
[Options]
DNS = no
Ident = no
PAM = no
"""

ERGO = """\
network: {{name: bench}}
server:
  name: ergo.bench
  listeners: {{"127.0.0.1:{port}": {{}}}}
  casemapping: ascii
  lookup-hostnames: false
  check-ident: false
  max-sendq: 1g
  ip-limits: {{count: false, throttle: false}}
  ip-cloaking: {{enabled: false}}
accounts: {{authentication-enabled: false, registration: {{enabled: false}}}}
channels: {{default-modes: +n}}
datastore: {{path: "{directory}/ergo.db"}}
fakelag: {{enabled: false}}
history: {{enabled: false}}
limits: {{nicklen: 32, identlen: 20, channellen: 64, awaylen: 390, kicklen: 390, topiclen: 390,
         monitor-entries: 100, whowas-entries: 100, chan-list-modes: 60, registration-messages: 1024,
         multiline: {{max-bytes: 4096, max-lines: 100}}}}
logging: [{{method: stderr, type: "*", level: warn}}]
"""


def _write(directory, name, text, **values):
    path = Path(directory) / name
    path.write_text(text.format(directory=directory, **values), encoding="utf-8")
    return str(path)


def _inspircd(server, directory, port):
    config = _write(directory, "inspircd.conf", INSPIRCD, port=port)
    as_root = ["--runasroot"] if os.geteuid() == 0 else []
    return [program(server), f"--config={config}", "--nofork", *as_root]


def _ngircd(server, directory, port):
    identity = "ServerUID = irc\nServerGID = irc" if os.geteuid() == 0 else ""
    config = _write(directory, "ngircd.conf", NGIRCD, port=port, identity=identity)
    return [program(server), "--nodaemon", "--config", config]


def _ergo(server, directory, port):
    config = _write(directory, "ergo.yaml", ERGO, port=port)
    made = subprocess.run([program(server), "initdb", "--conf", config], capture_output=True, text=True)
    if made.returncode != 0:
        raise Failed(f"ergo initdb: {made.stdout} {made.stderr}")
    return [program(server), "run", "--conf", config]


def _troupe(server, binaries, directory, port, postgresql):
    database = {"none": "none", "sqlite": f"sqlite:{directory}/troupe.db", "postgresql": postgresql}[server.database]
    more = []
    if server.io_threads is not None:  # ours of now: the version before has neither
        more = ["--io-threads", str(server.io_threads), "--max-channels-per-address", "0"]
    return [str(binaries / "troupe-server"), "--listen", f"127.0.0.1:{port}", "--database", database, "--rate", "0",
            "--max-connections", "0", "--max-per-address", "0", "--sendq", "0", "--log-level", "warning", *more]


def command(server, binaries, directory, port, postgresql, before=None):
    """The command that runs a server in the foreground, with its configuration in `directory`. Ours are in `binaries`,
    those of the version before in `before`."""
    if server.name == "floor":
        return [str(binaries / "troupe-bench"), "floor", "--port", str(port)]
    if server.database:
        return _troupe(server, before if server.name.startswith("before-") else binaries, directory, port, postgresql)
    return {"inspircd": _inspircd, "ngircd": _ngircd, "ergo": _ergo}[server.name](server, directory, port)


@contextlib.contextmanager
def postgresql_server(directory):
    """Runs a PostgreSQL of its own; gives its URL and whether it waits for its disk (fsync)."""
    log = Path(directory) / "postgresql.log"
    say_url = 'echo "$TROUPE_TEST_POSTGRESQL"; exec sleep infinity'
    environment = {**os.environ, "TROUPE_TEST_FSYNC": "on"}
    with started([str(ROOT / "scripts/with-postgres"), "sh", "-c", say_url], directory, log, env=environment,
                 stdout=subprocess.PIPE, text=True) as process:
        url = process.stdout.readline().strip()
        if not url:
            raise Failed(f"PostgreSQL did not start: {log.read_text(encoding='utf-8')}")
        shown = subprocess.run(["psql", "-At", "-c", "show fsync", url], capture_output=True, text=True)
        yield url, shown.stdout.strip() == "on"
