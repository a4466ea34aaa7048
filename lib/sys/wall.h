/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/macro.h"

/* wall(1): a text to the terminals of all who are logged in. 0 or negative errno. */
_must_check_ int wb_wall(const char *text);
