/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Files that packages, software installed by hand, the running system and the
 * administrator may each bring, below /usr/lib, /usr/local/lib, /run and /etc. Of one
 * name the later folder decides alone, and a link to /dev/null there is as no file at
 * all.
 */

#include "sys/root.h"

/* The path of the one file @name ("warmboot.conf"); NULL in @ret where there is none. The
 * caller's. */
_must_check_ int wb_conf_file(const struct wb_root *root, const char *name, char **ret);
/* The paths of all files of @folder ("warmboot/hooks.d") whose name ends in @suffix
 * (which may be ""), sorted by their names. What editors and package managers leave
 * behind is passed over. */
_must_check_ int wb_conf_files(const struct wb_root *root, const char *folder,
			       const char *suffix, char ***ret);
