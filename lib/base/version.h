/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Below zero where @a is the older one, by the UAPI version format specification. */
int wb_version_compare(const char *a, const char *b);
