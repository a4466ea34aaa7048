// SPDX-License-Identifier: GPL-2.0
/*
 * Fixture: a driver of the platform devices of wbt_bus, and of whatever PCI device is given to it
 * by its driver_override. It says in the kernel's log what it is asked to do, and how often it was
 * bound can be read. Each platform device has a node, /dev/wbt0 and so on, which pins the module.
 */
#include <linux/delay.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/platform_device.h>

#define N_NODES 3

static unsigned int bound;
module_param(bound, uint, 0444);
MODULE_PARM_DESC(bound, "devices that are bound now");

static bool refuse;
module_param(refuse, bool, 0644);
MODULE_PARM_DESC(refuse, "bind no device any more");

static unsigned int slow_ms;
module_param(slow_ms, uint, 0644);
MODULE_PARM_DESC(slow_ms, "how long each unbind takes");

static int node_open(struct inode *inode, struct file *file)
{
	return 0;
}

static const struct file_operations node_fops = {
	.owner = THIS_MODULE,
	.open = node_open,
};

static const char *const names[N_NODES] = { "wbt0", "wbt1", "wbt2" };
static struct miscdevice nodes[N_NODES];

static int begin(struct device *dev)
{
	if (refuse)
		return -EIO;
	bound++;
	dev_info(dev, "wbt: probe\n");
	return 0;
}

static void end(struct device *dev)
{
	msleep(slow_ms);
	bound--;
	dev_info(dev, "wbt: remove\n");
}

static int wbt_probe(struct platform_device *pdev)
{
	struct miscdevice *node;
	int err;

	if (pdev->id < 0 || pdev->id >= N_NODES)
		return -ENODEV;
	node = &nodes[pdev->id];
	*node = (struct miscdevice){
		.minor = MISC_DYNAMIC_MINOR,
		.name = names[pdev->id],
		.fops = &node_fops,
		.parent = &pdev->dev,
	};
	err = begin(&pdev->dev);
	return err ? err : misc_register(node);
}

static int wbt_remove(struct platform_device *pdev)
{
	misc_deregister(&nodes[pdev->id]);
	end(&pdev->dev);
	return 0;
}

static void wbt_shutdown(struct platform_device *pdev)
{
	dev_info(&pdev->dev, "wbt: shutdown\n");
}

static struct platform_driver platform = {
	.driver = { .name = "wbt" },
	.probe = wbt_probe,
	.remove = wbt_remove,
	.shutdown = wbt_shutdown,
};

static int wbt_pci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return begin(&pdev->dev);
}

static void wbt_pci_remove(struct pci_dev *pdev)
{
	end(&pdev->dev);
}

/* No device is this one: only those whose driver_override names it are bound. */
static const struct pci_device_id pci_ids[] = {
	{ PCI_DEVICE(0x1b36, 0xfffe) },
	{},
};

static struct pci_driver pci = {
	.name = "wbt-pci",
	.id_table = pci_ids,
	.probe = wbt_pci_probe,
	.remove = wbt_pci_remove,
};

static int __init wbt_init(void)
{
	int err = platform_driver_register(&platform);

	if (err)
		return err;
	err = pci_register_driver(&pci);
	if (err)
		platform_driver_unregister(&platform);
	return err;
}

static void __exit wbt_exit(void)
{
	pci_unregister_driver(&pci);
	platform_driver_unregister(&platform);
}

module_init(wbt_init);
module_exit(wbt_exit);
MODULE_DESCRIPTION("A driver for tests");
MODULE_ALIAS("platform:wbt");
MODULE_LICENSE("GPL");
