/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* cmocka, which wants these before itself, and a way to name the case of a table. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/macro.h"

#define RUN_TESTS(tests) cmocka_run_group_tests(tests, NULL, NULL)
