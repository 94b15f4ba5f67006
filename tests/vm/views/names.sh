#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for names.t: threads, vIPIs, functions, commands and files with names that terminals obey, or
# that two have, in all that ipimux-trace shows for people.
set -eu
. ./lib.sh

escapes=$(printf 'a\033[1mb\n99 %% z;')
foreign=$(printf 'x\303\251\342\200\256y\233z\r')

# status NAME COMMAND... - its output, errors and exit status as NAME
status()
{
	name=$1
	status=0
	shift
	"$@" >"/out/$name" 2>"/out/$name.errors" || status=$?
	echo "$name $status" >>/out/statuses
}

# under NAME COMMAND... - the same, while a thread that is called $thread sends from CPU 0 to CPU 1
under()
{
	membarrier 0 1 1000000000 "$thread" 200 &
	load=$!
	status "$@"
	kill $load
	wait $load || true
}

for kind in escapes foreign cut; do
	case $kind in
	escapes) thread=$escapes ;;
	foreign) thread=$foreign ;;
	cut) thread=$(printf 'abcdefghijklmn\303\274') ;;
	esac
	under "storm-$kind" ipimux-trace storm --rate 50 --for 0.3 --folded "/out/folded-$kind" 0.5 2
	under "trace-$kind" ipimux-trace trace -n 3000 --vipi CALL_FUNC
done
thread=$escapes
under storm-json ipimux-trace storm -j --rate 50 --for 0.3 0.5 2
under trace-json ipimux-trace trace -j -n 3000 --vipi CALL_FUNC
under trace-chrome ipimux-trace trace --format chrome -n 3000 --vipi CALL_FUNC

# Files, and a command, of that name.
mkdir /tmp/files
printf '#!/bin/sh\nexit 0\n' >"/tmp/files/$escapes"
chmod +x "/tmp/files/$escapes"
status check ipimux-trace check --junit /out/junit -- "/tmp/files/$escapes"
status no-file ipimux-trace -i "/tmp/files/no $foreign"
status no-recording ipimux-trace -i "/tmp/files/$escapes"
status exists ipimux-trace record "/tmp/files/$escapes" 0.2 1
ipimux-trace record "/tmp/files/r $escapes" 0.2 2 2>/dev/null
status report ipimux-trace report -i "/tmp/files/r $escapes" --html /out/page

# Functions, whose names come from modules, too. Then variables, as ThinLTO renames what is static, in the list of all:
# fentry needs it where the kernel does not look symbols up, kprobes always.
escape=$(printf '\033')
sed "s/ membarrier_private_expedited$/ membarrier_${escape}[2J.llvm.123456/" /proc/kallsyms >/tmp/kallsyms
mount --bind /tmp/kallsyms /proc/kallsyms
thread=barriers
under storm-functions ipimux-trace storm --rate 50 --for 0.3 --folded /out/folded-functions 0.5 2
umount /proc/kallsyms
sed -E 's/ (ipi_mux_cpus|ipi_mux_raise_parent)$/ \1.llvm.8446744073709551615/' /proc/kallsyms >/tmp/kallsyms
mount --bind /tmp/kallsyms /proc/kallsyms
echo 2 >/proc/sys/kernel/kptr_restrict
status fentry ipimux-trace --via fentry 0.2 1
echo 0 >/proc/sys/kernel/kptr_restrict
status renamed ipimux-trace --via kprobe 0.2 1
status doctor-renamed ipimux-trace doctor -j
umount /proc/kallsyms

# Two vIPIs of one text, one that looks like what becomes of the second, one that terminals obey.
sed "s/IRQ work interrupts/Doorbell interrupts/; s/Timer broadcast interrupts/Doorbell interrupts/
s/CPU backtrace interrupts/Doorbell.5 interrupts/; s/KGDB roundup interrupts/x${escape}[2J,y=z interrupts/" \
	/proc/interrupts >/tmp/interrupts
mount --bind /tmp/interrupts /proc/interrupts
status json ipimux-trace -j --all 0.3 1
status table ipimux-trace --vipi 0.3 1
status latency ipimux-trace latency 0.3 1
status matrix ipimux-trace matrix --vipi doorbell.5.2 0.3 1
status stuck ipimux-trace stuck 0.3 1
status doctor ipimux-trace doctor
status doctor-json ipimux-trace doctor -j
status vipis ipimux-trace trace --vipi 'Doorbell,Doorbell.5,Doorbell.5.2,x?[2J_y_z' 0.3
status no-vipi ipimux-trace trace --vipi "Doorbell,$escapes" 0.3
status limits ipimux-trace check --duration 0.5 --max-rate Doorbell=1000000 --max-rate Doorbell.5=1000000 \
	--max-rate Doorbell.5.2=1000000 --max-rate 'x?[2J_y_z=1000000'
ipimux-trace record /tmp/doorbells 0.3 1 2>/dev/null
umount /proc/interrupts
status recorded-json ipimux-trace -j --all -i /tmp/doorbells
head -n 1 /tmp/doorbells >/out/header
