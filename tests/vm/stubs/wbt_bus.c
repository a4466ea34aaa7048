// SPDX-License-Identifier: GPL-2.0
/* Fixture: three platform devices, for wbt_driver. */
#include <linux/module.h>
#include <linux/platform_device.h>

#define N_DEVICES 3

static struct platform_device *devices[N_DEVICES];

static void remove_devices(void)
{
	int i;

	for (i = 0; i < N_DEVICES; i++)
		platform_device_unregister(devices[i]);
}

static int __init bus_init(void)
{
	int i, err;

	for (i = 0; i < N_DEVICES; i++) {
		devices[i] = platform_device_register_simple("wbt", i, NULL, 0);
		if (!IS_ERR(devices[i]))
			continue;
		err = PTR_ERR(devices[i]);
		devices[i] = NULL;
		remove_devices();
		return err;
	}
	return 0;
}

static void __exit bus_exit(void)
{
	remove_devices();
}

module_init(bus_init);
module_exit(bus_exit);
MODULE_DESCRIPTION("Platform devices for tests");
MODULE_LICENSE("GPL");
