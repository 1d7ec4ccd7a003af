// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Dumps of made-up kernels are read back: the snapshots and the answer are the same.
 * Damaged dumps are refused in one line.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../test.h"
#include "guess/dump.h"
#include "guess/guess.h"
#include "guess/solver.h"
#include "guess/verdict.h"
#include "internal.h"
#include "world.h"

#define INDEX_ROOM (1 << 20)

static char message[512];
static unsigned int messages;

static void keep_message(void *arg, enum tcpt_log_level level, const char *text)
{
	(void)arg;
	if (level != TCPT_LOG_ERROR)
		return;
	messages++;
	snprintf(message, sizeof(message), "%s", text);
}

static const struct tcpt_log log_to_message = { keep_message, NULL };

/* ---- dumps ---- */

static void empty_dir(void)
{
	CHECK_INT(system("rm -rf dump"), 0);
}

static char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "dump/%s", name);
	return path;
}

/* Returns the guess as a run would leave it. */
static struct tcpt_guess *guess_in(struct world *w)
{
	struct tcpt_guess *guess = calloc(1, sizeof(*guess));

	guess->offsets = tcpt_offsets_new();
	strcpy(guess->offsets->source, "guess");
	strcpy(guess->via, "raw_tp");
	guess->has_netns = !w->opts.no_netns;
	guess->has_ipv6 = !w->opts.no_ipv6;
	guess->is_single_netns = w->opts.one_netns;
	guess->mem = w->mem;
	guess->fresh = w->mem;
	guess->fresh.blocks = NULL;
	guess->fresh.last = NULL;
	guess->solving = w->count;
	guess->snapshots = w->all;
	memcpy(guess->snap, w->snap, sizeof(w->snap));
	for (int f = 0; f < FIELD_COUNT; f++)
		guess->wanted[f] = true;
	solver_solve(&guess->solution, guess->snap, guess->solving, &guess->mem);
	CHECK_INT(verdict_of_solution(guess), 0);
	CHECK_INT(verdict_of_confirmation(guess), 0);
	return guess;
}

static void forget_guess(struct tcpt_guess *guess, struct world *w)
{
	w->mem = guess->mem;
	memory_clear(&guess->fresh);
	tcpt_offsets_free(guess->offsets);
	free(guess);
}

/* Returns the document that a replay of the dump prints; NULL if it fails. */
static char *replayed(int *err)
{
	struct tcpt_guess_opts opts = { .size = sizeof(opts), .log = &log_to_message };
	struct tcpt_guess *guess;
	char *text = NULL;

	opts.replay = path_of("");
	messages = 0;
	*err = tcpt_guess_run(&guess, &opts);
	if (!*err)
		text = tcpt_offsets_text(tcpt_guess_offsets(guess));
	tcpt_guess_free(guess);
	return text;
}

static void replay_is_the_same(const struct world_opts *opts)
{
	struct world *w = world_new(opts);
	struct tcpt_guess *guess;
	char *original, *again;
	int err;

	world_observe(w);
	guess = guess_in(w);
	empty_dir();
	CHECK_INT(tcpt_guess_dump(guess, path_of(""), &log_to_message), 0);
	strcpy(guess->offsets->source, "replay");
	original = tcpt_offsets_text(guess->offsets);
	again = replayed(&err);
	CHECK_INT(err, 0);
	if (!again)
		FAIL("seed %llu: %s", (unsigned long long)opts->seed, message);
	else
		CHECK_STR(again, original);
	free(original);
	free(again);
	forget_guess(guess, w);
	world_free(w);
}

static const struct world_opts usual = { .missing = NO_FIELD,
					 .missing_too = NO_FIELD,
					 .perfect = NO_FIELD };

static void replays_of_all_kinds(void)
{
	for (unsigned int i = 0; i < 32; i++) {
		struct world_opts opts = usual;

		opts.seed = 5000000 + i;
		opts.big_endian = i & 1;
		opts.is_32bit = i & 2;
		opts.one_netns = i & 4;
		opts.no_mptcp = i & 8;
		opts.no_netns = i & 16;
		replay_is_the_same(&opts);
	}
}

/* ---- damage ---- */

static size_t read_index(char *text)
{
	int fd = open(path_of(DUMP_INDEX), O_RDONLY | O_CLOEXEC);
	ssize_t size = read(fd, text, INDEX_ROOM);

	close(fd);
	CHECK(size > 0 && size < INDEX_ROOM);
	return size;
}

static void write_index(const char *text, size_t size)
{
	int fd = open(path_of(DUMP_INDEX), O_WRONLY | O_TRUNC | O_CLOEXEC);

	CHECK_INT(write(fd, text, size), (ssize_t)size);
	close(fd);
}

static void make_dump(void)
{
	struct world_opts opts = usual;
	struct world *w;
	struct tcpt_guess *guess;

	opts.seed = 6000000;
	w = world_new(&opts);
	world_observe(w);
	guess = guess_in(w);
	empty_dir();
	CHECK_INT(tcpt_guess_dump(guess, path_of(""), &log_to_message), 0);
	forget_guess(guess, w);
	world_free(w);
}

