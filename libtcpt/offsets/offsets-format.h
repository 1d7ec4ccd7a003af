/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The forms of the offsets document. */
#ifndef TCPT_OFFSETS_FORMAT_H
#define TCPT_OFFSETS_FORMAT_H

#define OFFSETS_FIRST_LINE "# tcpt-offsets 1"
#define METADATA_MAX 64 /* characters of the release, the machine, the build id and the source */

struct json;
struct tcpt_offsets;

/* Writes the document as members of an object. */
void offsets_format_json(struct json *json, const struct tcpt_offsets *o);

#endif
