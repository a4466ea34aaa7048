#!/bin/sh
# layers.sh TOP: checks every #include in lib and cmd against tests/lint/layers.
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu
cd -- "$1"

# The program is awk's.
# shellcheck disable=SC2016
find lib cmd -name '*.[ch]' -o -name '*.h.in' | LC_ALL=C sort |
    xargs awk '
	# "lib/base/text.h" is base/text.h, "cmd/version.h.in" is cmd/version.h.
	function id_of(path) {
		sub(/^lib\//, "", path)
		sub(/\.in$/, "", path)
		return path
	}
	function folder_of(id) {
		sub(/\/.*/, "", id)
		return id
	}
	function matches(id, pattern) {
		if (pattern ~ /\*$/)
			return index(id, substr(pattern, 1, length(pattern) - 1)) == 1
		return id == pattern
	}
	function is_listed(id, list,   part, n, i) {
		n = split(list, part, " ")
		for (i = 1; i <= n; i++)
			if (matches(id, part[i]) || folder_of(id) == part[i])
				return 1
		return 0
	}
	function complain(place, what) {
		print place ": " what
		bad = 1
	}
	# The rest of a rule behind its colon.
	function rest() {
		return substr($0, index($0, ":") + 1)
	}
	function name(i) {
		sub(/:$/, "", $i)
		return $i
	}

	FILENAME == "tests/lint/layers" {
		list = rest()
		if (/^(#|$)/)
			next
		else if ($1 == "folder")
			may[name(2)] = list
		else if ($1 == "never")
			never[name(2)] = list
		else if ($1 == "only")
			only[name(2) " " name(3)] = list
		else if ($1 == "hidden")
			hidden[name(2)] = list
		else if ($1 == "door")
			door[substr(name(2), 2)] = list
		else
			complain(FILENAME ":" FNR, "no such rule: " $1)
		next
	}

	FNR == 1 {
		self = id_of(FILENAME)
		files[++n_files] = self
		path[self] = FILENAME
		if (!(folder_of(self) in may))
			complain(FILENAME, "its folder is not in tests/lint/layers")
	}
	/^[ \t]*#[ \t]*include[ \t]*"/ {
		split($0, part, "\"")
		dep = part[2]
		if (dep !~ /\//) {
			if (folder_of(self) != "cmd")
				complain(FILENAME ":" FNR, "\"" dep "\" names no folder")
			dep = "cmd/" dep
		}
		place[self, dep] = FILENAME ":" FNR
		includes[self] = includes[self] " " dep
	}
	/^[ \t]*#[ \t]*include[ \t]*</ {
		split($0, part, /[<>]/)
		check_door(part[2])
	}

	# Of the rules that fit, the longest decides.
	function check_door(header,   pattern, best) {
		best = ""
		for (pattern in door)
			if (matches(header, pattern) && length(pattern) > length(best))
				best = pattern
		if (best != "" && !is_listed(self, door[best]))
			complain(FILENAME ":" FNR, "<" header "> has its door in" \
				 (door[best] == "" ? " no file" : door[best]))
	}

	function check_direct(self, dep,   own) {
		own = folder_of(self)
		if (!(dep in path))
			complain(place[self, dep], "unknown header \"" dep "\"")
		else if (folder_of(dep) != own && !is_listed(dep, may[own]))
			complain(place[self, dep], own " may not include " dep)
		if (dep in hidden && !is_listed(self, hidden[dep]))
			complain(place[self, dep], dep " is only for" hidden[dep])
	}
	# Everything that @at brings in, for the sake of @self, on the way @way.
	function walk(self, at, way,   part, n, i) {
		n = split(includes[at], part, " ")
		for (i = 1; i <= n; i++) {
			if (part[i] == self)
				complain(path[self], "includes itself:" way " " self)
			if ((self, part[i]) in seen || part[i] == self)
				continue
			seen[self, part[i]] = 1
			check_reached(self, part[i], way " " part[i])
			walk(self, part[i], way " " part[i])
		}
	}
	function check_reached(self, dep, way,   own, pair) {
		own = folder_of(self)
		pair = own " " folder_of(dep)
		if (own in never && is_listed(dep, never[own]))
			complain(path[self], own " may never see " dep ", and does:" way)
		if (pair in only && !is_listed(dep, only[pair]))
			complain(path[self], own " may see only" only[pair] ", not:" way)
	}

	END {
		for (i = 1; i <= n_files; i++) {
			n = split(includes[files[i]], deps, " ")
			for (j = 1; j <= n; j++)
				check_direct(files[i], deps[j])
			walk(files[i], files[i], "")
		}
		if (n_files == 0)
			complain("lib", "no file was checked")
		exit bad
	}
' tests/lint/layers
