// SPDX-License-Identifier: GPL-2.0
/* Fixture: a module with parameters of every kind that an undo has to bring back. */
#include <linux/module.h>

static int number = 1;
module_param(number, int, 0644);

static unsigned int mask = 0x10;
module_param(mask, uint, 0444);

static bool flag;
module_param(flag, bool, 0644);

static bool sealed = true;
module_param(sealed, bool, 0444);

static char *text = "plain";
module_param(text, charp, 0444);

static char *words = "two words";
module_param(words, charp, 0444);

static char label[16] = "label";
module_param_string(label, label, sizeof(label), 0644);

static int list[4] = { 1, 2, 3 };
static int n_list = 3;
module_param_array(list, int, &n_list, 0444);

/* Not in /sys: nobody can know what it was. */
static int hidden = 5;
module_param(hidden, int, 0);

static int __init params_init(void)
{
	return 0;
}

static void __exit params_exit(void)
{
}

module_init(params_init);
module_exit(params_exit);
MODULE_DESCRIPTION("A module with parameters, for tests");
MODULE_LICENSE("GPL");
