/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A folder below /tmp that is a machine. Paths are relative to it, folders are made as
 * needed; whatever fails ends the test.
 */

#include <stddef.h>

#include "sys/root.h"

struct fixture {
	char path[64];
	struct wb_root root;
};

void fixture_init(struct fixture *f);
void fixture_done(struct fixture *f);

void fixture_folder(struct fixture *f, const char *path);
void fixture_file(struct fixture *f, const char *path, const char *text);
void fixture_bytes(struct fixture *f, const char *path, const void *data, size_t size);
void fixture_link(struct fixture *f, const char *path, const char *target);
void fixture_mode(struct fixture *f, const char *path, unsigned int mode);
void fixture_remove(struct fixture *f, const char *path);
/* The absolute path outside of the root; the caller's. */
char *fixture_outside(const struct fixture *f, const char *path);
