/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Stands in for libbpf's header of this name, so that the programs compile for
 * user space. Each helper is a function of helpers.c or maps.c.
 */
#ifndef MODEL_BPF_HELPERS_H
#define MODEL_BPF_HELPERS_H

#include <linux/types.h>
#include <stddef.h>

#define SEC(name)
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))

/* A map is known by the address of its variable, and its shape by these members. */
#define __uint(name, value) int(*name)[value]
#define __type(name, value) __typeof__(value) *name

void *map_lookup(void *map, const void *key);
long map_update(void *map, const void *key, const void *value, __u64 flags);
long map_delete(void *map, const void *key);
void *ring_reserve(void *ring, __u64 size);
void ring_submit(void *record);
void ring_discard(void *record);
long ring_output(void *ring, const void *data, __u64 size);
__u32 helper_cpu(void);
__u64 helper_pid_tgid(void);
__u64 helper_uid_gid(void);
__u64 helper_cgroup(void);
__u64 helper_task(void);
__u64 helper_time(void);
long helper_comm(char *comm, __u32 size);
__u64 helper_cookie(const void *sk);
__u64 helper_add(void *number, __u32 size, __u64 value);
__u64 helper_or(void *number, __u32 size, __u64 bits);
void helper_set_flags(__u32 flags);

#define bpf_map_lookup_elem(map, key) map_lookup(map, key)
#define bpf_map_update_elem(map, key, value, flags) map_update(map, key, value, flags)
#define bpf_map_delete_elem(map, key) map_delete(map, key)
#define bpf_ringbuf_reserve(ring, size, flags) ring_reserve(ring, size)
#define bpf_ringbuf_submit(record, flags) ring_submit(record)
#define bpf_ringbuf_discard(record, flags) ring_discard(record)
#define bpf_ringbuf_output(ring, data, size, flags) ring_output(ring, data, size)
#define bpf_get_smp_processor_id() helper_cpu()
#define bpf_get_current_pid_tgid() helper_pid_tgid()
#define bpf_get_current_uid_gid() helper_uid_gid()
#define bpf_get_current_cgroup_id() helper_cgroup()
#define bpf_get_current_task() helper_task()
#define bpf_get_current_comm(comm, size) helper_comm(comm, size)
#define bpf_get_socket_cookie(sk) helper_cookie(sk)
#define bpf_ktime_get_ns() helper_time()
#define bpf_ktime_get_tai_ns() 0

#define barrier() __asm__ volatile("" ::: "memory")
#define barrier_var(var) __asm__ volatile("" : "+r"(var))

/* Faults that mutations.sh puts into a copy of the programs; one of them at a time is there. */
extern int mutation;
#define MUTATED(number) (mutation == (number))

/* Of any width; returns what was there. */
#define __sync_fetch_and_add(number, value) helper_add(number, sizeof(*(number)), value)

#define __sync_fetch_and_or(number, bits) helper_or(number, sizeof(*(number)), bits)

#define bpf_sock_ops_cb_flags_set(ctx, flags) helper_set_flags(flags)
#define bpf_skb_load_bytes(packet, offset, to, size) ((void)(packet), (void)(to), 0)
#define bpf_get_netns_cookie(ctx) ((void)(ctx), 0)

#endif
