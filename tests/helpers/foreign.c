// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * foreign: loads a CO-RE program that is not tcpt's by the BTF in a file, and
 * prints what it reports. Knows of no offsets, and nothing of libtcpt.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "foreign.h"
#include "foreign.skel.h"

#define LOOK_US 10000

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

static int run(struct foreign_bpf *foreign, const struct bpf_program *program)
{
	struct ring_buffer *ring =
		ring_buffer__new(bpf_map__fd(foreign->maps.events), print, NULL, NULL);

	if (!ring)
		return fail("open the ring");
	fputs("foreign: ready\n", stderr);
	while (!ended) {
		usleep(LOOK_US);
		ring_buffer__consume(ring);
	}
	foreign_bpf__detach(foreign);
	ring_buffer__consume(ring);
	ring_buffer__free(ring);
	fprintf(stderr, "foreign: missed %llu\n", missed(program));
	return fflush(stdout) ? fail("write") : 0;
}

int main(int argc, char **argv)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts);
	struct foreign_bpf *foreign;
	struct bpf_program *program;
	int status, kprobe = argc == 3 && !strcmp(argv[2], "kprobe");

	if (!kprobe && (argc != 3 || strcmp(argv[2], "raw_tp") != 0)) {
		fputs("Usage: foreign BTF raw_tp|kprobe\n", stderr);
		return 2;
	}
	signal(SIGTERM, end);
	signal(SIGINT, end);
	opts.btf_custom_path = argv[1];
	foreign = foreign_bpf__open_opts(&opts);
	if (!foreign)
		return fail("open the program");
	program = kprobe ? foreign->progs.foreign_kprobe : foreign->progs.foreign_raw_tp;
	bpf_program__set_autoload(foreign->progs.foreign_kprobe, kprobe);
	bpf_program__set_autoload(foreign->progs.foreign_raw_tp, !kprobe);
	if (foreign_bpf__load(foreign))
		status = fail("load the program");
	else if (foreign_bpf__attach(foreign))
		status = fail("attach the program");
	else
		status = run(foreign, program);
	foreign_bpf__destroy(foreign);
	return status;
}
