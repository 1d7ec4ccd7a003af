/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * map-keys PIN SIZE: how many keys of SIZE bytes a pinned hash has. Kernels before Linux 4.13
 * do not tell bpftool what kind of map it is.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	unsigned char key[64], next[64];
	size_t size = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	unsigned int count = 0;
	int fd;

	if (!size || size > sizeof(key)) {
		fprintf(stderr, "Usage: map-keys PIN SIZE\n");
		return 2;
	}
	fd = bpf_obj_get(argv[1]);
	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}
	memset(key, 0xff, sizeof(key)); /* nobody's: the kernel says the first one */
	for (; !bpf_map_get_next_key(fd, key, next); count++)
		memcpy(key, next, sizeof(key));
	if (errno != ENOENT) {
		perror("map-keys");
		return 1;
	}
	printf("%u\n", count);
	return 0;
}
