#!/bin/sh
# Sourced as one of the first in the initramfs: the next report says how long it took.
# SPDX-License-Identifier: GPL-2.0-or-later
/usr/lib/warmboot/late reached || :
