// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cut.h"

#include <string.h>

#include "width.h"

void cut_end(char *text, unsigned int width)
{
	strcpy(text + width_fitting(text, width - 1), "~");
}

void cut_address(char *text, unsigned int width)
{
	const char *port = strrchr(text, ':');
	size_t size = strlen(text), tail = port ? strlen(port) : 0, head;

	if (!port || tail > width) {
		cut_end(text, width);
		return;
	}
	if (tail == width) {
		memmove(text, port, tail + 1);
		return;
	}
	head = width - tail - 1;
	if (head > 12) /* the last group tells neighbours apart */
		tail += 5;
	head = width - tail - 1;
	text[head] = '~';
	memmove(text + head + 1, text + size - tail, tail + 1);
}
