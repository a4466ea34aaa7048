/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What waits for the firmware, which a warm boot passes by. */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/ready/ready-part.h"
#include "facts/ready/variable.h"

/* UEFI 2.10, 8.5.4: bits of OsIndications. */
#define BOOT_TO_FIRMWARE (1u << 0)
#define CAPSULE_ON_DISK  (1u << 2)

/* UEFI 2.10, 8.5.5: capsules on disk. */
static const char *const capsule_folders[] = {
	"boot/efi/EFI/UpdateCapsule",
	"efi/EFI/UpdateCapsule",
	"boot/EFI/UpdateCapsule",
};

static int read_capsules(const struct wb_root *root, bool wanted, struct wb_ready *ready)
{
	for (size_t i = 0; i < ARRAY_SIZE(capsule_folders); i++) {
		_cleanup_strv_ char **names = NULL;
		int r = wb_root_list(root, capsule_folders[i], &names);

		if (r == -ENOMEM)
			return r;
		if (r >= 0 && names)
			return wb_strv_appendf(&ready->firmware,
					       "the update capsule %s in /%s", names[0],
					       capsule_folders[i]);
	}
	return wanted ? wb_strv_append(&ready->firmware,
				       "an update capsule (OsIndications)")
		      : 0;
}

/* fwupd starts its own program once, which hands the capsules over. */
static int read_next_entry(const struct wb_root *root, struct wb_ready *ready)
{
	_cleanup_free_ char *title = NULL;
	uint64_t number;
	int r;

	if (!wb_efi_number(root, "BootNext", WB_EFI_GLOBAL, &number))
		return 0;
	r = wb_efi_entry_title(root, (unsigned int)number, &title);
	if (r < 0 || !title)
		return r;
	/* fwupd: plugins/uefi-capsule, "Linux Firmware Updater"; earlier with dashes. */
	if (wb_startswith(title, "Linux Firmware Updater") ||
	    wb_startswith(title, "Linux-Firmware-Updater"))
		return wb_strv_append(&ready->firmware,
				      "an update by fwupd (BootNext starts its program)");
	return 0;
}

int wb_ready_firmware(const struct wb_root *root, struct wb_ready *ready)
{
	uint64_t wanted = 0;
	int r;

	if (!wb_efi_number(root, "OsIndications", WB_EFI_GLOBAL, &wanted))
		wanted = 0;
	r = read_capsules(root, wanted & CAPSULE_ON_DISK, ready);
	if (r >= 0 && (wanted & BOOT_TO_FIRMWARE))
		r = wb_strv_append(&ready->firmware,
				   "somebody's wish to enter the firmware's setup");
	if (r >= 0)
		r = read_next_entry(root, ready);
	/* systemd.offline-updates(7) */
	ready->offline_update = wb_root_exists(root, "system-update") ||
				wb_root_exists(root, "etc/system-update");
	return r;
}
