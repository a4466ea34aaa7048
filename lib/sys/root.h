/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The one door to the file system: all of /sys, /proc, /boot, /etc, /run is reached below
 * one directory, so that a folder of text files is a machine. Links are resolved inside
 * it and cannot leave. Paths are relative, a leading slash is ignored.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/macro.h"

struct wb_root {
	int fd;
	bool live;   /* it is "/", the machine that runs us */
	uid_t owner; /* of the folder: who counts as root inside it */
};

/* All: 0 or negative errno; what they return is the caller's to free. */
_must_check_ int wb_root_open(struct wb_root *ret, const char *path);
void wb_root_close(struct wb_root *root);

/* A file descriptor, close-on-exec. */
_must_check_ int wb_root_openat(const struct wb_root *root, const char *path, int flags);
/* A regular file for reading; -EINVAL for anything else, which is not opened: a FIFO
 * would wait for a writer, a watchdog would be started. */
_must_check_ int wb_root_open_file(const struct wb_root *root, const char *path);
/* The whole file, with a NUL behind it; @ret_size may be NULL. At most 16 MiB; -EINVAL
 * for what is no regular file. */
_must_check_ int wb_root_read(const struct wb_root *root, const char *path, char **ret,
			      size_t *ret_size);
/* The same without white space at the end, for one-line attributes. */
_must_check_ int wb_root_read_line(const struct wb_root *root, const char *path,
				   char **ret);
/* One write(2), as sysfs attributes want it. */
_must_check_ int wb_root_write(const struct wb_root *root, const char *path,
			       const char *text);
/* Replace the file: written beside it, fsynced, renamed. Its folder is made if need be.
 */
_must_check_ int wb_root_replace(const struct wb_root *root, const char *path,
				 const char *text);
/* Make a folder whose parent exists; one that is there already is fine. */
_must_check_ int wb_root_make_folder(const struct wb_root *root, const char *path);
/* The same for one that its owner alone may enter; the folders above it are made, too. */
_must_check_ int wb_root_make_private_folder(const struct wb_root *root,
					     const char *path);
int wb_root_remove(const struct wb_root *root, const char *path);
/* Names in a directory without "." and "..", sorted by byte. */
_must_check_ int wb_root_list(const struct wb_root *root, const char *path, char ***ret);
_must_check_ int wb_root_readlink(const struct wb_root *root, const char *path,
				  char **ret);
/* The last part of where a link points, as sysfs names drivers and modules. */
_must_check_ int wb_root_link_name(const struct wb_root *root, const char *path,
				   char **ret);
_must_check_ int wb_root_stat(const struct wb_root *root, const char *path,
			      struct stat *ret);
bool wb_root_exists(const struct wb_root *root, const char *path);
