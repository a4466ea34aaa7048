/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The late helper. In systemd's system-shutdown folder systemd-shutdown(8) runs it as
 * "warmboot kexec" when every process has been stopped and the root is read-only, or as
 * "warmboot reboot" where an ordinary reboot has taken the place of the jump. In the
 * initramfs it is /usr/lib/warmboot/late, and dracut's hooks run it as "late exitrd" when
 * the root is unmounted, or again "late reboot", and with "reached" and "left" on the way
 * up.
 */

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time-util.h"
#include "proof/arrival.h"
#include "proof/expect.h"
#include "run/late.h"
#include "run/step.h"
#include "sys/console.h"
#include "sys/kmsg.h"
#include "sys/spawn.h"

static int refuse(struct wb_run *run, const struct wb_step *step,
		  struct wb_result *result)
{
	(void)run;
	return wb_step_fail(result, -EOPNOTSUPP, "%s %s is nothing for so late",
			    wb_step_kind_to_string(step->kind), step->target);
}

/*
 * No image is loaded from here, and all that unpacks one would go into each initramfs:
 * what the program defines is not taken from the library.
 */
const struct wb_step_ops wb_step_load_kernel = {
	.doing = "loading %s",
	.run = refuse,
};

struct work {
	struct wb_run run;
	enum wb_phase phase;
};

static int run_steps(const void *data)
{
	struct work work = *(const struct work *)data;

	return wb_late_run(&work.run, work.phase);
}

/* Who stands before the console sees nothing for a while from here on. */
static void say_farewell(const struct wb_sys *sys, const struct wb_record *record)
{
	_cleanup_free_ char *expected = wb_expect_sentence(record), *text = NULL;
	const struct wb_kernel *kernel = &record->plan->kernel;

	if (expected && record->worry_usec > 0)
		text = wb_format("%s starts now; %s",
				 kernel->version ? kernel->version : kernel->linux,
				 expected);
	if (text)
		(void)!wb_console_say(&sys->root, text);
}

/* In a child, which writes down how far it has come: whatever hangs there, we are back
 * in time to decide. */
static int run_phase(struct wb_sys *sys, enum wb_phase phase)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	struct work work = { .run = { .sys = sys }, .phase = phase };
	int r = wb_late_open(sys, &record);

	if (r == 0)
		return -ECANCELED;
	if (r < 0)
		return r;
	work.run.record = record;
	r = wb_call_in_child(run_steps, &work, WB_LATE_TIMEOUT_USEC,
			     /* ret_stuck= */ NULL);
	if (r < 0)
		wb_warning("not all that was left for the end could be done: %s",
			   strerror(-r));
	r = wb_late_close(sys, phase);
	/* Where there is a shutdown initramfs, that has the last word. */
	if (r >= 0 && (phase == WB_PHASE_EXITRD || !wb_late_has_exitrd(sys)))
		say_farewell(sys, record);
	return r;
}

static int late(struct wb_sys *sys)
{
	return run_phase(sys, WB_PHASE_LATE);
}

static int exitrd(struct wb_sys *sys)
{
	int r = run_phase(sys, WB_PHASE_EXITRD);

	return r < 0 ? r : wb_late_jump(sys);
}

static int reached(struct wb_sys *sys)
{
	struct wb_arrival stamp = {
		.reached_boottime_usec = wb_now_usec(CLOCK_BOOTTIME),
		.reached_realtime_usec = wb_now_usec(CLOCK_REALTIME),
	};

	return wb_arrival_write(&sys->root, &stamp);
}

static int left(struct wb_sys *sys)
{
	struct wb_arrival stamp = { 0 };
	int r = wb_arrival_read(&sys->root, &stamp);

	if (r < 0 && r != -ENOENT)
		return r;
	stamp.left_boottime_usec = wb_now_usec(CLOCK_BOOTTIME);
	stamp.left_realtime_usec = wb_now_usec(CLOCK_REALTIME);
	return wb_arrival_write(&sys->root, &stamp);
}

static const struct {
	const char *word;
	int (*run)(struct wb_sys *sys);
} verbs[] = {
	{ "kexec", late },    { "reboot", wb_late_guard },
	{ "exitrd", exitrd }, { "reached", reached },
	{ "left", left },
};

int main(int argc, char *argv[])
{
	struct wb_sys sys = { .ops = &wb_sys_live };
	struct wb_kmsg kmsg = { .root = &sys.root };
	int r = -EINVAL;

	/* With another word: a halt, a power off, nothing to do with us. */
	for (size_t i = 0; argc == 2 && i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(argv[1], verbs[i].word) != 0)
			continue;
		r = wb_root_open(&sys.root, "/");
		if (r < 0)
			return EXIT_FAILURE;
		kmsg.prefix = "warmboot-late";
		wb_log_setup(LOG_INFO, wb_kmsg_sink, &kmsg);
		r = verbs[i].run(&sys);
		wb_root_close(&sys.root);
		return r < 0 && r != -ECANCELED ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	return EXIT_SUCCESS;
}
