// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The marks of filters. The map filters says what was given, and is listed. From it follow the
 * marks in the maps values, marks and networks, by which the programs decide with one look-up
 * for each key, whatever the number of values, ranges and networks.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "internal.h"
#include "maps/facts.h"
#include "maps/filter-list.h"
#include "pins/pin.h"
#include "tcpt_abi_filter.h"
#include "trace/filter-index.h"

static enum tcpt_filter_key key_of(const struct tcpt_filter *filter)
{
	bool is_hidden;

	return filter_list_sort(filter->key, &is_hidden);
}

static __u32 mark_of(const struct tcpt_filter *filter)
{
	bool is_hidden;

	filter_list_sort(filter->key, &is_hidden);
	return is_hidden ? TCPT_ABI_FILTER_HIDDEN : TCPT_ABI_FILTER_SELECTED;
}

static int write_mark(int map, const void *key, __u32 mark)
{
	if (mark)
		return bpf_map_update_elem(map, key, &mark, BPF_ANY) ? -errno : 0;
	return bpf_map_delete_elem(map, key) && errno != ENOENT ? -errno : 0;
}

/* ---- single values ---- */

static bool is_single(enum tcpt_filter_key key)
{
	return key == TCPT_FILTER_PID || key == TCPT_FILTER_UID || key == TCPT_FILTER_COMM ||
	       key == TCPT_FILTER_CGROUP || key == TCPT_FILTER_NETNS;
}

static struct tcpt_abi_filter value_of(const struct tcpt_filter *filter)
{
	struct tcpt_abi_filter value = filter_list_entry(filter);

	value.key = key_of(filter);
	return value;
}

static int write_value(const struct filter_index *index, const struct tcpt_filter *filter,
		       const struct tcpt_filter *wanted, size_t n)
{
	const struct tcpt_abi_filter value = value_of(filter);
	__u32 mark = 0;

	for (size_t i = 0; i < n; i++) {
		struct tcpt_abi_filter other = value_of(&wanted[i]);

		if (!memcmp(&value, &other, sizeof(value)))
			mark |= mark_of(&wanted[i]);
	}
	return write_mark(index->values, &value, mark);
}

/* ---- networks ---- */

bool filter_index_contains(const struct tcpt_filter *outer, const struct tcpt_filter *inner)
{
	size_t bytes = outer->value / 8, bits = outer->value % 8;

	if (key_of(outer) != key_of(inner) || outer->family != inner->family ||
	    outer->value > inner->value)
		return false;
	return !memcmp(outer->bytes, inner->bytes, bytes) &&
	       (!bits || !((outer->bytes[bytes] ^ inner->bytes[bytes]) >> (8 - bits)));
}

static struct tcpt_abi_network network_of(const struct tcpt_filter *filter)
{
	struct tcpt_abi_network network = {
		.bits = TCPT_ABI_NETWORK_KEY + filter->value,
		.key = key_of(filter) | filter->family << TCPT_ABI_NETWORK_FAMILY,
	};

	if (filter->value == (filter->family == 4 ? 32 : 128))
		network.bits = TCPT_ABI_NETWORK_BITS; /* the bytes that IPv4 lacks are 0 */
	memcpy(network.address, filter->bytes, sizeof(network.address));
	return network;
}

static int write_network(const struct filter_index *index, const struct tcpt_filter *filter,
			 const struct tcpt_filter *wanted, size_t n)
{
	const struct tcpt_abi_network network = network_of(filter);
	bool is_wanted = false;
	__u32 mark = 0;

	for (size_t i = 0; i < n; i++) {
		if (!filter_index_contains(&wanted[i], filter))
			continue;
		mark |= mark_of(&wanted[i]);
		is_wanted |= wanted[i].value == filter->value;
	}
	return write_mark(index->networks, &network, is_wanted ? mark : 0);
}

/* ---- ports, families and roles ---- */

