using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

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

    /// <exception cref="SystemCallException">There is no such setting, or the kernel refuses the value.</exception>
    public static void Write(string name, string value)
    {
        if (!TryWrite(name, value)) throw new SystemCallException($"write {value} to {Place(name)}", LibC.ENOENT);
    }

    /// <summary>One write(2), as these files want it; a FileStream would cost several times as much, for every pod.</summary>
    /// <returns>False if there is no such setting.</returns>
    /// <exception cref="SystemCallException">The kernel refuses the value.</exception>
    public static bool TryWrite(string name, string value)
    {
        var descriptor = LibC.open(Place(name), LibC.O_WRONLY | LibC.O_CLOEXEC, 0);
        if (descriptor < 0 && Marshal.GetLastPInvokeError() == LibC.ENOENT) return false;
        using var file = new SafeFileHandle(LibC.Check(descriptor, $"open {Place(name)}"), ownsHandle: true);
        var bytes = Encoding.ASCII.GetBytes(value);
        LibC.Check((int)LibC.write(descriptor, in bytes[0], (nuint)bytes.Length), $"write {value} to {Place(name)}");
        return true;
    }

    private static string Place(string name) => "/proc/sys/" + name;
}
