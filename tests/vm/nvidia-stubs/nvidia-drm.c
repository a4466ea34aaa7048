// SPDX-License-Identifier: GPL-2.0
/* Fixture: a stand-in for NVIDIA's DRM module, which uses nvidia-modeset. */
#include <linux/module.h>

#include "nvidia-stub.h"

static int __init nvidia_drm_init(void)
{
	return nvidia_modeset_stub_attach();
}

static void __exit nvidia_drm_exit(void)
{
}

module_init(nvidia_drm_init);
module_exit(nvidia_drm_exit);
MODULE_DESCRIPTION("Stand-in for NVIDIA's DRM module in tests");
MODULE_LICENSE("GPL");
