/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <syslog.h>

#include "fixture.h"
#include "sys/kmsg.h"
#include "unit.h"

static char *text_of(struct fixture *f, const char *path)
{
	char *text = NULL;

	assert_int_equal(wb_root_read(&f->root, path, &text, NULL), 0);
	return text;
}

static void a_line(void **state)
{
	struct fixture f;
	struct wb_kmsg kmsg = { .root = &f.root, .prefix = "warmboot-late" };
	_cleanup_free_ char *log = NULL, *store = NULL;

	(void)state;
	fixture_init(&f);
	/* Without any of them nothing happens. */
	wb_kmsg_sink(&(struct wb_message){ .level = LOG_ERR, .text = "lost" }, &kmsg);
	fixture_file(&f, "dev/kmsg", "");
	fixture_file(&f, "dev/pmsg0", "");
	wb_kmsg_sink(&(struct wb_message){ .level = LOG_ERR, .text = "giving up" },
		     &kmsg);
	log = text_of(&f, "dev/kmsg");
	assert_string_equal(log, "<3>warmboot-late: giving up\n");
	store = text_of(&f, "dev/pmsg0");
	assert_string_equal(store, "warmboot-late: giving up\n");
	fixture_done(&f);
}

/* "The kernel refuses a longer record as a whole" */
static void a_long_line(void **state)
{
	struct fixture f;
	struct wb_kmsg kmsg = { .root = &f.root, .prefix = "warmboot-late" };
	_cleanup_free_ char *log = NULL;
	char message[5000];

	(void)state;
	fixture_init(&f);
	fixture_file(&f, "dev/kmsg", "");
	memset(message, 'x', sizeof(message) - 1);
	message[sizeof(message) - 1] = '\0';
	wb_kmsg_sink(&(struct wb_message){ .level = LOG_INFO, .text = message }, &kmsg);
	log = text_of(&f, "dev/kmsg");
	assert_in_range(strlen(log), 800, 1000);
	assert_int_equal(log[strlen(log) - 1], '\n');
	fixture_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line),
		cmocka_unit_test(a_long_line),
	};

	return RUN_TESTS(tests);
}
