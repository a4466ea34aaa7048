/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time-util.h"
#include "sys/asker.h"
#include "unit.h"

enum {
	TWICE = 1,
	NOTHING,
	FOR_EVER,
	DIE,
	COUNT,
	LONG,
	SLOW,
	STOPS,
	CHATTER,
	LATE,
	BUSY,
	BABBLE
};

static void answer(int fd, uint64_t question, void *userdata)
{
	unsigned int *count = userdata;
	static const char much[WB_ASKER_MESSAGE_MAX + 100];

	++*count;
	if (question == TWICE) {
		wb_asker_say(fd, "one", 3);
		wb_asker_say(fd, "two", 3);
	}
	if (question == LONG)
		wb_asker_say(fd, much, sizeof(much));
	if (question == COUNT)
		wb_asker_say(fd, count, sizeof(*count));
	/* Longer than silence may be, in pieces that are not. */
	for (int i = 0; question == SLOW && i < 6; i++) {
		usleep(60000);
		wb_asker_go_on(fd);
	}
	if (question == SLOW || question == STOPS)
		wb_asker_say(fd, "one", 3);
	while (question == FOR_EVER || question == STOPS)
		pause();
	while (question == CHATTER) {
		usleep(5000);
		wb_asker_go_on(fd);
	}
	while (question == BABBLE)
		wb_asker_go_on(fd);
	if (question == DIE)
		_exit(1);
	/* More than the limit, and nothing that it would wait for. */
	for (uint64_t begin = wb_now_usec(CLOCK_MONOTONIC), now = begin;
	     question == BUSY || (question == LATE && now < begin + 500 * USEC_PER_MSEC);)
		now = wb_now_usec(CLOCK_MONOTONIC);
	if (question == LATE)
		wb_asker_say(fd, "at last", 7);
}

struct ear {
	char text[64];
	size_t size;
	unsigned int count;
	int error;
};

static int hear(const void *message, size_t size, void *userdata)
{
	struct ear *ear = userdata;

	if (size == sizeof(ear->count))
		memcpy(&ear->count, message, size);
	else if (size < 10)
		strncat(ear->text, message, size);
	ear->size = size;
	return ear->error;
}

static unsigned int count;

static struct wb_asker make(void)
{
	return (struct wb_asker){
		.answer = answer,
		.userdata = &count,
		.limit_usec = 200 * USEC_PER_MSEC,
		.patience_usec = 300 * USEC_PER_MSEC,
		.busy_usec = 60 * USEC_PER_SEC,
	};
}

