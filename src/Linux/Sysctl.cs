namespace Linux;

/// <summary>
/// Kernel settings below /proc/sys, named as files: "net/ipv4/ip_forward". Those of net/ belong to the network namespace of the thread
/// that opens the file: run these inside <see cref="NetworkNamespace.Run{T}"/> for another one.
/// </summary>
public static class Sysctl
{
    /// <returns>The value without the line end; null if this kernel (or this namespace) has no such setting.</returns>
    public static string? Read(string name)
    {
        try { return File.ReadAllText(Place(name)).TrimEnd(); }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException) { return null; }
    }

    /// <exception cref="IOException">There is no such setting, or the kernel refuses the value.</exception>
    public static void Write(string name, string value)
    {
        try { File.WriteAllText(Place(name), value); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"write {value} to {Place(name)}: {error.Message}", error);
        }
    }

    private static string Place(string name) => "/proc/sys/" + name;
}
