/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Guests and containers: those that machined knows, and by the names of the programs that
 * run one each. Also pacman, whose lock tells nothing of who has it. */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/ready/ready-part.h"
#include "facts/session.h"

#define MACHINES    "run/systemd/machines"
#define PACMAN_LOCK "var/lib/pacman/db.lck"

enum kind { GUEST, CONTAINER, PACMAN };

/* The kernel cuts the name of a process off after 15 characters (TASK_COMM_LEN). */
static const struct program {
	const char *name; /* what it begins with */
	enum kind kind;
} programs[] = {
	{ "qemu-system-", GUEST },    { "qemu-kvm", GUEST },
	{ "cloud-hyperviso", GUEST }, { "firecracker", GUEST },
	{ "crosvm", GUEST },          { "VBoxHeadless", GUEST },
	{ "VirtualBoxVM", GUEST },    { "vmware-vmx", GUEST },
	{ "conmon", CONTAINER },      { "containerd-shim", CONTAINER },
	{ "lxc-start", CONTAINER },   { "pacman", PACMAN },
};

static const struct program *find_program(const char *comm)
{
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (wb_startswith(comm, programs[i].name))
			return &programs[i];
	return NULL;
}

/* "machine-qemu\x2d1\x2dweb.scope" of the line of cgroup v2; the caller's, NULL for any
 * other. */
static char *machine_scope(const struct wb_root *root, const char *pid)
{
	_cleanup_free_ char *path = wb_format("proc/%s/cgroup", pid), *text = NULL;
	const char *scope;

	if (!path || wb_root_read(root, path, &text, NULL) < 0)
		return NULL;
	scope = strstr(text, "/machine.slice/machine-");
	if (!scope)
		return NULL;
	scope += strlen("/machine.slice/");
	return strndup(scope, strcspn(scope, "/\n"));
}

/* What machined knows was named already. */
static bool is_named(const struct wb_root *root, const char *pid)
{
	_cleanup_free_ char *scope = machine_scope(root, pid), *machine = NULL;

	return scope && wb_machine_of_unit(root, scope, &machine) >= 0;
}

static int add_process(const struct wb_root *root, const char *pid, const char *comm,
		       struct wb_ready *ready)
{
	const struct program *program = find_program(comm);

	if (!program)
		return 0;
	/* One that only answers a question takes no lock. */
	if (program->kind == PACMAN && !wb_root_exists(root, PACMAN_LOCK))
		return 0;
	if (program->kind == PACMAN)
		return wb_strv_appendf(&ready->installing, "%s (pid %s)", comm, pid);
	if (is_named(root, pid))
		return 0;
	return wb_strv_appendf(program->kind == GUEST ? &ready->guests
						      : &ready->containers,
			       "%s (pid %s)", comm, pid);
}

static int read_running(const struct wb_root *root, struct wb_ready *ready)
{
	_cleanup_strv_ char **names = NULL;
	int r = wb_root_list(root, "proc", &names);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **p = names; r >= 0 && p && *p; p++) {
		_cleanup_free_ char *path = NULL, *comm = NULL;

		if (**p < '1' || **p > '9')
			continue;
		path = wb_format("proc/%s/comm", *p);
		r = path ? wb_root_read_line(root, path, &comm) : -ENOMEM;
		if (r >= 0)
			r = add_process(root, *p, comm, ready);
		/* Processes come and go. */
		else if (r != -ENOMEM)
			r = 0;
	}
	return r;
}

/* src/machine/machine.c; "unit:NAME" are links to the others. */
static int read_machine(const struct wb_root *root, const char *name,
			struct wb_ready *ready)
{
	_cleanup_free_ char *path = NULL, *text = NULL, *class = NULL;
	int r;

	if (strchr(name, ':') || *name == '.')
		return 0;
	path = wb_format(MACHINES "/%s", name);
	r = path ? wb_root_read(root, path, &text, NULL) : -ENOMEM;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = wb_ready_value(text, "CLASS", &class);
	if (r < 0 || !class)
		return r;
	if (strcmp(class, "vm") == 0)
		return wb_strv_append(&ready->guests, name);
	return strcmp(class, "container") == 0 ? wb_strv_append(&ready->containers, name)
					       : 0;
}

static int read_machines(const struct wb_root *root, struct wb_ready *ready)
{
	_cleanup_strv_ char **names = NULL;
	int r = wb_root_list(root, MACHINES, &names);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **p = names; r >= 0 && p && *p; p++)
		r = read_machine(root, *p, ready);
	return r;
}

int wb_ready_processes(const struct wb_root *root, struct wb_ready *ready)
{
	static const char *const enabled = "etc/systemd/system/multi-user.target.wants/"
					   "libvirt-guests.service";
	int r = read_machines(root, ready);

	if (r >= 0)
		r = read_running(root, ready);
	ready->guests_saved = wb_root_exists(root, enabled);
	/* libalpm makes it with O_EXCL and locks nothing; a pacman that was killed
	 * leaves it behind. */
	ready->pacman_left = !ready->installing && wb_root_exists(root, PACMAN_LOCK);
	return r;
}
