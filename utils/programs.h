/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The programs, each of which is a file, or all of which are one file: tcpt.c. */
#ifndef PROGRAMS_H
#define PROGRAMS_H

#ifdef STATIC_TOOLS

typedef int program_main(int argc, char **argv);

program_main audit_main, check_main, filter_main, guess_main, list_main, load_main, map_main,
	stat_main, trace_main, unload_main, watch_main;

#define PROGRAM_MAIN(name) int name##_main(int argc, char **argv)

#else

#define PROGRAM_MAIN(name) int main(int argc, char **argv)

#endif

#endif
