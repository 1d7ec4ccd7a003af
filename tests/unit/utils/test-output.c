// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A file is written whole or not at all. */
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../test.h"
#include "output.h"

static const struct cli cli = { .name = "test" };

static void make(const char *name, const char *content, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0);
	CHECK_INT(write(fd, content, strlen(content)), strlen(content));
	CHECK_INT(fchmod(fd, mode), 0);
	close(fd);
}

static void has(const char *name, const char *content, mode_t mode)
{
	char got[64] = "";
	struct stat st;
	int fd = open(name, O_RDONLY);

	CHECK(fd >= 0);
	CHECK_INT(read(fd, got, sizeof(got) - 1), strlen(content));
	CHECK_STR(got, content);
	CHECK_INT(fstat(fd, &st), 0);
	CHECK_INT(st.st_mode & 07777, mode);
	close(fd);
}

/* Counts the files in the folder, and removes them. */
static int count_and_remove(void)
{
	DIR *dir = opendir(".");
	struct dirent *entry;
	int count = 0;

	while ((entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		count++;
		if (unlink(entry->d_name))
			rmdir(entry->d_name);
	}
	closedir(dir);
	return count;
}

/* Writes a file without messages. They are not checked, but kept out of the log. */
static int quietly(const char *path, const char *data)
{
	int saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY), err;

	dup2(null, STDERR_FILENO);
	err = output_write(&cli, path, data, strlen(data));
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(null);
	return err;
}

static void new_file(void)
{
	mode_t before = umask(027);

	CHECK_INT(output_write(&cli, "new", "text", 4), 0);
	has("new", "text", 0640);
	umask(before);
	CHECK_INT(output_write(&cli, "./again", "", 0), 0);
	has("again", "", 0666 & ~before);
	CHECK_INT(count_and_remove(), 2);
}

static void existing_file_keeps_its_mode(void)
{
	make("old", "what was there before", 0604);
	CHECK_INT(output_write(&cli, "old", "new", 3), 0);
	has("old", "new", 0604);
	CHECK_INT(count_and_remove(), 1);
}

static void symbolic_links(void)
{
	struct stat st;

	make("old", "before", 0600);
	CHECK_INT(symlink("old", "link"), 0);
	CHECK_INT(symlink("nothing", "nowhere"), 0);
	CHECK_INT(output_write(&cli, "link", "new", 3), 0);
	has("old", "new", 0600);
	CHECK(!lstat("link", &st) && S_ISLNK(st.st_mode));
	CHECK_INT(quietly("nowhere", "x"), -ENOENT);
	CHECK_INT(mkdir("far", 0755), 0);
	CHECK_INT(symlink("far", "near"), 0);
	CHECK_INT(quietly("near/new", "x"), 0);
	CHECK_INT(unlink("far/new"), 0);
	CHECK_INT(symlink("far/new", "nearer"), 0);
	CHECK_INT(quietly("nearer", "x"), -ENOENT);
	CHECK(!unlink("near") && !unlink("nearer") && !rmdir("far"));
	CHECK_INT(count_and_remove(), 3);
}

static void what_is_no_regular_file(void)
{
	char got[8] = "";
	int fd;

	CHECK_INT(output_write(&cli, "/dev/null", "x", 1), 0);
	CHECK_INT(mkfifo("fifo", 0600), 0);
	fd = open("fifo", O_RDWR);
	CHECK_INT(output_write(&cli, "fifo", "text", 4), 0);
	CHECK_INT(read(fd, got, sizeof(got)), 4);
	CHECK_STR(got, "text");
	close(fd);
	CHECK_INT(count_and_remove(), 1);
}

