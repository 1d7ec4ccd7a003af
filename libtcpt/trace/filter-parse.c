// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The text of filters: KEY=VALUE,... */
#include <arpa/inet.h>
#include <ctype.h>
#include <limits.h>

#include "base/mounts.h"
#include "internal.h"
#include "maps/event.h"
#include "maps/filter-list.h"
#include "tcpt_abi.h"
#include "trace/filter-names.h"
#include "trace/filter.h"

/* Returns the key whose values a key has that hides them, or the key itself. */
static enum tcpt_filter_key positive(enum tcpt_filter_key key)
{
	bool is_hidden;

	return filter_list_sort(key, &is_hidden);
}

/* What a value is, for messages. */
static const char *const meanings[] = {
	[TCPT_FILTER_PID] = "a process id",
	[TCPT_FILTER_UID] = "a user or a user id",
	[TCPT_FILTER_COMM] = "a name of 1 to 15 bytes, as the kernel keeps them",
	[TCPT_FILTER_CGROUP] = "a cgroup id or the path of a cgroup's directory",
	[TCPT_FILTER_NETNS] = "the inode, the path or the name of a network namespace",
	[TCPT_FILTER_FAMILY] = "4 or 6",
	[TCPT_FILTER_ROLE] = "client or server",
	[TCPT_FILTER_SADDR] = "an address or a network, as 10.0.0.0/8",
	[TCPT_FILTER_SPORT] = "a port, a range of ports or a service",
	[TCPT_FILTER_DADDR] = "an address or a network, as 10.0.0.0/8",
	[TCPT_FILTER_DPORT] = "a port, a range of ports or a service",
	[TCPT_FILTER_TYPE] = "an event type",
};

/* ---- values ---- */

static int parse_digits(const char *text, char **end, uint64_t *value)
{
	unsigned long long number;

	errno = 0;
	number = strtoull(text, end, 10);
	if (!isdigit((unsigned char)*text) || errno)
		return -EINVAL;
	*value = number;
	return 0;
}

static int parse_number(const char *text, uint64_t *value)
{
	char *end;
	int err = parse_digits(text, &end, value);

	return err || *end ? -EINVAL : 0;
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

static int parse_role(const char *text, uint64_t *value)
{
	for (int role = TCPT_ROLE_CLIENT; role <= TCPT_ROLE_SERVER; role++) {
		if (!strcmp(text, event_role_name(role))) {
			*value = role;
			return 0;
		}
	}
	return -EINVAL;
}

static int parse_ports(const char *text, struct tcpt_filter *filter)
{
	uint64_t last;
	char *end;

	if (parse_digits(text, &end, &filter->value) || (*end && *end != '-'))
		return filter_names_service(text, &filter->value);
	if (!*end)
		return 0;
	if (parse_number(end + 1, &last) || last > UINT16_MAX || last < filter->value)
		return filter_names_service(text, &filter->value);
	filter->last = last == filter->value ? 0 : last;
	return 0;
}

/* An IPv4 address in the form of an IPv6 one is the IPv4 address. */
static void unmap(struct tcpt_filter *filter)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (filter->value < 96 || memcmp(filter->bytes, mapped, sizeof(mapped)))
		return;
	filter->family = 4;
	filter->value -= 96;
	memmove(filter->bytes, filter->bytes + 12, 4);
	memset(filter->bytes + 4, 0, 12);
}

/* It cuts the text at the slash. */
static int parse_address(char *text, struct tcpt_filter *filter)
{
	char *slash = strchr(text, '/');

	if (slash)
		*slash++ = '\0';
	if (inet_pton(AF_INET, text, filter->bytes) == 1)
		filter->family = 4;
	else if (inet_pton(AF_INET6, text, filter->bytes) == 1)
		filter->family = 6;
	else
		return -EINVAL;
	filter->value = filter->family == 4 ? 32 : 128;
	if (slash && (parse_number(slash, &filter->value) ||
		      filter->value > (filter->family == 4 ? 32 : 128)))
		return -EINVAL;
	if (filter->family == 6)
		unmap(filter);
	return filter_is_network(filter) ? 0 : -EDOM;
}

/* A byte may be written as \xNN, and a backslash as two, as a name is shown. */
static int unescape(const char **text)
{
	char hex[3] = "", *end;
	long byte;

	if (**text != '\\')
		return (unsigned char)*(*text)++;
	(*text)++;
	if (**text == '\\')
		return *(*text)++;
	if (**text != 'x')
		return -EINVAL;
	memcpy(hex, *text + 1, strnlen(*text + 1, 2));
	byte = strtol(hex, &end, 16);
	if (!isxdigit((unsigned char)hex[0]) || end != hex + 2 || !byte)
		return -EINVAL;
	*text += 3;
	return byte;
}

