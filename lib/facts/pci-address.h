/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Addresses of PCI functions, in text. No I/O here. */

#include <stdbool.h>
#include <stddef.h>

/* Are the first @n bytes of @s "0000:00:1f.3"? Domains of controllers inside controllers,
 * as Intel's VMD, have more digits: "10000:e1:00.0". */
bool wb_is_pci_address(const char *s, size_t n);
/* "00:1f.3", as lspci shows those of the first domain. */
bool wb_is_short_pci_address(const char *s, size_t n);
