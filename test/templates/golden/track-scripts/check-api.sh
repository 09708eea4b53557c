#!/bin/bash
# Written by khactl. A track script of keepalived: does an API server answer through the haproxy of this host?
exec timeout -k 0.2 1.5 /bin/bash -c '
  exec 3<>/dev/tcp/127.0.0.1/8404 || exit 1
  printf "GET /readyz HTTP/1.0\r\n\r\n" >&3
  read -r version status rest <&3
  [ "$status" = 200 ]
'
