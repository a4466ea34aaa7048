#!/bin/sh
# headers.sh TOP COMPILER [FLAG...]: each header compiles alone, and may be included twice.
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu
cd -- "$1"
shift

status=0
checked=0
for header in lib/*/*.h cmd/*.h; do
    checked=$((checked + 1))
    printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
        "$@" -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only \
            -I. -Ilib -Icmd -x c - || {
        echo "$header: does not compile alone"
        status=1
    }
done
[ "$checked" -gt 10 ] || { echo "only $checked headers were found"; status=1; }
exit "$status"
