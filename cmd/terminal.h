/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What stands at the other end of a descriptor. */

#include <stdbool.h>

/* A terminal that can move its cursor, as TERM says. */
bool wb_terminal_is_live(int fd);
/* The same, and nobody asked for none: https://no-color.org. */
bool wb_terminal_has_colour(int fd);
/* Its width; 80 where it does not tell. */
unsigned int wb_terminal_columns(int fd);
