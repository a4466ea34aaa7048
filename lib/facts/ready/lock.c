/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Package managers at work. Their lock files stay when they are done: who holds one now
 * is in /proc/locks (Documentation/filesystems/proc.rst), which everybody may read.
 */

#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/ready/ready-part.h"

static const char *const lock_files[] = {
	"/var/lib/dpkg/lock-frontend",
	"/var/lib/dpkg/lock",
	"/var/lib/rpm/.rpm.lock",
	"/usr/lib/sysimage/rpm/.rpm.lock",
	"/run/dnf/rpmtransaction.lock",
	"/run/zypp.pid",
	"/lib/apk/db/lock",
};

struct lock {
	uint64_t pid; /* 0: of an open file, not of a process */
	uint64_t major, minor, inode;
};

/* "1: POSIX  ADVISORY  WRITE 812 08:01:131075 0 EOF". A lock that waits has "->" behind
 * its number. With one for reading rpm only answers questions. */
static bool parse_lock(const char *line, struct lock *ret)
{
	_cleanup_strv_ char **words = NULL;
	_cleanup_strv_ char **place = NULL;
	_cleanup_free_ char *copy = NULL;

	if (wb_strv_split_words(&words, line) < 0 || wb_strv_length(words) < 6 ||
	    strcmp(words[3], "WRITE") != 0)
		return false;
	copy = strdup(words[5]);
	for (char *p = copy; p && *p; p++)
		if (*p == ':')
			*p = ' ';
	if (!copy || wb_strv_split_words(&place, copy) < 0 || wb_strv_length(place) != 3)
		return false;
	if (wb_parse_u64(words[4], 10, &ret->pid) < 0)
		ret->pid = 0;
	return wb_parse_u64(place[0], 16, &ret->major) >= 0 &&
	       wb_parse_u64(place[1], 16, &ret->minor) >= 0 &&
	       wb_parse_u64(place[2], 10, &ret->inode) >= 0;
}

/* btrfs and others have a number for each subvolume, which stat(2) shows, and another for
 * the whole, which is in the table; both are of major 0. */
static bool is_on(const struct lock *lock, const struct stat *st)
{
	if (lock->inode != st->st_ino || lock->major != major(st->st_dev))
		return false;
	return lock->major == 0 || lock->minor == minor(st->st_dev);
}

static int say_held(const struct wb_root *root, const struct lock *lock, const char *path,
		    struct wb_ready *ready)
{
	_cleanup_free_ char *file = wb_format("proc/%ju/comm", (uintmax_t)lock->pid);
	_cleanup_free_ char *comm = NULL;
	int r = file ? wb_root_read_line(root, file, &comm) : -ENOMEM;

	if (r == -ENOMEM)
		return r;
	if (lock->pid == 0)
		return wb_strv_appendf(&ready->installing, "somebody (%s)", path);
	return wb_strv_appendf(&ready->installing, "%s (pid %ju, %s)",
			       comm ? comm : "somebody", (uintmax_t)lock->pid, path);
}

static int look_at(const struct wb_root *root, const char *table, const char *path,
		   struct wb_ready *ready)
{
	_cleanup_free_ char *copy = NULL;
	char *line, *rest;
	struct stat st;

	if (wb_root_stat(root, path, &st) < 0)
		return 0;
	copy = strdup(table);
	if (!copy)
		return -ENOMEM;
	rest = copy;
	while ((line = strsep(&rest, "\n"))) {
		struct lock lock;

		if (parse_lock(line, &lock) && is_on(&lock, &st))
			return say_held(root, &lock, path, ready);
	}
	return 0;
}

int wb_ready_locks(const struct wb_root *root, struct wb_ready *ready)
{
	_cleanup_free_ char *table = NULL;
	int r = wb_root_read(root, "proc/locks", &table, NULL);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(lock_files); i++)
		r = look_at(root, table, lock_files[i], ready);
	return r;
}
