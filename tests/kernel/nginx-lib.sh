# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=sh
#
# A web server for real clients.

# write_nginx PORT...: the configuration and an empty directory of files, below $dir/nginx.
write_nginx() {
	mkdir -p "$dir/nginx/logs" "$dir/nginx/html"
	cat >"$dir/nginx/conf" <<-END
		user root;
		daemon off;
		worker_processes 1;
		pid $dir/nginx/pid;
		error_log stderr;
		events { worker_connections 256; }
		http {
			access_log off;
			client_body_temp_path $dir/nginx;
			proxy_temp_path $dir/nginx;
			fastcgi_temp_path $dir/nginx;
			uwsgi_temp_path $dir/nginx;
			scgi_temp_path $dir/nginx;
			keepalive_requests 1000000;
			server {
				$(printf 'listen 127.0.0.1:%s;\n' "$@")
				root $dir/nginx/html;
				location /status { stub_status; }
			}
		}
	END
}

# begin_nginx: in the background, as $started.
begin_nginx() {
	nginx -p "$dir/nginx/" -c "$dir/nginx/conf" >"$dir/nginx.out" 2>&1 &
	started=$!
}
