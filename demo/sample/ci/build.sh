#!/bin/sh
# build.sh TARGET: the service as one file that Python runs. The same commit gives the same bytes.
set -e
mkdir -p "$(dirname "$1")"
python3 ci/pack.py "$1"
sha256sum "$1"
