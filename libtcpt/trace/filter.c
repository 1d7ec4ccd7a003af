// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Filters: their text, and the check that they hide a connection. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_PATH */
#endif
#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/accounts.h"
#include "base/cgroup.h"
#include "base/mounts.h"
#include "internal.h"
#include "tcpt_abi.h"
#include "base/netns-set.h"
#include "trace/filter.h"

#ifndef NSFS_MAGIC
#define NSFS_MAGIC 0x6e736673
#endif

#define NOT(key) ((enum tcpt_filter_key)((key) + TCPT_ABI_FILTER_NOT))

/* Returns the key whose values a key has that hides them, or the key itself. */
static enum tcpt_filter_key positive(enum tcpt_filter_key key)
{
	return key > TCPT_FILTER_TYPE && key < TCPT_FILTER_WATCH ? key - TCPT_ABI_FILTER_NOT : key;
}

static const struct {
	const char *what; /* a value is, for messages; keys that hide have those of the others */
	uint64_t least;
	uint64_t most;
} keys[TCPT_FILTER_KEYS] = {
	[TCPT_FILTER_PID] = { "a process id", 1, INT_MAX },
	[TCPT_FILTER_UID] = { "a user or a user id", 0, UINT32_MAX - 1 },
	[TCPT_FILTER_CGROUP] = { "a cgroup id or the path of a cgroup's directory", 1, UINT64_MAX },
	[TCPT_FILTER_NETNS] = { "the inode, the path or the name of a network namespace", 1,
				UINT32_MAX },
	[TCPT_FILTER_FAMILY] = { "4 or 6", 4, 6 },
	[TCPT_FILTER_SPORT] = { "a port", 0, UINT16_MAX },
	[TCPT_FILTER_DPORT] = { "a port", 0, UINT16_MAX },
	[TCPT_FILTER_TYPE] = { "an event type", TCPT_EVENT_CONNECT, TCPT_EVENT_EXISTING },
	[TCPT_FILTER_WATCH] = { "a process id", 1, INT_MAX },
};

bool filter_is_valid(const struct tcpt_filter *filter)
{
	enum tcpt_filter_key key = positive(filter->key);

	if ((size_t)key >= TCPT_FILTER_KEYS || filter->value < keys[key].least ||
	    filter->value > keys[key].most)
		return false;
	return key != TCPT_FILTER_FAMILY || filter->value != 5;
}

/* ---- values ---- */

static int parse_number(const char *text, uint64_t *value)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno)
		return -EINVAL;
	*value = number;
	return 0;
}

static int parse_type(const char *text, uint64_t *value)
{
	for (int type = TCPT_EVENT_CONNECT; type <= TCPT_EVENT_EXISTING; type++) {
		if (!strcmp(text, tcpt_event_type_name(type))) {
			*value = type;
			return 0;
		}
	}
	return -EINVAL;
}

static int netns_inode(const char *path, uint64_t *inode)
{
	int at = open(path, O_PATH | O_CLOEXEC), fd = -EINVAL;
	struct statfs fs;
	struct stat st;

	if (at < 0)
		return -errno;
	if (!fstat(at, &st) && !fstatfs(at, &fs) && fs.f_type == NSFS_MAGIC)
		fd = netns_set_open(at);
	close(at);
	if (fd < 0)
		return fd == -ENOENT ? -EINVAL : fd;
	close(fd);
	*inode = st.st_ino;
	return 0;
}

/* A directory, or else what tcpt-watch shows as cgroup_path. */
static int parse_cgroup(const char *path, uint64_t *id)
{
	int err = cgroup_id(path, id);

	if (err == -EINVAL || err == -ENOENT)
		return cgroup_id_below_root(path, id) ? err : 0;
	return err;
}

static bool is_name(const char *text)
{
	return (isalpha((unsigned char)*text) || *text == '_') && !strchr(text, '/');
}

/* ip netns keeps the names of network namespaces as files. */
static int parse_netns_name(const char *name, uint64_t *inode)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	return netns_inode(path, inode);
}

static int parse_user(const char *name, uint64_t *value)
{
	uint32_t uid;

	if (account_uid(name, &uid))
		return -EINVAL;
	*value = uid;
	return 0;
}

static int parse_value(struct tcpt_filter *filter, const char *text)
{
	enum tcpt_filter_key key = positive(filter->key);
	int err;

	if (key == TCPT_FILTER_TYPE)
		return parse_type(text, &filter->value);
	if (key == TCPT_FILTER_CGROUP && *text == '/')
		err = parse_cgroup(text, &filter->value);
	else if (key == TCPT_FILTER_NETNS && *text == '/')
		err = netns_inode(text, &filter->value);
	else if (key == TCPT_FILTER_NETNS && is_name(text))
		err = parse_netns_name(text, &filter->value);
	else if (key == TCPT_FILTER_UID && is_name(text))
		err = parse_user(text, &filter->value);
	else
		err = parse_number(text, &filter->value);
	if (!err && !filter_is_valid(filter))
		err = -EINVAL;
	return err;
}

/* ---- KEY=VALUE,... ---- */

