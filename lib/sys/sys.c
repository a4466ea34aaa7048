/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/sys.h"

#include <errno.h>
#include <linux/reboot.h>
#include <sys/reboot.h>

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

static int live_module_remove(struct wb_sys *sys, const char *name, uint64_t timeout_usec)
{
	(void)sys;
	return wb_mod_remove(name, timeout_usec);
}

static int live_module_insert(struct wb_sys *sys, const char *name, uint64_t timeout_usec)
{
	(void)sys;
	return wb_mod_insert(name, timeout_usec);
}

static int live_unit_job(struct wb_sys *sys, enum wb_unit_verb verb, const char *unit,
			 uint64_t timeout_usec, char **ret_why)
{
	(void)sys;
	return wb_bus_unit_job(verb, unit, timeout_usec, ret_why);
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
	return wb_call_in_child(sync_all, NULL, timeout_usec);
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
	.unit_job = live_unit_job,
	.enqueue = live_enqueue,
	.active_units = live_active_units,
	.current_target = live_current_target,
	.sync = live_sync,
	.kexec_now = live_kexec_now,
	.kexec_unload = live_kexec_unload,
	.force_restart = live_force_restart,
	.pause = live_pause,
};
