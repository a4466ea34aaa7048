/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/signature.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/kernel/bytes.h"
#include "facts/kernel/pe.h"

#define HEAD_SIZE 4096
/* A handful of certificates; what claims more is damaged. */
#define TABLE_MAX ((uint32_t)64 << 10)
#define NAMES_MAX 8

/* https://learn.microsoft.com/windows/win32/debug/pe-format: in the optional header the
 * directories begin here, the fifth of which is the certificate table. */
#define PE_OFFSET        0x3c
#define OPTIONAL         24
#define OPTIONAL_SIZE    20
#define MAGIC_PLUS       0x20b
#define DIRECTORIES      96
#define DIRECTORIES_PLUS 112
#define CERTIFICATES     4

/* include/linux/module_signature.h */
static const char module_mark[] = "~Module signature appended~\n";

/* Where the certificates are: false where there are none. */
static bool find_table(const unsigned char *head, size_t size, uint32_t *ret_at,
		       uint32_t *ret_size)
{
	size_t pe, optional, entry;
	const unsigned char *p;

	if (!wb_pe_is(head, size))
		return false;
	pe = wb_get32(head + PE_OFFSET);
	optional = pe + OPTIONAL;
	if (optional + 2 > size)
		return false;
	entry = optional + (wb_get16(head + optional) == MAGIC_PLUS ? DIRECTORIES_PLUS
								    : DIRECTORIES);
	/* Just before the directories stands how many there are. */
	if (entry + (CERTIFICATES + 1) * 8 > size ||
	    entry + (CERTIFICATES + 1) * 8 >
		    optional + wb_get16(head + pe + OPTIONAL_SIZE) ||
	    wb_get32(head + entry - 4) <= CERTIFICATES)
		return false;
	p = head + entry + (size_t)CERTIFICATES * 8;
	*ret_at = wb_get32(p);
	*ret_size = wb_get32(p + 4);
	return *ret_at > 0 && *ret_size > 0;
}

/* X.520: each common name is this object identifier and a string behind it. */
static int add_names(const unsigned char *data, size_t size, char ***names)
{
	static const unsigned char id[] = { 0x06, 0x03, 0x55, 0x04, 0x03 };
	int r = 0;

	for (size_t i = 0; r >= 0 && i + sizeof(id) + 2 < size; i++) {
		_cleanup_free_ char *name = NULL;
		size_t n = data[i + sizeof(id) + 1];

		if (memcmp(data + i, id, sizeof(id)) != 0 || n == 0 || n >= 0x80 ||
		    n > size - i - sizeof(id) - 2 || wb_strv_length(*names) == NAMES_MAX)
			continue;
		name = strndup((const char *)data + i + sizeof(id) + 2, n);
		r = name ? wb_strv_add(names, wb_make_printable(name)) : -ENOMEM;
	}
	return r;
}

static int read_table(int fd, uint64_t at, uint32_t size, struct wb_signature *signature)
{
	_cleanup_free_ unsigned char *table = NULL;
	ssize_t n;

	if (size > TABLE_MAX)
		size = TABLE_MAX;
	table = malloc(size);
	if (!table)
		return -ENOMEM;
	n = pread(fd, table, size, (off_t)at);
	/* It points behind the end: cut off, and no signature any more. */
	signature->present = n > 0;
	return n > 0 ? add_names(table, (size_t)n, &signature->names) : 0;
}

static bool has_module_mark(int fd)
{
	char end[sizeof(module_mark) - 1];
	off_t size = lseek(fd, 0, SEEK_END);

	return size > (off_t)sizeof(end) &&
	       pread(fd, end, sizeof(end), size - (off_t)sizeof(end)) ==
		       (ssize_t)sizeof(end) &&
	       memcmp(end, module_mark, sizeof(end)) == 0;
}

int wb_signature_read(const struct wb_root *root, const char *path, uint64_t offset,
		      struct wb_signature *ret)
{
	_cleanup_close_ int fd = wb_root_open_file(root, path);
	unsigned char head[HEAD_SIZE];
	uint32_t at, size;
	ssize_t n;

	*ret = (struct wb_signature){ 0 };
	if (fd < 0 || offset > INT64_MAX - UINT32_MAX)
		return 0;
	n = pread(fd, head, sizeof(head), (off_t)offset);
	if (n < 0)
		return 0;
	ret->looked = true;
	if (find_table(head, (size_t)n, &at, &size))
		return read_table(fd, offset + at, size, ret);
	ret->present = has_module_mark(fd);
	return 0;
}

void wb_signature_done(struct wb_signature *signature)
{
	wb_strv_free(signature->names);
	*signature = (struct wb_signature){ 0 };
}
