using System.Runtime.InteropServices;

namespace ControlPlane.Store;

/// <summary>Where the store's files lie in the control plane's data directory; all of them are their owner's only (0600).</summary>
internal sealed record StoreFiles(string Directory)
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite, OwnerOnlyDirectory = OwnerOnly | UnixFileMode.UserExecute;

    private const int ReadOnlyDirectory = 0x10000 | 0x80000; // O_DIRECTORY | O_CLOEXEC (open(2), x86-64)

    public string Database => Path.Combine(Directory, "store.db");

    /// <summary>SQLite's own files beside the database: the write-ahead log and its index.</summary>
    public IReadOnlyList<string> Logs => [Database + "-wal", Database + "-shm"];

    /// <summary>See <see cref="RevisionFloor"/>.</summary>
    public string Revision => Path.Combine(Directory, "store.revision");

    /// <summary>Held by the process that uses the files.</summary>
    public string Lock => Path.Combine(Directory, "store.lock");

    /// <summary>Certificates and keys.</summary>
    public string Pki => Path.Combine(Directory, "pki");

    /// <summary>See <see cref="EncryptionKeys"/>.</summary>
    public string Keys => Path.Combine(Pki, "encryption.keys");

    /// <summary>What to do about damage, for the end of an error message.</summary>
    public string HowToRestore => $"Restore a backup: controlplane restore FILE --data-dir {Directory} --force";

    /// <summary>Takes the files for this process alone, until disposed; flock(2), so that a killed process holds nothing.</summary>
    /// <exception cref="StoreDamagedException">Another process has them.</exception>
    public FileStream TakeLock()
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new FileStream(Lock, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = OwnerOnly });
            }
            catch (IOException e) when (File.Exists(Lock))
            {
                if (attempt == 40) throw new StoreDamagedException($"{Database} is in use by another process", e); // two seconds: one that was killed may still be ending
                Thread.Sleep(50);
            }
        }
    }

    /// <summary>A cluster whose authority is lost is not given a new one, which none of its nodes would trust.</summary>
    /// <exception cref="StoreDamagedException">There is a cluster, but not its authority.</exception>
    public void RequireAuthority()
    {
        if (RevisionFloor.Read(Revision) > 0 && !File.Exists(Path.Combine(Pki, "ca.crt")))
            throw new StoreDamagedException($"{Pki}/ca.crt and ca.key are missing, but there is a cluster here that trusts them; nothing was changed. {HowToRestore}");
    }

    /// <summary>Writes a file so that after a crash it is the old one or the new one, whole.</summary>
    /// <exception cref="IOException">It cannot be written; the old one is there.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        using (var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
        SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Makes the names in a directory durable: a file's own fsync(2) does not.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static void SyncDirectory(string path)
    {
        var descriptor = open(path, ReadOnlyDirectory);
        if (descriptor < 0) throw new IOException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}");
        try
        {
            if (fsync(descriptor) != 0) throw new IOException($"fsync {path}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int fsync(int descriptor);

    [DllImport("libc")]
    private static extern int close(int descriptor);
}
