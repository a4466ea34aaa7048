#!/bin/sh
# Sourced as one of the last before the switch to the root.
# SPDX-License-Identifier: GPL-2.0-or-later
/usr/lib/warmboot/late left || :
