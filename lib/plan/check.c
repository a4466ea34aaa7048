/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/check.h"

#include <string.h>

#include "plan/check-part.h"

#define IGNORABLE WB_CHECK_IGNORABLE
#define EACH      (WB_CHECK_IGNORABLE | WB_CHECK_EACH)
#define KERNEL    WB_CHECK_KERNEL
#define SILENT    WB_CHECK_SILENT
#define LOADING   WB_CHECK_LOADING
#define DRIVERS   WB_CHECK_DRIVERS

const struct wb_check wb_checks[] = {
	{ "lock", "no other warmboot is at work", LOADING, wb_check_lock },
	{ "container", "this is no container", LOADING, wb_check_container },
	{ "systemd", "systemd is process 1", 0, wb_check_systemd },
	{ "kexec", "the kernel and the program kexec are there, and may load an image",
	  LOADING, wb_check_kexec },
	{ "loaded", "nobody has loaded an image", 0, wb_check_loaded },
	{ "limits", "this boot may load another image", LOADING, wb_check_limits },
	{ "xen", "the kernel does not depend on Xen", IGNORABLE, wb_check_xen },
	{ "target", "the target units are there", 0, wb_check_target },
	{ "hooks", "no hook is refused", EACH | DRIVERS, wb_check_hooks },
	{ "configuration", "the configuration is understood", IGNORABLE | DRIVERS,
	  wb_check_config },
	{ "visibility", "all processes could be looked into", 0, wb_check_visibility },
	{ "force", NULL, SILENT, wb_check_force },
	{ "fallback", NULL, SILENT, wb_check_fallback },
	{ "menus", "all menus of boot loaders were read", 0, wb_check_unlisted },
	{ "unfinished", "no earlier run left anything behind", LOADING,
	  wb_check_unfinished },
	{ "inhibitors", "nobody inhibits a shutdown", IGNORABLE, wb_check_inhibitors },
	{ "sessions", "nobody else is logged in", 0, wb_check_sessions },
	{ "guests", "no guest runs", 0, wb_check_guests },
	{ "containers", "no container runs", 0, wb_check_containers },
	{ "packages", "no packages are being installed", IGNORABLE, wb_check_packages },
	{ "firmware", "no firmware update waits for a firmware reboot", IGNORABLE,
	  wb_check_firmware },
	{ "mounts", "all network file systems answer", IGNORABLE, wb_check_mounts },
	{ "raid", "no array is being rebuilt", 0, wb_check_raid },
	{ "tpm", "no disk is unlocked by what the firmware measures", 0, wb_check_tpm },
	{ "taint", "the kernel is not tainted", 0, wb_check_taint },
	{ "machine-checks", "the hardware has reported no memory errors", 0,
	  wb_check_machine_checks },
	{ "virtual", "this is no virtual machine", 0, wb_check_virtual },
	{ "warm-boots", "this boot came through the firmware, or not by warmboot", 0,
	  wb_check_warm_boots },
	{ "kernel", "the image can be started", KERNEL | LOADING, wb_check_kernel },
	{ "initrd", "the initramfs is whole", IGNORABLE | KERNEL | LOADING,
	  wb_check_initrd },
	{ "dtb", "no other device tree is asked for, or it is whole", KERNEL | LOADING,
	  wb_check_dtb },
	{ "root", "the root file system is found", IGNORABLE | KERNEL, wb_check_root },
	{ "modules", "the modules that the next kernel needs are there",
	  IGNORABLE | KERNEL, wb_check_modules },
	{ "lost", "nothing of the image is left out", KERNEL, wb_check_lost },
	{ "options", "the command line is as the running one", KERNEL | LOADING,
	  wb_check_options },
	{ "signature", "the running kernel asks for no signature of an image",
	  IGNORABLE | KERNEL | LOADING, wb_check_signature },
	{ "memory", "there is memory enough for the image", IGNORABLE | KERNEL | LOADING,
	  wb_check_memory },
	/* The planner's, and of whoever makes a trial. */
	{ "unload", NULL, SILENT, NULL },
	{ "drivers", "every driver has a good verdict", EACH, NULL },
	{ "uses", "nothing hangs on what has to be put to rest", 0, NULL },
	{ "holders", "nobody holds what must not be taken away", EACH, NULL },
	{ "quiesce", NULL, SILENT, NULL },
	{ "ignore", NULL, SILENT, NULL },
	{ "load", "the image could be loaded, and was unloaded again", 0, NULL },
};
const size_t wb_n_checks = ARRAY_SIZE(wb_checks);

const struct wb_check *wb_check_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(wb_checks); i++)
		if (strcmp(wb_checks[i].name, name) == 0)
			return &wb_checks[i];
	return NULL;
}

/* An entry without an image has a problem, and nothing else to look at. */
static bool applies(const struct wb_check *check, const struct wb_check_input *in)
{
	const struct wb_kernel *kernel = in->choice->kernel;

	if (in->request->quiesce_only)
		return check->flags & WB_CHECK_DRIVERS;
	if (!(check->flags & WB_CHECK_KERNEL))
		return true;
	return kernel && (kernel->linux || check->look == wb_check_kernel);
}

int wb_check_all(const struct wb_check_input *in, struct wb_findings *findings)
{
	size_t first = findings->n;
	int r = wb_findings_join(findings, &in->choice->findings);

	if (r >= 0)
		r = wb_findings_name(findings, first, "kernel");
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(wb_checks); i++) {
		const struct wb_check *check = &wb_checks[i];

		if (!check->look || !applies(check, in))
			continue;
		first = findings->n;
		r = check->look(in, findings);
		if (r >= 0)
			r = wb_findings_name(findings, first, check->name);
	}
	return r;
}
