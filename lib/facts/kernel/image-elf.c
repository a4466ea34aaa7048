/* SPDX-License-Identifier: GPL-2.0-or-later */

/* ELF files: a vmlinux is none of the images that boot loaders start. */

#include <string.h>

#include "base/text.h"
#include "facts/kernel/bytes.h"
#include "facts/kernel/image-part.h"

#define MACHINE 18

/* The machines that one meets, with the words of uname(1). */
static const struct {
	uint16_t number;
	const char *name;
} machines[] = {
	{ 62, "x86_64" },   { 3, "i386" },          { 183, "aarch64" }, { 40, "arm" },
	{ 243, "riscv64" }, { 258, "loongarch64" }, { 21, "ppc64" },    { 22, "s390x" },
};

static bool is_elf(const struct wb_image_view *view)
{
	return view->head_size >= 64 && memcmp(view->head, "\177ELF", 4) == 0;
}

static int read_elf(const struct wb_image_job *job, const struct wb_image_view *view)
{
	uint16_t number = wb_get16(view->head + MACHINE);
	const char *name = "another architecture";

	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if (machines[i].number == number)
			name = machines[i].name;
	return wb_set_format(&job->image->problem,
			     "it is an ELF file for %s and no kernel image", name);
}

const struct wb_image_format wb_image_elf = { WB_IMAGE_KERNEL, is_elf, read_elf };
