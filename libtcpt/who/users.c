// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The names of users, as the name service knows them, which may ask far away. */
#include "who/users.h"

#include <pwd.h>

#include "base/files.h"
#include "base/monotonic.h"
#include "internal.h"

#define LASTS_NS 60000000000ULL
#define RECORD_SIZE 16384

static void look_up(struct user *user)
{
	char *buf = malloc(RECORD_SIZE);
	struct passwd entry, *found = NULL;

	user->name[0] = '\0';
	if (buf && !getpwuid_r(user->uid, &entry, buf, RECORD_SIZE, &found) && found &&
	    strlen(entry.pw_name) < sizeof(user->name))
		strcpy(user->name, entry.pw_name);
	free(buf);
}

const char *users_name(struct users *users, uint32_t uid)
{
	struct user *user = &users->known[uid % USERS_MAX];
	uint64_t now = monotonic_ns();

	if (!user->looked || user->uid != uid || now - user->looked > LASTS_NS) {
		user->uid = uid;
		look_up(user);
		user->looked = now;
	}
	return *user->name ? user->name : NULL;
}

bool users_are_of_the_kernel(void)
{
	unsigned int inner, outer, count;
	char map[256];

	if (file_read_path("/proc/self/uid_map", map, sizeof(map)) < 0)
		return true; /* a kernel without user namespaces */
	return sscanf(map, "%u %u %u", &inner, &outer, &count) == 3 && !inner && !outer &&
	       count == UINT32_MAX;
}
