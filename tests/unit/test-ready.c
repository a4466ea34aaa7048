/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What speaks for or against a restart: what a folder of text cannot show to the program
 * (tests/cli/test_check.py has the rest), and files that are damaged, huge or forbidden.
 */

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/ready/ready.h"
#include "planning.h"
#include "sys/answer.h"
#include "unit.h"

static struct wb_ready look(struct planning *p)
{
	struct wb_ready ready;

	assert_int_equal(wb_ready_read(&p->f.root, &ready), 0);
	return ready;
}

/* --- locks ------------------------------------------------------------------------ */

#define LOCK "var/lib/dpkg/lock-frontend"

/* A line of /proc/locks on that file. */
static void put_lock(struct planning *p, const char *format)
{
	_cleanup_free_ char *place = NULL, *line = NULL, *outside = NULL;
	const char *hole = strchr(format, '@');
	struct stat st;

	fixture_file(&p->f, LOCK, "");
	outside = fixture_outside(&p->f, LOCK);
	assert_int_equal(stat(outside, &st), 0);
	place = wb_format("%02x:%02x:%ju", major(st.st_dev), minor(st.st_dev),
			  (uintmax_t)st.st_ino);
	line = wb_format("%.*s%s%s\n", (int)(hole - format), format, place, hole + 1);
	fixture_file(&p->f, "proc/locks", line);
}

static void lock_is_held(void **state)
{
	struct planning *p = *state;
	struct wb_ready ready;

	put_lock(p, "1: FLOCK  ADVISORY  WRITE 7 00:01:9 0 EOF\n"
		    "2: POSIX  ADVISORY  WRITE 812 @ 0 EOF");
	fixture_file(&p->f, "proc/812/comm", "ap\033t\n");
	ready = look(p);
	assert_int_equal(wb_strv_length(ready.installing), 1);
	assert_string_equal(ready.installing[0], "ap\033t (pid 812, /" LOCK ")");
	wb_ready_done(&ready);
	planning_build(p);
	assert_true(planning_says(p, WB_BLOCKER, "by ap?t (pid 812, /" LOCK ")"));
	/* Of an open file: the kernel says -1. */
	put_lock(p, "1: OFDLCK ADVISORY  WRITE -1 @ 0 EOF");
	ready = look(p);
	assert_string_equal(ready.installing[0], "somebody (/" LOCK ")");
	wb_ready_done(&ready);
}

static void lock_is_not_held(void **state)
{
	static const char *const lines[] = {
		"1: POSIX  ADVISORY  READ 812 @ 0 EOF",
		"1: -> POSIX  ADVISORY  WRITE 812 @ 0 EOF",
		"1: POSIX  ADVISORY  WRITE 812 @0 0 EOF",
		"1: POSIX  ADVISORY  WRITE 812 @:1 0 EOF",
		"1: POSIX  ADVISORY  WRITE @",
		"1: POSIX ADVISORY WRITE 812 x@ 0 EOF",
		"@",
	};
	struct planning *p = *state;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct wb_ready ready;

		put_lock(p, lines[i]);
		ready = look(p);
		if (ready.installing)
			fail_msg("'%s' is held", lines[i]);
		wb_ready_done(&ready);
	}
}

/* Whom a warm boot would disturb, a reboot in its place disturbs, too; unless somebody
 * said that this is meant. */
static void reboots_are_stopped_as_well(void **state)
{
	static char inhibitors[] = "inhibitors";
	static char *ignore[] = { inhibitors, NULL };
	struct planning *p = *state;

	fixture_file(&p->f, "boot/efi/EFI/UpdateCapsule/a.cap", "");
	planning_build(p);
	assert_true(planning_says(p, WB_BLOCKER, "needs a firmware reboot"));
	assert_null(wb_findings_veto(&p->plan->findings));
	fixture_file(&p->f, "run/systemd/inhibit/1", "WHAT=shutdown\nMODE=block\n");
	planning_build(p);
	assert_string_equal(wb_findings_veto(&p->plan->findings)->check, "inhibitors");
	p->request.ignore = ignore;
	planning_build(p);
	assert_null(wb_findings_veto(&p->plan->findings));
	assert_true(planning_says(p, WB_IGNORED, "somebody (pid 0)"));
	p->request.ignore = NULL;
	put_lock(p, "1: POSIX  ADVISORY  WRITE 812 @ 0 EOF");
	fixture_remove(&p->f, "run/systemd/inhibit/1");
	planning_build(p);
	assert_string_equal(wb_findings_veto(&p->plan->findings)->check, "packages");
}

