"""How a repository gets into a running server: Python that its kernel runs."""

import json

FETCH = """\
import os, pathlib, shutil, subprocess
folder, repository, commit = {arguments}
target = pathlib.Path(folder)
said = []

def git(*words):
    done = subprocess.run(
        ["git", "-C", folder, *words],
        env={{**os.environ, "GIT_TERMINAL_PROMPT": "0"}},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    )
    said[:] = done.stdout.replace(repository, "the repository").strip().splitlines()[-1:] or said
    print(done.stdout, end="", flush=True)
    return done.returncode == 0

def fetch():
    shutil.rmtree(target, ignore_errors=True)  # what a killed attempt has left
    target.mkdir(parents=True)
    if not git("init", "--quiet"):
        return False
    if not git("fetch", "--quiet", "--depth", "1", repository, commit):
        if not git("fetch", "--quiet", repository, "+refs/heads/*:refs/remotes/origin/*"):
            return False
    return git("checkout", "--quiet", "--detach", commit)

if not (target / ".git" / "HEAD").exists() or not git("rev-parse", "--quiet", "--verify", "HEAD"):
    if not fetch():
        raise RuntimeError("git cannot fetch the repository: " + "".join(said))
print("the repository is in", folder)
"""


def fetching_code(folder: str, repository: str, commit: str) -> str:
    """Return Python that puts a commit of a repository into a folder, unless it is there."""
    return FETCH.format(arguments=json.dumps([folder, repository, commit]))
