/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/strv.h"
#include "facts/hook-match.h"
#include "plan/driver-table.h"
#include "plan/judgement.h"
#include "plan/removal.h"
#include "unit.h"

/* Facts by hand: one device that each test shapes, and beside it another. */
struct scene {
	struct wb_facts facts;
	struct wb_device devices[2];
	struct wb_module modules[2];
	struct wb_hook hooks[2];
	struct wb_use use;
	struct wb_config config;
	struct wb_request request;
	struct wb_judgements judgements;
};

static char pci[] = "pci", id[] = "0000:01:00.0",
	    path[] = "devices/pci0000:00/0000:01:00.0";
static char other_id[] = "0000:02:00.0", other_path[] = "devices/pci0000:00/0000:02:00.0";

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	s->facts.devices = s->devices;
	s->facts.modules = s->modules;
	s->facts.hooks = s->hooks;
	s->devices[0] = (struct wb_device){ .bus = pci, .id = id, .path = path };
	s->devices[1] =
		(struct wb_device){ .bus = pci, .id = other_id, .path = other_path };
	s->facts.n_devices = 1;
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	wb_judgements_done(&s->judgements);
	for (size_t i = 0; i < s->facts.n_hooks; i++) {
		wb_strv_free(s->hooks[i].modules);
		wb_strv_free(s->hooks[i].drivers);
		wb_strv_free(s->hooks[i].unbind);
	}
	wb_strv_free(s->request.unload);
	wb_strv_free(s->request.keep);
	wb_strv_free(s->config.verdicts);
	wb_strv_free(s->config.unload);
	wb_strv_free(s->config.keep);
	free(s);
	return 0;
}

static const struct wb_judgement *build(struct scene *s)
{
	wb_judgements_done(&s->judgements);
	wb_hooks_find_used(&s->facts);
	assert_int_equal(wb_judgements_build(&s->request, &s->facts, &s->judgements), 0);
	assert_int_equal(s->judgements.n, s->facts.n_devices);
	for (size_t i = 0; i < s->judgements.n; i++) {
		assert_true(s->judgements.items[i].verdict != WB_VERDICT_NONE);
		assert_true(*s->judgements.items[i].because);
		assert_true(*s->judgements.items[i].origin);
	}
	return &s->judgements.items[0];
}

static void assert_judged(struct scene *s, enum wb_verdict verdict, const char *origin,
			  const char *part)
{
	const struct wb_judgement *j = build(s);

	assert_string_equal(wb_verdict_to_string(j->verdict),
			    wb_verdict_to_string(verdict));
	assert_string_equal(j->origin, origin);
	if (!strstr(j->because, part))
		fail_msg("'%s' does not say '%s'", j->because, part);
}

static void drive(struct scene *s, char *driver, char *module)
{
	s->devices[0].driver = driver;
	s->devices[0].module = module;
	if (module)
		s->modules[s->facts.n_modules++] = (struct wb_module){ .name = module };
}

static struct wb_hook *hook(struct scene *s, const char *modules)
{
	static char name[] = "family";
	struct wb_hook *h = &s->hooks[s->facts.n_hooks++];

	h->name = name;
	assert_int_equal(wb_strv_split(&h->modules, modules), 0);
	return h;
}

static void verdict(struct scene *s, const char *who, const char *word)
{
	s->request.config = &s->config;
	assert_int_equal(wb_strv_append(&s->config.verdicts, who), 0);
	assert_int_equal(wb_strv_append(&s->config.verdicts, word), 0);
}

/* --- the table -----------------------------------------------------------------------
 */

static void rows(void **state)
{
	(void)state;
	assert_true(wb_driver_table_size > 100);
	for (size_t i = 0; i < wb_driver_table_size; i++) {
		const struct wb_driver_row *row = &wb_driver_table[i];

		if (i > 0 && strcmp(row[-1].driver, row->driver) >= 0)
			fail_msg("%s does not stand behind %s", row->driver,
				 row[-1].driver);
		assert_true(row->verdict > WB_VERDICT_NONE &&
			    row->verdict < _WB_VERDICT_MAX);
		assert_null(strpbrk(row->driver, " /*"));
		/* It stands inside of sentences. */
		assert_true(row->because[0] >= 'a' && row->because[0] <= 'z');
		assert_true(row->because[strlen(row->because) - 1] != '.');
		assert_ptr_equal(wb_driver_find(row->driver, NULL), row);
	}
	assert_null(wb_driver_find("no such driver", "nor such a module"));
	assert_null(wb_driver_find(NULL, NULL));
	assert_string_equal(wb_driver_find("other", "nvme")->driver, "nvme");
}

