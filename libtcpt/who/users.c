// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The names of users, for a while: to ask for them may take long. */
#include "who/users.h"

#include "base/accounts.h"
#include "base/files.h"
#include "base/monotonic.h"
#include "internal.h"

#define LASTS_NS 60000000000ULL

static void look_up(struct user *user)
{
	if (account_name(user->uid, user->name, sizeof(user->name)))
		user->name[0] = '\0';
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
