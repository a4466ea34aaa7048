// SPDX-License-Identifier: GPL-2.0
/*
 * Fixture: a stand-in for NVIDIA's driver. It has the real one's name, major number and
 * alias, and like it makes no class device: the nodes come from user space. An open file
 * pins the module.
 */
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/module.h>

#include "nvidia-stub.h"

static int nvidia_open(struct inode *inode, struct file *file)
{
	return 0;
}

static const struct file_operations nvidia_fops = {
	.owner = THIS_MODULE,
	.open = nvidia_open,
};

/* Nothing but a reason for the other modules to depend on this one. */
int nvidia_stub_attach(void)
{
	return 0;
}
EXPORT_SYMBOL_GPL(nvidia_stub_attach);

static int __init nvidia_init(void)
{
	return register_chrdev(NVIDIA_MAJOR, "nvidia", &nvidia_fops);
}

static void __exit nvidia_exit(void)
{
	unregister_chrdev(NVIDIA_MAJOR, "nvidia");
}

module_init(nvidia_init);
module_exit(nvidia_exit);
MODULE_DESCRIPTION("Stand-in for NVIDIA's driver in tests");
MODULE_ALIAS_CHARDEV_MAJOR(NVIDIA_MAJOR);
MODULE_LICENSE("GPL");
