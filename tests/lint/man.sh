#!/bin/sh
# man.sh TOP: mandoc finds nothing to warn about in the manual pages.
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu
cd -- "$1"

status=0
checked=0
for page in cmd/*.[1-9]; do
    checked=$((checked + 1))
    # An empty page is well-formed to mandoc.
    [ -s "$page" ] || { echo "$page: is empty"; status=1; }
    mandoc -T lint -W warning "$page" || status=1
done
[ "$checked" -ge 3 ] || { echo "only $checked pages were found"; status=1; }
exit "$status"