static int explain_key(const char *text, const struct tcpt_log *log)
{
	char list[128] = "";

	for (int key = 0; key <= TCPT_FILTER_TYPE; key++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", key ? ", " : "",
			 tcpt_filter_key_name(key));
	return log_error(log, -EINVAL,
			 "'%s' is no filter; a filter is KEY=VALUE or KEY!=VALUE, and KEY is "
			 "one of %s",
			 text, list);
}

static int find_key(const char *text, size_t length)
{
	for (int key = 0; key < TCPT_FILTER_WATCH; key++)
		if (strlen(tcpt_filter_key_name(key)) == length &&
		    !strncmp(text, tcpt_filter_key_name(key), length))
			return key;
	return -ENOENT;
}

static int explain_cgroup(const char *path, const struct tcpt_log *log)
{
	char mount[PATH_MAX];

	mount_find_cgroup2(mount, sizeof(mount));
	return log_error(
		log, -EINVAL,
		*mount ? "cgroup=%s: not a directory of the cgroup v2 hierarchy, which is at %s" :
			 "cgroup=%s: not a directory of the cgroup v2 hierarchy, which is mounted "
			 "nowhere; run: mount -t cgroup2 cgroup2 DIRECTORY",
		path, mount);
}

static int explain_value(enum tcpt_filter_key key, const char *text, int err,
			 const struct tcpt_log *log)
{
	if (err == -EINVAL && positive(key) == TCPT_FILTER_CGROUP && *text == '/')
		return explain_cgroup(text, log);
	if (err == -ENOENT && positive(key) == TCPT_FILTER_NETNS && is_name(text))
		return log_error(log, -EINVAL,
				 "netns=%s: there is no network namespace of this name in "
				 "/run/netns, where ip netns keeps them",
				 text);
	if (err == -EINVAL)
		return log_error(log, err, "%s=%s: '%s' is not %s", tcpt_filter_key_name(key), text,
				 text, keys[positive(key)].what);
	return log_error(log, err, "%s=%s: %s", tcpt_filter_key_name(key), text, strerror(-err));
}

/* It cuts values into pieces. */
static int parse_values(enum tcpt_filter_key key, char *values, struct tcpt_filter *out,
			size_t room, const struct tcpt_log *log)
{
	size_t n = 0;
	int err;

	for (char *text; (text = strsep(&values, ",")); n++) {
		if (n == room)
			return log_error(log, -E2BIG, "more than %zu values of %s", room,
					 tcpt_filter_key_name(key));
		out[n].key = key;
		err = parse_value(&out[n], text);
		if (err)
			return explain_value(key, text, err, log);
	}
	return n;
}

TCPT_API int tcpt_filter_parse(struct tcpt_filter *out, size_t room, const char *text,
			       const struct tcpt_log *log)
{
	const char *equals = text && out ? strchr(text, '=') : NULL;
	int key = equals ? find_key(text, equals - text) : -ENOENT, n;
	char *values;

	if (!text || !out)
		return log_error(log, -EINVAL, "no filters given: the argument is NULL");
	if (key < 0)
		return explain_key(text, log);
	values = strdup(equals + 1);
	if (!values)
		return -ENOMEM;
	n = parse_values(key, values, out, room, log);
	free(values);
	return n;
}

/* ---- hiding, the same as hides() of bpf/filter.h ---- */

static bool value_of(enum tcpt_filter_key key, const struct tcpt_abi_conn *conn, uint64_t *value)
{
	switch (key) {
	case TCPT_FILTER_PID:
		*value = conn->opener.pid;
		return true;
	case TCPT_FILTER_UID:
		*value = conn->opener.pid ? conn->opener.uid : UINT64_MAX; /* nobody's */
		return true;
	case TCPT_FILTER_CGROUP:
		*value = conn->opener.cgroup;
		return true;
	case TCPT_FILTER_NETNS:
		*value = conn->tuple.netns;
		return true;
	case TCPT_FILTER_FAMILY:
		*value = conn->tuple.family;
		return true;
	case TCPT_FILTER_SPORT:
		*value = conn->tuple.sport;
		return true;
	case TCPT_FILTER_DPORT:
		*value = conn->tuple.dport;
		return true;
	default:
		return false;
	}
}

static bool has_value(const struct tcpt_filter *filters, size_t n, enum tcpt_filter_key key,
		      uint64_t value, bool *any)
{
	for (size_t i = 0; i < n; i++) {
		if (filters[i].key != key)
			continue;
		*any = true;
		if (filters[i].value == value)
			return true;
	}
	return false;
}

/* Returns true if the key alone hides a connection that has this value of it. */
static bool hides(const struct tcpt_filter *filters, size_t n, enum tcpt_filter_key key,
		  uint64_t value)
{
	bool any = false, unused;

	if (!has_value(filters, n, key, value, &any) && any)
		return true;
	return has_value(filters, n, NOT(key), value, &unused);
}

bool filter_hides(const struct tcpt_filter *filters, size_t n, const struct tcpt_abi_conn *conn)
{
	for (int key = 0; key < TCPT_FILTER_TYPE; key++) {
		uint64_t value;

		if (value_of(key, conn, &value) && hides(filters, n, key, value))
			return true;
	}
	return false;
}