/* --- mounts ----------------------------------------------------------------------- */

static void mounts_answer(void **state)
{
	struct planning *p = *state;
	struct wb_ready ready;

	fixture_folder(&p->f, "srv");
	fixture_file(&p->f, "proc/self/mountinfo",
		     "1 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
		     "2 1 0:50 / /srv rw - nfs4 server:/srv rw\n"
		     "3 1 0:51 / /gone rw - nfs server:/gone rw\n");
	ready = look(p);
	assert_null(ready.dead_mounts);
	wb_ready_done(&ready);
	assert_int_equal(wb_root_answers(&p->f.root, "/srv", 5000000), 0);
}

/* One that takes longer than it may: there is no server here to let die, so the child is
 * given no time. */
static void mounts_that_do_not_answer(void **state)
{
	struct planning *p = *state;

	planning_look(p);
	assert_int_equal(wb_strv_append(&p->facts.ready.dead_mounts, "/s\033rv (nfs4)"),
			 0);
	assert_int_equal(wb_planner_build(&p->in, &p->plan), 0);
	assert_true(planning_says(p, WB_BLOCKER, "do not answer"));
	assert_true(planning_says(p, WB_BLOCKER, "/s?rv (nfs4); unmount them"));
}

/* --- the way here ----------------------------------------------------------------- */

#define BOOT(c) c c c c c c c c "-" c c c c "-" c c c c "-" c c c c

static void put_record(struct planning *p, const char *name, const char *from,
		       const char *to, const char *started)
{
	_cleanup_free_ char *path = wb_format("var/lib/warmboot/%s.json", name);
	_cleanup_free_ char *text =
		wb_format("{\n\"boot_id\":\"%s\",\n\"confirmed_boot_id\":\"%s\",\n"
			  "\"started_usec\":%s\n}",
			  from, to, started);

	fixture_file(&p->f, path, text);
}

static void assert_warm(struct planning *p, unsigned int n, uint64_t usec)
{
	struct wb_ready ready = look(p);

	assert_int_equal(ready.warm_boots, n);
	assert_int_equal(ready.warm_usec, usec);
	wb_ready_done(&ready);
}

static void warm_boots(void **state)
{
	struct planning *p = *state;

	put_record(p, "a", BOOT("1"), BOOT("2"), "1000000");
	fixture_file(&p->f, "proc/sys/kernel/random/boot_id", BOOT("2") "\n");
	/* This boot does not say that a run led to it. */
	assert_warm(p, 0, 0);
	fixture_file(&p->f, "proc/cmdline", "root=/dev/sda1 warmboot.id=a");
	assert_warm(p, 1, 0);
	put_record(p, "b", BOOT("0"), BOOT("1"), "400000");
	put_record(p, ".c", BOOT("0"), BOOT("1"), "1");
	fixture_file(&p->f, "proc/uptime", "3.99 1.00\n");
	assert_warm(p, 2, 600000 + 3000000);
	/* A boot before which the clock stood elsewhere. */
	put_record(p, "b", BOOT("0"), BOOT("1"), "9000000");
	assert_warm(p, 2, 3000000);
}

