// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Offsets from the BTF of the kernel, its own description of its types. */
#include <bpf/btf.h>

#include "base/arguments.h"
#include "internal.h"
#include "offsets/offsets.h"

#define KERNEL_BTF "/sys/kernel/btf/vmlinux"

/*
 * The depth to which anonymous structs may nest. No kernel's nest deeper. It ends the
 * search in BTF that nests in itself.
 */
#define DEPTH_MAX 16
#define NAME_MAX_SIZE 64

struct place {
	uint32_t bits; /* from the beginning of the outermost struct */
	uint32_t type;
	bool is_bitfield;
};

/* ---- one member ---- */

/* Returns the type without typedef, const, volatile and the like. */
static const struct btf_type *plain_type(const struct btf *btf, uint32_t id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	for (int i = 0; i < DEPTH_MAX && type && (btf_is_mod(type) || btf_is_typedef(type)); i++)
		type = btf__type_by_id(btf, type->type);
	return type;
}

/*
 * Returns whether type is an int that is shorter than its bytes. Before Linux 5.1 a
 * bit-field was shown so.
 */
static bool is_short_int(const struct btf_type *type)
{
	return type && btf_is_int(type) &&
	       (btf_int_bits(type) != type->size * 8 || btf_int_offset(type));
}

/*
 * Finds the member by its name, also in members without a name. Adds its place in the
 * struct to place. Returns false if there is none.
 */
static bool find_member(const struct btf *btf, const struct btf_type *in, const char *name,
			struct place *place, int depth)
{
	const struct btf_member *members = btf_members(in);

	for (int i = 0; i < btf_vlen(in); i++) {
		const char *its_name = btf__name_by_offset(btf, members[i].name_off);
		const struct btf_type *type = plain_type(btf, members[i].type);
		uint32_t bits = place->bits + btf_member_bit_offset(in, i);
		struct place inside = { .bits = bits };

		if (its_name && !strcmp(its_name, name)) {
			place->bits = bits;
			place->type = members[i].type;
			place->is_bitfield = btf_member_bitfield_size(in, i) || bits % 8 ||
					     is_short_int(type);
			return true;
		}
		if (its_name && !*its_name && type && btf_is_composite(type) && depth < DEPTH_MAX &&
		    find_member(btf, type, name, &inside, depth + 1)) {
			*place = inside;
			return true;
		}
	}
	return false;
}

/* Finds the place of a path: ns.inum is the member inum of the struct that is the member ns. */
static bool find_path(const struct btf *btf, const struct btf_type *in, const char *path,
		      struct place *place)
{
	char name[NAME_MAX_SIZE];

	*place = (struct place){};
	for (;;) {
		size_t length = strcspn(path, ".");

		if (length >= sizeof(name) || !in || !btf_is_composite(in))
			return false;
		memcpy(name, path, length);
		name[length] = '\0';
		if (!find_member(btf, in, name, place, 0))
			return false;
		if (!path[length])
			return true;
		path += length + 1;
		in = plain_type(btf, place->type);
	}
}

/* ---- one field ---- */

static int offset_in(const struct btf *btf, const struct btf_type *in, enum field field)
{
	struct place place;

	if (!find_path(btf, in, strchr(fields[field].key, '.') + 1, &place) || place.is_bitfield ||
	    btf__resolve_size(btf, place.type) != field_size(field, sizeof(void *)) ||
	    place.bits / 8 % field_align(field, sizeof(void *)) || place.bits / 8 > OFFSET_MAX)
		return TCPT_ABSENT;
	return place.bits / 8;
}

/*
 * Returns the offset of a field. Several structs may have its name: those that have the
 * member have to agree, else it returns -ENOTUNIQ. If none has it, the field is
 * TCPT_ABSENT.
 */
static int find_field(const struct btf *btf, enum field field)
{
	const char *key = fields[field].key;
	size_t length = strcspn(key, ".");
	int found = TCPT_ABSENT;

	for (unsigned int id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);
		const char *name = btf_is_struct(type) ? btf__name_by_offset(btf, type->name_off) :
							 NULL;
		int at;

		if (!name || strncmp(name, key, length) || name[length])
			continue;
		at = offset_in(btf, type, field);
		if (at >= 0 && found >= 0 && at != found)
			return -ENOTUNIQ;
		if (at >= 0)
			found = at;
	}
	return found;
}

static int read_fields(struct tcpt_offsets *offsets, const struct btf *btf, const char *path,
		       const struct tcpt_log *log)
{
	for (int f = 0; f < FIELD_COUNT; f++) {
		int at = find_field(btf, f);

		if (at == -ENOTUNIQ)
			return log_error(log, -ENOTUNIQ,
					 "%s has several structs with %s, at different offsets; "
					 "run tcpt-guess instead",
					 path, fields[f].key);
		if (at == TCPT_ABSENT && fields[f].need == NEEDED)
			return log_error(log, -ENODATA,
					 "%s has no %s of %u bytes, which the trace needs; run "
					 "tcpt-guess instead",
					 path, fields[f].key, field_size(f, sizeof(void *)));
		offsets->at[f] = at;
	}
	return 0;
}

/* ---- all ---- */

/*
 * Returns whether err says that the content is wrong. libbpf has errors of its own from
 * -4000 on, among them those of libelf.
 */
static bool is_about_content(int err)
{
	return err == -EPROTO || err == -EINVAL || err == -ENODATA || err == -EIO || err <= -4000;
}

static int parse_btf(struct btf **btf, const char *path, const struct tcpt_log *log)
{
	const char *name = path ? path : KERNEL_BTF;
	const struct tcpt_log *outer;
	int err = 0;

	outer = log_capture_libbpf(log);
	*btf = btf__parse(name, NULL);
	if (!*btf)
		err = -errno;
	log_release_libbpf(outer);
	if (err == -ENOENT && !path)
		return log_error(log, -EOPNOTSUPP,
				 "this kernel has no BTF: there is no %s (CONFIG_DEBUG_INFO_BTF); "
				 "run tcpt-guess instead",
				 name);
	if (is_about_content(err))
		return log_error(log, -EINVAL,
				 "cannot read BTF from %s: it holds none that libbpf knows", name);
	return err ? log_error(log, err, "cannot read BTF from %s: %s", name, strerror(-err)) : 0;
}

TCPT_API int tcpt_offsets_from_btf(struct tcpt_offsets **out, const char *path,
				   const struct tcpt_log *log)
{
	struct tcpt_offsets *offsets;
	struct btf *btf;
	int err = argument_check(out, "place for the offsets", log);

	if (!err)
		err = parse_btf(&btf, path, log);
	if (err)
		return err;
	offsets = tcpt_offsets_new();
	err = offsets ? read_fields(offsets, btf, path ? path : KERNEL_BTF, log) : -errno;
	btf__free(btf);
	if (err) {
		tcpt_offsets_free(offsets);
		return err;
	}
	strcpy(offsets->source, "btf");
	*out = offsets;
	return 0;
}
