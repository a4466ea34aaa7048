// SPDX-License-Identifier: GPL-2.0
/* Fixture: a stand-in for NVIDIA's memory module, which uses nvidia and has a major of
 * its own. */
#include <linux/fs.h>
#include <linux/module.h>

#include "nvidia-stub.h"

static int uvm_major;

static int uvm_open(struct inode *inode, struct file *file)
{
	return 0;
}

static const struct file_operations uvm_fops = {
	.owner = THIS_MODULE,
	.open = uvm_open,
};

static int __init uvm_init(void)
{
	int err = nvidia_stub_attach();

	if (err)
		return err;
	uvm_major = register_chrdev(0, "nvidia-uvm", &uvm_fops);
	return uvm_major < 0 ? uvm_major : 0;
}

static void __exit uvm_exit(void)
{
	unregister_chrdev(uvm_major, "nvidia-uvm");
}

module_init(uvm_init);
module_exit(uvm_exit);
MODULE_DESCRIPTION("Stand-in for NVIDIA's memory module in tests");
MODULE_LICENSE("GPL");