static void refused(const char *expected)
{
	char *text;
	int err;

	text = replayed(&err);
	CHECK(!text);
	CHECK_INT(err, -EINVAL);
	CHECK_INT(messages, 1);
	if (expected && !strstr(message, expected))
		FAIL("'%s' does not say '%s'", message, expected);
	free(text);
}

/* Checks that the index is refused once from is replaced by to, which is as long. */
static void refused_with(const char *index, size_t size, const char *from, const char *to,
			 const char *expected)
{
	char *copy = malloc(size + 1), *at;

	memcpy(copy, index, size);
	copy[size] = '\0';
	at = strstr(copy, from);
	CHECK(at && strlen(from) == strlen(to));
	if (at)
		memcpy(at, to, strlen(to));
	write_index(copy, size);
	refused(expected);
	free(copy);
}

static void damaged_lines(void)
{
	static const struct {
		const char *from, *to, *says;
	} damage[] = {
		{ "# tcpt-snapshots 1", "# tcpt-snapshots 2", ":1: the first line is not" },
		{ "byte_order=little", "byte_order=middle", "'middle' is not known here" },
		{ "pointer_size=8", "pointer_size=6", "'6' is not known here" },
		{ "ipv6=yes", "ipv7=yes", "unknown key 'ipv7'" },
		{ "snapshot=2\n", "snapshot=3\n", "expected snapshot 2" },
		{ "purpose=confirm", "purpose=approve", "'approve' is not known here" },
		{ "windows=sock,task", "windows=sock,sock", "is not known here" },
		{ "fdtable=0", "fdtable=x", "'x' is not a number" },
		{ "sock_common.skc_num is", "sock_common.skc_nom is", "unknown field" },
		{ "skc_family is 0200", "skc_family is 020g", "is not hexadecimal" },
		{ "skc_family is 0200", "skc_family is 020 ", "expected FIELD KIND BYTES" },
		{ "memory=confirm", "memory=confine", "'confine' is not known here" },
		{ "\nchunk=", "\nlump==", "unknown key 'lump'" },
	};
	char *index = malloc(INDEX_ROOM);
	size_t size;

	make_dump();
	size = read_index(index);
	for (size_t i = 0; i < ARRAY_SIZE(damage); i++)
		refused_with(index, size, damage[i].from, damage[i].to, damage[i].says);
	free(index);
}

static void truncated_anywhere(void)
{
	char *index = malloc(INDEX_ROOM);
	size_t size;

	make_dump();
	size = read_index(index);
	for (size_t n = 1; n < size; n += 1 + n / 8) {
		write_index(index, n);
		refused(NULL);
	}
	/* A cut at the end of a line is not obvious. */
	for (size_t n = size - 1, lines = 0; lines < 8; n--) {
		if (index[n - 1] != '\n')
			continue;
		write_index(index, n);
		refused("the dump is cut off");
		lines++;
	}
	write_index(index, 0);
	refused("kernel.release is missing before this line");
	free(index);
}

static void damaged_files(void)
{
	make_dump();
	CHECK_INT(truncate(path_of("01.sock"), SOCK_WINDOW - 1), 0);
	refused("01.sock does not have 4096 bytes");
	CHECK_INT(truncate(path_of("01.sock"), SOCK_WINDOW + 1), 0);
	refused("01.sock does not have 4096 bytes");
	CHECK_INT(unlink(path_of("01.sock")), 0);
	refused("cannot open 01.sock");
	CHECK_INT(symlink("/dev/zero", path_of("01.sock")), 0);
	refused("cannot open 01.sock");
	CHECK_INT(unlink(path_of("01.sock")), 0);
	CHECK_INT(mkfifo(path_of("01.sock"), 0600), 0);
	refused("01.sock is not a regular file");
	make_dump();
	CHECK_INT(truncate(path_of("solve.memory"), 256), 0);
	refused("the memory file ends before this chunk");
}

static void dump_spares_what_is_there(void)
{
	struct world_opts opts = usual;
	struct world *w = world_new(&opts);
	struct tcpt_guess *guess;
	int fd;

	world_observe(w);
	guess = guess_in(w);
	empty_dir();
	CHECK_INT(mkdir(path_of(""), 0700), 0);
	fd = open(path_of("letter"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	close(fd);
	messages = 0;
	CHECK_INT(tcpt_guess_dump(guess, path_of(""), &log_to_message), -ENOTEMPTY);
	CHECK_INT(messages, 1);
	CHECK_INT(access(path_of("letter"), F_OK), 0);
	CHECK_INT(access(path_of(DUMP_INDEX), F_OK), -1);
	forget_guess(guess, w);
	world_free(w);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(replays_of_all_kinds),	 TEST(damaged_lines),
		TEST(truncated_anywhere),	 TEST(damaged_files),
		TEST(dump_spares_what_is_there),
	};
	int status;

	test_enter_folder();
	status = run_tests(tests, ARRAY_SIZE(tests));
	test_leave_folder();
	return status;
}
