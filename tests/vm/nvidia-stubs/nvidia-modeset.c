// SPDX-License-Identifier: GPL-2.0
/* Fixture: a stand-in for NVIDIA's mode setting module, which uses nvidia. */
#include <linux/module.h>

#include "nvidia-stub.h"

/* Nothing but a reason for nvidia-drm to depend on this module. */
int nvidia_modeset_stub_attach(void)
{
	return 0;
}
EXPORT_SYMBOL_GPL(nvidia_modeset_stub_attach);

static int __init nvidia_modeset_init(void)
{
	return nvidia_stub_attach();
}

static void __exit nvidia_modeset_exit(void)
{
}

module_init(nvidia_modeset_init);
module_exit(nvidia_modeset_exit);
MODULE_DESCRIPTION("Stand-in for NVIDIA's mode setting module in tests");
MODULE_LICENSE("GPL");
