/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Each check: a machine on which it speaks, with the severity and the way out. */

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/text.h"
#include "facts/state.h"
#include "planning.h"
#include "unit.h"

static void assert_blocked(struct planning *p, const char *subject, const char *part)
{
	planning_build(p);
	for (size_t i = 0; i < p->plan->findings.n; i++) {
		const struct wb_finding *f = &p->plan->findings.items[i];

		if (f->severity == WB_BLOCKER && strcmp(f->subject, subject) == 0 &&
		    strstr(f->message, part))
			return;
	}
	fail_msg("no blocker on %s says '%s'", subject, part);
}

static void nothing(void **state)
{
	struct planning *p = *state;

	planning_build(p);
	for (size_t i = 0; i < p->plan->findings.n; i++)
		assert_int_equal(p->plan->findings.items[i].severity, WB_INFO);
}

#define LIVE "run/warmboot/record.json"

static void assert_unfinished(struct planning *p, const char *record, const char *id)
{
	struct wb_state s;

	assert_int_equal(wb_state_read(&p->f.root, &s), 0);
	if (!s.unfinished || strcmp(s.unfinished, id) != 0)
		fail_msg("'%s' is of '%s'", record, s.unfinished ? s.unfinished : "none");
	wb_state_done(&s);
}

static void a_run_that_was_killed(void **state)
{
	static const char *const others[] = {
		"{ \"id\": \"abc\", \"end\": \"undone\" }",
		"{ \"id\": \"abc\", \"end\": \"handed-over\" }",
		("{ \"id\": \"abc\", \"end\": \"handed-over\", \"results\": "
		 "[ 7, { \"outcome\": \"done\" }, { \"outcome\": 7 } ] }"),
	};
	/* Nothing says that they leave nothing to undo. */
	static const char *const broken[] = {
		"{ \"id\": \"abc\", \"end\": null }",
		"{ \"id\": \"abc\", \"end\": 7 }",
		"{ \"end\": \"running\" }",
		"{ \"id\": 7, \"end\": \"running\" }",
		"[ \"running\" ]",
		"{ \"id\": \"abc\", \"end\": \"runn",
		"",
	};
	static const char *const unfinished[] = {
		"{ \"id\": \"abc\", \"end\": \"running\" }",
		"{ \"id\": \"abc\", \"end\": \"not-undone\" }",
		("{ \"id\": \"abc\", \"end\": \"handed-over\", \"results\": "
		 "[ { \"outcome\": \"done\" }, { \"outcome\": \"running\" } ] }"),
	};
	struct planning *p = *state;

	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		fixture_file(&p->f, LIVE, broken[i]);
		assert_unfinished(p, broken[i], "of an unknown id");
	}
	for (size_t i = 0; i < ARRAY_SIZE(unfinished); i++) {
		fixture_file(&p->f, LIVE, unfinished[i]);
		assert_unfinished(p, unfinished[i], "abc");
	}

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		struct wb_state s;

		fixture_file(&p->f, LIVE, others[i]);
		assert_int_equal(wb_state_read(&p->f.root, &s), 0);
		if (s.unfinished)
			fail_msg("'%s' is unfinished", others[i]);
		wb_state_done(&s);
	}
	fixture_file(&p->f, LIVE, "{ \"id\": \"a\\u001bc\", \"end\": \"running\" }");
	assert_blocked(p, "unfinished", "the run a?c was killed on its way");
	assert_blocked(p, "unfinished", "warmboot restore");
}

static void container(void **state)
{
	struct planning *p = *state;

	fixture_file(&p->f, "run/systemd/container", "podman\n");
	assert_blocked(p, "container", "podman");
}

static void systemd(void **state)
{
	struct planning *p = *state;

	fixture_remove(&p->f, "run/systemd");
	assert_blocked(p, "systemd", "process 1");
}

static void kexec_program(void **state)
{
	struct planning *p = *state;

	fixture_remove(&p->f, "usr/sbin/kexec");
	assert_blocked(p, "kexec", "kexec-tools");
}

