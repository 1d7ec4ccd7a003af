/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reading of the model kernel's structures. They are those of bpf/sock.h, but
 * for inet_sock and tcp_sock, which are views of a sock of which that header has
 * the members of interest only: inet_view() and tcp_view() make these from the model's.
 */
#ifndef MODEL_BPF_CORE_READ_H
#define MODEL_BPF_CORE_READ_H

#include "bpf_helpers.h"

const volatile void *read_point(const volatile void *field);
const void *inet_view(const void *sk);
const void *tcp_view(const void *sk);
long read_copy(void *to, __u32 size, const void *from);
int offset_is_known(const char *field);
__u32 constant_of(const char *type);

#define model_base(p)                                              \
	((__typeof__(p))_Generic((p), struct inet_sock *           \
				 : inet_view(p), struct tcp_sock * \
				 : tcp_view(p), default            \
				 : (const void *)(p)))
#define model_read(p, field) \
	(*(__typeof__((p)->field) const volatile *)read_point(&model_base(p)->field))

#define model_read1(p, a) model_read(p, a)
#define model_read2(p, a, b) model_read(model_read1(p, a), b)
#define model_read3(p, a, b, c) model_read(model_read2(p, a, b), c)
#define model_pick(_1, _2, _3, name, ...) name

#define BPF_CORE_READ(p, ...) \
	model_pick(__VA_ARGS__, model_read3, model_read2, model_read1)(p, __VA_ARGS__)
#define BPF_CORE_READ_INTO(to, p, field) (*(to) = model_read(p, field))
#define bpf_probe_read_kernel(to, size, from) read_copy(to, size, from)
#define bpf_probe_read_kernel_str(to, size, from) read_copy(to, size, from)

/* Whether the offsets document has it. */
#define bpf_core_field_exists(field) ((void)sizeof(field), offset_is_known(#field))
#define bpf_core_field_size(field) sizeof(field)
/* Only of constants that the loader puts into the BTF as a member's offset. */
#define bpf_core_field_offset(type, member) constant_of(#type)

#endif
