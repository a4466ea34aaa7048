/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The keys of the configuration, for config.c alone. */

#include "facts/config.h"

struct wb_config_key {
	const char *name;
	/* Put @value, which fits and may be empty, into the field at @offset. */
	int (*set)(void *field, const struct wb_config_key *key, const char *value,
		   const char *path);
	bool (*fits)(const char *value);
	size_t offset; /* in struct wb_config */
	const char *expected;
};

/* NULL where there is no such key. */
const struct wb_config_key *wb_config_key_find(const char *name);
void wb_setting_done(struct wb_setting *setting);
