/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Is now a good moment for it, and is a warm boot what this machine needs? */

#include <errno.h>

#include "base/strv.h"
#include "base/time-util.h"
#include "plan/check-part.h"

int wb_check_firmware(const struct wb_check_input *in, struct wb_findings *f)
{
	char *const *waiting = in->facts->ready.firmware;
	_cleanup_free_ char *list = waiting ? wb_strv_join(waiting, ", ") : NULL;
	int r;

	if (!waiting)
		return 0;
	if (!list)
		return -ENOMEM;
	r = wb_findings_add(f, WB_BLOCKER, "firmware",
			    "this one needs a firmware reboot, which a warm boot is not: "
			    "there waits %s",
			    list);
	return wb_findings_advise(f, r, "use an ordinary reboot: systemctl reboot");
}

int wb_check_mounts(const struct wb_check_input *in, struct wb_findings *f)
{
	char *const *dead = in->facts->ready.dead_mounts;
	_cleanup_free_ char *list = dead ? wb_strv_join(dead, ", ") : NULL;
	int r;

	if (!dead)
		return 0;
	if (!list)
		return -ENOMEM;
	r = wb_findings_add(f, WB_BLOCKER, "mounts",
			    "network file systems do not answer, and whoever writes to "
			    "disk or unmounts would wait for them: %s",
			    list);
	return wb_findings_advise(
		f, r,
		"unmount them with umount --lazy --force, or bring the server back");
}

int wb_check_raid(const struct wb_check_input *in, struct wb_findings *f)
{
	char *const *arrays = in->facts->ready.arrays;
	_cleanup_free_ char *list = arrays ? wb_strv_join(arrays, "; ") : NULL;
	int r;

	if (!arrays)
		return 0;
	if (!list)
		return -ENOMEM;
	r = wb_findings_add(f, WB_WARNING, "raid",
			    "arrays are being rebuilt, and go on with it after the "
			    "restart: %s",
			    list);
	return wb_findings_advise(f, r,
				  "wait for it where a disk is missing: cat "
				  "/proc/mdstat");
}

int wb_check_tpm(const struct wb_check_input *in, struct wb_findings *f)
{
	const struct wb_ready *ready = &in->facts->ready;
	_cleanup_free_ char *list = NULL;
	int r;

	if (ready->tpm_volumes) {
		list = wb_strv_join(ready->tpm_volumes, ", ");
		if (!list)
			return -ENOMEM;
		r = wb_findings_add(
			f, WB_WARNING, "tpm",
			"the TPM unlocks %s: a warm boot does not reset its registers and "
			"measures no kernel, so that secrets bound to PCR 4, 9, 11 or 15 "
			"may stay locked, and the next boot then asks for a passphrase",
			list);
		return wb_findings_advise(f, r,
					  "have one at hand, or bind them to PCR 7 "
					  "alone: systemd-cryptenroll");
	}
	if (!ready->measured)
		return 0;
	return wb_findings_add(
		f, WB_INFO, "tpm",
		"this boot was measured: a warm boot adds to the TPM's registers what "
		"the next one measures, and they do not name the next kernel");
}

int wb_check_virtual(const struct wb_check_input *in, struct wb_findings *f)
{
	const char *hypervisor = in->facts->ready.hypervisor;

	if (!hypervisor)
		return 0;
	return wb_findings_add(
		f, WB_INFO, "virtual",
		"this is a virtual machine (%s), whose firmware takes a few "
		"seconds: a warm boot gains little over a reboot",
		hypervisor);
}

int wb_check_warm_boots(const struct wb_check_input *in, struct wb_findings *f)
{
	const struct wb_ready *ready = &in->facts->ready;
	uint64_t hours = ready->warm_usec / USEC_PER_SEC / 3600;

	if (ready->warm_boots == 0)
		return 0;
	if (hours < 48)
		return wb_findings_add(
			f, WB_INFO, "warm-boots",
			"%u warm boot%s in a row, begun %ju hours ago: the "
			"firmware has not run since",
			ready->warm_boots, ready->warm_boots == 1 ? "" : "s",
			(uintmax_t)hours);
	return wb_findings_add(
		f, WB_INFO, "warm-boots",
		"%u warm boot%s in a row, begun %ju days ago: the firmware "
		"has not run since",
		ready->warm_boots, ready->warm_boots == 1 ? "" : "s",
		(uintmax_t)(hours / 24));
}
