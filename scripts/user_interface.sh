#!/usr/bin/env bash
# What 'make run' and 'make test' do about the web user interface in frontend-prediction:
#   build   build it where it is missing or older than its sources; without Node.js say so, and let the server start
#   test    lint, unit tests, build and browser tests; without Node.js, or without Chromium, say what is skipped
# A step's output goes to a log that is shown where the step fails.
set -euo pipefail
cd "$(dirname "$0")/../frontend-prediction"
export CI=1 NO_COLOR=1
unset PYTHON # 'make test PYTHON=…' names what makes .venv; the steps here need what is in it
LOG=node_modules/.last-step.log

node_is_new_enough() {
  command -v npm > /dev/null && node -e \
    'const [major, minor] = process.versions.node.split("."); process.exit(major > 20 || (major == 20 && minor >= 19) ? 0 : 1)'
}

step() { # step WHAT COMMAND...
  local what=$1
  shift
  echo "$what ..."
  mkdir -p node_modules
  "$@" > "$LOG" 2>&1 || { cat "$LOG" >&2 2> /dev/null || true; echo "Failed: $what" >&2; return 1; }
}

install_packages() {
  if ! cmp -s package-lock.json node_modules/.installed-lock.json; then
    echo "Installing the packages of the web user interface ..."
    local log
    log=$(mktemp)
    npm ci --no-progress > "$log" 2>&1 || { cat "$log" >&2; rm -f "$log"; return 1; } # npm ci empties node_modules
    rm -f "$log"
    cp package-lock.json node_modules/.installed-lock.json
  fi
}

is_built() {
  [ -f dist/index.html ] && [ -z "$(find src public scripts index.html ./*.json ./*.ts -newer dist/index.html -print -quit)" ]
}

build() {
  is_built && return
  local without="the server starts with the API alone"
  [ -f dist/index.html ] && without="the server starts with the one built earlier"
  if ! node_is_new_enough; then
    echo "The web user interface is not built: Node.js 20.19 or newer is not installed; $without."
  elif ! { install_packages && step "Building the web user interface" npm run build; }; then
    echo "The web user interface could not be built, the lines above say why; $without."
  fi
}

chromium() {
  echo "${CHROMIUM:-$(command -v chromium || command -v chromium-browser || true)}"
}

run_tests() {
  if ! node_is_new_enough; then
    echo "Skipped the tests of the web user interface: Node.js 20.19 or newer is not installed."
    return
  fi
  install_packages
  step "Web user interface: format, lint, types, dead code" npm run lint
  step "Web user interface: types of the API are current" npm run api -- --check
  step "Web user interface: unit tests" npm test
  step "Web user interface: build within its budget" npm run build
  if [ -z "$(chromium)" ]; then
    echo "Skipped the browser tests: no Chromium (Debian: chromium, fonts-noto-cjk; or name one in CHROMIUM)."
  else
    step "Web user interface: browser tests against a real server" npm run e2e
  fi
}

case "${1:-}" in
  build) build ;;
  test) run_tests ;;
  *) echo "usage: $0 build|test" >&2; exit 2 ;;
esac
