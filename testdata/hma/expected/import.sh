#!/bin/sh
# Imports every bank; run it in this folder.
set -eu
innerward set import HALF_ON HALF_ON.jsonl
innerward set import MADE_UP MADE_UP.jsonl
innerward set import UNDERSCORE UNDERSCORE.jsonl
