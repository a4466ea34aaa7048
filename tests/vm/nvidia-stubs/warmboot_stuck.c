// SPDX-License-Identifier: GPL-2.0
/*
 * Fixture: a driver that does not let go. Removing it blocks, as no signal can end, until
 * somebody writes to /sys/module/warmboot_stuck/parameters/release; written beforehand,
 * it does not block.
 */
#include <linux/completion.h>
#include <linux/module.h>

static DECLARE_COMPLETION(released);

static int release_set(const char *value, const struct kernel_param *param)
{
	complete_all(&released);
	return 0;
}

static const struct kernel_param_ops release_ops = {
	.set = release_set,
};
module_param_cb(release, &release_ops, NULL, 0200);
MODULE_PARM_DESC(release, "write anything to let the module go");

static int __init stuck_init(void)
{
	return 0;
}

static void __exit stuck_exit(void)
{
	wait_for_completion(&released);
}

module_init(stuck_init);
module_exit(stuck_exit);
MODULE_DESCRIPTION("A module whose removal blocks, for tests");
MODULE_LICENSE("GPL");
