// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The programs under test, as they are, and what the model has to know of them. */
/* The compiler for BPF does not mind what this one does. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wshadow"
#include "trace.bpf.c"

#include "maps.h"
#include "tracer.h"

#define SHAPE(map)                                                      \
	{                                                               \
		&(map), #map, sizeof(*(map).key), sizeof(*(map).value), \
			sizeof(*(map).type) / sizeof(int)               \
	}
#define RING_SHAPE(ring)                                   \
	{                                                  \
		&(ring), #ring, 0, 0, BPF_MAP_TYPE_RINGBUF \
	}

struct map_shape map_shapes[MAP_IDS] = {
	[MAP_PENDING] = SHAPE(pending),
	[MAP_CONNS] = SHAPE(conns),
	[MAP_HIDDEN] = SHAPE(hidden),
	[MAP_EXISTING] = SHAPE(existing),
	[MAP_UNANNOUNCED] = SHAPE(unannounced),
	[MAP_FILTERS] = SHAPE(filters),
	[MAP_VALUES] = SHAPE(values),
	[MAP_MARKS] = SHAPE(marks),
	[MAP_NETWORKS] = SHAPE(networks),
	[MAP_LEFT_OUT] = SHAPE(left_out),
	[MAP_FDS_REPORTED] = SHAPE(fds_reported),
	[MAP_CONTROL] = SHAPE(control),
	[MAP_FD_CALLS] = SHAPE(fd_calls),
	[MAP_COUNTERS] = SHAPE(counters),
	[MAP_SHUTDOWNS] = SHAPE(shutdowns),
	[MAP_CONNECTS] = SHAPE(connects),
	[MAP_CONNECTORS] = SHAPE(connectors),
	[MAP_RELEASED] = SHAPE(released),
	[MAP_LEFT_OUT_ENDS] = SHAPE(left_out_ends),
	[MAP_RING] = RING_SHAPE(ring),
	[MAP_RING2] = RING_SHAPE(ring2),
	[MAP_RING3] = RING_SHAPE(ring3),
	[MAP_RING4] = RING_SHAPE(ring4),
};

#define PROGRAM(function)                              \
	{                                              \
#function, (int (*)(void *))(function) \
	}

const struct tracer_program tracer_programs[] = {
	PROGRAM(tp_state_fe),
	PROGRAM(tp_destroy_fe),
	PROGRAM(fe_set_state),
	PROGRAM(fe_connect),
	PROGRAM(fe_icmp),
	PROGRAM(fe_icmp6),
	PROGRAM(fe_graft),
	PROGRAM(fe_graft_again),
	PROGRAM(fx_accept_2),
	PROGRAM(fx_accept_4),
	PROGRAM(fe_close),
	PROGRAM(fe_fd_install),
	PROGRAM(fe_dup2),
	PROGRAM(fe_close_again),
	PROGRAM(tb_cookie),
	PROGRAM(rt_state),
	PROGRAM(rt_destroy),
	PROGRAM(kp_set_state),
	PROGRAM(kp_destroy),
	PROGRAM(kp_connect),
	PROGRAM(kp_icmp),
	PROGRAM(kp_icmp6),
	PROGRAM(kp_graft),
	PROGRAM(kp_close),
	PROGRAM(kp_fd_install),
	PROGRAM(kp_install_into),
	PROGRAM(kp_dup2),
	PROGRAM(kr_accept),
	PROGRAM(tp_set_state),
	PROGRAM(rt_state_tp),
	PROGRAM(tp_destroy),
	PROGRAM(rt_destroy_tp),
	PROGRAM(tp_shutdown),
	PROGRAM(tp_shutdown_end),
	PROGRAM(tp_accept),
	PROGRAM(tp_accept4),
	PROGRAM(tp_connect_call),
	PROGRAM(tp_connect),
	PROGRAM(tp_socket),
	PROGRAM(tp_dup),
	PROGRAM(tp_dup2_enter),
	PROGRAM(tp_dup2),
	PROGRAM(tp_dup3),
	PROGRAM(tp_fcntl_enter),
	PROGRAM(tp_fcntl),
	PROGRAM(cg_connect4),
	PROGRAM(cg_connect6),
	PROGRAM(cg_ops),
	PROGRAM(cg_release),
	PROGRAM(cg_graft),
	PROGRAM(cg_icmp),
	PROGRAM(cg_icmp6),
	PROGRAM(cg_destroy),
	PROGRAM(announce),
	{},
};
