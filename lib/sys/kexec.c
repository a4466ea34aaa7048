/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/kexec.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <signal.h>
#include <sys/syscall.h>

#include "base/time-util.h"
#include "sys/interrupt.h"

int wb_kexec_unload(void)
{
	if (syscall(SYS_kexec_file_load, -1, -1, 0UL, NULL, KEXEC_FILE_UNLOAD) >= 0)
		return 0;
	/* A kernel without CONFIG_KEXEC_FILE; no segments are an unload. */
	if (errno == ENOSYS && syscall(SYS_kexec_load, 0UL, 0UL, NULL, 0UL) >= 0)
		return 0;
	return -errno;
}

static int pull(int trigger)
{
	return write(trigger, "b", 1) < 0 ? -errno : -EIO;
}

static _Noreturn void wait_and_pull(int trigger, uint64_t delay_usec)
{
	uint64_t deadline = wb_now_usec(CLOCK_BOOTTIME) + delay_usec;

	/* Whoever ends the group of the caller does not mean this one. */
	setsid();
	signal(SIGTERM, SIG_IGN);
	if (wb_wait_undisturbed(/* fd= */ -1, deadline) == 0)
		pull(trigger);
	_exit(EXIT_FAILURE);
}

int wb_force_restart(uint64_t delay_usec)
{
	/* Opened now: the root may be another one by then. */
	_cleanup_close_ int trigger =
		open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC | O_NOCTTY);
	pid_t pid;

	if (trigger < 0)
		return -errno;
	if (delay_usec == 0)
		return pull(trigger);
	pid = fork();
	if (pid == 0)
		wait_and_pull(trigger, delay_usec);
	return pid < 0 ? -errno : 0;
}
