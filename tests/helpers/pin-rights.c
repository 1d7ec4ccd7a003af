/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pin-rights: what the caller may do with pinned maps, programs and links,
 * found out by doing it. A line each: its name, and - or r or rw.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static unsigned char key[64], value[1 << 14];

static bool is_map(const char *path)
{
	return strstr(path, "/maps/");
}

static bool describe(int fd, struct bpf_map_info *info)
{
	__u32 size = sizeof(*info);

	memset(info, 0, size);
	return !bpf_obj_get_info_by_fd(fd, info, &size) && info->key_size <= sizeof(key) &&
	       info->value_size <= sizeof(value);
}

/* Nothing is found of a hash that lacks the key, and that is an answer too. */
static bool can_look(int fd, const struct bpf_map_info *info)
{
	if (info->type == BPF_MAP_TYPE_RINGBUF)
		return true;
	return !bpf_map_lookup_elem(fd, key, value) || errno == ENOENT;
}

static bool can_map_for_writing(int fd)
{
	size_t page = sysconf(_SC_PAGESIZE);
	void *at = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (at != MAP_FAILED)
		munmap(at, page);
	return at != MAP_FAILED;
}

/* Leaves what was there. */
static bool can_update(int fd, const struct bpf_map_info *info)
{
	bool is_new;

	if (info->type == BPF_MAP_TYPE_RINGBUF)
		return can_map_for_writing(fd);
	is_new = bpf_map_lookup_elem(fd, key, value);
	if (bpf_map_update_elem(fd, key, value, BPF_ANY))
		return false;
	if (is_new)
		bpf_map_delete_elem(fd, key);
	return true;
}

static bool can_read(const char *path)
{
	LIBBPF_OPTS(bpf_obj_get_opts, opts, .file_flags = BPF_F_RDONLY);
	int fd = bpf_obj_get_opts(path, &opts);
	struct bpf_map_info info;
	bool can = fd >= 0 && (!is_map(path) || (describe(fd, &info) && can_look(fd, &info)));

	if (fd >= 0)
		close(fd);
	return can;
}

/* To hold a link is enough to detach it. */
static bool can_write(const char *path)
{
	int fd = bpf_obj_get(path);
	struct bpf_map_info info;
	bool can = fd >= 0 && (!is_map(path) || (describe(fd, &info) && can_update(fd, &info)));

	if (fd >= 0)
		close(fd);
	return can;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *slash = strrchr(argv[i], '/');
		bool writes = can_write(argv[i]);

		memset(value, 0, sizeof(value));
		printf("%s %s\n", slash ? slash + 1 : argv[i],
		       writes		 ? "rw" :
		       can_read(argv[i]) ? "r" :
					   "-");
	}
	return argc < 2;
}
