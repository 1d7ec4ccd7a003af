/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The BPF objects that the build has compressed into the library. scripts/bpf-embed makes a
 * header of each, with an array of bytes: those of a file of gzip.
 */
#ifndef TCPT_EMBEDDED_H
#define TCPT_EMBEDDED_H

#include <stddef.h>

struct bpf_object;
struct bpf_object_open_opts;

/* Opens an object. Returns NULL with errno. */
struct bpf_object *embedded_open(const unsigned char *bytes, size_t size,
				 const struct bpf_object_open_opts *opts);

#endif