/* A descriptor that appends: the file that it is open on is not replaced. */
static void descriptors(void)
{
	int saved = dup(STDOUT_FILENO), fd;
	char name[32];

	make("log", "first ", 0600);
	fd = open("log", O_WRONLY | O_APPEND);
	fflush(stdout);
	dup2(fd, STDOUT_FILENO);
	CHECK_INT(output_write(&cli, "/dev/stdout", "second ", 7), 0);
	dup2(saved, STDOUT_FILENO);
	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	CHECK_INT(output_write(&cli, name, "third", 5), 0);
	has("log", "first second third", 0600);
	close(fd);
	close(saved);
	CHECK_INT(quietly("/dev/fd/999", "x"), -EBADF);
	CHECK_INT(quietly("/dev/fd/", "x"), -EISDIR);
	CHECK_INT(count_and_remove(), 1);
}

static void failures(void)
{
	CHECK_INT(quietly("/dev/full", "x"), -ENOSPC);
	CHECK_INT(quietly(".", "x"), -EISDIR);
	CHECK_INT(quietly("", "x"), -ENOENT);
	CHECK_INT(quietly("nothing/file", "x"), -ENOENT);
	CHECK_INT(quietly("/proc/tcpt", "x"), -ENOENT);
	make("file", "", 0600);
	CHECK_INT(quietly("file/file", "x"), -ENOTDIR);
	CHECK_INT(count_and_remove(), 1);
}

/*
 * The second byte cannot be written, as on a full disk. A child does this, because a
 * limit cannot be raised again.
 */
static void no_room(void)
{
	static const struct rlimit limit = { 1, 1 };
	int status;
	pid_t pid;

	make("old", "before", 0600);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		signal(SIGXFSZ, SIG_IGN); /* as all programs do */
		if (setrlimit(RLIMIT_FSIZE, &limit))
			_exit(2);
		_exit(quietly("old", "much more") != -EFBIG || quietly("new", "much") != -EFBIG);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
	has("old", "before", 0600);
	CHECK_INT(count_and_remove(), 1);
}

/* Root may write everywhere. So another user tries. */
static void no_permission(void)
{
	int status;
	pid_t pid;

	make("old", "before", 0444);
	CHECK_INT(chmod(".", 0555), 0);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		if (!geteuid() && (setgid(65534) || setuid(65534)))
			_exit(2);
		_exit(quietly("old", "new") != -EACCES || quietly("new", "new") != -EACCES);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
	CHECK_INT(chmod(".", 0755), 0);
	has("old", "before", 0444);
	CHECK_INT(count_and_remove(), 1);
}

/* Whenever the program is ended, there is one file, and it is whole. */
static void signals(void)
{
	for (int i = 0; i < 100; i++) {
		char data[65536] = "";
		struct stat st;
		pid_t pid = fork();

		if (!pid)
			for (;;)
				output_write(&cli, "file", data, sizeof(data));
		usleep(i * 50);
		kill(pid, i & 1 ? SIGTERM : SIGINT);
		CHECK_INT(waitpid(pid, NULL, 0), pid);
		if (!stat("file", &st))
			CHECK_INT(st.st_size, sizeof(data));
	}
	CHECK_INT(count_and_remove(), 1);
}

/* Gives a file to another user, which only root can do. */
static bool can_give_away(const char *name)
{
	if (!lchown(name, 65534, 65534))
		return true;
	printf("not as root: left out\n");
	return false;
}

static void links_of_others(void)
{
	make("old", "before", 0600);
	CHECK_INT(mkdir("sub", 0755), 0);
	CHECK_INT(symlink("old", "link"), 0);
	CHECK_INT(symlink(".", "here"), 0);
	CHECK_INT(symlink("here/link", "way"), 0);
	CHECK_INT(symlink("loop", "loop"), 0);
	CHECK_INT(symlink("/dev/null", "null"), 0);
	CHECK_INT(output_write(&cli, "here/sub/../here/link", "new", 3), 0);
	has("old", "new", 0600);
	CHECK_INT(output_write(&cli, "null", "x", 1), 0);
	CHECK_INT(quietly("loop", "x"), -ELOOP);
	CHECK_INT(quietly("here/nothing/", "x"), -ENOENT);
	if (can_give_away("link")) {
		CHECK_INT(quietly("link", "x"), -EACCES);
		CHECK_INT(quietly("way", "x"), -EACCES);
		CHECK_INT(lchown("link", 0, 0), 0);
		CHECK_INT(output_write(&cli, "way", "again", 5), 0);
		has("old", "again", 0600);
		CHECK_INT(lchown("here", 65534, 0), 0);
		CHECK_INT(quietly("here/old", "x"), -EACCES);
		CHECK_INT(quietly("here/new", "x"), -EACCES);
		has("old", "again", 0600);
	}
	CHECK_INT(count_and_remove(), 7);
}

