/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whom we talk to: sockets that stand where a user may put what they like. */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "fixture.h"
#include "sys/bus-call.h"
#include "unit.h"

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0 && strlen(path) < sizeof(address.sun_path));
	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static void only_its_user_is_talked_to(void **state)
{
	_cleanup_free_ char *path = NULL, *address = NULL;
	_cleanup_close_ int fd = -1;
	struct fixture f;
	sd_bus *bus = NULL;

	(void)state;
	fixture_init(&f);
	fixture_file(&f, "private", "");
	path = fixture_outside(&f, "private");
	assert_int_equal(unlink(path), 0);
	address = wb_format("unix:path=%s", path);
	assert_int_equal(wb_bus_connect_user(address, getuid(), &bus), -EHOSTDOWN);
	fd = listen_at(path);
	assert_int_equal(wb_bus_connect_user(address, getuid() + 1, &bus), -EHOSTDOWN);
	assert_null(bus);
	assert_int_equal(wb_bus_connect_user(address, getuid(), &bus), 0);
	assert_non_null(bus);
	sd_bus_close(bus);
	sd_bus_unref(bus);
	fixture_done(&f);
}

/* --- a bus on which logind alone answers ---------------------------------------------
 */

static int append_inhibitor(sd_bus_message *m, const char *what, const char *who,
			    const char *mode)
{
	return sd_bus_message_append(m, "(ssssuu)", what, who, "an update runs", mode, 0,
				     812);
}

static int answer_list(sd_bus_message *call)
{
	_cleanup_message_ sd_bus_message *reply = NULL;
	int r = sd_bus_message_new_method_return(call, &reply);

	if (r >= 0)
		r = sd_bus_message_open_container(reply, 'a', "(ssssuu)");
	if (r >= 0)
		r = append_inhibitor(reply, "shutdown:sleep", "one", "block");
	if (r >= 0)
		r = append_inhibitor(reply, "idle", "two", "delay");
	if (r >= 0)
		r = sd_bus_message_close_container(reply);
	return r < 0 ? r : sd_bus_send(sd_bus_message_get_bus(call), reply, NULL);
}

static int answer(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
	(void)userdata, (void)error;
	if (sd_bus_message_is_method_call(call, "org.freedesktop.DBus", "Hello") > 0)
		return sd_bus_reply_method_return(call, "s", ":1.1");
	if (sd_bus_message_is_method_call(call, "org.freedesktop.login1.Manager",
					  "ListInhibitors") <= 0)
		return 0;
	answer_list(call);
	return 1;
}

static _Noreturn void serve(int listening)
{
	int fd = accept(listening, NULL, NULL);
	sd_bus *bus = NULL;
	sd_id128_t id = { .bytes = { 1 } };

	if (fd < 0 || sd_bus_new(&bus) < 0 || sd_bus_set_fd(bus, fd, fd) < 0 ||
	    sd_bus_set_server(bus, true, id) < 0 || sd_bus_set_trusted(bus, true) < 0 ||
	    sd_bus_add_filter(bus, NULL, answer, NULL) < 0 || sd_bus_start(bus) < 0)
		_exit(1);
	while (sd_bus_process(bus, NULL) >= 0)
		if (sd_bus_wait(bus, UINT64_MAX) < 0)
			break;
	_exit(0);
}

static int note(const struct wb_bus_inhibitor *i, void *userdata)
{
	char **text = userdata;

	return wb_set_format(text, "%s%s %s %s %s %u\n", *text ? *text : "", i->what,
			     i->who, i->why, i->mode, i->pid);
}

static int stop_at_once(const struct wb_bus_inhibitor *i, void *userdata)
{
	(void)i, (void)userdata;
	return -ENOMEM;
}

static void ask(const char *path, const char *expected,
		int (*found)(const struct wb_bus_inhibitor *i, void *userdata), int error)
{
	_cleanup_close_ int fd = listen_at(path);
	_cleanup_free_ char *text = NULL;
	pid_t pid = fork();

	if (pid == 0)
		serve(fd);
	assert_int_equal(wb_bus_inhibitors(found, &text), error);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	if (expected)
		assert_string_equal(text, expected);
	assert_int_equal(unlink(path), 0);
}

static void inhibitors(void **state)
{
	_cleanup_free_ char *path = NULL, *address = NULL;
	struct fixture f;

	(void)state;
	fixture_init(&f);
	path = fixture_outside(&f, "bus");
	address = wb_format("unix:path=%s", path);
	assert_int_equal(setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1), 0);
	ask(path,
	    "shutdown:sleep one an update runs block 812\n"
	    "idle two an update runs delay 812\n",
	    note, 0);
	ask(path, NULL, stop_at_once, -ENOMEM);
	/* Nobody is there. */
	assert_true(wb_bus_inhibitors(note, NULL) < 0);
	fixture_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inhibitors),
		cmocka_unit_test(only_its_user_is_talked_to),
	};

	return RUN_TESTS(tests);
}
