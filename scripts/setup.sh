# Sourced by the other scripts: finds Python, makes the environment in .venv, repairs a half-made one.
#
#   ensure_environment run|dev    .venv holds exactly requirements/{run,dev}.lock (dev includes all of run)
#   ensure_uv                     UV names a uv of the pinned version, kept in .tools
#
# Nothing outside the checkout is written, but for the package caches of pip and uv.

# .venv is ours to write to, and a start that has to compile every module again takes twice as long.
unset PYTHONDONTWRITEBYTECODE

say() { printf '%s\n' "$*" >&2; }
fail() { # fail MESSAGE NEXT_STEP
  say "camarad: $1"
  [ -n "${2:-}" ] && say "$2"
  exit 1
}

find_python() {
  local candidate
  for candidate in ${CAMARAD_PYTHON:-} python3.13 python3.12 python3.11 python3 python; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1 || continue
    PYTHON=$("$candidate" -c 'import sys; print(sys.executable)')
    return 0
  done
  fail "Python 3.11, 3.12 or 3.13 was not found." \
    "Install it (Debian: apt-get install python3 python3-venv) or name it in CAMARAD_PYTHON, then run this again."
}

as_root() { # runs a command as root if that needs no password
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null 2>&1; then sudo -n "$@"; else return 1; fi
}

install_system() { # install_system PACKAGE...: Debian packages, or fail
  command -v apt-get >/dev/null 2>&1 || return 1
  say "Installing system packages: $*"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null 2>&1
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
}

uv_version() { sed -n 's/^uv==\([^ ;]*\).*/\1/p' requirements/uv.lock; }

ensure_uv() {
  UV="$PWD/.tools/bin/uv"
  [ "$("$UV" --version 2>/dev/null | cut -d' ' -f2)" = "$(uv_version)" ] && return 0
  find_python
  say "Fetching the package installer (uv $(uv_version)) …"
  rm -rf .tools
  if ! "$PYTHON" -m venv .tools >/dev/null 2>&1; then
    rm -rf .tools
    "$PYTHON" -m pip --version >/dev/null 2>&1 || install_system python3-venv python3-pip || true
    "$PYTHON" -m venv .tools >/dev/null 2>&1 || { rm -rf .tools; "$PYTHON" -m pip --version >/dev/null 2>&1; } ||
      fail "This Python has neither venv nor pip." "Debian: apt-get install python3-venv, then run this again."
  fi
  local log=.tools.log
  if [ -x .tools/bin/pip ]; then
    .tools/bin/pip install --quiet --require-hashes -r requirements/uv.lock >"$log" 2>&1
  else
    "$PYTHON" -m pip install --quiet --require-hashes --target .tools -r requirements/uv.lock >"$log" 2>&1
  fi || { cat "$log" >&2; fail "The package installer could not be fetched." "Check the network to the package registry and run this again."; }
  rm -f "$log"
}

environment_stamp() { # the stamp of one kind: the lock's hash and the interpreter
  cat "requirements/$1.lock" requirements/embeddings.lock | sha256sum | cut -c1-16
}

environment_is() { # environment_is KIND: whether .venv was finished for that lock and still runs
  [ -f .venv/camarad-stamp ] || return 1
  [ "$(cat .venv/camarad-stamp)" = "$1 $(environment_stamp "$1")" ] || return 1
  .venv/bin/python -c 'import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ("sqlalchemy", "litellm", "langgraph"))))' >/dev/null 2>&1
}

environment_kind() { # the kind to install: an environment made for development stays one
  if [ "$1" = run ] && grep -qs '^dev ' .venv/camarad-kind; then echo dev; else echo "$1"; fi
}

ensure_environment() { # ensure_environment run|dev
  environment_is dev && return 0
  [ "$1" = run ] && environment_is run && return 0
  ensure_uv
  find_python
  local kind
  kind=$(environment_kind "$1")
  if [ -d .venv ]; then
    rm -f .venv/camarad-stamp
    .venv/bin/python -c '' >/dev/null 2>&1 || { say "The environment in .venv is broken; making it again."; rm -rf .venv; }
  fi
  [ -d .venv ] || "$UV" venv --quiet --python "$PYTHON" .venv ||
    fail "The environment could not be made in $PWD/.venv." "Check that the folder can be written and has 2 GB of room."
  say "Installing the packages of requirements/$kind.lock (about 400 MB the first time; a minute or two) …"
  "$UV" pip sync --quiet --python .venv/bin/python --require-hashes "requirements/$kind.lock" ||
    fail "The packages could not be installed." "The lines above say which; check the network and run this again."
  install_embeddings
  echo "$kind " >.venv/camarad-kind
  printf '%s %s\n' "$kind" "$(environment_stamp "$kind")" >.venv/camarad-stamp
}

install_embeddings() { # optional native code: without a wheel or a compiler the built-in model goes on without it
  "$UV" pip install --quiet --python .venv/bin/python --require-hashes --no-deps -r requirements/embeddings.lock >/dev/null 2>&1 ||
    say "Note: the embedding library has no build for this machine; the built-in model runs without it, a little less sure of paraphrases."
}
