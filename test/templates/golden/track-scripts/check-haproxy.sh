#!/bin/bash
# Written by khactl. A track script of keepalived: does the haproxy of this host answer?
exec timeout -k 0.2 1.5 /bin/bash -c '
  exec 3<>/dev/tcp/127.0.0.1/8404 || exit 1
  printf "GET /monitor HTTP/1.0\r\n\r\n" >&3
  read -r version status rest <&3
  [ "$status" = 200 ]
'
