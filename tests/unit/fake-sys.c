/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The assertions here act. */
#undef NDEBUG

#include "fake-sys.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "base/strv.h"
#include "base/text.h"
#include "sys/interrupt.h"

/* The units that run, a line each: also what another process does is seen. */
#define ACTIVE "run/active-units"

static struct fake_sys *fake_of(struct wb_sys *sys)
{
	return sys->userdata;
}

/* In the trace, because a step may have a process of its own, whose memory nobody sees.
 */
static int count_acts(struct fake_sys *fake, const char *line)
{
	size_t size = strlen(line);
	int n = 0;

	for (const char *p = fake_trace(fake); *p; p += strcspn(p, "\n") + 1)
		n += strncmp(p, line, size) == 0 && p[size] == '\n';
	return n;
}

/* Write the act down; what the script says of it. */
static int act(struct wb_sys *sys, const char *verb, const char *object)
{
	struct fake_sys *fake = fake_of(sys);
	_cleanup_free_ char *line = wb_format("%s %s", verb, object);

	assert(line);
	fprintf(fake->stream, "%s\n", line);
	fflush(fake->stream);
	if (fake->on_act)
		fake->on_act(fake, line);
	if (fake->raise_at && strcmp(fake->raise_at, line) == 0)
		kill(fake->run, SIGTERM);
	for (const struct fake_rule *r = fake->rules; r && r->act; r++)
		if (strcmp(r->act, line) == 0 &&
		    (r->times == 0 || count_acts(fake, line) <= r->times))
			return r->result;
	return 0;
}

/* What the act brought about has happened. */
static void done(struct fake_sys *fake)
{
	if (fake->on_done)
		fake->on_done(fake);
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
	done(fake_of(sys));
	return 0;
}

static void set_parameter(struct fake_sys *fake, const char *module, char *option)
{
	_cleanup_free_ char *path = NULL;
	char *value = strchr(option, '=');

	assert(value);
	*value++ = '\0';
	/* The kernel takes the quotes away. */
	if (*value == '"')
		value[strlen(value) - 1] = '\0';
	path = wb_format("sys/module/%s/parameters/%s", module, option);
	fake_file(fake, path, *value == '"' ? value + 1 : value);
}

/* sys/module/NAME/initstate is all that there is of a module; its parameters come back
 * as the options say. */
static void set_parameters(struct fake_sys *fake, const char *module, const char *options)
{
	_cleanup_free_ char *text = options ? strdup(options) : NULL;
	bool quoted = false;
	char *begin = text;

	for (char *p = text; p; p++) {
		bool last = *p == '\0';

		quoted = quoted != (*p == '"');
		if (!last && (*p != ' ' || quoted))
			continue;
		*p = '\0';
		set_parameter(fake, module, begin);
		begin = p + 1;
		if (last)
			break;
	}
}

static void set_module(struct fake_sys *fake, const char *name, const char *state)
{
	_cleanup_free_ char *path = wb_format("sys/module/%s/initstate", name);

	assert(path);
	if (state)
		fake_file(fake, path, state);
	else
		(void)wb_root_remove(&fake->sys.root, path);
}

static int fake_module_remove(struct wb_sys *sys, const char *name, uint64_t timeout_usec,
			      pid_t *ret_stuck)
{
	int r = act(sys, "rmmod", name);

	(void)timeout_usec;
	*ret_stuck = r == -ETIMEDOUT ? FAKE_STUCK_PID : 0;
	if (r == 0 || r == -ETIMEDOUT)
		set_module(fake_of(sys), name, r == 0 ? NULL : "going\n");
	if (r == 0)
		done(fake_of(sys));
	return r;
}

static int fake_module_insert(struct wb_sys *sys, const char *name, const char *options,
			      uint64_t timeout_usec)
{
	_cleanup_free_ char *object =
		wb_format("%s%s%s", name, options ? " " : "", options ? options : "");
	int r = act(sys, "modprobe", object);

	(void)timeout_usec;
	if (r == 0) {
		set_module(fake_of(sys), name, "live\n");
		set_parameters(fake_of(sys), name, options);
		done(fake_of(sys));
	}
	return r;
}

/* The effect of bind and unbind, as the links of the device; any other attribute keeps
 * what is written to it, and an empty line takes it back. */
static void take_effect(struct fake_sys *fake, const char *path, const char *text)
{
	char bus[64], driver[64], verb[16];
	_cleanup_free_ char *link = NULL, *target = NULL;

	if (sscanf(path, "sys/bus/%63[^/]/drivers/%63[^/]/%15s", bus, driver, verb) !=
	    3) {
		fake_file(fake, path, strcmp(text, "\n") == 0 ? "(null)\n" : text);
		return;
	}
	link = wb_format("%s/sys/bus/%s/devices/%s/driver", fake->folder, bus, text);
	target = wb_format("../../drivers/%s", driver);
	assert(link && target);
	if (strcmp(verb, "bind") == 0)
		assert(symlink(target, link) == 0 || errno == EEXIST);
	else
		assert(unlink(link) == 0);
}

static int fake_write(struct wb_sys *sys, const char *path, const char *text,
		      uint64_t timeout_usec, pid_t *ret_stuck)
{
	_cleanup_free_ char *object =
		wb_format("%s %s", path, strcmp(text, "\n") == 0 ? "-" : text);
	int r = act(sys, "write", object);

	(void)timeout_usec;
	*ret_stuck = r == -ETIMEDOUT ? FAKE_STUCK_PID : 0;
	if (r == 0 && !wb_root_exists(&sys->root, path) && !strstr(path, "/drivers/"))
		return -ENOENT;
	if (r == 0)
		take_effect(fake_of(sys), path, text);
	if (r == 0)
		done(fake_of(sys));
	return r;
}

