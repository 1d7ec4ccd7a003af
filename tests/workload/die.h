/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Every failure of a workload ends the process that finds it. */
#ifndef DIE_H
#define DIE_H

/* Prints the text, and errno's unless errno is 0, behind the program's name; exits with 1. */
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#define ABSENT 77

/* Says that this kernel cannot do it; exits with ABSENT. */
void absent(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* From here on both print to stdout: NAME failed WHY, or NAME absent WHY. */
void die_as(const char *name);

#endif
