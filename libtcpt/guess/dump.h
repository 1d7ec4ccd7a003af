/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The name and the first line of a dump's index. */
#ifndef TCPT_DUMP_H
#define TCPT_DUMP_H

#define DUMP_FIRST_LINE "# tcpt-snapshots 1"
#define DUMP_INDEX "snapshots"

#endif
