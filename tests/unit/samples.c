/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "samples.h"

#include <string.h>

#include "base/text.h"
#include "unit.h"

void put16(struct bytes *b, size_t at, unsigned int value)
{
	b->data[at] = (unsigned char)value;
	b->data[at + 1] = (unsigned char)(value >> 8);
}

void put32(struct bytes *b, size_t at, unsigned int value)
{
	put16(b, at, value & 0xffff);
	put16(b, at + 2, value >> 16);
}

static void fill_sector(struct bytes *b)
{
	bytes_zeros(b, (512 - b->size % 512) % 512);
}

struct bytes pe_bytes(unsigned int machine, const struct pe_section *sections, size_t n)
{
	struct bytes b = { 0 };

	bytes_zeros(&b, PE_TABLE + n * 40);
	fill_sector(&b);
	memcpy(b.data, "MZ", 2);
	put32(&b, 0x3c, PE_AT);
	memcpy(b.data + PE_AT, "PE\0\0", 4);
	put16(&b, PE_AT + 4, machine);
	put16(&b, PE_AT + 6, (unsigned int)n);
	put16(&b, PE_AT + 20, 240);
	for (size_t i = 0; i < n; i++) {
		size_t header = PE_TABLE + i * 40, at = b.size;

		strncpy((char *)b.data + header, sections[i].name, 8);
		bytes_add(&b, sections[i].data, sections[i].size);
		fill_sector(&b);
		put32(&b, header + 8, (unsigned int)sections[i].size);
		put32(&b, header + 12, (unsigned int)at);
		put32(&b, header + 16, (unsigned int)(b.size - at));
		put32(&b, header + 20, (unsigned int)at);
	}
	return b;
}

static void add_banner(struct bytes *b, const char *version)
{
	_cleanup_free_ char *text = wb_format(
		"Linux version %%s (%%s)\nLinux Linux version Linux version %s (a@b) #1\n",
		version);

	assert_non_null(text);
	bytes_add(b, text, strlen(text) + 1);
}

struct bytes arm64_bytes(const char *version, size_t before)
{
	struct bytes b = { 0 };

	bytes_zeros(&b, 64 + before);
	memcpy(b.data + 56, "ARM\x64", 4);
	add_banner(&b, version);
	return b;
}

struct bytes riscv64_bytes(const char *version)
{
	struct bytes b = { 0 };

	bytes_zeros(&b, 4096);
	memcpy(b.data + 48, "RISCV", 5);
	memcpy(b.data + 56, "RSC\x05", 4);
	add_banner(&b, version);
	return b;
}

struct bytes zboot_bytes(unsigned int machine, const struct bytes *image,
			 const char *name)
{
	_cleanup_(bytes_done) struct bytes payload = pack_bytes(image, "gzip");
	const struct pe_section section = { ".text", payload.data, payload.size };
	struct bytes b = pe_bytes(machine, &section, 1);

	memcpy(b.data + 4, "zimg", 4);
	put32(&b, 8, PE_TABLE + 40 <= 512 ? 512 : 1024);
	put32(&b, 12, (unsigned int)payload.size);
	strcpy((char *)b.data + 24, name);
	return b;
}

static size_t add_section(struct pe_section *sections, size_t n, const char *name,
			  const char *text)
{
	if (!text)
		return n;
	sections[n] = (struct pe_section){ name, text, strlen(text) };
	return n + 1;
}

struct bytes uki_bytes(const char *version, const char *cmdline, const char *osrel)
{
	_cleanup_(bytes_done) struct bytes image = image_bytes(version);
	struct pe_section sections[4];
	size_t n = add_section(sections, 0, ".osrel", osrel);

	n = add_section(sections, n, ".cmdline", cmdline);
	n = add_section(sections, n, ".initrd", "initrd");
	sections[n++] = (struct pe_section){ ".linux", image.data, image.size };
	return pe_bytes(PE_X86_64, sections, n);
}
