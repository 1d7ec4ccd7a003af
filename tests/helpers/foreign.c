// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * foreign: loads a CO-RE program that is not tcpt's by the BTF in a file, and
 * prints what it reports. Knows of no offsets, and nothing of libtcpt.
 */
#define _GNU_SOURCE /* memfd_create */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "foreign.h"
#include "foreign.object.h"

#define LOOK_US 10000
#define OBJECT_MAX 65536

static volatile sig_atomic_t ended;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

/* SADDR SPORT DADDR DPORT NETNS, tabs between. */
static int print(void *arg, void *data, size_t size)
{
	const struct foreign_event *event = data;
	char saddr[INET6_ADDRSTRLEN], daddr[INET6_ADDRSTRLEN];

	(void)arg;
	(void)size;
	inet_ntop(event->family, event->saddr, saddr, sizeof(saddr));
	inet_ntop(event->family, event->daddr, daddr, sizeof(daddr));
	printf("%s\t%u\t%s\t%u\t%u\n", saddr, event->sport, daddr, ntohs(event->dport),
	       event->netns);
	return 0;
}

static int fail(const char *what)
{
	fprintf(stderr, "foreign: cannot %s: %s\n", what, strerror(errno));
	return 1;
}

/* Returns how many events the kernel has not shown to the program. */
static unsigned long long missed(const struct bpf_program *program)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) ?
		       0 :
		       info.recursion_misses;
}

static int run(struct bpf_object *foreign, const struct bpf_program *program)
{
	struct bpf_link *link = bpf_program__attach(program);
	struct ring_buffer *ring;

	if (!link)
		return fail("attach the program");
	ring = ring_buffer__new(bpf_object__find_map_fd_by_name(foreign, "events"), print, NULL,
				NULL);
	if (!ring)
		return fail("open the ring");
	fputs("foreign: ready\n", stderr);
	while (!ended) {
		usleep(LOOK_US);
		ring_buffer__consume(ring);
	}
	bpf_link__destroy(link);
	ring_buffer__consume(ring);
	ring_buffer__free(ring);
	fprintf(stderr, "foreign: missed %llu\n", missed(program));
	return fflush(stdout) ? fail("write") : 0;
}

/* zlib reads what is compressed from a file. */
static struct bpf_object *open_object(const char *btf)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = btf);
	static unsigned char elf[OBJECT_MAX];
	int fd = memfd_create("foreign", MFD_CLOEXEC), size;
	gzFile file;

	if (fd < 0 || write(fd, foreign_object, sizeof(foreign_object)) < 0 ||
	    lseek(fd, 0, SEEK_SET))
		return NULL;
	file = gzdopen(fd, "r");
	size = file ? gzread(file, elf, sizeof(elf)) : -1;
	if (file)
		gzclose(file);
	return size > 0 ? bpf_object__open_mem(elf, size, &opts) : NULL;
}

int main(int argc, char **argv)
{
	struct bpf_object *foreign;
	struct bpf_program *program, *wanted;
	int status, kprobe = argc == 3 && !strcmp(argv[2], "kprobe");

	if (!kprobe && (argc != 3 || strcmp(argv[2], "raw_tp") != 0)) {
		fputs("Usage: foreign BTF raw_tp|kprobe\n", stderr);
		return 2;
	}
	signal(SIGTERM, end);
	signal(SIGINT, end);
	foreign = open_object(argv[1]);
	if (!foreign)
		return fail("open the program");
	wanted = bpf_object__find_program_by_name(foreign,
						  kprobe ? "foreign_kprobe" : "foreign_raw_tp");
	bpf_object__for_each_program(program, foreign)
		bpf_program__set_autoload(program, program == wanted);
	status = bpf_object__load(foreign) ? fail("load the program") : run(foreign, wanted);
	bpf_object__close(foreign);
	return status;
}
