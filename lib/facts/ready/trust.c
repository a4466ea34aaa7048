/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the running kernel asks of an image, and which keys it knows. */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/ready/ready-part.h"
#include "facts/ready/variable.h"

/* Documentation/admin-guide/LSM/...: "none [integrity] confidentiality". */
static int read_lockdown(const struct wb_root *root, struct wb_trust *trust)
{
	_cleanup_free_ char *text = NULL;
	int r = wb_root_read_line(root, "sys/kernel/security/lockdown", &text);
	const char *mode = r >= 0 ? strchr(text, '[') : NULL;

	size_t n = mode ? strcspn(++mode, "]") : 0;

	if (n == 0 || mode[n] != ']')
		return r == -ENOMEM ? r : 0;
	trust->lockdown = strndup(mode, n);
	return trust->lockdown ? 0 : -ENOMEM;
}

static void read_firmware(const struct wb_root *root, struct wb_trust *trust)
{
	uint64_t value;

	if (wb_efi_number(root, "SecureBoot", WB_EFI_GLOBAL, &value))
		trust->secure_boot = value == 1;
	/* MokSBState itself is gone when the firmware's boot services are. */
	trust->shim_unchecked =
		wb_efi_number(root, "MokSBStateRT", WB_EFI_SHIM, &value) && value == 1;
}

static bool is_set(const char *config, const char *option)
{
	const char *at = config;
	size_t n = strlen(option);

	while ((at = strstr(at, option))) {
		if ((at == config || at[-1] == '\n') && strncmp(at + n, "=y", 2) == 0)
			return true;
		at += n;
	}
	return false;
}

static int read_config(const struct wb_root *root, struct wb_trust *trust)
{
	static const char *const places[] = {
		"boot/config-%s",
		"usr/lib/modules/%s/config",
		"lib/modules/%s/config",
	};
	_cleanup_free_ char *release = NULL, *config = NULL;
	int r = wb_root_read_line(root, "proc/sys/kernel/osrelease", &release);

	if (r < 0 || strchr(release, '/'))
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; !config && i < ARRAY_SIZE(places); i++) {
		const char *hole = strstr(places[i], "%s");
		_cleanup_free_ char *path = wb_format("%.*s%s%s", (int)(hole - places[i]),
						      places[i], release, hole + 2);

		r = path ? wb_root_read(root, path, &config, NULL) : -ENOMEM;
		if (r == -ENOMEM)
			return r;
	}
	/* One that says nothing of kexec is no configuration. */
	if (!config || !strstr(config, "CONFIG_KEXEC"))
		return 0;
	trust->config_known = true;
	/* Until 5.3 they were called otherwise: kernel/Kconfig.kexec, arch/x86/Kconfig.
	 */
	trust->verifies = is_set(config, "CONFIG_KEXEC_SIG") ||
			  is_set(config, "CONFIG_KEXEC_VERIFY_SIG");
	trust->forces = is_set(config, "CONFIG_KEXEC_SIG_FORCE");
	return 0;
}

/* "... asymmetri NAME: KEY: X509.rsa ...": proc_keys_show() cuts the type off. */
static int read_keys(const struct wb_root *root, struct wb_trust *trust)
{
	_cleanup_free_ char *text = NULL;
	char *line, *rest;
	int r = wb_root_read(root, "proc/keys", &text, NULL);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = 0;
	for (rest = text; r >= 0 && (line = strsep(&rest, "\n"));) {
		const char *name = strstr(line, " asymmetri ");

		if (!name)
			continue;
		name += strlen(" asymmetri ");
		r = wb_strv_appendf(&trust->keys, "%s", name);
	}
	return r;
}

int wb_ready_trust(const struct wb_root *root, struct wb_ready *ready)
{
	int r = read_lockdown(root, &ready->trust);

	read_firmware(root, &ready->trust);
	if (r >= 0)
		r = read_config(root, &ready->trust);
	return r < 0 ? r : read_keys(root, &ready->trust);
}

bool wb_trust_demands_signature(const struct wb_trust *trust)
{
	return trust->forces || (trust->lockdown && strcmp(trust->lockdown, "none") != 0);
}
