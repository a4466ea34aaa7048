/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "fixture.h"
#include "proof/confirm.h"
#include "sample-record.h"
#include "unit.h"

#define ID  "01234567-89ab-cdef-0123-456789abcdef"
#define OWN "fedcba98-89ab-cdef-0123-456789abcdef"

struct machine {
	struct fixture f;
	struct wb_sys sys;
};

static int setup(void **state)
{
	struct machine *m = calloc(1, sizeof(*m));

	fixture_init(&m->f);
	m->sys.root = m->f.root;
	fixture_folder(&m->f, "var/lib");
	fixture_file(&m->f, "proc/sys/kernel/random/boot_id", "boot-3\n");
	fixture_file(&m->f, "proc/sys/kernel/osrelease", "6.2.0\n");
	fixture_file(&m->f, "proc/cmdline", "root=/dev/sda1 warmboot.id=" ID "\n");
	*state = m;
	return 0;
}

static int teardown(void **state)
{
	struct machine *m = *state;

	fixture_done(&m->f);
	free(m);
	return 0;
}

static void put(struct machine *m, const char *id, uint64_t started_usec)
{
	_cleanup_(wb_record_freep) struct wb_record *r = sample_record(id, started_usec);
	_cleanup_free_ char *path = wb_record_path(id);

	/* As it goes down: nobody has confirmed it. */
	r->end = WB_END_HANDED_OVER;
	free(r->confirmation.release);
	free(r->confirmation.boot_id);
	r->confirmation = (struct wb_confirmation){ 0 };
	assert_int_equal(wb_record_write(r, &m->f.root, path), 0);
}

static void arrival(void **state)
{
	struct machine *m = *state;
	_cleanup_(wb_record_freep) struct wb_record *record = NULL, *on_disk = NULL,
						    *again = NULL;

	put(m, ID, 1);
	assert_int_equal(wb_confirm_arrival(&m->sys, &record), 1);
	assert_int_equal(record->end, WB_END_CONFIRMED);
	assert_string_equal(record->confirmation.release, "6.2.0");
	assert_string_equal(record->confirmation.boot_id, "boot-3");
	/* "note in it, on disk, that it has arrived" */
	assert_int_equal(wb_record_read(&m->f.root, "/var/lib/warmboot/" ID ".json",
					&on_disk),
			 0);
	assert_int_equal(on_disk->end, WB_END_CONFIRMED);
	assert_string_equal(on_disk->confirmation.boot_id, "boot-3");
	/* "0 where this boot ... is confirmed already" */
	assert_int_equal(wb_confirm_arrival(&m->sys, &again), 0);
	assert_null(again);
}

static void no_warm_boot(void **state)
{
	struct machine *m = *state;
	struct wb_record *record = NULL;

	fixture_file(&m->f, "proc/cmdline", "root=/dev/sda1\n");
	assert_int_equal(wb_confirm_arrival(&m->sys, &record), 0);
	assert_null(record);
}

static void a_lost_record(void **state)
{
	struct machine *m = *state;
	struct wb_record *record = NULL;

	assert_int_equal(wb_confirm_arrival(&m->sys, &record), -ENOENT);
}

/* "A UUID and nothing that could be a path." */
static void an_id_that_is_none(void **state)
{
	static const char *const ids[] = { "", "x",
					   "../../../../../../../../etc/passwd-pad",
					   ID "0",
					   "01234567-89AB-cdef-0123-456789abcdef" };
	struct machine *m = *state;

	put(m, ID, 1);
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		_cleanup_free_ char *line = wb_format("warmboot.id=%s\n", ids[i]);
		struct wb_record *record = NULL;

		fixture_file(&m->f, "proc/cmdline", line);
		assert_true(wb_confirm_arrival(&m->sys, &record) < 0);
		assert_null(record);
	}
}

static void pruning(void **state)
{
	struct machine *m = *state;
	_cleanup_strv_ char **names = NULL;
	_cleanup_free_ char *joined = NULL;

	put(m, "one", 100);
	put(m, "three", 300);
	put(m, "two", 200);
	put(m, "four", 400);
	fixture_file(&m->f, "var/lib/warmboot/notes", "mine");
	assert_int_equal(wb_confirm_prune(&m->sys, 2), 0);
	assert_int_equal(wb_root_list(&m->f.root, "var/lib/warmboot", &names), 0);
	joined = wb_strv_join(names, " ");
	assert_string_equal(joined, "four.json notes three.json");
	assert_int_equal(wb_confirm_prune(&m->sys, 2), 0);
}

static void put_foreign(struct machine *m, enum wb_end end, const char *mark,
			const char *loader)
{
	_cleanup_(wb_record_freep) struct wb_record *r = sample_record(ID, 1);
	_cleanup_free_ char *path = wb_record_path(ID);

	r->foreign = true;
	r->end = end;
	free(TAKE_PTR(r->failure));
	free(r->confirmation.release);
	free(r->confirmation.boot_id);
	r->confirmation = (struct wb_confirmation){ 0 };
	assert_int_equal(wb_record_write(r, &m->f.root, path), 0);
	fixture_file(&m->f, "var/lib/warmboot/quiesced", mark);
	if (loader)
		fixture_file(&m->f, "proc/sys/kernel/bootloader_type", loader);
	/* As --reuse-cmdline takes it over from the last one. */
	fixture_file(&m->f, "proc/cmdline", "root=/dev/sda1\n");
}

