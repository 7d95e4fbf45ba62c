using Linux;

namespace Lab;

/// <summary>
/// What a machine sees as its files. The host's root stays visible as it is (programs, libraries, .NET); what a machine writes or what
/// tells machines apart is its own: an overlay on /etc, /var/lib, /var/log, /tmp and /var/tmp on its disk, and empty /run, /dev/shm.
/// Called inside the machine's new mount namespace, from which nothing gets back to the host.
/// </summary>
internal static class MachineMounts
{
    /// <summary>Directories of the machine that are directories of its disk: they survive its plug being pulled.</summary>
    private static readonly (string Target, string OnDisk, UnixFileMode Mode)[] DiskDirectories =
    [
        ("/var/lib", "var-lib", Mode755), ("/var/log", "var-log", Mode755), ("/tmp", "tmp", Mode1777), ("/var/tmp", "var-tmp", Mode1777),
    ];

    private const UnixFileMode Mode755 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute |
        UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
    private const UnixFileMode Mode1777 = Mode755 | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite | UnixFileMode.StickyBit;

    /// <summary>Makes the directories of a disk that are missing; run on the host.</summary>
    public static void CreateDisk(string disk)
    {
        Directory.CreateDirectory(disk);
        foreach (var (_, name, mode) in DiskDirectories)
        {
            Directory.CreateDirectory($"{disk}/{name}");
            File.SetUnixFileMode($"{disk}/{name}", mode);
        }
        Directory.CreateDirectory($"{disk}/etc-work");
        Directory.CreateDirectory($"{disk}/etc");
    }

    /// <summary>Mounts everything but /proc, which needs the old one until the end; see <see cref="MountProc"/>.</summary>
    public static void Apply(MachineSpec spec, IReadOnlyList<CgroupHierarchy> hierarchies)
    {
        LibC.Check(LibC.mount(null, "/", null, LibC.MS_REC | LibC.MS_PRIVATE, null), "make all mounts private");
        // Opened before they may be hidden by what is mounted next.
        var disk = DiskDirectories.Select(directory => (directory.Target, Open($"{spec.Disk}/{directory.OnDisk}"))).ToList();
        var shared = spec.SharedDirectories.Select(directory => (directory, Open(directory.Source))).ToList();

        Mounts.Add("etc", "/etc", "overlay", 0, $"lowerdir=/etc,upperdir={spec.Disk}/etc,workdir={spec.Disk}/etc-work");
        MountTemporary("/run", "mode=755");
        Detach("/dev/shm");
        MountTemporary("/dev/shm", "mode=1777");
        Detach("/dev/mqueue");
        if (Directory.Exists("/dev/mqueue")) Mounts.Add("mqueue", "/dev/mqueue", "mqueue", LibC.MS_NOSUID | LibC.MS_NODEV | LibC.MS_NOEXEC);
        foreach (var (target, descriptor) in disk) BindDescriptor(descriptor, target);
        foreach (var (directory, descriptor) in shared) Share(directory, descriptor);
        Directory.CreateDirectory("/run/lock");
        MountSys(hierarchies);
    }

    /// <summary>The processes of this PID namespace, instead of the host's; then mounts become shared among the machine's own namespaces.</summary>
    public static void MountProc()
    {
        Detach("/proc");
        Mounts.Add("proc", "/proc", "proc", LibC.MS_NOSUID | LibC.MS_NODEV | LibC.MS_NOEXEC);
        LibC.Check(LibC.mount(null, "/", null, LibC.MS_REC | LibC.MS_SHARED, null), "make all mounts shared");
    }

    private static int Open(string path) => LibC.Check(LibC.open(path, LibC.O_PATH | LibC.O_CLOEXEC, 0), $"open {path}");

    private static void BindDescriptor(int descriptor, string target)
    {
        Mounts.Bind($"/proc/self/fd/{descriptor}", target);
        LibC.close(descriptor);
    }

    private static void Share(SharedDirectory directory, int descriptor)
    {
        Directory.CreateDirectory(directory.Target);
        BindDescriptor(descriptor, directory.Target);
        // Read-only is a second step for a bind mount (mount(2), "Remounting an existing mount").
        if (directory.ReadOnly)
            Mounts.Add("none", directory.Target, null, LibC.MS_REMOUNT | LibC.MS_BIND | LibC.MS_RDONLY);
    }

    /// <summary>What the host has mounted there leaves the machine's view, so that programs that read mountinfo find one of each.</summary>
    private static void Detach(string target)
    {
        while (Mounts.Remove(target)) { }
    }

    private static void MountTemporary(string target, string mode) =>
        Mounts.Add("tmpfs", target, "tmpfs", LibC.MS_NOSUID | LibC.MS_NODEV, mode);

    /// <summary>sysfs anew, because it shows the network devices of the namespace in which it was mounted; the cgroups as on the host.</summary>
    private static void MountSys(IReadOnlyList<CgroupHierarchy> hierarchies)
    {
        const int flags = LibC.MS_NOSUID | LibC.MS_NODEV | LibC.MS_NOEXEC;
        var links = CgroupLinks();
        Detach("/sys");
        Mounts.Add("sysfs", "/sys", "sysfs", flags);
        if (!hierarchies.Any(hierarchy => hierarchy.IsUnified)) Mounts.Add("tmpfs", "/sys/fs/cgroup", "tmpfs", flags, "mode=755");
        foreach (var hierarchy in hierarchies)
        {
            Directory.CreateDirectory(hierarchy.MountPoint);
            Mounts.Add("cgroup", hierarchy.MountPoint, hierarchy.IsVersion2 ? "cgroup2" : "cgroup", flags, hierarchy.IsVersion2 ? null : hierarchy.Options);
        }
        foreach (var (path, target) in links) File.CreateSymbolicLink(path, target);
    }

    /// <summary>Hosts that mount cpu and cpuacct together have links by the single names: "cpu" → "cpu,cpuacct".</summary>
    private static List<(string Path, string Target)> CgroupLinks() =>
        [.. new DirectoryInfo("/sys/fs/cgroup").GetFileSystemInfos().Where(entry => entry.LinkTarget is not null).Select(entry => (entry.FullName, entry.LinkTarget!))];
}
