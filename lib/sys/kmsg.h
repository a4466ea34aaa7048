/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The kernel's log, for when neither a journal nor a disk is left to write to. */

#include "base/log.h"
#include "sys/root.h"

struct wb_kmsg {
	const struct wb_root *root;
	const char *prefix; /* before each message */
};

/* A wb_log_sink; @userdata is a struct wb_kmsg. */
void wb_kmsg_sink(const struct wb_message *message, void *userdata);
