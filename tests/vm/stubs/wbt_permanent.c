// SPDX-License-Identifier: GPL-2.0
/* Fixture: a module without an exit function. */
#include <linux/module.h>

static int __init permanent_init(void)
{
	return 0;
}

module_init(permanent_init);
MODULE_DESCRIPTION("A module without an exit function, for tests");
MODULE_LICENSE("GPL");
