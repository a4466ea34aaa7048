/* SPDX-License-Identifier: GPL-2.0 */
/* Fixture: modules that do nothing but use each other. The Makefile makes a file of each, which
 * says what it provides and what it uses. */
#include <linux/module.h>

#define PROVIDES(name)                      \
	int wbt_##name##_attach(void);      \
	int wbt_##name##_attach(void)       \
	{                                   \
		return 0;                   \
	}                                   \
	EXPORT_SYMBOL_GPL(wbt_##name##_attach)

/* Nothing but a reason for this module to depend on that one. */
#define USES(name)                                                 \
	int wbt_##name##_attach(void);                             \
	static int (*volatile wbt_use_##name)(void) __used = \
		wbt_##name##_attach

static int __init graph_init(void)
{
	return 0;
}

static void __exit graph_exit(void)
{
}

module_init(graph_init);
module_exit(graph_exit);
MODULE_DESCRIPTION("A part of a graph of modules, for tests");
MODULE_LICENSE("GPL");
