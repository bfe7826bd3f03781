#!/usr/bin/env bash
# Runs a command as a Slurm job array of TASKS tasks on a controller and a node of its own, on this machine's loopback:
#   slurm_array.sh TASKS COMMAND...
# Exit 0 when every task succeeded; 77 with a reason on stderr where Slurm is missing or does not start here.
# Debian: slurmctld slurmd slurm-client slurm-wlm-basic-plugins munge.
set -u
tasks=$1
shift

skip() { printf 'slurm_array: %s\n' "$*" >&2; exit 77; }
PATH=$PATH:/usr/sbin:/sbin
for tool in munged munge slurmctld slurmd sbatch sinfo squeue; do
  command -v "$tool" >/dev/null || skip "$tool is not installed"
done
[ "$(id -u)" -eq 0 ] || skip "slurmd starts jobs as root only"

work=$(mktemp -d /tmp/polar-slurm-XXXXXX)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null; done
  rm -rf "$work"
}
trap finish EXIT

host=$(hostname -s)
port=$((20000 + $$ % 20000))
mkdir "$work/state" "$work/spool" "$work/munge"
chmod 0711 "$work" "$work/munge"
head -c 1024 /dev/urandom >"$work/munge/key"
chmod 0400 "$work/munge/key"
munged --foreground --force --key-file="$work/munge/key" --socket="$work/munge/socket" --pid-file="$work/munge/pid" \
  --log-file="$work/munge/log" --seed-file="$work/munge/seed" 2>"$work/munge/err" &
pids+=($!)

cat >"$work/slurm.conf" <<EOF
ClusterName=loopback
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
SchedulerParameters=sched_interval=1
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
EOF
export SLURM_CONF=$work/slurm.conf

for _ in $(seq 50); do [ -S "$work/munge/socket" ] && break; sleep 0.1; done
[ -S "$work/munge/socket" ] || skip "munged does not start: $(tail -n1 "$work/munge/err")"
slurmctld -D -c -f "$SLURM_CONF" >/dev/null 2>&1 &
pids+=($!)
slurmd -D -f "$SLURM_CONF" -N "$host" >/dev/null 2>&1 &
pids+=($!)
for _ in $(seq 100); do
  [ "$(sinfo -h -o %T 2>/dev/null)" = idle ] && break
  sleep 0.2
done
[ "$(sinfo -h -o %T 2>/dev/null)" = idle ] ||
  skip "no idle node: $(tail -n2 "$work/slurmd.log" 2>/dev/null) $(tail -n2 "$work/slurmctld.log" 2>/dev/null)"

# The tasks leave their exit codes where this script can read them: no accounting daemon needed.
printf -v quoted '%q ' "$@"
cat >"$work/job.sh" <<EOF
#!/bin/bash
cd $(printf %q "$PWD")
$quoted
echo \$? >$work/rc.\$SLURM_ARRAY_TASK_ID
EOF
chmod +x "$work/job.sh"
sbatch --parsable --array=1-"$tasks" -n1 --output="$work/out.%a" "$work/job.sh" >"$work/id" 2>"$work/err" ||
  { cat "$work/err" >&2; exit 1; }
for _ in $(seq 600); do
  done=0
  for task in $(seq "$tasks"); do [ -s "$work/rc.$task" ] && done=$((done + 1)); done
  [ "$done" -eq "$tasks" ] && break
  sleep 0.2
done
code=0
for task in $(seq "$tasks"); do
  cat "$work/out.$task" 2>/dev/null
  [ "$(cat "$work/rc.$task" 2>/dev/null)" = 0 ] || { echo "task $task failed" >&2; code=1; }
done
[ "$code" -eq 0 ] || { squeue >&2; tail -n5 "$work/slurmctld.log" "$work/slurmd.log" >&2; }
exit $code
