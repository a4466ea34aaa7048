/* SPDX-License-Identifier: GPL-2.0-or-later */

/* $default: "2", "title", "id", and with '>' between them the way through submenus
 * (grub-core/normal/menu.c). */

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "facts/grub/script.h"

/* ">>" is a '>' in a title. */
static size_t part_size(const char *spec)
{
	size_t n = 0;

	while (spec[n] && (spec[n] != '>' || spec[n + 1] == '>'))
		n += spec[n] == '>' ? 2 : 1;
	return n;
}

static bool is_named(const char *name, const char *spec, size_t size)
{
	const char *end = spec + size;

	if (!name)
		return false;
	for (; spec < end && *name; name++, spec++) {
		if (*name != *spec)
			return false;
		if (*spec == '>')
			spec++;
	}
	return spec == end && *name == '\0';
}

/* Decimal, octal with a 0 before it, hexadecimal with 0x. */
static bool parse_number(const char *spec, size_t size, size_t *ret)
{
	_cleanup_free_ char *text = strndup(spec, size);
	char *end = NULL;

	if (!text || *text < '0' || *text > '9')
		return false;
	*ret = strtoull(text, &end, 0);
	return *end == '\0';
}

static bool is_part(char *const *way, const char *spec, size_t size)
{
	size_t number, own;

	if (parse_number(spec, size, &number))
		return parse_number(way[0], strlen(way[0]), &own) && own == number;
	return size > 0 && (is_named(way[1], spec, size) || is_named(way[2], spec, size));
}

bool wb_grub_way_is(char *const *way, const char *word)
{
	for (; way[0]; way += 3) {
		size_t size = part_size(word);

		if (!is_part(way, word, size))
			return false;
		word += size;
		if (!way[3])
			return *word == '\0';
		if (*word++ != '>')
			return false;
	}
	return false;
}

/* The entry with this number, of those that have an end; NULL: there is none. @ret_sure:
 * no other one before it may be missing in GRUB's menu, nor may it be. */
static const struct wb_grub_entry *find_number(const struct wb_grub_menu *menu,
					       size_t number, bool *ret_sure)
{
	*ret_sure = true;
	for (size_t i = 0; i < menu->n; i++) {
		const struct wb_grub_entry *entry = &menu->entries[i];

		if (entry->cut)
			continue;
		*ret_sure = *ret_sure && !entry->conditional;
		if (number-- == 0)
			return entry;
	}
	return NULL;
}

static const struct wb_grub_entry *find(const struct wb_grub_menu *menu, const char *spec,
					size_t size)
{
	for (size_t i = 0; i < menu->n; i++)
		if (!menu->entries[i].cut &&
		    (is_named(menu->entries[i].title, spec, size) ||
		     is_named(menu->entries[i].id, spec, size)))
			return &menu->entries[i];
	return NULL;
}

/* One part of $default; a number or a name that is not there means the first. */
static enum wb_grub_choice choose(const struct wb_grub_menu *menu, const char *spec,
				  size_t size, const struct wb_grub_entry **ret)
{
	size_t number = 0;
	bool numbered = parse_number(spec, size, &number), sure = true;
	const struct wb_grub_entry *found =
		numbered ? find_number(menu, number, &sure) : find(menu, spec, size);

	*ret = found ? found : find_number(menu, 0, &sure);
	if (!*ret || !sure) {
		*ret = NULL;
		return WB_GRUB_NONE;
	}
	return found ? WB_GRUB_NAMED : WB_GRUB_FALLBACK;
}

/* May it be an entry of a file that is not here? Only a name that was found is sure. */
static bool is_elsewhere(const struct wb_grub_script *script,
			 const struct wb_grub_entry *entry, const char *spec, size_t size)
{
	if (!entry || (!script->uses_blscfg && !script->incomplete))
		return false;
	return !is_named(entry->title, spec, size) && !is_named(entry->id, spec, size);
}

static enum wb_grub_choice find_default(const struct wb_grub_script *script,
					const char *spec,
					const struct wb_grub_entry **ret)
{
	const struct wb_grub_menu *menu = &script->menu;
	enum wb_grub_choice worst = WB_GRUB_NAMED, choice;

	*ret = NULL;
	if (!spec)
		return WB_GRUB_NONE;
	do {
		size_t size = part_size(spec);

		choice = choose(menu, spec, size, ret);
		if (is_elsewhere(script, *ret, spec, size))
			choice = WB_GRUB_NONE;
		if (choice == WB_GRUB_NONE) {
			*ret = NULL;
			return choice;
		}
		/* "1" for a submenu is its first entry, as it is meant. */
		if (choice == WB_GRUB_FALLBACK && (*spec || menu == &script->menu))
			worst = choice;
		spec += size;
		spec += *spec == '>';
		menu = &(*ret)->submenu;
	} while ((*ret)->is_submenu);
	return worst;
}

enum wb_grub_choice wb_grub_script_default(const struct wb_grub_script *script,
					   const struct wb_grub_entry **ret)
{
	return find_default(script, script->default_value, ret);
}

enum wb_grub_choice wb_grub_script_later(const struct wb_grub_script *script,
					 const struct wb_grub_entry **ret)
{
	return find_default(script,
			    script->oneshot ? script->later_value : script->default_value,
			    ret);
}
