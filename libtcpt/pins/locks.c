// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Locks show who uses a pinned trace. The reader of the first tap locks DIR/maps, those of
 * further taps lock DIR/maps/tap2 and so on, and the keeper locks DIR/links. A load, a
 * replacement or an unload locks DIR-tcpt-lock, which is there only meanwhile. Everybody
 * who can open a directory can lock it. So root never waits for the lock of a directory
 * that strangers or members of the group can open.
 */
#include <ctype.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/files.h"
#include "base/kernel.h"
#include "base/wait.h"
#include "internal.h"
#include "pins/locks.h"
#include "pins/pin.h"
#include "pins/remove.h"

bool locks_are_on(const char *path, int lock)
{
	struct stat here, there;

	return !stat(path, &here) && !fstat(lock, &there) && here.st_dev == there.st_dev &&
	       here.st_ino == there.st_ino;
}

int locks_try(const char *path, int kind)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	if (!flock(fd, kind | LOCK_NB))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* Returns the pid that /proc/locks shows for the lock; 0 if none, as in a pid namespace. */
static int lock_holder(int fd)
{
	unsigned int device[2];
	unsigned long inode;
	int holder = 0, pid;
	char line[256];
	struct stat st;
	FILE *locks;

	if (fstat(fd, &st))
		return 0;
	locks = fopen("/proc/locks", "re");
	while (locks && !holder && fgets(line, sizeof(line), locks)) {
		if (sscanf(line, "%*s FLOCK %*s %*s %d %x:%x:%lu", &pid, &device[0], &device[1],
			   &inode) == 4 &&
		    inode == st.st_ino && device[0] == major(st.st_dev) &&
		    device[1] == minor(st.st_dev))
			holder = pid;
	}
	if (locks)
		fclose(locks);
	return holder;
}

