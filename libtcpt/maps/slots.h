/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A reader's view of a ring of slots. */
#ifndef TCPT_SLOTS_H
#define TCPT_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slots;
struct slots_layout;

/* These do what the functions of the same name do in store.h. */
int slots_open(struct slots **out, int map_fd, int cursor_fd, uint32_t tap, uint32_t newest);
/* Does the same with a ring that is laid out so, and this number of cursors. */
int slots_open_laid_out(struct slots **out, int map_fd, int cursor_fd, uint32_t tap,
			uint32_t newest, const struct slots_layout *layout, uint32_t cursors);
void slots_close(struct slots *slots);
const void *slots_next(struct slots *slots, size_t *size);
const char *slots_fault(struct slots *slots);
void slots_back(struct slots *slots);
void slots_ack(struct slots *slots);
size_t slots_waiting(struct slots *slots);
bool slots_is_drained(struct slots *slots);
bool slots_is_taken(struct slots *slots);
bool slots_overwritten(struct slots *slots, uint32_t cpu, uint64_t *oldest);
bool slots_is_recorder(const struct slots *slots);
unsigned long slots_acked(const struct slots *slots);
size_t slots_bytes(const struct slots *slots);
/* Returns the size of what one processor can fill. */
size_t slots_segment_bytes(const struct slots *slots);

#endif
