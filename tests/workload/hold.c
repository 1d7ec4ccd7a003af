/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hold.h"
#include "process.h"
#include "socket.h"

int hold_option(struct hold_options *options, int option, const char *text)
{
	switch (option) {
	case 'n':
		options->count = atoi(text);
		return 0;
	case 'f':
		options->family = strcmp(text, "6") ? V4 : V6;
		return 0;
	case 'g':
		options->go_file = text;
		return 0;
	case 'p':
		options->pause_us = atoi(text);
		return 0;
	default:
		return -1;
	}
}

void hold_until_told(const struct hold_options *options, unsigned long long netns)
{
	fprintf(stderr, "%s: ready %llu\n", program_invocation_short_name, netns);
	while (options->go_file && access(options->go_file, F_OK))
		usleep(1000);
}

void held_close(struct held *held, const struct hold_options *options)
{
	held->cookie = socket_cookie(held->fd);
	held->ended = now_ns();
	close(held->fd);
	if (options->pause_us)
		usleep((useconds_t)options->pause_us);
}
