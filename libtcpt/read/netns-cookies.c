// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The inodes of network namespaces, by their cookies. Programs without offsets know a
 * namespace by its cookie, which no other namespace gets. So what was found once holds for
 * good. The other way round it would not: an inode's number is used again.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* setns() */
#endif
#include <ctype.h>
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/monotonic.h"
#include "base/netns-set.h"
#include "base/proc.h"
#include "internal.h"
#include "read/netns-cookies.h"

#define LOOK_NS 50000000ULL /* at the least, between two looks */

/* ---- the table ---- */

/* Returns the place of a cookie, or where it would be. */
static size_t find(const struct netns_cookies *cookies, uint32_t cookie)
{
	size_t least = 0, most = cookies->count;

	while (least < most) {
		size_t middle = (least + most) / 2;

		if (cookies->known[middle].cookie < cookie)
			least = middle + 1;
		else
			most = middle;
	}
	return least;
}

static bool has(const struct netns_cookies *cookies, size_t at, uint32_t cookie)
{
	return at < cookies->count && cookies->known[at].cookie == cookie;
}

/* Without memory it is looked for again. */
static void note(struct netns_cookies *cookies, uint32_t cookie, uint32_t inode)
{
	size_t at = find(cookies, cookie);
	struct netns_cookie *known;

	if (has(cookies, at, cookie))
		return;
	known = array_grow(cookies->known, cookies->count, sizeof(*known));
	if (!known)
		return;
	cookies->known = known;
	memmove(known + at + 1, known + at, (cookies->count - at) * sizeof(*known));
	known[at] = (struct netns_cookie){ cookie, inode };
	cookies->count++;
}

/* ---- looking ---- */

/* Notes the namespace that this thread is in. Sockets of this family are in every kernel. */
static void note_present(struct netns_cookies *cookies, uint32_t inode)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint32_t cookie = fd < 0 ? 0 : netns_set_cookie(fd);

	if (fd < 0)
		return;
	if (cookie)
		note(cookies, cookie, inode);
	close(fd);
}

static void add_of_processes(struct netns_set *set)
{
	DIR *processes = opendir("/proc");
	const struct dirent *entry;
	char path[300], target[64];
	uint64_t inode;
	ssize_t n;

	while (processes && (entry = readdir(processes))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/ns/net", entry->d_name);
		n = readlink(path, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		if (proc_is_link_to(target, "net:[", &inode))
			netns_set_add(set, inode, path);
	}
	if (processes)
		closedir(processes);
	netns_set_add_mounted(set, "/proc/self");
}

static void note_each(struct netns_cookies *cookies, const struct netns_set *set, uint64_t here)
{
	note_present(cookies, here);
	for (size_t i = 0; i < set->count && !cookies->is_confined; i++) {
		const struct netns_known *known = &set->known[i];

		if (known->inode == here || known->fd < 0)
			continue;
		if (!setns(known->fd, CLONE_NEWNET))
			note_present(cookies, known->inode);
		else
			cookies->is_confined = errno == EPERM;
	}
}

static void *look(void *arg)
{
	struct netns_cookies *cookies = arg;
	struct netns_set set = {};
	struct stat st;

	if (stat("/proc/thread-self/ns/net", &st))
		return NULL;
	if (!cookies->is_confined)
		add_of_processes(&set);
	note_each(cookies, &set, st.st_ino);
	netns_set_forget(&set);
	return NULL;
}

/* Runs a thread, because a change of namespace is a thread's own and ends with it. */
static bool look_again(struct netns_cookies *cookies)
{
	uint64_t now = monotonic_ns();
	pthread_t thread;

	if (cookies->looked && now - cookies->looked < LOOK_NS)
		return false;
	if (pthread_create(&thread, NULL, look, cookies))
		return false;
	pthread_join(thread, NULL);
	cookies->looked = monotonic_ns();
	return true;
}

uint32_t netns_cookies_inode(struct netns_cookies *cookies, uint32_t cookie)
{
	size_t at = find(cookies, cookie);

	if (!has(cookies, at, cookie) && look_again(cookies)) {
		note(cookies, cookie, 0); /* unless it was found */
		at = find(cookies, cookie);
	}
	return has(cookies, at, cookie) ? cookies->known[at].inode : 0;
}

void netns_cookies_free(struct netns_cookies *cookies)
{
	free(cookies->known);
	*cookies = (struct netns_cookies){};
}
