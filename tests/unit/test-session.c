/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "facts/session.h"
#include "fixture.h"
#include "unit.h"

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	fixture_init(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture_done(*state);
	free(*state);
	return 0;
}

static void assert_sessions(struct fixture *f, const struct wb_node *node,
			    const char *expected)
{
	_cleanup_strv_ char **ids = NULL;
	_cleanup_free_ char *text = NULL;

	assert_int_equal(wb_sessions_with(&f->root, node, 1, &ids), 0);
	text = wb_strv_join(ids, " ");
	assert_string_equal(text ? text : "", expected);
}

static void whose_device_it_is(void **state)
{
	const struct wb_node card = { .major = 226 },
			     any = { .major = 13, .any_minor = true };
	const struct wb_node block = { .block = true, .major = 226 };
	const struct wb_node other = { .major = 195 };
	const struct wb_node no_device = { .major = 195, .any_minor = true };
	struct fixture *f = *state;

	assert_sessions(f, &card, "");
	fixture_file(f, "run/systemd/sessions/1", "SEAT=seat0\nDEVICES=226:0 13:64 \n");
	fixture_file(f, "run/systemd/sessions/2", "SEAT=seat1\nDEVICES=226:1 13:65\n");
	fixture_file(f, "run/systemd/sessions/c3", "SEAT=\nUID=0\n");
	fixture_file(f, "run/systemd/sessions/4", "DEVICES=nonsense 1: :2 c226:0\n");
	/* logind's own, beside each. */
	fixture_folder(f, "run/systemd/sessions/1.ref");
	assert_sessions(f, &card, "1");
	assert_sessions(f, &any, "1 2");
	/* Of nobody: whoever sits where the device is, and nobody at another seat. */
	assert_sessions(f, &other, "1");
	fixture_file(f, "run/udev/data/c195:0", "I:1\nE:ID_SEAT=seat1\nG:seat\n");
	assert_sessions(f, &other, "2");
	fixture_file(f, "run/udev/data/c195:0", "I:1\nE:ID_SEAT=seat7\n");
	assert_sessions(f, &other, "");
	/* No device of a seat. */
	assert_sessions(f, &block, "");
	assert_sessions(f, &no_device, "");
}

static void sessions_of_units(void **state)
{
	static const struct {
		const char *unit, *id;
	} cases[] = {
		{ "session-2.scope", "2" },    { "session-c1.scope", "c1" },
		{ "session-.scope", NULL },    { "session-2.service", NULL },
		{ "mysession-2.scope", NULL }, { "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *id = wb_session_of_unit(cases[i].unit);

		if (!id != !cases[i].id || (id && strcmp(id, cases[i].id) != 0))
			fail_msg("'%s' is of '%s'", cases[i].unit, id ? id : "(none)");
	}
}

static void machines_of_units(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *name = NULL;

	fixture_link(f, "run/systemd/machines/unit:machine-web.scope", "web");
	assert_int_equal(wb_machine_of_unit(&f->root, "machine-web.scope", &name), 0);
	assert_string_equal(name, "web");
	assert_int_equal(wb_machine_of_unit(&f->root, "machine-db.scope", &name),
			 -ENOENT);
	assert_int_equal(wb_machine_of_unit(&f->root, "ssh.service", &name), -ENOENT);
}

#define session_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		session_test(whose_device_it_is),
		cmocka_unit_test(sessions_of_units),
		session_test(machines_of_units),
	};

	return RUN_TESTS(tests);
}
