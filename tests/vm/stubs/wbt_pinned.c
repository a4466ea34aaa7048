// SPDX-License-Identifier: GPL-2.0
/* Fixture: a module that is in use for ever, by nobody whom the kernel could name. */
#include <linux/module.h>

static int __init pinned_init(void)
{
	__module_get(THIS_MODULE);
	return 0;
}

static void __exit pinned_exit(void)
{
}

module_init(pinned_init);
module_exit(pinned_exit);
MODULE_DESCRIPTION("A module that never goes, for tests");
MODULE_LICENSE("GPL");