/* Nobody is left who would have to be waited for. */
static void assert_no_child(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void one_child_for_all_questions(void **state)
{
	struct wb_asker asker = make();
	struct ear ear = { 0 };

	(void)state;
	assert_int_equal(wb_asker_ask(&asker, TWICE, hear, &ear), 0);
	assert_string_equal(ear.text, "onetwo");
	assert_int_equal(wb_asker_ask(&asker, NOTHING, hear, &ear), 0);
	assert_int_equal(wb_asker_ask(&asker, COUNT, hear, &ear), 0);
	assert_int_equal(ear.count, 3);
	/* Cut, and not more than there is room for. */
	assert_int_equal(wb_asker_ask(&asker, LONG, hear, &ear), 0);
	assert_int_equal(ear.size, WB_ASKER_MESSAGE_MAX);
	wb_asker_done(&asker);
	assert_no_child();
}

static void an_error_of_who_hears_it(void **state)
{
	struct wb_asker asker = make();
	struct ear ear = { .error = -ENOMEM };

	(void)state;
	assert_int_equal(wb_asker_ask(&asker, TWICE, hear, &ear), -ENOMEM);
	ear.error = 0;
	*ear.text = '\0';
	/* Nothing of the answer before is left. */
	assert_int_equal(wb_asker_ask(&asker, TWICE, hear, &ear), 0);
	assert_string_equal(ear.text, "onetwo");
	wb_asker_done(&asker);
}

/* And those after it are answered; many of them do not cost the limit each. */
static void one_that_never_answers(void **state)
{
	struct wb_asker asker = make();
	struct ear ear = { 0 };

	(void)state;
	/* Two at the most at the full price of 200 ms, the others at a tenth of it. */
	for (int i = 0; i < 12; i++) {
		assert_true(asker.patience_usec == 0 || i < 2);
		assert_int_equal(wb_asker_ask(&asker, FOR_EVER, hear, &ear), -ETIMEDOUT);
	}
	assert_int_equal(wb_asker_ask(&asker, TWICE, hear, &ear), 0);
	assert_string_equal(ear.text, "onetwo");
	wb_asker_done(&asker);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

static void one_that_is_slow(void **state)
{
	struct wb_asker asker = make();
	struct ear ear = { 0 };

	(void)state;
	assert_int_equal(wb_asker_ask(&asker, SLOW, hear, &ear), 0);
	assert_string_equal(ear.text, "one");
	assert_int_equal(asker.patience_usec, 300 * USEC_PER_MSEC);
	wb_asker_done(&asker);
	assert_no_child();
}

static void one_that_falls_silent(void **state)
{
	struct wb_asker asker = make();
	struct ear ear = { 0 };

	(void)state;
	asker.patience_usec = 2 * USEC_PER_SEC;
	assert_int_equal(wb_asker_ask(&asker, STOPS, hear, &ear), -ETIMEDOUT);
	assert_string_equal(ear.text, "one");
	/* It was given up before the two seconds that a whole answer may take. */
	assert_true(asker.patience_usec > 0);
	wb_asker_done(&asker);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

/* There is an end to it all the same. */
static void one_that_never_stops(void **state)
{
	struct wb_asker asker = make();
	struct ear ear = { 0 };

	(void)state;
	assert_int_equal(wb_asker_ask(&asker, CHATTER, hear, &ear), -ETIMEDOUT);
	assert_string_equal(ear.text, "");
	assert_int_equal(asker.patience_usec, 0);
	wb_asker_done(&asker);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

/* A machine that is busy is not one in which a process hangs. */
static void one_that_only_needs_a_cpu(void **state)
{
	struct wb_asker asker = make();
	struct ear ear = { 0 };

	(void)state;
	assert_int_equal(wb_asker_ask(&asker, LATE, hear, &ear), 0);
	assert_string_equal(ear.text, "at last");
	/* And when there is no patience any more. */
	asker.patience_usec = 0;
	*ear.text = '\0';
	assert_int_equal(wb_asker_ask(&asker, LATE, hear, &ear), 0);
	assert_string_equal(ear.text, "at last");
	/* For ever is too long all the same. */
	asker.limit_usec = 10 * USEC_PER_MSEC;
	asker.busy_usec = 300 * USEC_PER_MSEC;
	assert_int_equal(wb_asker_ask(&asker, BUSY, hear, &ear), -ETIMEDOUT);
	assert_int_equal(asker.busy_usec, 0);
	/* Nor with something to say. */
	asker.busy_usec = 300 * USEC_PER_MSEC;
	assert_int_equal(wb_asker_ask(&asker, BABBLE, hear, &ear), -ETIMEDOUT);
	asker.limit_usec = 200 * USEC_PER_MSEC;
	asker.patience_usec = USEC_PER_SEC;
	*ear.text = '\0';
	assert_int_equal(wb_asker_ask(&asker, TWICE, hear, &ear), 0);
	assert_string_equal(ear.text, "onetwo");
	wb_asker_done(&asker);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

static void one_that_dies(void **state)
{
	struct wb_asker asker = make();
	struct ear ear = { 0 };

	(void)state;
	assert_int_equal(wb_asker_ask(&asker, DIE, hear, &ear), -EPIPE);
	assert_int_equal(wb_asker_ask(&asker, TWICE, hear, &ear), 0);
	kill(asker.pid, SIGKILL);
	while (wb_asker_ask(&asker, TWICE, hear, &ear) < 0)
		;
	wb_asker_done(&asker);
	assert_no_child();
	wb_asker_done(&asker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_child_for_all_questions),
		cmocka_unit_test(an_error_of_who_hears_it),
		cmocka_unit_test(one_that_never_answers),
		cmocka_unit_test(one_that_is_slow),
		cmocka_unit_test(one_that_falls_silent),
		cmocka_unit_test(one_that_never_stops),
		cmocka_unit_test(one_that_only_needs_a_cpu),
		cmocka_unit_test(one_that_dies),
	};

	return RUN_TESTS(tests);
}
