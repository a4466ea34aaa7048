/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the running kernel asks of an image, and which keys it knows. */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/cmdline.h"
#include "facts/kernel-config.h"
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

static int read_config(const struct wb_root *root, struct wb_trust *trust)
{
	_cleanup_free_ char *release = NULL, *config = NULL;
	int r = wb_root_read_line(root, "proc/sys/kernel/osrelease", &release);

	if (r >= 0)
		r = wb_kernel_config_read(root, release, /* running= */ true, &config);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	/* One that says nothing of kexec is no configuration. */
	if (!config || !strstr(config, "CONFIG_KEXEC"))
		return 0;
	trust->config_known = true;
	/* Until 5.3 they were called otherwise: kernel/Kconfig.kexec, arch/x86/Kconfig.
	 */
	trust->verifies = wb_kernel_config_has(config, "CONFIG_KEXEC_SIG") ||
			  wb_kernel_config_has(config, "CONFIG_KEXEC_VERIFY_SIG");
	trust->forces = wb_kernel_config_has(config, "CONFIG_KEXEC_SIG_FORCE");
	return 0;
}

/* Is @line a rule by which IMA takes only kernels with a signature of its own? */
static bool asks_for_signature(const char *line)
{
	return wb_startswith(line, "appraise ") &&
	       strstr(line, " func=KEXEC_KERNEL_CHECK") &&
	       strstr(line, " appraise_type=imasig");
}

/* Does ima_appraise= say that nothing is refused? Linux 5.9 and later do not hear it
 * under Secure Boot: ima_appraise_parse_cmdline(), which compares beginnings. For the
 * kernel there is none where shim checks nothing. */
static bool is_lenient(const struct wb_trust *trust, const char *cmdline)
{
	static const char *const modes[] = { "off", "log", "fix" };
	_cleanup_free_ char *value = wb_cmdline_get(cmdline, "ima_appraise");

	if (trust->secure_boot == 1 && !trust->shim_unchecked)
		return false;
	for (size_t i = 0; value && i < ARRAY_SIZE(modes); i++)
		if (wb_startswith(value, modes[i]))
			return true;
	return false;
}

/* Documentation/ABI/testing/ima_policy; only where CONFIG_IMA_READ_POLICY lets it be
 * read, and root alone. */
static int read_ima(const struct wb_root *root, struct wb_trust *trust)
{
	_cleanup_free_ char *policy = NULL, *cmdline = NULL;
	char *line, *rest;
	int r = wb_root_read(root, "sys/kernel/security/ima/policy", &policy, NULL);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (rest = policy; (line = strsep(&rest, "\n"));)
		trust->appraises = trust->appraises || asks_for_signature(line);
	r = wb_root_read(root, "proc/cmdline", &cmdline, NULL);
	if (r >= 0 && is_lenient(trust, cmdline))
		trust->appraises = false;
	return r == -ENOMEM ? r : 0;
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
	if (r >= 0)
		r = read_ima(root, &ready->trust);
	return r < 0 ? r : read_keys(root, &ready->trust);
}

bool wb_trust_demands_signature(const struct wb_trust *trust)
{
	return trust->forces || (trust->lockdown && strcmp(trust->lockdown, "none") != 0);
}
