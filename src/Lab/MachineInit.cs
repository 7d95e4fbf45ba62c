using Linux;

namespace Lab;

/// <summary>
/// The first process of a machine, until it becomes tini: `lab machine-init SPEC`, started by <see cref="MachineStart"/> as process 1 of new PID
/// and network namespaces. It finishes the machine around itself. Synchronous, on the main thread alone, because namespaces belong to threads.
/// </summary>
internal static class MachineInit
{
    /// <summary>
    /// Whoever starts it reads its standard output and error: nothing and end of file when the machine runs, else why it does not.
    /// It waits for a line on its standard input before the machine's programs start.
    /// </summary>
    public static int Run(string specPath)
    {
        try
        {
            var spec = MachineSpec.Read(specPath);
            Directory.SetCurrentDirectory("/");
            LibC.setsid();
            var hierarchies = CgroupHierarchy.Mounted();
            foreach (var cgroup in spec.Cgroups) File.WriteAllText($"{cgroup}/cgroup.procs", "0");
            LibC.Check(LibC.unshare(LibC.CLONE_NEWNS | LibC.CLONE_NEWUTS | LibC.CLONE_NEWIPC | LibC.CLONE_NEWCGROUP), "unshare");
            LibC.Check(LibC.sethostname(spec.Name, spec.Name.Length), $"set the host name {spec.Name}");
            MachineMounts.Apply(spec, hierarchies);
            LeaveCgroupRoot(hierarchies);
            SetSysctls(forward: spec.FarAddress is not null);
            MachineMounts.MountProc();
            if (Console.In.ReadLine() is null) throw new LabException("whoever started this machine is gone");
            BecomeTini(spec);
            return 1;
        }
        catch (Exception error)
        {
            Console.Error.WriteLine(error is LabException or IOException ? error.Message : error.ToString());
            return 1;
        }
    }

    /// <summary>On version 2 alone the root must be free of processes, or the agent could not pass controllers on to its pods.</summary>
    private static void LeaveCgroupRoot(IReadOnlyList<CgroupHierarchy> hierarchies)
    {
        if (hierarchies.FirstOrDefault(hierarchy => hierarchy.IsUnified) is not { } unified) return;
        Directory.CreateDirectory($"{unified.MountPoint}/{InitCgroup}");
        File.WriteAllText($"{unified.MountPoint}/{InitCgroup}/cgroup.procs", "0");
    }

    /// <summary>The leaf for what is started by hand or by init, where the host has cgroup version 2 alone.</summary>
    public const string InitCgroup = "init.scope";

    /// <summary>As on a freshly booted Debian: new network namespaces inherit some of the host's settings otherwise.</summary>
    private static void SetSysctls(bool forward)
    {
        Sysctl.Write("net/ipv4/ip_forward", forward ? "1" : "0");
        // On a switch, frames pass the bridge and no firewall.
        if (Sysctl.Read("net/bridge/bridge-nf-call-iptables") is not null) Sysctl.Write("net/bridge/bridge-nf-call-iptables", "0");
    }

    /// <summary>Returns only by an exception, which the starter still hears: the descriptors that exec closes are the end of its pipes.</summary>
    private static void BecomeTini(MachineSpec spec)
    {
        var starter = Open("/proc/self/fd/2", LibC.O_WRONLY);
        var console = Open("/var/log/console.log", LibC.O_WRONLY | LibC.O_CREAT | LibC.O_APPEND);
        LibC.dup2(Open("/dev/null", LibC.O_RDONLY), 0);
        LibC.dup2(console, 1);
        LibC.dup2(console, 2);
        LibC.signal(LibC.SIGPIPE, 0); // .NET ignores it, and what is ignored stays ignored in the next program
        string[] command = [Tini, "--", .. spec.Program is { } program ? Supervise(program) : ["sleep", "infinity"]];
        var environment = spec.Environment.Select(variable => $"{variable.Key}={variable.Value}");
        LibC.execve(Tini, [.. command, null], [.. environment, null]);
        var errno = System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
        LibC.dup2(starter, 2);
        throw new SystemCallException(Tini, errno);
    }

    private static int Open(string path, int flags) => LibC.Check(LibC.open(path, flags | LibC.O_CLOEXEC, 0x1a0 /* 0640 */), $"open {path}");

    private const string Tini = "/usr/bin/tini";

    /// <summary>Further words for a program's command line, read each time that it starts, as distributions have them.</summary>
    /// <param name="etc">The machine's /etc.</param>
    public static string FlagsFile(string etc, string program) => $"{etc}/default/{program}";

    /// <summary>
    /// As systemd's Restart=always, RestartSec=1. A shell, because it costs a node 1 MB instead of 30; for what it waits it looks rarely after a while, since
    /// there may be a hundred such machines.
    /// </summary>
    private static string[] Supervise(MachineProgram program) =>
    [
        "/bin/sh", "-c",
        """
        log=$1; flags=$2; needs=$3; shift 3
        while :; do
          looks=0
          until [ -z "$needs" ] || [ -e "$needs" ]; do
            if [ $looks -lt 50 ]; then sleep 0.1; else sleep 1; fi
            looks=$((looks + 1))
          done
          "$@" $(cat "$flags" 2>/dev/null) </dev/null >>"$log" 2>&1
          echo "$(date -u +%FT%TZ) $1 ended with exit code $?, starting it again in 1 s" >>"$log"
          sleep 1
        done
        """,
        "supervise", $"/var/log/{program.Name}.log", FlagsFile("/etc", program.Name), program.Needs ?? "", .. program.Command,
    ];
}
