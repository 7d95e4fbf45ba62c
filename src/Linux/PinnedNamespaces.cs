namespace Linux;

/// <summary>
/// New namespaces kept alive by bind mounts on files, without any process in them.
/// </summary>
/// <param name="Net">The file for the network namespace, e.g. /run/netns/a; empty = make none.</param>
/// <param name="Ipc">The file for the IPC namespace; null = make none.</param>
/// <param name="Uts">The file for the UTS namespace; null = make none.</param>
/// <param name="Hostname">The host name in the new UTS namespace; at most 64 characters.</param>
public sealed record PinnedNamespaces(string Net, string? Ipc = null, string? Uts = null, string? Hostname = null)
{
    private IEnumerable<(string File, string Name)> Pins =>
        new[] { (Net, "net"), (Ipc, "ipc"), (Uts, "uts") }.Where(pin => !string.IsNullOrEmpty(pin.Item1)).Select(pin => (pin.Item1!, pin.Item2));

    /// <summary>
    /// Makes and pins them all, or leaves nothing behind. The directories are made as needed. If programs with a mount namespace of
    /// their own may run while the pins exist, call <see cref="Mounts.MakeShared"/> on a common parent once before.
    /// </summary>
    /// <exception cref="IOException">A file exists already, or the kernel refuses.</exception>
    public void Create() => Create(() => 0);

    /// <summary>As <see cref="Create()"/>, with work inside before the thread that made them ends, e.g. to open a socket there.</summary>
    public T Create<T>(Func<T> inside)
    {
        if (Hostname is not null && Uts is null) throw new ArgumentException("a host name needs a UTS namespace");
        var created = new List<string>();
        try
        {
            foreach (var (file, _) in Pins)
            {
                CreateEmpty(file);
                created.Add(file);
            }
            return NamespaceThread.RunAndReturn(() =>
            {
                Unshare();
                foreach (var (file, name) in Pins) Mounts.Bind($"/proc/thread-self/ns/{name}", file);
                return inside();
            });
        }
        catch
        {
            created.ForEach(Remove);
            throw;
        }
    }

    /// <summary>Unpins them; they end with their last process and descriptor. What is gone already is fine.</summary>
    public void Remove()
    {
        foreach (var (file, _) in Pins) Remove(file);
    }

    /// <summary>Unpins one namespace: unmounts and removes its file.</summary>
    public static void Remove(string file)
    {
        while (Mounts.Remove(file)) { } // more than one where somebody mounted over it
        try { File.Delete(file); }
        catch (DirectoryNotFoundException) { }
    }

    private void Unshare()
    {
        LibC.Check(LibC.unshare((Net.Length == 0 ? 0 : LibC.CLONE_NEWNET) | (Ipc is null ? 0 : LibC.CLONE_NEWIPC) | (Uts is null ? 0 : LibC.CLONE_NEWUTS)), "unshare");
        if (Hostname is not null)
            LibC.Check(LibC.sethostname(Hostname, System.Text.Encoding.UTF8.GetByteCount(Hostname)), $"set the host name {Hostname}");
    }

    private static void CreateEmpty(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        LibC.Check(LibC.close(LibC.Check(LibC.open(file, LibC.O_CREAT | LibC.O_EXCL | LibC.O_CLOEXEC, 0x124 /* 0444 */), $"create {file}")), $"close {file}");
    }
}