static void directories_of_others(void)
{
	make("old", "before", 0644);
	CHECK_INT(chmod(".", 0777), 0);
	CHECK_INT(quietly("old", "x"), -EACCES);
	CHECK_INT(quietly("new", "x"), -EACCES);
	CHECK_INT(chmod(".", 01777), 0);
	CHECK_INT(output_write(&cli, "old", "new", 3), 0);
	has("old", "new", 0644);
	if (can_give_away("old")) {
		CHECK_INT(quietly("old", "x"), -EACCES);
		has("old", "new", 0644);
		CHECK_INT(mkfifo("fifo", 0600), 0);
		CHECK_INT(lchown("fifo", 65534, 65534), 0);
		CHECK_INT(quietly("fifo", "x"), -EACCES);
		CHECK_INT(chmod(".", 0755), 0);
		CHECK_INT(output_write(&cli, "old", "theirs", 6), 0);
		has("old", "theirs", 0644);
	}
	CHECK_INT(chmod(".", 0700), 0);
	count_and_remove();
}

/* Another user owns the directory. He puts a link in the place of his file, again and again. */
static void exchange(const char *target)
{
	if (setgid(65534) || setuid(65534))
		_exit(2);
	for (;;) {
		close(open("t1", O_WRONLY | O_CREAT, 0644));
		if (symlink(target, "t2") || rename("t1", "x") || rename("t2", "x"))
			_exit(3);
	}
}

static void exchanged_meanwhile(void)
{
	char target[PATH_MAX];
	struct stat st;
	pid_t pid;

	make("target", "secret", 0600);
	CHECK_INT(mkdir("theirs", 0755), 0);
	if (can_give_away("theirs") && realpath("target", target) && !chdir("theirs")) {
		fflush(NULL);
		pid = fork();
		if (!pid)
			exchange(target);
		for (int i = 0; i < 20000; i++)
			quietly("x", "mine");
		kill(pid, SIGKILL);
		CHECK_INT(waitpid(pid, NULL, 0), pid);
		count_and_remove();
		CHECK_INT(chdir(".."), 0);
	}
	has("target", "secret", 0600);
	CHECK(!stat("target", &st) && st.st_uid == geteuid());
	CHECK_INT(count_and_remove(), 2);
}

static void terminals(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	const char *name;

	CHECK(!output_is_terminal("/dev/null"));
	CHECK(!output_is_terminal("nothing"));
	CHECK(!output_is_terminal("."));
	if (master < 0 || grantpt(master) || unlockpt(master) || !(name = ptsname(master))) {
		printf("no pseudoterminals here\n");
		return;
	}
	CHECK(output_is_terminal(name));
	close(master);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(new_file),
		TEST(existing_file_keeps_its_mode),
		TEST(symbolic_links),
		TEST(what_is_no_regular_file),
		TEST(descriptors),
		TEST(failures),
		TEST(no_room),
		TEST(no_permission),
		TEST(signals),
		TEST(terminals),
		TEST(links_of_others),
		TEST(directories_of_others),
		TEST(exchanged_meanwhile),
	};
	int status;

	test_enter_folder();
	status = run_tests(tests, sizeof(tests) / sizeof(tests[0]));
	test_leave_folder();
	return status;
}
