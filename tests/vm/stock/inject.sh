#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for tracers.t: events made up, so that there are some of every
# kind, read by the kernel and by trace-cmd.
set -eu
events=/sys/kernel/tracing/events/ipi_mux
cd /tmp

cat >work <<END
#!/bin/sh
set -e
send()
{
	echo "cpu=\$1 vipi=\$2 pending=\$3 enabled=\$4" >$events/ipi_mux_send/inject
}
unmask()
{
	echo "vipi=\$1 pending=\$2" >$events/ipi_mux_unmask/inject
}
mask()
{
	echo "vipi=\$1 pending=\$2" >$events/ipi_mux_mask/inject
}
process()
{
	echo "enabled=\$1 pending=\$2" >$events/ipi_mux_process/inject
}
# the four outcomes, alone and with all other bits the other way, first vIPI and last
for vipi in 0 5 31; do
	bit=\$((1 << vipi))
	others=\$((0xffffffff - bit))
	send 63 \$vipi 0 \$bit
	send 63 \$vipi \$bit \$bit
	send 63 \$vipi 0 0
	send 63 \$vipi \$bit 0
	send 63 \$vipi \$others 0xffffffff
	send 63 \$vipi 0xffffffff 0xffffffff
	send 63 \$vipi \$others \$others
	send 63 \$vipi 0xffffffff \$others
	unmask \$vipi 0
	unmask \$vipi \$bit
	unmask \$vipi \$others
	mask \$vipi 0
	mask \$vipi \$bit
	mask \$vipi \$others
	process \$bit \$bit
	process \$others \$bit
	process \$others 0xffffffff
done
process 0xff 0
process 0xff 0x12
process 0xffffffff 0xffffffff
END
chmod +x work
echo >$events/../../trace
./work
cat $events/../../trace >/out/ftrace
trace-cmd record -q -e ipi_mux -o trace.dat ./work
trace-cmd report -i trace.dat >/out/trace-cmd 2>/out/trace-cmd.errors