static char **read_active(struct fake_sys *fake)
{
	_cleanup_free_ char *text = NULL;
	char **units = NULL;

	assert(wb_root_read(&fake->sys.root, ACTIVE, &text, NULL) == 0);
	assert(wb_strv_split(&units, text) == 0);
	return units;
}

void fake_unit(struct fake_sys *fake, const char *unit, bool active)
{
	_cleanup_strv_ char **units = read_active(fake), **now = NULL;
	_cleanup_free_ char *text = NULL;

	for (char **p = units; p && *p; p++)
		if (strcmp(*p, unit) != 0)
			assert(wb_strv_append(&now, *p) == 0);
	if (active)
		assert(wb_strv_append(&now, unit) == 0);
	wb_strv_sort(now);
	text = wb_strv_join(now, "\n");
	fake_file(fake, ACTIVE, text ? text : "");
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
	if (verb != WB_UNIT_ISOLATE)
		fake_unit(fake, unit, verb == WB_UNIT_START);
	else if (strcmp(unit, "multi-user.target") == 0)
		/* What the graphical target alone wants. */
		fake_unit(fake, "lightdm.service", false);
	done(fake);
	return 0;
}

static int fake_user_unit_job(struct wb_sys *sys, uid_t uid, enum wb_unit_verb verb,
			      const char *unit, uint64_t timeout_usec, char **ret_why)
{
	_cleanup_free_ char *object = wb_format("%u %s", uid, unit);

	(void)timeout_usec;
	(void)ret_why;
	return act(sys, verb == WB_UNIT_START ? "user-start" : "user-stop", object);
}

static int fake_session_end(struct wb_sys *sys, const char *id, char **ret_why)
{
	(void)ret_why;
	return act(sys, "end-session", id);
}

static int fake_machine_end(struct wb_sys *sys, const char *name, char **ret_why)
{
	(void)ret_why;
	return act(sys, "end-machine", name);
}

/* Any descriptor; whose it is, the next line of the trace says. */
static int fake_process_open(struct wb_sys *sys, pid_t pid)
{
	fake_of(sys)->opened = pid;
	return dup(sys->root.fd);
}

static int fake_process_signal(struct wb_sys *sys, int pidfd, int signal)
{
	_cleanup_free_ char *object =
		wb_format("%d %s", fake_of(sys)->opened, sigabbrev_np(signal));

	(void)pidfd;
	return act(sys, "kill", object);
}

static int fake_enqueue(struct wb_sys *sys, const char *unit, char **ret_why)
{
	(void)ret_why;
	return act(sys, "enqueue", unit);
}

static int fake_pending_job(struct wb_sys *sys, const char *unit, uint32_t *ret)
{
	(void)unit;
	*ret = fake_of(sys)->job;
	return *ret == 0 ? -ENOENT : 0;
}

static int fake_active_units(struct wb_sys *sys, char ***ret)
{
	*ret = read_active(fake_of(sys));
	return 0;
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
	struct fake_sys *fake = fake_of(sys);

	/* Not in the trace: how often it takes is a matter of chance. */
	if (fake->on_act)
		fake->on_act(fake, "pause");
	/* Real time, for the deadlines of those who wait; but little of it. */
	usleep(usec > 20000 ? 20000 : (useconds_t)usec);
	return fake->interruptible && wb_interrupted() ? -EINTR : 0;
}

static const struct wb_sys_ops fake_ops = {
	.spawn = fake_spawn,
	.module_remove = fake_module_remove,
	.module_insert = fake_module_insert,
	.write = fake_write,
	.user_unit_job = fake_user_unit_job,
	.session_end = fake_session_end,
	.machine_end = fake_machine_end,
	.process_open = fake_process_open,
	.process_signal = fake_process_signal,
	.unit_job = fake_unit_job,
	.enqueue = fake_enqueue,
	.pending_job = fake_pending_job,
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
	fake->run = getpid();
	assert(mkdtemp(fake->folder));
	assert(wb_root_open(&fake->sys.root, fake->folder) == 0);
	fake->sys.ops = &fake_ops;
	fake->sys.userdata = fake;
	/* A file, and not memory: what is done in a process of its own is in it, too. */
	fake->stream = tmpfile();
	assert(fake->stream);
	assert(fcntl(fileno(fake->stream), F_SETFL, O_APPEND) == 0);
	fake_file(fake, ACTIVE, "");
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		fake_unit(fake, units[i], true);
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

void fake_link(struct fake_sys *fake, const char *path, const char *target)
{
	_cleanup_free_ char *full = wb_format("%s/%s", fake->folder, path);

	/* Its folders, and that the link may stand there. */
	fake_file(fake, path, "");
	assert(unlink(full) == 0 && symlink(target, full) == 0);
}

void fake_remove(struct fake_sys *fake, const char *path)
{
	_cleanup_free_ char *full = wb_format("%s/%s", fake->folder, path);

	nftw(full, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void fake_forget_trace(struct fake_sys *fake)
{
	fflush(fake->stream);
	assert(ftruncate(fileno(fake->stream), 0) == 0);
}

const char *fake_trace(struct fake_sys *fake)
{
	struct stat st;
	ssize_t n;

	fflush(fake->stream);
	assert(fstat(fileno(fake->stream), &st) == 0);
	free(fake->trace);
	fake->trace = calloc(1, (size_t)st.st_size + 1);
	assert(fake->trace);
	n = pread(fileno(fake->stream), fake->trace, (size_t)st.st_size, 0);
	assert(n == st.st_size);
	return fake->trace;
}