static void by_the_table(void **state)
{
	struct scene *s = *state;
	char nvme[] = "nvme", nvidia[] = "nvidia", iwlwifi[] = "iwlwifi";

	drive(s, nvme, nvme);
	assert_judged(s, WB_VERDICT_SHUTDOWN, "table", ".shutdown");
	drive(s, iwlwifi, iwlwifi);
	assert_judged(s, WB_VERDICT_LATE, "table", "-110");
	s->facts.n_modules = 0;
	drive(s, nvidia, nvidia);
	assert_judged(s, WB_VERDICT_UNLOAD, "table", "590");
	assert_true(s->judgements.items[0].required);
}

/* --- the class -----------------------------------------------------------------------
 */

static void by_the_class(void **state)
{
	struct scene *s = *state;
	char driver[] = "new", acpi[] = "acpi", usb[] = "usb", hid[] = "hid";
	char below[] = "devices/pci0000:00/0000:00:14.0/usb1/1-1";

	assert_judged(s, WB_VERDICT_SHUTDOWN, "class", "no driver is bound");
	drive(s, driver, driver);
	s->devices[0].class = 0x020000;
	assert_judged(s, WB_VERDICT_UNKNOWN, "class", "nobody here knows whether new");
	s->devices[0].class = 0x060400;
	assert_judged(s, WB_VERDICT_SHUTDOWN, "class", "bridge");
	s->devices[0].class = 0x030000;
	s->devices[0].display = true;
	assert_judged(s, WB_VERDICT_UNLOAD, "class", "no hook names it");
	assert_true(s->judgements.items[0].required);
	s->devices[0].display = false;
	s->devices[0].class = 0;
	s->devices[0].bus = acpi;
	assert_judged(s, WB_VERDICT_SHUTDOWN, "class", "firmware");
	s->devices[0].bus = usb;
	s->devices[0].path = below;
	assert_judged(s, WB_VERDICT_SHUTDOWN, "class", "through 0000:00:14.0");
	s->devices[0].bus = hid;
	s->devices[0].path = hid;
	assert_judged(s, WB_VERDICT_SHUTDOWN, "class", "called to shut down");
}

static void out_of_tree(void **state)
{
	struct scene *s = *state;
	char driver[] = "vendor", nvme[] = "nvme", hid[] = "hid", platform[] = "platform";
	char iwlwifi[] = "iwlwifi", smbus[] = "piix4_smbus";

	drive(s, driver, driver);
	s->modules[0].out_of_tree = true;
	assert_judged(s, WB_VERDICT_UNKNOWN, "class",
		      "vendor is not of this kernel's tree");
	s->devices[0].bus = platform;
	assert_judged(s, WB_VERDICT_UNKNOWN, "class", "vendor is not");
	/* What has no DMA of its own is no danger, whoever wrote it. */
	s->devices[0].bus = hid;
	assert_judged(s, WB_VERDICT_SHUTDOWN, "class", "called to shut down");
	s->devices[0].bus = pci;
	/* Of one that is known from the tree the remove is known to be enough; whether it
	 * has a .shutdown at all is not. */
	s->facts.n_modules = 0;
	drive(s, nvme, nvme);
	s->modules[0].out_of_tree = true;
	assert_judged(
		s, WB_VERDICT_UNKNOWN, "table",
		"nvme is not of this kernel's tree; of the kernel's own it is known");
	s->facts.n_modules = 0;
	drive(s, iwlwifi, iwlwifi);
	s->modules[0].out_of_tree = true;
	assert_judged(s, WB_VERDICT_LATE, "table", "-110");
	s->facts.n_modules = 0;
	drive(s, smbus, smbus);
	s->modules[0].out_of_tree = true;
	assert_judged(s, WB_VERDICT_SHUTDOWN, "table", "no data by itself");
	/* A hook knows what it says of it. */
	s->facts.n_modules = 0;
	drive(s, nvme, nvme);
	s->modules[0].out_of_tree = true;
	hook(s, "nvme")->phase = WB_HOOK_LATE;
	assert_judged(s, WB_VERDICT_LATE, "hook", "family");
}

/* --- hooks ---------------------------------------------------------------------------
 */

static void by_hooks(void **state)
{
	struct scene *s = *state;
	char nvme[] = "nvme", text[] = "flash";
	struct wb_hook *h;

	drive(s, nvme, nvme);
	h = hook(s, "nvme");
	assert_judged(s, WB_VERDICT_UNLOAD, "hook", "family names it");
	assert_ptr_equal(s->judgements.items[0].hook, h);
	assert_false(s->judgements.items[0].required);
	h->required = true;
	h->phase = WB_HOOK_LATE;
	assert_judged(s, WB_VERDICT_LATE, "hook", "family");
	assert_true(s->judgements.items[0].required);
	assert_int_equal(wb_strv_append(&h->drivers, "nv*"), 0);
	h->verdict = WB_VERDICT_BAD;
	h->description = text;
	assert_judged(s, WB_VERDICT_BAD, "hook", "flash");
	assert_int_equal(wb_strv_append(&h->unbind, id), 0);
	assert_judged(s, WB_VERDICT_LATE, "hook", "unbound");
	h->phase = WB_HOOK_QUIESCE;
	assert_judged(s, WB_VERDICT_UNBIND, "hook", "unbound");
	h->problem = text;
	assert_judged(s, WB_VERDICT_SHUTDOWN, "table", ".shutdown");
}

