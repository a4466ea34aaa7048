/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "run/record.h"

/* A record with every member filled, of a run under @id that began at @started_usec. */
struct wb_record *sample_record(const char *id, uint64_t started_usec);
/* The text of its JSON; the caller's. */
char *record_text(const struct wb_record *record);
