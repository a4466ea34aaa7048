/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Numbers in files: little-endian, and at any address. */

#include <stdint.h>

static inline uint16_t wb_get16(const unsigned char *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t wb_get32(const unsigned char *p)
{
	return (uint32_t)wb_get16(p) | (uint32_t)wb_get16(p + 2) << 16;
}
