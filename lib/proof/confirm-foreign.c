/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The boot after a restart that somebody else began, and for which the drivers were put
 * to rest: run/foreign.h. */

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "proof/confirm.h"
#include "run/foreign.h"

/*
 * The number of the boot loader of x86 and, in the lowest four bits, its version: 13 is
 * kexec (Documentation/arch/x86/boot.rst, type_of_loader). kexec_file_load(2) sets it,
 * and kexec-tools does for kexec_load(2). Other architectures do not say what started
 * them.
 */
#define LOADER       "proc/sys/kernel/bootloader_type"
#define LOADER_KEXEC 13

/* Was this kernel started by another one? -ENOENT where it does not say. */
static int came_by_kexec(const struct wb_root *root)
{
	_cleanup_free_ char *text = NULL;
	uint64_t type;
	int r = wb_root_read_line(root, LOADER, &text);

	if (r >= 0)
		r = wb_parse_u64(text, 10, &type);
	return r < 0 ? r : type >> 4 == LOADER_KEXEC;
}

/* Nobody knows of the run but by its mark, which is good for one boot. */
static int read_marked_record(struct wb_sys *sys, struct wb_record **ret)
{
	_cleanup_free_ char *id = NULL;
	int r = wb_root_read_line(&sys->root, WB_FOREIGN_MARK, &id);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = wb_root_remove(&sys->root, WB_FOREIGN_MARK);
	return r < 0 ? r : wb_confirm_read(sys, id, ret);
}

/*
 * A run of our own that was handed over after it, and of which the command line speaks,
 * is the one that led here: the mark is of a boot in which nobody confirmed anything.
 */
static bool is_outdated(struct wb_sys *sys, const struct wb_record *record)
{
	_cleanup_(wb_record_freep) struct wb_record *own = NULL;

	return wb_confirm_read_own(sys, &own) > 0 && own->end == WB_END_HANDED_OVER &&
	       own->committed_usec > record->committed_usec;
}

/* What is not known stays open, and the report says that. */
static int judge(const struct wb_root *root, struct wb_record *record)
{
	int r = came_by_kexec(root);

	if (r == -ENOMEM)
		return r;
	if (r > 0)
		record->end = WB_END_CONFIRMED;
	if (r != 0)
		return 0;
	/* It was handed over, and what became of that nobody saw. */
	return wb_set_format(&record->failure,
			     "this boot came through the firmware: either there was no "
			     "jump, or the kernel that was started did not come up");
}

int wb_confirm_foreign(struct wb_sys *sys, struct wb_record **ret)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	int r = read_marked_record(sys, &record);

	if (r <= 0)
		return r;
	/* It was given up: that is known already. */
	if (record->end != WB_END_HANDED_OVER || is_outdated(sys, record))
		return 0;
	r = judge(&sys->root, record);
	if (r < 0)
		return r;
	r = wb_confirm_note_boot(sys, record);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(record);
	return 1;
}