void locks_name(int pid, char *name, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	if (pid <= 0 || file_read_path(path, name, size) <= 0)
		snprintf(name, size, "another process");
	name[strcspn(name, "\n")] = '\0';
	for (char *c = name; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';
}

/*
 * Names the process that has the lock; what says what it does, and other what can be done
 * but stop it. Without a pid, names none.
 */
static int explain_holder(int err, const char *path, int fd, const char *what, const char *other,
			  const struct tcpt_log *log)
{
	int holder = fd < 0 ? 0 : lock_holder(fd);
	char name[64];

	if (!holder)
		return log_error(log, err, "%s is %s by another process; stop it first%s", path,
				 what, other);
	locks_name(holder, name, sizeof(name));
	return log_error(log, err, "%s is %s by %s (pid %d); stop it first%s", path, what, name,
			 holder, other);
}

int locks_holder(const char *dir, const char *part, char *name, size_t size)
{
	int fd = open(pin_join(dir, part, NULL).text, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
	    holder = 0;

	*name = '\0';
	if (fd < 0)
		return -errno;
	holder = lock_holder(fd);
	close(fd);
	if (holder)
		locks_name(holder, name, size);
	return holder;
}

static int refuse_busy(const char *path, int fd, const struct tcpt_log *log)
{
	explain_holder(-EBUSY, path, fd, "locked", "", log);
	if (fd >= 0)
		close(fd);
	return -EBUSY;
}

/* Waits for a lock on what only its owner can open, but not for ever. */
int locks_await(const char *path, int kind, const struct tcpt_log *log)
{
	unsigned int looks = 1000;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	while (flock(fd, kind | LOCK_NB))
		if (!wait_again(&looks))
			return refuse_busy(path, fd, log);
	return fd;
}

/* ---- on loading and unloading ---- */

/*
 * Opens the directory to lock, and makes it if need be. Where everybody may add names, as
 * in a bpffs of mode 1777, a stranger may have made it; then it is removed. -EAGAIN: it
 * was removed meanwhile, or was a stranger's; look again.
 */
static int open_lock(const char *path)
{
	struct stat st;
	int fd, err;

	if (mkdir(path, 0700) && errno != EEXIST)
		return -errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	err = -errno;
	if (fd >= 0 && !fstat(fd, &st) && st.st_uid == geteuid() && !(st.st_mode & 077))
		return fd;
	if (fd >= 0)
		close(fd);
	else if (err == -ENOENT)
		return -EAGAIN;
	return remove_pins(path) ? -EACCES : -EAGAIN;
}

/* Tries to lock the directory. The process that has the lock removes it before it unlocks. */
static int try_lock(const char *path)
{
	int fd = open_lock(path);

	if (fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB) && locks_are_on(path, fd))
		return fd;
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : -EAGAIN;
}

static int explain_lock(const char *path, int err, const struct tcpt_log *log)
{
	int fd = err == -EAGAIN ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (err == -EACCES || err == -EPERM)
		return log_error(log, -EPERM, "cannot lock %s: %s; run as root", path,
				 strerror(-err));
	if (err != -EAGAIN)
		return log_error(log, err, "cannot lock %s: %s", path, strerror(-err));
	return refuse_busy(path, fd, log);
}

int locks_take(const char *path, unsigned int tries, const struct tcpt_log *log)
{
	int fd;

	do
		fd = try_lock(path);
	while (fd == -EAGAIN && wait_again(&tries));
	return fd < 0 ? explain_lock(path, fd, log) : fd;
}

void locks_release(const char *path, int lock)
{
	struct stat here, there;

	if (lock < 0)
		return;
	/* If this cannot be known, the directory is the caller's, which has the lock. */
	if (stat(path, &here) || fstat(lock, &there) ||
	    (here.st_dev == there.st_dev && here.st_ino == there.st_ino))
		rmdir(path);
	close(lock);
}

/* ---- on using one ---- */

/* Locks a directory of the trace; for what and other see explain_holder(). */
static int lock_dir(const char *dir, const char *part, const char *what, const char *other,
		    const struct tcpt_log *log)
{
	int fd = open(pin_join(dir, part, NULL).text, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

	if (fd < 0)
		return log_error(log, errno == EACCES ? -EPERM : -errno, "cannot open %s/%s: %s%s",
				 dir, part, strerror(errno),
				 errno == EACCES ? "; run as root" : "");
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	err = errno == EWOULDBLOCK ? -EBUSY : -errno;
	explain_holder(err, dir, fd, what, other, log);
	close(fd);
	return err;
}

/* The reader of the first tap locks the directory of the maps. */
struct ring_name locks_of_tap(uint32_t tap)
{
	struct ring_name name = { "maps" };

	if (tap > 1)
		snprintf(name.text, sizeof(name.text), "maps/tap%u", tap);
	return name;
}

int locks_take_reader(const char *dir, uint32_t tap, uint32_t taps, const struct tcpt_log *log)
{
	char other[96] = "; two can read a trace that was loaded with --taps=2";

	if (taps > 1)
		snprintf(other, sizeof(other), ", or read another of its %u taps, as with --tap=%u",
			 taps, tap % taps + 1);
	return lock_dir(dir, locks_of_tap(tap).text, "being read", other, log);
}

int locks_take_keeper(const char *dir, const struct tcpt_log *log)
{
	return lock_dir(dir, "links", "held", "", log);
}

bool locks_are_of(const char *dir, int lock)
{
	return locks_are_on(pin_join(dir, "links", NULL).text, lock);
}

/* In another pid namespace the number says nothing, and the process may be alive. */
bool locks_may_live(pid_t pid)
{
	bool known;

	return !kernel_is_first_pidns("/proc/self/ns/pid", &known) || !kill(pid, 0) ||
	       errno == EPERM;
}

bool locks_are_kept(const char *dir, pid_t keeper)
{
	int lock = locks_try(pin_join(dir, "links", NULL).text, LOCK_EX);

	if (lock >= 0)
		close(lock);
	return lock == -EWOULDBLOCK || (lock == -EACCES && locks_may_live(keeper));
}
