/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the verifiers of old kernels need, for which there are the split programs (steps.h).
 * They are the more simple-minded the older they are.
 */
#ifndef TCPT_VERIFIER_H
#define TCPT_VERIFIER_H

#ifdef TCPT_SPLIT

/* To Linux 4.9 a NULL that was on the stack is any number: what may be one comes of a look-up. */
#define SEES_NULL_ON_STACK 0

/*
 * Copies a struct of whole words, one by one. The compiler would take the address of a member
 * first, and may put it on the stack; there Linux 4.9 forgets that an address inside of a map
 * is one.
 */
#define copy(to, from)                                                          \
	do {                                                                    \
		const volatile __u64 *from_word = (const void *)(from);         \
		volatile __u64 *to_word = (void *)(to);                         \
                                                                                \
		_Static_assert(sizeof(*(to)) == sizeof(*(from)), "copy");       \
		_Static_assert(sizeof(*(to)) % sizeof(__u64) == 0, "copy");     \
		_Pragma("unroll") for (__u32 n = 0; n < sizeof(*(to)) / 8; n++) \
			to_word[n] = from_word[n];                              \
	} while (0)

/*
 * Adds to a member, atomically. An address inside of a map makes Linux 4.9 give up most of its
 * short cuts, and it comes to its limit of steps.
 */
#define add(base, member, value)                                                        \
	asm volatile("lock *(u64 *)(%0 + %1) += %2"                                     \
		     :                                                                  \
		     : "r"(base), "i"(__builtin_offsetof(__typeof__(*(base)), member)), \
		       "r"((__u64)(value))                                              \
		     : "memory")

#else

#define add(base, member, value) __sync_fetch_and_add(&(base)->member, (value))
#define SEES_NULL_ON_STACK 1
#define copy(to, from) __builtin_memcpy((to), (from), sizeof(*(to)))

#endif

#endif
