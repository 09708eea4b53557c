// endpoint:hand-over: a haproxy host that leaves gives the virtual IP away, so that no read in flight notices.
import { holdsAddress } from '../../facts/endpoint/vip-holder.js'
import { unitState, type UnitState } from '../../facts/unit.js'
import { all, see } from '../../model/look.js'
import { changed, step, type Change, type Step } from '../../model/step.js'
import { parseIPv4 } from '../../text/ipv4.js'
import { join, raw, sh } from '../../text/sh.js'
import { bootChange, bootCommands, runChange } from '../unit.js'

interface Have {
  readonly keepalived: UnitState
  readonly holds: boolean
}

const wanted = { name: 'keepalived', boot: 'disabled', run: 'stopped' } as const

/** Id `endpoint:hand-over`: keepalived is off for good here, and the address is not on this host. */
export const handOver = ({ vip, port }: { readonly vip: string; readonly port: number }): Step =>
  step<Have>({
    id: 'endpoint:hand-over',
    title: `Give ${vip} to another haproxy host`,
    settle: { within: 10_000, every: 500 },
    look: all({ keepalived: see(unitState('keepalived')), holds: see(holdsAddress(vip)) }),
    diff: ({ keepalived, holds }) => [
      ...changed({ path: `address ${vip}`, from: holds ? 'held' : null, to: null }).map(
        // Who holds it may change by itself.
        (change): Change => ({ ...change, volatile: true }),
      ),
      ...(keepalived.load === 'absent' ? [] : [...bootChange(wanted, keepalived), ...runChange(wanted, keepalived)]),
    ],
    apply: ({ self }, { keepalived }) =>
      self.run(
        join(
          [
            sh`vip=${vip} port=${port} filter=${dropSyn(vip, port)} u=keepalived.service`,
            ...bootCommands(wanted, keepalived),
            raw(block),
            raw(stop),
          ],
          '\n',
        ),
        { within: 30_000 },
      ),
  })

/**
 * Classic BPF for a kernel whose tc has no flower: an IPv4 TCP packet to the address and port with SYN and without ACK is
 * dropped (2, TC_ACT_SHOT), all else passes (0). Offsets count from the Ethernet header; columns: opcode, jt, jf, k.
 */
const dropSyn = (vip: string, port: number): string =>
  [
    '16',
    ...['40 0 0 12', '21 0 13 2048', '48 0 0 23', '21 0 11 6', '32 0 0 30', `21 0 9 ${parseIPv4(vip) ?? 0}`],
    ...['40 0 0 20', '69 7 0 8191', '177 0 0 14', '72 0 0 16', `21 0 4 ${port}`],
    ...['80 0 0 27', '84 0 0 18', '21 0 1 2', '6 0 0 2', '6 0 0 0'],
  ].join(',')

/**
 * New connections to the address are dropped for as long as reads in flight take, so that none is cut when the address
 * goes; a client's first retry comes a second after its first attempt, when the next host has the address. Whichever tool is
 * there does it, else nothing does. Nothing slow may stand between: the second retry comes too late. What lifts it: the
 * script's end, whatever it is, and a timer of systemd's, armed before, should the shell die.
 */
const block = `
holder() { ip -o -4 addr show | grep -F " inet $vip/"; }
dev=$(holder | sed -n '1s/^[0-9]*: *\\([^ ]*\\).*/\\1/p')
rule="INPUT -d $vip -p tcp --dport $port --syn -j DROP"
with_nft() { command -v nft >/dev/null &&
  printf 'table ip khactl_hand_over { chain in { type filter hook input priority -300; ip daddr %s tcp dport %s tcp flags & (syn | ack) == syn drop; }; }\\n' "$vip" "$port" | nft -f -; }
with_iptables() { command -v iptables >/dev/null && iptables -w 2 -I $rule; }
with_tc() { command -v tc >/dev/null && { [ -z "$qdisc" ] || tc qdisc add dev "$dev" clsact; } &&
  { tc filter add dev "$dev" ingress protocol ip prio 61 flower dst_ip "$vip/32" ip_proto tcp dst_port "$port" tcp_flags 0x02/0x12 action drop ||
    tc filter add dev "$dev" ingress protocol ip prio 61 bpf da bytecode "$filter"; }; }
timer=endpoint-hand-over-$$
if [ "$dev" ]; then
  qdisc="; tc qdisc del dev $dev clsact"
  if tc qdisc show dev "$dev" 2>/dev/null | grep -q 'clsact\\|ingress'; then qdisc=; fi
  lift="nft delete table ip khactl_hand_over; iptables -w 2 -D $rule; tc filter del dev $dev ingress prio 61$qdisc"
  trap '{ eval "$lift"; systemctl stop "$timer.timer"; } >/dev/null 2>&1' EXIT; trap 'exit 1' HUP INT TERM
  if systemd-run --quiet --collect --on-active=15 --unit="$timer" /bin/sh -c "$lift"; then
    { with_nft || with_iptables || with_tc; } 2>/dev/null && sleep 0.3
  fi
fi`

// A keepalived that was killed leaves the address behind.
const stop = `systemctl stop "$u" || exit 1
i=0; while [ -n "$(holder)" ] && [ $i -lt 20 ]; do i=$((i+1)); sleep 0.1; done
[ -n "$(holder)" ] || exit 0
ip addr del "$(holder | sed -n "1s|.* inet \\($vip/[0-9]*\\) .*|\\1|p")" dev "$dev"`
