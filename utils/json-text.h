/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Strings of JSON in a text. */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include "text.h"

/* Adds a string, which is valid UTF-8, with its quotes. */
void json_text_add(struct text *text, const char *string);

#endif
