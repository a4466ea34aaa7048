/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/state.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/count.h"
#include "facts/other-run.h"

/* Optional attributes: NULL where there is none. */
static int read_optional(const struct wb_root *root, const char *path, char **ret)
{
	int r = wb_root_read_line(root, path, ret);

	return r == -ENOMEM ? r : 0;
}

/* Documentation/ABI/testing/sysfs-kernel-... : /sys/kernel/kexec_loaded */
int wb_state_kexec_loaded(const struct wb_root *root)
{
	_cleanup_free_ char *text = NULL;

	if (wb_root_read_line(root, "sys/kernel/kexec_loaded", &text) < 0)
		return -1;
	return strcmp(text, "0") != 0;
}

/* Documentation/admin-guide/sysctl/kernel.rst, kexec_load_disabled */
static bool read_load_disabled(const struct wb_root *root)
{
	_cleanup_free_ char *text = NULL;

	return wb_root_read_line(root, "proc/sys/kernel/kexec_load_disabled", &text) >=
		       0 &&
	       strcmp(text, "0") != 0;
}

static int find_kexec(const struct wb_root *root, char **ret)
{
	static const char *const places[] = {
		"/usr/sbin/kexec",
		"/sbin/kexec",
		"/usr/bin/kexec",
		"/usr/local/sbin/kexec",
	};
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (wb_root_stat(root, places[i], &st) == 0 && S_ISREG(st.st_mode) &&
		    (st.st_mode & 0111)) {
			*ret = strdup(places[i]);
			return *ret ? 0 : -ENOMEM;
		}
	return 0;
}

/* systemd.io/CONTAINER_INTERFACE; the other two are docker's and podman's marks. */
static int find_container(const struct wb_root *root, char **ret)
{
	int r = read_optional(root, "run/systemd/container", ret);

	if (r < 0 || *ret)
		return r;
	if (wb_root_exists(root, ".dockerenv"))
		*ret = strdup("docker");
	else if (wb_root_exists(root, "run/.containerenv"))
		*ret = strdup("podman");
	return 0;
}

/* The value of PRETTY_NAME= in os-release(5), without its quotes. */
static int read_os_name(const struct wb_root *root, char **ret)
{
	_cleanup_free_ char *text = NULL;
	char *line, *rest;
	const char *value = NULL;

	if (wb_root_read(root, "etc/os-release", &text, NULL) < 0 &&
	    wb_root_read(root, "usr/lib/os-release", &text, NULL) < 0)
		return 0;
	rest = text;
	while (!value && (line = strsep(&rest, "\n")))
		value = wb_startswith(line, "PRETTY_NAME=");
	if (!value)
		return 0;
	value += strspn(value, "\"'");
	*ret = strndup(value, strcspn(value, "\"'"));
	return *ret ? 0 : -ENOMEM;
}

/*
 * Paravirtual, or the domain that manages the others: Xen starts such a kernel, and the
 * code that would jump to the next one needs the bare machine. Documentation/ABI/stable/
 * sysfs-hypervisor-xen; /proc/xen/capabilities has "control_d" in that domain.
 */
static bool is_on_bare_xen(const struct wb_root *root)
{
	_cleanup_free_ char *type = NULL, *guest = NULL, *can = NULL;

	if (wb_root_read_line(root, "proc/xen/capabilities", &can) >= 0 &&
	    strstr(can, "control_d"))
		return true;
	return wb_root_read_line(root, "sys/hypervisor/type", &type) >= 0 &&
	       strcmp(type, "xen") == 0 &&
	       wb_root_read_line(root, "sys/hypervisor/guest_type", &guest) >= 0 &&
	       strcmp(guest, "PV") == 0;
}

static bool is_masked(const struct wb_root *root, const char *folder, const char *name)
{
	_cleanup_free_ char *path = wb_format("%s/%s", folder, name), *target = NULL;

	return path && wb_root_readlink(root, path, &target) >= 0 &&
	       strcmp(target, "/dev/null") == 0;
}

