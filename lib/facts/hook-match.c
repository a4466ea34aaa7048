/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/hook-match.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/hook-term.h"
#include "facts/module.h"

/* Of the 24 bits of a class code. */
#define CLASS_DIGITS 6

/* --- a word and a device ---------------------------------------------------------- */

static bool of_class(const char *value, const struct wb_device *d)
{
	uint64_t class;

	/* Other buses have class 0, which no PCI device with a driver has. */
	return d->class != 0 && wb_parse_u64(value, 16, &class) >= 0 &&
	       d->class >> (4 * (CLASS_DIGITS - strlen(value))) == class;
}

static bool of_vendor(const char *value, const struct wb_device *d)
{
	uint64_t vendor;

	return d->vendor != 0 && wb_parse_u64(value, 16, &vendor) >= 0 &&
	       d->vendor == vendor;
}

static bool of_boot_vga(const char *value, const struct wb_device *d)
{
	return d->boot_vga && of_vendor(value, d);
}

static bool of_driver(const char *value, const struct wb_device *d)
{
	return d->driver && fnmatch(value, d->driver, 0) == 0;
}

static bool of_modalias(const char *value, const struct wb_device *d)
{
	return d->modalias && fnmatch(value, d->modalias, 0) == 0;
}

static bool of_address(const char *value, const struct wb_device *d)
{
	return strcmp(d->bus, "pci") == 0 && strcmp(value, d->id) == 0;
}

static bool (*const device_terms[_WB_TERM_KIND_MAX])(const char *,
						     const struct wb_device *) = {
	[WB_TERM_PCI_ADDRESS] = of_address, [WB_TERM_PCI_CLASS] = of_class,
	[WB_TERM_PCI_VENDOR] = of_vendor,   [WB_TERM_BOOT_VGA] = of_boot_vga,
	[WB_TERM_DRIVER] = of_driver,       [WB_TERM_MODALIAS] = of_modalias,
};

/* --- a word and the machine ------------------------------------------------------- */

static bool is_loaded(const char *value, const struct wb_facts *facts)
{
	_cleanup_free_ char *name = strdup(value);

	return name &&
	       wb_module_find(facts->modules, facts->n_modules, wb_module_name(name));
}

static bool on_board(const char *value, const struct wb_facts *facts)
{
	const char *board =
		facts->state.dmi ? wb_startswith(facts->state.dmi, "dmi:") : NULL;

	return board && fnmatch(value, board, 0) == 0;
}

static bool with_cpus_offline(const char *value, const struct wb_facts *facts)
{
	(void)value;
	return facts->state.cpus_offline > 0;
}

static bool with_virtual_functions(const char *value, const struct wb_facts *facts)
{
	(void)value;
	return facts->state.virtual_functions > 0;
}

/* By the numbers of the release alone: a distribution may have what came later. */
static bool on_kernel_before(const char *value, const struct wb_facts *facts)
{
	return facts->state.release && strverscmp(facts->state.release, value) < 0;
}

static bool (*const machine_terms[_WB_TERM_KIND_MAX])(const char *,
						      const struct wb_facts *) = {
	[WB_TERM_MODULE] = is_loaded,
	[WB_TERM_DMI] = on_board,
	[WB_TERM_CPUS] = with_cpus_offline,
	[WB_TERM_SRIOV] = with_virtual_functions,
	[WB_TERM_KERNEL_BEFORE] = on_kernel_before,
};

/* --- lines ------------------------------------------------------------------------ */

static bool term_holds(const char *word, const struct wb_facts *facts)
{
	struct wb_term term;
	bool found = false;

	if (wb_term_parse_match(word, &term) < 0)
		return false;
	if (machine_terms[term.kind])
		return machine_terms[term.kind](term.value, facts) != term.negated;
	for (size_t i = 0; !found && i < facts->n_devices; i++)
		found = device_terms[term.kind](term.value, &facts->devices[i]);
	return found != term.negated;
}

static bool line_holds(const char *line, const struct wb_facts *facts)
{
	_cleanup_strv_ char **words = NULL;

	/* Without memory the hook is not used; the plan fails by itself then. */
	if (wb_strv_split_words(&words, line) < 0)
		return false;
	for (char **word = words; word && *word; word++)
		if (term_holds(*word, facts))
			return true;
	return false;
}

bool wb_hook_matches(const struct wb_hook *hook, const struct wb_facts *facts)
{
	for (char **line = hook->match; line && *line; line++)
		if (!line_holds(*line, facts))
			return false;
	return true;
}

bool wb_hook_judges(const struct wb_hook *hook, const struct wb_device *device)
{
	for (char **glob = hook->drivers; glob && *glob; glob++)
		if (of_driver(*glob, device))
			return true;
	return false;
}

bool wb_hook_unbinds(const struct wb_hook *hook, const struct wb_device *device)
{
	for (char **word = hook->unbind; device->driver && word && *word; word++) {
		struct wb_term term;

		if (wb_term_parse_unbind(*word, &term) >= 0 &&
		    device_terms[term.kind](term.value, device))
			return true;
	}
	return false;
}

/* --- use -------------------------------------------------------------------------- */

static bool has_module_or_unit(const struct wb_hook *hook, const struct wb_facts *facts)
{
	for (char **p = hook->modules; p && *p; p++)
		if (wb_module_find(facts->modules, facts->n_modules, *p))
			return true;
	for (char **p = hook->units; p && *p; p++)
		if (wb_strv_contains(facts->units, *p))
			return true;
	return false;
}

bool wb_hook_applies(const struct wb_hook *hook, const struct wb_facts *facts)
{
	if (hook->problem || !wb_hook_matches(hook, facts))
		return false;
	if (!hook->modules && !hook->units && !hook->drivers && !hook->unbind)
		return !hook->devices || hook->n_nodes > 0;
	for (size_t i = 0; i < facts->n_devices; i++)
		if (wb_hook_judges(hook, &facts->devices[i]) ||
		    wb_hook_unbinds(hook, &facts->devices[i]))
			return true;
	return has_module_or_unit(hook, facts);
}

void wb_hooks_find_used(struct wb_facts *facts)
{
	for (size_t i = 0; i < facts->n_hooks; i++)
		facts->hooks[i].used = wb_hook_applies(&facts->hooks[i], facts);
}

/* By what the hook takes away or judges, or by a word of its lines Match. */
static bool is_about(const struct wb_hook *hook, const struct wb_device *d)
{
	if (wb_hook_judges(hook, d) || wb_hook_unbinds(hook, d) ||
	    (d->module && wb_strv_contains(hook->modules, d->module)))
		return true;
	for (char **line = hook->match; line && *line; line++) {
		_cleanup_strv_ char **words = NULL;
		struct wb_term term;

		if (wb_strv_split_words(&words, *line) < 0)
			return false;
		for (char **word = words; word && *word; word++)
			if (wb_term_parse_match(*word, &term) >= 0 && !term.negated &&
			    device_terms[term.kind] &&
			    device_terms[term.kind](term.value, d))
				return true;
	}
	return false;
}

char *wb_hook_pci_addresses(const struct wb_hook *hook, const struct wb_facts *facts)
{
	_cleanup_strv_ char **addresses = NULL;

	for (size_t i = 0; i < facts->n_devices; i++) {
		const struct wb_device *d = &facts->devices[i];

		if (strcmp(d->bus, "pci") == 0 && is_about(hook, d) &&
		    wb_strv_append(&addresses, d->id) < 0)
			return NULL;
	}
	return wb_strv_join(addresses, " ");
}
