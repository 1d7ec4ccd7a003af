/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Strings of JSON in a text. */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include "text.h"

/* Adds a string with its quotes. What is no ASCII becomes a question mark. */
void json_text_add(struct text *text, const char *string);

#endif
