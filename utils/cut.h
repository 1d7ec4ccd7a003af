/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Cuts a text that is wider than its column. A ~ stands for what is gone. */
#ifndef CUT_H
#define CUT_H

/* Cuts the end. */
void cut_end(char *text, unsigned int width);

/*
 * Cuts ADDRESS:PORT within the address: of the beginning, and of the end, as much is left as
 * there is room for. An arrow in front of it stays.
 */
void cut_address(char *text, unsigned int width);

#endif
