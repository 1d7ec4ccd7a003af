// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "json-text.h"

void json_text_add(struct text *text, const char *string)
{
	text_add(text, "\"");
	for (; *string; string++) {
		unsigned char c = *string;

		if (c == '"' || c == '\\')
			text_add(text, "\\%c", c);
		else if (c < ' ')
			text_add(text, "\\u%04x", c);
		else
			text_add(text, "%c", c);
	}
	text_add(text, "\"");
}
