/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Kernel images of other kinds than bzImage, made of bytes. All are the caller's. */

#include "machine.h"

#define PE_X86_64  0x8664
#define PE_AARCH64 0xaa64
#define PE_RISCV64 0x5064

struct pe_section {
	const char *name;
	const void *data;
	size_t size;
};

/* Where the headers of a PE of this kind are, and the first section. */
#define PE_AT    0x80
#define PE_TABLE (PE_AT + 24 + 240)

/* Sections in this order, each from the next multiple of 512 on. */
struct bytes pe_bytes(unsigned int machine, const struct pe_section *sections, size_t n);
void put16(struct bytes *b, size_t at, unsigned int value);
void put32(struct bytes *b, size_t at, unsigned int value);

/* Image: a header, @before bytes of nothing, a banner. */
struct bytes arm64_bytes(const char *version, size_t before);
struct bytes riscv64_bytes(const char *version);
/* @image through gzip, in an EFI program that calls the compression @name. */
struct bytes zboot_bytes(unsigned int machine, const struct bytes *image,
			 const char *name);
/* A unified kernel image around a bzImage; NULL: without that section. */
struct bytes uki_bytes(const char *version, const char *cmdline, const char *osrel);
