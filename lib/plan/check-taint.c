/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What has gone wrong in this boot, as far as the kernel keeps it in mind. */

#include <errno.h>

#include "base/strv.h"
#include "plan/check-part.h"

/* Documentation/admin-guide/tainted-kernels.rst: by bit. What only says whose code runs
 * is told, and no reason to hesitate. */
static const struct {
	bool serious;
	const char *words;
} taints[] = {
	{ false, "a proprietary module was loaded" },
	{ true, "a module was loaded by force" },
	{ false, "the kernel runs on hardware that it does not support" },
	{ true, "a module was unloaded by force" },
	{ true, "the processor reported a machine check" },
	{ true, "a page of memory is in a state that cannot be" },
	{ false, "userspace asked for this mark" },
	{ true, "the kernel has had an oops or a BUG" },
	{ false, "an ACPI table was replaced" },
	{ true, "the kernel has given a warning" },
	{ false, "a driver of the staging tree was loaded" },
	{ false, "a fault of the firmware is worked around" },
	{ false, "a module from outside of the kernel's tree was loaded" },
	{ false, "an unsigned module was loaded" },
	{ true, "a CPU was stuck in the kernel (soft lockup)" },
	{ false, "the kernel was patched while it ran" },
	{ false, "the distribution has set its own mark" },
	{ false, "the layout of structures was changed at random" },
	{ false, "a test of the kernel was run" },
	{ true, "debugging by fwctl was used on a device" },
};

static int say_taint(uint64_t taint, bool serious, struct wb_findings *f)
{
	_cleanup_strv_ char **words = NULL;
	_cleanup_free_ char *list = NULL;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(taints); i++)
		if (taints[i].serious == serious && (taint >> i & 1))
			r = wb_strv_append(&words, taints[i].words);
	if (r >= 0 && !serious && taint >> ARRAY_SIZE(taints))
		r = wb_strv_append(&words, "for a reason that is newer than warmboot");
	if (r < 0 || !words)
		return r;
	list = wb_strv_join(words, "; ");
	if (!list)
		return -ENOMEM;
	if (!serious)
		return wb_findings_add(f, WB_INFO, "taint", "the kernel is tainted: %s",
				       list);
	r = wb_findings_add(
		f, WB_WARNING, "taint",
		"something has gone wrong in this boot (%s), and what it left "
		"in the hardware may outlast a warm boot",
		list);
	return wb_findings_advise(f, r,
				  "see journalctl -k, and prefer an ordinary reboot");
}

int wb_check_taint(const struct wb_check_input *in, struct wb_findings *f)
{
	uint64_t taint = in->facts->ready.taint;
	int r = say_taint(taint, /* serious= */ true, f);

	return r < 0 ? r : say_taint(taint, /* serious= */ false, f);
}

int wb_check_machine_checks(const struct wb_check_input *in, struct wb_findings *f)
{
	const struct wb_ready *ready = &in->facts->ready;
	int r;

	if (ready->uncorrected > 0) {
		r = wb_findings_add(
			f, WB_WARNING, "machine-checks",
			"memory had %ju errors that could not be corrected "
			"since this boot began, and a warm boot does not test "
			"it",
			(uintmax_t)ready->uncorrected);
		return wb_findings_advise(f, r,
					  "use an ordinary reboot, in which the firmware "
					  "may take bad memory out of use");
	}
	if (ready->corrected == 0)
		return 0;
	return wb_findings_add(
		f, WB_INFO, "machine-checks",
		"memory had %ju errors since this boot began, all of which "
		"were corrected",
		(uintmax_t)ready->corrected);
}
