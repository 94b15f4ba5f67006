#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for start.t: from the start of the program to its first table.
set -eu
. ./lib.sh

first_tables