static void damaged_records(void **state)
{
	struct planning *p = *state;

	fixture_file(&p->f, "proc/cmdline", "root=/dev/sda1 warmboot.id=a");
	fixture_file(&p->f, "proc/sys/kernel/random/boot_id", BOOT("2") "\n");
	/* In a circle; it ends. */
	put_record(p, "a", BOOT("1"), BOOT("2"), "1");
	put_record(p, "b", BOOT("2"), BOOT("1"), "2");
	assert_warm(p, 2, 0);
	put_record(p, "a", BOOT("2"), BOOT("2"), "99999999999999999999999999");
	put_record(p, "b", BOOT("2"), "", "x");
	fixture_file(&p->f, "var/lib/warmboot/c.json", "\"boot_id\":\"");
	fixture_folder(&p->f, "var/lib/warmboot/d.json");
	fixture_file(&p->f, "proc/uptime", "x\n");
	assert_warm(p, 1, 0);
}

/* --- trust ------------------------------------------------------------------------ */

#define KEYS                                                                             \
	"0a1b2c3d I------     1 perm 1f030000     0     0 keyring   .builtin: 1\n"       \
	"0a1b2c3e I------     1 perm 1f030000     0     0 asymmetri Some Org: Some "     \
	"CA: 00ff: X509.rsa 00ff []\n"

static void set_signed(struct planning *p, const char *name)
{
	struct wb_signature *s = &p->target.signature;

	planning_look(p);
	s->looked = s->present = true;
	if (name)
		assert_int_equal(wb_strv_append(&s->names, name), 0);
	assert_int_equal(wb_planner_build(&p->in, &p->plan), 0);
}

static void keys(void **state)
{
	struct planning *p = *state;

	fixture_file(&p->f, "sys/kernel/security/lockdown",
		     "none integrity [confidentiality]\n");
	set_signed(p, "Some CA");
	assert_true(planning_says(p, WB_INFO, "lockdown=confidentiality"));
	assert_true(planning_says(p, WB_INFO, "is signed by: Some CA"));
	/* Now those that the kernel has can be seen. */
	fixture_file(&p->f, "proc/keys", KEYS);
	set_signed(p, "Some CA");
	assert_true(planning_says(p, WB_INFO, "is signed by: Some CA"));
	set_signed(p, "Another CA");
	assert_true(planning_says(p, WB_WARNING, "none of its keys has such a name"));
	assert_true(planning_says(p, WB_WARNING, "mokutil --import"));
	set_signed(p, NULL);
	assert_true(planning_says(p, WB_INFO, "a name that is not in it"));
}

/* CONFIG_IKCONFIG_PROC, where no file tells. */
static void a_configuration_in_proc(void **state)
{
	static const char forced[] = "CONFIG_KEXEC_SIG=y\nCONFIG_KEXEC_SIG_FORCE=y\n";
	struct planning *p = *state;
	struct bytes plain = { 0 }, packed;
	struct wb_ready ready;

	bytes_add(&plain, forced, strlen(forced));
	packed = pack_bytes(&plain, "gzip");
	fixture_bytes(&p->f, "proc/config.gz", packed.data, packed.size);
	ready = look(p);
	assert_true(ready.trust.config_known);
	assert_true(ready.trust.forces);
	wb_ready_done(&ready);
	/* A file beside the kernel is read instead. */
	fixture_file(&p->f, "usr/lib/modules/" MACHINE_RELEASE "/config",
		     "CONFIG_KEXEC_SIG=y\n# CONFIG_KEXEC_SIG_FORCE is not set\n");
	ready = look(p);
	assert_true(ready.trust.verifies);
	assert_false(ready.trust.forces);
	wb_ready_done(&ready);
	fixture_remove(&p->f, "usr/lib/modules/" MACHINE_RELEASE "/config");
	/* One that is cut tells nothing. */
	fixture_bytes(&p->f, "proc/config.gz", packed.data, packed.size / 2);
	ready = look(p);
	assert_false(ready.trust.config_known);
	assert_false(ready.trust.forces);
	wb_ready_done(&ready);
	fixture_remove(&p->f, "proc/config.gz");
	bytes_done(&plain);
	bytes_done(&packed);
}

