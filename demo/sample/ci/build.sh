#!/bin/sh
# build.sh TARGET: the service as one file that Python runs.
set -e
rm -rf staging && mkdir staging
cp -r quotes staging/quotes
printf 'import runpy\nrunpy.run_module("quotes", run_name="__main__")\n' > staging/__main__.py
mkdir -p "$(dirname "$1")"
python3 -m zipapp staging --output "$1"
rm -rf staging