static void kexec_in_the_kernel(void **state)
{
	struct planning *p = *state;

	fixture_file(&p->f, "proc/sys/kernel/kexec_load_disabled", "1\n");
	assert_blocked(p, "kexec", "kexec_load_disabled");
	fixture_remove(&p->f, "sys/kernel/kexec_loaded");
	assert_blocked(p, "kexec", "CONFIG_KEXEC");
}

static void on_xen(void **state)
{
	struct planning *p = *state;

	fixture_file(&p->f, "sys/hypervisor/type", "xen\n");
	fixture_file(&p->f, "sys/hypervisor/guest_type", "HVM\n");
	fixture_file(&p->f, "proc/xen/capabilities", "\n");
	planning_build(p);
	assert_false(planning_says(p, WB_BLOCKER, "Xen"));
	fixture_file(&p->f, "sys/hypervisor/guest_type", "PV\n");
	assert_blocked(p, "xen", "halts instead of starting");
	fixture_remove(&p->f, "sys/hypervisor/guest_type");
	fixture_file(&p->f, "proc/xen/capabilities", "control_d\n");
	assert_blocked(p, "xen", "ordinary reboot");
}

static void an_image_is_loaded(void **state)
{
	struct planning *p = *state;

	fixture_file(&p->f, "sys/kernel/kexec_loaded", "1\n");
	planning_build(p);
	assert_true(planning_says(p, WB_WARNING, "loaded already"));
	assert_null(wb_findings_blocker(&p->plan->findings));
}

static void target_unit(void **state)
{
	struct planning *p = *state;

	p->request.target = "nowhere.target";
	assert_blocked(p, "target", "'nowhere.target'");
	p->request.no_isolate = true;
	planning_build(p);
	assert_null(wb_findings_blocker(&p->plan->findings));
}

static void hooks(void **state)
{
	struct planning *p = *state;

	fixture_mode(&p->f, "usr/lib/warmboot/hooks.d/nvidia", 0666);
	assert_blocked(p, "nvidia", "/etc/warmboot/hooks.d/nvidia");
}

static void the_kernel(void **state)
{
	struct planning *p = *state;

	fixture_remove(&p->f, "lib/modules/" MACHINE_OLDER);
	p->request.kernel = MACHINE_OLDER;
	assert_blocked(p, "kernel", "/lib/modules/" MACHINE_OLDER);
}

static void the_initramfs(void **state)
{
	struct planning *p = *state;

	fixture_file(&p->f, "boot/initrd.img-" MACHINE_RELEASE, "garbage");
	assert_blocked(p, "initrd", "initrd.img-" MACHINE_RELEASE);
	fixture_remove(&p->f, "boot/initrd.img-" MACHINE_RELEASE);
	assert_blocked(p, "initrd", "--initrd=none");
	p->request.initrd = WB_INITRD_NONE;
	planning_build(p);
	assert_null(wb_findings_blocker(&p->plan->findings));
}

static void put_tree(struct planning *p, const char *path)
{
	unsigned char bytes[64] = { 0xd0, 0x0d, 0xfe, 0xed, 0, 0, 0, sizeof(bytes) };

	fixture_bytes(&p->f, path, bytes, sizeof(bytes));
}

static bool says_of_dtb(const struct planning *p)
{
	for (size_t i = 0; i < p->plan->findings.n; i++)
		if (strcmp(p->plan->findings.items[i].subject, "dtb") == 0)
			return true;
	return false;
}

static void the_device_tree(void **state)
{
	static const char *const machines[] = { "aarch64", "riscv64" };
	struct planning *p = *state;

	fixture_file(&p->f, "bad.dtb", "");
	put_tree(p, "good.dtb");
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		fixture_file(&p->f, "proc/sys/kernel/arch", machines[i]);
		p->request.dtb = NULL;
		planning_build(p);
		assert_false(says_of_dtb(p));
		p->request.dtb = "/good.dtb";
		planning_build(p);
		assert_false(says_of_dtb(p));
		p->request.dtb = "/bad.dtb";
		assert_blocked(p, "dtb", "--dtb names the device tree /bad.dtb, which");
		p->request.dtb = "/nowhere.dtb";
		assert_blocked(p, "dtb", "No such file");
	}
	p->request.dtb = "/good.dtb";
	p->request.dtb_origin = "Dtb= in /x";
	fixture_file(&p->f, "proc/sys/kernel/arch", "x86_64");
	assert_blocked(p, "dtb", "Dtb= in /x names the device tree /good.dtb");
	assert_blocked(p, "dtb", "kernels for x86_64 are given none");
}