static void what_ima_asks_for(void **state)
{
	static const char path[] = "sys/kernel/security/ima/policy";
	struct planning *p = *state;

	fixture_file(&p->f, path,
		     "dont_measure fsmagic=0x9fa0\n"
		     "appraise func=KEXEC_KERNEL_CHECK appraise_type=imasig|modsig\n");
	planning_build(p);
	assert_true(planning_says(p, WB_WARNING, "IMA's policy"));
	/* kexec_load(2) has no file that could bear a signature. */
	p->request.dtb = "/x.dtb";
	planning_build(p);
	assert_true(planning_says(p, WB_BLOCKER, "--dtb goes by kexec_load(2) alone"));
	p->request.dtb = NULL;
	/* A hash is enough, or it is another file, or only measured. */
	fixture_file(&p->f, path,
		     "appraise func=KEXEC_KERNEL_CHECK\n"
		     "appraise func=MODULE_CHECK appraise_type=imasig\n"
		     "measure func=KEXEC_KERNEL_CHECK appraise_type=imasig\n");
	planning_build(p);
	assert_false(planning_says(p, WB_WARNING, "IMA's policy"));
	fixture_remove(&p->f, path);
}

/* ima_appraise= as the kernel reads it. */
static void what_ima_is_told(void **state)
{
	static const char secure_boot[] = "sys/firmware/efi/efivars/SecureBoot-"
					  "8be4df61-93ca-11d2-aa0d-00e098032b8c";
	static const char unchecked[] = "sys/firmware/efi/efivars/MokSBStateRT-"
					"605dab50-e046-4300-abb6-3dd810dd8b23";
	static const struct {
		const char *cmdline;
		bool secure_boot, unchecked, appraises;
	} cases[] = {
		{ "quiet", false, false, true },
		{ "ima_appraise=log", false, false, false },
		{ "ima_appraise=fix quiet", false, false, false },
		{ "ima_appraise=off", false, false, false },
		{ "ima_appraise=enforce", false, false, true },
		{ "x.ima_appraise=log", false, false, true },
		{ "ima_appraise=log ima_appraise=enforce", false, false, true },
		{ "quiet -- ima_appraise=log", false, false, true },
		{ "ima_appraise=log", true, false, true },
		{ "ima_appraise=log", true, true, false },
	};
	struct planning *p = *state;

	fixture_file(&p->f, "sys/kernel/security/ima/policy",
		     "appraise func=KEXEC_KERNEL_CHECK appraise_type=imasig\n");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct wb_ready ready;

		fixture_file(&p->f, "proc/cmdline", cases[i].cmdline);
		fixture_bytes(&p->f, secure_boot,
			      cases[i].secure_boot ? "\6\0\0\0\1" : "\6\0\0\0\0", 5);
		fixture_bytes(&p->f, unchecked,
			      cases[i].unchecked ? "\6\0\0\0\1" : "\6\0\0\0\0", 5);
		ready = look(p);
		assert_int_equal(ready.trust.appraises, cases[i].appraises);
		wb_ready_done(&ready);
	}
	fixture_remove(&p->f, "sys/kernel/security/ima/policy");
	fixture_remove(&p->f, secure_boot);
	fixture_remove(&p->f, unchecked);
}

static void device_trees_are_not_signed(void **state)
{
	struct planning *p = *state;

	fixture_file(&p->f, "sys/kernel/security/lockdown", "none [integrity]\n");
	p->request.dtb = "/x.dtb";
	planning_build(p);
	assert_true(planning_says(p, WB_BLOCKER, "--dtb goes by kexec_load(2) alone"));
	p->request.dtb = NULL;
}

/* --- what is damaged, huge or forbidden ------------------------------------------- */

static const char *const files[] = {
	"sys/kernel/security/lockdown",
	"proc/keys",
	"proc/meminfo",
	"proc/locks",
	"proc/uptime",
	"proc/sys/kernel/tainted",
	"proc/sys/kernel/kexec_load_limit_reboot",
	"etc/crypttab",
	"run/systemd/inhibit/1",
	"run/systemd/sessions/1",
	"run/systemd/machines/x",
	"sys/block/md0/md/sync_action",
	"sys/devices/system/edac/mc/mc0/ce_count",
	"sys/class/dmi/id/sys_vendor",
	("boot/config-" MACHINE_RELEASE),
	"sys/firmware/efi/efivars/BootNext-8be4df61-93ca-11d2-aa0d-00e098032b8c",
	"sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
	"proc/901/comm",
	"proc/config.gz",
	"sys/kernel/security/ima/policy",
};

