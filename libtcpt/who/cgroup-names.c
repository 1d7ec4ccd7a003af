// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the path of a control group says of its service and its container.
 *
 * systemd gives each unit a directory of the unit's name. Docker, containerd, CRI-O and
 * Podman give each container a directory of its id, which has 64 hexadecimal digits: as a
 * scope of systemd (docker-ID.scope), or by itself (docker/ID). A name that is like none of
 * these says nothing.
 */
#include "who/cgroup-names.h"

#include "internal.h"

#define ID_DIGITS (CGROUP_CONTAINER_SIZE - 1)

/* A part of the path between two slashes. */
struct part {
	const char *text;
	size_t size;
};

static bool is_text(struct part part, const char *text)
{
	return part.size == strlen(text) && !memcmp(part.text, text, part.size);
}

static bool ends_with(struct part part, const char *end)
{
	size_t size = strlen(end);

	return part.size > size && !memcmp(part.text + part.size - size, end, size);
}

static void copy(char *to, size_t size, struct part part)
{
	if (part.size < size)
		snprintf(to, size, "%.*s", (int)part.size, part.text);
}

/* ---- containers ---- */

static bool is_id(struct part part)
{
	return part.size == ID_DIGITS && strspn(part.text, "0123456789abcdef") >= ID_DIGITS;
}

/* Returns the part without prefix; its size is 0 if it has another one. */
static struct part without(struct part part, const char *prefix)
{
	size_t size = strlen(prefix);

	if (part.size < size || memcmp(part.text, prefix, size))
		return (struct part){ part.text, 0 };
	return (struct part){ part.text + size, part.size - size };
}

/* A runtime that was told to use systemd, and does not, makes SLICE:PREFIX:ID of these. */
static const struct prefix {
	const char *name;
	const char *runtime;
} prefixes[] = {
	{ "docker", "docker" }, { "cri-containerd", "containerd" }, { "nerdctl", "containerd" },
	{ "crio", "cri-o" },	{ "libpod-payload", "podman" },	    { "libpod", "podman" },
};

/* Returns the id in a name that begins with the prefix and sign; of size 0 if it has none. */
static struct part id_behind(struct part part, const char *prefix, char sign)
{
	struct part rest = without(part, prefix);

	if (!rest.size || *rest.text != sign)
		return (struct part){ part.text, 0 };
	rest.text++;
	rest.size--;
	if (ends_with(rest, ".scope"))
		rest.size -= strlen(".scope");
	return is_id(rest) ? rest : (struct part){ part.text, 0 };
}

/* Returns what is behind the first colon, or the whole if there is none. */
static struct part behind_slice(struct part part)
{
	const char *colon = memchr(part.text, ':', part.size);
	size_t size = colon ? colon + 1 - part.text : 0;

	return (struct part){ part.text + size, part.size - size };
}

static bool find_prefixed(struct cgroup_names *names, struct part part)
{
	struct part rest = behind_slice(part);
	char sign = rest.text == part.text ? '-' : ':';

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		struct part id = id_behind(rest, prefixes[i].name, sign);

		if (!id.size)
			continue;
		copy(names->container, sizeof(names->container), id);
		names->runtime = prefixes[i].runtime;
		return true;
	}
	return false;
}

/* Returns whether the name is that of a container, and takes it. */
static bool find_container(struct cgroup_names *names, struct part parent, struct part part)
{
	if (find_prefixed(names, part))
		return true;
	if (!is_id(part))
		return false;
	copy(names->container, sizeof(names->container), part);
	names->runtime = is_text(parent, "docker") ? "docker" : "";
	return true;
}

/* ---- units ---- */

static bool is_unit(struct part part)
{
	static const char *const types[] = { ".service", ".scope", ".socket", ".mount", ".swap" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (ends_with(part, types[i]))
			return true;
	return false;
}

/* systemd puts a _ in front of a unit's name that could be that of a file of the kernel. */
static struct part unescaped(struct part part)
{
	return *part.text == '_' ? (struct part){ part.text + 1, part.size - 1 } : part;
}

static void find_unit(struct cgroup_names *names, struct part part)
{
	part = unescaped(part);
	if (ends_with(part, ".slice"))
		copy(names->slice, sizeof(names->slice), part);
	else if (is_unit(part))
		copy(names->service, sizeof(names->service), part);
}

void cgroup_names_parse(struct cgroup_names *names, const char *path)
{
	struct part parent = { "", 0 };

	memset(names, 0, sizeof(*names));
	names->runtime = "";
	while (*path) {
		struct part part = { path, strcspn(path, "/") };

		if (part.size) {
			if (!find_container(names, parent, part))
				find_unit(names, part);
			parent = part;
		}
		path += part.size + (path[part.size] == '/');
	}
}