/* The first folder that has the name decides. */
static int read_targets(const struct wb_root *root, struct wb_state *state)
{
	static const char *const folders[] = {
		"etc/systemd/system",           "run/systemd/system",
		"usr/local/lib/systemd/system", "usr/lib/systemd/system",
		"lib/systemd/system",
	};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		_cleanup_strv_ char **names = NULL;

		if (wb_root_list(root, folders[i], &names) < 0)
			continue;
		for (char **p = names; r >= 0 && p && *p; p++) {
			if (!wb_endswith(*p, ".target") ||
			    wb_strv_contains(state->targets, *p) ||
			    wb_strv_contains(state->masked_targets, *p))
				continue;
			r = wb_strv_append(is_masked(root, folders[i], *p)
						   ? &state->masked_targets
						   : &state->targets,
					   *p);
		}
	}
	return r;
}

/* /proc has it since 6.1. A folder that does not say is one of our own kind. */
static int read_machine(const struct wb_root *root, char **ret)
{
	struct utsname name;
	int r = read_optional(root, "proc/sys/kernel/arch", ret);

	if (r < 0 || *ret)
		return r;
	if (uname(&name) < 0)
		return -errno;
	*ret = strdup(name.machine);
	return *ret ? 0 : -ENOMEM;
}

/*
 * Is our helper in the shutdown initramfs? dracut-shutdown.service(8) unpacks it from the
 * image file of the running kernel, and only when the machine goes down: to know for
 * certain is to unpack a hundred megabytes for each plan. So the image that this boot
 * came through is asked instead, by the stamp that our module in it leaves; and since the
 * file may have been made anew, whatever makes it must still know the module. An image
 * from which it was left out by hand is found by the late phase, in what was unpacked.
 */
static bool has_dracut_late(const struct wb_root *root)
{
	return wb_root_exists(root, WB_STAMP_PATH) &&
	       wb_root_exists(root, "usr/lib/dracut/modules.d/90warmboot") &&
	       wb_root_exists(root, "usr/lib/dracut/dracut-initramfs-restore");
}

int wb_state_read(const struct wb_root *root, struct wb_state *ret)
{
	struct wb_state state = { 0 };
	int r;

	state.kexec_loaded = wb_state_kexec_loaded(root);
	state.load_disabled = read_load_disabled(root);
	state.dracut_late = has_dracut_late(root);
	state.xen_halts = is_on_bare_xen(root);
	/* sd_booted(3) asks the same. */
	state.systemd = wb_root_exists(root, "run/systemd/system");
	r = read_optional(root, "proc/sys/kernel/osrelease", &state.release);
	if (r >= 0)
		r = read_machine(root, &state.machine);
	if (r >= 0)
		r = read_optional(root, "proc/cmdline", &state.cmdline);
	if (r >= 0)
		r = read_os_name(root, &state.os_name);
	if (r >= 0)
		r = find_kexec(root, &state.kexec_program);
	if (r >= 0)
		r = find_container(root, &state.container);
	if (r >= 0)
		/* Documentation/ABI/testing/sysfs-class-dmi: of the board, "dmi:bvn...".
		 */
		r = read_optional(root, "sys/class/dmi/id/modalias", &state.dmi);
	if (r >= 0)
		r = wb_count_cpus_offline(root, &state.cpus_offline);
	if (r >= 0)
		r = wb_count_virtual_functions(root, &state.virtual_functions);
	if (r >= 0)
		r = wb_other_run_read(root, &state);
	if (r >= 0)
		r = read_targets(root, &state);
	if (r < 0) {
		wb_state_done(&state);
		return r;
	}
	*ret = state;
	return 0;
}

void wb_state_done(struct wb_state *state)
{
	free(state->release);
	free(state->machine);
	free(state->cmdline);
	free(state->os_name);
	free(state->kexec_program);
	free(state->dmi);
	free(state->unfinished);
	free(state->container);
	free(state->lock_owner);
	wb_strv_free(state->masked_targets);
	wb_strv_free(state->targets);
	*state = (struct wb_state){ 0 };
}