static void put_everywhere(struct planning *p, const void *data, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		fixture_bytes(&p->f, files[i], data, size);
}

static void assert_says_nothing(struct planning *p)
{
	struct wb_ready ready = look(p);

	assert_null(ready.installing);
	assert_null(ready.sessions);
	assert_null(ready.guests);
	assert_null(ready.containers);
	assert_null(ready.firmware);
	assert_null(ready.arrays);
	assert_null(ready.tpm_volumes);
	assert_int_equal(ready.n_inhibitors, 0);
	assert_int_equal(ready.taint, 0);
	assert_int_equal(ready.corrected, 0);
	assert_false(ready.load_limited);
	assert_false(wb_trust_demands_signature(&ready.trust));
	assert_false(ready.trust.config_known);
	assert_false(ready.trust.appraises);
	wb_ready_done(&ready);
}

static void bad_files(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"\n\n\n=\n",
		"x",
		"=",
		"[",
		"MemAvailable:",
		"asymmetri ",
		" asymmetri ",
		"WHAT=shutdown\nMODE=",
		"UID=\nUSER=",
		"a b c tpm2-device",
		"99999999999999999999999999",
		"-1",
		"\xff\xfe\x01\x1b[2J",
	};
	struct planning *p = *state;
	char *huge = malloc(1 << 20);

	memset(huge, 'A', 1 << 20);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		put_everywhere(p, texts[i], strlen(texts[i]));
		assert_says_nothing(p);
	}
	put_everywhere(p, huge, 1 << 20);
	assert_says_nothing(p);
	memset(huge, 0, 1 << 20);
	put_everywhere(p, huge, 1 << 20);
	assert_says_nothing(p);
	free(huge);
}

static void forbidden_files(void **state)
{
	struct planning *p = *state;

	put_everywhere(p, "1", 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		fixture_mode(&p->f, files[i], 0);
	assert_says_nothing(p);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		fixture_remove(&p->f, files[i]);
		fixture_folder(&p->f, files[i]);
	}
	assert_says_nothing(p);
}

/* Names of users' making do not reach a terminal as they are. */
static void ugly_names(void **state)
{
	struct planning *p = *state;

	fixture_file(&p->f, "run/systemd/sessions/1",
		     "UID=7\nUSER=b\033[2J\nCLASS=user\nTTY=\x9b\n");
	fixture_file(&p->f, "run/systemd/machines/x\033y", "CLASS=vm\n");
	planning_build(p);
	assert_true(planning_says(p, WB_WARNING, "b?[2J on ?"));
	assert_true(planning_says(p, WB_WARNING, "x?y"));
	for (size_t i = 0; i < p->plan->findings.n; i++)
		assert_null(strchr(p->plan->findings.items[i].message, '\033'));
}

static void many_names(void **state)
{
	struct planning *p = *state;

	for (int i = 0; i < 20; i++) {
		_cleanup_free_ char *path = wb_format("run/systemd/machines/m%02d", i);

		fixture_file(&p->f, path, "CLASS=vm\n");
	}
	planning_build(p);
	assert_true(planning_says(p, WB_WARNING, "m04, m05, 14 more"));
}

#define ready_test(name)                                                                 \
	cmocka_unit_test_setup_teardown(name, planning_setup, planning_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ready_test(lock_is_held),
		ready_test(lock_is_not_held),
		ready_test(reboots_are_stopped_as_well),
		ready_test(mounts_answer),
		ready_test(mounts_that_do_not_answer),
		ready_test(warm_boots),
		ready_test(damaged_records),
		ready_test(keys),
		ready_test(device_trees_are_not_signed),
		ready_test(a_configuration_in_proc),
		ready_test(what_ima_asks_for),
		ready_test(what_ima_is_told),
		ready_test(bad_files),
		ready_test(forbidden_files),
		ready_test(ugly_names),
		ready_test(many_names),
	};

	return RUN_TESTS(tests);
}