/* Returns the first word of a key; -1 if its values have none. */
static int row_of(enum tcpt_filter_key key)
{
	switch (key) {
	case TCPT_FILTER_SPORT:
		return TCPT_ABI_MARKS_SPORT;
	case TCPT_FILTER_DPORT:
		return TCPT_ABI_MARKS_DPORT;
	case TCPT_FILTER_FAMILY:
	case TCPT_FILTER_ROLE:
		return TCPT_ABI_MARKS_KINDS;
	default:
		return -1;
	}
}

struct words_of_marks {
	__u32 word[TCPT_ABI_MARKS_WORDS];
	bool is_touched[TCPT_ABI_MARKS_WORDS];
};

static void put_marks(struct words_of_marks *words, const struct tcpt_filter *filter, bool touches)
{
	uint64_t shift = key_of(filter) == TCPT_FILTER_ROLE ? TCPT_ABI_MARKS_OF_ROLES : 0;
	int row = row_of(key_of(filter));

	for (uint64_t value = filter->value;
	     row >= 0 && value <= (filter->last ? filter->last : filter->value); value++) {
		uint64_t at = row + value / TCPT_ABI_MARKS_IN_WORD;

		if (touches)
			words->is_touched[at] = true;
		else
			words->word[at] |= mark_of(filter)
					   << (value + shift) % TCPT_ABI_MARKS_IN_WORD;
	}
}

static int write_words(const struct filter_index *index, const struct words_of_marks *words)
{
	for (__u32 i = 0; i < TCPT_ABI_MARKS_WORDS; i++)
		if (words->is_touched[i] &&
		    bpf_map_update_elem(index->marks, &i, &words->word[i], BPF_ANY))
			return -errno;
	return 0;
}

static int write_marks(const struct filter_index *index, const struct tcpt_filter *touched,
		       size_t touched_count, const struct tcpt_filter *wanted, size_t wanted_count)
{
	struct words_of_marks *words = calloc(1, sizeof(*words));
	int err;

	if (!words)
		return -ENOMEM;
	for (size_t i = 0; i < touched_count; i++)
		put_marks(words, &touched[i], true);
	for (size_t i = 0; i < wanted_count; i++)
		put_marks(words, &wanted[i], false);
	err = write_words(index, words);
	free(words);
	return err;
}

int filter_index_write(const struct filter_index *index, const struct tcpt_filter *touched,
		       size_t touched_count, const struct tcpt_filter *wanted, size_t wanted_count)
{
	int err = write_marks(index, touched, touched_count, wanted, wanted_count);

	for (size_t i = 0; !err && i < touched_count; i++) {
		if (is_single(key_of(&touched[i])))
			err = write_value(index, &touched[i], wanted, wanted_count);
		else if (filter_list_is_address(touched[i].key))
			err = write_network(index, &touched[i], wanted, wanted_count);
	}
	return err;
}

struct filter_index filter_index_of(const struct bpf_object *object)
{
	return (struct filter_index){ bpf_object__find_map_fd_by_name(object, "values"),
				      bpf_object__find_map_fd_by_name(object, "marks"),
				      bpf_object__find_map_fd_by_name(object, "networks") };
}

int filter_index_open(struct filter_index *index, const char *dir)
{
	index->values = pin_open_map(dir, "values");
	if (index->values >= 0)
		index->marks = pin_open_map(dir, "marks");
	if (index->values >= 0 && index->marks >= 0)
		index->networks = pin_open_map(dir, "networks");
	return index->values < 0   ? index->values :
	       index->marks < 0	   ? index->marks :
	       index->networks < 0 ? index->networks :
				     0;
}

bool filter_index_has_tries(const struct filter_index *index)
{
	struct facts facts;

	return !facts_read(index->networks, &facts) && facts.type == BPF_MAP_TYPE_LPM_TRIE;
}

void filter_index_close(struct filter_index *index)
{
	const int maps[] = { index->values, index->marks, index->networks };

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		if (maps[i] >= 0)
			close(maps[i]);
	*index = (struct filter_index)FILTER_INDEX_NONE;
}