/* --- the operator --------------------------------------------------------------------
 */

static void by_the_configuration(void **state)
{
	struct scene *s = *state;
	char nvme[] = "nvme";

	drive(s, nvme, nvme);
	hook(s, "nvme");
	verdict(s, "nvme", "unbind");
	assert_judged(s, WB_VERDICT_UNBIND, "configuration", "Verdict=nvme unbind");
	verdict(s, id, "bad");
	assert_judged(s, WB_VERDICT_BAD, "configuration", "Verdict=0000:01:00.0 bad");
	/* Whatever stands where, an address says more; of two the last counts. */
	verdict(s, "nvme", "late");
	verdict(s, "0000:01:00.0", "shutdown");
	assert_judged(s, WB_VERDICT_SHUTDOWN, "configuration", "0000:01:00.0 shutdown");
	verdict(s, "0000:01:00.0", "nonsense");
	assert_judged(s, WB_VERDICT_UNLOAD, "hook", "names it");
}

static void by_options(void **state)
{
	struct scene *s = *state;
	char nvme[] = "nvme";

	drive(s, nvme, nvme);
	verdict(s, "nvme", "bad");
	assert_int_equal(wb_strv_append(&s->request.unload, "nvme"), 0);
	assert_judged(s, WB_VERDICT_UNLOAD, "option", "--unload");
	assert_int_equal(wb_strv_append(&s->config.unload, "nvme"), 0);
	assert_judged(s, WB_VERDICT_UNLOAD, "configuration", "Unload=");
	assert_int_equal(wb_strv_append(&s->request.keep, "nvme"), 0);
	assert_judged(s, WB_VERDICT_KEEP, "option", "--keep=nvme");
	assert_int_equal(wb_strv_append(&s->config.keep, "nvme"), 0);
	assert_judged(s, WB_VERDICT_KEEP, "configuration", "Keep=nvme");
}

/* --- what must not be ----------------------------------------------------------------
 */

static void below_the_root(void **state)
{
	static const char *const words[] = { "unload", "unbind", "late" };
	struct scene *s = *state;
	char nvme[] = "nvme";

	drive(s, nvme, nvme);
	s->devices[0].carries_root = true;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		verdict(s, id, words[i]);
		assert_judged(s, WB_VERDICT_KEEP, "configuration", "file systems are on");
	}
	assert_int_equal(s->judgements.items[0].wanted, WB_VERDICT_LATE);
	verdict(s, id, "exitrd");
	assert_judged(s, WB_VERDICT_SHUTDOWN, "configuration",
		      "shutdown initramfs has no");
	assert_int_equal(s->judgements.items[0].wanted, WB_VERDICT_EXITRD);
	s->devices[0].carries_root = false;
	assert_judged(s, WB_VERDICT_LATE, "configuration", "comes before the root");
	s->devices[0].carries_root = true;
	s->facts.state.dracut_late = true;
	assert_judged(s, WB_VERDICT_EXITRD, "configuration", "exitrd");
	/* What takes nothing away stays as it is. */
	verdict(s, id, "bad");
	assert_judged(s, WB_VERDICT_BAD, "configuration", "bad");
}

static void the_console(void **state)
{
	struct scene *s = *state;
	char serial[] = "8250_pci", name[] = "ttyS4";

	drive(s, serial, serial);
	s->use = (struct wb_use){ WB_USE_CONSOLE, name, NULL };
	s->devices[0].uses = &s->use;
	s->devices[0].n_uses = 1;
	verdict(s, serial, "late");
	assert_judged(s, WB_VERDICT_KEEP, "configuration", "console");
	/* Of the last phase as well: what fails there is said on it. */
	s->facts.state.dracut_late = true;
	verdict(s, serial, "exitrd");
	assert_judged(s, WB_VERDICT_KEEP, "configuration", "console");
	verdict(s, serial, "late");
	s->use.kind = WB_USE_NETWORK;
	assert_judged(s, WB_VERDICT_LATE, "configuration", "late");
}