/* What this kernel says of how it was started, and what is known by that. */
static void after_another_image(void **state)
{
	static const struct {
		const char *loader;
		enum wb_end end;
		bool firmware;
	} rows[] = {
		{ NULL, WB_END_HANDED_OVER, false },
		{ "208\n", WB_END_CONFIRMED, false },
		{ "209\n", WB_END_CONFIRMED, false },
		/* There may have been a jump, into a kernel that had to be reset. */
		{ "114\n", WB_END_HANDED_OVER, true },
		{ "33\n", WB_END_HANDED_OVER, true },
		{ "?\n", WB_END_HANDED_OVER, false },
	};
	struct machine *m = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(wb_record_freep) struct wb_record *record = NULL, *kept = NULL,
							    *again = NULL;

		put_foreign(m, WB_END_HANDED_OVER, ID "\n", rows[i].loader);
		assert_int_equal(wb_confirm_foreign(&m->sys, &record), 1);
		assert_int_equal(record->end, rows[i].end);
		assert_int_equal(wb_record_read(&m->f.root,
						"/var/lib/warmboot/" ID ".json", &kept),
				 0);
		assert_int_equal(kept->end, rows[i].end);
		assert_string_equal(kept->confirmation.boot_id, "boot-3");
		assert_int_equal(kept->failure != NULL, rows[i].firmware);
		if (rows[i].firmware)
			assert_non_null(
				strstr(kept->failure, "came through the firmware"));
		/* "a mark beside it, which is gone then" */
		assert_int_equal(wb_confirm_foreign(&m->sys, &again), 0);
	}
}

/* Nothing is to be found out, and the mark is good for one boot all the same. */
static void after_another_image_that_was_given_up(void **state)
{
	struct machine *m = *state;
	struct wb_record *record = NULL;

	put_foreign(m, WB_END_COLD, ID "\n", "208\n");
	assert_int_equal(wb_confirm_foreign(&m->sys, &record), 0);
	assert_null(record);
	assert_false(wb_root_exists(&m->f.root, "var/lib/warmboot/quiesced"));
}

static void a_mark_that_is_none(void **state)
{
	static const char *const marks[] = { "", "\n", "../../etc/passwd",
					     "99999999-89ab-cdef-0123-456789abcdef" };
	struct machine *m = *state;

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		struct wb_record *record = NULL;

		put_foreign(m, WB_END_HANDED_OVER, marks[i], "208\n");
		assert_true(wb_confirm_foreign(&m->sys, &record) < 0);
		assert_null(record);
		assert_false(wb_root_exists(&m->f.root, "var/lib/warmboot/quiesced"));
	}
}

/* The mark of a boot that was never confirmed, and a run of our own since then. */
static void put_own(struct machine *m, enum wb_end end, uint64_t committed_usec)
{
	_cleanup_(wb_record_freep) struct wb_record *r = sample_record(OWN, 1);
	_cleanup_free_ char *path = wb_record_path(OWN);

	r->end = end;
	r->committed_usec = committed_usec;
	free(r->confirmation.release);
	free(r->confirmation.boot_id);
	r->confirmation = (struct wb_confirmation){ 0 };
	assert_int_equal(wb_record_write(r, &m->f.root, path), 0);
	fixture_file(&m->f, "proc/cmdline", "root=/dev/sda1 warmboot.id=" OWN "\n");
}

static void a_run_of_our_own_after_it(void **state)
{
	static const struct {
		enum wb_end end;
		int offset;
		int found; /* by the mark */
	} rows[] = {
		{ WB_END_HANDED_OVER, 1, 0 },
		/* Taken over from the command line of the boot before. */
		{ WB_END_HANDED_OVER, -1, 1 },
		{ WB_END_CONFIRMED, 1, 1 },
	};
	struct machine *m = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(wb_record_freep) struct wb_record *record = NULL, *own = NULL;
		_cleanup_(wb_record_freep) struct wb_record *sample =
			sample_record(ID, 1);

		put_foreign(m, WB_END_HANDED_OVER, ID "\n", "114\n");
		put_own(m, rows[i].end,
			sample->committed_usec + (uint64_t)rows[i].offset);
		assert_int_equal(wb_confirm_foreign(&m->sys, &record), rows[i].found);
		assert_false(wb_root_exists(&m->f.root, "var/lib/warmboot/quiesced"));
		if (rows[i].found)
			continue;
		assert_int_equal(wb_confirm_arrival(&m->sys, &own), 1);
		assert_string_equal(own->plan->id, OWN);
	}
}

#define confirm_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		confirm_test(arrival),
		confirm_test(no_warm_boot),
		confirm_test(a_lost_record),
		confirm_test(an_id_that_is_none),
		confirm_test(pruning),
		confirm_test(after_another_image),
		confirm_test(after_another_image_that_was_given_up),
		confirm_test(a_mark_that_is_none),
		confirm_test(a_run_of_our_own_after_it),
	};

	return RUN_TESTS(tests);
}