static void the_configuration(void **state)
{
	struct planning *p = *state;
	struct wb_config config = { 0 };

	fixture_file(&p->f, "etc/warmboot.conf", "nothing\n");
	assert_int_equal(wb_config_read(&p->f.root, &config), 0);
	p->request.config = &config;
	planning_build(p);
	assert_true(planning_says(p, WB_WARNING, "line 1 of /etc/warmboot.conf"));
	assert_null(wb_findings_blocker(&p->plan->findings));
	wb_config_done(&config);
	fixture_mode(&p->f, "etc/warmboot.conf", 0666);
	assert_int_equal(wb_config_read(&p->f.root, &config), 0);
	assert_blocked(p, "configuration", "/etc/warmboot.conf is refused");
	p->request.config = NULL;
	wb_config_done(&config);
}

static void the_root(void **state)
{
	static const struct {
		const char *cmdline;
		bool good;
	} cases[] = {
		{ "root=/dev/sda1", true },
		{ "root=UUID=12-34", true },
		{ "root=LABEL=top", true },
		{ "root=ZFS=pool/top", true },
		{ "ro", true },
		{ "root=/dev/sdz9", false },
		{ "root=UUID=56-78", false },
		{ "root=PARTUUID=9", false },
		{ "root=/dev/tty", false },
	};
	struct planning *p = *state;

	fixture_file(&p->f, "dev/tty", "c 5:0\n");
	fixture_link(&p->f, "dev/disk/by-uuid/12-34", "../../sda1");
	fixture_link(&p->f, "dev/disk/by-label/top", "../../sda1");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fixture_file(&p->f, "proc/cmdline", cases[i].cmdline);
		if (!cases[i].good)
			assert_blocked(p, "root", "--remove=root");
		planning_build(p);
		if (cases[i].good && wb_findings_blocker(&p->plan->findings))
			fail_msg("%s: %s", cases[i].cmdline,
				 wb_findings_blocker(&p->plan->findings)->message);
	}
}

static void assert_no_word(struct planning *p, const char *subject)
{
	planning_build(p);
	for (size_t i = 0; i < p->plan->findings.n; i++)
		if (strcmp(p->plan->findings.items[i].subject, subject) == 0)
			fail_msg("%s", p->plan->findings.items[i].message);
}

static void a_root_that_cannot_be_checked(void **state)
{
	struct planning *p = *state;

	assert_no_word(p, "root");
	fixture_file(&p->f, "proc/cmdline", "root=live:CDLABEL=x");
	planning_build(p);
	assert_true(planning_says(p, WB_INFO, "whether root=live:CDLABEL=x of the next"));
	assert_true(planning_says(p, WB_INFO, "live image"));
	fixture_file(&p->f, "proc/cmdline", "ro");
	planning_build(p);
	assert_true(planning_says(p, WB_INFO, "the command line without root="));
}

static void containers_and_volumes(void **state)
{
	struct planning *p = *state;

	fixture_link(&p->f, "dev/mapper/vg-root", "../sda1");
	fixture_file(&p->f, "proc/cmdline", "root=/dev/sda1 rd.lvm.lv=vg/root");
	assert_no_word(p, "root");
	fixture_file(&p->f, "proc/cmdline", "root=/dev/sda1 rd.lvm.lv=vg/swap");
	planning_build(p);
	assert_true(planning_says(p, WB_WARNING, "rd.lvm.lv=vg/swap"));
	assert_null(wb_findings_blocker(&p->plan->findings));
	fixture_file(&p->f, "proc/cmdline", "root=/dev/sda1 rd.luks.uuid=1234");
	assert_blocked(p, "root", "rd.luks.uuid=1234 of the next kernel leads nowhere");
}

