/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/sys.h"

#include <errno.h>
#include <linux/reboot.h>
#include <sys/reboot.h>
#include <sys/syscall.h>

#include "base/time-util.h"
#include "sys/interrupt.h"
#include "sys/kexec.h"
#include "sys/mod.h"

static int live_spawn(struct wb_sys *sys, const struct wb_spawn *what,
		      struct wb_spawn_result *ret)
{
	(void)sys;
	return wb_spawn(what, ret);
}

static int live_module_remove(struct wb_sys *sys, const char *name, uint64_t timeout_usec,
			      pid_t *ret_stuck)
{
	(void)sys;
	return wb_mod_remove(name, timeout_usec, ret_stuck);
}

static int live_module_insert(struct wb_sys *sys, const char *name, const char *options,
			      uint64_t timeout_usec)
{
	(void)sys;
	return wb_mod_insert(name, options, timeout_usec);
}

struct attribute {
	const struct wb_root *root;
	const char *path;
	const char *text;
};

static int write_attribute(const void *data)
{
	const struct attribute *a = data;

	return wb_root_write(a->root, a->path, a->text);
}

static int live_write(struct wb_sys *sys, const char *path, const char *text,
		      uint64_t timeout_usec, pid_t *ret_stuck)
{
	struct attribute a = { &sys->root, path, text };

	return wb_call_in_child(write_attribute, &a, timeout_usec, ret_stuck);
}

static int live_unit_job(struct wb_sys *sys, enum wb_unit_verb verb, const char *unit,
			 uint64_t timeout_usec, char **ret_why)
{
	(void)sys;
	return wb_bus_unit_job(verb, unit, timeout_usec, ret_why);
}

static int live_user_unit_job(struct wb_sys *sys, uid_t uid, enum wb_unit_verb verb,
			      const char *unit, uint64_t timeout_usec, char **ret_why)
{
	(void)sys;
	return wb_bus_user_unit_job(uid, verb, unit, timeout_usec, ret_why);
}

static int live_session_end(struct wb_sys *sys, const char *id, char **ret_why)
{
	(void)sys;
	return wb_bus_end_session(id, ret_why);
}

static int live_machine_end(struct wb_sys *sys, const char *name, char **ret_why)
{
	(void)sys;
	return wb_bus_end_machine(name, ret_why);
}

static int live_process_open(struct wb_sys *sys, pid_t pid)
{
	(void)sys;
	return wb_pidfd_open(pid);
}

static int live_process_signal(struct wb_sys *sys, int pidfd, int signal)
{
	(void)sys;
	return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

static int live_pending_job(struct wb_sys *sys, const char *unit, uint32_t *ret)
{
	(void)sys;
	return wb_bus_pending_job(unit, ret);
}

static int live_enqueue(struct wb_sys *sys, const char *unit, char **ret_why)
{
	(void)sys;
	return wb_bus_enqueue(unit, ret_why);
}

static int live_active_units(struct wb_sys *sys, char ***ret)
{
	(void)sys;
	return wb_bus_active_units(ret);
}

static int live_current_target(struct wb_sys *sys, char **ret)
{
	(void)sys;
	return wb_bus_current_target(ret);
}

static int sync_all(const void *data)
{
	(void)data;
	sync();
	return 0;
}

static int live_sync(struct wb_sys *sys, uint64_t timeout_usec)
{
	(void)sys;
	/* In a child: a dead network file system can hold it for ever. */
	return wb_call_in_child(sync_all, NULL, timeout_usec, /* ret_stuck= */ NULL);
}

static int live_kexec_now(struct wb_sys *sys)
{
	(void)sys;
	return reboot((int)LINUX_REBOOT_CMD_KEXEC) < 0 ? -errno : 0;
}

static int live_kexec_unload(struct wb_sys *sys)
{
	(void)sys;
	return wb_kexec_unload();
}

static int live_force_restart(struct wb_sys *sys, uint64_t delay_usec)
{
	(void)sys;
	return wb_force_restart(delay_usec);
}

static int live_pause(struct wb_sys *sys, uint64_t usec)
{
	(void)sys;
	return wb_wait(/* fds= */ NULL, 0, wb_now_usec(CLOCK_BOOTTIME) + usec);
}

const struct wb_sys_ops wb_sys_live = {
	.spawn = live_spawn,
	.module_remove = live_module_remove,
	.module_insert = live_module_insert,
	.write = live_write,
	.unit_job = live_unit_job,
	.user_unit_job = live_user_unit_job,
	.session_end = live_session_end,
	.machine_end = live_machine_end,
	.process_open = live_process_open,
	.process_signal = live_process_signal,
	.enqueue = live_enqueue,
	.pending_job = live_pending_job,
	.active_units = live_active_units,
	.current_target = live_current_target,
	.sync = live_sync,
	.kexec_now = live_kexec_now,
	.kexec_unload = live_kexec_unload,
	.force_restart = live_force_restart,
	.pause = live_pause,
};
