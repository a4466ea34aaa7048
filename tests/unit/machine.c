/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine.h"

#include <string.h>

#include "base/text.h"
#include "unit.h"

void bytes_add(struct bytes *b, const void *data, size_t size)
{
	unsigned char *grown = realloc(b->data, b->size + size + 1);

	assert_non_null(grown);
	memcpy(grown + b->size, data, size);
	b->data = grown;
	b->size += size;
}

void bytes_zeros(struct bytes *b, size_t size)
{
	unsigned char *zeros = calloc(size + 1, 1);

	assert_non_null(zeros);
	bytes_add(b, zeros, size);
	free(zeros);
}

void bytes_done(struct bytes *b)
{
	free(b->data);
	*b = (struct bytes){ 0 };
}

static void put32(unsigned char *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(value >> 8 * i);
}

/* Documentation/arch/x86/boot.rst */
struct bytes image_bytes(const char *version)
{
	struct bytes b = { 0 };
	const uint16_t string = 0x3000;

	bytes_zeros(&b, 128 * 1024);
	b.data[0x1f1] = 31; /* setup sectors */
	put32(b.data + 0x1f4, (128 * 1024 - 32 * 512) / 16);
	memcpy(b.data + 0x1fe, "\x55\xaa", 2);
	memcpy(b.data + 0x202, "HdrS", 4);
	memcpy(b.data + 0x206, "\x0f\x02", 2);
	memcpy(b.data + 0x20e, &(unsigned char[]){ string & 0xff, string >> 8 }, 2);
	b.data[0x236] = 0x3f;
	put32(b.data + 0x238, IMAGE_CMDLINE_MAX);
	strcpy((char *)b.data + 0x200 + string, version);
	strcat((char *)b.data + 0x200 + string, " (build@host) #1 SMP");
	return b;
}

static void pad(struct bytes *b, size_t to)
{
	bytes_zeros(b, (to - b->size % to) % to);
}

void newc_add(struct bytes *b, const char *name, const char *content)
{
	unsigned int size = (unsigned int)strlen(content);
	unsigned int name_size = (unsigned int)strlen(name) + 1;
	char header[111];

	snprintf(header, sizeof(header),
		 "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 1, 0100644,
		 0, 0, 1, 0, size, 0, 0, 0, 0, name_size, 0);
	bytes_add(b, header, 110);
	bytes_add(b, name, name_size);
	pad(b, 4);
	bytes_add(b, content, size);
	pad(b, 4);
}

void newc_trailer(struct bytes *b)
{
	newc_add(b, "TRAILER!!!", "");
}

static void put_image(struct fixture *f, const char *version)
{
	_cleanup_free_ char *path = wb_format("boot/vmlinuz-%s", version);
	struct bytes image = image_bytes(version);

	fixture_bytes(f, path, image.data, image.size);
	bytes_done(&image);
}

static void put_initramfs(struct fixture *f, const char *version)
{
	_cleanup_free_ char *path = wb_format("boot/initrd.img-%s", version);
	struct bytes plain = { 0 }, packed;

	newc_add(&plain, "init", "#!/bin/sh\n");
	newc_trailer(&plain);
	packed = pack_bytes(&plain, "gzip");
	fixture_bytes(f, path, packed.data, packed.size);
	bytes_done(&plain);
	bytes_done(&packed);
}

void machine_kernel(struct fixture *f, const char *version)
{
	_cleanup_free_ char *dep = wb_format("lib/modules/%s/modules.dep", version);
	_cleanup_free_ char *builtin =
		wb_format("lib/modules/%s/modules.builtin", version);

	put_image(f, version);
	put_initramfs(f, version);
	fixture_file(f, dep,
		     "kernel/drivers/net/mlx5/core/mlx5_core.ko.xz:\n"
		     "updates/dkms/nvidia-drm.ko: updates/dkms/nvidia.ko\n"
		     "updates/dkms/nvidia.ko:\n"
		     "kernel/drivers/nvme/host/nvme.ko.zst: "
		     "kernel/drivers/nvme/host/nvme-core.ko.zst\n");
	fixture_file(f, builtin,
		     "kernel/fs/ext4/ext4.ko\nkernel/drivers/tty/serial/8250.ko\n");
}

