"""Holds the evidence of a book against programs of others. Run by `third-parties`, which installs them."""

import base64
import hashlib
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pymerkle.core import _inclusion_path_layout
from pymerkle.proof import InclusionProof, InvalidProof, verify_inclusion

GRANTBOOK, BIN = sys.argv[1], Path(sys.argv[2])
HERE = Path(tempfile.mkdtemp(prefix="third-parties-"))
PEOPLE = 700
passed = {"accepted": 0, "refused": 0}


ENVIRONMENT = {"GRANTBOOK_DATA": str(HERE / "data"), "GRANTBOOK_HASHING": "minimum", "HOME": str(HERE)}


def run(*arguments, stdin=""):
    done = subprocess.run([GRANTBOOK, *arguments], input=stdin, capture_output=True, text=True, env=ENVIRONMENT)
    assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    return done.stdout


def tlog(*arguments, accepts=True):
    """`aics-tlog`, which must accept, or refuse, what it is given."""
    done = subprocess.run([BIN / "aics-tlog", *map(str, arguments)], capture_output=True, text=True)
    assert (done.returncode == 0) == accepts, (accepts, arguments, done.stdout, done.stderr)
    passed["accepted" if accepts else "refused"] += 1
    return done.stdout


def file(name, content):
    path = HERE / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def altered(content, at):
    changed = bytearray(content)
    changed[at] ^= 1
    return bytes(changed)