static void put_initrd(struct planning *p, const char *const *names, bool microcode)
{
	struct bytes b = { 0 }, packed;

	for (; *names; names++)
		newc_add(&b, *names, "");
	newc_trailer(&b);
	packed = pack_bytes(&b, "zstd");
	if (microcode) {
		bytes_zeros(&packed, 8 - packed.size % 4);
		newc_add(&packed, "kernel/x86/microcode/x.bin", "x");
		newc_trailer(&packed);
	}
	fixture_bytes(&p->f, "boot/initrd.img-" MACHINE_OLDER, packed.data, packed.size);
	bytes_done(&b);
	bytes_done(&packed);
}

static void late_microcode(void **state)
{
	static const char *const names[] = { "init", NULL };
	struct planning *p = *state;

	p->request.kernel = MACHINE_OLDER;
	put_initrd(p, names, false);
	assert_no_word(p, "initrd");
	put_initrd(p, names, true);
	planning_build(p);
	assert_true(planning_says(p, WB_WARNING, "microcode"));
}

/* The root is on an NVMe disk, with ext4, which is built in. */
static void put_disk(struct planning *p)
{
	struct fixture *f = &p->f;

	p->request.kernel = MACHINE_OLDER;
	fixture_link(f, "sys/dev/block/8:1",
		     "../../devices/pci0000:00/0000:02:00.0/nvme/nvme0/nvme0n1");
	fixture_link(f, "sys/devices/pci0000:00/0000:02:00.0/driver",
		     "../../../bus/pci/drivers/nvme");
	fixture_link(f, "sys/bus/pci/drivers/nvme/module", "../../../../module/nvme");
	fixture_file(f, "proc/self/mountinfo", "1 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
}

static void modules_of_the_root(void **state)
{
	static const char *const none[] = { "init", NULL };
	static const char *const good[] = { "lib/modules/" MACHINE_OLDER "/x/nvme.ko",
					    NULL };
	static const char *const foreign[] = { "lib/modules/5.9/x/nvme.ko", NULL };
	struct planning *p = *state;

	put_disk(p);
	put_initrd(p, good, false);
	assert_no_word(p, "modules");
	put_initrd(p, none, false);
	planning_build(p);
	assert_true(planning_says(p, WB_WARNING, "lacks nvme, which the root needs"));
	assert_true(
		planning_says(p, WB_WARNING, "update-initramfs -u -k " MACHINE_OLDER));
	put_initrd(p, foreign, false);
	planning_build(p);
	assert_true(planning_says(p, WB_WARNING, "only those of 5.9"));
	assert_false(planning_says(p, WB_WARNING, "lacks"));
	p->request.initrd = WB_INITRD_NONE;
	planning_build(p);
	assert_true(planning_says(p, WB_WARNING, "has no initramfs, and nvme"));
	fixture_file(&p->f, "lib/modules/" MACHINE_OLDER "/modules.builtin",
		     "ext4.ko\nnvme.ko\n");
	assert_no_word(p, "modules");
	assert_null(wb_findings_blocker(&p->plan->findings));
}

/* Built here for the running kernel, and not for the next. */
static void modules_out_of_tree(void **state)
{
	struct planning *p = *state;
	char name[] = "wl", *names[] = { name, NULL };

	p->request.kernel = MACHINE_OLDER;
	fixture_file(&p->f, "proc/modules", "nvidia 1 1 - Live 0x0 (POE)\n");
	assert_no_word(p, "modules");
	fixture_file(&p->f, "proc/modules",
		     "nvidia 1 1 - Live 0x0 (POE)\nwl 1 1 - Live 0x0 (POE)\n");
	planning_build(p);
	assert_true(
		planning_says(p, WB_WARNING,
			      "wl, which is loaded now, is not built for " MACHINE_OLDER
			      "; build it in the same way as for the running kernel"));
	/* dkms has a folder of its own, but not on all systems. */
	fixture_file(&p->f, "lib/modules/" MACHINE_RELEASE "/modules.dep",
		     "updates/dkms/wl.ko:\n");
	planning_build(p);
	assert_true(
		planning_says(p, WB_WARNING,
			      "wl, which is loaded now, is not built for " MACHINE_OLDER
			      "; build it with dkms autoinstall -k " MACHINE_OLDER));
	assert_null(wb_findings_blocker(&p->plan->findings));
	p->request.kernel = NULL;
	p->request.keep = names;
	assert_no_word(p, "modules");
	p->request.keep = NULL;
}

static void zfs_for_the_root(void **state)
{
	struct planning *p = *state;

	p->request.kernel = MACHINE_OLDER;
	fixture_file(&p->f, "proc/cmdline", "root=ZFS=rpool/ROOT");
	fixture_file(&p->f, "proc/self/mountinfo",
		     "1 1 0:9 / / rw - zfs rpool/ROOT rw\n");
	fixture_file(&p->f, "proc/modules",
		     "nvidia 1 0 - Live 0x0\nzfs 1 1 - Live 0x0 (POE)\n"
		     "spl 1 1 zfs, Live 0x0 (OE)\n");
	assert_blocked(p, "modules",
		       "zfs and spl, which are loaded now and which the root needs, are");
	fixture_file(&p->f, "lib/modules/" MACHINE_OLDER "/modules.dep",
		     "updates/zfs.ko: updates/spl.ko\nupdates/spl.ko:\n");
	planning_build(p);
	assert_null(wb_findings_blocker(&p->plan->findings));
	assert_true(planning_says(p, WB_WARNING, "lacks zfs and spl"));
}

/* The kernel takes 2047 bytes, and cuts what is longer in silence. */
static void the_command_line(void **state)
{
	struct planning *p = *state;
	char word[3000] = "";
	char *append[] = { word, NULL };
	size_t length;

	planning_look(p);
	length = strlen(p->choice.options);
	memset(word, 'x', IMAGE_CMDLINE_MAX - length - 1);
	p->request.append = append;
	planning_build(p);
	assert_int_equal(strlen(p->choice.options), IMAGE_CMDLINE_MAX);
	assert_null(wb_findings_blocker(&p->plan->findings));
	strcat(word, "x");
	assert_blocked(p, "options", "2047");
}

/* Another process, since one does not see its own lock. It goes when the test does. */
static pid_t hold_lock(const char *path)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		int fd = open(path, O_RDWR);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (fcntl(fd, F_SETLK, &lock) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static void the_lock(void **state)
{
	struct planning *p = *state;
	_cleanup_free_ char *path = NULL;
	pid_t pid;

	fixture_file(&p->f, "run/warmboot/lock", "");
	fixture_file(&p->f, "run/warmboot/owner", "812\nalice on /dev/pts/0\n");
	planning_build(p);
	assert_null(wb_findings_blocker(&p->plan->findings));
	path = fixture_outside(&p->f, "run/warmboot/lock");
	pid = hold_lock(path);
	planning_build(p);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_true(planning_says(p, WB_BLOCKER, "alice on /dev/pts/0"));
	assert_true(planning_says(p, WB_BLOCKER, "systemctl stop warmboot.service"));
	/* Nor may a reboot cut it short. */
	assert_non_null(wb_findings_veto(&p->plan->findings));
}

#define check_test(name)                                                                 \
	cmocka_unit_test_setup_teardown(name, planning_setup, planning_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		check_test(on_xen),
		check_test(nothing),
		check_test(a_run_that_was_killed),
		check_test(container),
		check_test(systemd),
		check_test(kexec_program),
		check_test(kexec_in_the_kernel),
		check_test(an_image_is_loaded),
		check_test(target_unit),
		check_test(hooks),
		check_test(the_kernel),
		check_test(the_initramfs),
		check_test(the_device_tree),
		check_test(the_configuration),
		check_test(the_root),
		check_test(a_root_that_cannot_be_checked),
		check_test(containers_and_volumes),
		check_test(late_microcode),
		check_test(modules_of_the_root),
		check_test(modules_out_of_tree),
		check_test(zfs_for_the_root),
		check_test(the_command_line),
		check_test(the_lock),
	};

	return RUN_TESTS(tests);
}
