/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The assertions here act. */
#undef NDEBUG

#include "fake-sys.h"

#include <assert.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "base/strv.h"
#include "base/text.h"

static struct fake_sys *fake_of(struct wb_sys *sys)
{
	return sys->userdata;
}

/* Write the act down; what the script says of it. */
static int act(struct wb_sys *sys, const char *verb, const char *object)
{
	struct fake_sys *fake = fake_of(sys);
	_cleanup_free_ char *line = wb_format("%s %s", verb, object);

	assert(line);
	fprintf(fake->stream, "%s\n", line);
	if (fake->raise_at && strcmp(fake->raise_at, line) == 0)
		raise(SIGTERM);
	for (struct fake_rule *r = fake->rules; r && r->act; r++) {
		if (strcmp(r->act, line) != 0 || r->times < 0)
			continue;
		/* Used up where it was to count a number of times. */
		if (r->times > 0 && --r->times == 0)
			r->times = -1;
		return r->result;
	}
	return 0;
}

static void set_loaded(struct fake_sys *fake, const char *value)
{
	fake_file(fake, "sys/kernel/kexec_loaded", value);
}

static int fake_spawn(struct wb_sys *sys, const struct wb_spawn *what,
		      struct wb_spawn_result *ret)
{
	_cleanup_free_ char *line = wb_strv_join(what->argv, " ");
	int status = act(sys, "spawn", line);

	if (status < 0)
		return status;
	*ret = (struct wb_spawn_result){ .status = status,
					 .last_line = strdup("so it says") };
	/* kexec is the one program whose effect can be read. */
	if (status == 0 && wb_endswith(what->argv[0], "/kexec"))
		set_loaded(fake_of(sys),
			   strcmp(what->argv[1], "--load") == 0 ? "1\n" : "0\n");
	return 0;
}

static int fake_module_remove(struct wb_sys *sys, const char *name, uint64_t timeout_usec)
{
	(void)timeout_usec;
	return act(sys, "rmmod", name);
}

static int fake_module_insert(struct wb_sys *sys, const char *name, uint64_t timeout_usec)
{
	(void)timeout_usec;
	return act(sys, "modprobe", name);
}

static void forget(char **units, const char *unit)
{
	for (char **p = units; p && *p; p++)
		if (strcmp(*p, unit) == 0) {
			free(*p);
			memmove(p, p + 1, (wb_strv_length(p + 1) + 1) * sizeof(*p));
			return;
		}
}

static int fake_unit_job(struct wb_sys *sys, enum wb_unit_verb verb, const char *unit,
			 uint64_t timeout_usec, char **ret_why)
{
	static const char *const verbs[] = { "start", "stop", "isolate" };
	struct fake_sys *fake = fake_of(sys);
	int r = act(sys, verbs[verb], unit);

	(void)timeout_usec;
	if (r < 0) {
		*ret_why = strdup("the fake says so");
		return r;
	}
	if (verb == WB_UNIT_STOP)
		forget(fake->active, unit);
	else if (verb == WB_UNIT_START)
		assert(wb_strv_add(&fake->active, unit) == 0);
	else if (strcmp(unit, "multi-user.target") == 0)
		/* What the graphical target alone wants. */
		forget(fake->active, "lightdm.service");
	return 0;
}

static int fake_enqueue(struct wb_sys *sys, const char *unit, char **ret_why)
{
	(void)ret_why;
	return act(sys, "enqueue", unit);
}

static int fake_active_units(struct wb_sys *sys, char ***ret)
{
	return wb_strv_copy(ret, fake_of(sys)->active);
}

static int fake_current_target(struct wb_sys *sys, char **ret)
{
	*ret = strdup(fake_of(sys)->target);
	return 0;
}

static int fake_sync(struct wb_sys *sys, uint64_t timeout_usec)
{
	(void)timeout_usec;
	return act(sys, "sync", "all");
}

static int fake_kexec_now(struct wb_sys *sys)
{
	return act(sys, "kexec", "now");
}

static int fake_kexec_unload(struct wb_sys *sys)
{
	int r = act(sys, "kexec", "unload");

	if (r == 0)
		set_loaded(fake_of(sys), "0\n");
	return r;
}

static int fake_force_restart(struct wb_sys *sys, uint64_t delay_usec)
{
	return act(sys, "restart", delay_usec ? "later" : "now");
}

static int fake_pause(struct wb_sys *sys, uint64_t usec)
{
	(void)sys;
	/* Real time, for the deadlines of those who wait; but little of it. */
	usleep(usec > 20000 ? 20000 : (useconds_t)usec);
	return 0;
}

static const struct wb_sys_ops fake_ops = {
	.spawn = fake_spawn,
	.module_remove = fake_module_remove,
	.module_insert = fake_module_insert,
	.unit_job = fake_unit_job,
	.enqueue = fake_enqueue,
	.active_units = fake_active_units,
	.current_target = fake_current_target,
	.sync = fake_sync,
	.kexec_now = fake_kexec_now,
	.kexec_unload = fake_kexec_unload,
	.force_restart = fake_force_restart,
	.pause = fake_pause,
};

void fake_begin(struct fake_sys *fake)
{
	static const char *const units[] = { "lightdm.service", "ssh.service",
					     "nvidia-persistenced.service" };

	*fake = (struct fake_sys){ .folder = "/tmp/warmboot-test-XXXXXX",
				   .target = "graphical.target" };
	assert(mkdtemp(fake->folder));
	assert(wb_root_open(&fake->sys.root, fake->folder) == 0);
	fake->sys.ops = &fake_ops;
	fake->sys.userdata = fake;
	fake->stream = open_memstream(&fake->trace, &fake->size);
	assert(fake->stream);
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		assert(wb_strv_append(&fake->active, units[i]) == 0);
	fake_file(fake, "run/.keep", "");
	fake_file(fake, "var/lib/.keep", "");
	fake_file(fake, "proc/modules", "");
	fake_file(fake, "hooks/gpu", "#!/bin/sh\n");
	set_loaded(fake, "0\n");
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void fake_end(struct fake_sys *fake)
{
	fclose(fake->stream);
	free(fake->trace);
	wb_strv_free(fake->active);
	wb_root_close(&fake->sys.root);
	nftw(fake->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void fake_file(struct fake_sys *fake, const char *path, const char *text)
{
	_cleanup_free_ char *full = wb_format("%s/%s", fake->folder, path);
	FILE *f;

	assert(full);
	for (char *slash = strchr(full + strlen(fake->folder) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		assert(mkdir(full, 0755) == 0 || errno == EEXIST);
		*slash = '/';
	}
	f = fopen(full, "w");
	assert(f);
	fputs(text, f);
	fclose(f);
}

const char *fake_trace(struct fake_sys *fake)
{
	fflush(fake->stream);
	return fake->trace;
}
