using System.Runtime.InteropServices;

namespace Linux;

/// <summary>A system call that failed; the message is "what: reason (errno)".</summary>
public sealed class SystemCallException(string what, int errno)
    : IOException($"{what}: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})")
{
    /// <summary>The positive error number, e.g. <see cref="LibC.ENOENT"/>.</summary>
    public int Errno => errno;
}
