/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * btf-offsets: the field offsets that a kernel's own BTF has, the truth that
 * guessed offsets are compared with.
 *
 * A key is STRUCT.MEMBER[.MEMBER...]; anonymous structs and unions on the way
 * are looked into, offsets along the path add up. The walk begins at every
 * struct of that name: when two of them disagree the answer is `ambiguous'.
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VMLINUX_BTF "/sys/kernel/btf/vmlinux"
#define NAME_SIZE 128
#define NESTING_MOST 32

enum outcome {
	FOUND,
	ABSENT,
	BITFIELD,
	AMBIGUOUS
};

struct place {
	const struct btf_type *type; /* of the member, typedefs resolved */
	__u32 bits; /* from the start of the first struct */
	int bitfield;
};

static const char *const core_keys[] = {
	"sock_common.skc_daddr",
	"sock_common.skc_rcv_saddr",
	"sock_common.skc_dport",
	"sock_common.skc_num",
	"sock_common.skc_family",
	"sock_common.skc_state",
	"sock_common.skc_net",
	"net.ns.inum",
	"sock_common.skc_v6_daddr",
	"sock_common.skc_v6_rcv_saddr",
	"sock.sk_shutdown",
	"sock.sk_socket",
	"socket.sk",
	"file.private_data",
	"task_struct.files",
	"files_struct.fdt",
	"fdtable.fd",
};

static const char *const more_keys[] = {
	"sock_common.skc_cookie", "sock.sk_err",
	"sock.sk_err_soft",	  "sock.sk_protocol",
	"inet_sock.inet_sport",	  "socket.file",
	"tcp_sock.bytes_acked",	  "tcp_sock.bytes_received",
	"tcp_sock.srtt_us",	  "tcp_sock.total_retrans",
};

static const char usage_text[] =
	"Usage: btf-offsets [--all] [--file=FILE] [STRUCT.MEMBER[.MEMBER]...]\n"
	"Print KEY=OFFSET for each key as the kernel's BTF has it, in the order given.\n"
	"\n"
	"  --all        more than the default keys, when no key is given\n"
	"  --file FILE  raw BTF or an ELF file instead of " VMLINUX_BTF "\n"
	"\n"
	"OFFSET is in bytes, or `absent', `bitfield' or `ambiguous' (two structs of\n"
	"that name that differ). Exit status: 0, 1 on failure or when a key is\n"
	"ambiguous, 2 on misuse, 77 when there is no BTF.\n";

static int quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

static const struct btf_type *resolve(const struct btf *btf, __u32 id)
{
	int resolved = btf__resolve_type(btf, id);

	return resolved < 0 ? NULL : btf__type_by_id(btf, (__u32)resolved);
}

static int is_bitfield(const struct btf_type *parent, __u32 index, const struct btf_type *type)
{
	if (btf_member_bitfield_size(parent, index) || btf_member_bit_offset(parent, index) % 8)
		return 1;
	/* the older form: an integer of fewer bits than its size */
	return type && btf_is_int(type) && btf_int_bits(type) != type->size * 8;
}

/* Looks for a member, also in the anonymous structs and unions of `parent`. */
static int member_find(const struct btf *btf, const struct btf_type *parent, const char *name,
		       int nesting, struct place *place)
{
	const struct btf_member *members = btf_members(parent);

	for (__u32 i = 0; i < btf_vlen(parent); i++) {
		const char *is = btf__name_by_offset(btf, members[i].name_off);
		const struct btf_type *type = resolve(btf, members[i].type);
		__u32 bits = btf_member_bit_offset(parent, i);

		if (is && *is) {
			if (strcmp(is, name))
				continue;
			place->bitfield = is_bitfield(parent, i, type);
		} else if (!type || !btf_is_composite(type) || nesting >= NESTING_MOST ||
			   !member_find(btf, type, name, nesting + 1, place)) {
			continue;
		} else {
			place->bits += bits;
			return 1;
		}
		place->bits = bits;
		place->type = type;
		return 1;
	}
	return 0;
}

/* Follows MEMBER[.MEMBER...] from one struct. */
static enum outcome path_walk(const struct btf *btf, const struct btf_type *type, const char *path,
			      long *offset)
{
	struct place place = { .type = type };
	__u32 bits = 0;

	while (*path) {
		size_t length = strcspn(path, ".");
		char name[NAME_SIZE];

		if (!place.type || !btf_is_composite(place.type) || length >= sizeof(name))
			return ABSENT;
		memcpy(name, path, length);
		name[length] = '\0';
		if (!member_find(btf, place.type, name, 0, &place))
			return ABSENT;
		bits += place.bits;
		path += length + (path[length] == '.');
	}
	*offset = bits / 8;
	return place.bitfield ? BITFIELD : FOUND;
}

/* Tries every struct of the key's name; they all have to say the same. */
static enum outcome key_find(const struct btf *btf, const char *key, long *offset)
{
	size_t length = strcspn(key, ".");
	enum outcome outcome = ABSENT;
	int known = 0;

	for (__u32 id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);
		const char *name = btf__name_by_offset(btf, type->name_off);
		enum outcome here;
		long at = -1;

		if (!btf_is_struct(type) || strncmp(name, key, length) || name[length])
			continue;
		here = path_walk(btf, type, key + length + 1, &at);
		if (known && (here != outcome || at != *offset))
			return AMBIGUOUS;
		known = 1;
		outcome = here;
		*offset = at;
	}
	if (!known)
		fprintf(stderr, "btf-offsets: no struct %.*s\n", (int)length, key);
	return outcome;
}

static int keys_print(const struct btf *btf, const char *const *keys, size_t count)
{
	static const char *const words[] = { "", "absent", "bitfield", "ambiguous" };
	int status = 0;

	for (size_t i = 0; i < count; i++) {
		long offset = -1;
		enum outcome outcome = key_find(btf, keys[i], &offset);

		if (outcome == FOUND)
			printf("%s=%ld\n", keys[i], offset);
		else
			printf("%s=%s\n", keys[i], words[outcome]);
		if (outcome == AMBIGUOUS)
			status = 1;
	}
	return status;
}

static int keys_check(char **keys, int count)
{
	for (int i = 0; i < count; i++) {
		size_t length = strlen(keys[i]);

		if (!strchr(keys[i], '.') || keys[i][0] == '.' || keys[i][length - 1] == '.' ||
		    strstr(keys[i], "..")) {
			fprintf(stderr, "btf-offsets: not STRUCT.MEMBER: %s\n", keys[i]);
			return -1;
		}
	}
	return 0;
}

static struct btf *btf_open(const char *path, int *status)
{
	struct btf *btf;

	*status = 77;
	if (access(path, R_OK)) {
		printf("no BTF: %s: %s\n", path, strerror(errno));
		return NULL;
	}
	btf = btf__parse(path, NULL);
	if (btf)
		return btf;
	if (errno == ENOENT || errno == ENODATA) { /* ELF without .BTF */
		printf("no BTF: %s has none\n", path);
		return NULL;
	}
	*status = 1;
	fprintf(stderr, "btf-offsets: cannot read the BTF of %s: %s\n", path, strerror(errno));
	return NULL;
}

static int print_all(const struct btf *btf, char **keys, int count, int all)
{
	int status;

	if (count)
		return keys_print(btf, (const char *const *)keys, (size_t)count);
	status = keys_print(btf, core_keys, sizeof(core_keys) / sizeof(core_keys[0]));
	if (all)
		status |= keys_print(btf, more_keys, sizeof(more_keys) / sizeof(more_keys[0]));
	return status;
}

static int misuse(void)
{
	fputs("Try 'btf-offsets --help'\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option table[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "file", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *path = VMLINUX_BTF;
	int option, all = 0, status;
	struct btf *btf;

	while ((option = getopt_long(argc, argv, "af:h", table, NULL)) != -1) {
		if (option == 'h')
			return fputs(usage_text, stdout) < 0;
		if (option == '?')
			return misuse();
		if (option == 'f')
			path = optarg;
		all |= option == 'a';
	}
	if (keys_check(argv + optind, argc - optind))
		return misuse();
	libbpf_set_print(quiet);
	btf = btf_open(path, &status);
	if (!btf)
		return status;
	status = print_all(btf, argv + optind, argc - optind, all);
	btf__free(btf);
	if (fflush(stdout) || ferror(stdout))
		return 1;
	return status;
}
