#!/bin/sh
# purity.sh TOP NM OBJECT...: the objects that tests/lint/purity calls pure need no I/O, no
# clock, no environment and no chance.
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu
data=$1/tests/lint/purity
nm=$2
shift 2

for object in "$@"; do
    # ".../warmboot_core.dir/plan/check.c.o" is plan/check.
    name=$(printf '%s\n' "$object" | sed 's|.*\.dir/||; s|^\./||; s|\.c\.[a-z]*$||')
    "$nm" "$object" | awk -v name="$name" '{ print name, $(NF - 1), $NF }'
done | awk '
	function matches(word, pattern) {
		if (pattern ~ /\*$/)
			return index(word, substr(pattern, 1, length(pattern) - 1)) == 1
		return word == pattern
	}
	function is_pure(object,   p) {
		for (p in pure)
			if (matches(object, p))
				return 1
		return 0
	}
	function may_call(object, symbol,   p) {
		if (symbol in defined)
			return 1
		for (p in call)
			if (matches(symbol, p))
				return 1
		return (object, symbol) in own_call
	}
	# What the compiler adds: sanitizers, stack protector, fortified and C99 names.
	function plain(symbol) {
		if (symbol ~ /^(_GLOBAL_OFFSET_TABLE_$|__(asan|ubsan|sanitizer|stack_chk|gcov|llvm)_)/)
			return ""
		if (symbol ~ /^__.*_chk$/) {
			sub(/^__/, "", symbol)
			sub(/_chk$/, "", symbol)
		}
		sub(/^__isoc[0-9]+_/, "", symbol)
		return symbol
	}

	FILENAME != "-" {
		if ($1 == "pure")
			for (i = 2; i <= NF; i++)
				pure[$i] = 1
		else if ($1 == "call" && $2 ~ /\//)
			for (i = 3; i <= NF; i++)
				own_call[$2, $i] = 1
		else if ($1 == "call")
			for (i = 2; i <= NF; i++)
				call[$i] = 1
		next
	}
	!is_pure($1) { next }
	{ seen[$1] = 1 }
	$2 ~ /^[Uwv]$/ { object[++n] = $1; symbol[n] = $3; next }
	{ defined[$3] = 1 }

	END {
		for (i = 1; i <= n; i++) {
			s = plain(symbol[i])
			if (s != "" && !may_call(object[i], s)) {
				print object[i] ": calls " s ", which tests/lint/purity does not allow"
				bad = 1
			}
		}
		# The rule would hold for nothing as well.
		for (p in pure) {
			found = 0
			for (o in seen)
				found = found || matches(o, p)
			if (!found) {
				print "no object is " p
				bad = 1
			}
		}
		exit bad
	}
' "$data" -
