// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Any text as the index of a dump, next to windows and memory that are there:
 * refused in one line, or solved, and never more than that.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guess/replay.h"
#include "guess/solver.h"
#include "internal.h"

static char dir[] = "/tmp/tcpt-fuzz-replay-XXXXXX";
static int dir_fd;
static unsigned int errors;

static void remove_dir(void)
{
	static const char *const names[] = { "01.sock", "01.task", "02.sock", "solve.memory",
					     "confirm.memory" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unlinkat(dir_fd, names[i], 0);
	rmdir(dir);
}

static void make_file(const char *name, size_t size)
{
	int fd = openat(dir_fd, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0)
		abort();
	for (size_t i = 0; i < size; i++) {
		unsigned char byte = i % 8 >= 6 ? 0xff : i / 8;

		if (write(fd, &byte, 1) != 1)
			abort();
	}
	close(fd);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (!mkdtemp(dir))
		abort();
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	make_file("01.sock", SOCK_WINDOW);
	make_file("01.task", TASK_WINDOW);
	make_file("02.sock", SOCK_WINDOW);
	make_file("solve.memory", 4 * MEMORY_CHUNK);
	make_file("confirm.memory", MEMORY_CHUNK);
	atexit(remove_dir);
	return 0;
}

static void count_error(void *arg, enum tcpt_log_level level, const char *text)
{
	(void)arg;
	if (level != TCPT_LOG_ERROR)
		return;
	if (strchr(text, '\n'))
		abort();
	errors++;
}

static const struct tcpt_log log_to_count = { count_error, NULL };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tcpt_guess *guess = calloc(1, sizeof(*guess));
	char *text = malloc(size + 1);
	int err;

	if (!guess || !text)
		abort();
	memcpy(text, data, size);
	errors = 0;
	guess->log = &log_to_count;
	guess->offsets = tcpt_offsets_new();
	err = replay_parse(guess, text, size, dir_fd, "fuzz");
	if (err != 0 && (err != -EINVAL || errors != 1))
		abort();
	if (!err)
		solver_solve(&guess->solution, guess->snap, guess->solving, &guess->mem);
	guess->log = NULL;
	tcpt_guess_free(guess);
	free(text);
	return 0;
}