static int parse_comm(const char *text, uint8_t comm[TCPT_COMM_LEN])
{
	size_t n = 0;

	while (*text) {
		int byte = unescape(&text);

		if (byte < 0 || n == TCPT_COMM_LEN - 1)
			return -EINVAL;
		comm[n++] = byte;
	}
	return n ? 0 : -EINVAL;
}

/* A number, or a name of the key's kind. */
static int parse_named(enum tcpt_filter_key key, const char *text, uint64_t *value)
{
	switch (key) {
	case TCPT_FILTER_CGROUP:
		return *text == '/' ? filter_names_cgroup(text, value) : parse_number(text, value);
	case TCPT_FILTER_NETNS:
		return isdigit((unsigned char)*text) ? parse_number(text, value) :
						       filter_names_netns(text, value);
	case TCPT_FILTER_UID:
		return isdigit((unsigned char)*text) ? parse_number(text, value) :
						       filter_names_user(text, value);
	case TCPT_FILTER_TYPE:
		return parse_type(text, value);
	case TCPT_FILTER_ROLE:
		return parse_role(text, value);
	default:
		return parse_number(text, value);
	}
}

/* It may cut the text. */
static int parse_value(struct tcpt_filter *filter, char *text)
{
	enum tcpt_filter_key key = positive(filter->key);
	int err;

	if (filter_list_is_address(key))
		err = parse_address(text, filter);
	else if (key == TCPT_FILTER_SPORT || key == TCPT_FILTER_DPORT)
		err = parse_ports(text, filter);
	else if (key == TCPT_FILTER_COMM)
		err = parse_comm(text, filter->bytes);
	else
		err = parse_named(key, text, &filter->value);
	if (!err && !filter_is_valid(filter))
		err = -EINVAL;
	return err;
}

/* ---- messages ---- */

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

static int explain_network(const struct tcpt_filter *filter, const char *text,
			   const struct tcpt_log *log)
{
	struct tcpt_filter network = *filter;
	char right[TCPT_FILTER_VALUE_MAX];

	filter_mask(&network);
	tcpt_filter_format(&network, TCPT_FORMAT_TEXT, right);
	return log_error(log, -EINVAL,
			 "%s=%s: the address has bits behind the prefix; the network is %s",
			 tcpt_filter_key_name(filter->key), text, right);
}

static int explain_netns(const char *text, int err, const struct tcpt_log *log)
{
	char kind[32];

	if (err == -ENOENT && *text != '/')
		return log_error(log, -EINVAL,
				 "netns=%s: there is no network namespace of this name in "
				 "/run/netns, where ip netns keeps them",
				 text);
	if (err == -EINVAL && filter_names_other_namespace(text, kind, sizeof(kind)))
		return log_error(log, err, "netns=%s: '%s' is a namespace of another kind: %s",
				 text, text, kind);
	if (err == -EINVAL)
		return log_error(log, err, "netns=%s: '%s' is not %s", text, text,
				 meanings[TCPT_FILTER_NETNS]);
	return log_error(log, err, "netns=%s: %s", text, strerror(-err));
}

static int explain_value(const struct tcpt_filter *filter, const char *text, int err,
			 const struct tcpt_log *log)
{
	enum tcpt_filter_key key = positive(filter->key);

	if (err == -EINVAL && key == TCPT_FILTER_CGROUP && *text == '/')
		return explain_cgroup(text, log);
	if (err == -EDOM)
		return explain_network(filter, text, log);
	if (key == TCPT_FILTER_NETNS)
		return explain_netns(text, err, log);
	if (err == -EINVAL)
		return log_error(log, err, "%s=%s: '%s' is not %s",
				 tcpt_filter_key_name(filter->key), text, text, meanings[key]);
	return log_error(log, err, "%s=%s: %s", tcpt_filter_key_name(filter->key), text,
			 strerror(-err));
}

/* ---- KEY=VALUE,... ---- */

static int find_key(const char *text, size_t length)
{
	for (int key = 0; key < TCPT_FILTER_WATCH; key++) {
		const char *name = tcpt_filter_key_name(key);

		if (name && strlen(name) == length && !strncmp(text, name, length))
			return key;
	}
	return -ENOENT;
}

/* It cuts values into pieces. */
static int parse_values(enum tcpt_filter_key key, char *values, struct tcpt_filter *out,
			size_t room, const struct tcpt_log *log)
{
	size_t n = 0;

	for (char *text; (text = strsep(&values, ",")); n++) {
		char *whole;
		int err;

		if (n == room)
			return log_error(log, -E2BIG, "more than %zu values of %s", room,
					 tcpt_filter_key_name(key));
		whole = strdup(text);
		if (!whole)
			return -ENOMEM;
		out[n] = (struct tcpt_filter){ .key = key };
		err = parse_value(&out[n], text);
		if (err)
			err = explain_value(&out[n], whole, err, log);
		free(whole);
		if (err)
			return err;
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