def leaves(directory, size):
    """The entries of an export, one after the other."""
    found = []
    for index in range((size + 255) // 256):
        name = directory / "tile/entries" / f"{index:03}"
        bundle = (name if name.exists() else Path(f"{name}.p/{size % 256}")).read_bytes()
        while bundle:
            length = int.from_bytes(bundle[:2], "big")
            found.append(bundle[2 : 2 + length])
            bundle = bundle[2 + length :]
    assert len(found) == size
    return found


def checkpoints(key, note):
    path = file("note", note)
    tlog("verify-checkpoint", "--note", path, "--log-key", key)
    text_end = note.index(b"\n\n")
    for at in [0, text_end // 2, text_end - 2, len(note) - 40]:
        tlog("verify-checkpoint", "--note", file("altered", altered(note, at)), "--log-key", key, accepts=False)


def tiles(key, directory, entries):
    size, source = len(entries), ["--tiles", directory, "--log-key", key]
    for index in [0, 1, 255, 256, size // 2, size - 1]:
        leaf = file("leaf", entries[index])
        tlog("verify-inclusion", *source, "--leaf", leaf, "--index", index)
        wrong = file("leaf", altered(entries[index], len(entries[index]) // 2))
        tlog("verify-inclusion", *source, "--leaf", wrong, "--index", index, accepts=False)
    # A tile in which one bit is another.
    broken = HERE / "broken"
    shutil.copytree(directory, broken)
    tile = broken / "tile/0/000"
    tile.write_bytes(altered(tile.read_bytes(), 4000))
    leaf = file("leaf", entries[3])
    tlog("verify-inclusion", "--tiles", broken, "--log-key", key, "--leaf", leaf, "--index", 3, accepts=False)


def proofs(entries):
    size = len(entries)
    for position in [1, 2, 256, 257, size - 1, size]:
        proof = json.loads(run("proof", "--position", str(position), "--json"))
        hashes, root, index = proof["proof"], proof["root"], proof["index"]
        leaf = hashlib.sha256(b"\0" + entries[index]).digest()
        assert base64.b64encode(leaf).decode() == proof["leaf_hash"]
        arguments = ["--index", index, "--size", size, "--root", root, "--leaf", file("leaf", entries[index])]
        tlog("verify-inclusion", *arguments, "--proof", file("proof", "\n".join(hashes)))
        tlog("verify-inclusion", *arguments, "--proof", file("proof", "\n".join(hashes[1:])), accepts=False)
        raw = [base64.b64decode(hash) for hash in hashes]
        rule, _ = _inclusion_path_layout(position, size)
        verify = lambda path: verify_inclusion(
            leaf, base64.b64decode(root), InclusionProof("sha256", True, size, position, rule, [leaf, *path])
        )
        verify(raw)
        passed["accepted"] += 1
        try:
            verify([altered(raw[0], 7), *raw[1:]])
        except InvalidProof:
            passed["refused"] += 1
        else:
            raise AssertionError("pymerkle accepts an altered proof")
    for old in [1, 2, 255, 256, 257, size - 1]:
        proof = json.loads(run("proof", "--from", str(old), "--json"))
        both = ["--old-size", old, "--new-size", size, "--old-root", proof["from_root"], "--new-root", proof["to_root"]]
        tlog("verify-consistency", *both, "--proof", file("proof", "\n".join(proof["proof"])))
        wrong = [base64.b64encode(altered(base64.b64decode(hash), 0)).decode() for hash in proof["proof"]]
        tlog("verify-consistency", *both, "--proof", file("proof", "\n".join(wrong)), accepts=False)


def witness(key, origin):
    config = HERE / "witness.json"
    by = lambda *arguments: subprocess.run(
        [BIN / "aics-witness", *arguments], check=True, capture_output=True, text=True
    ).stdout
    by("init", "--config", config, "--name", "witness.example/w1", "--listen", "127.0.0.1:0")
    by("add-log", "--config", config, "--origin", origin, "--vkey", key)
    vkey = next(word for word in by("status", "--config", config).split() if word.startswith("witness.example/w1+"))
    serving = subprocess.Popen(
        [BIN / "aics-witness", "serve", "--config", config, "--listen", "127.0.0.1:20731"], stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(100):
            asked = try_to_ask()
            if asked is not None:
                break
            time.sleep(0.1)
        # Nobody's lines are taken who is not known.
        assert asked, asked
        run("checkpoint", "witness", "add", vkey)
        assert "witness.example/w1 cosigned" in run("checkpoint", "witness", "ask", "http://127.0.0.1:20731")
        # It has seen the book, and sees that it goes on.
        run("do", "create_group", "--group", "Later", "--reason", "so that the book goes on")
        run("checkpoint", "witness", "ask", "http://127.0.0.1:20731")
    finally:
        serving.send_signal(signal.SIGTERM)
        serving.wait()
    note = run("checkpoint", "show", "--cosigned").encode()
    quorum = ["--log-key", key, "--witness-key", vkey, "--quorum", 1]
    tlog("verify-checkpoint", "--note", file("cosigned", note), *quorum)
    ours = note[: note.rindex("\u2014 witness".encode())]
    tlog("verify-checkpoint", "--note", file("cosigned", ours), *quorum, accepts=False)
    tlog("verify-checkpoint", "--note", file("cosigned", altered(note, len(note) - 20)), *quorum, accepts=False)


def try_to_ask():
    """The exit status of asking the witness; nothing where it does not listen yet."""
    command = [GRANTBOOK, "checkpoint", "witness", "ask", "http://127.0.0.1:20731"]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)
    return done.returncode if "no known witness" in done.stderr else None


def over_http(key, entries):
    """The book itself as a log, without signing in: the tenant says that its hashes are everybody's."""
    run("do", "set_setting", "--setting", "public_evidence", "--value", "true")
    server = subprocess.Popen(
        [GRANTBOOK, "serve", "--listen", "127.0.0.1:20732"], env=ENVIRONMENT, stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        source = ["--tiles", "http://127.0.0.1:20732/v1/tenants/abcimis", "--log-key", key]
        for _ in range(100):
            done = subprocess.run([BIN / "aics-tlog", "verify-checkpoint", *source], capture_output=True)
            if done.returncode == 0:
                break
            time.sleep(0.1)
        tlog("verify-checkpoint", *source)
        leaf_hash = hashlib.sha256(b"\0" + entries[300]).hexdigest()
        tlog("verify-inclusion", *source, "--leaf-hash", leaf_hash, "--index", 300)
        tlog("verify-inclusion", *source, "--leaf-hash", leaf_hash, "--index", 301, accepts=False)
        tlog("verify-consistency", *source, "--old-checkpoint", HERE / "first" / "checkpoint")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def as_documented(key):
    """What `docs/verify-without-us.md` says, block by block, on files with the cited entries and on one with all."""
    blocks = Path("docs/verify-without-us.md").read_text().split("```sh\n")[1:]
    script = "set -eu\n" + "\n".join(block.split("```")[0] for block in blocks)
    of_person = ["--account", "p1", "--as-of", "300"]
    told = "the instant is that of the entry"
    between = "the instant lies between two entries that are here"
    for kind, asked, expected in [
        ("cited", of_person, told),
        ("all", of_person, told),
        ("between", ["--account", "manager", "--as-of", "2020-06-01T00:00:00Z"], between),
    ]:
        folder = HERE / f"case-{kind}"
        folder.mkdir()
        create = ["case-file", "create", "why", *asked, "--do", "contacts.access"]
        case = run(*create, *([] if kind == "all" else ["--cited"]))
        (folder / "case.json").write_text(case)
        shutil.copytree(HERE / "first", folder / "log")
        shutil.copy(HERE / "older", folder / "older")
        steps = script
        if kind == "all":
            # There are no proofs of single entries in it.
            steps = script.replace(blocks[2].split("```")[0], "")
        environment = {"KEY": key, "PATH": f"{BIN}:/usr/bin:/bin"}
        done = subprocess.run(["bash", "-c", steps], cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, (done.stdout, done.stderr)
        assert expected in done.stdout, done.stdout
        if kind == "all":
            assert case.split('"checkpoint": "')[1].split("\\n")[2] in done.stdout, done.stdout
        passed["accepted"] += 1


def main():
    lines = (
        json.dumps({"at": f"2021-01-01T00:00:00.{number:06}Z", "by": "old", "source": "register",
                    "command": {"name": "add_contact", "account": f"p{number}", "full_name": f"Person {number}"}})
        for number in range(PEOPLE)
    )
    password = run("tenant", "create", "abcimis", "--at", "2020-01-01T00:00:00Z")
    people = file("people.jsonl", "\n".join(lines))
    run("import", str(people), "--ticket", "T-1", "--tenant", "abcimis")
    run("sign-in", "--username", "MANAGER", "--plane", "platform", stdin=password)
    key = run("checkpoint", "key").strip()
    file("older", run("checkpoint", "show", "--as-of", "100"))
    run("checkpoint", "export", str(HERE / "first"))
    note = (HERE / "first/checkpoint").read_bytes()
    origin, size = note.decode().split("\n")[0], int(note.decode().split("\n")[1])
    entries = leaves(HERE / "first", size)
    checkpoints(key, note)
    tiles(key, HERE / "first", entries)
    proofs(entries)
    as_documented(key)
    return key, origin, entries


if __name__ == "__main__":
    try:
        key, origin, entries = main()
        witness(key, origin)
        over_http(key, entries)
    finally:
        shutil.rmtree(HERE)
    print(f"third parties agree: {passed['accepted']} accepted, {passed['refused']} altered ones refused")
