/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is to be booted: can that be started? */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "facts/cmdline.h"
#include "plan/check-part.h"

/* A path that was typed just now is a mistake of somebody who can mend it. */
static bool is_typed(const struct wb_request *request)
{
	return request->kernel && *request->kernel == '/' && !request->kernel_origin;
}

int wb_check_kernel(const struct wb_check_input *in, struct wb_findings *f)
{
	const struct wb_kernel *k = in->choice->kernel;

	if (!k->problem && in->target->image_problem)
		return wb_findings_add(f, WB_BLOCKER, "kernel",
				       "%s cannot be started: %s", k->linux,
				       in->target->image_problem);
	if (!k->problem)
		return 0;
	if (is_typed(in->request) && !k->unreadable)
		return wb_findings_add_veto(f, "kernel", "%s cannot be started: %s",
					    k->linux, k->problem);
	return wb_findings_add(f, k->unreadable ? WB_WARNING : WB_BLOCKER, "kernel",
			       "%s cannot be started: %s", k->linux ? k->linux : k->id,
			       k->problem);
}

/* kexec-tools takes --dtb on these; on riscv64 from 2.0.32 on, which is the first that
 * runs there. */
static bool has_device_tree(const char *machine)
{
	return machine &&
	       (strcmp(machine, "aarch64") == 0 || strcmp(machine, "riscv64") == 0);
}

int wb_check_dtb(const struct wb_check_input *in, struct wb_findings *f)
{
	const char *dtb = in->request->dtb, *machine = in->facts->state.machine;
	const char *origin = in->request->dtb_origin ? in->request->dtb_origin : "--dtb";
	const struct wb_target *t = in->target;
	int r;

	if (!dtb)
		return 0;
	if (!has_device_tree(machine)) {
		r = wb_findings_add(f, WB_BLOCKER, "dtb",
				    "%s names the device tree %s, and kernels for %s are "
				    "given none",
				    origin, dtb, machine ? machine : "this machine");
		return wb_findings_advise(f, r, "leave it out");
	}
	if (!t->dtb_problem)
		return 0;
	return wb_findings_add(f, t->dtb_unreadable ? WB_WARNING : WB_BLOCKER, "dtb",
			       "%s names the device tree %s, which cannot be used: %s",
			       origin, dtb, t->dtb_problem);
}

int wb_check_lost(const struct wb_check_input *in, struct wb_findings *f)
{
	_cleanup_free_ char *lost = NULL;

	if (!in->target->lost)
		return 0;
	lost = wb_strv_join(in->target->lost, "; ");
	if (!lost)
		return -ENOMEM;
	return wb_findings_add(
		f, WB_INFO, "kernel",
		"of the unified kernel image %s a kexec does not carry over: "
		"%s",
		in->choice->kernel->linux, lost);
}

static int check_length(const struct wb_check_input *in, struct wb_findings *f)
{
	size_t n = strlen(in->choice->options);
	int r;

	if (in->target->cmdline_max == 0 || n <= in->target->cmdline_max)
		return 0;
	r = wb_findings_add(f, WB_BLOCKER, "options",
			    "the command line has %zu bytes, and the kernel takes %u", n,
			    in->target->cmdline_max);
	return wb_findings_advise(f, r, "shorten it with --remove");
}

static int check_change(const struct wb_check_input *in, struct wb_findings *f)
{
	const char *running = in->facts->state.cmdline;
	_cleanup_free_ char *diff = NULL;

	if (!running)
		return 0;
	diff = wb_cmdline_diff(running, in->choice->options);
	if (!diff)
		return -ENOMEM;
	if (!*diff)
		return 0;
	return wb_findings_add(f, WB_INFO, "options",
			       "the command line differs from the running one: %s", diff);
}

int wb_check_options(const struct wb_check_input *in, struct wb_findings *f)
{
	int r = check_length(in, f);

	return r < 0 ? r : check_change(in, f);
}

/* Who starts the running kernel again does not need to know, unless it is not found. */
int wb_check_unlisted(const struct wb_check_input *in, struct wb_findings *f)
{
	const char *kernel = in->request->kernel;
	int r = 0;

	if (in->choice->kernel && (!kernel || strcmp(kernel, "running") == 0))
		return 0;
	for (char **p = in->facts->unlisted; r >= 0 && p && *p; p++)
		r = wb_findings_add(f, WB_WARNING, "kernel", "%s", *p);
	return r;
}

#define MIB ((uint64_t)1 << 20)
/* What the loader and the kernel need besides: page tables, its own copy of the files
 * while it makes segments of them (kernel/kexec_file.c). */
#define MEMORY_MARGIN (64 * MIB)

int wb_check_memory(const struct wb_check_input *in, struct wb_findings *f)
{
	uint64_t available = in->facts->ready.memory_available, size = 0;
	enum wb_severity severity;
	int r;

	for (size_t i = 0; i < in->target->n_files; i++)
		size += in->target->files[i].size;
	if (available == 0 || available >= 2 * size + MEMORY_MARGIN)
		return 0;
	severity = available < size ? WB_BLOCKER : WB_WARNING;
	r = wb_findings_add(f, severity, "memory",
			    "the image and its initramfs have %ju MiB, and %ju MiB of "
			    "memory are available: %s",
			    (uintmax_t)(size / MIB), (uintmax_t)(available / MIB),
			    severity == WB_BLOCKER ? "they cannot be loaded"
						   : "loading them may fail");
	return wb_findings_advise(f, r,
				  "end what uses most memory: ps ax "
				  "--sort=-rss -o rss,pid,comm");
}
