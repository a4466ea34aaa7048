// SPDX-License-Identifier: GPL-2.0
/*
 * Fixture: a module that is in use for a while without a holder that anybody could name. What is
 * written to the parameter hold_ms is how long from then on; once more is no longer.
 */
#include <linux/module.h>
#include <linux/timer.h>

static bool held;

static void let_go(struct timer_list *timer)
{
	held = false;
	/* No exit function runs before this returns: it waits for the timer. */
	module_put(THIS_MODULE);
}

static DEFINE_TIMER(timer, let_go);

static int hold_set(const char *value, const struct kernel_param *param)
{
	unsigned int ms;
	int err = kstrtouint(value, 10, &ms);

	if (err)
		return err;
	if (ms == 0 || held)
		return 0;
	/* Not before the module is alive: with the parameter of modprobe it is not. */
	if (!try_module_get(THIS_MODULE))
		return -EAGAIN;
	held = true;
	mod_timer(&timer, jiffies + msecs_to_jiffies(ms));
	return 0;
}

static const struct kernel_param_ops hold_ops = {
	.set = hold_set,
};
module_param_cb(hold_ms, &hold_ops, NULL, 0200);
MODULE_PARM_DESC(hold_ms, "be in use for so long, from now on");

static int __init busy_init(void)
{
	return 0;
}

static void __exit busy_exit(void)
{
	del_timer_sync(&timer);
}

module_init(busy_init);
module_exit(busy_exit);
MODULE_DESCRIPTION("A module that is in use for a while, for tests");
MODULE_LICENSE("GPL");
