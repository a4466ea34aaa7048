/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whom we talk to: sockets that stand where a user may put what they like. */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_its_user_is_talked_to),
	};

	return RUN_TESTS(tests);
}
