/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef MODEL_BPF_ENDIAN_H
#define MODEL_BPF_ENDIAN_H

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define bpf_htonl(x) ((__u32)__builtin_bswap32(x))
#define bpf_ntohs(x) ((__u16)__builtin_bswap16(x))
#define bpf_ntohl(x) __builtin_bswap32(x)
#else
#define bpf_htonl(x) ((__u32)(x))
#define bpf_ntohs(x) ((__u16)(x))
#define bpf_ntohl(x) (x)
#endif

#endif
