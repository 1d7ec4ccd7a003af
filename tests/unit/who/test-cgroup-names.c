// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What paths of control groups say, as systemd, container runtimes and people make them. */
#include "../test.h"
#include "internal.h"
#include "who/cgroup-names.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define POD "kubepods-burstable-pod1c3e5b2a_9d0f_4b62_a5f0_6f1b1a2c3d4e.slice"

struct row {
	const char *path, *service, *slice, *container, *runtime;
};

static void check(const struct row *row)
{
	struct cgroup_names names;

	cgroup_names_parse(&names, row->path);
	if (strcmp(names.service, row->service) || strcmp(names.slice, row->slice) ||
	    strcmp(names.container, row->container) || strcmp(names.runtime, row->runtime))
		FAIL("%s: service '%s' slice '%s' container '%s' runtime '%s'", row->path,
		     names.service, names.slice, names.container, names.runtime);
}

static void units(void)
{
	static const struct row rows[] = {
		{ "/", "", "", "", "" },
		{ "", "", "", "", "" },
		{ "/init.scope", "init.scope", "", "", "" },
		{ "/system.slice", "", "system.slice", "", "" },
		{ "/system.slice/nginx.service", "nginx.service", "system.slice", "", "" },
		{ "/system.slice/nginx.service/worker/1", "nginx.service", "system.slice", "", "" },
		{ "/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service",
		  "system-getty.slice", "", "" },
		{ "/user.slice/user-1000.slice/session-3.scope", "session-3.scope",
		  "user-1000.slice", "", "" },
		{ "/user.slice/user-1000.slice/user@1000.service/app.slice/app-x\\x2dy.service",
		  "app-x\\x2dy.service", "app.slice", "", "" },
		{ "/system.slice/boot.mount", "boot.mount", "system.slice", "", "" },
		{ "/system.slice/_cpu.service", "cpu.service", "system.slice", "", "" },
		{ "/system.slice/__x.service", "_x.service", "system.slice", "", "" },
		{ "/my.services/a", "", "", "", "" },
		{ "/.service/.slice", "", "", "", "" },
		{ "/a.service.d", "", "", "", "" },
		{ "//system.slice//a.service/", "a.service", "system.slice", "", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check(&rows[i]);
}

static void containers(void)
{
	static const struct row rows[] = {
		{ "/docker/" ID, "", "", ID, "docker" },
		{ "/docker/" ID "/init", "", "", ID, "docker" },
		{ "/system.slice/docker-" ID ".scope", "", "system.slice", ID, "docker" },
		{ "/kubepods.slice/kubepods-burstable.slice/" POD "/cri-containerd-" ID ".scope",
		  "", POD, ID, "containerd" },
		{ "/kubepods.slice/" POD "/crio-" ID ".scope/container", "", POD, ID, "cri-o" },
		{ "/kubepods.slice/" POD "/crio-conmon-" ID ".scope", "crio-conmon-" ID ".scope",
		  POD, "", "" },
		{ "/kubepods/besteffort/pod1c3e5b2a-9d0f-4b62-a5f0-6f1b1a2c3d4e/" ID, "", "", ID,
		  "" },
		{ "/kubepods/burstable/podx/crio-" ID, "", "", ID, "cri-o" },
		{ "/system.slice/containerd.service/" POD ":cri-containerd:" ID,
		  "containerd.service", "system.slice", ID, "containerd" },
		{ "/kubepods-besteffort.slice:docker:" ID, "", "", ID, "docker" },
		{ "/default/" ID, "", "", ID, "" },
		{ "/system.slice/nerdctl-" ID ".scope", "", "system.slice", ID, "containerd" },
		{ "/machine.slice/libpod-" ID ".scope/container", "", "machine.slice", ID,
		  "podman" },
		{ "/machine.slice/libpod-conmon-" ID ".scope", "libpod-conmon-" ID ".scope",
		  "machine.slice", "", "" },
		{ "/system.slice/web.service/libpod-payload-" ID, "web.service", "system.slice", ID,
		  "podman" },
		{ "/libpod_parent/libpod-" ID, "", "", ID, "podman" },
		{ "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID
		  ".scope/container",
		  "user@1000.service", "user.slice", ID, "podman" },
		{ "/docker/" OTHER "/kubelet.slice/" POD "/cri-containerd-" ID ".scope", "", POD,
		  ID, "containerd" },
		{ "/docker/" OTHER "/docker/" ID, "", "", ID, "docker" },
		{ "/system.slice/docker-" ID ".scope/system.slice/a.service", "a.service",
		  "system.slice", ID, "docker" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check(&rows[i]);
}

/* Each is nearly one. */
static void no_containers(void)
{
	static const struct row rows[] = {
		{ "/docker/x" ID, "", "", "", "" },
		{ "/docker/" ID "0", "", "", "", "" },
		{ "/docker", "", "", "", "" },
		{ "/docker-", "", "", "", "" },
		{ "/docker-.scope", "docker-.scope", "", "", "" },
		{ "/docker-" ID "0.scope", "docker-" ID "0.scope", "", "", "" },
		{ "/docker" ID, "", "", "", "" },
		{ "/docker:" ID, "", "", "", "" },
		{ "/a:docker-" ID, "", "", "", "" },
		{ "/system.slice/docker-proxy.service", "docker-proxy.service", "system.slice", "",
		  "" },
		{ "/0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef", "", "", "",
		  "" },
		{ "/0123456789abcdef", "", "", "", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check(&rows[i]);
}

/* A name has 255 bytes at most; what is longer is none. */
static void long_names(void)
{
	char path[4096];
	struct cgroup_names names;

	memset(path, 'a', sizeof(path));
	strcpy(path + 255 - 8, ".service");
	path[0] = '/';
	cgroup_names_parse(&names, path);
	CHECK_INT(strlen(names.service), 254);
	memset(path, 'a', sizeof(path));
	strcpy(path + 2000, ".service/" ID);
	cgroup_names_parse(&names, path);
	CHECK_STR(names.service, "");
	CHECK_STR(names.container, ID);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(units),
		TEST(containers),
		TEST(no_containers),
		TEST(long_names),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}
