#!/bin/sh
# shell.sh TOP: shellcheck over every shell script, found by its first lines.
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu
cd -- "$1"

# What is sourced has no #! line but says which shell it is for.
list=$(find . \( -path ./build -o -path ./.git \) -prune -o -type f -exec awk '
	FNR == 1 && /^#! *\/(usr\/)?bin\/(env +)?(sh|bash|dash|ksh)( |$)/ { print FILENAME }
	FNR < 5 && /^# shellcheck shell=/ { print FILENAME }
	FNR >= 5 { nextfile }
' {} + | LC_ALL=C sort -u)

printf '%s\n' "$list" | grep -q '^\./tests/lint/shell\.sh$' || {
    echo "the search for scripts does not even find this one"
    exit 1
}
printf '%s\n' "$list" | tr '\n' '\0' | xargs -0 shellcheck --external-sources