static void put_state(struct fixture *f)
{
	fixture_file(f, "proc/sys/kernel/osrelease", MACHINE_RELEASE "\n");
	fixture_file(f, "proc/cmdline",
		     "BOOT_IMAGE=/boot/vmlinuz-" MACHINE_RELEASE
		     " root=/dev/sda1 ro quiet\n");
	fixture_file(f, "etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12\"\n");
	fixture_file(f, "sys/kernel/kexec_loaded", "0\n");
	fixture_file(f, "proc/sys/kernel/kexec_load_disabled", "0\n");
	fixture_folder(f, "run/systemd/system");
	fixture_file(f, "usr/sbin/kexec", "");
	fixture_mode(f, "usr/sbin/kexec", 0755);
	fixture_file(f, "usr/lib/systemd/system/multi-user.target", "[Unit]\n");
	fixture_file(f, "usr/lib/systemd/system/rescue.target", "[Unit]\n");
	fixture_file(f, "dev/sda1", "b 8:1\n");
}

static void put_gpu(struct fixture *f)
{
	const char *gpu = "../../../devices/pci0000:00/0000:01:00.0";

	fixture_file(f, "proc/modules",
		     "nvidia_drm 1 4 - Live 0x0\n"
		     "nvidia_modeset 1 1 nvidia_drm, Live 0x0\n"
		     "nvidia 1 2 nvidia_modeset, Live 0x0\n"
		     "nvme 1 1 - Live 0x0\n");
	fixture_file(
		f, "proc/devices",
		"Character devices:\n195 nvidia-frontend\n\nBlock devices:\n  8 sd\n");
	fixture_link(f, "sys/bus/pci/devices/0000:01:00.0", gpu);
	fixture_file(f, "sys/devices/pci0000:00/0000:01:00.0/class", "0x030000\n");
	fixture_link(f, "sys/devices/pci0000:00/0000:01:00.0/driver",
		     "../../../bus/pci/drivers/nvidia");
	fixture_link(f, "sys/bus/pci/drivers/nvidia/module", "../../../../module/nvidia");
	fixture_link(f, "sys/dev/char/226:0",
		     "../../devices/pci0000:00/0000:01:00.0/drm/card0");
	fixture_link(f, "sys/dev/char/29:0",
		     "../../devices/pci0000:00/0000:01:00.0/graphics/fb0");
	fixture_file(f, "sys/class/vtconsole/vtcon0/name", "(S) dummy device\n");
	fixture_file(f, "sys/class/vtconsole/vtcon0/bind", "0\n");
	fixture_file(f, "sys/class/vtconsole/vtcon1/name", "(M) frame buffer device\n");
	fixture_file(f, "sys/class/vtconsole/vtcon1/bind", "1\n");
	fixture_file(f, "dev/nvidia0", "c 195:0\n");
	fixture_file(f, "dev/dri/card0", "c 226:0\n");
}

static void put_processes(struct fixture *f)
{
	fixture_file(f, "proc/1/comm", "systemd\n");
	fixture_file(f, "proc/1/cgroup", "0::/init.scope\n");
	fixture_folder(f, "proc/1/fd");
	fixture_file(f, "proc/812/comm", "Xorg\n");
	fixture_file(f, "proc/812/cgroup", "0::/system.slice/lightdm.service\n");
	fixture_link(f, "proc/812/fd/9", "/dev/nvidia0");
	fixture_link(f, "proc/812/fd/12", "/dev/dri/card0");
	fixture_file(f, "proc/900/comm", "nvidia-persiste\n");
	fixture_file(f, "proc/900/cgroup",
		     "0::/system.slice/nvidia-persistenced.service\n");
	fixture_folder(f, "proc/900/fd");
}

void machine_desktop(struct fixture *f)
{
	machine_kernel(f, MACHINE_OLDER);
	machine_kernel(f, MACHINE_RELEASE);
	put_state(f);
	put_gpu(f);
	put_processes(f);
	fixture_file(f, "usr/lib/warmboot/hooks.d/nvidia",
		     "# Warmboot-Hook: 1\n"
		     "# Description: NVIDIA GPUs\n"
		     "# Modules: nvidia_drm nvidia_modeset nvidia_uvm nvidia\n"
		     "# Devices: /dev/nvidia*\n"
		     "# Units: nvidia-persistenced.service\n"
		     "# Required: yes\n");
	fixture_file(f, "usr/lib/warmboot/hooks.d/late",
		     "#!/bin/sh\n"
		     "# Warmboot-Hook: 1\n"
		     "# Description: storage\n"
		     "# Modules: nvme\n"
		     "# Phase: late\n"
		     "# Timeout: 10s\n");
	fixture_mode(f, "usr/lib/warmboot/hooks.d/late", 0755);
	fixture_file(f, "etc/warmboot/hooks.d/code",
		     "#!/bin/sh\n"
		     "# Warmboot-Hook: 1\n"
		     "# Required: yes\n");
	fixture_mode(f, "etc/warmboot/hooks.d/code", 0755);
}