/* One of two controllers of a kind has the root: the other can only be unbound. */
static void a_module_that_is_needed(void **state)
{
	struct scene *s = *state;
	char driver[] = "mpt3sas";

	drive(s, driver, driver);
	s->facts.n_devices = 2;
	s->devices[1].driver = driver;
	s->devices[1].module = driver;
	s->devices[1].carries_root = true;
	verdict(s, driver, "unload");
	assert_judged(s, WB_VERDICT_UNBIND, "configuration", "needed for another");
	assert_int_equal(s->judgements.items[1].verdict, WB_VERDICT_KEEP);
	s->devices[1].carries_root = false;
	assert_judged(s, WB_VERDICT_UNLOAD, "configuration", "mpt3sas");
	/* Or somebody wants to keep it; that counts, wherever it stands in the list. */
	verdict(s, other_id, "keep");
	assert_judged(s, WB_VERDICT_UNBIND, "configuration", "needed for another");
	assert_int_equal(s->judgements.items[1].verdict, WB_VERDICT_KEEP);
}

/* The caches of disks elsewhere are written back by the shutdown of the disks. */
static void on_the_way_to_disks(void **state)
{
	static const char *const words[] = { "unload", "unbind", "late", "exitrd" };
	struct scene *s = *state;
	char driver[] = "alx";

	drive(s, driver, driver);
	s->facts.state.dracut_late = true;
	assert_judged(s, WB_VERDICT_LATE, "table", "no .shutdown");
	s->devices[0].reaches_disk = true;
	assert_judged(s, WB_VERDICT_SHUTDOWN, "table", "disks elsewhere");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		verdict(s, id, words[i]);
		assert_judged(s, WB_VERDICT_SHUTDOWN, "configuration", "disks elsewhere");
	}
}

/* Nothing unmounts a pool of ZFS that has no mounted dataset. */
static void below_a_pool(void **state)
{
	struct scene *s = *state;
	char driver[] = "sas", name[] = "pool tank", md[] = "md0";

	drive(s, driver, driver);
	s->use = (struct wb_use){ WB_USE_STACK, name, NULL };
	s->devices[0].uses = &s->use;
	s->devices[0].n_uses = 1;
	verdict(s, id, "late");
	assert_judged(s, WB_VERDICT_SHUTDOWN, "configuration", "pool of ZFS");
	s->facts.state.dracut_late = true;
	verdict(s, id, "exitrd");
	assert_judged(s, WB_VERDICT_SHUTDOWN, "configuration", "pool of ZFS");
	/* Earlier it is a reason not to begin. */
	verdict(s, id, "unbind");
	assert_judged(s, WB_VERDICT_UNBIND, "configuration", "unbind");
	verdict(s, id, "late");
	s->use.name = md;
	assert_judged(s, WB_VERDICT_LATE, "configuration", "late");
}

static void what_cannot_be_removed(void **state)
{
	struct scene *s = *state;
	char driver[] = "other", nvidia[] = "nvidia";
	const struct wb_judgement *j;

	drive(s, driver, driver);
	s->modules[0].permanent = true;
	verdict(s, id, "unload");
	assert_judged(s, WB_VERDICT_UNBIND, "configuration", "cannot be removed");
	assert_null(wb_judgement_obstacle(&s->judgements, &s->facts, 0));
	s->devices[0].module = NULL;
	assert_judged(s, WB_VERDICT_UNBIND, "configuration", "built into the kernel");
	/* And of this one unbinding is worse. */
	s->facts.n_modules = 0;
	drive(s, nvidia, nvidia);
	s->modules[0].permanent = true;
	j = build(s);
	assert_int_equal(j->verdict, WB_VERDICT_UNLOAD);
	assert_non_null(wb_judgement_obstacle(&s->judgements, &s->facts, 0));
	s->modules[0].permanent = false;
	j = build(s);
	assert_null(wb_judgement_obstacle(&s->judgements, &s->facts, 0));
	verdict(s, id, "unbind");
	j = build(s);
	assert_int_equal(j->verdict, WB_VERDICT_UNBIND);
	assert_non_null(wb_judgement_obstacle(&s->judgements, &s->facts, 0));
	verdict(s, id, "late");
	j = build(s);
	assert_int_equal(j->verdict, WB_VERDICT_LATE);
	assert_non_null(wb_judgement_obstacle(&s->judgements, &s->facts, 0));
}

#define judgement_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		judgement_test(by_the_table),
		judgement_test(by_the_class),
		judgement_test(out_of_tree),
		judgement_test(by_hooks),
		judgement_test(by_the_configuration),
		judgement_test(by_options),
		judgement_test(below_the_root),
		judgement_test(the_console),
		judgement_test(a_module_that_is_needed),
		judgement_test(on_the_way_to_disks),
		judgement_test(below_a_pool),
		judgement_test(what_cannot_be_removed),
	};

	return RUN_TESTS(tests);
}
