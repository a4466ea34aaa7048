#!/bin/sh
# words.sh TOP PROGRAM: --help and warmboot(8) know the same options and verbs.
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu
page=$1/cmd/warmboot.8
program=$2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# "-n, --dry-run", "--kernel=PATH|VERSION" and "plan", one to a line.
"$program" --help >"$work/text"
awk '
	/^[A-Z][a-z]*:/ { section = $1; next }
	section == "Verbs:" && /^  [a-z]/ { print "verb " $1 }
	section == "Options:" && /^ +-/ {
		for (i = 1; i <= NF && $i ~ /^-/; i++) {
			word = $i
			sub(/,$/, "", word)
			sub(/=/, " ", word)
			print "option " word
		}
	}
' "$work/text" | LC_ALL=C sort >"$work/help"

# The same from ".It Fl n , Fl -dry-run", ".It Fl -kernel Ns = Ns Ar PATH|VERSION" and
# ".It Cm plan" of the sections OPTIONS and VERBS.
awk '
	/^\.Sh / { section = $2; next }
	section == "VERBS" && /^\.It Cm / { print "verb " $3 }
	section == "OPTIONS" && /^\.It Fl / {
		line = ""
		for (i = 2; i <= NF; i++) {
			if ($i == "Fl")
				line = line (line == "" ? "" : "\n") "option -" $(++i)
			else if ($i == "Ar")
				line = line " " $(++i)
		}
		print line
	}
' "$page" | LC_ALL=C sort >"$work/page"

status=0
grep -q '^verb plan$' "$work/help" || { echo "no verbs found in --help"; status=1; }
grep -q '^option --kernel' "$work/help" || { echo "no options found in --help"; status=1; }
if ! diff "$work/help" "$work/page" >"$work/diff"; then
    sed -n 's/^< /only in --help: /p; s/^> /only in warmboot.8: /p' "$work/diff"
    status=1
fi
exit "$status"
