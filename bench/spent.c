/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * spent FILE COMMAND...: runs the command, and writes to FILE the nanoseconds of CPU time
 * that it took, in user space and in the kernel. Ends as the command does.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t ns_of(struct timeval time)
{
	return time.tv_sec * 1000000000ULL + time.tv_usec * 1000ULL;
}

static int note(const char *path, const struct rusage *usage)
{
	FILE *out = fopen(path, "w");

	if (!out)
		return -1;
	fprintf(out, "%llu\n",
		(unsigned long long)(ns_of(usage->ru_utime) + ns_of(usage->ru_stime)));
	return fclose(out);
}

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;
	pid_t pid;

	if (argc < 3)
		return 2;
	pid = fork();
	if (!pid) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid || note(argv[1], &usage)) {
		perror("spent");
		return 1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
